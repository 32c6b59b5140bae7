// Every system call of every operation fails once, with each plausible number: the right kind comes back, nothing
// leaks, the file is whole, and the mapping can still be closed.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "failing_calls.hpp"
#include "handles.hpp"

namespace stdbind::tests {
namespace {

using platform::system_calls;

TEST_F(SystemCallsFail, OpenToRead) {
  every_call_fails([&] { return outcome(Mmap::open(path_, Mode::read, 5, 100)); });
}

TEST_F(SystemCallsFail, OpenToWrite) {
  every_call_fails([&] { return outcome(Mmap::open(path_, Mode::write)); });
}

TEST_F(SystemCallsFail, FromDescriptor) {
  every_call_fails([&] { return outcome(Mmap::from_fd(fileno(fd_), Mode::cow | Mode::write)); });
}

TEST_F(SystemCallsFail, Anonymous) {
  every_call_fails([&] { return outcome(Mmap::anonymous(100)); });
}

TEST_F(SystemCallsFail, PageSize) {
  every_call_fails([&]() -> Result<void> {
    const auto size = page_size();
    if (!size) return std::unexpected(size.error());
    return {};
  });
}

TEST_F(SystemCallsFail, Flush) {
  Mmap mmap = Mmap::open(path_, Mode::write).value();
  every_call_fails([&] { return mmap.flush(static_cast<std::int64_t>(page()) + 1, 5); });
  EXPECT_TRUE(mmap.close());
}

TEST_F(SystemCallsFail, Advise) {
  Mmap mmap = Mmap::open(path_, Mode::write).value();
  every_call_fails([&] { return mmap.advise(Advice::will_need, 1, 5); });
  EXPECT_TRUE(mmap.close());
}

TEST_F(SystemCallsFail, Probe) {
  Mmap mmap = Mmap::open(path_, Mode::read).value();
  every_call_fails([&] { return mmap.probe(1, 5000); },
                   [](Call call, int, ErrorKind& kind) {
                     if (call == Call::madvise) kind = {};  // pages are touched instead
                   });
  EXPECT_TRUE(mmap.close());
}

TEST_F(SystemCallsFail, CloseCanBeRepeated) {
  every_call_fails([&]() -> Result<void> {
    plan.active = false;
    Mmap mmap = Mmap::open(path_, Mode::write).value();
    plan.active = true;
    const auto closed = mmap.close();
    plan.active = false;
    if (!closed) {
      EXPECT_FALSE(mmap.is_closed());
      EXPECT_EQ(read_at(mmap, 0, 10), bytes_.substr(0, 10));
      EXPECT_TRUE(mmap.view());
      EXPECT_TRUE(mmap.close());
    }
    return closed;
  });
}

TEST_F(SystemCallsFail, ReadingAndWritingMakeNoCall) {
  Mmap mmap = Mmap::open(path_, Mode::cow | Mode::write).value();
  SystemCallsRestored restored;
  system_calls = {};  // a call would end the process
  std::byte buffer[10];
  EXPECT_TRUE(mmap.read_at(1, buffer));
  EXPECT_TRUE(mmap.write_at(1, buffer));
  EXPECT_EQ(mmap.read(buffer), 10);
  EXPECT_TRUE(mmap.write(std::span<const std::byte>(buffer)));
  EXPECT_EQ(mmap.seek(0), 0);
  EXPECT_TRUE(mmap.view());
  EXPECT_TRUE(mmap.length());
}

// Not in the loop above: the guard is installed once in the life of a process.
TEST(SystemCallsFailDeathTest, GuardThatCannotBeInstalledIsAnErrorAndTriedAgain) {
  GTEST_FLAG_SET(death_test_style, STDBIND_DEATH_TEST_STYLE);
  EXPECT_EXIT(
      {
        for (int n = 1; n <= 2; ++n) {
          SystemCallsRestored restored;
          install_failing_calls();
          static int countdown;
          countdown = n;
          system_calls.sigaction = [](int signal, const struct sigaction* action, struct sigaction* previous) {
            errno = EINVAL;
            return --countdown == 0 ? -1 : real.sigaction(signal, action, previous);
          };
          if (kind_of(Mmap::anonymous(1)) != ErrorKind::invalid_argument) _exit(n);
        }
        _exit(Mmap::anonymous(1) ? 0 : 3);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace stdbind::tests
