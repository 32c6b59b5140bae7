// Resizing files and memory: the bytes stay, new ones are zero, and if any step fails, file and mapping are as before.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "posix_support.hpp"

namespace stdbind::tests {
namespace {

class Resize : public testing::Test {
 protected:
  Mmap open(std::string_view bytes, Mode mode = Mode::write, std::int64_t offset = 0, std::int64_t length = to_end) {
    auto mmap = Mmap::open(path_ = scratch_.file("f", bytes), mode, offset, length, 0, OpenOptions::grow);
    EXPECT_TRUE(mmap) << mmap.error().message.view();
    return std::move(*mmap);
  }
  void truncate_to(std::int64_t size) { ASSERT_EQ(truncate(path_.c_str(), size), 0); }

  /// Resizing fails with this kind, and changes nothing that can be seen.
  void refused(Mmap& mmap, std::int64_t length, ErrorKind kind) {
    const std::string before = content(path_);
    const std::size_t descriptors = open_descriptors();
    const std::size_t ranges = mapped_ranges(path_);
    const auto old = mmap.length().value();
    const auto cursor = mmap.tell().value();
    const auto resized = mmap.resize(length);
    EXPECT_EQ(kind_of(resized), kind) << length;
    EXPECT_EQ(mmap.length(), old);
    EXPECT_EQ(mmap.tell(), cursor);
    EXPECT_TRUE(content(path_) == before) << length;
    EXPECT_EQ(open_descriptors(), descriptors);
    EXPECT_EQ(mapped_ranges(path_), ranges);
  }

