// Opening beneath a directory: nothing that lies elsewhere is ever opened.
#include "checks.hpp"

namespace stdbind {

Result<Mmap> Mmap::open_beneath(std::string_view, std::string_view, Mode, std::int64_t, std::int64_t,
                                OpenOptions) noexcept {
  return detail::fail(ErrorKind::unsupported, {"open_beneath"});
}

}  // namespace stdbind
