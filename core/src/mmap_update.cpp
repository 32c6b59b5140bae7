// Changes that reach the disk past the pages: durable writes, and write-out that nobody waits for.
#include "checks.hpp"

namespace stdbind {

Result<void> Mmap::update(std::int64_t, std::span<const std::byte>) noexcept {
  return detail::fail(ErrorKind::unsupported, {"update"});
}
Result<void> Mmap::flush_async(std::int64_t, std::int64_t) noexcept {
  return detail::fail(ErrorKind::unsupported, {"flush_async"});
}

}  // namespace stdbind