  Scratch scratch_;
  std::string path_;
};

TEST_F(Resize, FileGrowsAndShrinksWithItsMapping) {
  std::string bytes = pattern(page() + 100);
  Mmap mmap = open(bytes);
  for (const std::size_t size : {3 * page() + 7, 3 * page() + 8, page(), std::size_t{10}, std::size_t{11}, 64 * page(),
                                 std::size_t{0}, page() + 1, std::size_t{1}}) {
    ASSERT_TRUE(mmap.resize(static_cast<std::int64_t>(size))) << size;
    bytes.resize(size, '\0');
    EXPECT_EQ(mmap.length(), static_cast<std::int64_t>(size));
    EXPECT_TRUE(read_at(mmap, 0, size) == bytes) << size;
    EXPECT_TRUE(content(path_) == bytes) << size;
    if (size != 0) {
      ASSERT_TRUE(mmap.write_at(static_cast<std::int64_t>(size) - 1, bytes_of("!")));
      bytes.back() = '!';
    }
    std::byte byte{};
    EXPECT_EQ(kind_of(mmap.read_at(static_cast<std::int64_t>(size), std::span(&byte, 1))), ErrorKind::out_of_bounds);
  }
  ASSERT_TRUE(mmap.flush());
  ASSERT_TRUE(mmap.close());
  EXPECT_EQ(kind_of(mmap.resize(10)), ErrorKind::closed);
  EXPECT_TRUE(content(path_) == bytes);
}

TEST_F(Resize, RoomForNewBytesIsAllocated) {
  Mmap mmap = open("text");
  ASSERT_TRUE(mmap.resize(100'000));
  struct stat info = {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_GE(info.st_blocks * 512, 100'000);
}

TEST_F(Resize, EmptyFileGrowsAndBecomesEmptyAgain) {
  Mmap mmap = open("");
  EXPECT_EQ(mapped_ranges(path_), 0U);
  ASSERT_TRUE(mmap.resize(5));
  ASSERT_TRUE(mmap.write("hello"));
  EXPECT_EQ(content(path_), "hello");
  ASSERT_TRUE(mmap.resize(0));
  EXPECT_EQ(mapped_ranges(path_), 0U);
  EXPECT_EQ(content(path_), "");
  EXPECT_EQ(mmap.tell(), 0);
  EXPECT_TRUE(mmap.view());
  EXPECT_TRUE(mmap.close());
}

TEST_F(Resize, CursorStaysInside) {
  Mmap mmap = open("0123456789");
  ASSERT_EQ(mmap.seek(8), 8);
  ASSERT_TRUE(mmap.resize(20));
  EXPECT_EQ(mmap.tell(), 8);
  ASSERT_TRUE(mmap.resize(5));
  EXPECT_EQ(mmap.tell(), 5);
  EXPECT_EQ(mmap.read_bytes()->size(), 0U);
  ASSERT_TRUE(mmap.resize(6));
  EXPECT_EQ(mmap.tell(), 5);
}

TEST_F(Resize, PinnedViewsAreKept) {
  Mmap mmap = open("0123456789");
  {
    const auto view = mmap.view(2, 3);
    refused(mmap, 100, ErrorKind::busy);
    refused(mmap, 1, ErrorKind::busy);
    EXPECT_EQ(static_cast<char>(view->bytes()[0]), '2');
  }
  EXPECT_TRUE(mmap.resize(100));
}

TEST_F(Resize, MappingOfTheMiddleLeavesTheRestOfTheFile) {
  const std::string bytes = pattern(4 * page());
  const std::int64_t offset = pages(1) + 13;
  Mmap mmap = open(bytes, Mode::write, offset, 100);
  for (const std::int64_t length : {pages(1), std::int64_t{7}, pages(2)}) {
    ASSERT_TRUE(mmap.resize(length));
    EXPECT_TRUE(content(path_) == bytes);
    EXPECT_TRUE(read_at(mmap, 0, static_cast<std::size_t>(length)) ==
                bytes.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(length)));
  }
  // Over the end the file grows, and since the mapping reaches to its end now, becomes shorter with it.
  ASSERT_TRUE(mmap.resize(pages(5)));
  EXPECT_EQ(std::filesystem::file_size(path_), static_cast<std::uintmax_t>(offset + pages(5)));
  EXPECT_TRUE(content(path_).starts_with(bytes));
  ASSERT_TRUE(mmap.resize(5));
  EXPECT_TRUE(content(path_) == bytes.substr(0, static_cast<std::size_t>(offset) + 5));
}

TEST_F(Resize, MappingToBeReadFollowsTheFile) {
  const std::string bytes = pattern(2 * page());
  Mmap mmap = open(bytes, Mode::read);
  refused(mmap, pages(2) + 1, ErrorKind::out_of_bounds);
  ASSERT_TRUE(mmap.resize(10));
  EXPECT_TRUE(content(path_) == bytes);
  truncate_to(pages(3));  // another process makes it longer
  ASSERT_TRUE(mmap.resize(pages(3)));
  EXPECT_TRUE(read_at(mmap, 0, 3 * page()) == bytes + std::string(page(), '\0'));
  refused(mmap, pages(3) + 1, ErrorKind::out_of_bounds);
}

TEST_F(Resize, WhatOthersAppendedStays) {
  Mmap mmap = open("0123456789");
  std::filesystem::resize_file(path_, 100);
  ASSERT_TRUE(mmap.resize(5));
  EXPECT_EQ(std::filesystem::file_size(path_), 100U);
  ASSERT_TRUE(mmap.resize(50));
  EXPECT_EQ(std::filesystem::file_size(path_), 100U);
  EXPECT_EQ(read_at(mmap, 0, 11), std::string("0123456789\0", 11));
}

// What a step of resizing does to the file besides failing.
std::string appended_to;
void append_behind() { std::filesystem::resize_file(appended_to, 1000); }

TEST_F(Resize, WhatOthersAppendWhileItFailsStays) {
  Mmap mmap = open("0123456789");
  appended_to = path_;
  const SystemCallsRestored restored;
  platform::system_calls.posix_fallocate = [](int, off_t, off_t) {
    append_behind();
    return ENOSPC;
  };
  EXPECT_EQ(kind_of(mmap.resize(100)), ErrorKind::no_space);
  EXPECT_EQ(std::filesystem::file_size(path_), 1000U);
  EXPECT_EQ(mmap.length(), 10);
}

TEST_F(Resize, FailedAllocationLeavesNoPartOfIt) {
  Mmap mmap = open("0123456789");
  const SystemCallsRestored restored;
  platform::system_calls.posix_fallocate = [](int fd, off_t, off_t) {  // as where the system has to write zeroes
    EXPECT_EQ(ftruncate(fd, 50), 0);
    return ENOSPC;
  };
  refused(mmap, 100, ErrorKind::no_space);
}

TEST_F(Resize, FailedMappingLeavesTheFileAsItWas) {
  Mmap mmap = open("0123456789");
  const SystemCallsRestored restored;
  const auto no_memory = [](void*, std::size_t, std::size_t, int) -> void* {
    errno = ENOMEM;
    return MAP_FAILED;
  };
  platform::system_calls.mremap = no_memory;
  refused(mmap, pages(3), ErrorKind::no_memory);
  EXPECT_EQ(read_at(mmap, 0, 10), "0123456789");
}

TEST_F(Resize, FileThatCannotBeCutStaysMapped) {
  const std::string bytes = pattern(3 * page());
  Mmap mmap = open(bytes);
  const SystemCallsRestored restored;
  platform::system_calls.ftruncate = [](int, off_t) {
    errno = EPERM;
    return -1;
  };
  refused(mmap, 10, ErrorKind::permission_denied);
  EXPECT_TRUE(read_at(mmap, 0, 3 * page()) == bytes);
  refused(mmap, 0, ErrorKind::permission_denied);
  EXPECT_TRUE(read_at(mmap, 0, 3 * page()) == bytes);
}

TEST_F(Resize, FileThatOthersTruncated) {
  Mmap mmap = open(pattern(3 * page()));
  truncate_to(10);
  std::byte byte{};
  EXPECT_EQ(kind_of(mmap.read_at(pages(1), std::span(&byte, 1))), ErrorKind::fault);
  ASSERT_TRUE(mmap.resize(pages(2)));  // what is mapped is there again
  EXPECT_EQ(read_at(mmap, 0, 2 * page()), pattern(10) + std::string(2 * page() - 10, '\0'));
}

TEST_F(Resize, UnlinkedAndReplacedFiles) {
  Mmap mmap = open("old");
  ASSERT_EQ(unlink(path_.c_str()), 0);
  static_cast<void>(scratch_.file("f", "new file"));
  ASSERT_TRUE(mmap.resize(pages(1)));
  EXPECT_EQ(read_at(mmap, 0, 4), std::string("old\0", 4));
  EXPECT_EQ(content(path_), "new file");
}

TEST_F(Resize, LengthsAreChecked) {
  Mmap mmap = open("0123456789");
  for (const std::int64_t length : {std::int64_t{-1}, std::int64_t{-2}, INT64_MIN}) {
    refused(mmap, length, ErrorKind::invalid_argument);
  }
  const Limit limit(RLIMIT_FSIZE, 1 << 20);
  refused(mmap, (1 << 20) + 1, ErrorKind::limit);
  for (const std::int64_t length : huge_numbers) {
    const auto most = static_cast<std::uint64_t>(std::numeric_limits<std::ptrdiff_t>::max()) - (2U << 20U);
    refused(mmap, length, static_cast<std::uint64_t>(length) > most ? ErrorKind::no_memory : ErrorKind::limit);
  }
  Mmap middle = open(pattern(2 * page()), Mode::write, pages(1) + 1);
  refused(middle, INT64_MAX - pages(1), ErrorKind::no_memory);
}

TEST_F(Resize, NeedsTheOption) {
  auto plain = Mmap::open(scratch_.file("f", "text"), Mode::write);
  EXPECT_EQ(kind_of(plain->resize(10)), ErrorKind::unsupported);
  auto updated = Mmap::open(scratch_.file("f", "text"), Mode::write, 0, to_end, 0, OpenOptions::update);
  EXPECT_EQ(kind_of(updated->resize(10)), ErrorKind::unsupported);
  EXPECT_EQ(content(scratch_.path("f")), "text");
}

TEST_F(Resize, FileByItsDescriptor) {
  path_ = scratch_.file("f", "text");
  const int fd = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
  auto mmap = Mmap::from_fd(fd, Mode::write, 0, to_end, 0, OpenOptions::grow);
  close(fd);
  ASSERT_TRUE(mmap);
  ASSERT_TRUE(mmap->resize(8));
  EXPECT_EQ(content(path_), std::string("text\0\0\0\0", 8));
}

TEST_F(Resize, AfterProtectionAndAdviceOnAPart) {
  const std::string bytes = pattern(4 * page());
  Mmap mmap = open(bytes);
  ASSERT_TRUE(mmap.advise(Advice::random, pages(1), pages(1)));  // splits what the system holds as one
  ASSERT_TRUE(mmap.resize(pages(6)));
  EXPECT_TRUE(read_at(mmap, 0, 6 * page()) == bytes + std::string(2 * page(), '\0'));
  ASSERT_TRUE(mmap.protect(Mode::read));
  ASSERT_TRUE(mmap.resize(pages(7)));
  EXPECT_EQ(kind_of(mmap.write_at(0, bytes_of("x"))), ErrorKind::not_writable);
  ASSERT_TRUE(mmap.protect(Mode::write));
  EXPECT_TRUE(mmap.write_at(pages(7) - 1, bytes_of("x")));
  EXPECT_EQ(mapped_ranges(path_), 1U);
}

TEST_F(Resize, FullDisk) {
  const SmallDisk disk;
  if (!disk.mounted()) GTEST_SKIP() << "this process may not mount a file system";
  path_ = disk.path("f");
  auto mmap = Mmap::create(path_, Mode::write, 1000, OpenOptions::grow);
  ASSERT_TRUE(mmap);
  ASSERT_TRUE(mmap->write_at(0, bytes_of("kept")));
  const std::int64_t room = disk.free();
  refused(*mmap, SmallDisk::size + 1, ErrorKind::no_space);
  EXPECT_EQ(disk.free(), room);
  ASSERT_TRUE(mmap->resize(SmallDisk::size / 2));
  refused(*mmap, SmallDisk::size * 2, ErrorKind::no_space);
  ASSERT_TRUE(mmap->resize(SmallDisk::size));
  const std::string bytes = pattern(static_cast<std::size_t>(SmallDisk::size));
  EXPECT_TRUE(mmap->write_at(0, bytes_of(bytes)));
  EXPECT_TRUE(content(path_) == bytes);
  ASSERT_TRUE(mmap->resize(0));
  EXPECT_GE(disk.free(), room);
}

class ResizeMemory : public testing::TestWithParam<OpenOptions> {};

TEST_P(ResizeMemory, BytesStayAndNewOnesAreZero) {
  auto mmap = Mmap::anonymous(100, Mode::cow | Mode::write, 0, GetParam());
  ASSERT_TRUE(mmap) << mmap.error().message.view();
  std::string bytes(100, '\0');
  for (const std::size_t size : {std::size_t{50}, page() - 1, page() + 1, std::size_t{1}, 5 * page(), std::size_t{4096},
                                 (std::size_t{2} << 20U) + 5, std::size_t{7}, std::size_t{3} << 20U}) {
    const std::string written = pattern(bytes.size(), size);
    ASSERT_TRUE(mmap->write_at(0, bytes_of(written)));
    bytes = written;
    ASSERT_TRUE(mmap->resize(static_cast<std::int64_t>(size))) << size;
    bytes.resize(size, '\0');
    EXPECT_EQ(mmap->length(), static_cast<std::int64_t>(size));
    EXPECT_TRUE(read_at(*mmap, 0, size) == bytes) << size;
  }
  const std::byte* const at = mmap->view()->bytes().data();
  EXPECT_TRUE(mmap->close());
  EXPECT_EQ(protection_at(at), "");
}

INSTANTIATE_TEST_SUITE_P(Options, ResizeMemory,
                         testing::Values(OpenOptions::none, OpenOptions::grow, OpenOptions::random, OpenOptions::huge,
                                         OpenOptions::huge | OpenOptions::grow | OpenOptions::populate),
                         [](const auto& info) { return std::to_string(std::to_underlying(info.param)); });

TEST(ResizeMemory, LockedAndAdvisedPartsMoveToo) {
  auto mmap = Mmap::anonymous(pages(4), Mode::cow | Mode::write);
  const std::string bytes = pattern(4 * page());
  ASSERT_TRUE(mmap->write_at(0, bytes_of(bytes)));
  ASSERT_TRUE(mmap->advise(Advice::random, pages(2), 1));
  ASSERT_TRUE(mmap->lock(pages(1), 1));
  ASSERT_TRUE(mmap->resize(pages(9)));
  EXPECT_TRUE(read_at(*mmap, 0, 9 * page()) == bytes + std::string(5 * page(), '\0'));
  ASSERT_TRUE(mmap->resize(pages(3)));
  EXPECT_TRUE(read_at(*mmap, 0, 3 * page()) == bytes.substr(0, 3 * page()));
}

TEST(ResizeMemory, OnlyPrivateMemoryThatCanBeWritten) {
  EXPECT_EQ(kind_of(Mmap::anonymous(10)->resize(20)), ErrorKind::unsupported);
  auto mmap = Mmap::anonymous(10, Mode::cow | Mode::write);
  for (const std::int64_t length : {std::int64_t{0}, std::int64_t{-1}, INT64_MIN}) {
    EXPECT_EQ(kind_of(mmap->resize(length)), ErrorKind::invalid_argument);
  }
  for (const std::int64_t length : {huge_numbers[2], huge_numbers[3]}) {
    EXPECT_EQ(kind_of(mmap->resize(length)), ErrorKind::no_memory);
  }
  {
    const Limit limit(RLIMIT_AS, rlim_t{1} << 30);
    EXPECT_EQ(kind_of(mmap->resize(huge_numbers[0])), ErrorKind::no_memory);
  }
  ASSERT_TRUE(mmap->protect(Mode::read));
  EXPECT_EQ(kind_of(mmap->resize(20)), ErrorKind::not_writable);
  EXPECT_EQ(mmap->length(), 10);
  ASSERT_TRUE(mmap->protect(Mode::write));
  EXPECT_TRUE(mmap->resize(20));
}

}  // namespace
}  // namespace stdbind::tests
