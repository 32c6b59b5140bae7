// The loader: its queue and its threads. A thread ends when it has had no work for a while, and is joined by nobody, so
// that the program can end at any time.
#include "loader.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>

#include "checks.hpp"
#include "loader_work.hpp"

namespace stdbind::detail {

namespace {

std::atomic<Loader*> current{nullptr};

struct Work {
  Job* job = nullptr;
  std::int64_t* at_work = nullptr;  ///< the counter that was raised for it
  std::int64_t step = to_end;       ///< or the file itself
};

Work take_file(Jobs& queue, std::int64_t& at_work) noexcept {
  Job& job = *queue.first;
  queue.remove(job);
  job.phase = Job::Phase::opening;
  ++at_work;
  return {.job = &job, .at_work = &at_work};
}

/// What a thread is to do next; the lock is held. Files go before steps: they take far less time.
Work take_work(Loader& loader) noexcept {
  if (loader.isolated.count != 0 && loader.at_isolated < loader.processes) {
    return take_file(loader.isolated, loader.at_isolated);
  }
  if (loader.at_plain >= loader.threads) return {};
  if (loader.plain.count != 0) return take_file(loader.plain, loader.at_plain);
  if (loader.prefaulting.count == 0) return {};
  Job& job = *loader.prefaulting.first;
  loader.prefaulting.remove(job);
  const std::int64_t step = take_step(job);
  if (job.untaken != 0) loader.prefaulting.append(job);  // behind the others: each in its turn
  ++loader.at_plain;
  return {.job = &job, .at_work = &loader.at_plain, .step = step};
}

void work(platform::Task& task) noexcept {
  auto& self = static_cast<Worker&>(task);
  Loader& loader = *self.loader;
  loader.monitor.lock();
  for (;;) {
    Work next = take_work(loader);
    bool in_time = !loader.dismissed;
    if (next.job == nullptr && in_time) {
      const std::int64_t until = platform::time_after(loader.idle_ms);
      while (next.job == nullptr && in_time) {
        in_time = loader.monitor.wait_until(until) && !loader.dismissed;
        next = take_work(loader);
      }
    }
    if (next.job == nullptr) {
      if (loader.workers == 1 && end_processes(loader)) continue;  // there may be work again
      break;
    }
    --loader.spare;
    loader.monitor.unlock();
    if (next.step == to_end) {
      do_file(loader, *next.job, *next.at_work);
    } else {
      do_step(loader, *next.job, next.step, *next.at_work);
    }
    loader.monitor.lock();
  }
  --loader.spare;
  --loader.workers;
  self.used = false;
  loader.monitor.unlock();
}

platform::System<void> start_worker(Loader& loader) noexcept {
  Worker& worker = *std::ranges::find(loader.slots, false, &Worker::used);
  worker.run = work;
  worker.loader = &loader;
  const auto thread = platform::start_thread(worker);
  if (!thread) return std::unexpected(thread.error());
  platform::detach_thread(*thread);
  worker.used = true;
  ++loader.workers;
  ++loader.spare;
  return {};
}

/// How many threads could work at once, as far as that is of interest; the lock is held.
std::int64_t useful_workers(const Loader& loader) noexcept {
  std::int64_t plain = loader.plain.count;
  const std::int64_t free = loader.threads - loader.at_plain;
  for (const Job* job = loader.prefaulting.first; job != nullptr && plain < free; job = job->next)
    plain += job->untaken;
  return std::min(plain, free) + std::min(loader.isolated.count, loader.processes - loader.at_isolated);
}

}  // namespace

void Jobs::append(Job& job) noexcept {
  job.next = nullptr;
  job.previous = last;
  (last == nullptr ? first : last->next) = &job;
  last = &job;
  ++count;
}

void Jobs::remove(Job& job) noexcept {
  (job.previous == nullptr ? first : job.previous->next) = job.next;
  (job.next == nullptr ? last : job.next->previous) = job.previous;
  --count;
}

Result<Loader*> loader(std::string_view function) noexcept {
  Loader* now = current.load(std::memory_order_acquire);
  const std::int64_t here = platform::process();
  if (now != nullptr && now->process == here) return now;
  void* const storage = std::malloc(sizeof(Loader));
  if (storage == nullptr) return fail(ErrorKind::no_memory, {function, ": no memory is left"});
  auto* const made = new (storage) Loader;
  made->process = here;
  made->of_parent = now;
  made->threads = std::min(platform::processors(), std::int64_t{4});
  if (current.compare_exchange_strong(now, made, std::memory_order_acq_rel)) {
    if (now != nullptr) forget_processes(*now);
    return made;
  }
  made->~Loader();
  std::free(storage);
  return now;
}

bool is_here(const Job& job) noexcept { return job.process == platform::process(); }

bool has_ended(LoadState state) noexcept { return state != LoadState::pending && state != LoadState::loading; }

void drop(Job* job) noexcept {
  if (!is_here(*job)) {
    job->mmap = Mmap();  // the rest may be locked for ever
    return;
  }
  if (job->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  std::free(job->taken);
  job->~Job();
  std::free(job);
}

platform::System<void> call_workers(Loader& loader) noexcept {
  const std::int64_t useful = useful_workers(loader);
  for (std::int64_t i = std::min(useful, loader.spare); i > 0; --i) loader.monitor.notify_one();
  while (loader.spare < useful && loader.workers < loader.threads + loader.processes) {
    const auto started = start_worker(loader);
    if (started) continue;
    if (loader.workers == 0) return started;
    break;
  }
  return {};
}

std::int64_t room_in_queue(Loader& loader) noexcept {
  const platform::Locked locked(loader.monitor);
  return std::max(loader.queue - loader.plain.count - loader.isolated.count, std::int64_t{0});
}

Result<std::int64_t> enqueue(Loader& loader, std::span<const AsyncFile> files, bool bounded) noexcept {
  const platform::Locked locked(loader.monitor);
  std::size_t taken = 0;
  for (; taken < files.size(); ++taken) {
    Job& job = *AsyncAccess::job(files[taken]);
    if (job.phase != Job::Phase::idle) continue;
    if (bounded && loader.plain.count + loader.isolated.count >= loader.queue) break;
    job.phase = Job::Phase::queued;
    job.in_loader.store(true, std::memory_order_relaxed);
    job.references.fetch_add(1, std::memory_order_relaxed);
    queue_of(loader, job).append(job);
    ++loader.unfinished;
  }
  const auto called = call_workers(loader);
  if (called) return static_cast<std::int64_t>(taken);
  for (std::size_t i = 0; i < taken; ++i) {
    Job& job = *AsyncAccess::job(files[i]);
    if (job.phase != Job::Phase::queued) continue;
    queue_of(loader, job).remove(job);
    job.phase = Job::Phase::idle;
    job.in_loader.store(false, std::memory_order_relaxed);
    job.references.fetch_sub(1, std::memory_order_relaxed);
    --loader.unfinished;
  }
  return fail_system(called.error(), {"async start: cannot start a thread"});
}

void dismiss_workers() noexcept {
  Loader* const all = current.load(std::memory_order_acquire);
  if (all == nullptr || all->process != platform::process()) return;
  all->monitor.lock();
  all->dismissed = true;
  all->monitor.notify_all();
  while (all->workers != 0) {
    all->monitor.unlock();
    platform::sleep_briefly();
    all->monitor.lock();
  }
  all->dismissed = false;
  all->monitor.unlock();
}

}  // namespace stdbind::detail
