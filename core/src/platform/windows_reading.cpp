// Windows: pipes are not read here, and nothing is told ahead; regular files are read by position.
#include "platform/platform.hpp"
#include "platform/windows_calls.hpp"

namespace stdbind::platform {

System<std::size_t> read_pipe(File, std::span<std::byte>) noexcept {
  return std::unexpected(static_cast<std::int32_t>(ERROR_NOT_SUPPORTED));
}

void read_ahead(File, std::int64_t) noexcept {}
void offer(std::byte*, std::size_t) noexcept {}

}  // namespace stdbind::platform
