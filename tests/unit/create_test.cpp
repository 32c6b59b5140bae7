// Making files: the room on the disk comes first, what fails leaves no file, and nothing that is there is touched.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "posix_support.hpp"

namespace stdbind::tests {
namespace {

class Create : public testing::Test {
 protected:
  /// Creating fails with this kind, and leaves nothing.
  void refused(ErrorKind kind, std::string_view name, Mode mode, std::int64_t length,
               OpenOptions options = OpenOptions::none) {
    const std::string path = scratch_.path(name);
    const std::size_t descriptors = open_descriptors();
    const auto mmap = Mmap::create(path, mode, length, options);
    EXPECT_EQ(kind_of(mmap), kind) << length;
    if (!mmap) {
      EXPECT_FALSE(mmap.error().message.view().empty());
    }
    std::error_code ignored;
    EXPECT_FALSE(std::filesystem::exists(path, ignored)) << length;
    EXPECT_EQ(open_descriptors(), descriptors);
    EXPECT_EQ(mapped_ranges(path), 0U);
  }

  Scratch scratch_;
};

TEST_F(Create, MakesAFileOfZeroesAndMapsIt) {
  const std::string path = scratch_.path("new");
  const std::size_t descriptors = open_descriptors();
  auto mmap = Mmap::create(path, Mode::write, pages(2) + 5);
  ASSERT_TRUE(mmap) << mmap.error().message.view();
  EXPECT_EQ(open_descriptors(), descriptors);
  EXPECT_EQ(mmap->length(), pages(2) + 5);
  EXPECT_TRUE(content(path) == std::string(2 * page() + 5, '\0'));
  ASSERT_TRUE(mmap->write_at(pages(2), bytes_of("12345")));
  ASSERT_TRUE(mmap->close());
  EXPECT_TRUE(content(path).ends_with(std::string("\00012345", 6)));
}

TEST_F(Create, RoomOnTheDiskIsAllocated) {
  const std::string path = scratch_.path("new");
  const auto mmap = Mmap::create(path, Mode::read, 100'000);
  ASSERT_TRUE(mmap);
  struct stat info = {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_size, 100'000);
  EXPECT_GE(info.st_blocks * 512, 100'000);
}

TEST_F(Create, EveryModeAndTheEmptyFile) {
  int number = 0;
  for (const Mode mode : {Mode::none, Mode::read, Mode::write, Mode::exec, Mode::cow | Mode::write}) {
    for (const std::int64_t length : {0, 1}) {
      const std::string path = scratch_.path(std::to_string(number++));
      const auto mmap = Mmap::create(path, mode, length);
      ASSERT_TRUE(mmap) << mmap.error().message.view();
      EXPECT_EQ(mmap->length(), length);
      EXPECT_EQ(mmap->mode(), mode);
      EXPECT_EQ(std::filesystem::file_size(path), static_cast<std::uintmax_t>(length));
    }
  }
}

TEST_F(Create, TakesNothingThatIsThere) {
  const std::string file = scratch_.file("f", "kept");
  const std::string fifo = scratch_.path("fifo");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  const std::string dangling = scratch_.path("dangling");
  ASSERT_EQ(symlink(scratch_.path("target").c_str(), dangling.c_str()), 0);
  for (const std::string& path : {file, fifo, dangling, std::string("/dev/zero"), std::string("/proc/self/maps")}) {
    EXPECT_EQ(kind_of(Mmap::create(path, Mode::write, 10)), ErrorKind::already_exists) << path;
    EXPECT_TRUE(std::filesystem::exists(std::filesystem::symlink_status(path))) << path;
  }
  EXPECT_EQ(content(file), "kept");
  EXPECT_FALSE(std::filesystem::exists(scratch_.path("target")));
  EXPECT_EQ(kind_of(Mmap::create(scratch_.path(""), Mode::write, 10)), ErrorKind::wrong_file_type);
}

TEST_F(Create, PathsAreChecked) {
  refused(ErrorKind::not_found, "missing/f", Mode::write, 10);
  EXPECT_EQ(kind_of(Mmap::create("", Mode::write, 10)), ErrorKind::not_found);
  EXPECT_EQ(kind_of(Mmap::create(std::string_view("a\0b", 3), Mode::write, 10)), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(Mmap::create(std::string(5000, '/'), Mode::write, 10)), ErrorKind::invalid_argument);
  refused(ErrorKind::invalid_argument, std::string(300, 'n'), Mode::write, 10);
  ASSERT_EQ(mkdir(scratch_.path("closed").c_str(), 0555), 0);
  const WithoutRoot without_root;
  refused(ErrorKind::permission_denied, "closed/f", Mode::write, 10);
}

TEST_F(Create, ArgumentsAreCheckedBeforeThereIsAFile) {
  for (const std::int64_t length : {std::int64_t{-1}, std::int64_t{-2}, INT64_MIN}) {
    refused(ErrorKind::invalid_argument, "f", Mode::write, length);
  }
  refused(ErrorKind::invalid_argument, "f", Mode::write | Mode::exec, 10);
  refused(ErrorKind::invalid_argument, "f", static_cast<Mode>(32), 10);
  refused(ErrorKind::invalid_argument, "f", Mode::write, 10, static_cast<OpenOptions>(1024));
  refused(ErrorKind::invalid_argument, "f", Mode::write, 10, OpenOptions::huge);
  refused(ErrorKind::invalid_argument, "f", Mode::write, 10, OpenOptions::strict);
  refused(ErrorKind::invalid_argument, "f", Mode::cow | Mode::write, 10, OpenOptions::grow);
  refused(ErrorKind::invalid_argument, "f", Mode::none, 10, OpenOptions::populate);
}

// Over this limit the system would end the process with a signal.
TEST_F(Create, LengthsOverTheLimitOfTheProcess) {
  const Limit limit(RLIMIT_FSIZE, 1 << 20);
  refused(ErrorKind::limit, "f", Mode::write, (1 << 20) + 1);
  for (const std::int64_t length : huge_numbers) refused(ErrorKind::limit, "f", Mode::write, length);
  EXPECT_TRUE(Mmap::create(scratch_.path("f"), Mode::write, 1 << 20));
}

TEST_F(Create, FullDisk) {
  const SmallDisk disk;
  if (!disk.mounted()) GTEST_SKIP() << "this process may not mount a file system";
  const std::int64_t room = disk.free();
  const std::string path = disk.path("f");
  for (const std::int64_t length : {SmallDisk::size + 1, huge_numbers[0], huge_numbers[1], huge_numbers[2]}) {
    const auto mmap = Mmap::create(path, Mode::write, length);
    ASSERT_EQ(kind_of(mmap), ErrorKind::no_space) << length;
    EXPECT_NE(mmap.error().message.view().find("free space"), std::string_view::npos);
    EXPECT_FALSE(std::filesystem::exists(path));
    EXPECT_EQ(disk.free(), room);
  }
  const auto kind = kind_of(Mmap::create(path, Mode::write, INT64_MAX));
  EXPECT_TRUE(kind == ErrorKind::no_space || kind == ErrorKind::limit) << name_of(kind);
  EXPECT_FALSE(std::filesystem::exists(path));
  auto mmap = Mmap::create(path, Mode::write, room);
  ASSERT_TRUE(mmap) << mmap.error().message.view();
  EXPECT_EQ(disk.free(), 0);
  const std::string bytes = pattern(static_cast<std::size_t>(room));
  EXPECT_TRUE(mmap->write_at(0, bytes_of(bytes)));
  EXPECT_TRUE(mmap->flush());
  EXPECT_TRUE(content(path) == bytes);
}

TEST_F(Create, FileThatCannotBeMappedIsRemoved) {
  SystemCallsRestored restored;
  platform::system_calls.mmap = [](void*, std::size_t, int, int, int, off_t) -> void* {
    errno = ENOMEM;
    return MAP_FAILED;
  };
  refused(ErrorKind::no_memory, "f", Mode::write, 10);
  refused(ErrorKind::no_memory, "f", Mode::write, 10, OpenOptions::grow);
}

TEST_F(Create, KeepsADescriptorWhereItIsAskedFor) {
  const std::size_t before = open_descriptors();
  auto mmap = Mmap::create(scratch_.path("f"), Mode::write, 10, OpenOptions::grow);
  ASSERT_TRUE(mmap);
  EXPECT_EQ(open_descriptors(), before + 1);
  const auto descriptor = mmap->descriptor();
  ASSERT_TRUE(descriptor) << descriptor.error().message.view();
  EXPECT_EQ(open_descriptors(), before + 2);
  EXPECT_EQ(fcntl(*descriptor, F_GETFD), FD_CLOEXEC);
  ASSERT_TRUE(mmap->close());
  EXPECT_EQ(open_descriptors(), before + 1);
  EXPECT_EQ(kind_of(mmap->descriptor()), ErrorKind::closed);
  EXPECT_EQ(Mmap::from_fd(*descriptor)->length(), 10);  // lives on without the mapping
  close(*descriptor);
  const auto plain = Mmap::open(scratch_.path("f"));
  EXPECT_EQ(kind_of(plain->descriptor()), ErrorKind::unsupported);
  EXPECT_EQ(kind_of(Mmap::anonymous(10)->descriptor()), ErrorKind::unsupported);
}

TEST_F(Create, NoDescriptorLeft) {
  Result<Mmap> mmap;
  {
    const Limit limit(RLIMIT_NOFILE, 0);
    mmap = Mmap::create(scratch_.path("f"), Mode::write, 10);
  }
  EXPECT_EQ(kind_of(mmap), ErrorKind::too_many_open);
  EXPECT_FALSE(std::filesystem::exists(scratch_.path("f")));
}

}  // namespace
}  // namespace stdbind::tests
