// Reading on POSIX systems: pipes, files without a size, files that change meanwhile, limits, and failing system calls.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <stdbind/reader.hpp>

#include <atomic>
#include <thread>
#include <vector>

#include "failing_calls.hpp"

namespace stdbind::tests {
namespace {

using platform::system_calls;

constexpr ReadStrategy strategies[] = {ReadStrategy::automatic, ReadStrategy::read, ReadStrategy::map};

class Pipe : public testing::Test {
 protected:
  Pipe() : path_(scratch_.path("pipe")) { EXPECT_EQ(mkfifo(path_.c_str(), 0600), 0); }

  /// Runs `read` while another thread writes bytes into the pipe in pieces.
  template <class Read>
  void with_writer(const std::string& bytes, Read read) {
    // Both sides are there before either begins.
    const int keeper = open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    const int fd = open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    std::thread writer([&] {
      for (std::size_t done = 0; done < bytes.size();) {
        const std::size_t step = std::min<std::size_t>(7001, bytes.size() - done);
        if (write(fd, bytes.data() + done, step) != static_cast<ssize_t>(step)) break;
        done += step;
        std::this_thread::yield();
      }
      close(fd);
    });
    read();
    writer.join();
    close(keeper);
  }

  Scratch scratch_;
  std::string path_;
};

TEST_F(Pipe, WithoutAWriterIsAtItsEnd) {
  std::byte buffer[4];
  for (const ReadStrategy strategy : strategies) {
    EXPECT_EQ(read_file(path_, strategy).value().size(), 0U);
    EXPECT_EQ(FileReader::open(path_, strategy).value().size(), 0);
  }
  EXPECT_EQ(read_into(path_, buffer), 0);
  EXPECT_EQ(kind_of(read_into(path_, buffer, 1)), ErrorKind::invalid_argument);
}

TEST_F(Pipe, IsReadUntilItsWriterIsGone) {
  const std::string bytes = pattern(300'001);
  for (const ReadStrategy strategy : strategies) {
    with_writer(bytes, [&] { EXPECT_TRUE(read_file(path_, strategy).value().text() == bytes); });
    with_writer(bytes, [&] {
      const FileReader reader = FileReader::open(path_, strategy).value();
      EXPECT_EQ(reader.strategy(), ReadStrategy::read);
      EXPECT_EQ(reader.size(), static_cast<std::int64_t>(bytes.size()));
    });
  }
  std::vector<std::byte> buffer(bytes.size() + 1);
  with_writer(bytes, [&] { EXPECT_EQ(read_into(path_, buffer), static_cast<std::int64_t>(bytes.size())); });
}

TEST_F(Pipe, WaitThatFailsIsAnError) {
  const int keeper = open(path_.c_str(), O_RDWR | O_CLOEXEC);
  {
    SystemCallsRestored restored;
    system_calls.poll = [](struct pollfd*, nfds_t, int) {
      errno = ENOMEM;
      return -1;
    };
    EXPECT_EQ(kind_of(read_file(path_)), ErrorKind::no_memory);
  }
  {
    SystemCallsRestored restored;
    static int interrupted;
    interrupted = 0;
    real = system_calls;
    system_calls.poll = [](struct pollfd* wanted, nfds_t count, int time) {
      errno = EINTR;
      return ++interrupted < 3 ? -1 : real.poll(wanted, count, time);
    };
    ASSERT_EQ(write(keeper, "abc", 3), 3);
    std::byte buffer[3];
    EXPECT_EQ(read_into(path_, buffer), 3);
  }
  close(keeper);
}

#ifdef __linux__
TEST(ReaderPosix, FilesWithoutASizeAreReadToTheirEnd) {
  const std::string line = "\nPid:\t" + std::to_string(getpid());
  std::vector<std::byte> buffer(100'000);
  for (const ReadStrategy strategy : strategies) {
    EXPECT_NE(read_file("/proc/self/status", strategy).value().text().find(line), std::string_view::npos);
    EXPECT_NE(FileReader::open("/proc/self/status", strategy).value().text().value().find(line),
              std::string_view::npos);
  }
  const auto count = read_into("/proc/self/status", buffer);
  ASSERT_TRUE(count);
  EXPECT_NE(std::string_view(reinterpret_cast<const char*>(buffer.data()), static_cast<std::size_t>(*count)).find(line),
            std::string_view::npos);
  // Says 4096 and has less.
  const std::string less = "/sys/kernel/mm/transparent_hugepage/enabled";
  if (access(less.c_str(), R_OK) == 0) {
    EXPECT_EQ(read_file(less).value().text(), content(less));
    EXPECT_EQ(FileReader::open(less).value().text(), content(less));
  }
}
#endif

TEST(ReaderPosix, DevicesAreRefusedOrReadAsFarAsTheBufferGoes) {
  std::byte buffer[100];
  EXPECT_EQ(kind_of(read_file("/dev/zero")), ErrorKind::wrong_file_type);
  EXPECT_EQ(kind_of(FileReader::open("/dev/zero")), ErrorKind::wrong_file_type);
  EXPECT_EQ(read_into("/dev/zero", buffer), 100);
}

TEST(ReaderPosix, NoPermissionIsDenied) {
  const Scratch scratch;
  const std::string path = scratch.file("f", "secret");
  ASSERT_EQ(chmod(path.c_str(), 0), 0);
  const WithoutRoot without_root;
  std::byte buffer[4];
  EXPECT_EQ(kind_of(read_file(path)), ErrorKind::permission_denied);
  EXPECT_EQ(kind_of(read_into(path, buffer)), ErrorKind::permission_denied);
}

TEST(ReaderPosix, FileThatChangesItsLengthWhileItIsRead) {
  const Scratch scratch;
  constexpr std::size_t longest = 3 << 20;
  const std::string bytes = pattern(longest);
  const std::string path = scratch.file("f", bytes);
  std::atomic<bool> over{false};
  std::thread changer([&] {
    const int fd = open(path.c_str(), O_RDWR | O_CLOEXEC);
    for (std::size_t round = 0; !over.load(); ++round) {
      const std::size_t shorter = round * 8191 % longest;
      if (ftruncate(fd, static_cast<off_t>(shorter)) != 0) break;
      if (pwrite(fd, bytes.data() + shorter, longest - shorter, static_cast<off_t>(shorter)) < 0) break;
    }
    close(fd);
  });
  std::vector<std::byte> buffer(longest);
  for (int round = 0; round < 50; ++round) {
    const auto read = read_file(path);
    ASSERT_TRUE(read);
    ASSERT_LE(read->size(), longest);
    const auto count = read_into(path, buffer);
    ASSERT_TRUE(count);
    // Mapped it is copied under guard: the right bytes, or a fault.
    const auto mapped = read_file(path, ReadStrategy::map);
    if (!mapped) {
      ASSERT_TRUE(kind_of(mapped) == ErrorKind::fault) << mapped.error().message.view();
    }
    const auto text = read_text(path, ReadStrategy::map);
    if (!text) {
      ASSERT_TRUE(kind_of(text) == ErrorKind::fault || kind_of(text) == ErrorKind::not_utf8);
    }
    const auto reader = FileReader::open(path, ReadStrategy::map);
    ASSERT_TRUE(reader);
    if (const auto checked = reader->text(); !checked) {
      ASSERT_TRUE(kind_of(checked) == ErrorKind::fault || kind_of(checked) == ErrorKind::not_utf8);
    }
  }
  over = true;
  changer.join();
  EXPECT_TRUE(read_file(path).value().text() == bytes);
}

TEST(ReaderPosix, FileThatGrowsWhileItIsReadIsReadToItsEnd) {
  const Scratch scratch;
  const std::string bytes = pattern(3 << 20);
  const std::string path = scratch.file("f", bytes.substr(0, 100));
  // It grows each time that it is looked at, and once more while it is read.
  static std::string grown;
  grown = path;
  static std::size_t looked;
  looked = 0;
  SystemCallsRestored restored;
  real = system_calls;
  system_calls.fstat = [](int fd, struct stat* info) {
    const int result = real.fstat(fd, info);
    std::FILE* const file = std::fopen(grown.c_str(), "ae");
    const std::string more = pattern(1'500'000, 100 + looked++ * 1'500'000);
    std::fwrite(more.data(), 1, more.size(), file);
    std::fclose(file);
    return result;
  };
  EXPECT_TRUE(read_file(path).value().text() == bytes.substr(0, 1'500'100));
  EXPECT_TRUE(read_file(path).value().text() == pattern(3'000'100));
}

TEST(ReaderPosix, ManyFilesWithFewDescriptors) {
  const Scratch scratch;
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < 100; ++i) paths.push_back(scratch.file(std::to_string(i), pattern(i + 1, i)));
  const std::vector<std::string_view> views(paths.begin(), paths.end());
  std::vector<Result<Bytes>> results(views.size());
  struct rlimit limit = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  const int lowest = dup(0);
  close(lowest);
  for (const rlim_t more : {1, 2, 10}) {
    struct rlimit few = limit;
    few.rlim_cur = static_cast<rlim_t>(lowest) + more;
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
    const auto read = read_many(views, results);
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
    EXPECT_EQ(read, 100) << more;
    for (std::size_t i = 0; i < 100; ++i) EXPECT_TRUE(results[i] && results[i]->text() == pattern(i + 1, i)) << i;
  }
  struct rlimit none = limit;
  none.rlim_cur = static_cast<rlim_t>(lowest);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const auto read = read_many(views, results);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(read, 0);
  for (const auto& result : results) EXPECT_EQ(kind_of(result), ErrorKind::too_many_open);
}

/// What became of a result.
template <class T>
Result<void> told(const Result<T>& result) {
  if (!result) return std::unexpected(result.error());
  return {};
}

TEST_F(SystemCallsFail, ReadFile) {
  every_call_fails([&] { return told(read_file(path_)); });
}

TEST_F(SystemCallsFail, ReadText) {
  every_call_fails([&] {
    const auto text = read_text(path_);
    if (!text && text.error().kind == ErrorKind::not_utf8) return Result<void>();  // as the bytes are
    return told(text);
  });
}

TEST_F(SystemCallsFail, ReadInto) {
  std::vector<std::byte> buffer(bytes_.size() + 1);
  every_call_fails([&] { return told(read_into(path_, buffer)); });
}

TEST_F(SystemCallsFail, FileReaderThatReads) {
  every_call_fails([&] { return told(FileReader::open(path_, ReadStrategy::read)); });
}

TEST_F(SystemCallsFail, FileReaderThatMaps) {
  every_call_fails([&] {
    auto opened = FileReader::open(path_, ReadStrategy::map);
    plan.active = false;
    return told(opened);
  });
}

TEST(ReaderPosix, WhatCannotBeMappedIsReadUnlessAskedOtherwise) {
  const Scratch scratch;
  const std::string path = scratch.file("f", pattern(200'000));
  SystemCallsRestored restored;
  real = system_calls;
  system_calls.mmap = [](void* hint, std::size_t length, int protection, int flags, int fd, off_t offset) {
    if (fd == -1) return real.mmap(hint, length, protection, flags, fd, offset);
    errno = ENODEV;
    return MAP_FAILED;
  };
  const auto reader = FileReader::open(path);
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->strategy(), ReadStrategy::read);
  EXPECT_EQ(reader->size(), 200'000);
  EXPECT_EQ(kind_of(FileReader::open(path, ReadStrategy::map)), ErrorKind::wrong_file_type);
}

TEST_F(SystemCallsFail, CloseOfAReaderCanBeRepeated) {
  every_call_fails([&]() -> Result<void> {
    plan.active = false;
    FileReader reader = FileReader::open(path_, ReadStrategy::map).value();
    plan.active = true;
    const auto closed = reader.close();
    plan.active = false;
    if (!closed) {
      EXPECT_EQ(reader.bytes().value().size(), bytes_.size());
      EXPECT_TRUE(reader.close());
    }
    return closed;
  });
}

TEST_F(SystemCallsFail, LongBuffersComeFromMallocThen) {
  release_buffers();
  const std::string path = scratch_.file("long", pattern(1 << 20));
  every_call_fails(
      [&] {
        const auto read = read_file(path);
        plan.active = false;
        if (read) {
          EXPECT_EQ(read->size(), std::size_t{1} << 20U);
        }
        release_buffers();
        return told(read);
      },
      [](Call call, int, ErrorKind& kind) {
        if (call == Call::mmap || call == Call::munmap || call == Call::madvise) kind = {};
      });
}

TEST_F(SystemCallsFail, ReadMany) {
  const std::string_view path = path_;
  every_call_fails([&] {
    Result<Bytes> result;
    EXPECT_TRUE(read_many(std::span(&path, 1), std::span(&result, 1)));
    return told(result);
  });
}

}  // namespace
}  // namespace stdbind::tests
