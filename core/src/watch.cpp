// Whether others have changed the file of a mapping.
#include "checks.hpp"

namespace stdbind {

Result<bool> Mmap::is_stale() const noexcept { return detail::fail(ErrorKind::unsupported, {"is_stale"}); }

}  // namespace stdbind
