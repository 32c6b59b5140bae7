// Files that are loaded while the program does something else: AsyncFile starts a load, is polled, awaited and
// cancelled; StagedFiles keeps many of them, each file once. The threads that load belong to the library, and end when
// there is nothing to do.
#ifndef STDBIND_ASYNC_HPP
#define STDBIND_ASYNC_HPP

#include <cstdint>
#include <span>
#include <stdbind/error.hpp>
#include <stdbind/mmap.hpp>
#include <string_view>
#include <utility>

namespace stdbind {

/// Where a load stands.
enum class LoadState : std::int64_t {
  pending = 0,    ///< not begun: it waits for its turn, or to be started if it is lazy
  loading = 1,    ///< a thread or a loader process is at it
  ready = 2,      ///< the file is mapped; with LoadOptions::prefault also in memory
  failed = 3,     ///< AsyncFile::wait tells the error
  cancelled = 4,  ///< it was cancelled before it was ready
  stale = 5       ///< it was ready, and others have changed the file since; only with OpenOptions::watch
};

/// How a file is loaded: flags to be or-ed.
enum class LoadOptions : std::int64_t {
  none = 0,
  lazy = 1,      ///< not before AsyncFile::start, wait or get
  isolated = 2,  ///< a loader process opens and checks the file: if the disk hangs, only that process does
  prefault = 4   ///< ready means: in memory, and not only mapped
};

[[nodiscard]] constexpr LoadOptions operator|(LoadOptions a, LoadOptions b) noexcept {
  return static_cast<LoadOptions>(std::to_underlying(a) | std::to_underlying(b));
}
[[nodiscard]] constexpr LoadOptions operator&(LoadOptions a, LoadOptions b) noexcept {
  return static_cast<LoadOptions>(std::to_underlying(a) & std::to_underlying(b));
}
constexpr LoadOptions& operator|=(LoadOptions& a, LoadOptions b) noexcept { return a = a | b; }
/// Whether all bits of flag are set in options.
[[nodiscard]] constexpr bool has(LoadOptions options, LoadOptions flag) noexcept { return (options & flag) == flag; }

/// Sets the limits of the one loader of the process, which does all the loads. To be called before the first load, or
/// while none is pending or running.
///
/// @param threads how many threads load at most, 1 to 64; at the start as many as there are processors, but at most 4
/// @param queue how many loads may wait for their turn, 1 to 1,000,000; at the start 1,024
/// @param processes how many loader processes there are at most, 1 to 16, each with a thread that waits for it; at the
/// start 1
///
/// *errors*: invalid_argument, busy (loads are under way), no_memory. *allocates*: the loader, once. *threads*: any.
Result<void> configure_loader(std::int64_t threads, std::int64_t queue, std::int64_t processes) noexcept;

namespace detail {
struct AsyncAccess;
struct Job;
}  // namespace detail

/// A file that is loaded beside the program. Move-only; the destructor is as close, but cannot be refused.
///
/// A load goes from pending to loading to one of ready, failed and cancelled, and stays there. While it runs nothing of
/// it is kept open but one descriptor for a moment, so that any number of files can be loaded whatever the limit on
/// descriptors is (options that need a descriptor of the mapping, such as OpenOptions::watch, keep theirs).
///
/// With LoadOptions::prefault the mapping can be read as soon as there is one, and done tells how far it is in memory:
/// from the start of the file on, after the ranges that prioritize was given; several threads load one long file when
/// they have nothing else to do. It is pinned as a prefault until then: resize and protect are busy.
///
/// With LoadOptions::isolated a loader process opens the file, looks at it, reads its first byte, and hands the
/// descriptor over. It is the program stdbind-loader beside the library (beside the program, if the library is linked
/// statically); the variable STDBIND_LOADER names another. A process that ends, or gives no answer for 10 seconds, is
/// replaced; the file that it was at fails with loader_died, others are not affected. It has the rights, the
/// variables and the root directory of the time when it was started, but no descriptors of the program, and no signals
/// of its terminal. It is a child of the program, which gets SIGCHLD when one ends; waiting for any child may find it.
///
/// In a child process made by fork(2) the loads that were ready or had failed stay so; all others are cancelled there.
/// New ones get threads of their own.
///
/// A relative path counts from the directory that is current when the file is opened: change it when nothing loads.
///
/// *threads*: all functions may run at the same time on one object, but close, move and destruction not beside any
/// other.
class AsyncFile {
 public:
  /// A closed one.
  AsyncFile() noexcept = default;
  AsyncFile(AsyncFile&& other) noexcept : job_(std::exchange(other.job_, nullptr)) {}
  AsyncFile& operator=(AsyncFile&& other) noexcept {
    AsyncFile taken(std::move(other));
    std::swap(job_, taken.job_);
    return *this;
  }
  /// Cancels, waits for the step that a thread may be in, and unmaps; pages with pinned views stay until the last of
  /// them is gone. *errors*: none. *allocates*: nothing. *threads*: not beside any other call on this object.
  ~AsyncFile();

