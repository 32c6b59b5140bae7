// The table of system calls in which one call fails on purpose, and the ledger of what the library has mapped: what is
// in it when an operation has ended, and all objects are gone, was leaked.
#ifndef STDBIND_TESTS_INJECTION_HPP
#define STDBIND_TESTS_INJECTION_HPP

#include <cstddef>
#include <span>
#include <stdbind/error.hpp>
#include <string_view>
#include <vector>

// What can fail. The others of the table (clock_gettime, getpid, nanosleep, pthread_join) cannot, or are of other
// systems.
#define STDBIND_FAILING_CALLS(X)                                                                                     \
  X(open) X(close) X(fstat) X(fstatfs) X(get_flags) X(duplicate) X(add_seals) X(unlink) X(ftruncate)                 \
  X(posix_fallocate) X(posix_fadvise) X(openat) X(openat2) X(fstatat) X(read) X(pread) X(pwrite) X(fdatasync)        \
  X(sync_file_range) X(file_size_limit) X(shm_open) X(shm_unlink) X(memfd_create) X(mmap) X(munmap) X(mremap)        \
  X(mprotect) X(mlock) X(munlock) X(mincore) X(msync) X(madvise) X(inotify_init1) X(inotify_add_watch)               \
  X(pthread_create) X(sysconf) X(sigaction) X(poll)

namespace stdbind::tests::fault {

enum class Call {
#define STDBIND_CALL(name) name,
  STDBIND_FAILING_CALLS(STDBIND_CALL)
#undef STDBIND_CALL
};

std::string_view name_of(Call call);
/// The numbers with which a call may fail.
std::span<const int> errors_of(Call call);
/// The kind that a number leads to, in most operations; 0 if the failure must not be noticed.
ErrorKind usual_kind(Call call, int os);

/// One failure.
struct Point {
  std::size_t number = 0;  ///< the n-th call that can fail, from 1 on
  Call call{};
  int os = 0;
  bool for_ever = false;  ///< all calls of this name from then on; with EINTR, a hundred of them
};

/// Replaces the table. Until then, and while nothing is armed, calls go to the system.
void install();
/// Notes the calls until `stop`.
void record();
/// Lets a call fail.
void arm(const Point& point);
/// Another call that always fails besides, until `mend_calls`: then an operation can only clean up.
void break_call(Call call, int os);
void mend_calls();
/// The process kills itself in the n-th call from now on, before or after the system has done it.
void die_at(std::size_t number, bool after);
/// All calls go to the system again. Whether the armed call was made.
bool stop();
/// The calls that were made since `record`.
const std::vector<Call>& recorded();

/// How many bytes the library has mapped.
std::size_t mapped_bytes();
/// Unmaps what the ledger has, so that one leak is not reported twice.
void unmap_all();

}  // namespace stdbind::tests::fault

#endif
