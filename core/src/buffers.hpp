// The buffers behind Bytes: which are at hand to be used again.
#ifndef STDBIND_BUFFERS_HPP
#define STDBIND_BUFFERS_HPP

#include <stdbind/mmap.hpp>

namespace stdbind::detail {

struct BytesAccess {
  /// Room for size bytes in a buffer that is at hand and has its pages; one that owns nothing if there is none.
  static Bytes at_hand(std::size_t size) noexcept;
  static Bytes make(std::byte* data, std::size_t size, std::size_t mapped) noexcept;
};

}  // namespace stdbind::detail

#endif
