// Integers of the eight widths of Simple. One 64-bit word holds the value; the width travels beside it.
//
// How overflow is decided (the engines differ, so that the differences are refused):
//  - i64 wraps: all engines do.
//  - u8 … u64 that were written so (a typed literal, `val x: u8`, `.to_u8()`, `as u8`) wrap at their width.
//  - A *soft* unsigned value came from an API (a byte of rt_bytes_from_raw, a parameter declared u8): the tree-walk
//    interpreter keeps it as i64, compiled code as u8. A result that does not fit is an error that asks for a
//    conversion. The same holds for i8 … i32, and for mixed widths.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stdbind::simple {

enum class IntKind : std::uint8_t { i64, i8, i16, i32, u8, u16, u32, u64, soft_u8, soft_u16, soft_u32, soft_u64 };

__extension__ using Wide = __int128;
__extension__ using WideBits = unsigned __int128;

constexpr bool is_soft(IntKind kind) { return kind >= IntKind::soft_u8; }
constexpr IntKind hardened(IntKind kind) {
  return is_soft(kind) ? static_cast<IntKind>(static_cast<std::uint8_t>(kind) - 4) : kind;
}
constexpr IntKind softened(IntKind kind) {
  return kind >= IntKind::u8 && kind <= IntKind::u64 ? static_cast<IntKind>(static_cast<std::uint8_t>(kind) + 4) : kind;
}
constexpr bool is_unsigned(IntKind kind) { return kind >= IntKind::u8; }
constexpr int bits_of(IntKind kind) {
  switch (hardened(kind)) {
    case IntKind::i8:
    case IntKind::u8:
      return 8;
    case IntKind::i16:
    case IntKind::u16:
      return 16;
    case IntKind::i32:
    case IntKind::u32:
      return 32;
    default:
      return 64;
  }
}

/// "i64", "u8", …: the name in the language.
std::string_view name_of(IntKind kind);
std::optional<IntKind> int_kind_named(std::string_view name);

/// The mathematical value of a word of this kind.
constexpr Wide widen(std::int64_t word, IntKind kind) {
  return hardened(kind) == IntKind::u64 ? static_cast<Wide>(static_cast<std::uint64_t>(word)) : static_cast<Wide>(word);
}
bool fits(Wide value, IntKind kind);
/// The word that keeps the low bits of `value`, read as this kind.
std::int64_t wrap(Wide value, IntKind kind);
std::string to_decimal(Wide value);

}  // namespace stdbind::simple
