// What a thread of the loader does with a job: it opens and maps the file, brings it into memory step by step, and
// tells what became of it. A job lets its mapping go before anyone is told that it has ended.
#include <algorithm>
#include <cstdlib>

#include "checks.hpp"
#include "loader_work.hpp"
#include "loading.hpp"
#include "opening.hpp"

namespace stdbind::detail {

namespace {

void let_go(Job& job) noexcept {
  if (Mapping* const mapping = job.pinned.exchange(nullptr, std::memory_order_acq_rel); mapping != nullptr) {
    unpin(mapping, Mapping::prefault);
  }
}

/// From pending to loading; false if it was cancelled.
bool begin(Job& job) noexcept {
  const platform::Locked locked(job.monitor);
  if (has_ended(job.state.load(std::memory_order_relaxed))) return false;
  job.state.store(LoadState::loading, std::memory_order_release);
  return true;
}

/// Gives the job its mapping; false if it was cancelled: the mapping goes then.
bool publish(Job& job, Mmap& mmap) noexcept {
  const platform::Locked locked(job.monitor);
  if (has_ended(job.state.load(std::memory_order_relaxed))) return false;
  Mapping* const mapping = MmapAccess::mapping_of(mmap);
  const auto size = static_cast<std::int64_t>(mapping->size);
  job.mmap = std::move(mmap);
  job.total.store(size, std::memory_order_release);
  if (!has(job.load_options, LoadOptions::prefault)) job.done.store(size, std::memory_order_release);
  job.mapping.store(mapping, std::memory_order_release);
  return true;
}

constexpr unsigned bits = 64;

bool is_taken(const Job& job, std::int64_t step) noexcept {
  const auto number = static_cast<std::uint64_t>(step);
  return (job.taken[number / bits] >> number % bits & 1U) != 0;
}

/// Makes the job ready to be loaded in steps, before others see them.
Result<void> prepare_steps(Job& job, Mapping& mapping) noexcept {
  if (mapping.positioned) return not_mapped("load");
  const auto page = page_size_for("load");
  if (!page) return std::unexpected(page.error());
  const auto size = static_cast<std::int64_t>(mapping.size);
  const std::int64_t steps = (size + load_step - 1) / load_step;
  const auto words = static_cast<std::size_t>(steps) / bits + 1;
  auto* const taken = static_cast<std::uint64_t*>(std::calloc(words, sizeof(std::uint64_t)));
  if (taken == nullptr) return fail(ErrorKind::no_memory, {"load: no memory is left"});
  job.taken = taken;
  job.untaken = steps;
  job.page = *page;
  if (const auto pinned = pin("load", mapping, Mapping::prefault); !pinned) return pinned;
  job.pinned.store(&mapping, std::memory_order_release);
  return {};
}

}  // namespace

void finish(Loader& loader, Job& job, LoadState state, const Error* error, std::int64_t* at_work) noexcept {
  let_go(job);
  {
    const platform::Locked locked(loader.monitor);
    job.phase = Job::Phase::over;
    --loader.unfinished;
    leave(loader, at_work);
  }
  {
    const platform::Locked locked(job.monitor);
    if (!has_ended(job.state.load(std::memory_order_relaxed))) {
      if (error != nullptr) job.error = *error;
      job.state.store(state, std::memory_order_release);
    }
    job.in_loader.store(false, std::memory_order_release);
  }
  job.monitor.notify_all();
  drop(&job);
}

Result<Mmap> load_file(Loader& loader, const Job& job) noexcept {
  const Request request{
      .function = "load", .path = job.text(), .mode = job.mode, .length = to_end, .options = job.options};
  platform::File file = platform::no_file;
  if (has(job.load_options, LoadOptions::isolated)) {
    const auto opened = open_by_process(loader, job, must_write(request));
    if (!opened) return std::unexpected(opened.error());
    file = *opened;
  } else {
    const auto opened = platform::open_file(job.path, must_write(request));
    if (!opened) return fail_system(opened.error(), {"load: cannot open ", Quoted{job.text()}});
    file = *opened;
  }
  Source source(file, Source::Owner::us);
  return MmapAccess::adopt(map_file(request, source));
}

void do_file(Loader& loader, Job& job, std::int64_t& at_work) noexcept {
  if (!begin(job)) return finish(loader, job, LoadState::cancelled, nullptr, &at_work);
  auto mmap = load_file(loader, job);
  if (!mmap) return finish(loader, job, LoadState::failed, &mmap.error(), &at_work);
  Mapping& mapping = *MmapAccess::mapping_of(*mmap);
  const bool steps = has(job.load_options, LoadOptions::prefault) && mapping.size != 0;
  if (steps) {
    if (const auto prepared = prepare_steps(job, mapping); !prepared) {
      *mmap = Mmap();
      return finish(loader, job, LoadState::failed, &prepared.error(), &at_work);
    }
  }
  if (!publish(job, *mmap)) {
    *mmap = Mmap();
    return finish(loader, job, LoadState::cancelled, nullptr, &at_work);
  }
  if (!steps) return finish(loader, job, LoadState::ready, nullptr, &at_work);
  bool over = false;
  {
    const platform::Locked locked(loader.monitor);
    // Whoever cancels it from now on finds it here.
    over = has_ended(job.state.load(std::memory_order_acquire));
    if (!over) {
      job.phase = Job::Phase::prefaulting;
      loader.prefaulting.append(job);
      leave(loader, &at_work);
      [[maybe_unused]] const auto at_least_this_thread = call_workers(loader);
    }
  }
  if (over) finish(loader, job, LoadState::cancelled, nullptr, &at_work);
}

std::int64_t take_step(Job& job) noexcept {
  const std::int64_t total = job.total.load(std::memory_order_relaxed);
  const auto take = [&](std::int64_t step) {
    const auto number = static_cast<std::uint64_t>(step);
    job.taken[number / bits] |= std::uint64_t{1} << number % bits;
    --job.untaken;
    ++job.in_steps;
    return step;
  };
  while (job.wanted_count > 0) {
    Wanted& wanted = job.wanted[job.wanted_count - 1];
    const std::int64_t end = std::min(wanted.end, total);
    for (std::int64_t step = wanted.begin / load_step; step * load_step < end; ++step) {
      wanted.begin = (step + 1) * load_step;
      if (!is_taken(job, step)) return take(step);
    }
    --job.wanted_count;
  }
  while (is_taken(job, job.first_untaken)) ++job.first_untaken;
  return take(job.first_untaken);
}

void do_step(Loader& loader, Job& job, std::int64_t step, std::int64_t& at_work) noexcept {
  const Mapping& mapping = *job.pinned.load(std::memory_order_acquire);
  const std::int64_t total = job.total.load(std::memory_order_relaxed);
  const std::int64_t offset = step * load_step;
  const std::int64_t size = std::min(load_step, total - offset);
  std::byte* const begin = mapping.data + offset;
  const bool loaded = bring_in(mapping, begin, begin + size, job.page);
  if (loaded) job.done.fetch_add(size, std::memory_order_acq_rel);
  bool last = false;
  {
    const platform::Locked locked(loader.monitor);
    --job.in_steps;
    if (!loaded) {
      job.gone = job.gone == to_end ? offset : std::min(job.gone, offset);
      give_up_steps(loader, job);
    }
    last = job.in_steps == 0 && job.untaken == 0;
    if (!last) leave(loader, &at_work);
  }
  if (!last) return;
  if (job.gone == to_end) return finish(loader, job, LoadState::ready, nullptr, &at_work);
  const std::int64_t length = std::min(load_step, total - job.gone);
  const Error error = faulted("load", job.gone, static_cast<std::uint64_t>(length)).error();
  finish(loader, job, LoadState::failed, &error, &at_work);
}

void give_up_steps(Loader& loader, Job& job) noexcept {
  if (job.untaken == 0) return;
  loader.prefaulting.remove(job);
  job.untaken = 0;
}

void prioritize(Job& job, Wanted wanted) noexcept {
  if (!is_here(job) || wanted.begin >= wanted.end) return;
  const auto made = loader("async prioritize");
  if (!made) return;  // nothing can be loading then
  const platform::Locked locked((*made)->monitor);
  if (job.wanted_count == job.wanted.size()) {
    std::shift_left(job.wanted.begin(), job.wanted.end(), 1);
    --job.wanted_count;
  }
  job.wanted[job.wanted_count++] = wanted;
}

void cancel(Job& job) noexcept {
  if (!is_here(job)) return let_go(job);
  {
    const platform::Locked locked(job.monitor);
    if (has_ended(job.state.load(std::memory_order_relaxed))) return;
    job.state.store(LoadState::cancelled, std::memory_order_release);
  }
  job.monitor.notify_all();
  const auto made = loader("async cancel");
  if (!made) return;  // it was never started
  Loader& loader = **made;
  bool nobody_at_it = false;
  {
    const platform::Locked locked(loader.monitor);
    switch (job.phase) {
      case Job::Phase::idle:
        job.phase = Job::Phase::over;
        break;
      case Job::Phase::queued:
        queue_of(loader, job).remove(job);
        nobody_at_it = true;
        break;
      case Job::Phase::prefaulting:
        give_up_steps(loader, job);
        nobody_at_it = job.in_steps == 0;
        break;
      case Job::Phase::opening:
      case Job::Phase::over:
        break;
    }
    // Nobody else may end it now.
    if (nobody_at_it) job.phase = Job::Phase::opening;
  }
  if (nobody_at_it) finish(loader, job, LoadState::cancelled, nullptr, nullptr);
}

void wait_until_released(Job& job) noexcept {
  if (!is_here(job)) return;
  const platform::Locked locked(job.monitor);
  while (job.in_loader.load(std::memory_order_acquire)) job.monitor.wait_until(platform::never);
}

}  // namespace stdbind::detail
