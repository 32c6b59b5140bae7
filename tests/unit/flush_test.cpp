// Flushing, as the system sees it: pages that were changed are dirty before, and clean afterwards. What a reader of the
// file sees proves nothing: it shares the cache with the mapping.
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "posix_support.hpp"

namespace stdbind::tests {
namespace {

class Flush : public testing::Test {
 protected:
  void SetUp() override {
    struct statfs info = {};
    ASSERT_EQ(statfs(path_.c_str(), &info), 0);
    if (info.f_type == TMPFS_MAGIC) GTEST_SKIP() << "in a file system in memory, pages never become clean";
  }

  Mmap open(Mode mode = Mode::write, OpenOptions options = OpenOptions::none, std::int64_t offset = 0) {
    auto mmap = Mmap::open(path_, mode, offset, to_end, 0, options);
    EXPECT_TRUE(mmap) << mmap.error().message.view();
    return std::move(*mmap);
  }

  /// How many bytes of a mapping's pages are dirty. The system may count more than was changed, in units of its own.
  static std::int64_t dirty(Mmap& mmap) {
    const auto view = mmap.view();
    const auto field = [&](const std::string& name) { return std::stoll(field_at(view->bytes().data(), name)); };
    return (field("Shared_Dirty") + field("Private_Dirty")) * 1024;
  }

  /// Whether they become clean long before the system writes them by itself, which takes half a minute.
  static bool becomes_clean(Mmap& mmap) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (dirty(mmap) != 0) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
  }

  static std::string saved(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    fsync(fd);
    close(fd);
    return path;
  }

  Scratch scratch_;
  std::string path_ = saved(scratch_.file("f", pattern(64 * page() + 5)));
};

TEST_F(Flush, ChangedPagesStayDirtyWithoutIt) {
  Mmap mmap = open();
  ASSERT_TRUE(mmap.probe());
  EXPECT_EQ(dirty(mmap), 0);
  ASSERT_TRUE(mmap.write_at(pages(3), bytes_of("changed")));
  EXPECT_GE(dirty(mmap), pages(1));
  EXPECT_TRUE(mmap.flush(pages(3), 0));  // nothing
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_GE(dirty(mmap), pages(1));
}

TEST_F(Flush, LeavesNoDirtyPage) {
  Mmap mmap = open();
  const std::string text = pattern(3 * page(), 77);
  ASSERT_TRUE(mmap.write_at(pages(10) + 5, bytes_of(text)));
  EXPECT_GE(dirty(mmap), pages(4));
  ASSERT_TRUE(mmap.flush());
  EXPECT_EQ(dirty(mmap), 0);
  EXPECT_TRUE(read_at(mmap, pages(10) + 5, text.size()) == text);
  ASSERT_TRUE(mmap.write_at(pages(64), bytes_of("12345")));  // the last bytes
  EXPECT_GE(dirty(mmap), pages(1));
  ASSERT_TRUE(mmap.flush());
  EXPECT_EQ(dirty(mmap), 0);
}

TEST_F(Flush, ARangeMeansItsWholePages) {
  Mmap mmap = open(Mode::write, OpenOptions::none, pages(1) + 99);
  ASSERT_TRUE(mmap.write_at(pages(5), bytes_of("one byte of it is named")));
  EXPECT_GE(dirty(mmap), pages(1));
  ASSERT_TRUE(mmap.flush(pages(5) + 3, 1));
  EXPECT_EQ(dirty(mmap), 0);
}

TEST_F(Flush, StoresThroughAView) {
  Mmap mmap = open();
  mmap.view(pages(2), 10)->writable_bytes().value()[3] = std::byte{'!'};
  EXPECT_GE(dirty(mmap), pages(1));
  ASSERT_TRUE(mmap.flush());
  EXPECT_EQ(dirty(mmap), 0);
}

TEST_F(Flush, WhatWasWrittenBeforeItWasProtected) {
  Mmap mmap = open();
  ASSERT_TRUE(mmap.write_at(0, bytes_of("text")));
  ASSERT_TRUE(mmap.protect(Mode::read));
  EXPECT_GE(dirty(mmap), pages(1));
  ASSERT_TRUE(mmap.flush());
  EXPECT_EQ(dirty(mmap), 0);
}

TEST_F(Flush, AfterResizing) {
  Mmap mmap = open(Mode::write, OpenOptions::grow);
  ASSERT_TRUE(mmap.resize(pages(100)));
  ASSERT_TRUE(mmap.write_at(pages(99), bytes_of("new")));
  EXPECT_GE(dirty(mmap), pages(1));
  ASSERT_TRUE(mmap.flush());
  EXPECT_EQ(dirty(mmap), 0);
}

TEST_F(Flush, FailureLosesNothing) {
  Mmap mmap = open();
  ASSERT_TRUE(mmap.write_at(0, bytes_of("text")));
  {
    const SystemCallsRestored restored;
    platform::system_calls.msync = [](void*, std::size_t, int) {
      errno = EIO;
      return -1;
    };
    EXPECT_EQ(kind_of(mmap.flush()), ErrorKind::io);
  }
  EXPECT_GE(dirty(mmap), pages(1));
  ASSERT_TRUE(mmap.flush());
  EXPECT_EQ(dirty(mmap), 0);
}

TEST_F(Flush, PrivateChangesAreNobodysFile) {
  Mmap mmap = open(Mode::cow | Mode::write);
  ASSERT_TRUE(mmap.write_at(0, bytes_of("mine")));
  ASSERT_TRUE(mmap.flush());
  EXPECT_GE(dirty(mmap), pages(1));
  EXPECT_EQ(content(path_).substr(0, 4), pattern(4));
}

TEST_F(Flush, AsyncBeginsToWriteAtOnce) {
  for (const OpenOptions option : {OpenOptions::grow, OpenOptions::update, OpenOptions::watch}) {
    Mmap mmap = open(Mode::write, option);
    ASSERT_TRUE(mmap.write_at(pages(7) + 1, bytes_of("async")));
    EXPECT_GE(dirty(mmap), pages(1));
    ASSERT_TRUE(mmap.flush_async(pages(7) + 3, 1));
    EXPECT_TRUE(becomes_clean(mmap));
    EXPECT_EQ(read_at(mmap, pages(7) + 1, 5), "async");
  }
}

TEST_F(Flush, AsyncWithoutADescriptorTellsSo) {
  Mmap mmap = open();
  ASSERT_TRUE(mmap.write_at(0, bytes_of("text")));
  EXPECT_EQ(kind_of(mmap.flush_async()), ErrorKind::unsupported);
  EXPECT_GE(dirty(mmap), pages(1));
}

// The reason why flush_async is not msync(MS_ASYNC).
TEST_F(Flush, TheSystemsOwnAsyncDoesNothing) {
  Mmap mmap = open();
  ASSERT_TRUE(mmap.write_at(0, bytes_of("text")));
  {
    const auto view = mmap.view();
    ASSERT_EQ(msync(const_cast<std::byte*>(view->bytes().data()), page(), MS_ASYNC), 0);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_GE(dirty(mmap), pages(1));
}

TEST_F(Flush, UpdateLeavesNoDirtyPage) {
  Mmap mmap = open(Mode::write, OpenOptions::update);
  ASSERT_TRUE(mmap.probe());
  ASSERT_TRUE(mmap.update(pages(2) - 3, bytes_of("durable")));
  EXPECT_EQ(dirty(mmap), 0);
  EXPECT_EQ(read_at(mmap, pages(2) - 3, 7), "durable");
}

}  // namespace
}  // namespace stdbind::tests
