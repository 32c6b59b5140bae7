// Opening: offsets and lengths, hints, kinds of files, paths, descriptors, and what is left behind after an error.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <limits>

#include "support.hpp"

namespace stdbind::tests {
namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

class Open : public testing::Test {
 protected:
  Scratch scratch_;
};

TEST_F(Open, EveryOffsetGivesTheBytesFromThere) {
  const std::size_t size = 3 * page() + 17;
  const std::string bytes = pattern(size);
  const std::string path = scratch_.file("f", bytes);
  for (const std::size_t offset :
       {std::size_t{0}, std::size_t{1}, page() - 1, page(), page() + 1, 2 * page() + 5, 3 * page(), 3 * page() + 16}) {
    const auto mmap = Mmap::open(path, Mode::read, static_cast<std::int64_t>(offset));
    ASSERT_TRUE(mmap) << offset << ": " << mmap.error().message.view();
    ASSERT_EQ(mmap->length(), static_cast<std::int64_t>(size - offset));
    EXPECT_TRUE(read_at(*mmap, 0, size - offset) == bytes.substr(offset)) << offset;
  }
}

TEST_F(Open, LengthLimitsTheRange) {
  const std::string bytes = pattern(2 * page());
  auto mmap = Mmap::open(scratch_.file("f", bytes), Mode::read, 100, 7);
  ASSERT_TRUE(mmap);
  EXPECT_EQ(mmap->length(), 7);
  EXPECT_EQ(read_at(*mmap, 0, 7), bytes.substr(100, 7));
  std::byte byte{};
  EXPECT_EQ(kind_of(mmap->read_at(7, std::span(&byte, 1))), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind_of(mmap->read_at(-1, std::span(&byte, 1))), ErrorKind::out_of_bounds);
}

TEST_F(Open, OffsetsBeyondFourGigabytesWork) {
  const std::string path = scratch_.file("sparse", "");
  const std::int64_t far = (std::int64_t{5} << 30) + 123;
  ASSERT_EQ(truncate(path.c_str(), far + 10), 0);
  auto writer = Mmap::open(path, Mode::write, far, 10);
  ASSERT_TRUE(writer) << writer.error().message.view();
  ASSERT_TRUE(writer->write_at(0, bytes_of("0123456789")));
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  char buffer[10];
  ASSERT_EQ(pread(fd, buffer, sizeof(buffer), far), 10);
  ::close(fd);
  EXPECT_EQ(std::string_view(buffer, 10), "0123456789");
}

TEST_F(Open, RangeMustLieInTheFile) {
  const std::string path = scratch_.file("f", pattern(100));
  const auto kind = [&](std::int64_t offset, std::int64_t length) {
    return kind_of(Mmap::open(path, Mode::read, offset, length));
  };
  EXPECT_EQ(kind(0, 100), ErrorKind{});
  EXPECT_EQ(kind(0, 101), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind(1, 100), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind(101, -1), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind(101, 0), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind(-1, -1), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind(most, most), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind(1, most), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind(most, 1), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind(std::numeric_limits<std::int64_t>::min(), -1), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind(0, -2), ErrorKind::invalid_argument);
  EXPECT_EQ(kind(0, std::numeric_limits<std::int64_t>::min()), ErrorKind::invalid_argument);
}

TEST_F(Open, OffsetAtTheEndGivesNothing) {
  const std::string path = scratch_.file("f", pattern(2 * page()));
  for (const std::int64_t length : {to_end, std::int64_t{0}}) {
    auto mmap = Mmap::open(path, Mode::write, static_cast<std::int64_t>(2 * page()), length);
    ASSERT_TRUE(mmap);
    EXPECT_EQ(mmap->length(), 0);
  }
  EXPECT_EQ(Mmap::open(path, Mode::read, 5, 0)->length(), 0);
}

TEST_F(Open, ZeroLengthMappingsTouchNoMapping) {
  SystemCallsRestored restored;
  platform::system_calls.mmap = [](void*, std::size_t, int, int, int, off_t) -> void* { std::abort(); };
  platform::system_calls.munmap = [](void*, std::size_t) -> int { std::abort(); };
  platform::system_calls.msync = [](void*, std::size_t, int) -> int { std::abort(); };
  platform::system_calls.madvise = [](void*, std::size_t, int) -> int { std::abort(); };
  auto mmap = Mmap::open(scratch_.file("empty", ""), Mode::write);
  ASSERT_TRUE(mmap) << mmap.error().message.view();
  EXPECT_EQ(mmap->length(), 0);
  std::byte byte{};
  EXPECT_EQ(mmap->read(std::span(&byte, 1)), 0);
  EXPECT_EQ(mmap->read_bytes()->size(), 0U);
  EXPECT_TRUE(mmap->read_at(0, {}));
  EXPECT_TRUE(mmap->write(""));
  EXPECT_EQ(kind_of(mmap->read_at(0, std::span(&byte, 1))), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind_of(mmap->write(bytes_of("x"))), ErrorKind::out_of_bounds);
  EXPECT_EQ(mmap->seek(0, Whence::end), 0);
  {
    const auto view = mmap->view();
    ASSERT_TRUE(view);
    EXPECT_TRUE(view->bytes().empty());
    EXPECT_NE(view->bytes().data(), nullptr);
  }
  EXPECT_TRUE(mmap->probe());
  EXPECT_TRUE(mmap->flush());
  EXPECT_TRUE(mmap->advise(Advice::dont_need));
  EXPECT_TRUE(mmap->close());
}

TEST_F(Open, HintPlacesThePageOfTheFirstByte) {
  const std::string path = scratch_.file("f", pattern(2 * page()));
  std::uintptr_t free_place = 0;
  {
    auto probe = Mmap::anonymous(static_cast<std::int64_t>(4 * page()), Mode::none);
    ASSERT_TRUE(probe);
    free_place = reinterpret_cast<std::uintptr_t>(probe->view()->bytes().data());
  }
  const auto hint = static_cast<std::int64_t>(free_place + 99);
  auto mmap = Mmap::open(path, Mode::read, 10, to_end, hint);
  ASSERT_TRUE(mmap);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(mmap->view()->bytes().data()), free_place + 10);

