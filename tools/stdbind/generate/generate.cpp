// Nothing is written before all of it is known to be good.
#include "generate.hpp"

#include <algorithm>
#include <cstdlib>
#include <ostream>

#include "failure.hpp"
#include "files.hpp"
#include "library.hpp"
#include "process.hpp"
#include "shim.hpp"

namespace stdbind::generate {
namespace {

namespace fs = std::filesystem;

std::string line_of(const LeftOut& left) {
  const Place place{fs::path(left.place.file).filename().string(), left.place.line};
  return place.text() + ": " + left.item + ": " + left.reason + (left.flag.empty() ? "" : " [" + left.flag + "]");
}

void check_refused(const Job& job, const View& view, bool flat) {
  const bool from_outside = !flat && job.request.file.ends_with(".h");
  std::vector<const LeftOut*> fatal;
  for (const auto& left : view.refused) {
    if (job.strict || (!from_outside && left.flag != "macros")) fatal.push_back(&left);
  }
  if (fatal.empty()) return;
  std::string message;
  for (const LeftOut* left : fatal) message += line_of(*left) + "\n";
  work_failure(
      message + job.language + " cannot express this (the capability is in brackets); disable the items with " +
      "--disable NAME, or %feature(\"stdbind:disable\", \"" + job.language + "\") NAME; in the interface file");
}

void format(const Pack& pack, const fs::path& file) {
  if (pack.format.empty()) return;
  std::vector<std::string> command = pack.format;
  for (auto& word : command) {
    if (word == "{file}") word = file.string();
  }
  if (find_program(command[0]).empty()) {
    usage_failure("the formatter " + command[0] +
                  " is not installed; run ./dev setup, or leave it out with --no-format");
  }
  const Ran ran = run(command, "", 120);
  if (ran.status != 0) {
    work_failure("the formatter fails on what was generated, so the templates of " + pack.folder.string() +
                 " are wrong:\n" + quoted(command) + "\n" + ran.err + ran.out);
  }
}

void report_view(const Ir& ir, const View& view, std::ostream& report) {
  if (!ir.without_value.empty()) {
    report << "macros without a value, so no items:";
    const std::size_t shown = std::min<std::size_t>(ir.without_value.size(), 8);
    for (std::size_t i = 0; i < shown; ++i) report << " " << ir.without_value[i];
    if (shown < ir.without_value.size())
      report << " and " << ir.without_value.size() - shown << " more (stdbind ir --json lists them)";
    report << "\n";
  }
  for (const auto& left : view.disabled) report << "disabled: " << line_of(left) << "\n";
  for (const auto& left : view.refused) report << "refused: " << line_of(left) << "\n";
  report << "bound " << view.bound << " / disabled " << view.disabled.size() << " / refused " << view.refused.size()
         << "\n";
}

void write_table_file(const Ir& ir, const fs::path& file, std::ostream& report) {
  if (!ir.flat) usage_failure("--table: only a flat interface has a table of its own; add --flat");
  for (const auto& function : ir.functions) {
    if (crosses_the_boundary(function) || function.ignored) continue;
    work_failure(function.place.text() + ": function " + function.name + ": " +
                 (function.needs.empty() ? "its types cannot cross the boundary" : function.needs.front().detail) +
                 "; a flat interface has only integers, doubles and pointers");
  }
  Outputs outputs(file.parent_path().empty() ? fs::path(".") : file.parent_path());
  outputs.add(file.filename().string(), write_table(ir));
  outputs.commit();
  report << "wrote " << file.string() << "\n";
}

}  // namespace

fs::path find_root(const std::string& said) {
  if (!said.empty()) return said;
  if (const char* set = std::getenv("STDBIND_ROOT"); set != nullptr && *set != '\0') return set;
  return STDBIND_SOURCE_ROOT;
}

void generate(const Job& job, std::ostream& report) {
  const bool has_language = !job.language.empty() || !job.pack.empty();
  if (!has_language && job.table.empty()) usage_failure("--language NAME (or --pack DIR) is needed");
  Pack pack;
  if (has_language) pack = read_pack(job.pack.empty() ? find_pack(job.root, job.language) : job.pack);
  if (!job.language.empty() && !job.pack.empty() && pack.language != job.language) {
    usage_failure("--language " + job.language + ": the pack " + job.pack.string() + " is for " + pack.language);
  }
  if (!job.file.empty() && has_language && pack.templates.size() != 1) {
    usage_failure("--file: the pack of " + pack.language + " writes " + std::to_string(pack.templates.size()) +
                  " files");
  }
  Ir ir = build_ir(job.request);
  if (!job.table.empty() && !has_language) return write_table_file(ir, job.table, report);

  Outputs outputs(job.out);
  const std::string plain = library_file(ir).substr(3, library_file(ir).size() - 6);
  const bool has_library = !ir.flat && job.build;
  if (!ir.flat) {
    const fs::path shim = outputs.add(plain + ".c", write_shim(ir));
    if (job.build) {
      Compiler compiler = job.request.compiler;
      compiler.include_folders.push_back(fs::absolute(job.request.file).parent_path().string());
      build_library(ir, shim, outputs.announce(library_file(ir)), link_flags(ir, job.link, compiler), compiler);
    }
  }
  const View view = make_view(ir, pack, job.view);
  check_refused(job, view, ir.flat);
  std::vector<std::string> sources;
  for (const auto& part : pack.templates) {
    const std::string in_pack = (pack.folder / part.file).string();
    const std::string name = !job.file.empty() ? job.file : render(part.output, view.model, in_pack);
    if (name.empty() || fs::path(name).is_absolute() || name.find("..") != std::string::npos) {
      usage_failure((pack.folder / "pack.toml").string() + ": templates." + part.file + ": \"" + name +
                    "\" is no file name");
    }
    const fs::path file = outputs.add(name, render(part.content, view.model, in_pack));
    if (job.format) format(pack, file);
  }
  if (!job.table.empty()) write_table_file(ir, job.table, report);
  const auto written = outputs.commit();
  report_view(ir, view, report);
  for (const auto& name : written) report << "wrote " << (job.out / name).lexically_normal().string() << "\n";
  nlohmann::ordered_json model = view.model;
  model["out"] = (fs::absolute(job.out) / ".").lexically_normal().parent_path().string();
  model["has_library"] = has_library;
  if (!pack.run_note.empty()) report << render(pack.run_note, model, (pack.folder / "pack.toml").string()) << "\n";
}

}  // namespace stdbind::generate
