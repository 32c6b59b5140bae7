// The flat interface: each function checks its handle and pointers, calls the C++ API and turns its error into a
// number. What the error says stays with the thread.
#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "failure.hpp"
#include "handles.hpp"
#include "loading.hpp"
#include "mapping.hpp"
#include "stdbind/abi.h"
#include "stdbind/prefault.hpp"

namespace {

using stdbind::Advice;
using stdbind::Error;
using stdbind::ErrorKind;
using stdbind::failure;
using stdbind::HandleState;
using stdbind::Mmap;
using stdbind::Mode;
using stdbind::OpenOptions;
using stdbind::Prefault;
using stdbind::Result;
using stdbind::Whence;

static_assert(std::to_underlying(ErrorKind::io) == STDBIND_ERROR_IO);
static_assert(std::to_underlying(Mode::allow_wx) == STDBIND_MODE_ALLOW_WX);
static_assert(std::to_underlying(Advice::dont_need) == STDBIND_ADVICE_DONT_NEED);
static_assert(std::to_underlying(Whence::end) == STDBIND_SEEK_END);
static_assert(std::to_underlying(OpenOptions::hugetlb_1g) == STDBIND_OPEN_HUGETLB_1G);

constinit thread_local Error last_error{.kind = ErrorKind::io, .os = 0, .message = {}};

using MmapTable = stdbind::HandleTable<Mmap, 1>;
constinit MmapTable mmaps;
using PrefaultTable = stdbind::HandleTable<Prefault, 2>;
constinit PrefaultTable prefaults;

[[gnu::cold]] std::int64_t fail(const Error& error) noexcept {
  last_error = error;
  return -std::int64_t{std::to_underlying(error.kind)};
}

[[gnu::cold]] std::int64_t fail(HandleState state, std::int64_t handle, std::string_view what = "mapping") noexcept {
  if (state == HandleState::closed) {
    return fail(failure(ErrorKind::closed, {"the ", what, " ", handle, " was closed"}));
  }
  return fail(failure(ErrorKind::invalid_argument, {handle, " is not a handle of a ", what}));
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

std::int64_t give(const Result<bool>& result) noexcept { return result ? std::int64_t{*result} : fail(result.error()); }

/// A text that came from outside: its length in bytes, or -1 if it ends with a NUL.
struct Text {
  const char* data;
  std::int64_t length;
  [[nodiscard]] bool usable() const noexcept { return data != nullptr && length >= -1; }
  [[nodiscard]] std::string_view view() const noexcept {
    return length == -1 ? std::string_view(data) : std::string_view(data, size_of(length));
  }
};

[[gnu::cold]] std::int64_t unusable(std::string_view function, std::string_view name, Text text) noexcept {
  if (text.data == nullptr) return fail(failure(ErrorKind::invalid_argument, {function, ": the ", name, " is NULL"}));
  return unusable(function, name, text.length);
}

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
  return stdbind_mmap_open_path_with(path, path_length, mode, offset, length, address, STDBIND_OPEN_NONE);
}

int64_t stdbind_mmap_open_fd(int64_t fd, int64_t mode, int64_t offset, int64_t length, int64_t address) {
  return stdbind_mmap_open_fd_with(fd, mode, offset, length, address, STDBIND_OPEN_NONE);
}

int64_t stdbind_mmap_open_anonymous(int64_t length, int64_t mode, int64_t address) {
  return stdbind_mmap_open_anonymous_with(length, mode, address, STDBIND_OPEN_NONE);
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

int64_t stdbind_mmap_open_path_with(const char* path, int64_t path_length, int64_t mode, int64_t offset, int64_t length,
                                    int64_t address, int64_t options) {
  const Text text{path, path_length};
  if (!text.usable()) return unusable("open", "path", text);
  return issue(
      Mmap::open(text.view(), static_cast<Mode>(mode), offset, length, address, static_cast<OpenOptions>(options)));
}

int64_t stdbind_mmap_open_fd_with(int64_t fd, int64_t mode, int64_t offset, int64_t length, int64_t address,
                                  int64_t options) {
  if (fd < 0 || fd > std::numeric_limits<int>::max()) {
    return fail(failure(ErrorKind::invalid_argument, {"from_fd: ", fd, " is no file descriptor"}));
  }
  return issue(Mmap::from_fd(static_cast<int>(fd), static_cast<Mode>(mode), offset, length, address,
                             static_cast<OpenOptions>(options)));
}

int64_t stdbind_mmap_open_anonymous_with(int64_t length, int64_t mode, int64_t address, int64_t options) {
  return issue(Mmap::anonymous(length, static_cast<Mode>(mode), address, static_cast<OpenOptions>(options)));
}

int64_t stdbind_mmap_open_beneath(const char* root, int64_t root_length, const char* path, int64_t path_length,
                                  int64_t mode, int64_t offset, int64_t length, int64_t options) {
  const Text directory{root, root_length};
  if (!directory.usable()) return unusable("open_beneath", "root", directory);
  const Text text{path, path_length};
  if (!text.usable()) return unusable("open_beneath", "path", text);
  return issue(Mmap::open_beneath(directory.view(), text.view(), static_cast<Mode>(mode), offset, length,
                                  static_cast<OpenOptions>(options)));
}

int64_t stdbind_mmap_create_path(const char* path, int64_t path_length, int64_t mode, int64_t length,
                                 int64_t options) {
  const Text text{path, path_length};
  if (!text.usable()) return unusable("create", "path", text);
  return issue(Mmap::create(text.view(), static_cast<Mode>(mode), length, static_cast<OpenOptions>(options)));
}

int64_t stdbind_mmap_create_named(const char* name, int64_t name_length, int64_t mode, int64_t length) {
  const Text text{name, name_length};
  if (!text.usable()) return unusable("create_named", "name", text);
  return issue(Mmap::create_named(text.view(), static_cast<Mode>(mode), length));
}

int64_t stdbind_mmap_open_named(const char* name, int64_t name_length, int64_t mode, int64_t offset, int64_t length) {
  const Text text{name, name_length};
  if (!text.usable()) return unusable("open_named", "name", text);
  return issue(Mmap::open_named(text.view(), static_cast<Mode>(mode), offset, length));
}

int64_t stdbind_mmap_unlink_named(const char* name, int64_t name_length) {
  const Text text{name, name_length};
  if (!text.usable()) return unusable("unlink_named", "name", text);
  return give(Mmap::unlink_named(text.view()), 1);
}

int64_t stdbind_mmap_open_sealed(int64_t length, int64_t mode) {
  return issue(Mmap::open_sealed(length, static_cast<Mode>(mode)));
}

int64_t stdbind_mmap_descriptor(stdbind_mmap mapping) {
  const auto mmap = mmaps.acquire(mapping);
  if (!mmap) return fail(mmap.state(), mapping);
  const auto descriptor = mmap->descriptor();
  return descriptor ? std::int64_t{*descriptor} : fail(descriptor.error());
}

// What no other call may run beside waits until it is alone with the mapping.
int64_t stdbind_mmap_resize(stdbind_mmap mapping, int64_t length) {
  const auto mmap = mmaps.acquire_alone(mapping);
  if (!mmap) return fail(mmap.state(), mapping);
  return give(mmap->resize(length), 1);
}

int64_t stdbind_mmap_protect(stdbind_mmap mapping, int64_t mode) {
  const auto mmap = mmaps.acquire_alone(mapping);
  if (!mmap) return fail(mmap.state(), mapping);
  return give(mmap->protect(static_cast<Mode>(mode)), 1);
}

int64_t stdbind_mmap_make_executable(stdbind_mmap mapping) {
  const auto mmap = mmaps.acquire_alone(mapping);
  if (!mmap) return fail(mmap.state(), mapping);
  return give(mmap->make_executable(), 1);
}

int64_t stdbind_mmap_lock(stdbind_mmap mapping, int64_t offset, int64_t length) {
  const auto mmap = mmaps.acquire(mapping);
  if (!mmap) return fail(mmap.state(), mapping);
  return give(mmap->lock(offset, length), 1);
}

int64_t stdbind_mmap_unlock(stdbind_mmap mapping, int64_t offset, int64_t length) {
  const auto mmap = mmaps.acquire(mapping);
  if (!mmap) return fail(mmap.state(), mapping);
  return give(mmap->unlock(offset, length), 1);
}

int64_t stdbind_mmap_resident(stdbind_mmap mapping, int64_t offset, int64_t length) {
  const auto mmap = mmaps.acquire(mapping);
  if (!mmap) return fail(mmap.state(), mapping);
  return give(mmap->resident(offset, length));
}

int64_t stdbind_mmap_is_mapped(stdbind_mmap mapping) {
  const auto mmap = mmaps.acquire(mapping);
  if (!mmap) return fail(mmap.state(), mapping);
  return give(mmap->is_mapped());
}

int64_t stdbind_mmap_update(stdbind_mmap mapping, int64_t offset, const void* data, int64_t length) {
  const auto mmap = mmaps.acquire(mapping);
  if (!mmap) return fail(mmap.state(), mapping);
  if (!usable(data, length)) return unusable("update", "data", length);
  const std::span bytes(static_cast<const std::byte*>(data), size_of(length));
  return give(mmap->update(offset, bytes), length);
}

int64_t stdbind_mmap_flush_async(stdbind_mmap mapping, int64_t offset, int64_t length) {
  const auto mmap = mmaps.acquire(mapping);
  if (!mmap) return fail(mmap.state(), mapping);
  return give(mmap->flush_async(offset, length), 1);
}

int64_t stdbind_mmap_is_stale(stdbind_mmap mapping) {
  const auto mmap = mmaps.acquire(mapping);
  if (!mmap) return fail(mmap.state(), mapping);
  return give(mmap->is_stale());
}

int64_t stdbind_set_positioned_limit(int64_t bytes) { return give(stdbind::set_positioned_limit(bytes)); }

int64_t stdbind_read_direct(const char* path, int64_t path_length, int64_t offset, void* buffer, int64_t length) {
  const Text text{path, path_length};
  if (!text.usable()) return unusable("read_direct", "path", text);
  if (!usable(buffer, length)) return unusable("read_direct", "buffer", length);
  return give(stdbind::read_direct(text.view(), offset, std::span(static_cast<std::byte*>(buffer), size_of(length))));
}

int64_t stdbind_prefault_start(stdbind_mmap mapping, int64_t offset, int64_t length, int64_t deadline_ms) {
  const auto mmap = mmaps.acquire(mapping);
  if (!mmap) return fail(mmap.state(), mapping);
  auto prefault = mmap->prefault(offset, length, deadline_ms);
  if (!prefault) return fail(prefault.error());
  const std::int64_t handle = prefaults.issue(std::move(*prefault));
  if (handle == 0) return fail(failure(ErrorKind::limit, {"prefault: no handle is left; close others first"}));
  return handle;
}

int64_t stdbind_prefault_done(stdbind_prefault prefault) {
  const auto work = prefaults.acquire(prefault);
  if (!work) return fail(work.state(), prefault, "prefault");
  return give(work->done());
}

int64_t stdbind_prefault_total(stdbind_prefault prefault) {
  const auto work = prefaults.acquire(prefault);
  if (!work) return fail(work.state(), prefault, "prefault");
  return give(work->total());
}

int64_t stdbind_prefault_wait(stdbind_prefault prefault, int64_t timeout_ms) {
  const auto work = prefaults.acquire(prefault);
  if (!work) return fail(work.state(), prefault, "prefault");
  return give(work->wait(timeout_ms), 1);
}

int64_t stdbind_prefault_cancel(stdbind_prefault prefault) {
  const auto work = prefaults.acquire(prefault);
  if (!work) return fail(work.state(), prefault, "prefault");
  return give(work->cancel(), 1);
}

int64_t stdbind_prefault_close(stdbind_prefault prefault) {
  const auto work = prefaults.acquire(prefault);
  if (!work) return fail(work.state(), prefault, "prefault");
  // Stopped first, so that a call which waits on another thread ends, and the mapping is free when this returns.
  if (const auto stopped = stdbind::detail::PrefaultAccess::stop(*work); !stopped) return fail(stopped.error());
  prefaults.close(work, [](Prefault&) { return true; });
  return 1;
}
