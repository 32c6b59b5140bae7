// The table of system calls in which one call fails, and the loop that tries them all.
#include "failing_calls.hpp"

#include <sys/mman.h>

#include <set>

namespace stdbind::tests {

FailurePlan plan;
platform::SystemCalls real;

namespace {

const std::map<Call, std::set<int>> plausible = {
    {Call::open,
     {EACCES, EDQUOT, EEXIST, EMFILE, ENFILE, ENOENT, ENOMEM, ENOSPC, ENXIO, EROFS, ETXTBSY, ELOOP, EIO, EINTR}},
    {Call::close, {EIO, EINTR}},
    {Call::fstat, {ENOMEM, EOVERFLOW, EIO}},
    {Call::get_flags, {EBADF}},
    {Call::duplicate, {EBADF, EMFILE}},
    {Call::add_seals, {EBUSY, EPERM}},
    {Call::unlink, {EACCES, EIO}},
    {Call::ftruncate, {EFBIG, EIO, EPERM, EINTR}},
    {Call::posix_fallocate, {EDQUOT, EFBIG, EIO, ENODEV, ENOSPC, EINTR}},
    {Call::posix_fadvise, {EBADF, EINVAL}},
    {Call::openat, {EACCES, EMFILE, ENFILE, ENOENT, ENOMEM, ENXIO, EROFS, ETXTBSY, EIO, EINTR}},
    {Call::openat2, {EACCES, EMFILE, ENFILE, ENOENT, ENOMEM, ENXIO, EROFS, ETXTBSY, EIO, EINTR, ENOSYS, EPERM, EAGAIN}},
    {Call::fstatat, {EACCES, EIO}},
    {Call::read, {EIO, EINTR}},
    {Call::pread, {EIO, EINTR}},
    {Call::pwrite, {EDQUOT, EFBIG, EIO, ENOSPC, EPERM, EINTR}},
    {Call::fdatasync, {EDQUOT, EIO, ENOSPC, EROFS, EINTR}},
    {Call::sync_file_range, {EIO, ENOMEM, ENOSPC}},
    {Call::inotify_init1, {EMFILE, ENFILE, ENOMEM}},
    {Call::inotify_add_watch, {EACCES, ENOMEM, ENOSPC}},
    {Call::pthread_create, {EAGAIN, EPERM}},
    {Call::file_size_limit, {EINVAL}},
    {Call::shm_open, {EACCES, EEXIST, EMFILE, ENFILE, ENOENT, ENOSPC, EINTR}},
    {Call::shm_unlink, {EACCES, ENOENT}},
    {Call::memfd_create, {EMFILE, ENFILE, ENOMEM, ENOSYS}},
    {Call::mmap, {EACCES, EAGAIN, ENFILE, ENODEV, ENOMEM, EPERM, EOVERFLOW}},
    {Call::munmap, {ENOMEM}},
    {Call::mremap, {EAGAIN, ENOMEM}},
    {Call::mprotect, {EACCES, ENOMEM}},
    {Call::mlock, {EAGAIN, ENOMEM, EPERM}},
    {Call::munlock, {ENOMEM, EPERM}},
    {Call::mincore, {EAGAIN, ENOMEM}},
    {Call::msync, {EIO, ENOSPC, EDQUOT, EINTR}},
    {Call::madvise, {EAGAIN, EIO, ENOMEM, EINVAL}},
    {Call::sysconf, {EINVAL}},
    {Call::sigaction, {EINVAL}},
    {Call::poll, {EINTR, ENOMEM}},
    {Call::socketpair, {EMFILE, ENFILE, ENOMEM}},
    {Call::posix_spawn, {EACCES, EAGAIN, ENOENT, ENOMEM}},
    {Call::sendmsg, {EPIPE, ECONNRESET, EINTR}},
    {Call::recvmsg, {ECONNRESET, EINTR}},
    {Call::waitpid, {EINTR}},
    {Call::kill, {}},
};

/// Whether this call has to fail now; errno is set then.
bool fails(Call call) {
  if (!plan.active) return false;
  --plan.countdown;
  if (plan.countdown > 0 || (plan.countdown < 0 && !(plan.for_ever && call == plan.met))) return false;
  plan.met = call;
  errno = plan.os;
  return plausible.at(call).contains(plan.os);
}

/// Stands in for an entry of the table.
template <Call call, auto entry>
struct Failing;
template <Call call, class Result, class... Arguments, Result (*platform::SystemCalls::*entry)(Arguments...)>
struct Failing<call, entry> {
  static Result run(Arguments... arguments) {
    if (!fails(call)) return (real.*entry)(arguments...);
    if constexpr (call == Call::close) (real.*entry)(arguments...);  // the system closes it all the same
    constexpr bool gives_number =
        call == Call::posix_fallocate || call == Call::posix_fadvise || call == Call::pthread_create ||
        call == Call::posix_spawn;
    if constexpr (gives_number) return errno;
    if constexpr (std::is_pointer_v<Result>) {
      return MAP_FAILED;
    } else {
      return -1;
    }
  }
  static void install() { platform::system_calls.*entry = run; }
};

/// The kind that a failing call leads to in most operations; 0 where it must not be noticed.
ErrorKind usual_kind(Call call, int os) {
  if (call == Call::sendmsg || call == Call::recvmsg) {
    return os == EINTR ? ErrorKind{} : ErrorKind::loader_died;
  }
  if (os == EINTR || call == Call::close || call == Call::posix_fadvise) return {};
  static const std::map<int, ErrorKind> kinds = {
      {EACCES, ErrorKind::permission_denied},
      {EPERM, ErrorKind::permission_denied},
      {EROFS, ErrorKind::permission_denied},
      {EMFILE, ErrorKind::too_many_open},
      {ENFILE, ErrorKind::too_many_open},
      {ENOENT, ErrorKind::not_found},
      {EEXIST, ErrorKind::already_exists},
      {ENOMEM, ErrorKind::no_memory},
      {ENXIO, ErrorKind::wrong_file_type},
      {ENODEV, ErrorKind::wrong_file_type},
      {ETXTBSY, ErrorKind::busy},
      {EBUSY, ErrorKind::busy},
      {ELOOP, ErrorKind::invalid_argument},
      {EBADF, ErrorKind::invalid_argument},
      {EINVAL, ErrorKind::invalid_argument},
      {EOVERFLOW, ErrorKind::limit},
      {EFBIG, ErrorKind::limit},
      {EAGAIN, ErrorKind::limit},
      {ENOSYS, ErrorKind::unsupported},
      {EIO, ErrorKind::io},
      {ENOSPC, ErrorKind::no_space},
      {EDQUOT, ErrorKind::no_space},
  };
  return kinds.at(os);
}

/// What must be the same before and after an operation that fails.
struct Held {
  std::size_t descriptors = open_descriptors();
  std::size_t anonymous = mapped_ranges("/dev/zero");
  std::size_t memory = mapped_ranges("/memfd:stdbind");
  std::size_t shared = mapped_ranges("/dev/shm/");
  bool operator==(const Held&) const = default;
};

}  // namespace

void install_failing_calls() {
  using Calls = platform::SystemCalls;
  real = platform::system_calls;
  Failing<Call::open, &Calls::open>::install();
  Failing<Call::close, &Calls::close>::install();
  Failing<Call::fstat, &Calls::fstat>::install();
  Failing<Call::get_flags, &Calls::get_flags>::install();
  Failing<Call::duplicate, &Calls::duplicate>::install();
  Failing<Call::add_seals, &Calls::add_seals>::install();
  Failing<Call::unlink, &Calls::unlink>::install();
  Failing<Call::ftruncate, &Calls::ftruncate>::install();
  Failing<Call::posix_fallocate, &Calls::posix_fallocate>::install();
  Failing<Call::posix_fadvise, &Calls::posix_fadvise>::install();
  Failing<Call::openat, &Calls::openat>::install();
  Failing<Call::openat2, &Calls::openat2>::install();
  Failing<Call::fstatat, &Calls::fstatat>::install();
  Failing<Call::read, &Calls::read>::install();
  Failing<Call::pread, &Calls::pread>::install();
  Failing<Call::pwrite, &Calls::pwrite>::install();
  Failing<Call::fdatasync, &Calls::fdatasync>::install();
  Failing<Call::sync_file_range, &Calls::sync_file_range>::install();
  Failing<Call::inotify_init1, &Calls::inotify_init1>::install();
  Failing<Call::inotify_add_watch, &Calls::inotify_add_watch>::install();
  Failing<Call::pthread_create, &Calls::pthread_create>::install();
  Failing<Call::file_size_limit, &Calls::file_size_limit>::install();
  Failing<Call::shm_open, &Calls::shm_open>::install();
  Failing<Call::shm_unlink, &Calls::shm_unlink>::install();
  Failing<Call::memfd_create, &Calls::memfd_create>::install();
  Failing<Call::mmap, &Calls::mmap>::install();
  Failing<Call::munmap, &Calls::munmap>::install();
  Failing<Call::mremap, &Calls::mremap>::install();
  Failing<Call::mprotect, &Calls::mprotect>::install();
  Failing<Call::mlock, &Calls::mlock>::install();
  Failing<Call::munlock, &Calls::munlock>::install();
  Failing<Call::mincore, &Calls::mincore>::install();
  Failing<Call::msync, &Calls::msync>::install();
  Failing<Call::madvise, &Calls::madvise>::install();
  Failing<Call::sysconf, &Calls::sysconf>::install();
  Failing<Call::sigaction, &Calls::sigaction>::install();
  Failing<Call::poll, &Calls::poll>::install();
  Failing<Call::socketpair, &Calls::socketpair>::install();
  Failing<Call::posix_spawn, &Calls::posix_spawn>::install();
  Failing<Call::sendmsg, &Calls::sendmsg>::install();
  Failing<Call::recvmsg, &Calls::recvmsg>::install();
  Failing<Call::waitpid, &Calls::waitpid>::install();
  Failing<Call::kill, &Calls::kill>::install();
}

SystemCallsFail::SystemCallsFail() : bytes_(pattern(3 * page() + 5)), path_(scratch_.file("f", bytes_)) {
  fd_ = fopen(path_.c_str(), "r+e");
}

SystemCallsFail::~SystemCallsFail() { fclose(fd_); }

void SystemCallsFail::every_call_fails(const std::function<Result<void>()>& operation, const Exceptions& exceptions) {
  std::set<int> all;
  for (const auto& [call, numbers] : plausible) all.insert(numbers.begin(), numbers.end());
  const Held before;
  const std::size_t ranges = mapped_ranges(path_);
  int points = 0;
  for (int n = 1;; ++n) {
    bool met = false;
    for (const int os : all) {
      SystemCallsRestored restored;
      install_failing_calls();
      plan = {.countdown = n, .os = os, .active = true};
      const Result<void> result = operation();
      plan.active = false;
      if (plan.countdown > 0) continue;
      met = true;
      if (!plausible.at(plan.met).contains(os)) continue;
      ++points;
      ErrorKind kind = usual_kind(plan.met, os);
      if (exceptions) exceptions(plan.met, os, kind);
      ASSERT_EQ(kind_of(result), kind) << "call " << n << " (" << static_cast<int>(plan.met) << ") fails with " << os
                                       << (result ? "" : result.error().message.view());
      if (!result && result.error().os != 0) {
        EXPECT_EQ(result.error().os, os);
        EXPECT_NE(result.error().message.view().find("system error " + std::to_string(os)), std::string_view::npos);
      }
      ASSERT_TRUE(Held{} == before) << "call " << n << " (" << static_cast<int>(plan.met) << ") fails with " << os;
      ASSERT_EQ(mapped_ranges(path_), ranges);
    }
    if (!met) break;
    ASSERT_LT(n, 100);
  }
  RecordProperty("injection_points", points);
  EXPECT_GT(points, 0);
  EXPECT_TRUE(content(path_) == bytes_);
}

Result<void> SystemCallsFail::outcome(Result<Mmap> opened) {
  plan.active = false;
  if (!opened) return std::unexpected(opened.error());
  return {};
}

}  // namespace stdbind::tests
