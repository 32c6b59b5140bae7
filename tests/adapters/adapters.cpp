// The adapters of the conformance suite, with the real core or with the one that has the mutants in it.
#include "adapters.hpp"

#include <algorithm>
#include <filesystem>

namespace stdbind::proof {

namespace fs = std::filesystem;

namespace {

// The library with the mutants takes the place of the real one, and so does a program that is linked to its objects.
void use_mutants(conform::Language& language, const std::string& mutants) {
  language.environment["LD_LIBRARY_PATH"] = mutants + "/lib";
  const auto program = fs::path(mutants) / "bin" / fs::path(language.start.front()).filename();
  if (fs::exists(program)) language.start.front() = program.string();
}

}  // namespace

std::expected<std::vector<conform::Language>, std::string> find_languages(const std::string& root,
                                                                          const std::string& build, Core core,
                                                                          const std::vector<std::string>& names) {
  const auto mutants = build + "/mutants";
  const conform::Places places{.root = root,
                               .build = build,
                               .library = (core == Core::real ? build : mutants) + "/lib/libstdbind.so",
                               .out = build + "/proof"};
  auto all = conform::find_languages(places, {});
  if (!all.errors.empty()) return std::unexpected(all.errors.front());
  std::vector<conform::Language> chosen;
  for (const auto& name : names) {
    if (std::ranges::find(all.found, name, &conform::Language::name) == all.found.end())
      return std::unexpected("there is no language `" + name + "`");
  }
  for (auto& language : all.found) {
    const bool wanted = names.empty() ? language.is_default : std::ranges::find(names, language.name) != names.end();
    if (!wanted) continue;
    if (core == Core::with_mutants) use_mutants(language, mutants);
    chosen.push_back(std::move(language));
  }
  return chosen;
}

Directory::Directory(std::string path) : path_(std::move(path)) {
  std::error_code ignored;  // what uses the directory finds out
  fs::remove_all(path_, ignored);
  fs::create_directories(path_, ignored);
}

Directory::~Directory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace stdbind::proof
