// Whether others have changed the file of a mapping: by what the system tells, and by comparing what it knows of the
// file. Once stale, a mapping stays so.
#include "watch.hpp"

#include <cstdlib>
#include <new>

namespace stdbind {

namespace detail {

namespace {

/// How closely to look.
enum class Look {
  quick,    ///< at what the system tells, where it does
  thorough  ///< at the file too: what was told may have been taken by another process
};

bool differs(const Mapping& mapping, const platform::FileInfo& seen, const platform::FileInfo& now) noexcept {
  if (now.size != seen.size || now.links < seen.links) return true;
  // Our own stores change the time too.
  const bool stored = mapping.shares_file() && mapping.was_writable;
  return !stored && now.modified != seen.modified;
}

/// Looks for changes; the monitor is locked. Nothing if the system does not tell.
platform::System<void> look(const Mapping& mapping, Look how) noexcept {
  Watching& watching = *mapping.watching;
  if (watching.stale.load(std::memory_order_relaxed)) return {};
  bool compare = how == Look::thorough || watching.changes == platform::no_file;
  bool stale = false;
  if (watching.changes != platform::no_file) {
    const auto changes = platform::take_changes(watching.changes);
    if (!changes) return std::unexpected(changes.error());
    stale = changes->content || changes->moved;
    compare |= changes->attributes;
  }
  platform::System<void> result;
  if (!stale && compare) {
    const auto now = platform::file_info(mapping.file);
    if (now) {
      stale = differs(mapping, watching.seen, *now);
    } else {
      result = std::unexpected(now.error());
    }
  }
  if (stale) watching.stale.store(true, std::memory_order_release);
  return result;
}

Result<bool> stale(std::string_view function, const Mapping& mapping, Look how) noexcept {
  Watching& watching = *mapping.watching;
  if (watching.stale.load(std::memory_order_acquire)) return true;
  const platform::Locked locked(watching.monitor);
  if (const auto looked = look(mapping, how); !looked) {
    return fail_system(looked.error(), {function, ": the system does not tell whether the file was changed"});
  }
  return watching.stale.load(std::memory_order_relaxed);
}

}  // namespace

Result<void> start_watching(std::string_view function, Mapping& mapping, const platform::FileInfo& seen) noexcept {
  void* const storage = std::malloc(sizeof(Watching));
  if (storage == nullptr) return fail(ErrorKind::no_memory, {function, ": no memory is left"});
  mapping.watching = new (storage) Watching{.seen = seen};
  const auto watch = platform::start_watch(mapping.file);
  if (watch) {
    mapping.watching->changes = *watch;
    const platform::Locked locked(mapping.watching->monitor);
    if (const auto looked = look(mapping, Look::thorough); !looked) {
      return fail_system(looked.error(), {function, ": cannot examine the file that is to be watched"});
    }
    return {};
  }
  Error error = system_failure(watch.error(), {function, ": cannot watch the file"});
  if (platform::is_limit_on_watches(watch.error(), mapping.file)) {
    error = failure(ErrorKind::limit,
                    {function, ": cannot watch the file: the system's limit on watches is reached (system error ",
                     watch.error(), "); close watched mappings, or raise the limit"});
    error.os = watch.error();
  }
  return std::unexpected(error);
}

void stop_watching(Mapping& mapping) noexcept {
  if (mapping.watching == nullptr) return;
  if (mapping.watching->changes != platform::no_file) platform::close_file(mapping.watching->changes);
  mapping.watching->~Watching();
  std::free(mapping.watching);
  mapping.watching = nullptr;
}

Result<void> check_fresh(std::string_view function, const Mapping& mapping) noexcept {
  if (!has(mapping.options, OpenOptions::strict)) return {};
  const auto is = stale(function, mapping, Look::quick);
  if (!is) return std::unexpected(is.error());
  if (!*is) return {};
  return fail(ErrorKind::stale,
              {function, ": the file was changed by others since it was opened; close the mapping and open it again"});
}

OwnChange::OwnChange(const Mapping& mapping, Size size) noexcept : mapping_(mapping), size_(size) {
  if (mapping.watching == nullptr) return;
  mapping.watching->monitor.lock();
  // What others did until now. If it cannot be told now, the look afterwards may still see it.
  [[maybe_unused]] const auto ignored = look(mapping, Look::thorough);
}

OwnChange::~OwnChange() {
  if (mapping_.watching == nullptr) return;
  Watching& watching = *mapping_.watching;
  const bool moved = [&] {
    if (watching.changes == platform::no_file) return false;
    const auto changes = platform::take_changes(watching.changes);
    return changes && changes->moved;
  }();
  bool stale = moved;
  if (const auto now = platform::file_info(mapping_.file)) {
    stale |= now->links < watching.seen.links || (size_ == Size::stays && now->size != watching.seen.size);
    watching.seen = *now;
  }
  if (stale) watching.stale.store(true, std::memory_order_release);
  watching.monitor.unlock();
}

}  // namespace detail

Result<bool> Mmap::is_stale() const noexcept {
  if (mapping_ == nullptr) return detail::closed("is_stale");
  if (mapping_->watching == nullptr) {
    return detail::fail(ErrorKind::unsupported,
                        {"is_stale: the mapping is not watched; open the file with the option WATCH 4"});
  }
  return detail::stale("is_stale", *mapping_, detail::Look::thorough);
}

}  // namespace stdbind
