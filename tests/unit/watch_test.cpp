// Watched mappings: what others do to the file makes them stale, what the mapping does itself does not.
#include <fcntl.h>
#include <stdbind/prefault.hpp>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <functional>
#include <thread>
#include <vector>

#include "failing_calls.hpp"

namespace stdbind::tests {
namespace {

using platform::system_calls;

constexpr OpenOptions watch = OpenOptions::watch;
constexpr OpenOptions strict = OpenOptions::watch | OpenOptions::strict;

class Watch : public testing::Test {
 protected:
  Watch() { renew(); }

  /// A file whose times lie in the past, so that the next change shows in them however coarse the clock is.
  void renew() {
    bytes_ = pattern(3 * page());
    path_ = scratch_.file("f", bytes_);
    const timespec times[] = {{.tv_sec = 1'000'000, .tv_nsec = 0}, {.tv_sec = 1'000'000, .tv_nsec = 0}};
    EXPECT_EQ(utimensat(AT_FDCWD, path_.c_str(), times, 0), 0);
  }
  Mmap open(Mode mode = Mode::read, OpenOptions options = watch) const {
    return Mmap::open(path_, mode, 0, to_end, 0, options).value();
  }
 public:  // for stand-ins of system calls too
  void write_by_others(off_t offset = 0) const {
    const int fd = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    EXPECT_EQ(pwrite(fd, "other", 5, offset), 5);
    ::close(fd);
  }
  void shorten() const { EXPECT_EQ(truncate(path_.c_str(), static_cast<off_t>(page())), 0); }
  void lengthen() const { EXPECT_EQ(truncate(path_.c_str(), static_cast<off_t>(4 * page())), 0); }
  void append() const {
    const int fd = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    EXPECT_EQ(::write(fd, "x", 1), 1);
    ::close(fd);
  }
  void remove() const { EXPECT_EQ(unlink(path_.c_str()), 0); }
  void move() const { EXPECT_EQ(rename(path_.c_str(), scratch_.path("moved").c_str()), 0); }
  void replace() const {
    EXPECT_EQ(rename(scratch_.file("new", bytes_).c_str(), path_.c_str()), 0);
  }

 protected:
  const std::vector<std::function<void()>> changes_ = {
      [this] { write_by_others(); }, [this] { shorten(); }, [this] { lengthen(); }, [this] { append(); },
      [this] { remove(); },          [this] { replace(); }, [this] { move(); }};

