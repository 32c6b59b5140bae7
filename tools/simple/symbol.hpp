// Interned names: two symbols are equal exactly when their spelling is. The table lives as long as the process and
// belongs to one thread.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string_view>

namespace stdbind::simple {

struct Symbol {
  std::uint32_t id = 0;  ///< 0 is the empty name: "no name here".
  explicit operator bool() const { return id != 0; }
  auto operator<=>(const Symbol&) const = default;
};

/// The symbol of `name`; the same one for the same spelling. *allocates*: on a new name. *threads*: one only.
Symbol intern(std::string_view name);

/// The spelling; valid until the process ends.
std::string_view spelling(Symbol symbol);

/// Whether a name begins with a capital letter, as those of types and variants do.
inline bool is_upper(std::string_view name) { return !name.empty() && name[0] >= 'A' && name[0] <= 'Z'; }

}  // namespace stdbind::simple

template <>
struct std::hash<stdbind::simple::Symbol> {
  std::size_t operator()(stdbind::simple::Symbol symbol) const noexcept { return symbol.id; }
};
