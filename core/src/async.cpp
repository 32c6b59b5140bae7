// AsyncFile: what is asked for is checked, becomes a job of the loader, and is told about.
#include <stdbind/async.hpp>

#include <algorithm>
#include <cstdlib>
#include <new>

#include "checks.hpp"
#include "loader.hpp"
#include "opening.hpp"

namespace stdbind {

using detail::AsyncAccess;
using detail::fail;
using detail::has_ended;
using detail::is_here;
using detail::Job;

namespace {

constexpr LoadOptions all_options = LoadOptions::lazy | LoadOptions::isolated | LoadOptions::prefault;

std::unexpected<Error> closed(std::string_view function) noexcept {
  return fail(ErrorKind::closed, {"async ", function, ": the file is closed"});
}

/// How files are loaded, whatever their paths are.
struct Manner {
  Mode mode;
  OpenOptions options;
  LoadOptions load_options;
};

Result<void> check(const Manner& manner) noexcept {
  const detail::Request request{
      .function = "async open", .path = {}, .mode = manner.mode, .length = to_end, .options = manner.options};
  if (const auto checked = check_file(request); !checked) return checked;
  const auto unknown = std::to_underlying(manner.load_options) & ~std::to_underlying(all_options);
  if (unknown != 0) {
    return fail(ErrorKind::invalid_argument,
                {"async open: of the load options ", std::to_underlying(manner.load_options), " the bits ", unknown,
                 " mean nothing; combine LAZY 1, ISOLATED 2, PREFAULT 4"});
  }
  if (has(manner.load_options, LoadOptions::prefault) && (manner.mode & (Mode::read | Mode::write)) == Mode::none) {
    return fail(ErrorKind::invalid_argument,
                {"async open: the load option PREFAULT 4 needs READ or WRITE in the mode ", manner.mode});
  }
  return {};
}

Result<Job*> make_job(std::string_view path, const Manner& manner, std::int64_t process) noexcept {
  detail::PathText text;  // NOLINT: filled below
  if (const auto copied = detail::copy_path("async open", path, text); !copied) return std::unexpected(copied.error());
  void* const storage = std::malloc(sizeof(Job) + path.size() + 1);
  if (storage == nullptr) return fail(ErrorKind::no_memory, {"async open: no memory is left"});
  auto* const job = new (storage) Job;
  char* const own = reinterpret_cast<char*>(job + 1);
  *std::copy(path.begin(), path.end(), own) = '\0';
  job->path = own;
  job->path_size = path.size();
  job->process = process;
  job->mode = manner.mode;
  job->options = manner.options;
  job->load_options = manner.load_options;
  return job;
}

std::unexpected<Error> queue_is_full(std::string_view function, detail::Loader& loader) noexcept {
  const platform::Locked locked(loader.monitor);
  return fail(ErrorKind::busy, {"async ", function, ": ", loader.queue,
                                " loads wait for their turn, as many as may; wait for some, or set a longer queue by "
                                "configure_loader"});
}

/// What is to be known of one that has ended.
Result<void> outcome(std::string_view function, const Job& job, LoadState state) noexcept {
  if (state == LoadState::failed && job.error) return std::unexpected(*job.error);
  if (state == LoadState::cancelled || state == LoadState::failed) {
    return fail(ErrorKind::cancelled, {"async ", function, ": the load of ", Quoted{job.text()}, " was cancelled"});
  }
  return {};
}

/// In a child process the loads that have not ended never will.
LoadState state_of(const Job& job) noexcept {
  const LoadState state = job.state.load(std::memory_order_acquire);
  return has_ended(state) || is_here(job) ? state : LoadState::cancelled;
}

LoadState wait_for_end(Job& job, std::int64_t until) noexcept {
  const platform::Locked locked(job.monitor);
  while (!has_ended(job.state.load(std::memory_order_relaxed)) && job.monitor.wait_until(until)) {
  }
  return job.state.load(std::memory_order_relaxed);
}

/// Queues a lazy job; the queue's bound may be held or not.
Result<void> start(std::string_view function, const AsyncFile& file, bool bounded) noexcept {
  const auto loader = detail::loader("async start");
  if (!loader) return std::unexpected(loader.error());
  const auto taken = detail::enqueue(**loader, std::span(&file, 1), bounded);
  if (!taken) return std::unexpected(taken.error());
  if (*taken == 0) return queue_is_full(function, **loader);
  return {};
}

}  // namespace

Result<void> configure_loader(std::int64_t threads, std::int64_t queue, std::int64_t processes) noexcept {
  using detail::Loader;
  struct Limit {
    std::string_view name;
    std::int64_t value;
    std::int64_t most;
  };
  for (const Limit& limit :
       {Limit{"threads", threads, Loader::most_threads}, Limit{"queue", queue, Loader::most_queued},
        Limit{"processes", processes, Loader::most_processes}}) {
    if (limit.value >= 1 && limit.value <= limit.most) continue;
    return fail(ErrorKind::invalid_argument,
                {"configure_loader: ", limit.name, " is ", limit.value, "; it has to be from 1 to ", limit.most});
  }
  const auto loader = detail::loader("configure_loader");
  if (!loader) return std::unexpected(loader.error());
  const platform::Locked locked((*loader)->monitor);
  if ((*loader)->unfinished != 0) {
    return fail(ErrorKind::busy, {"configure_loader: ", (*loader)->unfinished,
                                  " loads are under way; wait for them, or configure before the first one"});
  }
  (*loader)->threads = threads;
  (*loader)->queue = queue;
  (*loader)->processes = processes;
  return {};
}

Result<void> detail::AsyncAccess::stop(AsyncFile& file) noexcept {
  Job* const job = file.job_;
  if (job == nullptr || job->stopped.exchange(true, std::memory_order_acq_rel)) return closed("close");
  // Looked at before anything is cancelled, so that a refusal changes nothing; sealing decides in the end.
  const bool has_mapping = job->mapping.load(std::memory_order_acquire) != nullptr;
  const bool own = has_mapping && job->handle.load(std::memory_order_acquire) == 0 && !job->mmap.is_closed();
  const std::uint32_t pins = own ? MmapAccess::mapping_of(job->mmap)->pins.load(std::memory_order_acquire) : 0;
  Result<void> sealed;
  if ((pins & Mapping::views) != 0) {
    sealed = pinned("async close", pins & Mapping::views);
  } else {
    detail::cancel(*job);
    wait_until_released(*job);
    if (!job->mmap.is_closed()) sealed = MmapAccess::seal(job->mmap);
  }
  if (!sealed) job->stopped.store(false, std::memory_order_release);
  return sealed;
}

Result<std::int64_t> detail::AsyncAccess::hand_over(AsyncFile& file, std::int64_t (*insert)(Mmap& mmap)) noexcept {
  constexpr std::int64_t under_way = -1;
  Job* const job = file.job_;
  std::int64_t handle = 0;
  for (;;) {
    if (job != nullptr) handle = job->handle.load(std::memory_order_acquire);
    if (handle > 0) return handle;
    if (handle == 0) {
      if (const auto mapping = file.mapping(); !mapping) return std::unexpected(mapping.error());
      if (job->handle.compare_exchange_strong(handle, under_way, std::memory_order_acq_rel)) break;
    } else {
      platform::sleep_briefly();
    }
  }
  handle = insert(job->mmap);
  job->handle.store(handle, std::memory_order_release);
  return handle;
}

std::int64_t detail::AsyncAccess::handed_over(const AsyncFile& file) noexcept {
  return file.job_ == nullptr ? 0 : std::max(file.job_->handle.load(std::memory_order_acquire), std::int64_t{0});
}

AsyncFile::~AsyncFile() {
  if (job_ == nullptr) return;
  detail::cancel(*job_);
  detail::wait_until_released(*job_);
  detail::drop(job_);
}

Result<AsyncFile> AsyncFile::open(std::string_view path, Mode mode, OpenOptions options,
                                  LoadOptions load_options) noexcept {
  AsyncFile file;
  const auto taken = submit(std::span(&path, 1), std::span(&file, 1), mode, options, load_options);
  if (!taken) return std::unexpected(taken.error());
  if (*taken == 0) {
    const auto loader = detail::loader("async open");
    if (!loader) return std::unexpected(loader.error());
    return queue_is_full("open", **loader);
  }
  return file;
}

Result<std::int64_t> AsyncFile::submit(std::span<const std::string_view> paths, std::span<AsyncFile> files, Mode mode,
                                       OpenOptions options, LoadOptions load_options) noexcept {
  const Manner manner{mode, options, load_options};
  if (const auto checked = check(manner); !checked) return std::unexpected(checked.error());
  if (files.size() < paths.size()) {
    return fail(ErrorKind::invalid_argument,
                {"async submit: there is room for ", files.size(), " loads of ", paths.size(), " paths"});
  }
  const auto loader = detail::loader("async open");
  if (!loader) return std::unexpected(loader.error());
  const bool lazy = has(load_options, LoadOptions::lazy);
  const std::size_t room = lazy ? paths.size() : static_cast<std::size_t>(detail::room_in_queue(**loader));
  const std::size_t wanted = std::min(paths.size(), room);
  std::size_t made = 0;
  for (; made < wanted; ++made) {
    const auto job = make_job(paths[made], manner, (*loader)->process);
    if (job) {
      files[made] = AsyncAccess::adopt(*job);
    } else if (made == 0) {
      return std::unexpected(job.error());
    } else {
      break;
    }
  }
  if (lazy || made == 0) return static_cast<std::int64_t>(made);
  const auto taken = detail::enqueue(**loader, files.first(made), true);
  for (std::size_t i = taken ? static_cast<std::size_t>(*taken) : 0; i < made; ++i) files[i] = AsyncFile();
  return taken;
}

Result<void> AsyncFile::start() noexcept {
  if (job_ == nullptr) return closed("start");
  if (state_of(*job_) != LoadState::pending) return {};
  return stdbind::start("start", *this, true);
}

Result<LoadState> AsyncFile::state() const noexcept {
  if (job_ == nullptr) return closed("state");
  const LoadState state = state_of(*job_);
  const bool watched = has(job_->options, OpenOptions::watch) && job_->handle.load(std::memory_order_acquire) == 0;
  if (state != LoadState::ready || !watched) return state;
  const auto stale = job_->mmap.is_stale();
  return stale && *stale ? LoadState::stale : LoadState::ready;
}

Result<bool> AsyncFile::is_ready() const noexcept {
  if (job_ == nullptr) return closed("is_ready");
  return state_of(*job_) == LoadState::ready;
}

Result<void> AsyncFile::wait(std::int64_t timeout_ms) noexcept {
  if (job_ == nullptr) return closed("wait");
  if (timeout_ms < -1) {
    return fail(ErrorKind::invalid_argument,
                {"async wait: a timeout of ", timeout_ms, " ms is negative; -1 waits for ever"});
  }
  LoadState state = state_of(*job_);
  if (state == LoadState::pending && has(job_->load_options, LoadOptions::lazy)) {
    if (const auto started = stdbind::start("wait", *this, false); !started) return started;
  }
  if (!has_ended(state) && timeout_ms != 0) {
    state = wait_for_end(*job_, timeout_ms == -1 ? platform::never : platform::time_after(timeout_ms));
  }
  if (has_ended(state)) return outcome("wait", *job_, state);
  return fail(ErrorKind::timeout, {"async wait: ", Quoted{job_->text()}, " is not ready after ", timeout_ms, " ms; ",
                                   job_->done.load(std::memory_order_relaxed), " of ",
                                   job_->total.load(std::memory_order_relaxed), " bytes are loaded"});
}

Result<Mmap*> AsyncFile::get(std::int64_t timeout_ms) noexcept {
  if (const auto waited = wait(timeout_ms); !waited) return std::unexpected(waited.error());
  return mapping();
}

Result<Mmap*> AsyncFile::mapping() noexcept {
  if (job_ == nullptr) return closed("mapping");
  const LoadState state = state_of(*job_);  // before: it has a mapping then, or never will
  if (job_->mapping.load(std::memory_order_acquire) == nullptr) {
    if (const auto ended = outcome("mapping", *job_, state); !ended) return std::unexpected(ended.error());
    return fail(ErrorKind::busy, {"async mapping: ", Quoted{job_->text()}, " is not mapped yet; wait for it"});
  }
  if (job_->handle.load(std::memory_order_acquire) != 0) {
    return fail(ErrorKind::closed, {"async mapping: the mapping was handed over to a handle of its own"});
  }
  return &job_->mmap;
}

Result<std::int64_t> AsyncFile::done() const noexcept {
  if (job_ == nullptr) return closed("done");
  return job_->done.load(std::memory_order_acquire);
}

Result<std::int64_t> AsyncFile::total() const noexcept {
  if (job_ == nullptr) return closed("total");
  return job_->total.load(std::memory_order_acquire);
}

Result<void> AsyncFile::prioritize(std::int64_t offset, std::int64_t length) noexcept {
  if (job_ == nullptr) return closed("prioritize");
  if (length < to_end) {
    return fail(ErrorKind::invalid_argument,
                {"async prioritize: the length ", length, " is negative; -1 means all to the end"});
  }
  if (offset < 0) return fail(ErrorKind::out_of_bounds, {"async prioritize: the offset ", offset, " is negative"});
  const bool to_the_end = length == to_end || length > platform::never - offset;
  detail::prioritize(*job_, {offset, to_the_end ? platform::never : offset + length});
  return {};
}

Result<void> AsyncFile::cancel() noexcept {
  if (job_ == nullptr) return closed("cancel");
  detail::cancel(*job_);
  return {};
}

Result<void> AsyncFile::close() noexcept {
  if (const auto stopped = AsyncAccess::stop(*this); !stopped) return stopped;
  if (!job_->mmap.is_closed()) {
    if (const auto unmapped = detail::MmapAccess::close_sealed(job_->mmap); !unmapped) {
      job_->stopped.store(false, std::memory_order_release);
      return unmapped;
    }
  }
  detail::drop(std::exchange(job_, nullptr));
  return {};
}

}  // namespace stdbind
