// The library is linked with nothing left undefined: what is missing shows here, not when a program starts.
#include "library.hpp"

#include <algorithm>
#include <set>
#include <sstream>

#include "failure.hpp"
#include "files.hpp"
#include "names.hpp"
#include "process.hpp"
#include "shim.hpp"

namespace stdbind::generate {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> list;
  for (std::string word; in >> word;) list.push_back(word);
  return list;
}

bool links(const std::vector<std::string>& flags, const Compiler& compiler) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "empty.c";
  write_file(file, "int stdbind_nothing;\n");
  std::vector<std::string> command = {compiler.program, "-shared", "-fPIC", "-o", (folder.path() / "empty.so").string(),
                                      file.string()};
  command.insert(command.end(), flags.begin(), flags.end());
  return run(command).status == 0;
}

std::set<std::string> undefined_names(const std::string& text) {
  std::set<std::string> names;
  constexpr std::string_view mark = "undefined reference to ";
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
    const std::size_t begin = text.find_first_of("`'", at) + 1;
    names.insert(text.substr(begin, text.find('\'', begin) - begin));
  }
  return names;
}

}  // namespace

std::vector<std::string> link_flags(const Ir& ir, const std::vector<std::string>& said, const Compiler& compiler) {
  if (!said.empty()) return said;
  std::vector<std::string> names = {ir.name, lower(ir.name), fs::path(ir.source).stem().string()};
  for (std::size_t i = names.size(); i-- > 0;) {
    if (names[i].rfind("lib", 0) == 0 && names[i].size() > 3) names.push_back(names[i].substr(3));
  }
  std::set<std::string> seen;
  std::erase_if(names, [&](const std::string& name) { return !seen.insert(name).second; });
  std::string tried;
  for (const auto& name : names) {
    for (const std::string& package : {name, "lib" + name}) {
      const Ran ran = run({"pkg-config", "--libs", package});
      if (ran.status != 0) continue;
      const auto flags = words(ran.out);
      if (links(flags, compiler)) return flags;
      tried += "  " + quoted(flags) + " (pkg-config " + package + ")\n";
    }
  }
  for (const auto& name : names) {
    if (links({"-l" + name}, compiler)) return {"-l" + name};
    tried += "  -l" + name + "\n";
  }
  work_failure("how to link the library is not known; say it, for example --link -lz. Tried in vain:\n" + tried);
}

void build_library(Ir& ir, const fs::path& shim, const fs::path& library, const std::vector<std::string>& flags,
                   const Compiler& compiler) {
  std::vector<std::string> command = {compiler.program,
                                      "-std=gnu11",
                                      "-O2",
                                      "-fPIC",
                                      "-shared",
                                      "-fvisibility=hidden",
                                      "-w",
                                      "-Wl,--no-undefined",
                                      "-Wl,-soname," + library.filename().string()};
  for (const auto& word : compiler.arguments()) command.push_back(word);
  command.insert(command.end(), {"-o", library.string(), shim.string()});
  command.insert(command.end(), flags.begin(), flags.end());
  // A library that is named by its path is found there at run time, too.
  for (const auto& flag : flags) {
    const bool named = flag[0] != '-' && fs::path(flag).filename().string().find(".so") != std::string::npos;
    std::error_code ignored;
    if (named && fs::exists(flag, ignored)) command.push_back("-Wl,-rpath," + fs::absolute(flag).parent_path().string());
  }
  for (int attempt = 0; attempt < 3; ++attempt) {
    const Ran ran = run(command, "", 300);
    if (ran.status == 0) return;
    const auto names = undefined_names(ran.err);
    std::size_t marked = 0;
    std::size_t functions = 0;
    for (auto& function : ir.functions) {
      functions += crosses_the_boundary(function);
      if (!names.contains(function.name)) continue;
      function.needs.insert(function.needs.begin(), {"missing_symbols", "the library that was linked (" +
                                                                            quoted(flags) + ") does not have it"});
      ++marked;
    }
    if (marked == 0 || 2 * marked > functions) {
      work_failure(
          "the shim cannot be built; if functions of the library are undefined, say how it is linked with --link\n" +
          quoted(command) + "\n" + ran.err);
    }
    write_file(shim, write_shim(ir));
  }
  work_failure("the shim cannot be built: " + quoted(command));
}

}  // namespace stdbind::generate
