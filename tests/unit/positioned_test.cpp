// Reading without mapping: files over the limit behind the same functions, and reads past the cache of the system.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

#include "posix_support.hpp"

namespace stdbind::tests {
namespace {

class Positioned : public testing::Test {
 protected:
  Positioned() : bytes_(pattern(3 * page() + 17)), path_(scratch_.file("f", bytes_)) {
    before_ = set_positioned_limit(10).value();
  }
  ~Positioned() override { EXPECT_EQ(set_positioned_limit(before_), 10); }

  Mmap open(std::int64_t offset = 0, std::int64_t length = to_end, OpenOptions options = OpenOptions::none) {
    auto mmap = Mmap::open(path_, Mode::read, offset, length, 0, options);
    EXPECT_TRUE(mmap) << mmap.error().message.view();
    return std::move(*mmap);
  }

  Scratch scratch_;
  std::string bytes_;
  std::string path_;
  std::int64_t before_ = 0;
};

TEST_F(Positioned, LimitDecides) {
  const std::size_t descriptors = open_descriptors();
  {
    const Mmap mmap = open();
    EXPECT_EQ(mmap.is_mapped(), false);
    EXPECT_EQ(mapped_ranges(path_), 0U);
    EXPECT_EQ(open_descriptors(), descriptors + 1);
    EXPECT_EQ(mmap.length(), static_cast<std::int64_t>(bytes_.size()));
  }
  EXPECT_EQ(open_descriptors(), descriptors);
  EXPECT_EQ(open(0, 10).is_mapped(), true);
  EXPECT_EQ(open(0, 11).is_mapped(), false);
  // What needs pages is mapped whatever its length.
  for (const Mode mode : {Mode::none, Mode::write, Mode::exec, Mode::read | Mode::exec, Mode::cow | Mode::write}) {
    EXPECT_EQ(Mmap::open(path_, mode)->is_mapped(), true);
  }
  EXPECT_EQ(Mmap::anonymous(100, Mode::read)->is_mapped(), true);
  EXPECT_EQ(kind_of(Mmap().is_mapped()), ErrorKind::closed);
}

TEST_F(Positioned, LimitsAreChecked) {
  EXPECT_EQ(kind_of(set_positioned_limit(-2)), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(set_positioned_limit(INT64_MIN)), ErrorKind::invalid_argument);
  EXPECT_EQ(set_positioned_limit(INT64_MAX), 10);
  EXPECT_EQ(set_positioned_limit(-1), never_positioned);
  EXPECT_EQ(set_positioned_limit(0), never_positioned);
  EXPECT_EQ(open(0, 1).is_mapped(), false);
  EXPECT_EQ(set_positioned_limit(10), 0);
  EXPECT_EQ(before_, sizeof(void*) < 8 ? std::int64_t{1} << 30 : never_positioned);
}

TEST_F(Positioned, ReadsAreThoseOfAMapping) {
  for (const std::int64_t offset : {std::int64_t{0}, std::int64_t{1}, pages(1), pages(3) + 5}) {
    Mmap mmap = open(offset);
    const std::string bytes = bytes_.substr(static_cast<std::size_t>(offset));
    EXPECT_EQ(mmap.length(), static_cast<std::int64_t>(bytes.size()));
    EXPECT_TRUE(read_at(mmap, 0, bytes.size()) == bytes);
    EXPECT_EQ(read_at(mmap, 7, 3), bytes.substr(7, 3));
    EXPECT_EQ(mmap.read_bytes(5)->text(), bytes.substr(0, 5));
    EXPECT_EQ(mmap.tell(), 5);
    EXPECT_EQ(mmap.seek(-3, Whence::end), static_cast<std::int64_t>(bytes.size()) - 3);
    EXPECT_EQ(mmap.read_bytes()->text(), bytes.substr(bytes.size() - 3));
    std::byte byte{};
    EXPECT_EQ(mmap.read(std::span(&byte, 1)), 0);
    EXPECT_TRUE(mmap.probe());
    EXPECT_TRUE(mmap.probe(1, 5));
    EXPECT_TRUE(mmap.flush());
    EXPECT_TRUE(mmap.advise(Advice::sequential));
    EXPECT_TRUE(mmap.close());
    EXPECT_EQ(kind_of(mmap.read_at(0, std::span(&byte, 1))), ErrorKind::closed);
  }
}

TEST_F(Positioned, BoundsAreThoseOfAMapping) {
  Mmap mmap = open(5, 100);
  const auto kind = [&](std::int64_t offset, std::size_t size) {
    std::string buffer(size, '\0');
    return kind_of(mmap.read_at(offset, std::as_writable_bytes(std::span(buffer))));
  };
  EXPECT_EQ(kind(0, 100), ErrorKind{});
  EXPECT_EQ(kind(100, 0), ErrorKind{});
  EXPECT_EQ(kind(0, 101), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind(-1, 1), ErrorKind::out_of_bounds);
  for (const std::int64_t number : huge_numbers) {
    EXPECT_EQ(kind(number, 1), ErrorKind::out_of_bounds);
    EXPECT_EQ(kind_of(mmap.probe(number)), ErrorKind::out_of_bounds);
    EXPECT_EQ(kind_of(mmap.probe(1, number)), ErrorKind::out_of_bounds);
    EXPECT_EQ(kind_of(mmap.seek(number)), ErrorKind::out_of_bounds);
    EXPECT_EQ(kind_of(Mmap::open(path_, Mode::read, number)), ErrorKind::out_of_bounds);
    EXPECT_EQ(kind_of(Mmap::open(path_, Mode::read, 1, number)), ErrorKind::out_of_bounds);
  }
  EXPECT_EQ(kind_of(mmap.probe(0, -2)), ErrorKind::invalid_argument);
}

TEST_F(Positioned, WhatNeedsPagesIsUnsupported) {
  Mmap mmap = open();
  for (const auto& [kind, message] :
       {std::pair{kind_of(mmap.view()), std::string("view")},
        {kind_of(mmap.view_begin(0, 1)), "view_begin"},
        {kind_of(mmap.lock()), "lock"},
        {kind_of(mmap.unlock()), "unlock"},
        {kind_of(mmap.resident()), "resident"},
        {kind_of(mmap.protect(Mode::read | Mode::exec)), "protect"},
        {kind_of(mmap.make_executable()), "make_executable"}}) {
    EXPECT_EQ(kind, ErrorKind::unsupported) << message;
  }
  EXPECT_EQ(kind_of(mmap.write_at(0, bytes_of("x"))), ErrorKind::not_writable);
  EXPECT_NE(mmap.view().error().message.view().find("read_at"), std::string_view::npos);
  EXPECT_TRUE(mmap.close());
}

TEST_F(Positioned, TruncatedFileIsAFault) {
  Mmap mmap = open();
  ASSERT_EQ(truncate(path_.c_str(), 10), 0);
  std::byte buffer[20];
  EXPECT_EQ(kind_of(mmap.read_at(0, buffer)), ErrorKind::fault);
  EXPECT_EQ(kind_of(mmap.read(buffer)), ErrorKind::fault);
  EXPECT_EQ(mmap.tell(), 0);
  EXPECT_EQ(kind_of(mmap.probe()), ErrorKind::fault);
  EXPECT_EQ(read_at(mmap, 0, 10), bytes_.substr(0, 10));
}

TEST_F(Positioned, ShortReadsAreContinued) {
  const Mmap mmap = open();
  const SystemCallsRestored restored;
  static platform::SystemCalls real;
  real = platform::system_calls;
  platform::system_calls.pread = [](int fd, void* buffer, std::size_t size, off_t offset) {
    return real.pread(fd, buffer, std::min<std::size_t>(size, 100), offset);
  };
  EXPECT_TRUE(read_at(mmap, 3, 2 * page()) == bytes_.substr(3, 2 * page()));
  platform::system_calls.pread = [](int, void*, std::size_t, off_t) -> ssize_t {
    errno = EIO;
    return -1;
  };
  std::byte byte{};
  EXPECT_EQ(kind_of(mmap.read_at(0, std::span(&byte, 1))), ErrorKind::fault);
}

TEST_F(Positioned, UnlinkedAndReplacedFileIsReadOn) {
  const Mmap mmap = open();
  ASSERT_EQ(unlink(path_.c_str()), 0);
  static_cast<void>(scratch_.file("f", "another"));
  EXPECT_EQ(read_at(mmap, 0, 10), bytes_.substr(0, 10));
}

TEST_F(Positioned, DescriptorStaysTheCallersAndItsPlaceToo) {
  const int fd = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  lseek(fd, 5, SEEK_SET);
  auto mmap = Mmap::from_fd(fd);
  ASSERT_TRUE(mmap);
  EXPECT_EQ(mmap->is_mapped(), false);
  EXPECT_EQ(read_at(*mmap, 0, 3), bytes_.substr(0, 3));
  EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 5);
  close(fd);
  EXPECT_EQ(read_at(*mmap, 0, 3), bytes_.substr(0, 3));
}

TEST_F(Positioned, FollowsAFileThatGrew) {
  Mmap mmap = open(0, to_end, OpenOptions::grow);
  const std::int64_t size = static_cast<std::int64_t>(bytes_.size());
  EXPECT_EQ(kind_of(mmap.resize(size + 1)), ErrorKind::out_of_bounds);
  ASSERT_EQ(truncate(path_.c_str(), size + 5), 0);
  ASSERT_TRUE(mmap.resize(size + 5));
  EXPECT_EQ(read_at(mmap, size - 1, 6), bytes_.substr(bytes_.size() - 1) + std::string(5, '\0'));
  ASSERT_TRUE(mmap.resize(3));
  EXPECT_EQ(read_at(mmap, 0, 3), bytes_.substr(0, 3));
  ASSERT_TRUE(mmap.resize(0));
  EXPECT_EQ(mmap.is_mapped(), false);
}

// Far behind what any disk has, without a byte of it: the offsets must not be cut to 32 bits.
TEST_F(Positioned, OffsetsBeyondFourGigabytes) {
  const std::int64_t far = (std::int64_t{5} << 30) + 123;
  const int fd = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(pwrite(fd, "far", 3, far), 3);
  close(fd);
  Mmap mmap = open();
  EXPECT_EQ(mmap.length(), far + 3);
  EXPECT_EQ(read_at(mmap, far, 3), "far");
  EXPECT_EQ(read_at(mmap, far - 2, 2), std::string(2, '\0'));
  EXPECT_EQ(mmap.seek(far), far);
  EXPECT_EQ(mmap.read_bytes()->text(), "far");
}

class Direct : public testing::Test {
 protected:
  static constexpr std::size_t unit = 4096;
  Direct() : buffer_(static_cast<std::byte*>(std::aligned_alloc(unit, 4 * unit)), std::free) {}
  std::span<std::byte> buffer(std::size_t size) { return {buffer_.get(), size}; }
  std::string text(std::size_t size) { return {reinterpret_cast<const char*>(buffer_.get()), size}; }

