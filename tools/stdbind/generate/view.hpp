// The view model: the IR as one language sees it. It is all that templates get; docs/view-model.md documents it.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "ir.hpp"
#include "pack.hpp"

namespace stdbind::generate {

inline constexpr int view_version = 1;

struct ViewOptions {
  std::vector<std::string> prefixes;           // removed from names
  std::map<std::string, std::string> renames;  // C name -> name in the language
  std::set<std::string> disabled;              // C names, by --disable
};

// An item that is not in the binding, and why.
struct LeftOut {
  std::string item;  // "function gzprintf"
  Place place;
  std::string reason;
  std::string flag;
};

struct View {
  nlohmann::ordered_json model;
  std::size_t bound = 0;
  std::vector<LeftOut> disabled;
  std::vector<LeftOut> refused;
};

// Throws Failure (2) if an option names an item that there is not.
View make_view(const Ir& ir, const Pack& pack, const ViewOptions& options);

// Renders a template; throws Failure (2) that names `file` if it is not Mustache.
std::string render(const std::string& content, const nlohmann::ordered_json& model, const std::string& file);

}  // namespace stdbind::generate
