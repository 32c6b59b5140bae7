// UTF-8 by table: whether two bytes may stand side by side is told by three look-ups with half a byte each, for 16
// places at once. After J. Keiser and D. Lemire, "Validating UTF-8 in less than one instruction per byte", 2021. What
// is invalid is ruled out by eight rules, from which the compiler makes the tables; where it is, a plain loop tells.
#include "utf8.hpp"

#include <stdbind/reader.hpp>

#include <array>
#include <cstdint>
#include <cstring>

#include "checks.hpp"

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace stdbind::detail {

namespace {

using Byte = unsigned char;

bool continues(Byte byte) noexcept { return (byte & 0xC0U) == 0x80U; }

/// The length of the valid character at the start of size bytes; 0 if there is none.
std::size_t character(const Byte* at, std::size_t size) noexcept {
  const Byte first = at[0];
  if (first < 0x80) return 1;
  // The narrowest range for the second byte keeps out what is too long, too large, or half a surrogate pair.
  std::size_t length = 0;
  Byte least = 0x80;
  Byte most = 0xBF;
  if (first >= 0xC2 && first <= 0xDF) {
    length = 2;
  } else if (first >= 0xE0 && first <= 0xEF) {
    length = 3;
    if (first == 0xE0) least = 0xA0;
    if (first == 0xED) most = 0x9F;
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4;
    if (first == 0xF0) least = 0x90;
    if (first == 0xF4) most = 0x8F;
  } else {
    return 0;
  }
  if (length > size || at[1] < least || at[1] > most) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (!continues(at[i])) return 0;
  }
  return length;
}

/// From a place where a character begins: how far all is valid.
std::size_t valid_from(const Byte* bytes, std::size_t at, std::size_t size) noexcept {
  while (at < size) {
    // Eight bytes of ASCII at once.
    std::uint64_t eight = 0;
    if (size - at >= sizeof eight) {
      std::memcpy(&eight, bytes + at, sizeof eight);
      if ((eight & 0x8080808080808080U) == 0) {
        at += sizeof eight;
        continue;
      }
    }
    const std::size_t length = character(bytes + at, size - at);
    if (length == 0) break;
    at += length;
  }
  return at;
}

#if defined(__x86_64__) || defined(__i386__) || defined(__aarch64__)

/// Two bytes that must not stand side by side: by the halves of the first and the upper half of the second, a bit for
/// each value that takes part.
struct Rule {
  std::uint16_t upper;
  std::uint16_t lower;
  std::uint16_t next;
};
constexpr std::uint16_t any = 0xFFFF;
constexpr std::uint16_t continuing = 0x0F00;  // 8x, 9x, Ax, Bx

constexpr Rule rules[] = {
    {0xF000, any, 0xF0FF},           // a first byte, and none that continues it
    {0x00FF, any, continuing},       // ASCII, and a byte that continues nothing
    {1 << 0xE, 1 << 0, 0x0300},      // E0 80-9F: longer than need be
    {1 << 0xF, 0xFFF0, 0x0E00},      // F4 90-BF and all above: too large
    {1 << 0xE, 1 << 0xD, 0x0C00},    // ED A0-BF: half of a surrogate pair
    {1 << 0xC, 0x0003, continuing},  // C0, C1: longer than need be
    {1 << 0xF, 0xFFE1, 1 << 8},      // F0 80-8F: longer than need be; F5 and above: too large
};
/// Two that continue are right where the byte before belongs to three or more, and wrong elsewhere.
constexpr Rule both_continue = {continuing, any, continuing};
constexpr Byte both_continue_bit = 0x80;

using Table = std::array<Byte, 16>;
consteval Table table_of(std::uint16_t Rule::* half) {
  Table table{};
  for (unsigned value = 0; value < 16; ++value) {
    for (unsigned i = 0; i < std::size(rules); ++i) {
      if ((rules[i].*half >> value & 1U) != 0) table[value] |= static_cast<Byte>(1U << i);
    }
    if ((both_continue.*half >> value & 1U) != 0) table[value] |= both_continue_bit;
  }
  return table;
}
alignas(16) constexpr Table upper_table = table_of(&Rule::upper);
alignas(16) constexpr Table lower_table = table_of(&Rule::lower);
alignas(16) constexpr Table next_table = table_of(&Rule::next);

// The few things that each processor says in its own way.
#if defined(__aarch64__)
#define STDBIND_VECTOR_TARGET
using Vector = uint8x16_t;
inline bool can_look_up() noexcept { return true; }
inline Vector load(const Byte* at) noexcept { return vld1q_u8(at); }
inline Vector all(Byte value) noexcept { return vdupq_n_u8(value); }
inline Vector look_up(Vector table, Vector index) noexcept { return vqtbl1q_u8(table, index); }
inline Vector upper_half(Vector value) noexcept { return vshrq_n_u8(value, 4); }
inline Vector minus(Vector a, Vector b) noexcept { return vqsubq_u8(a, b); }
inline bool any_set(Vector value) noexcept { return vmaxvq_u8(value) != 0; }
inline bool any_above_ascii(Vector value) noexcept { return vmaxvq_u8(value) >= 0x80; }
#else
#define STDBIND_VECTOR_TARGET __attribute__((target("ssse3")))
using Vector = __m128i;
inline bool can_look_up() noexcept { return __builtin_cpu_supports("ssse3") != 0; }
STDBIND_VECTOR_TARGET inline Vector load(const Byte* at) noexcept {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}
STDBIND_VECTOR_TARGET inline Vector all(Byte value) noexcept { return _mm_set1_epi8(static_cast<char>(value)); }
STDBIND_VECTOR_TARGET inline Vector look_up(Vector table, Vector index) noexcept {
  return _mm_shuffle_epi8(table, index);
}
STDBIND_VECTOR_TARGET inline Vector upper_half(Vector value) noexcept {
  return _mm_and_si128(_mm_srli_epi16(value, 4), _mm_set1_epi8(0x0F));
}
STDBIND_VECTOR_TARGET inline Vector minus(Vector a, Vector b) noexcept { return _mm_subs_epu8(a, b); }
STDBIND_VECTOR_TARGET inline bool any_set(Vector value) noexcept {
  return _mm_movemask_epi8(_mm_cmpeq_epi8(value, _mm_setzero_si128())) != 0xFFFF;
}
STDBIND_VECTOR_TARGET inline bool any_above_ascii(Vector value) noexcept { return _mm_movemask_epi8(value) != 0; }
#endif

/// Not zero where a byte cannot stand behind the three before it, which have to be readable.
STDBIND_VECTOR_TARGET inline Vector wrong(const Byte* at) noexcept {
  const Vector before = load(at - 1);
  const Vector pair = look_up(load(upper_table.data()), upper_half(before)) &
                      look_up(load(lower_table.data()), before & all(0x0F)) &
                      look_up(load(next_table.data()), upper_half(load(at)));
  // The bit 0x80 where the byte two before is at least E0, or the byte three before at least F0.
  const Vector third = minus(load(at - 2), all(0xE0 - 0x80)) | minus(load(at - 3), all(0xF0 - 0x80));
  return (third & all(both_continue_bit)) ^ pair;
}

/// Where the first block of 64 bytes begins that is not surely valid: up to there it is, but for a character that
/// reaches over the border.
STDBIND_VECTOR_TARGET std::size_t skip_valid(const Byte* bytes, std::size_t at, std::size_t size) noexcept {
  for (; size - at >= 64; at += 64) {
    const Byte* const block = bytes + at;
    const Vector high = load(block - 3) | load(block) | load(block + 16) | load(block + 32) | load(block + 48);
    if (!any_above_ascii(high)) continue;
    if (any_set(wrong(block) | wrong(block + 16) | wrong(block + 32) | wrong(block + 48))) break;
  }
  return at;
}
#undef STDBIND_VECTOR_TARGET

#else

bool can_look_up() noexcept { return false; }
std::size_t skip_valid(const Byte*, std::size_t at, std::size_t) noexcept { return at; }

#endif

}  // namespace

