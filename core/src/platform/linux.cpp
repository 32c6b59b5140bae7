// Linux: the table of system calls, and what other POSIX systems do in another way or not at all.
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "platform/platform.hpp"
#include "platform/posix_calls.hpp"

namespace stdbind::platform {

// open, fcntl and mremap take varargs, and so cannot stand in a table themselves.
SystemCalls system_calls = {
    .open = [](const char* path, int flags, mode_t mode) { return ::open(path, flags, mode); },
    .close = ::close,
    .fstat = ::fstat,
    .fstatfs = ::fstatfs,
    .get_flags = [](int fd) { return ::fcntl(fd, F_GETFL); },
    .duplicate = [](int fd, int from) { return ::fcntl(fd, F_DUPFD_CLOEXEC, from); },
    .add_seals = [](int fd, int seals) { return ::fcntl(fd, F_ADD_SEALS, seals); },
    .unlink = ::unlink,
    .ftruncate = ::ftruncate,
    .posix_fallocate = ::posix_fallocate,
    .posix_fadvise = ::posix_fadvise,
    .openat = [](int directory, const char* path, int flags) { return ::openat(directory, path, flags); },
    .openat2 =
        [](int directory, const char* path, int flags, std::uint64_t resolve) {
          struct open_how how = {};
          how.flags = static_cast<unsigned>(flags);
          how.resolve = resolve;
          return static_cast<int>(::syscall(SYS_openat2, directory, path, &how, sizeof how));
        },
    .fstatat = ::fstatat,
    .read = ::read,
    .pread = ::pread,
    .pwrite = ::pwrite,
    .fdatasync = ::fdatasync,
    .sync_file_range = ::sync_file_range,
    .file_size_limit = [](struct rlimit* limit) { return ::getrlimit(RLIMIT_FSIZE, limit); },
    // O_NONBLOCK: a pipe that somebody has put where shared memory lies must not stop the caller.
    .shm_open = [](const char* name, int flags, mode_t mode) { return ::shm_open(name, flags | O_NONBLOCK, mode); },
    .shm_unlink = ::shm_unlink,
    .memfd_create = ::memfd_create,
    .mmap = ::mmap,
    .munmap = ::munmap,
    .mremap = [](void* address, std::size_t from, std::size_t to,
                 int flags) { return ::mremap(address, from, to, flags); },
    .mprotect = ::mprotect,
    .mlock = ::mlock,
    .munlock = ::munlock,
    .mincore = ::mincore,
    .msync = ::msync,
    .madvise = ::madvise,
    .inotify_init1 = ::inotify_init1,
    .inotify_add_watch = ::inotify_add_watch,
    .kqueue = nullptr,
    .kevent = nullptr,
    .pthread_create = ::pthread_create,
    .pthread_join = ::pthread_join,
    .clock_gettime = ::clock_gettime,
    .nanosleep = ::nanosleep,
    .getpid = ::getpid,
    .sysconf = ::sysconf,
    .sigaction = ::sigaction,
    .poll = ::poll,
    .socketpair = [](int* sockets) { return ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets); },
    .posix_spawn =
        [](pid_t* process, const char* program, const posix_spawn_file_actions_t* actions,
           const posix_spawnattr_t* attributes,
           char* const* arguments) { return ::posix_spawn(process, program, actions, attributes, arguments, environ); },
    .sendmsg = ::sendmsg,
    .recvmsg = ::recvmsg,
    .waitpid = ::waitpid,
    .kill = ::kill,
    .geteuid = ::geteuid,
    .getegid = ::getegid,
};

const int directory_flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
const int sending_flags = MSG_NOSIGNAL;
const int receiving_flags = MSG_CMSG_CLOEXEC;

const char* trusted_variable(const char* name) noexcept { return ::secure_getenv(name); }

std::string_view program_path(std::span<char> storage) noexcept {
  const ssize_t size = ::readlink("/proc/self/exe", storage.data(), storage.size());
  return size < 0 ? std::string_view() : std::string_view(storage.data(), static_cast<std::size_t>(size));
}

void init_monotonic(pthread_cond_t& condition) noexcept {
  pthread_condattr_t attributes;
  ::pthread_condattr_init(&attributes);
  ::pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  ::pthread_cond_init(&condition, &attributes);
  ::pthread_condattr_destroy(&attributes);
}

void wait_monotonic(pthread_cond_t& condition, pthread_mutex_t& mutex, std::int64_t milliseconds) noexcept {
  constexpr std::int64_t most = 1'000'000'000;  // so that no sum becomes too big; the caller waits again
  const std::int64_t wait = std::min(milliseconds, most);
  struct timespec until = {};
  ::clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_sec += static_cast<time_t>(wait / 1000);
  until.tv_nsec += static_cast<long>(wait % 1000) * 1'000'000;
  if (until.tv_nsec >= 1'000'000'000) {
    until.tv_nsec -= 1'000'000'000;
    ++until.tv_sec;
  }
  ::pthread_cond_timedwait(&condition, &mutex, &until);
}

