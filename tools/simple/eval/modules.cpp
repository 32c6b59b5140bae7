// From a dotted path to a file: the importer's directory and its parents up to the project root, the root's src/, the
// tiers of std, the search path.
#include "modules.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

#include "../parser.hpp"
#include "compiler.hpp"
#include "externs.hpp"

namespace stdbind::simple {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 6> tiers = {"nogc_async_mut", "nogc_sync_mut", "nogc_async_immut",
                                                   "common",         "gc_async_mut",  "nogc_async_mut_noalloc"};

std::string dotted(const ModulePath& path) {
  std::string text(path.leading_dots, '.');
  for (std::size_t i = 0; i < path.parts.size(); ++i) {
    if (i != 0) text += '.';
    text += spelling(path.parts[i]);
  }
  return text;
}

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

/// "." made absolute, without the end that a path of a directory may have.
fs::path absolute_folder(const std::string& directory) {
  std::error_code error;
  const fs::path path = fs::absolute(directory.empty() ? "." : directory, error).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

/// The nearest directory with a src/ in it, not above a .git; empty without.
std::string project_root(const std::string& directory) {
  std::error_code error;
  for (fs::path at = absolute_folder(directory);; at = at.parent_path()) {
    if (is_folder(at / "src")) return at.string();
    if (fs::exists(at / ".git", error) || at == at.parent_path()) break;
  }
  return {};
}

std::vector<std::string> split_path(const char* list) {
  std::vector<std::string> parts;
  std::string_view rest = list != nullptr ? list : "";
  while (!rest.empty()) {
    const std::size_t at = rest.find(':');
    if (at != 0) parts.emplace_back(rest.substr(0, at));
    if (at == std::string_view::npos) break;
    rest.remove_prefix(at + 1);
  }
  return parts;
}

/// The library beside an installed interpreter, or that of the source tree it was built from.
std::vector<std::string> default_path() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  const fs::path installed = self.parent_path().parent_path() / "share" / "stdbind" / "simple";
  if (!error && is_folder(installed)) return {installed.string()};
  return {STDBIND_SIMPLE_STDLIB};
}

std::vector<std::string> search_directories() {
  std::vector<std::string> all = module_search_path();
  for (std::string& directory : split_path(std::getenv("STDBIND_SIMPLE_PATH"))) all.push_back(std::move(directory));
  for (std::string& directory : default_path()) all.push_back(std::move(directory));
  return all;
}

}  // namespace

std::vector<std::string>& module_search_path() {
  static std::vector<std::string> directories;
  return directories;
}

bool Loader::is_spec_module(const ModulePath& path) {
  const std::string text = dotted(path);
  return text == "std.spec" || text == "lib.spec" || text == "std.nogc_sync_mut.spec" || text == "nogc_sync_mut.spec";
}

bool Loader::is_dynamic_module(const ModulePath& path) {
  const std::string text = dotted(path);
  return text == "std.sffi.dynamic" || text == "lib.sffi.dynamic" || text == "nogc_sync_mut.sffi.dynamic" ||
         text == "std.nogc_sync_mut.sffi.dynamic";
}

FunctionCode* Loader::dynamic_function(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, int>, 5> raw = {
      {{"spl_dlopen", 1}, {"spl_dlsym", 2}, {"spl_dlclose", 1}, {"spl_wffi_call_i64", 3}, {"spl_wffi_call_f64", 3}}};
  const auto known = std::ranges::find(raw, name, &std::pair<std::string_view, int>::first);
  if (known == raw.end()) return nullptr;
  FunctionCode*& code = dynamic_functions_[std::string(name)];
  if (code != nullptr) return code;
  if (dynamic_ == nullptr) {
    dynamic_ = std::make_unique<ModuleUnit>();
    dynamic_->file = "std.sffi.dynamic";
  }
  auto fresh = std::make_unique<FunctionCode>();
  fresh->name = intern(name);
  fresh->module = dynamic_.get();
  fresh->is_extern = true;
  fresh->ready = true;
  fresh->external = find_extern(name);
  fresh->parameters.resize(static_cast<std::size_t>(known->second));
  for (ParameterCode& parameter : fresh->parameters) parameter.name = intern("argument");
  fresh->slot_count = static_cast<std::uint32_t>(known->second);
  code = fresh.get();
  dynamic_->functions.push_back(std::move(fresh));
  return code;
}

