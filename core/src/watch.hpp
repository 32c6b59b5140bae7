// Watched mappings: what was noted of the file, and whose the changes are. Without OpenOptions::watch there is nothing
// of this, and it costs nothing.
#ifndef STDBIND_WATCH_HPP
#define STDBIND_WATCH_HPP

#include <atomic>
#include <string_view>

#include "checks.hpp"

namespace stdbind::detail {

struct Watching {
  platform::File changes = platform::no_file;  ///< what the system tells changes by, if it tells any
  platform::FileInfo seen{};                   ///< guarded by monitor
  platform::Monitor monitor{};                 ///< held from before an own change until what it has caused was taken
  std::atomic<bool> stale{false};
};

/// Compares with what was seen when the size of the file was read, so that no change since then is lost.
/// *errors*: no_memory, too_many_open, limit, unsupported.
Result<void> start_watching(std::string_view function, Mapping& mapping, const platform::FileInfo& seen) noexcept;
void stop_watching(Mapping& mapping) noexcept;

/// Refuses to read a stale mapping that was opened with OpenOptions::strict. *errors*: stale, io.
Result<void> check_fresh(std::string_view function, const Mapping& mapping) noexcept;

/// As long as it lives, changes of the file count as our own. What is done meanwhile must not take long.
class OwnChange {
 public:
  enum class Size { stays, changes };
  OwnChange(const Mapping& mapping, Size size) noexcept;
  ~OwnChange();
  OwnChange(const OwnChange&) = delete;
  OwnChange& operator=(const OwnChange&) = delete;

 private:
  const Mapping& mapping_;
  Size size_;
};

}  // namespace stdbind::detail

#endif
