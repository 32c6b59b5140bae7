// The table of system calls in which one call fails on purpose. Calls may come from several threads.
#include "injection.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <map>
#include <mutex>

#include "platform/posix_calls.hpp"

namespace stdbind::tests::fault {

namespace {

using platform::SystemCalls;

// A call that is new in the table has to be told here: as one that can fail, or not.
#define STDBIND_CALL(name) +1
constexpr std::size_t failing = STDBIND_FAILING_CALLS(STDBIND_CALL);
#undef STDBIND_CALL
// kqueue, kevent, pthread_join, clock_gettime, nanosleep and getpid; and the 8 of loader processes, whose own tests let
// each of them fail.
constexpr std::size_t not_here = 14;
static_assert(sizeof(SystemCalls) == (failing + not_here) * sizeof(void (*)()));

const std::map<Call, std::vector<int>> errors = {
    {Call::open, {EACCES, EDQUOT, EEXIST, EINTR, EINVAL, EIO, EISDIR, ELOOP, EMFILE, ENAMETOOLONG, ENFILE,
                  ENODEV, ENOENT, ENOMEM, ENOSPC, ENOTDIR, ENXIO,  EOVERFLOW, EPERM,  EROFS,        ETXTBSY}},
    {Call::close, {EINTR, EIO, ENOSPC}},
    {Call::fstat, {EBADF, EIO, ENOMEM, EOVERFLOW}},
    {Call::fstatfs, {EIO, ENOMEM, ENOSYS, EOVERFLOW}},
    {Call::get_flags, {EBADF}},
    {Call::duplicate, {EBADF, EMFILE}},
    {Call::add_seals, {EBUSY, EINVAL, EPERM}},
    {Call::unlink, {EACCES, EBUSY, EIO, ENOENT, EPERM, EROFS}},
    {Call::ftruncate, {EFBIG, EINTR, EINVAL, EIO, EPERM, EROFS, ETXTBSY}},
    {Call::posix_fallocate, {EDQUOT, EFBIG, EINTR, EINVAL, EIO, ENODEV, ENOSPC, EOPNOTSUPP}},
    {Call::posix_fadvise, {EBADF, EINVAL, ESPIPE}},
    {Call::openat, {EACCES, EINTR, EIO, EMFILE, ENAMETOOLONG, ENFILE, ENOENT, ENOMEM, ENXIO, EPERM, EROFS, ETXTBSY}},
    {Call::openat2, {EACCES, EAGAIN, EINTR, EIO, ELOOP, EMFILE, ENAMETOOLONG, ENFILE, ENOENT, ENOMEM, ENOSYS, ENOTDIR,
                     ENXIO, EPERM, EROFS, ETXTBSY, EXDEV}},
    {Call::fstatat, {EACCES, EIO, ENOENT, ENOMEM}},
    {Call::read, {EAGAIN, EINTR, EIO}},
    {Call::pread, {EINTR, EIO, ENOMEM}},
    {Call::pwrite, {EDQUOT, EFBIG, EINTR, EIO, ENOSPC, EPERM}},
    {Call::fdatasync, {EDQUOT, EINTR, EIO, ENOSPC, EROFS}},
    {Call::sync_file_range, {EIO, ENOMEM, ENOSPC, ESPIPE}},
    {Call::file_size_limit, {EINVAL}},
    {Call::shm_open, {EACCES, EEXIST, EINTR, EINVAL, EMFILE, ENAMETOOLONG, ENFILE, ENOENT, ENOSPC}},
    {Call::shm_unlink, {EACCES, ENOENT}},
    {Call::memfd_create, {EMFILE, ENFILE, ENOMEM, ENOSYS, EPERM}},
    {Call::mmap, {EACCES, EAGAIN, EINVAL, ENFILE, ENODEV, ENOMEM, EOVERFLOW, EPERM}},
    {Call::munmap, {EINVAL, ENOMEM}},
    {Call::mremap, {EAGAIN, EFAULT, EINVAL, ENOMEM}},
    {Call::mprotect, {EACCES, EINVAL, ENOMEM}},
    {Call::mlock, {EAGAIN, ENOMEM, EPERM}},
    {Call::munlock, {EAGAIN, ENOMEM, EPERM}},
    {Call::mincore, {EAGAIN, ENOMEM}},
    {Call::msync, {EBUSY, EDQUOT, EINTR, EIO, ENOMEM, ENOSPC}},
    {Call::madvise, {EAGAIN, EBADF, EFAULT, EINVAL, EIO, ENOMEM, EPERM}},
    {Call::inotify_init1, {EMFILE, ENFILE, ENOMEM, ENOSYS}},
    {Call::inotify_add_watch, {EACCES, ENOENT, ENOMEM, ENOSPC}},
    {Call::pthread_create, {EAGAIN, EPERM}},
    {Call::sysconf, {EINVAL}},
    {Call::sigaction, {EINVAL}},
    {Call::poll, {EINTR, ENOMEM}},
};

// Written down once more, not asked of the library.
const std::map<int, ErrorKind> kinds = {
    {EACCES, ErrorKind::permission_denied}, {EPERM, ErrorKind::permission_denied},
    {EROFS, ErrorKind::permission_denied},  {ENOENT, ErrorKind::not_found},
    {ENOTDIR, ErrorKind::not_found},        {EEXIST, ErrorKind::already_exists},
    {EISDIR, ErrorKind::wrong_file_type},   {ENXIO, ErrorKind::wrong_file_type},
    {ENODEV, ErrorKind::wrong_file_type},   {EINVAL, ErrorKind::invalid_argument},
    {EBADF, ErrorKind::invalid_argument},   {ENAMETOOLONG, ErrorKind::invalid_argument},
    {ELOOP, ErrorKind::invalid_argument},   {ENOMEM, ErrorKind::no_memory},
    {EMFILE, ErrorKind::too_many_open},     {ENFILE, ErrorKind::too_many_open},
    {EAGAIN, ErrorKind::limit},             {EFBIG, ErrorKind::limit},
    {EOVERFLOW, ErrorKind::limit},          {ENOSPC, ErrorKind::no_space},
    {EDQUOT, ErrorKind::no_space},          {ETXTBSY, ErrorKind::busy},
    {EBUSY, ErrorKind::busy},               {ENOSYS, ErrorKind::unsupported},
    {EOPNOTSUPP, ErrorKind::unsupported},   {EIO, ErrorKind::io},
    {ESPIPE, ErrorKind::io},                {EFAULT, ErrorKind::io},
    {EXDEV, ErrorKind::io},
};

SystemCalls real;

std::mutex mutex;  // guards all of the following
enum class State { idle, recording, armed, dying } state = State::idle;
Point armed;
std::size_t made = 0;  // since it was armed
std::size_t failed = 0;
std::size_t last_call = 0;  // in which the process dies
bool dies_after = false;
std::vector<Call> calls;
std::map<Call, int> broken;
std::map<std::uintptr_t, std::uintptr_t> ledger;  // begin and end of what is mapped

/// The number with which this call has to fail now; 0 if it does not.
int failure_of(Call call) {
  const std::scoped_lock lock(mutex);
  if (state == State::idle) return 0;
  if (const auto found = broken.find(call); found != broken.end()) return found->second;
  if (state == State::recording) {
    calls.push_back(call);
    return 0;
  }
  ++made;
  if (state == State::dying) {
    if (made == last_call && !dies_after) raise(SIGKILL);
    return 0;
  }
  const bool first = made == armed.number;
  const bool again = made > armed.number && armed.for_ever && call == armed.call && failed > 0;
  if (!first && !again) return 0;
  if (first && call != armed.call) return 0;  // another way was taken; stop tells
  if (armed.os == EINTR && failed == 100) return 0;
  ++failed;
  return armed.os;
}

/// The last moment of a process that dies after a call.
void die_if_last() {
  const std::scoped_lock lock(mutex);
  if (state == State::dying && made == last_call && dies_after) raise(SIGKILL);
}

void forget(std::uintptr_t begin, std::uintptr_t end) {
  for (auto at = ledger.begin(); at != ledger.end();) {
    const auto [first, last] = *at;
    if (last <= begin || first >= end) {
      ++at;
      continue;
    }
    at = ledger.erase(at);
    if (first < begin) ledger.emplace(first, begin);
    if (last > end) ledger.emplace(end, last);
  }
}

std::uintptr_t page_end(std::uintptr_t end) {
  const auto page = static_cast<std::uintptr_t>(real.sysconf(_SC_PAGESIZE));
  return (end + page - 1) / page * page;
}

void note_mapped(void* address, std::size_t length) {
  if (address == MAP_FAILED) return;
  const std::scoped_lock lock(mutex);
  const auto begin = reinterpret_cast<std::uintptr_t>(address);
  forget(begin, page_end(begin + length));
  ledger.emplace(begin, page_end(begin + length));
}

void note_unmapped(void* address, std::size_t length) {
  const std::scoped_lock lock(mutex);
  const auto begin = reinterpret_cast<std::uintptr_t>(address);
  forget(begin, page_end(begin + length));
}

void note(std::integral_constant<Call, Call::mmap>, void* result, void*, std::size_t length, int, int, int, off_t) {
  note_mapped(result, length);
}
void note(std::integral_constant<Call, Call::munmap>, int result, void* address, std::size_t length) {
  if (result == 0) note_unmapped(address, length);
}
void note(std::integral_constant<Call, Call::mremap>, void* result, void* address, std::size_t from, std::size_t to,
          int) {
  if (result == MAP_FAILED) return;
  note_unmapped(address, from);
  note_mapped(result, to);
}
template <Call call, class... Arguments>
void note(std::integral_constant<Call, call>, Arguments...) {}

/// Stands in for an entry of the table.
template <Call call, auto entry>
struct Failing;
template <Call call, class Result, class... Arguments, Result (*SystemCalls::*entry)(Arguments...)>
struct Failing<call, entry> {
  static Result run(Arguments... arguments) {
    const int os = failure_of(call);
    if (os == 0) {
      const Result result = (real.*entry)(arguments...);
      const int saved = errno;
      die_if_last();
      note(std::integral_constant<Call, call>(), result, arguments...);
      errno = saved;
      return result;
    }
    if constexpr (call == Call::close) (real.*entry)(arguments...);  // the system closes it all the same
    constexpr bool gives_number =
        call == Call::posix_fallocate || call == Call::posix_fadvise || call == Call::pthread_create;
    if constexpr (gives_number) return os;
    errno = os;
    if constexpr (std::is_pointer_v<Result>) {
      return MAP_FAILED;
    } else {
      return -1;
    }
  }
};

}  // namespace

std::string_view name_of(Call call) {
  static constexpr std::string_view names[] = {
#define STDBIND_CALL(name) #name,
      STDBIND_FAILING_CALLS(STDBIND_CALL)
#undef STDBIND_CALL
  };
  return names[static_cast<std::size_t>(call)];
}

std::span<const int> errors_of(Call call) { return errors.at(call); }

ErrorKind usual_kind(Call call, int os) {
  if (os == EINTR || call == Call::close || call == Call::posix_fadvise) return {};
  return kinds.at(os);
}

void install() {
  real = platform::system_calls;
#define STDBIND_CALL(name) platform::system_calls.name = Failing<Call::name, &SystemCalls::name>::run;
  STDBIND_FAILING_CALLS(STDBIND_CALL)
#undef STDBIND_CALL
}

void record() {
  const std::scoped_lock lock(mutex);
  calls.clear();
  state = State::recording;
}

void arm(const Point& point) {
  const std::scoped_lock lock(mutex);
  armed = point;
  made = failed = 0;
  state = State::armed;
}

void die_at(std::size_t number, bool after) {
  const std::scoped_lock lock(mutex);
  made = 0;
  last_call = number;
  dies_after = after;
  state = State::dying;
}

void break_call(Call call, int os) {
  const std::scoped_lock lock(mutex);
  broken[call] = os;
}

void mend_calls() {
  const std::scoped_lock lock(mutex);
  broken.clear();
}

bool stop() {
  const std::scoped_lock lock(mutex);
  state = State::idle;
  return failed > 0;
}

const std::vector<Call>& recorded() { return calls; }

std::size_t mapped_bytes() {
  const std::scoped_lock lock(mutex);
  std::size_t all = 0;
  for (const auto& [begin, end] : ledger) all += end - begin;
  return all;
}

void unmap_all() {
  const std::scoped_lock lock(mutex);
  for (const auto& [begin, end] : ledger) real.munmap(reinterpret_cast<void*>(begin), end - begin);
  ledger.clear();
}

}  // namespace stdbind::tests::fault
