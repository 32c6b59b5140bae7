// Prefault: a range is brought into memory, step by step, by a thread of its own. The thread ends before the object
// does, and lets the mapping go before anyone is told that it has ended.
#include <stdbind/prefault.hpp>

#include <algorithm>
#include <cstdlib>
#include <new>

#include "checks.hpp"
#include "loading.hpp"
#include "watch.hpp"

namespace stdbind {

using detail::fail;
using detail::Loading;
using detail::Mapping;

namespace {

/// Between two steps the thread looks whether it shall stop.
constexpr std::int64_t step = std::int64_t{2} << 20;

std::unexpected<Error> closed(std::string_view function) noexcept {
  return fail(ErrorKind::closed, {"prefault ", function, ": the prefault is closed"});
}

/// In a child process the object has come along, the thread has not; its lock may be held for ever.
bool is_here(const Loading& loading) noexcept { return !loading.has_thread || loading.process == platform::process(); }

void let_go(Loading& loading) noexcept {
  if (Mapping* const mapping = loading.mapping.exchange(nullptr, std::memory_order_acq_rel); mapping != nullptr) {
    detail::unpin(mapping, Mapping::prefault);
  }
}

Loading::End load_all(Loading& loading) noexcept {
  const Mapping& mapping = *loading.mapping.load(std::memory_order_relaxed);
  for (std::int64_t done = 0; done < loading.total;) {
    if (loading.cancelled.load(std::memory_order_relaxed)) return Loading::End::cancelled;
    if (platform::milliseconds() >= loading.deadline) return Loading::End::deadline;
    const std::int64_t size = std::min(step, loading.total - done);
    std::byte* const begin = mapping.data + loading.offset + done;
    if (!detail::bring_in(mapping, begin, begin + size, loading.page)) return Loading::End::fault;
    done += size;
    loading.done.store(done, std::memory_order_release);
  }
  return Loading::End::complete;
}

void run(platform::Task& task) noexcept {
  auto& loading = static_cast<Loading&>(task);
  const Loading::End end = load_all(loading);
  let_go(loading);
  const platform::Locked locked(loading.monitor);
  loading.end = end;
  loading.monitor.notify_all();
}

/// What is to be known of one that has ended.
Result<void> outcome(const Loading& loading, Loading::End end) noexcept {
  const std::int64_t done = loading.done.load(std::memory_order_acquire);
  switch (end) {
    case Loading::End::none:
    case Loading::End::complete:
      break;
    case Loading::End::cancelled:
      return fail(ErrorKind::cancelled,
                  {"prefault wait: it was cancelled when ", done, " of ", loading.total, " bytes were in memory"});
    case Loading::End::deadline:
      return fail(ErrorKind::timeout, {"prefault wait: its deadline of ", loading.deadline_ms,
                                       " ms has passed, and it has ended; ", done, " of ", loading.total,
                                       " bytes are in memory"});
    case Loading::End::fault:
      return detail::faulted("prefault wait", loading.offset + done, static_cast<std::uint64_t>(loading.total - done));
  }
  return {};
}

/// Waits for the end; End::none if the time came first.
Loading::End wait_for_end(Loading& loading, std::int64_t until) noexcept {
  if (!is_here(loading)) return Loading::End::cancelled;
  const platform::Locked locked(loading.monitor);
  while (loading.end == Loading::End::none && loading.monitor.wait_until(until)) {
  }
  return loading.end;
}

/// Cancels, and waits until no thread is left.
void stop(Loading& loading) noexcept {
  loading.cancelled.store(true, std::memory_order_relaxed);
  if (!is_here(loading)) {
    let_go(loading);
  } else if (loading.has_thread) {
    platform::join_thread(loading.thread);
  }
}

void release(Loading* loading) noexcept {
  if (!is_here(*loading)) return;  // a lock that is held cannot be given up
  loading->~Loading();
  std::free(loading);
}

Result<Loading*> make(const Mapping& mapping, detail::Range range, std::int64_t deadline_ms) noexcept {
  const auto page = detail::page_size_for("prefault");
  if (!page) return std::unexpected(page.error());
  void* const storage = std::malloc(sizeof(Loading));
  if (storage == nullptr) return fail(ErrorKind::no_memory, {"prefault: no memory is left"});
  auto* const loading = new (storage) Loading;
  loading->run = run;
  loading->offset = range.offset;
  loading->total = static_cast<std::int64_t>(range.size);
  loading->page = mapping.huge_page != 0 ? mapping.huge_page : *page;
  loading->deadline_ms = deadline_ms;
  if (deadline_ms >= 0) loading->deadline = platform::time_after(deadline_ms);
  return loading;
}

}  // namespace

bool detail::bring_in(const Mapping& mapping, std::byte* begin, std::byte* end, std::size_t page) noexcept {
  if (mapping.anonymous && mapping.is_private() && mapping.writable) {
    return platform::populate_private(mapping.guarded(), begin, end, page);
  }
  return platform::populate(mapping.guarded(), begin, end, page);
}

Result<void> detail::PrefaultAccess::stop(Prefault& prefault) noexcept {
  if (prefault.loading_ == nullptr || prefault.loading_->stopped.exchange(true, std::memory_order_acq_rel)) {
    return closed("close");
  }
  stdbind::stop(*prefault.loading_);
  return {};
}

Prefault detail::PrefaultAccess::adopt(Loading* loading) noexcept {
  Prefault prefault;
  prefault.loading_ = loading;
  return prefault;
}

Prefault::~Prefault() {
  if (loading_ == nullptr) return;
  [[maybe_unused]] const auto stopped_before = detail::PrefaultAccess::stop(*this);
  release(loading_);
}

Result<std::int64_t> Prefault::done() const noexcept {
  if (loading_ == nullptr) return closed("done");
  return loading_->done.load(std::memory_order_acquire);
}

Result<std::int64_t> Prefault::total() const noexcept {
  if (loading_ == nullptr) return closed("total");
  return loading_->total;
}

Result<void> Prefault::wait(std::int64_t timeout_ms) const noexcept {
  if (loading_ == nullptr) return closed("wait");
  if (timeout_ms < -1) {
    return fail(ErrorKind::invalid_argument,
                {"prefault wait: a timeout of ", timeout_ms, " ms is negative; -1 waits for ever"});
  }
  const Loading::End end = wait_for_end(*loading_, timeout_ms == -1 ? platform::never : platform::time_after(timeout_ms));
  if (end != Loading::End::none) return outcome(*loading_, end);
  return fail(ErrorKind::timeout,
              {"prefault wait: it still runs after ", timeout_ms, " ms; ",
               loading_->done.load(std::memory_order_relaxed), " of ", loading_->total, " bytes are in memory"});
}

Result<void> Prefault::cancel() noexcept {
  if (loading_ == nullptr) return closed("cancel");
  loading_->cancelled.store(true, std::memory_order_relaxed);
  return {};
}

Result<void> Prefault::close() noexcept {
  if (const auto stopped = detail::PrefaultAccess::stop(*this); !stopped) return stopped;
  release(std::exchange(loading_, nullptr));
  return {};
}

Result<Prefault> Mmap::prefault(std::int64_t offset, std::int64_t length, std::int64_t deadline_ms) noexcept {
  if (mapping_ == nullptr) return detail::closed("prefault");
  if (deadline_ms < -1) {
    return fail(ErrorKind::invalid_argument,
                {"prefault: a deadline of ", deadline_ms, " ms is negative; -1 means none"});
  }
  if (mapping_->positioned) return detail::not_mapped("prefault");
  if (!mapping_->readable) return detail::not_readable("prefault", *mapping_);
  if (const auto fresh = detail::check_fresh("prefault", *mapping_); !fresh) return std::unexpected(fresh.error());
  const auto range = detail::range_of("prefault", *mapping_, offset, length);
  if (!range) return std::unexpected(range.error());
  const auto loading = make(*mapping_, *range, deadline_ms);
  if (!loading) return std::unexpected(loading.error());
  if (range->size == 0) {
    (*loading)->end = Loading::End::complete;
    return detail::PrefaultAccess::adopt(*loading);
  }
  if (const auto pinned = detail::pin("prefault", *mapping_, Mapping::prefault); !pinned) {
    release(*loading);
    return std::unexpected(pinned.error());
  }
  (*loading)->mapping.store(mapping_, std::memory_order_relaxed);
  (*loading)->process = platform::process();
  const auto thread = platform::start_thread(**loading);
  if (!thread) {
    let_go(**loading);
    release(*loading);
    return detail::fail_system(thread.error(), {"prefault: cannot start a thread"});
  }
  (*loading)->thread = *thread;
  (*loading)->has_thread = true;
  return detail::PrefaultAccess::adopt(*loading);
}

}  // namespace stdbind
