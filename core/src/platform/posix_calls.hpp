// The system calls of the POSIX platform file, in one table. Nothing calls the system past it, so that a test can
// replace an entry, make the n-th call fail, or refuse what a machine with bigger pages would refuse.
#ifndef STDBIND_POSIX_CALLS_HPP
#define STDBIND_POSIX_CALLS_HPP

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <cerrno>
#include <csignal>
#include <cstddef>

#include "platform/platform.hpp"

namespace stdbind::platform {

/// Each entry has the meaning, the result and the errno of the function that it is named after.
struct SystemCalls {
  int (*open)(const char* path, int flags, mode_t mode);
  int (*close)(int fd);
  int (*fstat)(int fd, struct stat* info);
  int (*get_flags)(int fd);             ///< fcntl(fd, F_GETFL)
  int (*duplicate)(int fd, int from);   ///< fcntl(fd, F_DUPFD_CLOEXEC, from)
  int (*add_seals)(int fd, int seals);  ///< fcntl(fd, F_ADD_SEALS, seals)
  int (*unlink)(const char* path);
  int (*ftruncate)(int fd, off_t size);
  int (*posix_fallocate)(int fd, off_t offset, off_t length);  ///< returns the number of the error
  int (*posix_fadvise)(int fd, off_t offset, off_t length, int advice);
  ssize_t (*pread)(int fd, void* buffer, std::size_t size, off_t offset);
  int (*file_size_limit)(struct rlimit* limit);  ///< getrlimit(RLIMIT_FSIZE, limit)
  int (*shm_open)(const char* name, int flags, mode_t mode);
  int (*shm_unlink)(const char* name);
  int (*memfd_create)(const char* name, unsigned flags);
  void* (*mmap)(void* hint, std::size_t length, int protection, int flags, int fd, off_t offset);
  int (*munmap)(void* address, std::size_t length);
  void* (*mremap)(void* address, std::size_t from, std::size_t to, int flags);
  int (*mprotect)(void* address, std::size_t length, int protection);
  int (*mlock)(const void* address, std::size_t length);
  int (*munlock)(const void* address, std::size_t length);
  int (*mincore)(void* address, std::size_t length, unsigned char* pages);
  int (*msync)(void* address, std::size_t length, int flags);
  int (*madvise)(void* address, std::size_t length, int advice);
  long (*sysconf)(int name);
  int (*sigaction)(int signal, const struct sigaction* action, struct sigaction* previous);
};

/// To be changed only while no other thread is inside the library. Each system's own file fills it.
extern SystemCalls system_calls;

inline std::unexpected<std::int32_t> failed() noexcept { return std::unexpected(static_cast<std::int32_t>(errno)); }

inline System<void> done_if_zero(int result) noexcept {
  if (result != 0) return failed();
  return {};
}

/// Repeats a call that a signal interrupted.
template <class Call>
auto uninterrupted(Call call) noexcept {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

int protection_of(Mode mode) noexcept;

/// Maps once more, takes the bytes over where no file has them, and gives the old pages up.
System<Mapped> map_again(Mapped mapped, std::size_t from, std::size_t to, Behind behind) noexcept;
/// Writes one zero to each page of new memory, which brings it into being.
System<void> write_zeroes(std::byte* address, std::size_t length, std::size_t page) noexcept;

}  // namespace stdbind::platform

#endif
