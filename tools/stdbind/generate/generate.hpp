// One run of the generator, without its command line.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

#include "build.hpp"
#include "view.hpp"

namespace stdbind::generate {

struct Job {
  Request request;
  std::string language;             // "" with `table` alone
  std::filesystem::path root;       // has bindings/
  std::filesystem::path pack;       // a pack's folder; empty: that of the language below root
  std::filesystem::path out = ".";  // where the binding is written
  std::string file;                 // name of the main file, if not the pack's
  std::filesystem::path table;      // where the table of a flat interface is written; empty: nowhere
  ViewOptions view;
  std::vector<std::string> link;
  bool strict = false;
  bool format = true;
  bool build = true;
};

// Writes the binding and reports on `report`. Throws Failure.
void generate(const Job& job, std::ostream& report);

// The folder that holds bindings/: `said`, else $STDBIND_ROOT, else the one compiled in.
std::filesystem::path find_root(const std::string& said);

}  // namespace stdbind::generate
