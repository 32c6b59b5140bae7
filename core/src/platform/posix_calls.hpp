// The system calls of the POSIX platform file, in one table. Nothing calls the system past it, so that a test can
// replace an entry, make the n-th call fail, or refuse what a machine with bigger pages would refuse.
#ifndef STDBIND_POSIX_CALLS_HPP
#define STDBIND_POSIX_CALLS_HPP

#include <poll.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <ctime>

#include "platform/platform.hpp"

struct kevent;  // of the systems that have it
struct statfs;

namespace stdbind::platform {

/// Each entry has the meaning, the result and the errno of the function that it is named after.
struct SystemCalls {
  int (*open)(const char* path, int flags, mode_t mode);
  int (*close)(int fd);
  int (*fstat)(int fd, struct stat* info);
  int (*fstatfs)(int fd, struct statfs* info);
  int (*get_flags)(int fd);             ///< fcntl(fd, F_GETFL)
  int (*duplicate)(int fd, int from);   ///< fcntl(fd, F_DUPFD_CLOEXEC, from)
  int (*add_seals)(int fd, int seals);  ///< fcntl(fd, F_ADD_SEALS, seals)
  int (*unlink)(const char* path);
  int (*ftruncate)(int fd, off_t size);
  int (*posix_fallocate)(int fd, off_t offset, off_t length);  ///< returns the number of the error
  int (*posix_fadvise)(int fd, off_t offset, off_t length, int advice);
  int (*openat)(int directory, const char* path, int flags);
  int (*openat2)(int directory, const char* path, int flags, std::uint64_t resolve);
  int (*fstatat)(int directory, const char* path, struct stat* info, int flags);
  ssize_t (*read)(int fd, void* buffer, std::size_t size);
  ssize_t (*pread)(int fd, void* buffer, std::size_t size, off_t offset);
  ssize_t (*pwrite)(int fd, const void* data, std::size_t size, off_t offset);
  int (*fdatasync)(int fd);
  int (*sync_file_range)(int fd, off_t offset, off_t length, unsigned flags);
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
  int (*inotify_init1)(int flags);
  int (*inotify_add_watch)(int fd, const char* path, std::uint32_t mask);
  int (*kqueue)();
  int (*kevent)(int queue, const struct kevent* changes, int change_count, struct kevent* events, int event_count,
                const struct timespec* timeout);
  int (*pthread_create)(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*),
                        void* argument);  ///< returns the number of the error
  int (*pthread_join)(pthread_t thread, void** result);  ///< returns the number of the error
  int (*clock_gettime)(clockid_t clock, struct timespec* time);
  int (*nanosleep)(const struct timespec* time, struct timespec* left);
  pid_t (*getpid)();
  long (*sysconf)(int name);
  int (*sigaction)(int signal, const struct sigaction* action, struct sigaction* previous);
  int (*poll)(struct pollfd* descriptors, nfds_t count, int milliseconds);
  // Loader processes:
  int (*socketpair)(int* sockets);  ///< of AF_UNIX and SOCK_STREAM, closed when another program begins
  int (*posix_spawn)(pid_t* process, const char* program, const posix_spawn_file_actions_t* actions,
                     const posix_spawnattr_t* attributes,
                     char* const* arguments);  ///< with the variables of this process; returns the number of the error
  ssize_t (*sendmsg)(int socket, const struct msghdr* message, int flags);
  ssize_t (*recvmsg)(int socket, struct msghdr* message, int flags);
  pid_t (*waitpid)(pid_t process, int* status, int options);
  int (*kill)(pid_t process, int signal);
  uid_t (*geteuid)();
  gid_t (*getegid)();
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

/// How a directory is opened that only stands at the start of paths.
extern const int directory_flags;
/// How a file is opened to be mapped, without waiting for whatever lies there.
int opening_flags(bool writable) noexcept;

/// How loader processes are spoken to: MSG_NOSIGNAL and MSG_CMSG_CLOEXEC where there are such flags, otherwise 0.
extern const int sending_flags;
extern const int receiving_flags;
/// A variable of the environment; null if whoever set it may not have the rights of this process.
const char* trusted_variable(const char* name) noexcept;
/// The path of the program that this process runs; empty if the system does not tell.
std::string_view program_path(std::span<char> storage) noexcept;

/// A condition whose waits follow the monotonic clock, and a wait of so many milliseconds.
void init_monotonic(pthread_cond_t& condition) noexcept;
void wait_monotonic(pthread_cond_t& condition, pthread_mutex_t& mutex, std::int64_t milliseconds) noexcept;

/// Whether memory for so many more bytes of a file is there, if the file lies in memory: the system would not say no, but
/// end a process when it has none left.
System<void> check_memory(File file, std::int64_t bytes) noexcept;
}  // namespace stdbind::platform

#endif
