// The values that case files are written with. What they expand to is bounded: a case never eats the machine's memory.
#include "conform/values.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "conform/text.hpp"

namespace stdbind::conform {
namespace {

constexpr std::int64_t max_bytes = std::int64_t{64} << 20;

Parsed<std::int64_t> parse_factor(std::string_view text, std::int64_t page_size) {
  constexpr std::array<std::pair<std::string_view, int>, 4> units{{{"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}}};
  if (text == "page") return page_size;
  for (const auto& [name, shift] : units)
    if (text == name) return std::int64_t{1} << shift;
  if (const auto number = to_number(text)) return *number;
  return std::unexpected("`" + std::string(text) +
                         "` is no number (decimal, page, KiB, MiB, GiB or TiB, joined by * + -)");
}

Parsed<std::int64_t> parse_product(std::string_view text, std::int64_t page_size) {
  std::int64_t product = 1;
  for (const auto piece : split(text, '*')) {
    const auto factor = parse_factor(piece, page_size);
    if (!factor) return factor;
    if (__builtin_mul_overflow(product, *factor, &product))
      return std::unexpected("the number does not fit in 64 bits");
  }
  return product;
}

Parsed<std::string> repeated(std::string_view text, std::int64_t page_size) {
  const auto star = text.find('*');
  if (star == std::string_view::npos) return std::unexpected("fill needs a count: fill:41*4096");
  auto unit = from_hex(text.substr(0, star));
  if (!unit) return unit;
  if (unit->empty()) return std::unexpected("fill needs at least one byte before the *");
  const auto count = parse_number(text.substr(star + 1), page_size);
  if (!count) return std::unexpected(count.error());
  const auto size = static_cast<std::int64_t>(unit->size());
  if (*count < 0 || *count > max_bytes / size) return std::unexpected("more than 64 MiB; use a sparse file");
  std::string bytes;
  bytes.reserve(static_cast<std::size_t>(*count * size));
  for (std::int64_t i = 0; i < *count; ++i) bytes += *unit;
  return bytes;
}

Parsed<std::string> pattern(std::string_view text, std::int64_t page_size) {
  const auto dots = text.find("..");
  if (dots == std::string_view::npos) return std::unexpected("pattern needs a range: pattern:0..4096");
  const auto from = parse_number(text.substr(0, dots), page_size);
  if (!from) return std::unexpected(from.error());
  const auto to = parse_number(text.substr(dots + 2), page_size);
  if (!to) return std::unexpected(to.error());
  if (*from < 0 || *to < *from) return std::unexpected("the range of the pattern runs backwards");
  if (*to - *from > max_bytes) return std::unexpected("more than 64 MiB; use a sparse file");
  std::string bytes;
  bytes.reserve(static_cast<std::size_t>(*to - *from));
  for (auto i = *from; i < *to; ++i) bytes += pattern_byte(static_cast<std::uint64_t>(i));
  return bytes;
}

void append_word(std::string& code, std::uint32_t word) {
  for (unsigned shift = 0; shift < 32; shift += 8) code += static_cast<char>((word >> shift) & 255U);
}

// A function without arguments that returns the number as an int64: for x86 in both sizes and for 64-bit ARM at once,
// since the adapter may be built for another machine than this one. Its first word is a jump on x86, over what is
// meant for ARM; to ARM it is an addition to a register that nobody needs. ARM wants it at a multiple of 4.
Parsed<std::string> native_code(std::string_view text) {
  const auto number = to_number(text);
  if (!number || *number < 0 || *number > 32767) return std::unexpected("native needs a number from 0 to 32767");
  const auto value = static_cast<std::uint32_t>(*number);
  std::string code;
  append_word(code, 0x91000aebU);                  // x86: jmp +10; ARM: add x11, x23, #2
  append_word(code, 0x52800000U | (value << 5U));  // ARM: mov w0, #number
  append_word(code, 0xd65f03c0U);                  // ARM: ret
  code += "\x31\xd2\xb8";                          // x86: xor edx, edx; mov eax, number
  append_word(code, value);
  code += '\xc3';  // x86: ret
  return code;
}

Parsed<std::string> parse_part(std::string_view text, std::int64_t page_size) {
  const auto colon = text.find(':');
  const auto form = text.substr(0, colon);
  const auto rest = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
  if (colon != std::string_view::npos) {
    if (form == "text") return percent_decode(rest);
    if (form == "hex") return from_hex(rest);
    if (form == "fill") return repeated(rest, page_size);
    if (form == "pattern") return pattern(rest, page_size);
    if (form == "native") return native_code(rest);
  }
  return std::unexpected("`" + shorten(text, 40) +
                         "` are no bytes (text:ABC, hex:4142, fill:41*4096, pattern:0..4096 or native:42)");
}

using Flag = std::pair<std::string_view, std::int64_t>;

// A number, or the first of the words, or some of the others joined by +.
Parsed<std::int64_t> parse_flags(std::string_view text, std::string_view what, std::span<const Flag> flags) {
  if (const auto number = to_number(text)) return *number;
  std::int64_t bits = 0;
  for (const auto word : split(text, '+')) {
    const auto found = std::ranges::find(flags, word, &Flag::first);
    if (found != flags.end()) {
      bits |= found->second;
      continue;
    }
    std::vector<std::string> names;
    for (const auto& [name, bit] : flags.subspan(1)) names.emplace_back(name);
    return std::unexpected("`" + std::string(word) + "` is no " + std::string(what) + " (none, or " +
                           join(names, ", ") + " joined by +, or a number)");
  }
  return bits;
}

}  // namespace

char pattern_byte(std::uint64_t index) {
  // splitmix64 of every eighth index: no period, and no two places look alike.
  std::uint64_t z = (index / 8 + 1) * 0x9e3779b97f4a7c15U;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  z ^= z >> 31U;
  return static_cast<char>((z >> (8 * (index % 8))) & 255U);
}

Parsed<std::int64_t> parse_number(std::string_view text, std::int64_t page_size) {
  if (text.empty()) return std::unexpected("a number is missing");
  std::int64_t sum = 0;
  std::size_t start = 0;
  while (start < text.size()) {
    const bool minus = text[start] == '-';
    if (minus || (text[start] == '+' && start > 0)) ++start;
    const auto end = text.find_first_of("+-", start);
    const auto term = parse_product(text.substr(start, end == std::string_view::npos ? end : end - start), page_size);
    if (!term) return term;
    const bool overflow = minus ? __builtin_sub_overflow(sum, *term, &sum) : __builtin_add_overflow(sum, *term, &sum);
    if (overflow) return std::unexpected("the number does not fit in 64 bits");
    if (end == std::string_view::npos) break;
    start = end;
  }
  return sum;
}

Parsed<std::string> parse_bytes(std::string_view text, std::int64_t page_size) {
  std::string bytes;
  if (text.empty()) return bytes;
  for (const auto piece : split(text, ',')) {
    const auto part = parse_part(piece, page_size);
    if (!part) return part;
    bytes += *part;
  }
  return bytes;
}

Parsed<std::string> parse_request_bytes(std::string_view text, std::int64_t page_size) {
  const auto bytes = parse_bytes(text, page_size);
  if (!bytes) return bytes;
  if (text.starts_with("fill:") && text.find(',') == std::string_view::npos) {
    const auto star = text.find('*');
    const auto count = parse_number(text.substr(star + 1), page_size);
    const auto unit = from_hex(text.substr(5, star - 5));
    if (count && unit) return "fill:" + to_hex(*unit) + "*" + std::to_string(*count);
  }
  return to_hex(*bytes);
}

Parsed<std::int64_t> parse_mode(std::string_view text) {
  constexpr Flag modes[] = {{"none", 0}, {"read", 1}, {"write", 2}, {"exec", 4}, {"cow", 8}, {"allow_wx", 16}};
  return parse_flags(text, "mode", modes);
}

Parsed<std::int64_t> parse_options(std::string_view text) {
  constexpr Flag options[] = {{"none", 0},         {"grow", 1},      {"update", 2},    {"watch", 4},
                              {"strict", 8},       {"populate", 16}, {"any_file", 32}, {"random", 64},
                              {"huge", 128},       {"hugetlb_2m", 256}, {"hugetlb_1g", 512}};
  return parse_flags(text, "option", options);
}

}  // namespace stdbind::conform
