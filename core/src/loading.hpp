// What the handles of abi.h need of a Prefault beyond its public interface: ending it while other calls are in flight.
#ifndef STDBIND_LOADING_HPP
#define STDBIND_LOADING_HPP

#include <stdbind/prefault.hpp>

namespace stdbind::detail {

/// *threads*: stop may run beside any call but moving and destruction.
struct PrefaultAccess {
  /// Cancels and waits until the thread has ended: the first half of close. Calls of other threads that wait return
  /// `cancelled`; destroying the object does the rest. *errors*: closed (it was stopped before).
  static Result<void> stop(Prefault& prefault) noexcept;
};

}  // namespace stdbind::detail

#endif
