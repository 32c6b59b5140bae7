// POSIX systems: reading what cannot be read by position, and telling ahead what will be read.
#include <fcntl.h>

#include "platform/platform.hpp"
#include "platform/posix_calls.hpp"

namespace stdbind::platform {

System<std::size_t> read_pipe(File file, std::span<std::byte> buffer) noexcept {
  const int fd = static_cast<int>(file);
  for (;;) {
    const ssize_t count = uninterrupted([&] { return system_calls.read(fd, buffer.data(), buffer.size()); });
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EAGAIN) return failed();
    // It is open without waiting, so that one that has no writer is at its end. This one has.
    struct pollfd wanted = {.fd = fd, .events = POLLIN, .revents = 0};
    if (uninterrupted([&] { return system_calls.poll(&wanted, 1, -1); }) < 0) return failed();
  }
}

void read_ahead([[maybe_unused]] File file, [[maybe_unused]] std::int64_t length) noexcept {
#if defined(POSIX_FADV_WILLNEED)
  if (system_calls.posix_fadvise == nullptr) return;  // not there on every system
  system_calls.posix_fadvise(static_cast<int>(file), 0, static_cast<off_t>(length), POSIX_FADV_WILLNEED);
#endif
}

void offer([[maybe_unused]] std::byte* address, [[maybe_unused]] std::size_t length) noexcept {
#if defined(MADV_FREE)
  system_calls.madvise(address, length, MADV_FREE);
#endif
}

}  // namespace stdbind::platform
