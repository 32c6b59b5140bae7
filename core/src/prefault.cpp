// Prefault: a range is brought into memory, step by step, by a thread of its own.
#include <stdbind/prefault.hpp>

#include "checks.hpp"
#include "loading.hpp"

namespace stdbind {

Prefault::~Prefault() = default;
Result<std::int64_t> Prefault::done() const noexcept { return detail::fail(ErrorKind::unsupported, {"done"}); }
Result<std::int64_t> Prefault::total() const noexcept { return detail::fail(ErrorKind::unsupported, {"total"}); }
Result<void> Prefault::wait(std::int64_t) const noexcept { return detail::fail(ErrorKind::unsupported, {"wait"}); }
Result<void> Prefault::cancel() noexcept { return detail::fail(ErrorKind::unsupported, {"cancel"}); }
Result<void> Prefault::close() noexcept { return detail::fail(ErrorKind::unsupported, {"close"}); }
Result<void> detail::PrefaultAccess::stop(Prefault&) noexcept { return fail(ErrorKind::unsupported, {"close"}); }

Result<Prefault> Mmap::prefault(std::int64_t, std::int64_t, std::int64_t) noexcept {
  return detail::fail(ErrorKind::unsupported, {"prefault"});
}

}  // namespace stdbind
