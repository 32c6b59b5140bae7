// Whether bytes are UTF-8: as fast as they come from memory, where the processor can look 16 bytes up at once.
#ifndef STDBIND_UTF8_HPP
#define STDBIND_UTF8_HPP

#include <cstddef>
#include <span>

namespace stdbind::detail {

/// How many bytes from the start are whole, valid characters; all of them if it is the size.
std::size_t valid_utf8(std::span<const std::byte> bytes) noexcept;

/// How many bytes at the end begin a character that may go on behind them: 0 to 3.
std::size_t unfinished_utf8(std::span<const std::byte> bytes) noexcept;

}  // namespace stdbind::detail

#endif
