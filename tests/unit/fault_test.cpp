// Pages that are gone: an error of the copying calls, and nothing else changes. Foreign faults stay foreign.
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "support.hpp"

namespace stdbind::tests {
namespace {

class Fault : public testing::Test {
 protected:
  Fault() : path_(scratch_.file("f", pattern(4 * page()))) {}

  Mmap open(Mode mode) { return Mmap::open(path_, mode).value(); }
  void truncate_to(std::size_t size) { ASSERT_EQ(truncate(path_.c_str(), static_cast<off_t>(size)), 0); }

  Scratch scratch_;
  std::string path_;
};

TEST_F(Fault, ReadingATruncatedFileIsAnError) {
  for (const Mode mode : {Mode::read, Mode::write, Mode::cow | Mode::read, Mode::cow | Mode::write}) {
    truncate_to(4 * page());
    Mmap mmap = open(mode);
    truncate_to(0);
    std::byte buffer[8];
    for (int repeated = 0; repeated < 3; ++repeated) {
      const auto read = mmap.read_at(static_cast<std::int64_t>(page()), buffer);
      ASSERT_EQ(kind_of(read), ErrorKind::fault);
      EXPECT_NE(read.error().message.view().find("became shorter"), std::string_view::npos);
    }
    EXPECT_EQ(kind_of(mmap.read(buffer)), ErrorKind::fault);
    EXPECT_EQ(mmap.tell(), 0);
    EXPECT_EQ(kind_of(mmap.read_bytes()), ErrorKind::fault);
    EXPECT_EQ(kind_of(mmap.probe(0, 1)), ErrorKind::fault);
    EXPECT_EQ(mmap.length(), static_cast<std::int64_t>(4 * page()));
    EXPECT_TRUE(mmap.close());
  }
}

TEST_F(Fault, WritingATruncatedFileIsAnError) {
  for (const Mode mode : {Mode::write, Mode::cow | Mode::write}) {
    truncate_to(4 * page());
    Mmap mmap = open(mode);
    truncate_to(page());
    EXPECT_EQ(kind_of(mmap.write_at(static_cast<std::int64_t>(2 * page()), bytes_of("x"))), ErrorKind::fault);
    EXPECT_EQ(mmap.seek(static_cast<std::int64_t>(page()) - 2), static_cast<std::int64_t>(page()) - 2);
    EXPECT_EQ(kind_of(mmap.write("four")), ErrorKind::fault);  // begins in a page that is there
    EXPECT_EQ(mmap.tell(), static_cast<std::int64_t>(page()) - 2);
    EXPECT_TRUE(mmap.write_at(0, bytes_of("x")));
  }
}

TEST_F(Fault, PagesThatAreLeftCanBeRead) {
  const Mmap mmap = open(Mode::read);
  truncate_to(page() + 1);
  EXPECT_TRUE(read_at(mmap, 0, 2 * page()).starts_with(pattern(page() + 1)));
  EXPECT_TRUE(mmap.probe(0, static_cast<std::int64_t>(2 * page())));
  EXPECT_EQ(kind_of(mmap.probe()), ErrorKind::fault);
  EXPECT_EQ(kind_of(mmap.probe(static_cast<std::int64_t>(2 * page()) - 1, 2)), ErrorKind::fault);
  std::string all(4 * page(), '\0');
  EXPECT_EQ(kind_of(mmap.read_at(0, std::as_writable_bytes(std::span(all)))), ErrorKind::fault);
}

TEST_F(Fault, FileThatGrowsBackCanBeReadAgain) {
  const Mmap mmap = open(Mode::read);
  truncate_to(0);
  std::byte byte{};
  EXPECT_EQ(kind_of(mmap.read_at(0, std::span(&byte, 1))), ErrorKind::fault);
  truncate_to(4 * page());
  EXPECT_EQ(read_at(mmap, 0, 3), std::string(3, '\0'));
}

TEST_F(Fault, ProbeWithoutThePopulateAdvice) {
  SystemCallsRestored restored;
  platform::system_calls.madvise = [](void*, std::size_t, int) {
    errno = EINVAL;
    return -1;
  };
  const Mmap mmap = open(Mode::read);
  EXPECT_TRUE(mmap.probe());
  EXPECT_TRUE(mmap.probe(1, 1));
  truncate_to(page());
  EXPECT_TRUE(mmap.probe(0, static_cast<std::int64_t>(page())));
  EXPECT_EQ(kind_of(mmap.probe(0, static_cast<std::int64_t>(page()) + 1)), ErrorKind::fault);
  EXPECT_EQ(kind_of(mmap.probe(static_cast<std::int64_t>(page()), 1)), ErrorKind::fault);
  EXPECT_EQ(kind_of(mmap.probe()), ErrorKind::fault);
}

TEST_F(Fault, EveryThreadHasItsOwnGuard) {
  const Mmap mmap = open(Mode::read);
  truncate_to(page());
  std::atomic<int> faults{0};
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread] {
        std::vector<char> stack(65536);
        const stack_t own{.ss_sp = stack.data(), .ss_flags = 0, .ss_size = stack.size()};
        if (thread % 2 == 0) {
          ASSERT_EQ(sigaltstack(&own, nullptr), 0);
        }
        std::byte buffer[64];
        for (int i = 0; i < 1000; ++i) {
          const auto read = mmap.read_at(static_cast<std::int64_t>(page()) * (i % 4), buffer);
          ASSERT_EQ(kind_of(read), i % 4 == 0 ? ErrorKind{} : ErrorKind::fault);
          faults += read ? 0 : 1;
        }
        const stack_t none{.ss_sp = nullptr, .ss_flags = SS_DISABLE, .ss_size = 0};
        if (thread % 2 == 0) {
          ASSERT_EQ(sigaltstack(&none, nullptr), 0);
        }
      });
    }
  }
  EXPECT_EQ(faults, 4 * 750);
}