  auto second = Mmap::open(path, Mode::read, 0, to_end, hint);  // taken now: the system goes elsewhere
  ASSERT_TRUE(second);
  EXPECT_NE(second->view()->bytes().data(), mmap->view()->bytes().data() - 10);
  EXPECT_EQ(kind_of(Mmap::open(path, Mode::read, 0, to_end, -4096)), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(Mmap::anonymous(1, Mode::read, -1)), ErrorKind::invalid_argument);
}

TEST_F(Open, OnlyRegularFilesAreMapped) {
  const std::string fifo = scratch_.path("fifo");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  const std::string socket_path = scratch_.path("socket");
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket_path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  ::close(fd);

  for (const std::string& path :
       {fifo, socket_path, scratch_.path(""), std::string("/dev/zero"), std::string("/dev/null")}) {
    for (const Mode mode : {Mode::read, Mode::write, Mode::cow | Mode::write}) {
      const auto mmap = Mmap::open(path, mode);
      EXPECT_EQ(kind_of(mmap), ErrorKind::wrong_file_type) << path;
      if (!mmap) {
        EXPECT_NE(mmap.error().message.view().find("only regular files"), std::string_view::npos);
      }
    }
  }
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  EXPECT_EQ(kind_of(Mmap::from_fd(ends[0])), ErrorKind::wrong_file_type);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(Open, PathsThatCannotBeOpened) {
  const std::string file = scratch_.file("f", "x");
  EXPECT_EQ(kind_of(Mmap::open(scratch_.path("missing"))), ErrorKind::not_found);
  EXPECT_EQ(kind_of(Mmap::open("")), ErrorKind::not_found);
  EXPECT_EQ(kind_of(Mmap::open(file + "/below")), ErrorKind::not_found);
  EXPECT_EQ(kind_of(Mmap::open(scratch_.path(std::string(300, 'n')))), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(Mmap::open(std::string(5000, '/'))), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(Mmap::open(std::string_view("a\0b", 3))), ErrorKind::invalid_argument);
  const std::string loop = scratch_.path("loop");
  ASSERT_EQ(symlink(loop.c_str(), loop.c_str()), 0);
  EXPECT_EQ(kind_of(Mmap::open(loop)), ErrorKind::invalid_argument);
  const auto missing = Mmap::open(scratch_.path("missing"));
  EXPECT_EQ(missing.error().os, ENOENT);
  EXPECT_NE(missing.error().message.view().find("missing"), std::string_view::npos);
}

TEST_F(Open, PathsThatCanBeOpened) {
  const std::string target = scratch_.file("ünïcode — 文件 with spaces", "content");
  EXPECT_EQ(read_at(*Mmap::open(target), 0, 7), "content");
  const std::string link = scratch_.path("link");
  ASSERT_EQ(symlink(target.c_str(), link.c_str()), 0);
  EXPECT_EQ(Mmap::open(link)->length(), 7);
  std::string longest = scratch_.path("");
  const std::string name = "f";
  while (longest.size() + 2 + name.size() <= 4095) longest += "./";
  static_cast<void>(scratch_.file(name, "x"));
  EXPECT_TRUE(Mmap::open(longest + name));
}

TEST_F(Open, PermissionsDecide) {
  const std::string path = scratch_.file("f", "text");
  ASSERT_EQ(chmod(path.c_str(), 0444), 0);
  const WithoutRoot without_root;
  EXPECT_EQ(kind_of(Mmap::open(path, Mode::read)), ErrorKind{});
  EXPECT_EQ(kind_of(Mmap::open(path, Mode::cow | Mode::write)), ErrorKind{});
  EXPECT_EQ(kind_of(Mmap::open(path, Mode::write)), ErrorKind::permission_denied);
}

TEST_F(Open, UnreadableFileIsRefused) {
  const std::string path = scratch_.file("f", "text");
  ASSERT_EQ(chmod(path.c_str(), 0), 0);
  const WithoutRoot without_root;
  for (const Mode mode : {Mode::none, Mode::read, Mode::exec, Mode::cow}) {
    EXPECT_EQ(kind_of(Mmap::open(path, mode)), ErrorKind::permission_denied);
  }
}

TEST_F(Open, DescriptorMustAllowTheMode) {
  const std::string path = scratch_.file("f", "text");
  const std::string empty = scratch_.file("empty", "");
  const auto kind = [](const std::string& name, int flags, Mode mode) {
    const int fd = ::open(name.c_str(), flags | O_CLOEXEC);
    const auto result = kind_of(Mmap::from_fd(fd, mode));
    ::close(fd);
    return result;
  };
  for (const std::string& name : {path, empty}) {
    EXPECT_EQ(kind(name, O_RDONLY, Mode::read), ErrorKind{});
    EXPECT_EQ(kind(name, O_RDONLY, Mode::cow | Mode::write), ErrorKind{});
    EXPECT_EQ(kind(name, O_RDONLY, Mode::write), ErrorKind::permission_denied);
    EXPECT_EQ(kind(name, O_WRONLY, Mode::read), ErrorKind::permission_denied);
    EXPECT_EQ(kind(name, O_WRONLY, Mode::write), ErrorKind::permission_denied);
    EXPECT_EQ(kind(name, O_RDWR, Mode::write), ErrorKind{});
  }
  EXPECT_EQ(kind_of(Mmap::from_fd(-1)), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(Mmap::from_fd(999'999)), ErrorKind::invalid_argument);
}

TEST_F(Open, DescriptorStaysTheCallersAndIsNotNeeded) {
  const std::string path = scratch_.file("f", "text");
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  auto mmap = Mmap::from_fd(fd, Mode::write);
  ASSERT_TRUE(mmap);
  EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);  // still open
  ::close(fd);
  EXPECT_TRUE(mmap->write_at(0, bytes_of("T")));
  EXPECT_TRUE(mmap->close());
  EXPECT_EQ(content(path), "Text");
}

TEST_F(Open, KeepsNoDescriptor) {
  const std::string path = scratch_.file("f", "text");
  const std::size_t before = open_descriptors();
  const auto mmap = Mmap::open(path, Mode::write);
  ASSERT_TRUE(mmap);
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(Open, UnlinkedFileStaysMapped) {
  const std::string path = scratch_.file("f", "text");
  auto mmap = Mmap::open(path, Mode::write);
  ASSERT_EQ(unlink(path.c_str()), 0);
  EXPECT_EQ(read_at(*mmap, 0, 4), "text");
}

TEST_F(Open, NoDescriptorLeft) {
  const std::string path = scratch_.file("f", "text");
  rlimit saved{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &saved), 0);
  rlimit none = saved;
  none.rlim_cur = 0;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto mmap = Mmap::open(path);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &saved), 0);
  EXPECT_EQ(kind_of(mmap), ErrorKind::too_many_open);
}

TEST_F(Open, AnonymousSizes) {
  EXPECT_EQ(kind_of(Mmap::anonymous(0)), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(Mmap::anonymous(-1)), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(Mmap::anonymous(most)), ErrorKind::no_memory);
  EXPECT_EQ(kind_of(Mmap::anonymous(std::int64_t{1} << 60)), ErrorKind::no_memory);
  auto mmap = Mmap::anonymous(static_cast<std::int64_t>(page() + 1));
  ASSERT_TRUE(mmap);
  EXPECT_EQ(read_at(*mmap, 0, page() + 1), std::string(page() + 1, '\0'));
  EXPECT_TRUE(mmap->write_at(static_cast<std::int64_t>(page()), bytes_of("!")));
}

TEST_F(Open, AnonymousMemoryIsSharedWithAChildUnlessPrivate) {
  auto shared = Mmap::anonymous(10, Mode::write);
  auto mine = Mmap::anonymous(10, Mode::cow | Mode::write);
  ASSERT_TRUE(shared && mine);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) _exit(shared->write_at(0, bytes_of("c")) && mine->write_at(0, bytes_of("c")) ? 0 : 1);
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  EXPECT_EQ(read_at(*shared, 0, 1), "c");
  EXPECT_EQ(read_at(*mine, 0, 1), std::string(1, '\0'));
}

}  // namespace
}  // namespace stdbind::tests
