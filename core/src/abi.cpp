// The flat interface: each function checks its handle and pointers, calls the C++ API and turns its error into a
// number. What the error says stays with the thread.
#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "failure.hpp"
#include "handles.hpp"
#include "mapping.hpp"
#include "stdbind/abi.h"

namespace {

using stdbind::Advice;
using stdbind::Error;
using stdbind::ErrorKind;
using stdbind::failure;
using stdbind::HandleState;
using stdbind::Mmap;
using stdbind::Mode;
using stdbind::Result;
using stdbind::Whence;

static_assert(std::to_underlying(ErrorKind::io) == STDBIND_ERROR_IO);
static_assert(std::to_underlying(Mode::allow_wx) == STDBIND_MODE_ALLOW_WX);
static_assert(std::to_underlying(Advice::dont_need) == STDBIND_ADVICE_DONT_NEED);
static_assert(std::to_underlying(Whence::end) == STDBIND_SEEK_END);

constinit thread_local Error last_error{.kind = ErrorKind::io, .os = 0, .message = {}};

using MmapTable = stdbind::HandleTable<Mmap, 1>;
constinit MmapTable mmaps;

[[gnu::cold]] std::int64_t fail(const Error& error) noexcept {
  last_error = error;
  return -std::int64_t{std::to_underlying(error.kind)};
}

[[gnu::cold]] std::int64_t fail(HandleState state, std::int64_t handle) noexcept {
  if (state == HandleState::closed) return fail(failure(ErrorKind::closed, {"the mapping ", handle, " was closed"}));
  return fail(failure(ErrorKind::invalid_argument, {handle, " is not a handle of a mapping"}));
}

/// A length that was checked not to be negative. On 32-bit machines one of 2^32 and more becomes the greatest there is,
/// which lies in no mapping.
std::size_t size_of(std::int64_t length) noexcept {
  return static_cast<std::size_t>(
      std::min(static_cast<std::uint64_t>(length), std::uint64_t{std::numeric_limits<std::size_t>::max()}));
}

/// Whether size bytes may lie at a pointer that came from outside.
bool usable(const void* pointer, std::int64_t size) noexcept { return size >= 0 && (pointer != nullptr || size == 0); }

[[gnu::cold]] std::int64_t unusable(std::string_view function, std::string_view name, std::int64_t size) noexcept {
  if (size < 0) {
    return fail(failure(ErrorKind::invalid_argument, {function, ": the length ", size, " of ", name, " is negative"}));
  }
  return fail(failure(ErrorKind::invalid_argument, {function, ": ", name, " is NULL, but its length is ", size}));
}

std::int64_t give(const Result<void>& result, std::int64_t value) noexcept {
  return result ? value : fail(result.error());
}

std::int64_t give(const Result<std::int64_t>& result) noexcept { return result ? *result : fail(result.error()); }

std::int64_t issue(Result<Mmap> result) noexcept {
  if (!result) return fail(result.error());
  const std::int64_t handle = mmaps.issue(std::move(*result));
  if (handle == 0) return fail(failure(ErrorKind::limit, {"open: no handle is left; close other mappings first"}));
  return handle;
}

/// Copies text out, cut to fit at a whole UTF-8 character, and returns its whole length.
std::int64_t copy_text(std::string_view text, char* buffer, std::int64_t size) noexcept {
  if (size > 0) {
    auto count = std::min(text.size(), size_of(size - 1));
    const auto inside_character = [&] { return (static_cast<unsigned char>(text[count]) & 0xC0U) == 0x80U; };
    while (count < text.size() && count > 0 && inside_character()) --count;
    std::memcpy(buffer, text.data(), count);
    buffer[count] = '\0';
  }
  return static_cast<std::int64_t>(text.size());
}

}  // namespace

int64_t stdbind_abi_version(void) { return STDBIND_ABI_VERSION; }

// These two tell about the last error, so they do not replace it by one of their own.
int64_t stdbind_last_error_message(char* buffer, int64_t size) {
  if (!usable(buffer, size)) return -STDBIND_ERROR_INVALID_ARGUMENT;
  return copy_text(last_error.message, buffer, size);
}

int64_t stdbind_last_error_os(void) { return last_error.os; }

int64_t stdbind_error_kind_name(int64_t kind, char* buffer, int64_t size) {
  if (!usable(buffer, size)) return unusable("error_kind_name", "buffer", size);
  const auto value = kind < 0 ? -static_cast<std::uint64_t>(kind) : static_cast<std::uint64_t>(kind);
  if (value < 1 || value > STDBIND_ERROR_IO) {
    return fail(failure(ErrorKind::invalid_argument, {"error_kind_name: ", kind, " is no error kind"}));
  }
  return copy_text(stdbind::name_of(static_cast<ErrorKind>(value)), buffer, size);
}

int64_t stdbind_live_handles(void) { return stdbind::live_handles.load(std::memory_order_relaxed); }

int64_t stdbind_page_size(void) { return give(stdbind::page_size()); }

int64_t stdbind_mmap_open_path(const char* path, int64_t path_length, int64_t mode, int64_t offset, int64_t length,
                               int64_t address) {
  if (path == nullptr) return fail(failure(ErrorKind::invalid_argument, {"open: the path is NULL"}));
  if (path_length < -1) return unusable("open", "path", path_length);
  const std::string_view text =
      path_length == -1 ? std::string_view(path) : std::string_view(path, size_of(path_length));
  return issue(Mmap::open(text, static_cast<Mode>(mode), offset, length, address));
}

