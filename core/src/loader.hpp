// The one loader of the process: jobs, the queue they wait in, and the threads that do them. Its lock guards what is to
// be done; each job's own lock guards what has become of it. The loader's lock is never taken while a job's is held.
#ifndef STDBIND_LOADER_HPP
#define STDBIND_LOADER_HPP

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <stdbind/async.hpp>

#include "mapping.hpp"

namespace stdbind::detail {

/// A long file is brought into memory in steps: between two of them a thread looks what else there is to do.
inline constexpr std::int64_t load_step = std::int64_t{2} << 20;

/// A range that shall be loaded before others.
struct Wanted {
  std::int64_t begin;
  std::int64_t end;
};

/// One load, shared by its AsyncFile and the loader.
struct Job {
  enum class Phase { idle, queued, opening, prefaulting, over };

  std::atomic<std::int32_t> references{1};
  std::atomic<LoadState> state{LoadState::pending};  ///< changed under monitor
  std::atomic<Mapping*> mapping{nullptr};            ///< once there is one
  std::atomic<Mapping*> pinned{nullptr};             ///< the same, while it is being prefaulted
  std::atomic<std::int64_t> done{0};
  std::atomic<std::int64_t> total{0};
  std::atomic<bool> stopped{false};  ///< somebody closes it
  std::int64_t process = 0;          ///< where its threads are
  Mode mode = Mode::none;
  OpenOptions options = OpenOptions::none;
  LoadOptions load_options = LoadOptions::none;
  const char* path = nullptr;  ///< lies behind this object, and ends with a NUL
  std::size_t path_size = 0;

  platform::Monitor monitor;
  std::atomic<bool> in_loader{false};   ///< the loader has it, and may still use its mapping
  std::optional<Error> error;           ///< why it failed
  Mmap mmap;                            ///< set before mapping; empty again when it was handed over
  std::atomic<std::int64_t> handle{0};  ///< what it was handed over as; -1 while that happens

  // Under the loader's lock:
  Phase phase = Phase::idle;
  Job* next = nullptr;
  Job* previous = nullptr;
  std::uint64_t* taken = nullptr;  ///< a bit for each step that somebody has begun
  std::int64_t untaken = 0;        ///< how many steps nobody has begun
  std::int64_t first_untaken = 0;  ///< there is none before it
  std::int32_t in_steps = 0;       ///< how many threads are in one
  std::size_t page = 0;
  std::int64_t gone = to_end;      ///< where a step was that could not be read
  std::array<Wanted, 8> wanted{};  ///< the last one goes first
  std::size_t wanted_count = 0;

  [[nodiscard]] std::string_view text() const noexcept { return {path, path_size}; }
};

/// Jobs in their order.
struct Jobs {
  Job* first = nullptr;
  Job* last = nullptr;
  std::int64_t count = 0;

  void append(Job& job) noexcept;
  void remove(Job& job) noexcept;
};

struct Loader;

/// A thread of the loader.
struct Worker : platform::Task {
  Loader* loader = nullptr;
  bool used = false;
};

/// A way to a loader process, which there may be none at the end of.
struct Channel {
  platform::LoaderProcess process;  ///< belongs to who has it
  bool used = false;                ///< a thread has it
};

struct Loader {
  static constexpr std::int64_t most_threads = 64;
  static constexpr std::int64_t most_queued = 1'000'000;
  static constexpr std::int64_t most_processes = 16;

  platform::Monitor monitor;  ///< threads without work wait here
  std::int64_t process = 0;   ///< whose it is: a child process makes its own
  Loader* of_parent = nullptr;
  std::int64_t threads = 1;
  std::int64_t queue = 1024;
  std::int64_t processes = 1;
  std::int64_t idle_ms = 2000;     ///< a thread that has had no work for so long ends
  std::int64_t answer_ms = 10000;  ///< a loader process that has not answered for so long is replaced
  Jobs plain;
  Jobs isolated;
  Jobs prefaulting;              ///< those with steps that nobody has begun
  std::int64_t unfinished = 0;   ///< jobs between start and end
  std::int64_t at_plain = 0;     ///< threads at files and steps, at most `threads`
  std::int64_t at_isolated = 0;  ///< threads at isolated files, at most `processes`
  std::int64_t workers = 0;
  std::int64_t spare = 0;  ///< those that look for work before they sleep, or sleep
  bool dismissed = false;  ///< workers without work end at once
  std::array<Worker, most_threads + most_processes> slots{};
  std::array<Channel, most_processes> channels{};
  std::array<platform::LoaderProcess, most_processes> ending{};  ///< those that the system still keeps
};

/// The loader of this process, made when it is first asked for. *errors*: no_memory.
Result<Loader*> loader(std::string_view function) noexcept;

/// Whether the job belongs to this process, and not to the one that it is a copy of.
bool is_here(const Job& job) noexcept;
bool has_ended(LoadState state) noexcept;
/// Gives a reference up; the last one ends the job.
void drop(Job* job) noexcept;

/// How many loads may be added to those that wait for their turn.
std::int64_t room_in_queue(Loader& loader) noexcept;
/// Takes the loads of files into the queue, as many as there is room for, or all if it is not bounded; those that are
/// not to be started any more are counted too. Returns how many. *errors*: limit (the system gives no thread).
Result<std::int64_t> enqueue(Loader& loader, std::span<const AsyncFile> files, bool bounded) noexcept;
/// Ends a job as cancelled, unless it has ended.
void cancel(Job& job) noexcept;
/// Waits until the loader has let a cancelled or ended job go.
void wait_until_released(Job& job) noexcept;
/// A range that was checked, for AsyncFile::prioritize.
void prioritize(Job& job, Wanted wanted) noexcept;
/// Ends the threads and loader processes as soon as they have nothing to do, and waits until none is left.
void dismiss_workers() noexcept;

/// Opens and maps the file of a job. *errors*: as AsyncFile::wait.
Result<Mmap> load_file(Loader& loader, const Job& job) noexcept;
/// What the handles of abi.h need beyond the public interface. *threads*: beside any call but moving and destruction.
struct AsyncAccess {
  static Job* job(const AsyncFile& file) noexcept { return file.job_; }
  static AsyncFile adopt(Job* job) noexcept {
    AsyncFile file;
    file.job_ = job;
    return file;
  }
  /// The first half of close: refuses further views of a mapping that was not handed over, cancels, waits for the
  /// thread that may be at it. Calls of other threads that wait return `cancelled`; destroying the object does the
  /// rest. *errors*: closed (it was stopped before), busy (a view is pinned).
  static Result<void> stop(AsyncFile& file) noexcept;
  /// Hands the mapping over as soon as there is one, once: insert moves it away and returns a number for it, or leaves
  /// it and returns 0. From then on mapping and get fail with `closed`, and its receiver closes it.
  /// Returns the number, the same each time; 0 if insert did. *errors*: as mapping.
  static Result<std::int64_t> hand_over(AsyncFile& file, std::int64_t (*insert)(Mmap& mmap)) noexcept;
  /// The number that it was handed over as, 0 if it was not.
  static std::int64_t handed_over(const AsyncFile& file) noexcept;
};

}  // namespace stdbind::detail

#endif
