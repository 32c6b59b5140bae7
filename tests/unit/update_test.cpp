// Durable writes past the pages, and write-out that nobody waits for.
#include <fcntl.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <limits>
#include <sstream>

#include "failing_calls.hpp"

namespace stdbind::tests {
namespace {

using platform::system_calls;

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

/// How many KiB of the range that holds an address are dirty; -1 if there is none.
long dirty_at(const void* address) {
  std::ifstream smaps("/proc/self/smaps");
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  bool inside = false;
  long dirty = -1;
  for (std::string line; std::getline(smaps, line);) {
    std::istringstream fields(line);
    std::string name;
    fields >> name;
    if (!name.ends_with(':')) {
      std::istringstream range(line);
      std::uintptr_t begin = 0;
      std::uintptr_t end = 0;
      char dash = 0;
      range >> std::hex >> begin >> dash >> end;
      inside = begin <= wanted && wanted < end;
      if (inside) dirty = 0;
    } else if (inside && (name == "Shared_Dirty:" || name == "Private_Dirty:")) {
      long size = 0;
      fields >> size;
      dirty += size;
    }
  }
  return dirty;
}

class Update : public testing::Test {
 protected:
  Update() : bytes_(pattern(3 * page() + 5)), path_(scratch_.file("f", bytes_)) { calls = {}; }

  Mmap open(std::int64_t offset = 0, OpenOptions options = OpenOptions::update) const {
    return Mmap::open(path_, Mode::write, offset, to_end, 0, options).value();
  }

