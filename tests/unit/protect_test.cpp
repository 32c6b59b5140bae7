// What is allowed on mapped pages: protection with W^X, code that was written, locks, and which pages are in memory.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "posix_support.hpp"

namespace stdbind::tests {
namespace {

constexpr Mode R = Mode::read;
constexpr Mode W = Mode::write;
constexpr Mode X = Mode::exec;
constexpr Mode C = Mode::cow;
constexpr Mode A = Mode::allow_wx;

class Protect : public testing::Test {
 protected:
  Mmap open(Mode mode, std::string_view bytes = "text") {
    auto mmap = Mmap::open(path_ = scratch_.file("f", bytes), mode);
    EXPECT_TRUE(mmap) << mmap.error().message.view();
    return std::move(*mmap);
  }
  static std::string protection(Mmap& mmap) { return protection_at(mmap.view()->bytes().data()); }

  Scratch scratch_;
  std::string path_;
};

TEST_F(Protect, ChangesWhatIsAllowed) {
  Mmap mmap = open(W);
  ASSERT_TRUE(mmap.protect(R));
  EXPECT_EQ(mmap.mode(), R);
  EXPECT_EQ(protection(mmap), "r--s");
  EXPECT_EQ(kind_of(mmap.write_at(0, bytes_of("x"))), ErrorKind::not_writable);
  EXPECT_EQ(read_at(mmap, 0, 4), "text");
  ASSERT_TRUE(mmap.protect(Mode::none));
  EXPECT_EQ(protection(mmap), "---s");
  std::byte byte{};
  EXPECT_EQ(kind_of(mmap.read_at(0, std::span(&byte, 1))), ErrorKind::permission_denied);
  EXPECT_EQ(kind_of(mmap.read(std::span(&byte, 1))), ErrorKind::permission_denied);
  EXPECT_EQ(kind_of(mmap.probe()), ErrorKind::permission_denied);
  ASSERT_TRUE(mmap.protect(R | W));
  EXPECT_EQ(protection(mmap), "rw-s");
  EXPECT_TRUE(mmap.write_at(0, bytes_of("T")));
  EXPECT_TRUE(mmap.close());
  EXPECT_EQ(content(path_), "Text");
  EXPECT_EQ(kind_of(mmap.protect(R)), ErrorKind::closed);
  EXPECT_EQ(kind_of(mmap.make_executable()), ErrorKind::closed);
}

TEST_F(Protect, WhatWasWrittenBeforeIsStillFlushed) {
  Mmap mmap = open(W);
  ASSERT_TRUE(mmap.write_at(0, bytes_of("T")));
  ASSERT_TRUE(mmap.protect(R));
  const SystemCallsRestored restored;
  static int flushes;
  flushes = 0;
  platform::system_calls.msync = [](void*, std::size_t, int) {
    ++flushes;
    return 0;
  };
  EXPECT_TRUE(mmap.flush());
  EXPECT_EQ(flushes, 1);
}

TEST_F(Protect, CopyOnWriteStays) {
  Mmap mmap = open(C | R);
  ASSERT_TRUE(mmap.protect(W));
  EXPECT_EQ(mmap.mode(), C | W);
  EXPECT_EQ(protection(mmap), "rw-p");
  EXPECT_TRUE(mmap.write_at(0, bytes_of("mine")));
  ASSERT_TRUE(mmap.protect(C | R));
  EXPECT_EQ(read_at(mmap, 0, 4), "mine");
  EXPECT_EQ(content(path_), "text");
  EXPECT_EQ(kind_of(open(R).protect(C | R)), ErrorKind::invalid_argument);
}

TEST_F(Protect, FileMustHaveBeenOpenedForIt) {
  Mmap mmap = open(R);
  const auto changed = mmap.protect(W);
  EXPECT_EQ(kind_of(changed), ErrorKind::permission_denied);
  EXPECT_EQ(mmap.mode(), R);
  EXPECT_EQ(protection(mmap), "r--s");
  EXPECT_EQ(kind_of(mmap.write_at(0, bytes_of("x"))), ErrorKind::not_writable);
  // A mapping of nothing has no page that says so, but resizing would make one.
  auto empty = Mmap::open(scratch_.file("empty", ""), R, 0, to_end, 0, OpenOptions::grow);
  EXPECT_EQ(kind_of(empty->protect(W)), ErrorKind::permission_denied);
  EXPECT_TRUE(empty->protect(X));
  EXPECT_EQ(kind_of(empty->resize(1)), ErrorKind::out_of_bounds);
}

TEST_F(Protect, WritableAndExecutableOnlyWhereAllowedByName) {
  Mmap mmap = open(W);
  EXPECT_EQ(kind_of(mmap.protect(W | X)), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(mmap.protect(W | X | A)), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(mmap.protect(X)), ErrorKind::permission_denied);
  ASSERT_TRUE(mmap.protect(R));
  const auto executable = mmap.protect(R | X);
  ASSERT_EQ(kind_of(executable), ErrorKind::permission_denied);  // it was writable once
  EXPECT_NE(executable.error().message.view().find("make_executable"), std::string_view::npos);
  EXPECT_EQ(protection(mmap), "r--s");
  Mmap never = open(R);
  EXPECT_TRUE(never.protect(R | X));
  EXPECT_EQ(protection(never), "r-xs");
  Mmap allowed = open(C | R | A);
  EXPECT_TRUE(allowed.protect(W | X));
  EXPECT_EQ(protection(allowed), "rwxp");
  EXPECT_EQ(allowed.mode(), C | W | X | A);
}

TEST_F(Protect, UnknownBitsAreRefused) {
  Mmap mmap = open(R);
  for (const std::int64_t mode : {std::int64_t{32}, std::int64_t{-1}, INT64_MIN, INT64_MAX, std::int64_t{16}}) {
    EXPECT_EQ(kind_of(mmap.protect(static_cast<Mode>(mode))), ErrorKind::invalid_argument) << mode;
  }
  EXPECT_EQ(mmap.mode(), R);
}

TEST_F(Protect, PinnedViewsKeepTheirAccess) {
  Mmap mmap = open(W);
  {
    const auto view = mmap.view();
    EXPECT_EQ(kind_of(mmap.protect(R)), ErrorKind::busy);
    EXPECT_EQ(kind_of(mmap.make_executable()), ErrorKind::busy);
    view->writable_bytes().value()[0] = std::byte{'T'};
  }
  EXPECT_TRUE(mmap.protect(R));
  EXPECT_EQ(read_at(mmap, 0, 4), "Text");
}

TEST_F(Protect, FailureLeavesTheModeAsItWas) {
  Mmap mmap = open(W, pattern(2 * page()));
  const SystemCallsRestored restored;
  platform::system_calls.mprotect = [](void* address, std::size_t length, int protection) {
    // As if the system held the pages in two parts, of which the second cannot be split.
    if (protection != PROT_READ) return mprotect(address, length, protection);
    EXPECT_EQ(mprotect(address, page(), protection), 0);
    errno = ENOMEM;
    return -1;
  };
  EXPECT_EQ(kind_of(mmap.protect(R)), ErrorKind::no_memory);
  EXPECT_EQ(mmap.mode(), W);
  EXPECT_EQ(protection(mmap), "rw-s");
  EXPECT_TRUE(mmap.write_at(0, bytes_of("x")));
}

TEST_F(Protect, WrittenCodeRunsAfterMakeExecutable) {
  auto mmap = Mmap::anonymous(64, C | W);
  ASSERT_TRUE(mmap);
  ASSERT_TRUE(mmap->write_at(16, std::as_bytes(std::span(code))));
  ASSERT_TRUE(mmap->make_executable());
  EXPECT_EQ(mmap->mode(), R | X | C);
  EXPECT_EQ(protection(*mmap), "r-xp");
  EXPECT_EQ(kind_of(mmap->write_at(0, bytes_of("x"))), ErrorKind::not_writable);
  {
    const auto view = mmap->view(16);
    const auto function = reinterpret_cast<int (*)()>(reinterpret_cast<std::uintptr_t>(view->bytes().data()));
    EXPECT_EQ(function(), 42);
  }
  ASSERT_TRUE(mmap->protect(W));  // takes exec away
  EXPECT_EQ(protection(*mmap), "rw-p");
  EXPECT_EQ(kind_of(mmap->protect(X)), ErrorKind::permission_denied);
}

class Lock : public testing::Test {
 protected:
  Lock() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    // A sanitizer puts functions that do nothing in their place.
    platform::system_calls.mlock = [](const void* address, std::size_t length) {
      return static_cast<int>(syscall(SYS_mlock, address, length));
    };
    platform::system_calls.munlock = [](const void* address, std::size_t length) {
      return static_cast<int>(syscall(SYS_munlock, address, length));
    };
#endif
  }

