// macOS: the table of system calls, and what it does in another way than Linux or not at all.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

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
    .pread = ::pread,
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
    .sysconf = ::sysconf,
    .sigaction = ::sigaction,
};

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

System<Mapped> remap(Mapped mapped, std::size_t from, std::size_t to, Behind behind) noexcept {
  return map_again(mapped, from, to, behind);
}

System<void> populate_new(std::byte* address, std::size_t length, std::size_t page) noexcept {
  return write_zeroes(address, length, page);
}

}  // namespace stdbind::platform
