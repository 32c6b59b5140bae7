// AsyncFile: what it does beside the program, and what it answers at each point of it.
#include <fcntl.h>

#include <limits>

#include "loading_support.hpp"
#include "mapping.hpp"
#include "posix_support.hpp"

namespace stdbind::tests {
namespace {

using detail::load_step;
using platform::system_calls;

using Async = Loading;

TEST_F(Async, LoadsAFile) {
  AsyncFile file = load(path_);
  EXPECT_TRUE(file.wait());
  EXPECT_TRUE(file.wait());
  EXPECT_TRUE(file.wait(0));
  EXPECT_EQ(file.state(), LoadState::ready);
  EXPECT_EQ(file.is_ready(), true);
  EXPECT_EQ(content_of(file), bytes_);
  EXPECT_EQ(file.get().value(), file.mapping().value());
  EXPECT_EQ(file.total(), static_cast<std::int64_t>(bytes_.size()));
  EXPECT_EQ(file.done(), static_cast<std::int64_t>(bytes_.size()));
  EXPECT_TRUE(file.start());
  EXPECT_TRUE(file.cancel());  // too late: it stays ready
  EXPECT_TRUE(file.wait());
  EXPECT_EQ(file.state(), LoadState::ready);
  EXPECT_TRUE(file.close());
  EXPECT_TRUE(file.is_closed());
}

TEST_F(Async, EmptyFileIsReadyToo) {
  for (const LoadOptions options : {LoadOptions::none, LoadOptions::prefault}) {
    AsyncFile file = load(scratch_.file("empty", ""), options);
    EXPECT_EQ(content_of(file), "");
    EXPECT_EQ(file.total(), 0);
  }
}

TEST_F(Async, PrefaultBringsAllIntoMemory) {
  const std::string path = scratch_.file("long", pattern(5 * load_step + 5));
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(fsync(fd), 0);
  ASSERT_EQ(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
  close(fd);
  AsyncFile file = load(path, LoadOptions::prefault);
  EXPECT_TRUE(file.wait());
  EXPECT_EQ(file.done(), 5 * load_step + 5);
  EXPECT_EQ((*file.get())->resident(), 5 * load_step + 5);
  EXPECT_TRUE((*file.get())->close());  // nothing pins it any more
  EXPECT_TRUE(file.close());
}

TEST_F(Async, BadFilesFailAndOthersDoNot) {
  AsyncFile missing = load(scratch_.path("missing"));
  AsyncFile directory = load(scratch_.path(""));
  AsyncFile right = load(path_);
  EXPECT_EQ(kind_of(missing.wait()), ErrorKind::not_found);
  EXPECT_EQ(kind_of(missing.wait(0)), ErrorKind::not_found);
  EXPECT_EQ(kind_of(missing.get()), ErrorKind::not_found);
  EXPECT_EQ(kind_of(missing.mapping()), ErrorKind::not_found);
  EXPECT_EQ(missing.state(), LoadState::failed);
  EXPECT_TRUE(mentions(missing.wait(), "missing'")) << message_of(missing.wait());
  EXPECT_TRUE(missing.cancel());
  EXPECT_EQ(kind_of(missing.wait()), ErrorKind::not_found);
  EXPECT_EQ(kind_of(directory.wait()), ErrorKind::wrong_file_type);
  EXPECT_EQ(content_of(right), bytes_);
  EXPECT_TRUE(missing.close());
}

TEST_F(Async, NoPermissionIsTold) {
  ASSERT_EQ(chmod(path_.c_str(), 0), 0);
  {
    const WithoutRoot without_root;
    AsyncFile file = load(path_);
    EXPECT_EQ(kind_of(file.wait()), ErrorKind::permission_denied);
  }
  ASSERT_EQ(chmod(path_.c_str(), 0600), 0);
}

TEST_F(Async, WhatMakesNoSenseIsRefusedAtOnce) {
  using namespace std::string_view_literals;
  EXPECT_EQ(kind_of(AsyncFile::open("a\0b"sv)), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(AsyncFile::open(std::string(5000, 'a'))), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(AsyncFile::open(path_, static_cast<Mode>(64))), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(AsyncFile::open(path_, Mode::read, OpenOptions::huge)), ErrorKind::invalid_argument);
  const auto unknown = AsyncFile::open(path_, Mode::read, OpenOptions::none, static_cast<LoadOptions>(8));
  EXPECT_EQ(kind_of(unknown), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(AsyncFile::open(path_, Mode::none, OpenOptions::none, LoadOptions::prefault)),
            ErrorKind::invalid_argument);
  AsyncFile file = load(path_);
  EXPECT_EQ(kind_of(file.wait(-2)), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(file.get(-2)), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(file.prioritize(-1)), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind_of(file.prioritize(0, -2)), ErrorKind::invalid_argument);
  for (const auto& [threads, queue, processes] :
       {std::array{0, 1, 1}, std::array{65, 1, 1}, std::array{1, 0, 1}, std::array{1, 1'000'001, 1},
        std::array{1, 1, 0}, std::array{1, 1, 17}}) {
    EXPECT_EQ(kind_of(configure_loader(threads, queue, processes)), ErrorKind::invalid_argument);
  }
  const std::string_view paths[] = {path_, path_};
  EXPECT_EQ(kind_of(AsyncFile::submit(paths, std::span(&file, 1))), ErrorKind::invalid_argument);
}

TEST_F(Async, ClosedOnesAnswerClosed) {
  AsyncFile file;
  EXPECT_TRUE(file.is_closed());
  EXPECT_EQ(kind_of(file.start()), ErrorKind::closed);
  EXPECT_EQ(kind_of(file.state()), ErrorKind::closed);
  EXPECT_EQ(kind_of(file.is_ready()), ErrorKind::closed);
  EXPECT_EQ(kind_of(file.wait()), ErrorKind::closed);
  EXPECT_EQ(kind_of(file.get()), ErrorKind::closed);
  EXPECT_EQ(kind_of(file.mapping()), ErrorKind::closed);
  EXPECT_EQ(kind_of(file.done()), ErrorKind::closed);
  EXPECT_EQ(kind_of(file.total()), ErrorKind::closed);
  EXPECT_EQ(kind_of(file.prioritize(0)), ErrorKind::closed);
  EXPECT_EQ(kind_of(file.cancel()), ErrorKind::closed);
  EXPECT_EQ(kind_of(file.close()), ErrorKind::closed);
  EXPECT_EQ(kind_of(detail::AsyncAccess::hand_over(file, [](Mmap&) { return std::int64_t{1}; })), ErrorKind::closed);
}

TEST_F(Async, TimeoutsPassWhileItLoads) {
  close_gate_of_open();
  AsyncFile file = load(path_);
  wait_for_call(1);
  EXPECT_EQ(file.state(), LoadState::loading);
  EXPECT_EQ(kind_of(file.wait(0)), ErrorKind::timeout);
  EXPECT_EQ(kind_of(file.wait(5)), ErrorKind::timeout);
  EXPECT_EQ(kind_of(file.get(0)), ErrorKind::timeout);
  EXPECT_EQ(kind_of(file.mapping()), ErrorKind::busy);
  EXPECT_EQ(file.is_ready(), false);
  EXPECT_EQ(file.total(), 0);
  EXPECT_EQ(file.done(), 0);
  open_gate(1);
  EXPECT_EQ(content_of(file), bytes_);
}

TEST_F(Async, CancelTakesEffectAtOnce) {
  ASSERT_TRUE(configure_loader(1, 1024, 1));
  close_gate_of_open();
  AsyncFile loading = load(path_);
  wait_for_call(1);
  AsyncFile pending = load(path_);
  EXPECT_EQ(pending.state(), LoadState::pending);
  for (AsyncFile* const file : {&loading, &pending}) {
    EXPECT_TRUE(file->cancel());
    EXPECT_TRUE(file->cancel());
    EXPECT_EQ(file->state(), LoadState::cancelled);
    EXPECT_EQ(kind_of(file->wait()), ErrorKind::cancelled);
    EXPECT_EQ(kind_of(file->get()), ErrorKind::cancelled);
    EXPECT_EQ(kind_of(file->mapping()), ErrorKind::cancelled);
    EXPECT_TRUE(file->start());
  }
  EXPECT_TRUE(pending.close());
  EXPECT_EQ(loader().unfinished, 1);
  open_gate(1);
  EXPECT_TRUE(loading.close());
  EXPECT_EQ(calls, 1);  // the pending one was never opened
}

TEST_F(Async, DestructionCancelsAndWaits) {
  close_gate_of_open();
  {
    AsyncFile file = load(path_);
    wait_for_call(1);
    open_gate(1);
  }
  EXPECT_EQ(mapped_ranges(path_), 0U);
  EXPECT_EQ(open_descriptors(), descriptors_);
}

TEST_F(Async, LazyOnesWaitToBeStarted) {
  close_gate_of_open();
  open_gate(100);
  AsyncFile started = load(path_, LoadOptions::lazy);
  AsyncFile waited = load(path_, LoadOptions::lazy);
  AsyncFile polled = load(path_, LoadOptions::lazy);
  AsyncFile cancelled = load(path_, LoadOptions::lazy);
  AsyncFile never = load(scratch_.path("missing"), LoadOptions::lazy);
  EXPECT_EQ(started.state(), LoadState::pending);
  EXPECT_EQ(kind_of(started.mapping()), ErrorKind::busy);
  EXPECT_EQ(calls, 0);
  EXPECT_TRUE(started.start());
  EXPECT_EQ(content_of(started), bytes_);
  EXPECT_EQ(content_of(waited), bytes_);
  const auto first = polled.wait(0);
  EXPECT_TRUE(first || first.error().kind == ErrorKind::timeout);
  EXPECT_TRUE(polled.wait());
  EXPECT_TRUE(cancelled.cancel());
  EXPECT_EQ(kind_of(cancelled.wait()), ErrorKind::cancelled);
  EXPECT_EQ(calls, 3);
}

TEST_F(Async, QueueHasABound) {
  ASSERT_TRUE(configure_loader(1, 2, 1));
  close_gate_of_open();
  AsyncFile at_work = load(path_);
  wait_for_call(1);
  EXPECT_EQ(kind_of(configure_loader(1, 3, 1)), ErrorKind::busy);
  const std::vector<std::string_view> paths(5, path_);
  std::vector<AsyncFile> files(5);
  EXPECT_EQ(AsyncFile::submit(paths, files), 2);
  EXPECT_FALSE(files[1].is_closed());
  EXPECT_TRUE(files[2].is_closed());
  const auto refused = AsyncFile::open(path_);
  EXPECT_EQ(kind_of(refused), ErrorKind::busy);
  EXPECT_TRUE(mentions(refused, "2 loads wait")) << message_of(refused);
  EXPECT_EQ(AsyncFile::submit(paths, files), 0);
  AsyncFile lazy = load(path_, LoadOptions::lazy);
  EXPECT_EQ(kind_of(lazy.start()), ErrorKind::busy);
  EXPECT_EQ(lazy.state(), LoadState::pending);
  EXPECT_EQ(kind_of(lazy.wait(0)), ErrorKind::timeout);  // who waits is let in
  EXPECT_TRUE(files[1].cancel());
  EXPECT_TRUE(files[0].cancel());
  EXPECT_EQ(AsyncFile::submit(paths, std::span(files)), 1);  // a cancelled one gives its place up
  open_gate(100);
  EXPECT_EQ(content_of(lazy), bytes_);
  EXPECT_EQ(content_of(files[0]), bytes_);
  EXPECT_TRUE(at_work.wait());
  EXPECT_TRUE(configure_loader(1, 3, 1));
}

TEST_F(Async, BatchStopsAtABadPath) {
  const std::string bad("a\0b", 3);
  const std::string_view paths[] = {path_, bad, path_};
  std::array<AsyncFile, 3> files;
  EXPECT_EQ(AsyncFile::submit(paths, files), 1);
  EXPECT_EQ(content_of(files[0]), bytes_);
  EXPECT_TRUE(files[1].is_closed());
  EXPECT_EQ(kind_of(AsyncFile::submit(std::span(paths).subspan(1), files)), ErrorKind::invalid_argument);
  EXPECT_EQ(AsyncFile::submit({}, {}), 0);
}

TEST_F(Async, APrefixCanBeReadBeforeTheEnd) {
  ASSERT_TRUE(configure_loader(1, 8, 1));
  const std::string bytes = pattern(6 * load_step);
  close_gate_of_steps();
  AsyncFile file = load(scratch_.file("long", bytes), LoadOptions::prefault);
  wait_for_call(1);
  open_gate(1);
  wait_for_call(2);
  EXPECT_EQ(file.state(), LoadState::loading);
  EXPECT_EQ(file.done(), load_step);
  EXPECT_EQ(file.total(), 6 * load_step);
  Mmap& mapping = *file.mapping().value();
  EXPECT_EQ(read_at(mapping, 0, load_step), bytes.substr(0, load_step));
  EXPECT_EQ(kind_of(mapping.protect(Mode::none)), ErrorKind::busy);
  // The last range that was asked for goes first.
  EXPECT_TRUE(file.prioritize(4 * load_step + 7, 5));
  EXPECT_TRUE(file.prioritize(5 * load_step, 1000 * load_step));
  EXPECT_TRUE(file.prioritize(0, 2 * load_step));  // there already, or under way
  EXPECT_TRUE(file.prioritize(99 * load_step));
  open_gate(100);
  EXPECT_TRUE(file.wait());
  EXPECT_EQ(file.done(), 6 * load_step);
  const std::uintptr_t begin = places[0];
  std::vector<std::int64_t> order;
  for (std::size_t i = 0; i < 6; ++i) order.push_back(static_cast<std::int64_t>(places[i] - begin) / load_step);
  EXPECT_EQ(order, (std::vector<std::int64_t>{0, 1, 5, 4, 2, 3}));
  EXPECT_EQ(calls, 6);
}

TEST_F(Async, RangesAreRememberedBeforeItIsMapped) {
  ASSERT_TRUE(configure_loader(1, 8, 1));
  close_gate_of_steps();
  open_gate(100);
  AsyncFile file = load(scratch_.file("long", pattern(3 * load_step)), LoadOptions::prefault | LoadOptions::lazy);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(file.prioritize(2 * load_step));
  EXPECT_TRUE(file.wait());
  EXPECT_EQ(places[0] - places[1], std::uintptr_t{2 * load_step});
}

TEST_F(Async, SeveralThreadsLoadOneFile) {
  ASSERT_TRUE(configure_loader(3, 8, 1));
  close_gate_of_steps();
  AsyncFile file = load(scratch_.file("long", pattern(6 * load_step)), LoadOptions::prefault);
  wait_for_call(3);  // at the same time
  AsyncFile other = load(path_);
  open_gate(100);
  EXPECT_TRUE(file.wait());
  EXPECT_EQ(content_of(other), bytes_);
}

TEST_F(Async, ALongFileDoesNotKeepOthersWaiting) {
  ASSERT_TRUE(configure_loader(1, 8, 1));
  close_gate_of_steps();
  AsyncFile file = load(scratch_.file("long", pattern(4 * load_step)), LoadOptions::prefault);
  wait_for_call(1);
  AsyncFile other = load(path_);
  open_gate(1);
  EXPECT_EQ(content_of(other), bytes_);
  EXPECT_EQ(file.state(), LoadState::loading);
  open_gate(100);
  EXPECT_TRUE(file.wait());
}

TEST_F(Async, CancelDuringTheStepsLeavesTheMapping) {
  ASSERT_TRUE(configure_loader(2, 8, 1));
  const std::string bytes = pattern(6 * load_step);
  close_gate_of_steps();
  AsyncFile file = load(scratch_.file("long", bytes), LoadOptions::prefault);
  wait_for_call(2);
  EXPECT_TRUE(file.cancel());
  EXPECT_EQ(file.state(), LoadState::cancelled);
  EXPECT_EQ(kind_of(file.get()), ErrorKind::cancelled);
  EXPECT_EQ(read_at(**file.mapping(), 5, 5), bytes.substr(5, 5));
  open_gate(100);
  EXPECT_TRUE(file.close());
  EXPECT_EQ(calls, 2);
}

TEST_F(Async, TruncatedWhileLoadingIsAFault) {
  ASSERT_TRUE(configure_loader(1, 8, 1));
  const std::string path = scratch_.file("long", pattern(4 * load_step));
  close_gate_of_steps();
  AsyncFile file = load(path, LoadOptions::prefault);
  wait_for_call(1);
  ASSERT_EQ(truncate(path.c_str(), load_step), 0);
  AsyncFile other = load(path_, LoadOptions::prefault);
  open_gate(100);
  EXPECT_EQ(kind_of(file.wait()), ErrorKind::fault);
  EXPECT_EQ(file.state(), LoadState::failed);
  EXPECT_EQ(file.done(), load_step);
  EXPECT_TRUE(mentions(file.wait(), std::to_string(load_step))) << message_of(file.wait());
  EXPECT_EQ(content_of(other), bytes_);
}

TEST_F(Async, DeletedWhileLoadingIsLoaded) {
  const std::string bytes = pattern(4 * load_step);
  const std::string path = scratch_.file("long", bytes);
  close_gate_of_steps();
  AsyncFile file = load(path, LoadOptions::prefault);
  wait_for_call(1);
  ASSERT_EQ(unlink(path.c_str()), 0);
  open_gate(100);
  EXPECT_TRUE(content_of(file) == bytes);
}

TEST_F(Async, PinnedViewsKeepItOpen) {
  ASSERT_TRUE(configure_loader(1, 8, 1));
  const std::string bytes = pattern(4 * load_step);
  close_gate_of_steps();
  AsyncFile file = load(scratch_.file("long", bytes), LoadOptions::prefault);
  wait_for_call(1);
  {
    const auto view = file.mapping().value()->view();
    EXPECT_EQ(kind_of(file.close()), ErrorKind::busy);
    EXPECT_EQ(file.state(), LoadState::loading);  // nothing was done
    open_gate(100);
    EXPECT_TRUE(file.wait());
    EXPECT_EQ(kind_of(file.close()), ErrorKind::busy);
    EXPECT_TRUE(content_of(file) == bytes);
  }
  EXPECT_TRUE(file.close());
}

TEST_F(Async, PagesOfAViewOutliveIt) {
  auto view = [&] {
    AsyncFile file = load(path_);
    return file.get().value()->view().value();
  }();
  EXPECT_EQ(std::to_integer<char>(view.bytes()[7]), bytes_[7]);
}

TEST_F(Async, ChangesMakeItStale) {
  AsyncFile watched = load(path_, LoadOptions::none, OpenOptions::watch);
  AsyncFile plain_one = load(path_);
  EXPECT_TRUE(watched.wait());
  EXPECT_TRUE(plain_one.wait());
  EXPECT_EQ(watched.state(), LoadState::ready);
  ASSERT_EQ(truncate(path_.c_str(), 5), 0);
  EXPECT_EQ(watched.state(), LoadState::stale);
  EXPECT_EQ(watched.is_ready(), true);
  EXPECT_TRUE(watched.wait());
  EXPECT_EQ(plain_one.state(), LoadState::ready);
}

TEST_F(Async, MappingsAreHandedOverOnce) {
  static std::vector<Mmap> taken;
  taken.clear();
  AsyncFile file = load(path_);
  EXPECT_TRUE(file.wait());
  EXPECT_EQ(detail::AsyncAccess::hand_over(file, [](Mmap&) { return std::int64_t{0}; }), 0);  // no room
  std::atomic<int> right{0};
  {
    std::vector<std::jthread> all;
    for (int i = 0; i < 4; ++i) {
      all.emplace_back([&] {
        const auto number = detail::AsyncAccess::hand_over(file, [](Mmap& mmap) {
          taken.push_back(std::move(mmap));
          return std::int64_t{41} + static_cast<std::int64_t>(taken.size());
        });
        right += number == 42;
      });
    }
  }
  EXPECT_EQ(right, 4);
  EXPECT_EQ(detail::AsyncAccess::handed_over(file), 42);
  EXPECT_EQ(kind_of(file.mapping()), ErrorKind::closed);
  EXPECT_TRUE(file.wait());
  EXPECT_TRUE(file.close());
  EXPECT_EQ(read_at(taken[0], 0, bytes_.size()), bytes_);
  taken.clear();
}

TEST_F(Async, ThreadsEndWhenTheyAreIdle) {
  // A thread that others have just waited for may be listed for a moment.
  const std::size_t before = threads();
  const std::int64_t idle_ms = std::exchange(loader().idle_ms, 10);
  std::vector<AsyncFile> files(64);
  const std::vector<std::string_view> paths(64, path_);
  EXPECT_EQ(AsyncFile::submit(paths, files), 64);
  for (AsyncFile& file : files) EXPECT_TRUE(file.wait());
  for (int i = 0; i < 5000 && threads() > before; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_LE(threads(), before);
  detail::dismiss_workers();
  loader().idle_ms = idle_ms;
}

TEST_F(Async, ManyThreadsUseOneObject) {
  for (int round = 0; round < 20; ++round) {
    AsyncFile file = load(path_, round % 2 == 0 ? LoadOptions::lazy | LoadOptions::prefault : LoadOptions::prefault);
    std::atomic<int> stopped{0};
    {
      std::vector<std::jthread> all;
      for (int i = 0; i < 3; ++i) {
        all.emplace_back([&] {
          const auto waited = file.wait();
          EXPECT_TRUE(waited || waited.error().kind == ErrorKind::cancelled);
        });
        all.emplace_back([&] {
          EXPECT_TRUE(file.state());
          EXPECT_TRUE(file.prioritize(static_cast<std::int64_t>(page() * 2)));
          EXPECT_TRUE(file.done());
          EXPECT_TRUE(file.start());
        });
        all.emplace_back([&] { stopped += detail::AsyncAccess::stop(file).has_value(); });
      }
    }
    EXPECT_EQ(stopped, 1);
  }
}

TEST_F(Async, AChildFindsWhatWasReadyAndLoadsItself) {
  AsyncFile ready = load(path_);
  EXPECT_TRUE(ready.wait());
  close_gate_of_open();
  AsyncFile loading = load(path_);
  wait_for_call(1);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (content_of(ready) != bytes_ || !ready.close()) _exit(1);
    if (loading.state() != LoadState::cancelled || kind_of(loading.wait()) != ErrorKind::cancelled) _exit(2);
    if (!loading.cancel() || !loading.close()) _exit(3);
    gate = 1000;
    AsyncFile own = load(path_);
    if (content_of(own) != bytes_) _exit(4);
    _exit(own.close() ? 0 : 5);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  open_gate(100);
  EXPECT_EQ(content_of(loading), bytes_);
}

TEST_F(Async, ProgramsEndWhileItLoads) {
  EXPECT_EXIT(
      {
        const std::string path = scratch_.file("long", pattern(8 * load_step));
        auto* const file = new AsyncFile(load(path, LoadOptions::prefault));
        std::exit(file->is_closed() ? 1 : 0);
      },
      testing::ExitedWithCode(0), "");
}

TEST_F(Async, TenThousandPathsAndFewDescriptors) {
  constexpr std::size_t count = 10'000;
  ASSERT_TRUE(configure_loader(8, count, 1));
  std::vector<std::string> names;
  std::string directory = scratch_.path("");
  for (std::size_t i = 0; i < count; ++i) {
    if (i % 500 == 0) directory += "./";
    names.push_back(directory + "f");
  }
  const std::vector<std::string_view> paths(names.begin(), names.end());
  std::vector<AsyncFile> files(count);
  const Limit limit(RLIMIT_NOFILE, 64);
  EXPECT_EQ(AsyncFile::submit(paths, files), static_cast<std::int64_t>(count));
  std::size_t right = 0;
  for (AsyncFile& file : files) right += content_of(file) == bytes_;
  EXPECT_EQ(right, count);
  EXPECT_LE(open_descriptors(), 64U);
}

class AsyncCallsFail : public SystemCallsFail {
 protected:
  AsyncCallsFail() { EXPECT_TRUE(configure_loader(1, 8, 1)); }
  /// Loads, closes, and leaves no thread behind.
  Result<void> load(LoadOptions options) {
    auto file = AsyncFile::open(path_, Mode::read, OpenOptions::none, options);
    Result<void> result;
    if (!file) {
      result = std::unexpected(file.error());
    } else {
      result = file->wait();
      if (result) result = file->close();
    }
    detail::dismiss_workers();
    return result;
  }
};

TEST_F(AsyncCallsFail, OpenAndWait) {
  every_call_fails([&] { return load(LoadOptions::none); });
}

TEST_F(AsyncCallsFail, Prefault) {
  every_call_fails([&] { return load(LoadOptions::prefault); },
                   [](Call call, int, ErrorKind& kind) {
                     if (call == Call::madvise) kind = {};  // pages are touched instead
                   });
}

}  // namespace
}  // namespace stdbind::tests
