// The values that case files are written with: numbers, bytes, modes.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace stdbind::conform {

/// What is wrong with a value, as half a sentence.
template <typename T>
using Parsed = std::expected<T, std::string>;

/// A sum of products of decimal numbers and the words page, KiB, MiB, GiB, TiB: `4*GiB+page+1`, `-1`.
Parsed<std::int64_t> parse_number(std::string_view text, std::int64_t page_size);

/// Bytes: parts joined by commas, each of `text:ABC` (percent-encoded), `hex:4142`, `fill:4142*3` (that many times),
/// `pattern:FROM..TO` (byte i differs from its neighbours everywhere), `native:42` (machine code of a function that
/// returns 42). Nothing at all stands for no bytes.
Parsed<std::string> parse_bytes(std::string_view text, std::int64_t page_size);

/// Bytes for the data= of a request: a single fill stays a fill, all else becomes hex.
Parsed<std::string> parse_request_bytes(std::string_view text, std::int64_t page_size);

/// `none`, or words of read, write, exec, cow, allow_wx joined by +, or a number: the bits of enum stdbind_mode.
Parsed<std::int64_t> parse_mode(std::string_view text);

/// `none`, or words of grow, update, watch, … joined by +, or a number: the bits of enum stdbind_open_option.
Parsed<std::int64_t> parse_options(std::string_view text);

/// Byte `index` of the endless pattern that `pattern:` cuts pieces from.
char pattern_byte(std::uint64_t index);

}  // namespace stdbind::conform
