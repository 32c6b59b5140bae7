// Linux: the table of system calls, and what other POSIX systems do in another way or not at all.
#include <fcntl.h>
#include <unistd.h>

#include <bit>
#include <limits>

#include "platform/platform.hpp"
#include "platform/posix_calls.hpp"

namespace stdbind::platform {

// open, fcntl and mremap take varargs, and so cannot stand in a table themselves.
SystemCalls system_calls = {
    .open = [](const char* path, int flags, mode_t mode) { return ::open(path, flags, mode); },
    .close = ::close,
    .fstat = ::fstat,
    .get_flags = [](int fd) { return ::fcntl(fd, F_GETFL); },
    .duplicate = [](int fd, int from) { return ::fcntl(fd, F_DUPFD_CLOEXEC, from); },
    .add_seals = [](int fd, int seals) { return ::fcntl(fd, F_ADD_SEALS, seals); },
    .unlink = ::unlink,
    .ftruncate = ::ftruncate,
    .posix_fallocate = ::posix_fallocate,
    .posix_fadvise = ::posix_fadvise,
    .pread = ::pread,
    .file_size_limit = [](struct rlimit* limit) { return ::getrlimit(RLIMIT_FSIZE, limit); },
    .shm_open = ::shm_open,
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
    .sysconf = ::sysconf,
    .sigaction = ::sigaction,
};

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
  if (pool) return map_from_pool(length, huge, mode);
  // More than needed, so that an aligned part lies in it; the rest is given back.
  if (length > std::numeric_limits<std::size_t>::max() - huge) return std::unexpected(std::int32_t{ENOMEM});
  const auto all = map(0, length + huge, mode, no_file, 0);
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
  if (before != 0 && system_calls.munmap(begin, before) != 0) return give_up(begin, length + huge);
  if (system_calls.munmap(aligned + length, behind) != 0) return give_up(aligned, length + behind);
  if (system_calls.madvise(aligned, length, MADV_HUGEPAGE) != 0) {
    if (errno == EINVAL) errno = EOPNOTSUPP;  // a kernel without huge pages
    return give_up(aligned, length);
  }
  return Mapped{.address = aligned};
}

System<Mapped> remap(Mapped mapped, std::size_t from, std::size_t to, Behind behind) noexcept {
  void* const address = system_calls.mremap(mapped.address, from, to, MREMAP_MAYMOVE);
  if (address != MAP_FAILED) return Mapped{.address = static_cast<std::byte*>(address), .kept = mapped.kept};
  // Advice on a part, or a locked part, has split the range, which the system then does not move as one.
  if (errno == EFAULT) return map_again(mapped, from, to, behind);
  return failed();
}

System<void> populate_new(std::byte* address, std::size_t length, std::size_t page) noexcept {
#if defined(MADV_POPULATE_WRITE)
  constexpr int populate_write = MADV_POPULATE_WRITE;
#else
  constexpr int populate_write = 23;  // Linux 5.14
#endif
  if (system_calls.madvise(address, length, populate_write) == 0) return {};
  if (errno != EINVAL) return failed();
  return write_zeroes(address, length, page);  // an older kernel
}

}  // namespace stdbind::platform
