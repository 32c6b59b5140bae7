// Inside the loader: what its threads and what they do have in common. Functions without a lock of their own say which
// one is held.
#ifndef STDBIND_LOADER_WORK_HPP
#define STDBIND_LOADER_WORK_HPP

#include "loader.hpp"

namespace stdbind::detail {

/// Opens, maps, and makes steps of a job, or ends it. The counter is the one of this thread: it is left with the job.
void do_file(Loader& loader, Job& job, std::int64_t& at_work) noexcept;
/// Brings a step into memory.
void do_step(Loader& loader, Job& job, std::int64_t step, std::int64_t& at_work) noexcept;
/// Ends a job that nobody else can end, as what it is to be unless it was cancelled; at_work may be null.
void finish(Loader& loader, Job& job, LoadState state, const Error* error, std::int64_t* at_work) noexcept;

// Under the loader's lock:
/// The thread has done its work, and looks for more.
inline void leave(Loader& loader, std::int64_t* at_work) noexcept {
  if (at_work == nullptr) return;
  --*at_work;
  ++loader.spare;
}
inline Jobs& queue_of(Loader& loader, const Job& job) noexcept {
  return has(job.load_options, LoadOptions::isolated) ? loader.isolated : loader.plain;
}
/// The next step of a job that has one.
std::int64_t take_step(Job& job) noexcept;
/// Leaves the steps out that nobody has begun.
void give_up_steps(Loader& loader, Job& job) noexcept;
/// Wakes or starts as many threads as have something to do. The system's number if it gives none and there is none.
platform::System<void> call_workers(Loader& loader) noexcept;
/// Ends the loader processes that nobody uses; lets the lock go meanwhile. False if there were none.
bool end_processes(Loader& loader) noexcept;

/// As platform::open_file, by a loader process. *errors*: those of the file; loader_died, unsupported, and what the
/// system has against a new process.
Result<platform::File> open_by_process(Loader& loader, const Job& job, bool writable) noexcept;
/// In a child process: closes what leads to the loader processes of its parent.
void forget_processes(Loader& of_parent) noexcept;

}  // namespace stdbind::detail

#endif