  Scratch scratch_;
  std::unique_ptr<std::byte, void (*)(void*)> buffer_;
};

TEST_F(Direct, ReadsWhatIsThere) {
  const std::string bytes = pattern(3 * unit + 100);
  const std::string path = scratch_.file("f", bytes);
  if (kind_of(read_direct(path, 0, buffer(unit))) == ErrorKind::unsupported) {
    GTEST_SKIP() << "the file system of the temporary directory cannot be read past the cache";
  }
  const std::size_t descriptors = open_descriptors();
  EXPECT_EQ(read_direct(path, 0, buffer(2 * unit)), static_cast<std::int64_t>(2 * unit));
  EXPECT_TRUE(text(2 * unit) == bytes.substr(0, 2 * unit));
  EXPECT_EQ(read_direct(path, unit, buffer(4 * unit)), static_cast<std::int64_t>(2 * unit + 100));
  EXPECT_TRUE(text(2 * unit + 100) == bytes.substr(unit));
  EXPECT_EQ(read_direct(path, 3 * unit, buffer(unit)), 100);
  EXPECT_EQ(read_direct(path, 4 * unit, buffer(unit)), 0);
  EXPECT_EQ(read_direct(path, 0, {}), 0);
  for (const std::int64_t number : {huge_numbers[0], huge_numbers[1], huge_numbers[2]}) {
    EXPECT_EQ(read_direct(path, number, buffer(4 * unit)), 0) << number;
  }
  EXPECT_EQ(read_direct(path, INT64_MAX - 4095, buffer(4 * unit)), 0);
  EXPECT_EQ(open_descriptors(), descriptors);
}

TEST_F(Direct, ArgumentsAreChecked) {
  const std::string path = scratch_.file("f", pattern(2 * unit));
  EXPECT_EQ(kind_of(read_direct(path, -1, buffer(unit))), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind_of(read_direct(path, INT64_MIN, buffer(unit))), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind_of(read_direct(path, 1, buffer(unit))), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(read_direct(path, INT64_MAX, buffer(unit))), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(read_direct(path, 0, buffer(unit - 1))), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(read_direct(path, 0, buffer(2 * unit).subspan(512, unit))), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(read_direct(scratch_.path("missing"), 0, buffer(unit))), ErrorKind::not_found);
  EXPECT_EQ(kind_of(read_direct(std::string_view("a\0b", 3), 0, buffer(unit))), ErrorKind::invalid_argument);
}

TEST_F(Direct, OnlyRegularFiles) {
  const std::string fifo = scratch_.path("fifo");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  for (const std::string& path : {scratch_.path(""), fifo, std::string("/dev/zero"), std::string("/proc/self/maps")}) {
    const std::size_t descriptors = open_descriptors();
    const auto kind = kind_of(read_direct(path, 0, buffer(unit)));
    EXPECT_TRUE(kind == ErrorKind::wrong_file_type || kind == ErrorKind::unsupported) << path << name_of(kind);
    EXPECT_EQ(open_descriptors(), descriptors);
  }
  const std::string empty = scratch_.file("empty", "");
  const auto count = read_direct(empty, 0, buffer(unit));
  EXPECT_TRUE(count == 0 || kind_of(count) == ErrorKind::unsupported);
}

}  // namespace
}  // namespace stdbind::tests