  Mmap open(std::string_view bytes, Mode mode = R) {
    auto mmap = Mmap::open(path_ = scratch_.file("f", bytes), mode);
    EXPECT_TRUE(mmap) << mmap.error().message.view();
    return std::move(*mmap);
  }

  SystemCallsRestored restored_;
  Scratch scratch_;
  std::string path_;
};

/// The number in a line of a file in /proc/self.
std::int64_t number_in(const std::string& file, const std::string& name) {
  const std::string text = content("/proc/self/" + file);
  const std::size_t at = text.find(name + ":");
  return at == std::string::npos ? -1 : std::stoll(text.substr(at + name.size() + 1));
}

std::int64_t locked_bytes() { return number_in("status", "VmLck") * 1024; }

TEST_F(Lock, KeepsWholePagesInMemory) {
  Mmap mmap = open(pattern(4 * page() + 5));
  const std::int64_t before = locked_bytes();
  ASSERT_TRUE(mmap.lock(pages(1) + 5, 1));
  EXPECT_EQ(locked_bytes(), before + pages(1));
  EXPECT_EQ(mmap.resident(pages(1), pages(1)), pages(1));
  ASSERT_TRUE(mmap.lock(pages(1), pages(1)));  // not counted
  ASSERT_TRUE(mmap.unlock(pages(1) + 9, 1));
  EXPECT_EQ(locked_bytes(), before);
  ASSERT_TRUE(mmap.lock());
  EXPECT_EQ(locked_bytes(), before + pages(5));
  EXPECT_EQ(mmap.resident(), pages(4) + 5);
  ASSERT_TRUE(mmap.unlock());
  EXPECT_EQ(locked_bytes(), before);
  ASSERT_TRUE(mmap.unlock());  // also where nothing is locked
  ASSERT_TRUE(mmap.lock());
  ASSERT_TRUE(mmap.close());
  EXPECT_EQ(locked_bytes(), before);
}

TEST_F(Lock, RangesAreChecked) {
  Mmap mmap = open(pattern(page()), W);
  const auto kinds = [&](std::int64_t offset, std::int64_t length) {
    const ErrorKind kind = kind_of(mmap.lock(offset, length));
    EXPECT_EQ(kind_of(mmap.unlock(offset, length)), kind) << offset << " " << length;
    EXPECT_EQ(kind_of(mmap.resident(offset, length)), kind) << offset << " " << length;
    return kind;
  };
  EXPECT_EQ(kinds(0, 0), ErrorKind{});
  EXPECT_EQ(kinds(pages(1), to_end), ErrorKind{});
  EXPECT_EQ(kinds(-1, to_end), ErrorKind::out_of_bounds);
  EXPECT_EQ(kinds(0, pages(1) + 1), ErrorKind::out_of_bounds);
  EXPECT_EQ(kinds(0, -2), ErrorKind::invalid_argument);
  for (const std::int64_t number : huge_numbers) {
    EXPECT_EQ(kinds(number, to_end), ErrorKind::out_of_bounds);
    EXPECT_EQ(kinds(number, number), ErrorKind::out_of_bounds);
    EXPECT_EQ(kinds(1, number), ErrorKind::out_of_bounds);
  }
  ASSERT_TRUE(mmap.close());
  EXPECT_EQ(kinds(0, 1), ErrorKind::closed);
  mmap = open("");
  EXPECT_EQ(kinds(0, to_end), ErrorKind{});
  mmap = open("text", Mode::none);
  EXPECT_EQ(kind_of(mmap.lock()), ErrorKind::permission_denied);
  EXPECT_TRUE(mmap.unlock());
}

TEST_F(Lock, PagesThatAreGone) {
  Mmap mmap = open(pattern(4 * page()));
  const std::int64_t before = locked_bytes();
  ASSERT_EQ(truncate(path_.c_str(), static_cast<off_t>(page())), 0);
  EXPECT_EQ(kind_of(mmap.lock()), ErrorKind::fault);
  EXPECT_EQ(locked_bytes(), before);
  EXPECT_TRUE(mmap.lock(0, pages(1)));
}

TEST_F(Lock, MoreThanTheProcessMayLock) {
  Mmap mmap = open(pattern(16 * page()));
  const std::int64_t before = locked_bytes();
  for (const rlim_t most : {rlim_t{0}, static_cast<rlim_t>(4 * page())}) {
    const WithoutRoot without_root;
    const Limit limit(RLIMIT_MEMLOCK, most);
    const auto locked = mmap.lock();
    ASSERT_EQ(kind_of(locked), ErrorKind::limit) << most;
    EXPECT_NE(locked.error().message.view().find("limit on locked memory"), std::string_view::npos);
    EXPECT_EQ(locked_bytes(), before);
  }
}

TEST_F(Lock, ResidentCountsBytesOfTheRange) {
  auto mmap = Mmap::anonymous(pages(5000), C | W);
  ASSERT_TRUE(mmap);
  EXPECT_EQ(mmap->resident(), 0);
  for (const std::size_t number : {std::size_t{0}, std::size_t{1}, std::size_t{4095}, std::size_t{4096}}) {
    ASSERT_TRUE(mmap->write_at(pages(number), bytes_of("x")));
  }
  ASSERT_TRUE(mmap->write_at(pages(5000) - 1, bytes_of("x")));
  EXPECT_EQ(mmap->resident(), pages(5));
  EXPECT_EQ(mmap->resident(5, pages(1)), pages(1));
  EXPECT_EQ(mmap->resident(pages(2) - 1, pages(4000)), 1);
  EXPECT_EQ(mmap->resident(pages(4096), 10), 10);
  EXPECT_EQ(mmap->resident(pages(5000)), 0);
}

}  // namespace
}  // namespace stdbind::tests