std::size_t valid_utf8(std::span<const std::byte> bytes) noexcept {
  const auto* const text = reinterpret_cast<const Byte*>(bytes.data());
  const std::size_t size = bytes.size();
  // The first three bytes have none before them.
  std::size_t at = 0;
  if (size >= 128 && can_look_up()) {
    while (at < 3) {
      const std::size_t length = character(text + at, size - at);
      if (length == 0) return at;
      at += length;
    }
    at = skip_valid(text, at, size);
    // Back to where a character begins: all before is valid, so it is at most three bytes away.
    --at;
    while (continues(text[at])) --at;
  }
  return valid_from(text, at, size);
}

std::size_t unfinished_utf8(std::span<const std::byte> bytes) noexcept {
  const auto* const text = reinterpret_cast<const Byte*>(bytes.data());
  for (std::size_t back = 1; back <= 3 && back <= bytes.size(); ++back) {
    const Byte byte = text[bytes.size() - back];
    if (continues(byte)) continue;
    const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}

}  // namespace stdbind::detail

namespace stdbind {

Result<void> check_utf8(std::span<const std::byte> bytes) noexcept {
  const std::size_t valid = detail::valid_utf8(bytes);
  if (valid == bytes.size()) return {};
  return detail::fail(ErrorKind::not_utf8,
                      {"check_utf8: byte ", valid, " of ", bytes.size(), " begins no valid UTF-8"});
}

}  // namespace stdbind