  static inline std::atomic<int> calls;
  SystemCallsRestored restored_;
  Scratch scratch_;
  std::string bytes_;
  std::string path_;
};

TEST_F(Watch, EveryChangeByOthersMakesItStaleForGood) {
  for (const Mode mode : {Mode::read, Mode::write, Mode::cow | Mode::write, Mode::none}) {
    for (std::size_t i = 0; i < changes_.size(); ++i) {
      renew();
      const Mmap mmap = open(mode);
      EXPECT_EQ(mmap.is_stale(), false);
      EXPECT_EQ(mmap.is_stale(), false);
      changes_[i]();
      EXPECT_EQ(mmap.is_stale(), true) << "change " << i;
      renew();
      EXPECT_EQ(mmap.is_stale(), true) << "change " << i;
    }
  }
}

// What the system tells is lost to a child that shares the descriptor.
TEST_F(Watch, FileItselfIsLookedAtToo) {
  for (std::size_t i = 0; i + 1 < changes_.size(); ++i) {
    for (const Mode mode : {Mode::read, Mode::cow | Mode::write, Mode::write}) {
      if (mode == Mode::write && i == 0) continue;  // the time alone, which our own stores change too
      renew();
      const Mmap mmap = open(mode);
      SystemCallsRestored restored;
      system_calls.read = [](int, void*, std::size_t) -> ssize_t {
        errno = EAGAIN;
        return -1;
      };
      EXPECT_EQ(mmap.is_stale(), false);
      changes_[i]();
      EXPECT_EQ(mmap.is_stale(), true) << "change " << i;
    }
  }
}

TEST_F(Watch, WhatOthersOnlyDoToItsSurroundingsIsNoChange) {
  for (const Mode mode : {Mode::read, Mode::write}) {
    const Mmap mmap = open(mode, strict);
    static_cast<void>(content(path_));
    ASSERT_EQ(chmod(path_.c_str(), 0640), 0);
    ASSERT_EQ(link(path_.c_str(), scratch_.path("second").c_str()), 0);
    static_cast<void>(scratch_.file("beside", "x"));
    const Mmap other = open(Mode::read, OpenOptions::none);
    EXPECT_EQ(mmap.is_stale(), false);
    EXPECT_EQ(read_at(mmap, 0, 5), bytes_.substr(0, 5));
    ASSERT_EQ(unlink(scratch_.path("second").c_str()), 0);
  }
}

TEST_F(Watch, OwnChangesDoNotCount) {
  Mmap mmap = open(Mode::write, strict | OpenOptions::update | OpenOptions::grow);
  EXPECT_TRUE(mmap.write_at(0, bytes_of("mine")));
  EXPECT_TRUE(mmap.flush());
  EXPECT_EQ(mmap.is_stale(), false);
  EXPECT_TRUE(mmap.update(5, bytes_of("mine too")));
  EXPECT_EQ(mmap.is_stale(), false);
  EXPECT_TRUE(mmap.resize(static_cast<std::int64_t>(5 * page())));
  EXPECT_EQ(mmap.is_stale(), false);
  EXPECT_TRUE(mmap.resize(10));
  EXPECT_EQ(mmap.is_stale(), false);
  EXPECT_TRUE(mmap.flush_async());
  EXPECT_TRUE(mmap.update(0, bytes_of("again")));
  EXPECT_EQ(read_at(mmap, 0, 5), "again");
  write_by_others(1);
  EXPECT_EQ(mmap.is_stale(), true);
}

TEST_F(Watch, ChangesByOthersBeforeOwnOnesAreNotLost) {
  for (std::size_t i = 0; i < changes_.size(); ++i) {
    for (const bool resize : {false, true}) {
      renew();
      Mmap mmap = open(Mode::write, watch | OpenOptions::update | OpenOptions::grow);
      changes_[i]();
      if (resize) {
        EXPECT_TRUE(mmap.resize(static_cast<std::int64_t>(2 * page())));
      } else {
        EXPECT_TRUE(mmap.update(0, bytes_of("x")));
      }
      EXPECT_EQ(mmap.is_stale(), true) << "change " << i;
    }
  }
}

TEST_F(Watch, ChangeJustDuringAnOwnOneShowsInTheSize) {
  Mmap mmap = open(Mode::write, watch | OpenOptions::update);
  real = system_calls;
  static const Watch* self;
  self = this;
  system_calls.pwrite = [](int fd, const void* data, std::size_t size, off_t offset) {
    system_calls.pwrite = real.pwrite;
    self->append();
    return real.pwrite(fd, data, size, offset);
  };
  EXPECT_TRUE(mmap.update(0, bytes_of("x")));
  EXPECT_EQ(mmap.is_stale(), true);
}

TEST_F(Watch, ChangeWhileItIsOpenedIsSeen) {
  real = system_calls;
  static const Watch* self;
  self = this;
  system_calls.inotify_add_watch = [](int fd, const char* path, std::uint32_t mask) {
    self->lengthen();
    return real.inotify_add_watch(fd, path, mask);
  };
  const Mmap mmap = open(Mode::read, strict);
  std::byte byte{};
  EXPECT_EQ(kind_of(mmap.read_at(0, std::span(&byte, 1))), ErrorKind::stale);
  EXPECT_EQ(mmap.is_stale(), true);
}

TEST_F(Watch, OpenedByDescriptorItIsThatFile) {
  const int fd = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
  remove();
  renew();  // another file of that name
  const Mmap mmap = Mmap::from_fd(fd, Mode::read, 0, to_end, 0, watch).value();
  write_by_others();
  EXPECT_EQ(mmap.is_stale(), false);
  EXPECT_EQ(pwrite(fd, "x", 1, 0), 1);
  EXPECT_EQ(mmap.is_stale(), true);
  ::close(fd);
}

TEST_F(Watch, StrictReadsOfAStaleMappingFail) {
  Mmap mmap = open(Mode::write, strict);
  const Mmap lenient = open(Mode::write);
  std::byte buffer[4];
  EXPECT_TRUE(mmap.read_at(0, buffer));
  EXPECT_TRUE(mmap.probe());
  EXPECT_EQ(mmap.read(buffer), 4);
  write_by_others();
  const auto read = mmap.read_at(0, buffer);
  ASSERT_EQ(kind_of(read), ErrorKind::stale);
  EXPECT_NE(read.error().message.view().find("open it again"), std::string_view::npos);
  EXPECT_EQ(kind_of(mmap.read(buffer)), ErrorKind::stale);
  EXPECT_EQ(kind_of(mmap.read_bytes()), ErrorKind::stale);
  EXPECT_EQ(kind_of(mmap.probe()), ErrorKind::stale);
  EXPECT_EQ(kind_of(mmap.prefault()), ErrorKind::stale);
  EXPECT_EQ(mmap.tell(), 4);
  EXPECT_TRUE(mmap.write_at(0, buffer));
  EXPECT_TRUE(mmap.view());
  EXPECT_TRUE(lenient.read_at(0, buffer));
  EXPECT_TRUE(mmap.close());
}

TEST_F(Watch, StrictReadsByPositionFailToo) {
  const std::int64_t limit = set_positioned_limit(0).value();
  const Mmap mmap = open(Mode::read, strict);
  EXPECT_TRUE(set_positioned_limit(limit));
  EXPECT_EQ(mmap.is_mapped(), false);
  std::byte buffer[4];
  EXPECT_TRUE(mmap.read_at(0, buffer));
  write_by_others();
  EXPECT_EQ(kind_of(mmap.read_at(0, buffer)), ErrorKind::stale);
}

TEST_F(Watch, AStrictReadAsksTheSystemOnce) {
  Mmap mmap = open(Mode::read, strict);
  Mmap lenient = open(Mode::read);
  SystemCallsRestored restored;
  real = system_calls;
  system_calls = {};  // any other call would end the process
  system_calls.read = [](int fd, void* buffer, std::size_t size) {
    ++calls;
    return real.read(fd, buffer, size);
  };
  std::byte buffer[4];
  calls = 0;
  EXPECT_TRUE(lenient.read_at(0, buffer));
  EXPECT_TRUE(lenient.read(buffer));
  EXPECT_EQ(calls, 0);
  EXPECT_TRUE(mmap.read_at(0, buffer));
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(mmap.read_bytes(4));
  EXPECT_EQ(calls, 2);
  write_by_others();
  EXPECT_EQ(kind_of(mmap.read(buffer)), ErrorKind::stale);
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(kind_of(mmap.read(buffer)), ErrorKind::stale);
  EXPECT_EQ(calls, 3);
  system_calls = real;
}

TEST_F(Watch, ManyEventsAreTakenAtOnce) {
  const Mmap mmap = open(Mode::write);
  for (int i = 0; i < 400; ++i) {  // kept apart: equal ones in a row count as one
    ASSERT_EQ(chmod(path_.c_str(), i % 2 == 0 ? 0600 : 0644), 0);
    if (i == 399) write_by_others();
  }
  EXPECT_EQ(mmap.is_stale(), true);
}

TEST_F(Watch, EventsThatWereLostCountAsAChange) {
  for (const std::uint32_t mask : {IN_Q_OVERFLOW, IN_UNMOUNT, IN_IGNORED}) {
    const Mmap mmap = open();
    SystemCallsRestored restored;
    static std::uint32_t lost;
    lost = mask;
    system_calls.read = [](int, void* buffer, std::size_t) {
      const inotify_event event{.wd = -1, .mask = lost, .cookie = 0, .len = 0};
      std::memcpy(buffer, &event, sizeof event);
      return static_cast<ssize_t>(sizeof event);
    };
    EXPECT_EQ(mmap.is_stale(), true);
  }
}

TEST_F(Watch, WithoutItNothingIsKnown) {
  EXPECT_EQ(kind_of(Mmap().is_stale()), ErrorKind::closed);
  const auto unknown = open(Mode::read, OpenOptions::none).is_stale();
  EXPECT_EQ(kind_of(unknown), ErrorKind::unsupported);
  EXPECT_NE(unknown.error().message.view().find("WATCH 4"), std::string_view::npos);
  EXPECT_EQ(kind_of(Mmap::anonymous(1)->is_stale()), ErrorKind::unsupported);
  EXPECT_EQ(kind_of(Mmap::open(path_, Mode::read, 0, to_end, 0, OpenOptions::strict)), ErrorKind::invalid_argument);
}

TEST_F(Watch, NothingIsLeftOfIt) {
  const std::size_t before = open_descriptors();
  {
    Mmap mmap = open();
    const Mmap other = open();
    EXPECT_EQ(open_descriptors(), before + 4);
    EXPECT_TRUE(mmap.close());
    EXPECT_EQ(open_descriptors(), before + 2);
    write_by_others();
    EXPECT_EQ(other.is_stale(), true);
  }
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(Watch, LimitOnWatchesIsTold) {
  const auto try_to_open = [&] { return Mmap::open(path_, Mode::read, 0, to_end, 0, watch); };
  system_calls.inotify_init1 = [](int) {
    errno = EMFILE;
    return -1;
  };
  EXPECT_EQ(kind_of(try_to_open()), ErrorKind::limit);
  EXPECT_NE(try_to_open().error().message.view().find("limit on watches"), std::string_view::npos);
  // With no descriptor left either, that is what is wrong.
  real = system_calls;
  system_calls.duplicate = [](int, int) {
    errno = EMFILE;
    return -1;
  };
  EXPECT_EQ(kind_of(try_to_open()), ErrorKind::too_many_open);
}

TEST_F(Watch, WithoutProcItIsUnsupported) {
  system_calls.inotify_add_watch = [](int, const char*, std::uint32_t) {
    errno = ENOENT;
    return -1;
  };
  EXPECT_EQ(kind_of(Mmap::open(path_, Mode::read, 0, to_end, 0, watch)), ErrorKind::unsupported);
}

TEST_F(Watch, AChildLeavesTheWatchOfItsParent) {
  Mmap mmap = open();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) _exit(mmap.close() ? 0 : 1);
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  EXPECT_EQ(mmap.is_stale(), false);
  write_by_others();
  EXPECT_EQ(mmap.is_stale(), true);
}

TEST_F(Watch, ReadersBesideOwnUpdatesAreNeverStale) {
  Mmap mmap = open(Mode::write, strict | OpenOptions::update);
  std::atomic<bool> ended{false};
  std::atomic<int> stale{0};
  {
    std::vector<std::jthread> readers;
    for (int i = 0; i < 3; ++i) {
      readers.emplace_back([&] {
        std::byte buffer[16];
        while (!ended) {
          stale += kind_of(mmap.read_at(static_cast<std::int64_t>(page()), buffer)) == ErrorKind::stale;
          stale += mmap.is_stale().value();
        }
      });
    }
    for (int i = 0; i < 50; ++i) EXPECT_TRUE(mmap.update(0, bytes_of("mine")));
    ended = true;
  }
  EXPECT_EQ(stale, 0);
  EXPECT_EQ(mmap.is_stale(), false);
}

TEST_F(SystemCallsFail, OpenToWatch) {
  every_call_fails([&] { return outcome(Mmap::open(path_, Mode::read, 0, to_end, 0, strict)); },
                   [](Call call, int os, ErrorKind& kind) {
                     if (call == Call::inotify_init1 && os == EMFILE) kind = ErrorKind::limit;
                     if (call == Call::inotify_add_watch && os == ENOSPC) kind = ErrorKind::limit;
                   });
}

TEST_F(SystemCallsFail, IsStale) {
  Mmap mmap = Mmap::open(path_, Mode::read, 0, to_end, 0, strict).value();
  const auto done = [](const auto& result) -> Result<void> {
    if (!result) return std::unexpected(result.error());
    return {};
  };
  every_call_fails([&] { return done(mmap.is_stale()); });
  std::byte buffer[4];
  every_call_fails([&] { return mmap.read_at(0, buffer); });
  EXPECT_EQ(mmap.is_stale(), false);
  EXPECT_TRUE(mmap.close());
}

TEST_F(SystemCallsFail, UpdateOfAWatchedMapping) {
  Mmap mmap = Mmap::open(path_, Mode::write, 0, to_end, 0, strict | OpenOptions::update).value();
  // What cannot be told just before and after it, is told later.
  ErrorKind last{};
  int ignored = 0;
  every_call_fails(
      [&] {
        const auto updated = mmap.update(0, bytes_of(std::string_view(bytes_).substr(0, 4)));
        last = kind_of(updated);
        return updated;
      },
      [&](Call call, int, ErrorKind& kind) {
        if (call == Call::read) kind = {};
        const bool looks = call == Call::fstat || call == Call::get_flags;
        if (!looks || last != ErrorKind{}) return;
        ++ignored;
        kind = {};
      });
  EXPECT_GT(ignored, 0);
  std::byte buffer[4];
  // Where the look afterwards failed, its own event may still lie there: that errs on the safe side.
  const auto read = mmap.read_at(0, buffer);
  EXPECT_TRUE(read || kind_of(read) == ErrorKind::stale);
}

}  // namespace
}  // namespace stdbind::tests