// Not msync with MS_ASYNC: since Linux 2.6.19 it does nothing. What was stored through a mapping is known to the cache
// at once, since the first store to a clean page is a fault.
System<void> begin_flush(File file, std::int64_t offset, std::byte* /*address*/, std::size_t length) noexcept {
  const int result = uninterrupted([&] {
    return system_calls.sync_file_range(static_cast<int>(file), static_cast<off_t>(offset), static_cast<off_t>(length),
                                        SYNC_FILE_RANGE_WRITE);
  });
  if (result == 0) return {};
  if (errno == ESPIPE) return std::unexpected(std::int32_t{EOPNOTSUPP});  // a device
  return failed();
}

System<File> start_watch(File file) noexcept {
  const int watch = system_calls.inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (watch < 0) return failed();
  // By this path it is the open file itself, whatever has happened to its name.
  constexpr std::string_view descriptors = "/proc/self/fd/";
  std::array<char, 32> path{};
  std::to_chars(std::ranges::copy(descriptors, path.begin()).out, path.end() - 1, static_cast<int>(file));
  constexpr std::uint32_t wanted = IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF;
  if (system_calls.inotify_add_watch(watch, path.data(), wanted) >= 0) return watch;
  const int os = errno == ENOENT ? EOPNOTSUPP : errno;  // no /proc
  system_calls.close(watch);
  return std::unexpected(std::int32_t{os});
}

bool is_limit_on_watches(std::int32_t os, File file) noexcept {
  if (os == ENOSPC) return true;
  if (os != EMFILE) return false;
  // Said of inotify instances and of descriptors; if there is still one of these, it is the instances.
  const auto spare = duplicate(file);
  if (spare) close_file(*spare);
  return spare.has_value();
}

System<Changes> take_changes(File watch) noexcept {
  Changes changes;
  alignas(struct inotify_event) std::array<std::byte, 1024> buffer;  // NOLINT: filled by read
  for (;;) {
    const ssize_t count =
        uninterrupted([&] { return system_calls.read(static_cast<int>(watch), buffer.data(), buffer.size()); });
    if (count < 0) {
      if (errno == EAGAIN) return changes;
      return failed();
    }
    // Events of a file that is watched itself have no name behind them.
    for (std::size_t at = 0; at + sizeof(struct inotify_event) <= static_cast<std::size_t>(count);) {
      struct inotify_event event;
      std::memcpy(&event, buffer.data() + at, sizeof event);
      at += sizeof event + event.len;
      changes.content |= (event.mask & (IN_MODIFY | IN_Q_OVERFLOW)) != 0;
      changes.moved |= (event.mask & (IN_MOVE_SELF | IN_DELETE_SELF | IN_UNMOUNT | IN_IGNORED)) != 0;
      changes.attributes |= (event.mask & IN_ATTRIB) != 0;
    }
    if (static_cast<std::size_t>(count) + sizeof(struct inotify_event) <= buffer.size()) return changes;
  }
}

System<File> open_direct(const char* path) noexcept {
  constexpr int flags = O_RDONLY | O_DIRECT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  const int fd = uninterrupted([&] { return system_calls.open(path, flags, 0); });
  if (fd >= 0) return fd;
  // So a file system says that it has no way past the cache.
  if (errno == EINVAL) return std::unexpected(std::int32_t{EOPNOTSUPP});
  return failed();
}

void advise_random(File file) noexcept { system_calls.posix_fadvise(static_cast<int>(file), 0, 0, POSIX_FADV_RANDOM); }

System<File> create_memory() noexcept {
  const int fd = system_calls.memfd_create("stdbind", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return failed();
  return fd;
}

System<void> seal_size(File file) noexcept {
  return done_if_zero(system_calls.add_seals(static_cast<int>(file), F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL));
}

namespace {

System<Mapped> map_from_pool(std::size_t length, std::size_t huge, Mode mode) noexcept {
  const auto shift = static_cast<unsigned>(std::countr_zero(huge)) << MAP_HUGE_SHIFT;
  const int flags =
      MAP_ANONYMOUS | MAP_HUGETLB | static_cast<int>(shift) | (has(mode, Mode::cow) ? MAP_PRIVATE : MAP_SHARED);
  void* const address = system_calls.mmap(nullptr, length, protection_of(mode), flags, -1, 0);
  if (address != MAP_FAILED) return Mapped{.address = static_cast<std::byte*>(address)};
  if (errno == EINVAL || errno == ENOENT) return std::unexpected(std::int32_t{EOPNOTSUPP});  // no pages of this size
  return failed();
}

}  // namespace

System<Mapped> map_huge(std::size_t length, std::size_t huge, bool pool, Mode mode) noexcept {
  // As for other mappings: not more than half of the address space, also after rounding up.
  if (length > static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max()) - huge) {
    return std::unexpected(std::int32_t{ENOMEM});
  }
  if (pool) return map_from_pool(length, huge, mode);
  // More addresses than needed, so that an aligned part lies in them; the rest is given back. The memory is mapped
  // into that part, not cut out of more: shared memory has to be aligned from its own start on, too.
  const auto all = map(0, length + huge, Mode::cow, no_file, 0);
  if (!all) return all;
  std::byte* const begin = all->address;
  const std::size_t before = (huge - reinterpret_cast<std::uintptr_t>(begin) % huge) % huge;
  std::byte* const aligned = begin + before;
  const std::size_t behind = huge - before;
  const auto give_up = [](std::byte* from, std::size_t size) noexcept {
    const int os = errno;
    system_calls.munmap(from, size);
    return std::unexpected(std::int32_t{os});
  };
  const int flags = MAP_ANONYMOUS | MAP_FIXED | (has(mode, Mode::cow) ? MAP_PRIVATE : MAP_SHARED);
  if (system_calls.mmap(aligned, length, protection_of(mode), flags, -1, 0) == MAP_FAILED) {
    return give_up(begin, length + huge);
  }
  if (before != 0 && system_calls.munmap(begin, before) != 0) return give_up(begin, length + huge);
  if (system_calls.munmap(aligned + length, behind) != 0) return give_up(aligned, length + behind);
  if (system_calls.madvise(aligned, length, MADV_HUGEPAGE) != 0) {
    if (errno == EINVAL) errno = EOPNOTSUPP;  // a kernel without huge pages
    return give_up(aligned, length);
  }
  return Mapped{.address = aligned};
}

