// Finds, parses and prepares modules. A module is loaded once; one that is still being loaded (a circle of imports) is
// given as far as it is declared.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "machine.hpp"

namespace stdbind::simple {

class Loader {
 public:
  explicit Loader(Machine& machine) : machine_(machine) {}

  /// Loads and prepares the file to be run; it is not run yet. *errors*: CompileError, LoadError.
  ModuleUnit& load_main(const std::string& file);
  /// The module that `path` means inside of `importer`; its statements have run. Null for the builtin ones
  /// (std.spec, std.sffi.dynamic). *errors*: CompileError, RuntimeError, LoadError.
  ModuleUnit* import(const ModuleUnit& importer, const ModulePath& path, Location location);
  /// The function of that name that std.sffi.dynamic hands out, or null.
  FunctionCode* dynamic_function(std::string_view name);

  static bool is_spec_module(const ModulePath& path);
  static bool is_dynamic_module(const ModulePath& path);

 private:
  ModuleUnit& load(const std::string& file, const std::string& root, bool is_main);
  std::string find(const ModuleUnit& importer, const ModulePath& path, Location location) const;
  Machine& machine_;
  std::unordered_map<std::string, std::unique_ptr<ModuleUnit>> modules_;
  std::unique_ptr<ModuleUnit> dynamic_;
  std::unordered_map<std::string, FunctionCode*> dynamic_functions_;
};

/// Syntax errors and files that cannot be read.
struct LoadError {
  Diagnostics diagnostics;
};

/// Directories where modules are looked for behind the project's own: options, then STDBIND_SIMPLE_PATH, then the
/// library that comes with the interpreter.
std::vector<std::string>& module_search_path();

}  // namespace stdbind::simple
