// Bringing a range of a mapping into memory while the program goes on: Mmap::prefault starts it, and this object is
// asked how far it is. No thread outlives the object.
#ifndef STDBIND_PREFAULT_HPP
#define STDBIND_PREFAULT_HPP

#include <cstdint>
#include <stdbind/error.hpp>
#include <stdbind/mmap.hpp>
#include <utility>

namespace stdbind {

namespace detail {
struct Loading;
struct PrefaultAccess;
}  // namespace detail

/// A range of a mapping that a thread of its own brings into memory, from its start on. Move-only; the destructor
/// cancels, and waits for the thread.
///
/// Until it has ended (all is there, or it was cancelled, failed, or met its deadline) it pins the mapping as a view
/// does: close, resize and protect are busy, and destroying the Mmap leaves the pages in place. What was loaded can be
/// read meanwhile. In a child process made by fork(2) there is no such thread: there it has ended as cancelled.
///
/// *threads*: done, total, wait and cancel may run at the same time on one object; close, move and destruction may not
/// run beside any other call (the handles of abi.h allow that too).
class Prefault {
 public:
  /// A closed one.
  Prefault() noexcept = default;
  Prefault(Prefault&& other) noexcept : loading_(std::exchange(other.loading_, nullptr)) {}
  Prefault& operator=(Prefault&& other) noexcept {
    Prefault taken(std::move(other));
    std::swap(loading_, taken.loading_);
    return *this;
  }
  /// As close. *errors*: none. *allocates*: nothing. *threads*: not beside any other call on this object.
  ~Prefault();

  /// How many bytes from the start of the range have been brought into memory so far.
  ///
  /// *errors*: closed. *allocates*: nothing. *threads*: see the class.
  [[nodiscard]] Result<std::int64_t> done() const noexcept;

  /// How many bytes the range has. *errors*: closed. *allocates*: nothing. *threads*: see the class.
  [[nodiscard]] Result<std::int64_t> total() const noexcept;

  /// Waits until it has ended. Once ended it gives the same answer each time.
  ///
  /// @param timeout_ms how long at most, in milliseconds; 0 only looks, -1 waits for ever
  ///
  /// *errors*: closed, invalid_argument, timeout (it still runs; or its deadline has passed: the message tells which),
  /// cancelled, fault (a page cannot be read: what lies before it was loaded). *allocates*: nothing. *threads*: see the
  /// class.
  Result<void> wait(std::int64_t timeout_ms = -1) const noexcept;

  /// Asks it to stop, which it does after the step of at most 2 MiB that it is in; wait tells when. One that has ended
  /// stays as it is.
  ///
  /// *errors*: closed. *allocates*: nothing. *threads*: see the class.
  Result<void> cancel() noexcept;

  /// Cancels, waits for the thread, and gives everything up. What was loaded stays in memory.
  ///
  /// *errors*: closed. *allocates*: nothing. *threads*: not beside any other call on this object.
  Result<void> close() noexcept;

  /// Whether it is closed. *errors*: none. *allocates*: nothing. *threads*: see the class.
  [[nodiscard]] bool is_closed() const noexcept { return loading_ == nullptr; }

 private:
  friend struct detail::PrefaultAccess;

  detail::Loading* loading_ = nullptr;
};

}  // namespace stdbind

#endif