namespace {

/// The number of bytes in a line such as "MemAvailable:   12345 kB"; 0 if there is none.
std::int64_t bytes_after(std::string_view text, std::string_view name) noexcept {
  const std::size_t at = text.find(name);
  if (at == text.npos) return 0;
  std::int64_t kibibytes = 0;
  text.remove_prefix(at + name.size());
  for (const char c : text) {
    if (c == '\n') break;
    if (c >= '0' && c <= '9') kibibytes = kibibytes * 10 + (c - '0');
  }
  return kibibytes * 1024;
}

/// What the system can still give without ending a process, by its own estimate; -1 if it does not tell.
std::int64_t memory_left() noexcept {
  const int fd = uninterrupted([] { return system_calls.open("/proc/meminfo", O_RDONLY | O_CLOEXEC, 0); });
  if (fd < 0) return -1;
  std::array<char, 2048> buffer;  // NOLINT: filled below
  const ssize_t size = uninterrupted([&] { return system_calls.read(fd, buffer.data(), buffer.size()); });
  system_calls.close(fd);
  if (size <= 0) return -1;
  const std::string_view text(buffer.data(), static_cast<std::size_t>(size));
  const std::int64_t available = bytes_after(text, "MemAvailable:");
  return available == 0 ? -1 : available + bytes_after(text, "SwapFree:");
}

}  // namespace

System<void> check_memory(File file, std::int64_t bytes) noexcept {
  struct statfs info = {};
  if (system_calls.fstatfs(static_cast<int>(file), &info) != 0) return failed();
  constexpr std::int64_t not_worth_asking = std::int64_t{1} << 20;
  if (info.f_type != TMPFS_MAGIC || bytes <= not_worth_asking) return {};
  const std::int64_t left = memory_left();
  if (left < 0 || bytes <= left) return {};
  // A file system that may hold even less refuses at once, as a full disk does; with 0 blocks it has no such limit.
  const std::uint64_t room = std::uint64_t{info.f_bavail} * static_cast<std::uint64_t>(info.f_bsize);
  if (info.f_blocks != 0 && room < static_cast<std::uint64_t>(left)) return std::unexpected(std::int32_t{ENOSPC});
  return std::unexpected(std::int32_t{ENOMEM});
}

System<Mapped> remap(Mapped mapped, std::size_t from, std::size_t to, Behind behind) noexcept {
  void* const address = system_calls.mremap(mapped.address, from, to, MREMAP_MAYMOVE);
  if (address != MAP_FAILED) return Mapped{.address = static_cast<std::byte*>(address), .kept = mapped.kept};
  // Advice on a part, or a locked part, has split the range, which the system then does not move as one.
  if (errno == EFAULT) return map_again(mapped, from, to, behind);
  if (errno == EINVAL) return std::unexpected(std::int32_t{ENOMEM});  // nothing but the new length can be too much
  return failed();
}

namespace {
#if defined(MADV_POPULATE_WRITE)
constexpr int populate_write = MADV_POPULATE_WRITE;
#else
constexpr int populate_write = 23;  // Linux 5.14
#endif
}  // namespace

bool populate_private(Guarded range, std::byte* begin, std::byte* end, std::size_t page) noexcept {
  const std::size_t before = reinterpret_cast<std::uintptr_t>(begin) % page;
  const auto length = static_cast<std::size_t>(end - begin) + before;
  if (system_calls.madvise(begin - before, length, populate_write) == 0) return true;
  return populate(range, begin, end, page);  // an older kernel: the first store to a page takes a little longer
}

System<void> populate_new(std::byte* address, std::size_t length, std::size_t page) noexcept {
  if (system_calls.madvise(address, length, populate_write) == 0) return {};
  if (errno != EINVAL) return failed();
  if (!write_zeroes(address, length, page)) return std::unexpected(std::int32_t{ENOMEM});  // an older kernel
  return {};
}

}  // namespace stdbind::platform