  /// Starts to load a file, and does not wait. What can only be known of the file itself is told by wait.
  ///
  /// @param path as for Mmap::open
  /// @param mode as for Mmap::open
  /// @param options as for Mmap::open
  /// @param load_options how it is loaded
  ///
  /// *errors*: invalid_argument, busy (as many loads wait as may: wait for one, or see configure_loader), no_memory,
  /// limit (the system gives no thread), unsupported. *allocates*: about 1 KiB and the path. *threads*: any.
  [[nodiscard]] static Result<AsyncFile> open(std::string_view path, Mode mode = Mode::read,
                                              OpenOptions options = OpenOptions::none,
                                              LoadOptions load_options = LoadOptions::none) noexcept;

  /// Starts to load many files at once, which costs less for each than open. Takes paths in their order, until as many
  /// loads wait as may, or until one has an error of its own, which is told if it is the first.
  ///
  /// @param paths the files
  /// @param files receives the loads, each at the place of its path; at least as long as paths
  /// @return how many were taken: the rest can be given again when some have ended; 0 if there was no room
  ///
  /// *errors*: as open, but busy. *allocates*: as open, for each. *threads*: any.
  static Result<std::int64_t> submit(std::span<const std::string_view> paths, std::span<AsyncFile> files,
                                     Mode mode = Mode::read, OpenOptions options = OpenOptions::none,
                                     LoadOptions load_options = LoadOptions::none) noexcept;

  /// Starts a lazy load. One that was started or cancelled stays as it is.
  ///
  /// *errors*: closed, busy (as many loads wait as may), limit (the system gives no thread). *allocates*: nothing.
  /// *threads*: see the class.
  Result<void> start() noexcept;

  /// Where it stands. *errors*: closed. *allocates*: nothing. *threads*: see the class.
  [[nodiscard]] Result<LoadState> state() const noexcept;

  /// Whether it is ready, or was and is stale now. *errors*: closed. *allocates*: nothing. *threads*: see the class.
  [[nodiscard]] Result<bool> is_ready() const noexcept;

  /// Waits until it has ended. Once ended it gives the same answer each time. A lazy load is started, even if as many
  /// wait as may.
  ///
  /// @param timeout_ms how long at most, in milliseconds; 0 only looks, -1 waits for ever
  ///
  /// *errors*: closed, invalid_argument, timeout (it is still pending or loading), cancelled, loader_died (its loader
  /// process ended, or gave no answer in time), unsupported (there are no loader processes: the message tells where the
  /// program was looked for), fault (a page cannot be read: the file became shorter, or its disk failed), limit (the
  /// system gives no thread), and all of Mmap::open. *allocates*: nothing. *threads*: see the class.
  Result<void> wait(std::int64_t timeout_ms = -1) noexcept;

  /// Waits as wait does, and gives the mapping.
  ///
  /// @return the mapping, never null; it belongs to this object
  ///
  /// *errors*: as wait. *allocates*: nothing. *threads*: see the class.
  [[nodiscard]] Result<Mmap*> get(std::int64_t timeout_ms = -1) noexcept;

  /// The mapping, as soon as there is one: what is in memory can be read without waiting while the rest is loaded. It
  /// stays if the load fails or is cancelled after that.
  ///
  /// @return the mapping, never null; it belongs to this object
  ///
  /// *errors*: closed, busy (there is none yet), that of the load if there will be none. *allocates*: nothing.
  /// *threads*: see the class.
  [[nodiscard]] Result<Mmap*> mapping() noexcept;

  /// How many bytes can be used without waiting for a disk: those that were brought into memory; without
  /// LoadOptions::prefault none until it is mapped, and all from then on. Never becomes less.
  ///
  /// *errors*: closed. *allocates*: nothing. *threads*: see the class.
  [[nodiscard]] Result<std::int64_t> done() const noexcept;

