// Prefault: pages come into memory beside the program, with progress, cancellation and a deadline.
#include <fcntl.h>
#include <stdbind/prefault.hpp>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <limits>
#include <thread>

#include "failing_calls.hpp"
#include "loading.hpp"
#include "posix_support.hpp"

namespace stdbind::tests {
namespace {

using platform::system_calls;

constexpr std::int64_t step = std::int64_t{2} << 20;
constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

class Prefaulting : public testing::Test {
 protected:
  Prefaulting() : bytes_(pattern(3 * step + 5 * page() + 17)), path_(scratch_.file("f", bytes_)) {
    gate = 0;
    steps = 0;
    clock = 0;
    real = system_calls;
  }
  ~Prefaulting() override { gate = 1000; }

  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(bytes_.size()); }

  /// From now on each step waits until the gate lets it pass: as many steps as its number says.
  static void close_gate() {
    system_calls.madvise = [](void* at, std::size_t length, int advice) {
      const int number = ++steps;
      steps.notify_all();
      for (int open = gate; open < number; open = gate) gate.wait(open);
      return real.madvise(at, length, advice);
    };
  }
  static void open_gate(int number) {
    gate = number;
    gate.notify_all();
  }
  static void wait_for_step(int number) {
    for (int now = steps; now < number; now = steps) steps.wait(now);
  }
  static std::string_view message_of(const Result<void>& result) {
    return result ? std::string_view() : result.error().message.view();
  }