std::string Loader::find(const ModuleUnit& importer, const ModulePath& path, Location location) const {
  std::vector<fs::path> bases;
  std::vector<std::string> parts;
  for (const Symbol part : path.parts) parts.emplace_back(spelling(part));
  const fs::path home = importer.directory.empty() ? fs::path(".") : fs::path(importer.directory);
  const auto add_library = [&](const fs::path& directory) {
    bases.push_back(directory);
    for (const std::string_view tier : tiers) bases.push_back(directory / tier);
  };
  const bool is_std = !parts.empty() && (parts[0] == "std" || parts[0] == "lib") && path.leading_dots == 0;
  if (path.leading_dots > 0) {
    fs::path base = home;
    for (std::uint32_t i = 1; i < path.leading_dots; ++i) base /= "..";
    bases.push_back(base);
  } else if (is_std) {
    parts.erase(parts.begin());
    if (!importer.root.empty()) {
      add_library(fs::path(importer.root) / "src" / "std");
      add_library(fs::path(importer.root) / "src" / "lib");
    }
    for (const std::string& directory : search_directories()) add_library(directory);
  } else {
    bases.push_back(home);
    const fs::path root = importer.root;
    std::vector<fs::path> parents;
    for (fs::path at = absolute_folder(importer.directory); at != root; at = at.parent_path()) {
      if (at == at.parent_path()) {
        parents.clear();  // the importer lies outside of the project
        break;
      }
      parents.push_back(at.parent_path());
    }
    bases.insert(bases.end(), parents.begin(), parents.end());
    if (!root.empty()) {
      bases.push_back(root / "src");
      if (!parts.empty() && std::ranges::find(tiers, parts[0]) != tiers.end()) bases.push_back(root / "src" / "lib");
    }
    for (const std::string& directory : search_directories()) bases.emplace_back(directory);
  }
  for (const fs::path& base : bases) {
    fs::path stem = base;
    for (const std::string& part : parts) stem /= part;
    const fs::path file = stem.string() + ".spl";
    if (is_file(file)) {
      if (is_file(stem / "__init__.spl")) {
        throw CompileError{importer.file, location,
                           "both " + file.string() + " and " + stem.string() + "/ exist: keep one"};
      }
      return file.lexically_normal().string();
    }
    if (const fs::path script = stem.string() + ".shs"; is_file(script)) return script.lexically_normal().string();
    if (const fs::path manifest = stem / "__init__.spl"; is_file(manifest)) return manifest.lexically_normal().string();
  }
  throw CompileError{importer.file, location,
                     "there is no module " + dotted(path) + ": give its directory with --path or STDBIND_SIMPLE_PATH"};
}

ModuleUnit* Loader::import(const ModuleUnit& importer, const ModulePath& path, Location location) {
  if (is_spec_module(path) || is_dynamic_module(path)) return nullptr;
  return &load(find(importer, path, location), importer.root, false);
}

ModuleUnit& Loader::load_main(const std::string& file) {
  const std::string directory = fs::path(file).parent_path().string();
  std::string root = project_root(directory);
  if (root.empty()) root = absolute_folder(directory).string();  // a lone program: its own directory
  return load(file, root, true);
}

ModuleUnit& Loader::load(const std::string& file, const std::string& root, bool is_main) {
  std::error_code error;
  std::string key = fs::weakly_canonical(file, error).string();
  if (error) key = file;
  const auto known = modules_.find(key);
  if (known != modules_.end()) return *known->second;
  auto parsed = parse_file(file);
  if (!parsed) throw LoadError{std::move(parsed.error())};
  ModuleUnit& unit = *(modules_[key] = std::make_unique<ModuleUnit>());
  unit.file = file;
  unit.directory = fs::path(file).parent_path().string();
  const std::string own_root = is_main ? root : project_root(unit.directory);
  unit.root = own_root.empty() ? root : own_root;
  unit.tree = std::move(*parsed);
  unit.is_main = is_main;
  Compiler compiler(*this, unit);
  compiler.declare();
  compiler.compile();
  if (!is_main) machine_.run_module(unit);
  unit.finished = true;
  return unit;
}

}  // namespace stdbind::simple