int64_t stdbind_mmap_open_fd(int64_t fd, int64_t mode, int64_t offset, int64_t length, int64_t address) {
  if (fd < 0 || fd > std::numeric_limits<int>::max()) {
    return fail(failure(ErrorKind::invalid_argument, {"from_fd: ", fd, " is no file descriptor"}));
  }
  return issue(Mmap::from_fd(static_cast<int>(fd), static_cast<Mode>(mode), offset, length, address));
}

int64_t stdbind_mmap_open_anonymous(int64_t length, int64_t mode, int64_t address) {
  return issue(Mmap::anonymous(length, static_cast<Mode>(mode), address));
}

int64_t stdbind_mmap_close(stdbind_mmap mapping) {
  const auto mmap = mmaps.acquire(mapping);
  if (!mmap) return fail(mmap.state(), mapping);
  // Sealing lets one thread through; from then on no view can be pinned, and calls in flight end in their own time.
  if (const auto sealed = stdbind::detail::MmapAccess::seal(*mmap); !sealed) return fail(sealed.error());
  Result<void> closed;
  mmaps.close(mmap, [&](Mmap& object) {
    closed = stdbind::detail::MmapAccess::close_sealed(object);
    return closed.has_value();
  });
  return give(closed, 1);
}

int64_t stdbind_mmap_is_closed(stdbind_mmap mapping) {
  const HandleState state = mmaps.state_of(mapping);
  if (state == HandleState::never) return fail(state, mapping);
  return state == HandleState::closed ? 1 : 0;
}

int64_t stdbind_mmap_length(stdbind_mmap mapping) {
  const auto mmap = mmaps.acquire(mapping);
  if (!mmap) return fail(mmap.state(), mapping);
  return give(mmap->length());
}

int64_t stdbind_mmap_mode(stdbind_mmap mapping) {
  const auto mmap = mmaps.acquire(mapping);
  if (!mmap) return fail(mmap.state(), mapping);
  const auto mode = mmap->mode();
  return mode ? std::to_underlying(*mode) : fail(mode.error());
}

int64_t stdbind_mmap_read_at(stdbind_mmap mapping, int64_t offset, void* buffer, int64_t length) {
  const auto mmap = mmaps.acquire(mapping);
  if (!mmap) return fail(mmap.state(), mapping);
  if (!usable(buffer, length)) return unusable("read_at", "buffer", length);
  const std::span bytes(static_cast<std::byte*>(buffer), size_of(length));
  return give(mmap->read_at(offset, bytes), length);
}

int64_t stdbind_mmap_write_at(stdbind_mmap mapping, int64_t offset, const void* data, int64_t length) {
  const auto mmap = mmaps.acquire(mapping);
  if (!mmap) return fail(mmap.state(), mapping);
  if (!usable(data, length)) return unusable("write_at", "data", length);
  const std::span bytes(static_cast<const std::byte*>(data), size_of(length));
  return give(mmap->write_at(offset, bytes), length);
}

int64_t stdbind_mmap_read(stdbind_mmap mapping, void* buffer, int64_t length) {
  const auto mmap = mmaps.acquire(mapping);
  if (!mmap) return fail(mmap.state(), mapping);
  if (!usable(buffer, length)) return unusable("read", "buffer", length);
  return give(mmap->read(std::span(static_cast<std::byte*>(buffer), size_of(length))));
}

int64_t stdbind_mmap_write(stdbind_mmap mapping, const void* data, int64_t length) {
  const auto mmap = mmaps.acquire(mapping);
  if (!mmap) return fail(mmap.state(), mapping);
  if (!usable(data, length)) return unusable("write", "data", length);
  const std::span bytes(static_cast<const std::byte*>(data), size_of(length));
  return give(mmap->write(bytes), length);
}

int64_t stdbind_mmap_seek(stdbind_mmap mapping, int64_t offset, int64_t whence) {
  const auto mmap = mmaps.acquire(mapping);
  if (!mmap) return fail(mmap.state(), mapping);
  return give(mmap->seek(offset, static_cast<Whence>(whence)));
}

int64_t stdbind_mmap_tell(stdbind_mmap mapping) {
  const auto mmap = mmaps.acquire(mapping);
  if (!mmap) return fail(mmap.state(), mapping);
  return give(mmap->tell());
}

int64_t stdbind_mmap_view_begin(stdbind_mmap mapping, int64_t offset, int64_t length, int64_t* address) {
  const auto mmap = mmaps.acquire(mapping);
  if (!mmap) return fail(mmap.state(), mapping);
  if (address == nullptr) return fail(failure(ErrorKind::invalid_argument, {"view: the address pointer is NULL"}));
  const auto bytes = mmap->view_begin(offset, length);
  if (!bytes) return fail(bytes.error());
  *address = static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(bytes->data()));
  return static_cast<std::int64_t>(bytes->size());
}

int64_t stdbind_mmap_view_end(stdbind_mmap mapping) {
  const auto mmap = mmaps.acquire(mapping);
  if (!mmap) return fail(mmap.state(), mapping);
  return give(mmap->view_end());
}

int64_t stdbind_mmap_probe(stdbind_mmap mapping, int64_t offset, int64_t length) {
  const auto mmap = mmaps.acquire(mapping);
  if (!mmap) return fail(mmap.state(), mapping);
  return give(mmap->probe(offset, length), 1);
}

int64_t stdbind_mmap_flush(stdbind_mmap mapping, int64_t offset, int64_t length) {
  const auto mmap = mmaps.acquire(mapping);
  if (!mmap) return fail(mmap.state(), mapping);
  return give(mmap->flush(offset, length), 1);
}

int64_t stdbind_mmap_advise(stdbind_mmap mapping, int64_t offset, int64_t length, int64_t advice) {
  const auto mmap = mmaps.acquire(mapping);
  if (!mmap) return fail(mmap.state(), mapping);
  return give(mmap->advise(static_cast<Advice>(advice), offset, length), 1);
}