  static inline std::atomic<int> gate;
  static inline std::atomic<int> steps;
  static inline std::atomic<int> clock;
  SystemCallsRestored restored_;
  Scratch scratch_;
  std::string bytes_;
  std::string path_;
};

TEST_F(Prefaulting, BringsTheWholeRangeIntoMemory) {
  {
    const int fd = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    ASSERT_EQ(fsync(fd), 0);
    ASSERT_EQ(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
    close(fd);
  }
  Mmap mmap = Mmap::open(path_).value();
  Prefault prefault = mmap.prefault().value();
  EXPECT_EQ(prefault.total(), size());
  EXPECT_TRUE(prefault.wait());
  EXPECT_TRUE(prefault.wait(0));
  EXPECT_EQ(prefault.done(), size());
  EXPECT_EQ(mmap.resident(), size());
  EXPECT_TRUE(prefault.close());
  EXPECT_TRUE(prefault.is_closed());
  EXPECT_TRUE(mmap.close());
}

TEST_F(Prefaulting, TakesTheStepsOfItsRangeOnly) {
  Mmap mmap = Mmap::open(path_, Mode::read, 7).value();
  static std::atomic<std::uintptr_t> begin;
  static std::atomic<std::uintptr_t> end;
  begin = std::numeric_limits<std::uintptr_t>::max();
  end = 0;
  system_calls.madvise = [](void* at, std::size_t length, int advice) {
    const auto start = reinterpret_cast<std::uintptr_t>(at);
    EXPECT_EQ(start % page(), 0U);
    EXPECT_LE(length, static_cast<std::size_t>(step) + page());
    begin = std::min(begin.load(), start);
    end = std::max(end.load(), start + length);
    ++steps;
    return real.madvise(at, length, advice);
  };
  const std::int64_t offset = static_cast<std::int64_t>(2 * page()) + 3;
  const Prefault prefault = mmap.prefault(offset, step + 5).value();
  EXPECT_TRUE(prefault.wait());
  EXPECT_EQ(prefault.total(), step + 5);
  EXPECT_EQ(prefault.done(), step + 5);
  EXPECT_EQ(steps, 2);
  const auto start = reinterpret_cast<std::uintptr_t>(mmap.view()->bytes().data());
  const auto first = start + static_cast<std::uintptr_t>(offset);
  EXPECT_EQ(begin, first / page() * page());
  EXPECT_EQ(end, first + static_cast<std::uintptr_t>(step) + 5);
}

TEST_F(Prefaulting, AnonymousMemoryIsReadyToo) {
  for (const Mode mode : {Mode::write, Mode::cow | Mode::write}) {
    Mmap mmap = Mmap::anonymous(step + 100, mode).value();
    ASSERT_TRUE(mmap.write_at(5, bytes_of("kept")));
    EXPECT_TRUE(mmap.prefault()->wait());
    EXPECT_EQ(mmap.resident(), step + 100);
    EXPECT_EQ(read_at(mmap, 5, 4), "kept");
  }
}

TEST_F(Prefaulting, WorksWithoutThePopulateAdvice) {
  system_calls.madvise = [](void*, std::size_t, int) {
    errno = EINVAL;
    return -1;
  };
  for (const bool anonymous : {false, true}) {
    Mmap mmap = anonymous ? Mmap::anonymous(step, Mode::cow | Mode::write).value() : Mmap::open(path_).value();
    const Prefault prefault = mmap.prefault().value();
    EXPECT_TRUE(prefault.wait());
    EXPECT_EQ(prefault.done(), prefault.total().value());
  }
}

TEST_F(Prefaulting, EmptyRangeIsDoneAtOnce) {
  Mmap mmap = Mmap::open(path_).value();
  const std::size_t before = threads();
  Prefault prefault = mmap.prefault(size()).value();
  EXPECT_EQ(threads(), before);
  EXPECT_EQ(prefault.total(), 0);
  EXPECT_TRUE(prefault.wait(0));
  EXPECT_TRUE(mmap.close());
  Mmap empty = Mmap::open(scratch_.file("empty", "")).value();
  EXPECT_TRUE(empty.prefault()->wait(0));
}

TEST_F(Prefaulting, ProgressIsToldAndTheLoadedPartCanBeRead) {
  Mmap mmap = Mmap::open(path_).value();
  close_gate();
  Prefault prefault = mmap.prefault().value();
  wait_for_step(1);
  EXPECT_EQ(prefault.done(), 0);
  open_gate(1);
  wait_for_step(2);
  EXPECT_EQ(prefault.done(), step);
  EXPECT_TRUE(read_at(mmap, 0, static_cast<std::size_t>(step)) == bytes_.substr(0, static_cast<std::size_t>(step)));
  const auto polled = prefault.wait(0);
  EXPECT_EQ(kind_of(polled), ErrorKind::timeout);
  EXPECT_NE(message_of(polled).find("still runs after 0 ms"), std::string_view::npos) << message_of(polled);
  const auto waited = prefault.wait(20);
  EXPECT_EQ(kind_of(waited), ErrorKind::timeout);
  EXPECT_NE(message_of(waited).find("still runs after 20 ms"), std::string_view::npos) << message_of(waited);
  open_gate(100);
  EXPECT_TRUE(prefault.wait(most));
  EXPECT_EQ(prefault.done(), size());
}

TEST_F(Prefaulting, CancelEndsItAfterItsStep) {
  Mmap mmap = Mmap::open(path_).value();
  close_gate();
  Prefault prefault = mmap.prefault().value();
  open_gate(1);
  wait_for_step(2);
  EXPECT_TRUE(prefault.cancel());
  EXPECT_EQ(kind_of(prefault.wait(0)), ErrorKind::timeout);  // still in its step
  open_gate(100);
  EXPECT_EQ(kind_of(prefault.wait()), ErrorKind::cancelled);
  EXPECT_EQ(kind_of(prefault.wait(0)), ErrorKind::cancelled);
  EXPECT_EQ(prefault.done(), 2 * step);
  EXPECT_EQ(steps, 2);
  EXPECT_TRUE(prefault.cancel());
  EXPECT_TRUE(mmap.close());
  EXPECT_TRUE(prefault.close());
}

TEST_F(Prefaulting, CancelAfterTheEndChangesNothing) {
  Mmap mmap = Mmap::open(path_).value();
  Prefault prefault = mmap.prefault().value();
  EXPECT_TRUE(prefault.wait());
  EXPECT_TRUE(prefault.cancel());
  EXPECT_TRUE(prefault.wait());
}

TEST_F(Prefaulting, DeadlineEndsItBetweenSteps) {
  // A clock that each step moves on by 10 ms.
  system_calls.clock_gettime = [](clockid_t, timespec* time) {
    *time = {.tv_sec = 5, .tv_nsec = clock * 1'000'000L};
    return 0;
  };
  system_calls.madvise = [](void* at, std::size_t length, int advice) {
    clock += 10;
    return real.madvise(at, length, advice);
  };
  Mmap mmap = Mmap::open(path_).value();
  for (const int deadline : {0, 1, 10, 11, 20}) {
    clock = 0;
    Prefault prefault = mmap.prefault(0, to_end, deadline).value();
    const auto ended = prefault.wait();
    EXPECT_EQ(kind_of(ended), ErrorKind::timeout);
    EXPECT_NE(message_of(ended).find("its deadline of " + std::to_string(deadline) + " ms has passed"),
              std::string_view::npos)
        << message_of(ended);
    EXPECT_EQ(prefault.done(), (deadline + 9) / 10 * step);
  }
  clock = 0;
  EXPECT_TRUE(mmap.prefault(0, to_end, 31)->wait());
  EXPECT_TRUE(mmap.prefault(0, to_end, most)->wait());
  EXPECT_TRUE(mmap.close());
}

TEST_F(Prefaulting, PinsTheMappingUntilItEnds) {
  Mmap mmap = Mmap::open(path_, Mode::write, 0, to_end, 0, OpenOptions::grow).value();
  close_gate();
  const Prefault prefault = mmap.prefault().value();
  wait_for_step(1);
  const auto closed = mmap.close();
  EXPECT_EQ(kind_of(closed), ErrorKind::busy);
  EXPECT_NE(message_of(closed).find("1 prefaults run"), std::string_view::npos) << message_of(closed);
  EXPECT_EQ(kind_of(mmap.resize(10)), ErrorKind::busy);
  EXPECT_EQ(kind_of(mmap.protect(Mode::none)), ErrorKind::busy);
  EXPECT_EQ(kind_of(mmap.view_end()), ErrorKind::invalid_argument);  // it is no view
  {
    const auto view = mmap.view();
    EXPECT_EQ(mmap.view_begin(0, 1)->size(), 1U);
    EXPECT_EQ(mmap.view_end(), 1);
  }
  EXPECT_EQ(kind_of(mmap.close()), ErrorKind::busy);
  open_gate(100);
  EXPECT_TRUE(prefault.wait());
  EXPECT_TRUE(mmap.resize(10));
  EXPECT_TRUE(mmap.close());
  EXPECT_EQ(prefault.done(), size());
}

TEST_F(Prefaulting, PagesStayWhenTheMappingIsDestroyed) {
  close_gate();
  Prefault prefault;
  {
    Mmap mmap = Mmap::open(path_, Mode::read, 0, to_end, 0, OpenOptions::watch).value();
    prefault = mmap.prefault().value();
    wait_for_step(1);
  }
  EXPECT_EQ(mapped_ranges(path_), 1U);
  open_gate(100);
  EXPECT_TRUE(prefault.wait());
  EXPECT_EQ(mapped_ranges(path_), 0U);
}

TEST_F(Prefaulting, DestructionCancelsAndWaits) {
  Mmap mmap = Mmap::open(path_).value();
  const std::size_t before = threads();
  close_gate();
  {
    const Prefault prefault = mmap.prefault().value();
    wait_for_step(1);
    EXPECT_EQ(threads(), before + 1);
    open_gate(1);
    wait_for_step(2);
    open_gate(2);
  }
  EXPECT_LE(steps, 3);
  EXPECT_TRUE(mmap.close());
  // A thread that was joined may be listed for a moment more.
  for (int i = 0; i < 1000 && threads() != before; ++i) std::this_thread::yield();
  EXPECT_EQ(threads(), before);
}

TEST_F(Prefaulting, SeveralRunOnOneMapping) {
  Mmap mmap = Mmap::open(path_).value();
  close_gate();
  Prefault first = mmap.prefault(0, step).value();
  Prefault second = mmap.prefault(step).value();
  wait_for_step(2);
  const auto closed = mmap.close();
  EXPECT_NE(message_of(closed).find("2 prefaults run"), std::string_view::npos) << message_of(closed);
  open_gate(100);
  EXPECT_TRUE(first.wait());
  EXPECT_TRUE(second.wait());
  first = std::move(second);
  EXPECT_EQ(first.total(), size() - step);
  EXPECT_TRUE(mmap.close());
}

TEST_F(Prefaulting, PagesThatAreGoneAreAFault) {
  Mmap mmap = Mmap::open(path_).value();
  ASSERT_EQ(truncate(path_.c_str(), 2 * step), 0);
  Prefault prefault = mmap.prefault().value();
  for (int repeated = 0; repeated < 2; ++repeated) EXPECT_EQ(kind_of(prefault.wait()), ErrorKind::fault);
  EXPECT_EQ(prefault.done(), 2 * step);
  EXPECT_TRUE(mmap.close());
}

TEST_F(Prefaulting, WhatCannotBeLoadedIsRefused) {
  EXPECT_EQ(kind_of(Mmap().prefault()), ErrorKind::closed);
  Mmap mmap = Mmap::open(path_).value();
  EXPECT_EQ(kind_of(mmap.prefault(-1)), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind_of(mmap.prefault(0, size() + 1)), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind_of(mmap.prefault(most, most)), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind_of(mmap.prefault(0, -2)), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(mmap.prefault(0, 1, -2)), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(Mmap::open(path_, Mode::none)->prefault()), ErrorKind::permission_denied);
  const std::int64_t limit = set_positioned_limit(0).value();
  EXPECT_EQ(kind_of(Mmap::open(path_)->prefault()), ErrorKind::unsupported);
  EXPECT_TRUE(set_positioned_limit(limit));
  Prefault prefault = mmap.prefault().value();
  EXPECT_EQ(kind_of(prefault.wait(-2)), ErrorKind::invalid_argument);
}

TEST_F(Prefaulting, ClosedOnesAnswerClosed) {
  Prefault prefault;
  EXPECT_TRUE(prefault.is_closed());
  EXPECT_EQ(kind_of(prefault.done()), ErrorKind::closed);
  EXPECT_EQ(kind_of(prefault.total()), ErrorKind::closed);
  EXPECT_EQ(kind_of(prefault.wait()), ErrorKind::closed);
  EXPECT_EQ(kind_of(prefault.cancel()), ErrorKind::closed);
  EXPECT_EQ(kind_of(prefault.close()), ErrorKind::closed);
}

TEST_F(Prefaulting, LimitOnTheirNumberIsTold) {
  // Threads that begin only when they are joined.
  static std::vector<std::pair<void* (*)(void*), void*>> started;
  started.clear();
  system_calls.pthread_create = [](pthread_t* thread, const pthread_attr_t*, void* (*run)(void*), void* argument) {
    *thread = started.size();
    started.emplace_back(run, argument);
    return 0;
  };
  system_calls.pthread_join = [](pthread_t thread, void**) {
    started[thread].first(started[thread].second);
    return 0;
  };
  Mmap mmap = Mmap::open(path_).value();
  std::vector<Prefault> all;
  for (int i = 0; i < 1023; ++i) all.push_back(mmap.prefault().value());
  EXPECT_EQ(kind_of(mmap.prefault()), ErrorKind::limit);
  EXPECT_EQ(started.size(), 1023U);
  EXPECT_TRUE(mmap.view());
  // Views and prefaults are counted apart.
  EXPECT_EQ(kind_of(mmap.view_end()), ErrorKind::invalid_argument);
  all.clear();
  EXPECT_TRUE(mmap.close());
}

TEST_F(Prefaulting, OneThreadMayEndItWhileOthersWait) {
  Mmap mmap = Mmap::open(path_).value();
  close_gate();
  Prefault prefault = mmap.prefault().value();
  wait_for_step(1);
  std::atomic<int> cancelled{0};
  std::atomic<int> stopped{0};
  {
    std::vector<std::jthread> waiting;
    for (int i = 0; i < 3; ++i) {
      waiting.emplace_back([&] {
        cancelled += kind_of(prefault.wait()) == ErrorKind::cancelled;
        EXPECT_TRUE(prefault.done());
      });
      waiting.emplace_back([&] { stopped += detail::PrefaultAccess::stop(prefault).has_value(); });
    }
    // The gate opens once somebody has cancelled it.
    while (kind_of(prefault.wait(0)) == ErrorKind::timeout && stopped == 0 && steps == 1) {
      if (prefault.cancel()) open_gate(100);
    }
  }
  EXPECT_EQ(cancelled, 3);
  EXPECT_EQ(stopped, 1);
  EXPECT_EQ(kind_of(prefault.close()), ErrorKind::closed);
  EXPECT_TRUE(mmap.close());
}

TEST_F(Prefaulting, WritersBesideItAreSafe) {
  Mmap mmap = Mmap::open(path_, Mode::write).value();
  for (int repeated = 0; repeated < 5; ++repeated) {
    const Prefault prefault = mmap.prefault().value();
    do {
      for (std::int64_t at = 0; at < size(); at += static_cast<std::int64_t>(page())) {
        EXPECT_TRUE(mmap.write_at(at, bytes_of("w")));
      }
    } while (kind_of(prefault.wait(0)) == ErrorKind::timeout);
    EXPECT_TRUE(prefault.wait());
  }
  EXPECT_EQ(read_at(mmap, 0, 1), "w");
}

TEST_F(Prefaulting, AChildFindsItCancelled) {
  Mmap mmap = Mmap::open(path_).value();
  close_gate();
  Prefault prefault = mmap.prefault().value();
  wait_for_step(1);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (kind_of(prefault.wait()) != ErrorKind::cancelled) _exit(1);
    if (kind_of(mmap.close()) != ErrorKind::busy) _exit(2);
    if (!prefault.close()) _exit(3);
    _exit(mmap.close() ? 0 : 4);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  open_gate(100);
  EXPECT_TRUE(prefault.wait());
  EXPECT_TRUE(mmap.close());
}

TEST_F(Prefaulting, ItsThreadTakesNoSignalsOfTheProgram) {
  Mmap mmap = Mmap::open(path_).value();
  static std::atomic<int> blocked;
  static std::atomic<int> faults;
  blocked = -1;
  system_calls.madvise = [](void* at, std::size_t length, int advice) {
    sigset_t mask;
    pthread_sigmask(SIG_BLOCK, nullptr, &mask);
    blocked = sigismember(&mask, SIGUSR1) + sigismember(&mask, SIGALRM) + sigismember(&mask, SIGTERM);
    faults = sigismember(&mask, SIGBUS) + sigismember(&mask, SIGSEGV);
    return real.madvise(at, length, advice);
  };
  EXPECT_TRUE(mmap.prefault()->wait());
  EXPECT_EQ(blocked, 3);
  EXPECT_EQ(faults, 0);
  sigset_t mask;
  pthread_sigmask(SIG_BLOCK, nullptr, &mask);
  EXPECT_EQ(sigismember(&mask, SIGUSR1), 0);
}

TEST_F(SystemCallsFail, Prefault) {
  Mmap mmap = Mmap::open(path_).value();
  every_call_fails(
      [&]() -> Result<void> {
        const auto prefault = mmap.prefault();
        if (!prefault) return std::unexpected(prefault.error());
        return prefault->wait();
      },
      [](Call call, int, ErrorKind& kind) {
        if (call == Call::madvise) kind = {};  // pages are touched instead
      });
  EXPECT_TRUE(mmap.close());
}

}  // namespace
}  // namespace stdbind::tests
