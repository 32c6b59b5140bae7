// System calls that fail on purpose: an operation is repeated while its first call fails, its second, ..., each with
// every number that is plausible for it. After each failure the kind is right and nothing has leaked.
#ifndef STDBIND_TESTS_FAILING_CALLS_HPP
#define STDBIND_TESTS_FAILING_CALLS_HPP

#include <functional>
#include <map>

#include "support.hpp"

namespace stdbind::tests {

enum class Call {
  open,
  close,
  fstat,
  get_flags,
  duplicate,
  add_seals,
  unlink,
  ftruncate,
  posix_fallocate,
  posix_fadvise,
  openat,
  openat2,
  fstatat,
  read,
  pread,
  pwrite,
  fdatasync,
  sync_file_range,
  inotify_init1,
  inotify_add_watch,
  pthread_create,
  file_size_limit,
  shm_open,
  shm_unlink,
  memfd_create,
  mmap,
  munmap,
  mremap,
  mprotect,
  mlock,
  munlock,
  mincore,
  msync,
  madvise,
  sysconf,
  sigaction,
  poll,
  socketpair,
  posix_spawn,
  sendmsg,
  recvmsg,
  waitpid,
  kill
};

/// What the table of system calls does: fails the call that it counts down to, with a number.
struct FailurePlan {
  int countdown = 0;
  int os = 0;
  bool active = false;
  bool for_ever = false;  ///< all calls of this kind fail from then on
  Call met{};             ///< which call it was
};
extern FailurePlan plan;

/// The system calls as they were before install_failing_calls.
extern platform::SystemCalls real;

/// Replaces the table; to be used with SystemCallsRestored.
void install_failing_calls();

/// Replaces the usual kind where an operation makes something else of a failing call; 0: it does not notice.
using Exceptions = std::function<void(Call call, int os, ErrorKind& kind)>;

class SystemCallsFail : public testing::Test {
 protected:
  SystemCallsFail();
  ~SystemCallsFail() override;

  /// Runs an operation until it meets no failure any more. It may set plan.active to false for what must not fail.
  void every_call_fails(const std::function<Result<void>()>& operation, const Exceptions& exceptions = {});

  /// What became of opening. The mapping goes unharmed: a destructor can report nothing.
  static Result<void> outcome(Result<Mmap> opened);

  Scratch scratch_;
  std::string bytes_;
  std::string path_;
  FILE* fd_;
};

}  // namespace stdbind::tests

#endif
