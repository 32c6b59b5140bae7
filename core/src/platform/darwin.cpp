// macOS: the table of system calls, and what it does in another way than Linux or not at all.
#include <crt_externs.h>
#include <fcntl.h>
#include <mach-o/dyld.h>
#include <sys/mount.h>
#include <sys/event.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "platform/platform.hpp"
#include "platform/posix_calls.hpp"

namespace stdbind::platform {

namespace {
constexpr std::unexpected<std::int32_t> unsupported() noexcept { return std::unexpected(std::int32_t{ENOTSUP}); }
}  // namespace

// open, fcntl and shm_open take varargs, and so cannot stand in a table themselves. What the system does not have is
// null: nothing below calls it.
SystemCalls system_calls = {
    .open = [](const char* path, int flags, mode_t mode) { return ::open(path, flags, mode); },
    .close = ::close,
    .fstat = ::fstat,
    .fstatfs = ::fstatfs,
    .get_flags = [](int fd) { return ::fcntl(fd, F_GETFL); },
    .duplicate = [](int fd, int from) { return ::fcntl(fd, F_DUPFD_CLOEXEC, from); },
    .add_seals = nullptr,
    .unlink = ::unlink,
    .ftruncate = ::ftruncate,
    // F_PREALLOCATE gives room behind the end; the file becomes longer by ftruncate.
    .posix_fallocate =
        [](int fd, off_t offset, off_t length) {
          fstore_t store = {};
          store.fst_flags = F_ALLOCATEALL;
          store.fst_posmode = F_PEOFPOSMODE;
          store.fst_length = length;
          if (::fcntl(fd, F_PREALLOCATE, &store) != 0) return errno;
          return ::ftruncate(fd, offset + length) == 0 ? 0 : errno;
        },
    .posix_fadvise = nullptr,
    .openat = [](int directory, const char* path, int flags) { return ::openat(directory, path, flags); },
    .openat2 =
        [](int, const char*, int, std::uint64_t) {
          errno = ENOSYS;
          return -1;
        },
    .fstatat = ::fstatat,
    .read = ::read,
    .pread = ::pread,
    .pwrite = ::pwrite,
    // F_FULLFSYNC also empties the cache of the disk; not every file system knows it.
    .fdatasync = [](int fd) { return ::fcntl(fd, F_FULLFSYNC) == 0 ? 0 : ::fsync(fd); },
    .sync_file_range = nullptr,
    .file_size_limit = [](struct rlimit* limit) { return ::getrlimit(RLIMIT_FSIZE, limit); },
    .shm_open = [](const char* name, int flags, mode_t mode) { return ::shm_open(name, flags, mode); },
    .shm_unlink = ::shm_unlink,
    .memfd_create = nullptr,
    .mmap = ::mmap,
    .munmap = ::munmap,
    .mremap = nullptr,
    .mprotect = ::mprotect,
    .mlock = ::mlock,
    .munlock = ::munlock,
    .mincore = [](void* address, std::size_t length,
                  unsigned char* pages) { return ::mincore(address, length, reinterpret_cast<char*>(pages)); },
    .msync = ::msync,
    .madvise = ::madvise,
    .inotify_init1 = nullptr,
    .inotify_add_watch = nullptr,
    .kqueue = ::kqueue,
    .kevent = ::kevent,
    .pthread_create = ::pthread_create,
    .pthread_join = ::pthread_join,
    .clock_gettime = ::clock_gettime,
    .nanosleep = ::nanosleep,
    .getpid = ::getpid,
    .sysconf = ::sysconf,
    .sigaction = ::sigaction,
    .poll = ::poll,
    .socketpair =
        [](int* sockets) {
          if (::socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) != 0) return -1;
          for (const int i : {0, 1}) ::fcntl(sockets[i], F_SETFD, FD_CLOEXEC);
          return 0;
        },
    .posix_spawn =
        [](pid_t* process, const char* program, const posix_spawn_file_actions_t* actions,
           const posix_spawnattr_t* attributes, char* const* arguments) {
          return ::posix_spawn(process, program, actions, attributes, arguments, *::_NSGetEnviron());
        },
    .sendmsg = ::sendmsg,
    .recvmsg = ::recvmsg,
    .waitpid = ::waitpid,
    .kill = ::kill,
    .geteuid = ::geteuid,
    .getegid = ::getegid,
};

