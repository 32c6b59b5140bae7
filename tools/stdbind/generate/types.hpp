// From SWIG's coding of C types ("p.q(const).char") to resolved types.
#pragma once

#include <map>
#include <set>
#include <string>

#include "ir.hpp"

namespace stdbind::generate {

// What the names in an interface mean.
struct Names {
  std::map<std::string, std::string> aliases;       // typedef -> coding
  std::set<std::string> own_aliases;                // typedefs of the library itself
  std::map<std::string, std::string> structures;    // name or tag -> C spelling
  std::map<std::string, std::string> enumerations;  // name or tag -> C spelling
};

// How C spells the coded type, with "%" where a declared name goes.
std::string spell(const std::string& coded, const Names& names);

// The resolved type. Sizes are filled in later, by the probe.
Type resolve(const std::string& coded, const Names& names);

}  // namespace stdbind::generate
