// Owned bytes. What is short comes from malloc; from 1 MiB on from huge pages, since new small pages cost more than
// what is copied into them. A few such buffers are kept: whoever reads again finds the pages in place. Nothing here
// waits or locks.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <stdbind/reader.hpp>

#include "buffers.hpp"
#include "checks.hpp"
#include "platform/platform.hpp"

namespace stdbind {

namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20U;
constexpr std::size_t huge_page = 2 * mebibyte;
constexpr std::size_t unit = 4096;
constexpr std::size_t longest_kept = 128 * mebibyte;

/// Buffers that nobody uses, each with its size in its first bytes.
constinit std::array<std::atomic<std::byte*>, 2> kept{};

std::size_t size_of(const std::byte* buffer) noexcept {
  std::size_t size = 0;
  std::memcpy(&size, buffer, sizeof size);
  return size;
}

void unmap(std::byte* buffer, std::size_t size) noexcept {
  // It cannot fail but by a lack of memory for splitting; then the range stays, and that is all.
  [[maybe_unused]] const auto done = platform::unmap({.address = buffer}, size);
}

/// As many huge pages as are nearest to the size; what is left over lies in small pages, or would be room wasted.
std::size_t mapped_size(std::size_t size) noexcept {
  const std::size_t huge = (size + mebibyte) / huge_page * huge_page;
  return std::max(huge, (size + unit - 1) / unit * unit);
}

void keep(std::byte* buffer, std::size_t size) noexcept {
  if (size <= longest_kept) {
    std::memcpy(buffer, &size, sizeof size);
    // All but the first page, which says how long it is, is the system's again as soon as it needs it.
    if (size > 2 * huge_page) platform::offer(buffer + huge_page, size - huge_page);
    for (auto& place : kept) {
      std::byte* nothing = nullptr;
      if (place.compare_exchange_strong(nothing, buffer, std::memory_order_acq_rel)) return;
    }
  }
  unmap(buffer, size);
}

}  // namespace

namespace detail {

Bytes BytesAccess::make(std::byte* data, std::size_t size, std::size_t mapped) noexcept {
  Bytes bytes;
  bytes.data_ = data;
  bytes.size_ = size;
  bytes.mapped_ = mapped;
  return bytes;
}

Bytes BytesAccess::at_hand(std::size_t size) noexcept {
  if (size < mebibyte || size > longest_kept) return {};
  for (auto& place : kept) {
    if (place.load(std::memory_order_relaxed) == nullptr) continue;
    std::byte* const buffer = place.exchange(nullptr, std::memory_order_acq_rel);
    if (buffer == nullptr) continue;
    const std::size_t mapped = size_of(buffer);
    // A much longer one would be wasted on this.
    if (mapped >= size && mapped / 4 <= size) return make(buffer, size, mapped);
    keep(buffer, mapped);
  }
  return {};
}

}  // namespace detail

Bytes::~Bytes() {
  if (mapped_ != 0) {
    keep(data_, mapped_);
  } else {
    std::free(data_);
  }
}

Result<Bytes> Bytes::allocate(std::size_t size) noexcept {
  if (size >= mebibyte && size < std::numeric_limits<std::size_t>::max() / 2) {
    if (Bytes bytes = detail::BytesAccess::at_hand(size); bytes.data_ != nullptr) return bytes;
    const std::size_t mapped = mapped_size(size);
    const auto pages = platform::map_huge(mapped, huge_page, false, Mode::read | Mode::write | Mode::cow);
    if (pages) return detail::BytesAccess::make(pages->address, size, mapped);
    // A system without huge pages has small ones.
  }
  auto* const data = static_cast<std::byte*>(std::malloc(std::max(size, std::size_t{1})));
  if (data == nullptr) {
    return detail::fail(ErrorKind::no_memory, {"allocate: no memory for ", size, " bytes"});
  }
  return detail::BytesAccess::make(data, size, 0);
}

std::int64_t release_buffers() noexcept {
  std::int64_t released = 0;
  for (auto& place : kept) {
    std::byte* const buffer = place.exchange(nullptr, std::memory_order_acq_rel);
    if (buffer == nullptr) continue;
    const std::size_t size = size_of(buffer);
    unmap(buffer, size);
    released += static_cast<std::int64_t>(size);
  }
  return released;
}

}  // namespace stdbind