const int directory_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
const int sending_flags = 0;
const int receiving_flags = 0;

const char* trusted_variable(const char* name) noexcept { return ::issetugid() != 0 ? nullptr : ::getenv(name); }

std::string_view program_path(std::span<char> storage) noexcept {
  auto size = static_cast<std::uint32_t>(storage.size());
  return ::_NSGetExecutablePath(storage.data(), &size) == 0 ? std::string_view(storage.data()) : std::string_view();
}

void init_monotonic(pthread_cond_t& condition) noexcept { ::pthread_cond_init(&condition, nullptr); }

void wait_monotonic(pthread_cond_t& condition, pthread_mutex_t& mutex, std::int64_t milliseconds) noexcept {
  constexpr std::int64_t most = 1'000'000'000;  // so that no sum becomes too big; the caller waits again
  const std::int64_t wait = std::min(milliseconds, most);
  struct timespec time = {};
  time.tv_sec = static_cast<time_t>(wait / 1000);
  time.tv_nsec = static_cast<long>(wait % 1000) * 1'000'000;
  ::pthread_cond_timedwait_relative_np(&condition, &mutex, &time);
}

// Unlike on Linux, MS_ASYNC does begin to write here.
System<void> begin_flush(File, std::int64_t, std::byte* address, std::size_t length) noexcept {
  return done_if_zero(uninterrupted([&] { return system_calls.msync(address, length, MS_ASYNC); }));
}

System<File> start_watch(File file) noexcept {
  const int queue = system_calls.kqueue();
  if (queue < 0) return failed();
  ::fcntl(queue, F_SETFD, FD_CLOEXEC);
  struct kevent wanted = {};
  constexpr unsigned notes =
      NOTE_WRITE | NOTE_EXTEND | NOTE_ATTRIB | NOTE_LINK | NOTE_RENAME | NOTE_DELETE | NOTE_REVOKE;
  EV_SET(&wanted, static_cast<std::uintptr_t>(file), EVFILT_VNODE, EV_ADD | EV_CLEAR, notes, 0, nullptr);
  if (system_calls.kevent(queue, &wanted, 1, nullptr, 0, nullptr) == 0) return queue;
  const int os = errno;
  system_calls.close(queue);
  return std::unexpected(std::int32_t{os});
}

bool is_limit_on_watches(std::int32_t, File) noexcept { return false; }

System<Changes> take_changes(File watch) noexcept {
  struct kevent event = {};
  constexpr struct timespec at_once = {};
  const int count = uninterrupted(
      [&] { return system_calls.kevent(static_cast<int>(watch), nullptr, 0, &event, 1, &at_once); });
  if (count < 0) return failed();
  if (count == 0) return Changes{};
  return Changes{.content = (event.fflags & (NOTE_WRITE | NOTE_EXTEND)) != 0,
                 .moved = (event.fflags & (NOTE_RENAME | NOTE_DELETE | NOTE_REVOKE)) != 0,
                 .attributes = (event.fflags & (NOTE_ATTRIB | NOTE_LINK)) != 0};
}

System<File> open_direct(const char* path) noexcept {
  constexpr int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  const int fd = uninterrupted([&] { return system_calls.open(path, flags, 0); });
  if (fd < 0) return failed();
  if (::fcntl(fd, F_NOCACHE, 1) == 0) return fd;
  const int os = errno;
  system_calls.close(fd);
  return std::unexpected(std::int32_t{os});
}

void advise_random(File) noexcept {}

System<File> create_memory() noexcept { return unsupported(); }
System<void> seal_size(File) noexcept { return unsupported(); }
System<Mapped> map_huge(std::size_t, std::size_t, bool, Mode) noexcept { return unsupported(); }

System<void> check_memory(File, std::int64_t) noexcept { return {}; }

System<Mapped> remap(Mapped mapped, std::size_t from, std::size_t to, Behind behind) noexcept {
  return map_again(mapped, from, to, behind);
}

bool populate_private(Guarded range, std::byte* begin, std::byte* end, std::size_t page) noexcept {
  return populate(range, begin, end, page);
}

System<void> populate_new(std::byte* address, std::size_t length, std::size_t page) noexcept {
  if (!write_zeroes(address, length, page)) return std::unexpected(std::int32_t{ENOMEM});
  return {};
}

}  // namespace stdbind::platform
