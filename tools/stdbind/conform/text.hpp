// Small readers and writers of text that the case files, the protocol and the reports share.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stdbind::conform {

/// Every byte outside `A-Z a-z 0-9 . _ / -` as %XX, as the protocol wants it.
std::string percent_encode(std::string_view bytes);

/// The bytes of percent-encoded text. *errors*: a % that two hex digits do not follow.
std::expected<std::string, std::string> percent_decode(std::string_view text);

/// Lower-case hex digits, two a byte.
std::string to_hex(std::string_view bytes);

/// The bytes of hex digits of either case. *errors*: an odd count, another character.
std::expected<std::string, std::string> from_hex(std::string_view text);

/// Eight hex digits of the CRC-32 of zlib and PNG.
std::string crc32_hex(std::string_view bytes);

/// A whole decimal number, or nothing.
std::optional<std::int64_t> to_number(std::string_view text);

/// Pieces between the separators; empty pieces are kept.
std::vector<std::string_view> split(std::string_view text, char separator);

/// The pieces with the separator between them.
std::string join(const std::vector<std::string>& pieces, std::string_view separator);

std::string_view trim(std::string_view text);

/// The text cut to `limit` bytes, with a mark that tells how many are missing.
std::string shorten(std::string_view text, std::size_t limit);

/// Whether a shell glob (`*`, `?`, `[…]`; `*` also crosses `/`) matches the whole text.
bool glob_matches(const std::string& glob, const std::string& text);

/// A whole file. *errors*: what the system said.
std::expected<std::string, std::string> read_text_file(const std::string& path);

}  // namespace stdbind::conform
