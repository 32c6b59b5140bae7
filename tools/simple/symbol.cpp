// The table of interned names.
#include "symbol.hpp"

#include <deque>
#include <string>
#include <unordered_map>

namespace stdbind::simple {
namespace {

struct Table {
  std::deque<std::string> spellings{std::string()};
  std::unordered_map<std::string_view, std::uint32_t> ids{{std::string_view(), 0}};
};

Table& table() {
  static Table instance;
  return instance;
}

}  // namespace

Symbol intern(std::string_view name) {
  Table& names = table();
  if (const auto found = names.ids.find(name); found != names.ids.end()) return Symbol{found->second};
  const auto id = static_cast<std::uint32_t>(names.spellings.size());
  const std::string& kept = names.spellings.emplace_back(name);
  names.ids.emplace(kept, id);
  return Symbol{id};
}

std::string_view spelling(Symbol symbol) { return table().spellings[symbol.id]; }

}  // namespace stdbind::simple
