// libstdbind_rt on POSIX systems: what is no regular file, files that change while they are read, threads, and leaks.
#include <fcntl.h>
#include <stdbind/rt.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "support.hpp"

namespace stdbind::tests {
namespace {

/// What the function for bytes with a length reads; the number of the error if it fails.
std::string read_all(const std::string& path) {
  std::int64_t length = -2;
  errno = 0;
  std::uint8_t* const bytes = rt_file_mmap_read_bytes_sized(path.c_str(), &length);
  if (bytes == nullptr) return "errno " + std::to_string(errno);
  EXPECT_EQ(bytes[length], 0);
  std::string result(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
  std::free(bytes);  // as who knows the old function does it
  return result;
}

TEST(RuntimePosix, PipeWithoutWriterIsEmptyAndDoesNotHang) {
  const Scratch scratch;
  const std::string path = scratch.path("pipe");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(read_all(path), "");
  EXPECT_EQ(rt_file_size(path.c_str()), 0);
  errno = 0;
  EXPECT_EQ(rt_file_mmap_map(path.c_str()), -1);
  EXPECT_EQ(errno, ENODEV);
}

TEST(RuntimePosix, PipeIsReadUntilItsWriterIsGone) {
  const Scratch scratch;
  const std::string path = scratch.path("pipe");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const std::string bytes = pattern(300'001);
  // Both sides are there before either begins.
  const int keeper = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  std::thread writer([&] {
    for (std::size_t done = 0; done < bytes.size();) {
      const std::size_t step = std::min<std::size_t>(7001, bytes.size() - done);
      if (write(fd, bytes.data() + done, step) != static_cast<ssize_t>(step)) break;
      done += step;
      std::this_thread::yield();
    }
    close(fd);
  });
  EXPECT_TRUE(read_all(path) == bytes);
  writer.join();
  close(keeper);
}

#ifdef __linux__
TEST(RuntimePosix, FilesWithoutASizeAreReadToTheirEnd) {
  EXPECT_EQ(rt_file_size("/proc/self/status"), 0);
  EXPECT_NE(read_all("/proc/self/status").find("\nPid:\t" + std::to_string(getpid())), std::string::npos);
  // Longer than the first buffer, and given in short pieces.
  constexpr std::size_t ranges = 2000;
  void* const space = mmap(nullptr, ranges * page(), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(space, MAP_FAILED);
  for (std::size_t i = 0; i < ranges; i += 2) {
    ASSERT_EQ(mprotect(static_cast<std::byte*>(space) + i * page(), page(), PROT_READ), 0);
  }
  const std::string maps = read_all("/proc/self/maps");
  munmap(space, ranges * page());
  EXPECT_GT(maps.size(), 65536U);
  EXPECT_NE(maps.find("[stack]"), std::string::npos);
  // Says 4096 and has less.
  EXPECT_EQ(read_all("/sys/kernel/mm/transparent_hugepage/enabled"),
            content("/sys/kernel/mm/transparent_hugepage/enabled"));
  errno = 0;
  EXPECT_EQ(rt_file_mmap_map("/proc/self/status"), -1);
  EXPECT_TRUE(errno == ENODEV || errno == EIO) << errno;
}
#endif

TEST(RuntimePosix, DevicesAreRefused) {
  EXPECT_EQ(read_all("/dev/zero"), "errno " + std::to_string(ENODEV));
  EXPECT_EQ(read_all("/dev/null"), "errno " + std::to_string(ENODEV));
  EXPECT_EQ(rt_file_mmap_map("/dev/zero"), -1);
}

TEST(RuntimePosix, NoPermissionIsDenied) {
  const Scratch scratch;
  const std::string path = scratch.file("f", "secret");
  ASSERT_EQ(chmod(path.c_str(), 0), 0);
  const WithoutRoot without_root;
  EXPECT_EQ(read_all(path), "errno " + std::to_string(EACCES));
  EXPECT_EQ(rt_file_mmap_map(path.c_str()), -1);
  EXPECT_EQ(errno, EACCES);
}

TEST(RuntimePosix, BadPathsHaveTheSystemsNumber) {
  const Scratch scratch;
  const std::string file = scratch.file("f", "x");
  EXPECT_EQ(read_all(file + "/below"), "errno " + std::to_string(ENOTDIR));
  EXPECT_EQ(read_all(std::string(5000, 'x')), "errno " + std::to_string(ENAMETOOLONG));
  const std::string loop = scratch.path("loop");
  ASSERT_EQ(symlink("loop", loop.c_str()), 0);
  EXPECT_EQ(read_all(loop), "errno " + std::to_string(ELOOP));
}

TEST(RuntimePosix, DescriptorLimitIsTold) {
  const Scratch scratch;
  const std::string path = scratch.file("f", "x");
  struct rlimit limit = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  struct rlimit none = limit;
  none.rlim_cur = 0;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const std::string answer = read_all(path);
  const std::int64_t handle = rt_file_mmap_map(path.c_str());
  const int number = errno;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(answer, "errno " + std::to_string(EMFILE));
  EXPECT_EQ(handle, -1);
  EXPECT_EQ(number, EMFILE);
}

TEST(RuntimePosix, FileLongerThanMemoryIsAnError) {
  const Scratch scratch;
  const std::string path = scratch.file("f", "");
  // A sparse file: nothing is written.
  ASSERT_EQ(truncate(path.c_str(), off_t{1} << 36U), 0);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  const pid_t child = fork();
  if (child == 0) {
    const struct rlimit limit = {.rlim_cur = std::size_t{1} << 30U, .rlim_max = std::size_t{1} << 30U};
    setrlimit(RLIMIT_AS, &limit);
    const bool right = rt_file_mmap_read_text(path.c_str()) == nullptr && errno == ENOMEM &&
                       rt_file_mmap_map(path.c_str()) == -1 && (errno == ENOMEM || errno == EOVERFLOW);
    _exit(right ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
#endif
}

TEST(RuntimePosix, FileThatChangesItsLengthWhileItIsRead) {
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
  for (int round = 0; round < 100; ++round) {
    const std::string seen = read_all(path);
    ASSERT_LE(seen.size(), longest);
    // What is read is a prefix of the file; where it was shortened and made longer meanwhile, zeros may stand for
    // bytes.
    for (std::size_t at = 0; at < seen.size(); at += 997) {
      ASSERT_TRUE(seen[at] == bytes[at] || seen[at] == 0) << at;
    }
  }
  over = true;
  changer.join();
  EXPECT_TRUE(read_all(path) == bytes);
}

TEST(RuntimePosix, FileThatGrowsWhileItIsReadIsReadToItsEnd) {
  const Scratch scratch;
  const std::string bytes = pattern(5 << 20);
  const std::string path = scratch.file("f", bytes.substr(0, 100));
  std::thread writer([&] {
    const int fd = open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    for (std::size_t done = 100; done < bytes.size();) {
      const std::size_t step = std::min<std::size_t>(10'007, bytes.size() - done);
      if (write(fd, bytes.data() + done, step) != static_cast<ssize_t>(step)) break;
      done += step;
    }
    close(fd);
  });
  std::size_t last = 0;
  while (last < bytes.size()) {
    const std::string seen = read_all(path);
    ASSERT_GE(seen.size(), last);
    ASSERT_TRUE(bytes.starts_with(seen));
    last = seen.size();
    if (last < bytes.size()) std::this_thread::yield();
  }
  writer.join();
}

TEST(RuntimePosix, NothingIsLeftOpenOrMapped) {
  const Scratch scratch;
  const std::string path = scratch.file("f", pattern((2 << 20) + 1));
  const std::string secret = scratch.file("secret", "x");
  const std::string pipe = scratch.path("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const std::string missing = scratch.path("missing");
  const std::string directory = scratch.path("");
  const std::size_t descriptors = open_descriptors();
  for (int round = 0; round < 20; ++round) {
    EXPECT_EQ(read_all(path).size(), (2U << 20U) + 1);
    for (const std::string& bad : {pipe, missing, directory, std::string("/dev/zero"), path + "/below"}) {
      read_all(bad);
      EXPECT_EQ(rt_file_mmap_map(bad.c_str()), -1);
    }
    const std::int64_t handle = rt_file_mmap_map(path.c_str());
    EXPECT_EQ(mapped_ranges(path), 1U);
    EXPECT_EQ(rt_file_mmap_unmap(handle), 1);
  }
  EXPECT_EQ(open_descriptors(), descriptors);
  EXPECT_EQ(mapped_ranges(path), 0U);
}

TEST(RuntimePosix, ThreadsMapAndUnmapAtOnce) {
  const Scratch scratch;
  std::array<std::string, 4> paths;
  for (std::size_t i = 0; i < paths.size(); ++i) paths[i] = scratch.file(std::to_string(i), std::string(i + 1, 'a'));
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 1000; ++round) {
        const std::int64_t handle = rt_file_mmap_map(paths[i].c_str());
        const bool right = handle > 0 && rt_file_mmap_length(handle) == static_cast<std::int64_t>(i + 1) &&
                           rt_file_mmap_address(handle)[i] == 'a' && rt_file_mmap_unmap(handle) == 1 &&
                           rt_file_mmap_unmap(handle) == -1;
        if (!right) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace stdbind::tests
