// POSIX systems: errors, files, mapping, and the fault guard. Every system call goes through the table system_calls.
#include <fcntl.h>
#include <setjmp.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>

#include "platform/platform.hpp"
#include "platform/posix_calls.hpp"

namespace stdbind::platform {

namespace {

struct KindOfOs {
  std::int32_t os;
  ErrorKind kind;
};

constexpr KindOfOs kinds[] = {
    {EACCES, ErrorKind::permission_denied},
    {EPERM, ErrorKind::permission_denied},
    {EROFS, ErrorKind::permission_denied},
    {ENOENT, ErrorKind::not_found},
    {ENOTDIR, ErrorKind::not_found},
    {EEXIST, ErrorKind::already_exists},
    {EISDIR, ErrorKind::wrong_file_type},
    {ENXIO, ErrorKind::wrong_file_type},  // a socket, or a device without a driver
    {ENODEV, ErrorKind::wrong_file_type},
    {EINVAL, ErrorKind::invalid_argument},
    {EBADF, ErrorKind::invalid_argument},
    {ENAMETOOLONG, ErrorKind::invalid_argument},
    {ELOOP, ErrorKind::invalid_argument},
    {EILSEQ, ErrorKind::invalid_argument},
    {ENOMEM, ErrorKind::no_memory},
    {EMFILE, ErrorKind::too_many_open},
    {ENFILE, ErrorKind::too_many_open},
    {EAGAIN, ErrorKind::limit},
    {EFBIG, ErrorKind::limit},
    {EOVERFLOW, ErrorKind::limit},
    {ENOSPC, ErrorKind::no_space},
    {EDQUOT, ErrorKind::no_space},
    {ETXTBSY, ErrorKind::busy},
    {EBUSY, ErrorKind::busy},
    {ENOSYS, ErrorKind::unsupported},
    {EOPNOTSUPP, ErrorKind::unsupported},
    {ETIMEDOUT, ErrorKind::timeout},
};

std::string_view type_name(mode_t mode) noexcept {
  if (S_ISREG(mode)) return "a regular file";
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  if (S_ISCHR(mode) || S_ISBLK(mode)) return "a device";
  return "no regular file";
}

std::int64_t modified_at(const struct stat& info) noexcept {
#if defined(__APPLE__)
  const struct timespec& time = info.st_mtimespec;
#else
  const struct timespec& time = info.st_mtim;
#endif
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

ErrorKind kind_of(std::int32_t os) noexcept {
  for (const KindOfOs& entry : kinds) {
    if (entry.os == os) return entry.kind;
  }
  return ErrorKind::io;
}

std::string_view text_of(std::int32_t os, [[maybe_unused]] std::span<char> storage) noexcept {
#if defined(__GLIBC__)
  const char* text = ::strerrordesc_np(os);  // unlike strerror it is English in every locale, and shared by threads
  return text != nullptr ? text : "unknown error";
#else
  return ::strerror_r(os, storage.data(), storage.size()) == 0 ? storage.data() : "unknown error";
#endif
}

System<std::size_t> page_size() noexcept {
  const long size = system_calls.sysconf(_SC_PAGESIZE);
  if (size <= 0) return failed();
  return static_cast<std::size_t>(size);
}

int opening_flags(bool writable) noexcept {
  // O_NONBLOCK: a pipe without a peer must not stop the caller; a regular file does not care.
  return (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
}

System<File> open_file(const char* path, bool writable) noexcept {
  const int fd = uninterrupted([&] { return system_calls.open(path, opening_flags(writable), 0); });
  if (fd < 0) return failed();
  return fd;
}

// The result is of no interest: nothing was written through the descriptor, and after EINTR it is closed all the same.
void close_file(File file) noexcept { system_calls.close(static_cast<int>(file)); }

System<File> file_of_descriptor(int descriptor) noexcept { return descriptor; }

System<FileInfo> file_info(File file) noexcept {
  const int fd = static_cast<int>(file);
  struct stat info = {};
  if (system_calls.fstat(fd, &info) != 0) return failed();
  const int flags = system_calls.get_flags(fd);
  if (flags < 0) return failed();
  const int access = flags & O_ACCMODE;
  return FileInfo{.size = info.st_size,
                  .regular = S_ISREG(info.st_mode),
                  .device = S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode),
                  .type = type_name(info.st_mode),
                  .readable = access == O_RDONLY || access == O_RDWR,
                  .writable = access == O_WRONLY || access == O_RDWR,
                  .modified = modified_at(info),
                  .links = static_cast<std::int64_t>(info.st_nlink),
                  .pipe = S_ISFIFO(info.st_mode)};
}

int protection_of(Mode mode) noexcept {
  int protection = PROT_NONE;
  if (has(mode, Mode::read)) protection |= PROT_READ;
  if (has(mode, Mode::write)) protection |= PROT_READ | PROT_WRITE;
  if (has(mode, Mode::exec)) protection |= PROT_EXEC;
  return protection;
}

const bool cuts_mapped_files = true;

System<Mapped> map(std::uintptr_t hint, std::size_t length, Mode mode, File file, std::int64_t offset) noexcept {
  int flags = has(mode, Mode::cow) ? MAP_PRIVATE : MAP_SHARED;
  if (file == no_file) flags |= MAP_ANONYMOUS;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the hint comes from the caller as a number
  void* const address = system_calls.mmap(reinterpret_cast<void*>(hint), length, protection_of(mode), flags,
                                          static_cast<int>(file), static_cast<off_t>(offset));
  if (address == MAP_FAILED) return failed();
  return Mapped{.address = static_cast<std::byte*>(address)};
}

System<void> unmap(Mapped mapped, std::size_t length) noexcept {
  return done_if_zero(system_calls.munmap(mapped.address, length));
}

System<void> flush(File /*kept*/, std::byte* address, std::size_t length) noexcept {
  return done_if_zero(uninterrupted([&] { return system_calls.msync(address, length, MS_SYNC); }));
}

System<void> advise(std::byte* address, std::size_t length, Advice advice) noexcept {
  int value = MADV_NORMAL;
  switch (advice) {
    case Advice::normal:
      break;
    case Advice::sequential:
      value = MADV_SEQUENTIAL;
      break;
    case Advice::random:
      value = MADV_RANDOM;
      break;
    case Advice::will_need:
      value = MADV_WILLNEED;
      break;
    case Advice::dont_need:
      value = MADV_DONTNEED;
      break;
  }
  return done_if_zero(system_calls.madvise(address, length, value));
}

// The fault guard. A thread that copies under the guard leaves word where it may fault and where to go on then; the
// handler of SIGBUS compares the address and jumps there. All other faults go to the handler that was there before.
//
// Only SIGBUS is ours: a page of a mapping that lost its file or its disk raises it, in every mode. SIGSEGV would
// mean that the protection or the mapping itself is not what the mode says: a bug, and not to be hidden.
namespace {

struct Guard {
  sigjmp_buf resume;
  std::uintptr_t begin;
  std::size_t length;
};
constinit thread_local Guard* current = nullptr;

struct sigaction previous = {};
std::atomic<bool> previous_spent{false};

enum class Install { none, running, done };
std::atomic<Install> install_state{Install::none};

void pass_on(int signal, siginfo_t* info, void* context) noexcept {
  const bool is_handler = previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN;
  const bool once = (previous.sa_flags & static_cast<int>(SA_RESETHAND)) != 0;
  if (is_handler && !(once && previous_spent.exchange(true))) {
    // The mask that the system would have set for that handler.
    sigset_t mask = previous.sa_mask;
    if ((previous.sa_flags & SA_NODEFER) == 0) sigaddset(&mask, signal);
    sigset_t before;
    pthread_sigmask(SIG_BLOCK, &mask, &before);
    if ((previous.sa_flags & SA_SIGINFO) != 0) {
      previous.sa_sigaction(signal, info, context);
    } else {
      previous.sa_handler(signal);
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return;
  }
  const bool from_kernel = info->si_code > 0;
  if (previous.sa_handler == SIG_IGN && !from_kernel) return;
  // The default action, for ignored faults too, as the system does it: returning repeats the faulting instruction.
  struct sigaction fallback = {};
  fallback.sa_handler = SIG_DFL;
  system_calls.sigaction(signal, &fallback, nullptr);
  if (!from_kernel) raise(signal);
}

void on_bus_error(int signal, siginfo_t* info, void* context) {
  Guard* const guard = current;
  if (guard != nullptr && reinterpret_cast<std::uintptr_t>(info->si_addr) - guard->begin < guard->length) {
    // Jumping away skips the return that would restore the mask. NODEFER leaves it alone, but a run-time that wraps
    // handlers (a sanitizer does) may have blocked everything.
    pthread_sigmask(SIG_SETMASK, &static_cast<const ucontext_t*>(context)->uc_sigmask, nullptr);
    siglongjmp(guard->resume, 1);
  }
  const int saved = errno;
  pass_on(signal, info, context);
  errno = saved;
}

int install() noexcept {
  // Two calls, so that a fault of another thread in between already finds the previous handler.
  if (system_calls.sigaction(SIGBUS, nullptr, &previous) != 0) return errno;
  struct sigaction ours = {};
  ours.sa_sigaction = on_bus_error;
  // NODEFER: siglongjmp leaves the handler without restoring the mask. ONSTACK: run-times with small stacks need it.
  ours.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  sigemptyset(&ours.sa_mask);
  return system_calls.sigaction(SIGBUS, &ours, nullptr) == 0 ? 0 : errno;
}

}  // namespace

System<void> install_guard() noexcept {
  // Once for the process: installing again later, over a handler that chains to ours, would make a circle.
  Install state = install_state.load(std::memory_order_acquire);
  while (state != Install::done) {
    state = Install::none;
    if (install_state.compare_exchange_weak(state, Install::running, std::memory_order_acquire)) {
      const int os = install();
      install_state.store(os == 0 ? Install::done : Install::none, std::memory_order_release);
      if (os != 0) return std::unexpected(os);
      return {};
    }
  }
  return {};
}

bool guarded_copy(Guarded range, void* to, const void* from, std::size_t size) noexcept {
  Guard guard;
  guard.begin = reinterpret_cast<std::uintptr_t>(range.begin);
  guard.length = range.length;
  Guard* const outer = current;  // a signal handler may copy while this thread copies
  // 0: saving the signal mask would cost a system call.
  if (sigsetjmp(guard.resume, 0) != 0) [[unlikely]] {
    current = outer;
    return false;
  }
  current = &guard;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  std::memcpy(to, from, size);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  current = outer;
  return true;
}

namespace {

/// Reads a byte, whoever writes it at the moment: what it is does not matter.
[[gnu::no_sanitize_thread]] bool touch(Guarded range, const std::byte* at) noexcept {
  Guard guard;
  guard.begin = reinterpret_cast<std::uintptr_t>(range.begin);
  guard.length = range.length;
  Guard* const outer = current;
  if (sigsetjmp(guard.resume, 0) != 0) [[unlikely]] {
    current = outer;
    return false;
  }
  current = &guard;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  static_cast<void>(*static_cast<const volatile std::byte*>(at));
  std::atomic_signal_fence(std::memory_order_seq_cst);
  current = outer;
  return true;
}

}  // namespace

bool populate(Guarded range, const std::byte* begin, const std::byte* end, std::size_t page) noexcept {
#if defined(MADV_POPULATE_READ)
  constexpr int populate_read = MADV_POPULATE_READ;
#else
  constexpr int populate_read = 22;  // Linux 5.14; elsewhere an unknown advice, answered with EINVAL
#endif
  const std::size_t before = reinterpret_cast<std::uintptr_t>(begin) % page;
  auto* const start = const_cast<std::byte*>(begin - before);
  const std::size_t length = static_cast<std::size_t>(end - start);
  if (system_calls.madvise(start, length, populate_read) != 0 && errno == EFAULT) return false;
  // Reading a byte of each page gives the same answer, where a kernel does not know the advice, had a passing reason,
  // or (an emulator) said yes and did nothing; and costs next to nothing where the pages are there.
  for (const std::byte* at = begin; at < end; at += page - reinterpret_cast<std::uintptr_t>(at) % page) {
    if (!touch(range, at)) return false;
  }
  return true;
}

}  // namespace stdbind::platform