/// A file without a name, so that a process that dies leaves nothing behind.
int nameless_file() {
  const int fd = memfd_create("stdbind-test", MFD_CLOEXEC);
  if (fd < 0 || ftruncate(fd, static_cast<off_t>(4 * page())) != 0) _exit(2);
  return fd;
}

// The following run in a process of their own, in which no guard is installed yet.
class ForeignFaultDeathTest : public testing::Test {
 protected:
  ForeignFaultDeathTest() { GTEST_FLAG_SET(death_test_style, STDBIND_DEATH_TEST_STYLE); }

  static void handle_with(int flags, void (*handler)(int, siginfo_t*, void*)) {
    struct sigaction action = {};
    action.sa_sigaction = handler;
    action.sa_flags = SA_SIGINFO | flags;
    sigaction(SIGBUS, &action, nullptr);
  }

  /// Opens, makes sure that the guard works, and touches a page that is gone past the library.
  static void touch() {
    const int fd = nameless_file();
    Mmap mmap = Mmap::from_fd(fd).value();
    const auto view = mmap.view();
    if (ftruncate(fd, 0) != 0) _exit(2);
    std::byte byte{};
    if (kind_of(mmap.read_at(0, std::span(&byte, 1))) != ErrorKind::fault) _exit(3);
    static_cast<void>(*static_cast<const volatile std::byte*>(view->bytes().data()));
    _exit(4);
  }
};

TEST_F(ForeignFaultDeathTest, ReachesThePreviousHandler) {
  EXPECT_EXIT(
      {
        handle_with(0, [](int, siginfo_t* info, void*) {
          sigset_t now;
          sigprocmask(SIG_BLOCK, nullptr, &now);
          const bool told = info->si_code == BUS_ADRERR && info->si_addr != nullptr;
          _exit(told && sigismember(&now, SIGBUS) == 1 ? 42 : 5);
        });
        touch();
      },
      testing::ExitedWithCode(42), "");
}

TEST_F(ForeignFaultDeathTest, ReachesAPlainHandler) {
  EXPECT_EXIT(
      {
        std::signal(SIGBUS, [](int) { _exit(43); });
        touch();
      },
      testing::ExitedWithCode(43), "");
}

TEST_F(ForeignFaultDeathTest, KillsWhereNothingHandlesIt) {
  EXPECT_EXIT(
      {
        std::signal(SIGBUS, SIG_DFL);
        touch();
      },
      testing::KilledBySignal(SIGBUS), "");
}

TEST_F(ForeignFaultDeathTest, KillsEvenWhereItIsIgnored) {
  EXPECT_EXIT(
      {
        std::signal(SIGBUS, SIG_IGN);
        touch();
      },
      testing::KilledBySignal(SIGBUS), "");
}

TEST_F(ForeignFaultDeathTest, SignalSentByAProcessIsTreatedAsBefore) {
  EXPECT_EXIT(
      {
        std::signal(SIGBUS, SIG_IGN);
        const Mmap mmap = Mmap::from_fd(nameless_file()).value();
        raise(SIGBUS);
        _exit(44);
      },
      testing::ExitedWithCode(44), "");
  EXPECT_EXIT(
      {
        std::signal(SIGBUS, SIG_DFL);
        const Mmap mmap = Mmap::from_fd(nameless_file()).value();
        raise(SIGBUS);
        _exit(44);
      },
      testing::KilledBySignal(SIGBUS), "");
}

TEST_F(ForeignFaultDeathTest, HandlerForOneSignalServesOnce) {
  EXPECT_EXIT(
      {
        static volatile int calls = 0;
        handle_with(static_cast<int>(SA_RESETHAND), [](int, siginfo_t*, void*) {
          calls = calls + 1;
          if (calls > 1) _exit(6);
        });
        const Mmap mmap = Mmap::from_fd(nameless_file()).value();
        raise(SIGBUS);
        raise(SIGBUS);
        _exit(7);
      },
      testing::KilledBySignal(SIGBUS), "");
}

TEST_F(ForeignFaultDeathTest, HandlerThatRepairsGoesOn) {
  EXPECT_EXIT(
      {
        handle_with(0, [](int, siginfo_t* info, void*) {
          const auto size = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
          const auto at = reinterpret_cast<std::uintptr_t>(info->si_addr) / size * size;
          mmap(reinterpret_cast<void*>(at), size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        });
        touch();
      },
      testing::ExitedWithCode(4), "");
}

TEST_F(ForeignFaultDeathTest, BufferOfTheCallerThatFaultsIsForeign) {
  EXPECT_EXIT(
      {
        std::signal(SIGBUS, SIG_DFL);
        const int fd = nameless_file();
        Mmap target = Mmap::from_fd(fd, Mode::write).value();
        const Mmap source = Mmap::from_fd(nameless_file()).value();
        const auto view = target.view();
        if (ftruncate(fd, 0) != 0) _exit(2);
        static_cast<void>(source.read_at(0, *view->writable_bytes()));
        _exit(8);
      },
      testing::KilledBySignal(SIGBUS), "");
}

}  // namespace
}  // namespace stdbind::tests
