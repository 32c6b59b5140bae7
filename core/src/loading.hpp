// A running prefault, and what the handles of abi.h need of it: ending it while other calls are in flight.
#ifndef STDBIND_LOADING_HPP
#define STDBIND_LOADING_HPP

#include <atomic>
#include <stdbind/prefault.hpp>

#include "mapping.hpp"

namespace stdbind::detail {

/// Shared by the object and its thread, which is joined before this goes.
struct Loading : platform::Task {
  enum class End { none, complete, cancelled, deadline, fault };

  std::atomic<Mapping*> mapping{nullptr};  ///< pinned; null once it is not any more
  std::int64_t offset = 0;
  std::int64_t total = 0;
  std::size_t page = 0;
  std::int64_t deadline_ms = to_end;        ///< as it was asked for
  std::int64_t deadline = platform::never;  ///< of platform::milliseconds
  std::atomic<std::int64_t> done{0};
  std::atomic<bool> cancelled{false};
  std::atomic<bool> stopped{false};
  std::int64_t process = 0;  ///< where the thread is
  platform::Thread thread = 0;
  bool has_thread = false;
  platform::Monitor monitor;
  End end = End::none;  ///< guarded by monitor
};

/// Brings a part of a mapping into memory; false if a page is gone. Private memory that nobody has written to has no
/// pages yet that reading could bring.
bool bring_in(const Mapping& mapping, std::byte* begin, std::byte* end, std::size_t page) noexcept;

/// *threads*: stop may run beside any call but moving and destruction.
struct PrefaultAccess {
  /// Cancels and waits until the thread has ended: the first half of close. Calls of other threads that wait return
  /// `cancelled`; destroying the object does the rest. *errors*: closed (it was stopped before).
  static Result<void> stop(Prefault& prefault) noexcept;
  static Prefault adopt(Loading* loading) noexcept;
};

}  // namespace stdbind::detail

#endif
