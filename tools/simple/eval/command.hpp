// What the commands `simple-ref run` and `simple-ref test` do, for main.cpp.
#pragma once

#include <string>
#include <vector>

namespace stdbind::simple {

/// Adds a directory where `use` looks for modules. The order: the importer's directory and its parents up to the
/// project root, the root's src/ (for std.x its src/std and src/lib with their tiers), these directories, those of the
/// environment variable STDBIND_SIMPLE_PATH (separated by colons), and last the library that comes with simple-ref:
/// share/stdbind/simple beside its bin/ when installed, else stdlib/simple of the source tree it was built from.
void add_module_path(const std::string& directory);

/// Runs `file` with the program arguments `arguments`; its messages go to standard error. Returns the exit code: 0
/// ok, 1 failed (also for a file that `check` refuses), or what the program gave to exit().
int run_command(const std::string& file, const std::vector<std::string>& arguments);

/// Runs the spec files named, and those (`*_spec.spl`, `*_test.spl`) below the directories named. Prints the results;
/// the last line is `Results: N total, P passed, F failed`. Returns 0 when at least one example ran and none failed,
/// else 1.
int test_command(const std::vector<std::string>& files_or_directories);

}  // namespace stdbind::simple