  static inline struct {
    int writes;
    int syncs;
    off_t offset;
    off_t length;
  } calls;
  SystemCallsRestored restored_;
  Scratch scratch_;
  std::string bytes_;
  std::string path_;
};

TEST_F(Update, IsSeenInTheFileAndThroughTheMapping) {
  for (const std::size_t start : {std::size_t{0}, std::size_t{5}, page() + 1}) {
    Mmap mmap = open(static_cast<std::int64_t>(start));
    const std::string data = pattern(page() + 2, 77 + start);
    for (const std::size_t at : {std::size_t{0}, std::size_t{7}, page() - 3}) {
      ASSERT_TRUE(mmap.update(static_cast<std::int64_t>(at), bytes_of(data)));
      bytes_.replace(start + at, data.size(), data);
      EXPECT_TRUE(read_at(mmap, static_cast<std::int64_t>(at), data.size()) == data);
      EXPECT_TRUE(content(path_) == bytes_);
    }
  }
}

TEST_F(Update, StoresAroundItStay) {
  Mmap mmap = open();
  ASSERT_TRUE(mmap.write_at(0, bytes_of("stored")));
  ASSERT_TRUE(mmap.update(2, bytes_of("up")));
  EXPECT_EQ(read_at(mmap, 0, 6), "stuped");
  ASSERT_TRUE(mmap.write_at(1, bytes_of("-")));
  EXPECT_EQ(read_at(mmap, 0, 6), "s-uped");
  EXPECT_EQ(content(path_).substr(0, 6), "s-uped");
}

TEST_F(Update, IsSyncedOnceItIsWritten) {
  Mmap mmap = open();
  real = system_calls;
  system_calls.pwrite = [](int fd, const void* data, std::size_t size, off_t offset) {
    ++calls.writes;
    EXPECT_EQ(calls.syncs, 0);
    return real.pwrite(fd, data, size, offset);
  };
  system_calls.fdatasync = [](int fd) {
    ++calls.syncs;
    return real.fdatasync(fd);
  };
  EXPECT_TRUE(mmap.update(3, bytes_of("abc")));
  EXPECT_EQ(calls.writes, 1);
  EXPECT_EQ(calls.syncs, 1);
}

TEST_F(Update, ShortWritesGoOn) {
  Mmap mmap = open();
  real = system_calls;
  system_calls.pwrite = [](int fd, const void* data, std::size_t size, off_t offset) {
    ++calls.writes;
    return real.pwrite(fd, data, std::min(size, std::size_t{3}), offset);
  };
  EXPECT_TRUE(mmap.update(page() - 4, bytes_of("0123456789")));
  EXPECT_EQ(calls.writes, 4);
  EXPECT_EQ(content(path_).substr(page() - 4, 10), "0123456789");
  system_calls.pwrite = [](int, const void*, std::size_t, off_t) -> ssize_t { return 0; };
  EXPECT_EQ(kind_of(mmap.update(0, bytes_of("x"))), ErrorKind::io);  // and comes to an end
}

TEST_F(Update, WhatCannotBeWrittenIsRefused) {
  EXPECT_EQ(kind_of(Mmap().update(0, bytes_of("x"))), ErrorKind::closed);
  const auto kind = [&](Mode mode, OpenOptions options) {
    return kind_of(Mmap::open(path_, mode, 0, to_end, 0, options)->update(0, bytes_of("x")));
  };
  EXPECT_EQ(kind(Mode::read, OpenOptions::update), ErrorKind::not_writable);
  EXPECT_EQ(kind(Mode::cow | Mode::write, OpenOptions::update), ErrorKind::not_writable);
  EXPECT_EQ(kind(Mode::write, OpenOptions::none), ErrorKind::unsupported);
  EXPECT_EQ(kind(Mode::write, OpenOptions::grow), ErrorKind::unsupported);
  EXPECT_EQ(kind_of(Mmap::anonymous(10)->update(0, bytes_of("x"))), ErrorKind::unsupported);
  Mmap mmap = open();
  ASSERT_TRUE(mmap.protect(Mode::read));
  EXPECT_EQ(kind_of(mmap.update(0, bytes_of("x"))), ErrorKind::not_writable);
  const auto refused = Mmap::open(path_, Mode::write)->update(0, bytes_of("x"));
  EXPECT_NE(refused.error().message.view().find("UPDATE 2"), std::string_view::npos);
  EXPECT_TRUE(content(path_) == bytes_);
}

TEST_F(Update, RangeMustLieInTheMapping) {
  Mmap mmap = Mmap::open(path_, Mode::write, 10, 20, 0, OpenOptions::update).value();
  for (const std::int64_t offset :
       {std::int64_t{-1}, std::int64_t{20}, std::int64_t{21}, std::int64_t{1} << 32, std::int64_t{1} << 60, most,
        std::numeric_limits<std::int64_t>::min()}) {
    EXPECT_EQ(kind_of(mmap.update(offset, bytes_of("x"))), ErrorKind::out_of_bounds) << offset;
  }
  EXPECT_EQ(kind_of(mmap.update(18, bytes_of("xyz"))), ErrorKind::out_of_bounds);
  EXPECT_TRUE(content(path_) == bytes_);
  EXPECT_TRUE(mmap.update(20, {}));
  EXPECT_TRUE(mmap.update(17, bytes_of("xyz")));
  EXPECT_EQ(content(path_).size(), bytes_.size());
}

TEST_F(Update, FileNeverBecomesLonger) {
  Mmap mmap = open();
  const std::int64_t end = mmap.length().value();
  ASSERT_EQ(truncate(path_.c_str(), end - 1), 0);
  EXPECT_EQ(kind_of(mmap.update(end - 2, bytes_of("xy"))), ErrorKind::fault);
  EXPECT_TRUE(mmap.update(end - 3, bytes_of("xy")));
  EXPECT_EQ(content(path_).size(), bytes_.size() - 1);
  ASSERT_EQ(truncate(path_.c_str(), 0), 0);
  EXPECT_EQ(kind_of(mmap.update(0, bytes_of("x"))), ErrorKind::fault);
  EXPECT_EQ(content(path_), "");
}

TEST_F(Update, LimitOnFileSizesIsAnErrorAndNoSignal) {
  Mmap mmap = open();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const rlimit small{.rlim_cur = 100, .rlim_max = 100};
    if (setrlimit(RLIMIT_FSIZE, &small) != 0) _exit(2);
    const bool below = mmap.update(90, bytes_of("0123456789")).has_value();
    _exit(below && kind_of(mmap.update(91, bytes_of("0123456789"))) == ErrorKind::limit ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(Update, FlushAsyncBeginsToWrite) {
  Mmap mmap = open();
  const auto view = mmap.view();
  struct statfs info = {};
  ASSERT_EQ(statfs(path_.c_str(), &info), 0);
  constexpr unsigned long tmpfs = 0x01021994;  // has nothing to write to
  forbid_flushing();
  for (int repeated = 0; repeated < 3; ++repeated) {
    ASSERT_TRUE(mmap.write_at(0, bytes_of(std::string(3 * page(), static_cast<char>('a' + repeated)))));
    EXPECT_GT(dirty_at(view->bytes().data()), 0);
    EXPECT_TRUE(mmap.flush_async());
    if (static_cast<unsigned long>(info.f_type) != tmpfs) {
      EXPECT_EQ(dirty_at(view->bytes().data()), 0);
    }
    EXPECT_EQ(content(path_).front(), static_cast<char>('a' + repeated));
    ASSERT_TRUE(mmap.update(0, bytes_of("settle")));  // a page that is being written is not begun once more
  }
}

TEST_F(Update, FlushAsyncNamesTheBytesOfTheFile) {
  const auto offset = static_cast<std::int64_t>(page() + 7);
  Mmap mmap = Mmap::open(path_, Mode::write, offset, to_end, 0, OpenOptions::grow).value();
  system_calls.sync_file_range = [](int, off_t offset, off_t length, unsigned flags) {
    calls.offset = offset;
    calls.length = length;
    EXPECT_EQ(flags, static_cast<unsigned>(SYNC_FILE_RANGE_WRITE));
    return 0;
  };
  EXPECT_TRUE(mmap.flush_async(2, 3));
  EXPECT_EQ(calls.offset, static_cast<off_t>(page()));
  EXPECT_EQ(calls.length, 12);
  EXPECT_TRUE(mmap.flush_async(static_cast<std::int64_t>(page()), 1));
  EXPECT_EQ(calls.offset, static_cast<off_t>(2 * page()));
  EXPECT_EQ(calls.length, 8);
}

TEST_F(Update, FlushAsyncNeedsADescriptorOnlyWhereSomethingIsToBeWritten) {
  EXPECT_EQ(kind_of(Mmap().flush_async()), ErrorKind::closed);
  EXPECT_TRUE(Mmap::open(path_)->flush_async());
  EXPECT_TRUE(Mmap::open(path_, Mode::cow | Mode::write)->flush_async());
  EXPECT_TRUE(Mmap::anonymous(10)->flush_async());
  Mmap without = Mmap::open(path_, Mode::write).value();
  const auto refused = without.flush_async();
  EXPECT_EQ(kind_of(refused), ErrorKind::unsupported);
  EXPECT_NE(refused.error().message.view().find("UPDATE 2"), std::string_view::npos);
  for (const OpenOptions options : {OpenOptions::grow, OpenOptions::update, OpenOptions::watch}) {
    EXPECT_TRUE(open(0, options).flush_async());
  }
  Mmap mmap = open();
  EXPECT_TRUE(mmap.flush_async(0, 0));
  EXPECT_EQ(kind_of(mmap.flush_async(-1)), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind_of(mmap.flush_async(1, most)), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind_of(mmap.flush_async(0, -2)), ErrorKind::invalid_argument);
  Mmap device = Mmap::open("/dev/zero", Mode::write, 0, 100, 0, OpenOptions::any_file | OpenOptions::update).value();
  EXPECT_EQ(kind_of(device.flush_async()), ErrorKind::unsupported);
}

TEST_F(SystemCallsFail, Update) {
  Mmap mmap = Mmap::open(path_, Mode::write, 3, to_end, 0, OpenOptions::update).value();
  every_call_fails([&] { return mmap.update(1, bytes_of(std::string_view(bytes_).substr(4, 10))); });
  EXPECT_TRUE(mmap.close());
}

TEST_F(SystemCallsFail, FlushAsync) {
  Mmap mmap = Mmap::open(path_, Mode::write, 3, to_end, 0, OpenOptions::update).value();
  every_call_fails([&] { return mmap.flush_async(1, 10); });
  EXPECT_TRUE(mmap.close());
}

}  // namespace
}  // namespace stdbind::tests
