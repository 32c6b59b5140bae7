// Shared memory: by name, and sealed without a name and handed over by its descriptor.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "posix_support.hpp"

namespace stdbind::tests {
namespace {

TEST(Named, IsFoundByItsName) {
  const SharedName name("found");
  const std::size_t descriptors = open_descriptors();
  auto mine = Mmap::create_named(name, Mode::write, pages(1) + 7);
  ASSERT_TRUE(mine) << mine.error().message.view();
  EXPECT_EQ(mine->length(), pages(1) + 7);
  EXPECT_EQ(read_at(*mine, 0, page() + 7), std::string(page() + 7, '\0'));
  auto theirs = Mmap::open_named("/" + name.text(), Mode::write, 3, 10);
  ASSERT_TRUE(theirs) << theirs.error().message.view();
  EXPECT_EQ(theirs->length(), 10);
  ASSERT_TRUE(mine->write_at(3, bytes_of("mine")));
  EXPECT_EQ(read_at(*theirs, 0, 4), "mine");
  ASSERT_TRUE(theirs->write_at(0, bytes_of("them")));
  EXPECT_EQ(read_at(*mine, 3, 4), "them");
  EXPECT_EQ(open_descriptors(), descriptors);
  EXPECT_EQ(kind_of(mine->descriptor()), ErrorKind::unsupported);
  EXPECT_EQ(kind_of(mine->resize(10)), ErrorKind::unsupported);
}

TEST(Named, StaysWithoutMappingsUntilItIsUnlinked) {
  const SharedName name("stays");
  ASSERT_TRUE(Mmap::create_named(name, Mode::write, 10)->write_at(0, bytes_of("text")));
  auto mmap = Mmap::open_named(name);
  ASSERT_TRUE(mmap);
  EXPECT_EQ(mmap->mode(), Mode::read);
  ASSERT_TRUE(Mmap::unlink_named(name));
  EXPECT_FALSE(name.exists());
  EXPECT_EQ(read_at(*mmap, 0, 4), "text");  // the memory goes with its last mapping
  EXPECT_EQ(kind_of(Mmap::open_named(name)), ErrorKind::not_found);
  EXPECT_EQ(kind_of(Mmap::unlink_named(name)), ErrorKind::not_found);
}

TEST(Named, OtherProcessesFindIt) {
  const SharedName name("process");
  const auto mine = Mmap::create_named(name, Mode::write, 10);
  ASSERT_TRUE(mine);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto theirs = Mmap::open_named(name, Mode::write);
    _exit(theirs && theirs->write_at(5, bytes_of("child")) ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(read_at(*mine, 5, 5), "child");
}

TEST(Named, OnlyTheUserMayOpenIt) {
  const SharedName name("user");
  const auto mmap = Mmap::create_named(name, Mode::write, 10);
  ASSERT_TRUE(mmap);
  struct stat info = {};
  ASSERT_EQ(stat(name.path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  if (geteuid() != 0) return;  // nobody else to try it as
  const WithoutRoot without_root;
  EXPECT_EQ(kind_of(Mmap::open_named(name)), ErrorKind::permission_denied);
  EXPECT_EQ(kind_of(Mmap::unlink_named(name)), ErrorKind::permission_denied);
}

TEST(Named, NamesAreChecked) {
  const std::string_view bad[] = {"", "/", "//a", "a/b", "/a/b", "..", ".", "/..", {"a\0b", 3}};
  for (const std::string_view name : bad) {
    EXPECT_EQ(kind_of(Mmap::create_named(name, Mode::write, 10)), ErrorKind::invalid_argument) << name;
    EXPECT_EQ(kind_of(Mmap::open_named(name)), ErrorKind::invalid_argument) << name;
    EXPECT_EQ(kind_of(Mmap::unlink_named(name)), ErrorKind::invalid_argument) << name;
  }
  EXPECT_EQ(kind_of(Mmap::create_named(std::string(250, 'n'), Mode::write, 10)), ErrorKind::invalid_argument);
  const SharedName start("");
  const std::string longest = start.text() + std::string(249 - start.text().size(), 'n');
  EXPECT_EQ(kind_of(Mmap::open_named(longest)), ErrorKind::not_found);
  ASSERT_TRUE(Mmap::create_named("/" + longest, Mode::write, 10));
  EXPECT_TRUE(Mmap::unlink_named(longest));
}

TEST(Named, TakesNoNameTwiceAndLeavesNoneBehind) {
  const SharedName name("taken");
  ASSERT_TRUE(Mmap::create_named(name, Mode::write, 10)->write_at(0, bytes_of("kept")));
  EXPECT_EQ(kind_of(Mmap::create_named(name, Mode::write, 20)), ErrorKind::already_exists);
  EXPECT_EQ(read_at(*Mmap::open_named(name), 0, 4), "kept");
  EXPECT_EQ(Mmap::open_named(name)->length(), 10);

  const SharedName refused("refused");
  for (const std::int64_t length : {std::int64_t{0}, std::int64_t{-1}, INT64_MIN}) {
    EXPECT_EQ(kind_of(Mmap::create_named(refused, Mode::write, length)), ErrorKind::invalid_argument);
  }
  EXPECT_EQ(kind_of(Mmap::create_named(refused, Mode::write | Mode::exec, 10)), ErrorKind::invalid_argument);
  {
    const Limit limit(RLIMIT_FSIZE, 1 << 20);
    for (const std::int64_t length : huge_numbers) {
      EXPECT_EQ(kind_of(Mmap::create_named(refused, Mode::write, length)), ErrorKind::limit);
      EXPECT_FALSE(refused.exists());
    }
  }
  SystemCallsRestored restored;
  platform::system_calls.posix_fallocate = [](int, off_t, off_t) { return ENOSPC; };
  EXPECT_EQ(kind_of(Mmap::create_named(refused, Mode::write, 10)), ErrorKind::no_space);
  EXPECT_FALSE(refused.exists());
}

TEST(Named, RangeMustLieInTheMemory) {
  const SharedName name("range");
  ASSERT_TRUE(Mmap::create_named(name, Mode::write, 100));
  const auto kind = [&](std::int64_t offset, std::int64_t length) {
    return kind_of(Mmap::open_named(name, Mode::read, offset, length));
  };
  EXPECT_EQ(kind(0, 100), ErrorKind{});
  EXPECT_EQ(kind(99, to_end), ErrorKind{});
  EXPECT_EQ(kind(100, to_end), ErrorKind{});
  EXPECT_EQ(kind(0, 101), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind(-1, to_end), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind(0, -2), ErrorKind::invalid_argument);
  for (const std::int64_t number : huge_numbers) {
    EXPECT_EQ(kind(number, to_end), ErrorKind::out_of_bounds);
    EXPECT_EQ(kind(1, number), ErrorKind::out_of_bounds);
    EXPECT_EQ(kind(number, number), ErrorKind::out_of_bounds);
  }
}

// Anybody may put anything where the system keeps shared memory.
TEST(Named, OnlyMemoryIsOpened) {
  const SharedName name("other");
  ASSERT_EQ(mkfifo(name.path().c_str(), 0600), 0);
  EXPECT_EQ(kind_of(Mmap::open_named(name)), ErrorKind::wrong_file_type);  // and does not wait for a writer
  EXPECT_EQ(kind_of(Mmap::open_named(name, Mode::write)), ErrorKind::wrong_file_type);
  ASSERT_EQ(unlink(name.path().c_str()), 0);
  ASSERT_EQ(mkdir(name.path().c_str(), 0700), 0);
  EXPECT_EQ(kind_of(Mmap::open_named(name)), ErrorKind::wrong_file_type);
  EXPECT_EQ(kind_of(Mmap::create_named(name, Mode::write, 10)), ErrorKind::already_exists);
  ASSERT_EQ(rmdir(name.path().c_str()), 0);
  ASSERT_EQ(symlink("/etc/passwd", name.path().c_str()), 0);
  EXPECT_EQ(kind_of(Mmap::open_named(name)), ErrorKind::invalid_argument);
  ASSERT_EQ(unlink(name.path().c_str()), 0);
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  name.path().copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  close(fd);
  EXPECT_EQ(kind_of(Mmap::open_named(name)), ErrorKind::wrong_file_type);
}

TEST(Sealed, NobodyChangesItsSize) {
  const std::size_t descriptors = open_descriptors();
  {
    auto mmap = Mmap::open_sealed(pages(2));
    ASSERT_TRUE(mmap) << mmap.error().message.view();
    EXPECT_EQ(open_descriptors(), descriptors + 1);
    EXPECT_EQ(mmap->mode(), Mode::write);
    EXPECT_TRUE(mmap->write_at(pages(2) - 4, bytes_of("text")));
    const auto fd = mmap->descriptor();
    ASSERT_TRUE(fd);
    EXPECT_EQ(fcntl(*fd, F_GETFD), FD_CLOEXEC);
    EXPECT_EQ(fcntl(*fd, F_GET_SEALS), F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
    EXPECT_EQ(ftruncate(*fd, 1), -1);
    EXPECT_EQ(errno, EPERM);
    EXPECT_EQ(ftruncate(*fd, static_cast<off_t>(3 * page())), -1);
    close(*fd);
    EXPECT_EQ(kind_of(mmap->resize(pages(1))), ErrorKind::unsupported);
    EXPECT_EQ(mmap->length(), pages(2));
    EXPECT_TRUE(mmap->flush());
  }
  EXPECT_EQ(open_descriptors(), descriptors);
  EXPECT_EQ(mapped_ranges("/memfd:stdbind"), 0U);
}

TEST(Sealed, IsHandedOverByItsDescriptor) {
  auto mine = Mmap::open_sealed(100);
  ASSERT_TRUE(mine);
  const int fd = mine->descriptor().value();
  auto theirs = Mmap::from_fd(fd, Mode::write, 10, 20);
  close(fd);
  ASSERT_TRUE(theirs) << theirs.error().message.view();
  ASSERT_TRUE(mine->write_at(10, bytes_of("mine")));
  EXPECT_EQ(read_at(*theirs, 0, 4), "mine");
  ASSERT_TRUE(mine->close());
  ASSERT_TRUE(theirs->write_at(16, bytes_of("last")));
  EXPECT_EQ(read_at(*theirs, 0, 20), std::string("mine\0\0\0\0\0\0\0\0\0\0\0\0last", 20));
}

TEST(Sealed, LengthsAreChecked) {
  for (const std::int64_t length : {std::int64_t{0}, std::int64_t{-1}, INT64_MIN}) {
    EXPECT_EQ(kind_of(Mmap::open_sealed(length)), ErrorKind::invalid_argument);
  }
  EXPECT_EQ(kind_of(Mmap::open_sealed(10, Mode::write | Mode::exec)), ErrorKind::invalid_argument);
  const std::size_t descriptors = open_descriptors();
  SystemCallsRestored restored;
  // The system would end processes to find so much memory.
  platform::system_calls.posix_fallocate = [](int, off_t, off_t) -> int { std::abort(); };
  for (const std::int64_t length : {std::int64_t{1} << 45, huge_numbers[2], huge_numbers[3]}) {
    EXPECT_EQ(kind_of(Mmap::open_sealed(length)), ErrorKind::no_memory) << length;
  }
  const Limit limit(RLIMIT_FSIZE, 1 << 20);
  EXPECT_EQ(kind_of(Mmap::open_sealed(huge_numbers[0])), ErrorKind::limit);
  EXPECT_EQ(open_descriptors(), descriptors);
}

TEST(Sealed, EveryMode) {
  for (const Mode mode : {Mode::none, Mode::read, Mode::exec, Mode::cow | Mode::write}) {
    const auto mmap = Mmap::open_sealed(10, mode);
    ASSERT_TRUE(mmap) << mmap.error().message.view();
    EXPECT_EQ(mmap->mode(), mode);
  }
}

}  // namespace
}  // namespace stdbind::tests
