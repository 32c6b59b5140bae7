// The control block of one mapping, shared by an Mmap, its pinned views and running prefaults: the pages live until the
// last of them is gone. The word `pins` decides who ends it: {orphan, sealed, count of prefaults, count of views}.
#ifndef STDBIND_MAPPING_HPP
#define STDBIND_MAPPING_HPP

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdbind/mmap.hpp>
#include <string_view>

#include "platform/platform.hpp"

namespace stdbind::detail {

struct Watching;

struct Mapping {
  std::byte* data;      ///< the first byte that the caller asked for
  std::uint64_t size;   ///< how many bytes the caller asked for
  std::byte* base;      ///< the page that holds the first byte; null if nothing is mapped: size is 0, or positioned
  platform::File kept;  ///< what the platform file wants back when the mapping is flushed or ends
  std::size_t mapped;
  Mode mode;
  OpenOptions options;
  platform::File file;       ///< a descriptor of our own, if the options need one; no_file otherwise
  std::int64_t file_offset;  ///< where data begins in the file
  std::size_t huge_page;     ///< the size of its pages if the system has to be asked in whole huge pages; otherwise 0
  bool anonymous;
  bool positioned;  ///< not mapped: reads take the bytes from the file
  bool readable;
  bool writable;
  bool was_writable;  ///< at any time, so that pages may be dirty
  bool quick_read;    ///< readable, and a read has nothing else to look at: what read_at asks first
  std::atomic<std::int64_t> cursor{0};
  std::atomic<std::uint32_t> pins{0};
  Watching* watching = nullptr;  ///< with OpenOptions::watch; ours

  platform::Mapped pages() const noexcept { return {base, kept}; }
  platform::Guarded guarded() const noexcept { return {base, mapped}; }
  bool is_private() const noexcept { return has(mode, Mode::cow); }
  bool shares_file() const noexcept { return !anonymous && !is_private(); }

  /// Takes the mode over into the flags that follow from it.
  void set_mode(Mode value) noexcept {
    mode = value;
    writable = has(value, Mode::write);
    was_writable = was_writable || writable;
    readable = writable || has(value, Mode::read);
    quick_read = readable && !positioned && !has(options, OpenOptions::strict);
  }

  static constexpr std::uint32_t orphan = 1U << 31U;  ///< the Mmap is gone; the last pin unmaps
  static constexpr std::uint32_t sealed = 1U << 30U;  ///< close has begun; no new pins
  static constexpr std::uint32_t prefault = 1U << 20U;
  static constexpr std::uint32_t prefaults = sealed - prefault;
  static constexpr std::uint32_t view = 1;
  static constexpr std::uint32_t views = prefault - 1;
};

/// Pins the pages by a view or a prefault. *errors*: closed (close has begun), limit.
Result<void> pin(std::string_view function, Mapping& mapping, std::uint32_t unit) noexcept;
/// Ends such a pin, and with the last one the mapping if its Mmap is gone. Returns the word as it is then; nothing if
/// there was no such pin.
std::optional<std::uint32_t> unpin(Mapping* mapping, std::uint32_t unit) noexcept;

/// What a mapping of nothing points to: not null, since many languages have no null spans.
std::byte* no_bytes() noexcept;
/// Ends a mapping that nobody uses any more.
void destroy(Mapping* mapping) noexcept;

/// What the handles of abi.h and other parts of the core need beyond the public interface: closing in two steps, so
/// that calls of other threads can end in between. *threads*: seal may run beside any call; the others as Mmap::close.
struct MmapAccess {
  /// Refuses new views from now on. *errors*: busy, closed.
  static Result<void> seal(Mmap& mmap) noexcept;
  /// Ends a sealed mapping. On an error it is open again, not sealed.
  static Result<void> close_sealed(Mmap& mmap) noexcept;
  static Mapping* mapping_of(const Mmap& mmap) noexcept { return mmap.mapping_; }
  /// The public object for a new control block.
  static Result<Mmap> adopt(Result<Mapping*> mapping) noexcept;
};

}  // namespace stdbind::detail

#endif