  /// How many bytes the file has; 0 until that is known, which is when it is mapped.
  ///
  /// *errors*: closed. *allocates*: nothing. *threads*: see the class.
  [[nodiscard]] Result<std::int64_t> total() const noexcept;

  /// Has a range loaded before the others, in steps of 2 MiB; of several ranges the last one goes first. More than 8
  /// are not remembered. Without LoadOptions::prefault nothing is brought into memory, and it changes nothing.
  ///
  /// @param offset where the range starts, in bytes; what lies behind the end of the file is left out
  /// @param length how many bytes, or to_end
  ///
  /// *errors*: closed, invalid_argument, out_of_bounds (a negative offset). *allocates*: nothing. *threads*: see the
  /// class.
  Result<void> prioritize(std::int64_t offset, std::int64_t length = to_end) noexcept;

  /// Cancels it, at once for those who wait. One that has ended stays as it is.
  ///
  /// *errors*: closed. *allocates*: nothing. *threads*: see the class.
  Result<void> cancel() noexcept;

  /// Cancels, waits for the step that a thread may be in, and unmaps.
  ///
  /// *errors*: closed, busy (a view of its mapping is pinned: nothing was done), io. *allocates*: nothing. *threads*:
  /// not beside any other call on this object.
  Result<void> close() noexcept;

  /// Whether it is closed. *errors*: none. *allocates*: nothing. *threads*: see the class.
  [[nodiscard]] bool is_closed() const noexcept { return job_ == nullptr; }

 private:
  friend struct detail::AsyncAccess;

  detail::Job* job_ = nullptr;
};

namespace detail {
struct Staged;
}  // namespace detail

/// Many files that are loaded, each once: the same file is not loaded again in the same way, whatever its path. Move-
/// only; the destructor closes all of them.
///
/// *threads*: one at a time; the files themselves as AsyncFile says.
class StagedFiles {
 public:
  /// Without files. *errors*: none. *allocates*: nothing. *threads*: any.
  StagedFiles() noexcept = default;
  StagedFiles(StagedFiles&& other) noexcept : staged_(std::exchange(other.staged_, nullptr)) {}
  StagedFiles& operator=(StagedFiles&& other) noexcept {
    StagedFiles taken(std::move(other));
    std::swap(staged_, taken.staged_);
    return *this;
  }
  /// Closes all. *errors*: none. *allocates*: nothing. *threads*: one at a time.
  ~StagedFiles();

  /// Stages a file: starts to load it, or finds the load that was staged for the same file (by its device and inode),
  /// with the same mode and options, and has neither failed nor been cancelled. Where the file cannot be looked at, its
  /// path decides. Looking at a path may wait for its directory; the file itself is not waited for.
  ///
  /// @return the load, never null; it belongs to this object, which keeps it at its address
  ///
  /// *errors*: as AsyncFile::open. *allocates*: as AsyncFile::open, and its entry. *threads*: one at a time.
  Result<AsyncFile*> open(std::string_view path, Mode mode = Mode::read, OpenOptions options = OpenOptions::none,
                          LoadOptions load_options = LoadOptions::none) noexcept;

  /// How many loads there are. *errors*: none. *allocates*: nothing. *threads*: one at a time.
  [[nodiscard]] std::int64_t size() const noexcept;

  /// A load by its number, from 0 on in the order in which they were staged.
  ///
  /// @return the load, never null; it belongs to this object
  ///
  /// *errors*: out_of_bounds. *allocates*: nothing. *threads*: one at a time.
  [[nodiscard]] Result<AsyncFile*> at(std::int64_t index) const noexcept;

  /// Waits until all have ended, however: errors tells how many have no content to give. Lazy ones are started.
  ///
  /// @param timeout_ms how long at most for all together, in milliseconds; 0 only looks, -1 waits for ever
  ///
  /// *errors*: invalid_argument, timeout. *allocates*: nothing. *threads*: one at a time.
  Result<void> wait_all(std::int64_t timeout_ms = -1) noexcept;

  /// How many are ready. *errors*: none. *allocates*: nothing. *threads*: one at a time.
  [[nodiscard]] std::int64_t ready() const noexcept;

  /// How many have failed or were cancelled; AsyncFile::wait tells the error of each. *errors*: none. *allocates*:
  /// nothing. *threads*: one at a time.
  [[nodiscard]] std::int64_t errors() const noexcept;

 private:
  detail::Staged* staged_ = nullptr;
};

}  // namespace stdbind

#endif
