// Loader processes: they open files as this process does, and what happens to them happens to nobody else.
#include <fcntl.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <mutex>

#include "loading_support.hpp"
#include "posix_support.hpp"

#if defined(__SANITIZE_THREAD__)
// Otherwise the thread sanitizer ends a child process that starts a thread of its own.
extern "C" const char* __tsan_default_options() { return "die_after_fork=0"; }  // NOLINT: its name
#endif

namespace stdbind::tests {
namespace {

using platform::system_calls;

/// The loader processes that were started, by their numbers.
class Isolated : public Loading {
 protected:
  Isolated() {
    started = 0;
    last = 0;
    system_calls.posix_spawn = [](pid_t* process, const char* program, const posix_spawn_file_actions_t* actions,
                                  const posix_spawnattr_t* attributes, char* const* arguments) {
      const int os = plain.posix_spawn(process, program, actions, attributes, arguments);
      if (os == 0) {
        last = *process;
        ++started;
      }
      return os;
    };
  }
  ~Isolated() override {
    detail::dismiss_workers();
    loader().answer_ms = 10'000;
    setenv("STDBIND_LOADER", STDBIND_LOADER_PROGRAM, 1);
  }

  static AsyncFile isolate(std::string_view path, LoadOptions options = LoadOptions::none) {
    return load(path, options | LoadOptions::isolated);
  }
  /// From now on this is the program of loader processes.
  void use_script(std::string_view text) {
    const std::string path = scratch_.file("loader.sh", std::string("#!/bin/sh\n") + std::string(text));
    ASSERT_EQ(chmod(path.c_str(), 0700), 0);
    setenv("STDBIND_LOADER", path.c_str(), 1);
  }

  static inline std::atomic<int> started;
  static inline std::atomic<pid_t> last;
};

TEST_F(Isolated, OpensFilesAsThisProcessDoes) {
  for (const LoadOptions options : {LoadOptions::none, LoadOptions::prefault, LoadOptions::lazy}) {
    AsyncFile file = isolate(path_, options);
    EXPECT_EQ(content_of(file), bytes_);
  }
  AsyncFile empty = isolate(scratch_.file("empty", ""));
  EXPECT_EQ(content_of(empty), "");
  AsyncFile written = AsyncFile::open(path_, Mode::write, OpenOptions::grow, LoadOptions::isolated).value();
  Mmap& mapping = *written.get().value();
  EXPECT_TRUE(mapping.write_at(0, bytes_of("written")));
  EXPECT_TRUE(mapping.resize(7));
  EXPECT_TRUE(written.close());
  EXPECT_EQ(content(path_), "written");
  EXPECT_EQ(started, 1);
}

TEST_F(Isolated, BadFilesAreToldAsOthersAre) {
  AsyncFile missing = isolate(scratch_.path("missing"));
  AsyncFile directory = isolate(scratch_.path(""));
  AsyncFile right = isolate(path_);
  EXPECT_EQ(kind_of(missing.wait()), ErrorKind::not_found);
  EXPECT_EQ(missing.wait().error().os, ENOENT);
  EXPECT_EQ(kind_of(directory.wait()), ErrorKind::wrong_file_type);
  EXPECT_EQ(content_of(right), bytes_);
  EXPECT_EQ(started, 1);
}

TEST_F(Isolated, RelativePathsCountFromHere) {
  const std::filesystem::path before = std::filesystem::current_path();
  EXPECT_TRUE(isolate(path_).wait());  // started elsewhere
  std::filesystem::current_path(scratch_.path(""));
  AsyncFile file = isolate("f");
  EXPECT_EQ(content_of(file), bytes_);
  EXPECT_EQ(kind_of(isolate("").wait()), ErrorKind::not_found);
  std::filesystem::current_path(before);
}

TEST_F(Isolated, AMissingProgramIsUnsupported) {
  setenv("STDBIND_LOADER", "/nowhere/loader", 1);
  AsyncFile file = isolate(path_);
  EXPECT_EQ(kind_of(file.wait()), ErrorKind::unsupported);
  EXPECT_TRUE(mentions(file.wait(), "'/nowhere/loader'")) << message_of(file.wait());
  EXPECT_TRUE(mentions(file.wait(), "STDBIND_LOADER"));
  setenv("STDBIND_LOADER", path_.c_str(), 1);  // no program
  EXPECT_EQ(kind_of(isolate(path_).wait()), ErrorKind::unsupported);
  unsetenv("STDBIND_LOADER");
  AsyncFile beside = isolate(path_);  // there is none beside this program
  EXPECT_EQ(kind_of(beside.wait()), ErrorKind::unsupported);
  EXPECT_TRUE(mentions(beside.wait(), "/stdbind-loader'")) << message_of(beside.wait());
  EXPECT_EQ(content_of(*std::make_unique<AsyncFile>(load(path_))), bytes_);
}

TEST_F(Isolated, AProgramThatEndsIsTold) {
  setenv("STDBIND_LOADER", "/bin/true", 1);
  AsyncFile file = isolate(path_);
  EXPECT_EQ(kind_of(file.wait()), ErrorKind::loader_died);
  EXPECT_EQ(file.state(), LoadState::failed);
  EXPECT_TRUE(mentions(file.wait(), "ended")) << message_of(file.wait());
  setenv("STDBIND_LOADER", STDBIND_LOADER_PROGRAM, 1);
  AsyncFile next = isolate(path_);
  EXPECT_EQ(content_of(next), bytes_);
}

TEST_F(Isolated, AProgramThatHangsIsReplaced) {
  loader().answer_ms = 80;
  use_script("exec sleep 1000\n");
  AsyncFile file = isolate(path_);
  AsyncFile other = load(path_);
  EXPECT_EQ(content_of(other), bytes_);  // beside it
  EXPECT_EQ(kind_of(file.wait()), ErrorKind::loader_died);
  EXPECT_TRUE(mentions(file.wait(), "80 ms")) << message_of(file.wait());
  EXPECT_EQ(kill(last, 0), -1);
  setenv("STDBIND_LOADER", STDBIND_LOADER_PROGRAM, 1);
  AsyncFile next = isolate(path_);
  EXPECT_EQ(content_of(next), bytes_);
}

TEST_F(Isolated, CancelDoesNotWaitForAProcessThatHangs) {
  use_script("exec sleep 1000\n");
  AsyncFile file = isolate(path_);
  while (started == 0) std::this_thread::yield();
  EXPECT_TRUE(file.cancel());
  EXPECT_EQ(kind_of(file.wait()), ErrorKind::cancelled);
  EXPECT_TRUE(file.close());
  EXPECT_EQ(loader().answer_ms, 10'000);
}

TEST_F(Isolated, LongAnswersAreWaitedFor) {
  use_script("sleep 0.2\nexec " STDBIND_LOADER_PROGRAM "\n");
  AsyncFile file = isolate(path_);
  EXPECT_EQ(kind_of(file.wait(1)), ErrorKind::timeout);
  EXPECT_EQ(content_of(file), bytes_);
}

TEST_F(Isolated, OneThatWasKilledBeforeIsReplacedInSilence) {
  EXPECT_TRUE(isolate(path_).wait());
  ASSERT_EQ(kill(last, SIGKILL), 0);
  siginfo_t ended = {};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(last.load()), &ended, WEXITED | WNOWAIT), 0);
  AsyncFile next = isolate(path_);
  EXPECT_EQ(content_of(next), bytes_);
  EXPECT_EQ(started, 2);
}

TEST_F(Isolated, HoldsNothingOfThisProcess) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);  // to be inherited
  EXPECT_TRUE(isolate(path_).wait());
  EXPECT_EQ(getpgid(last), last);  // the keys of the terminal do not reach it
  close(ends[1]);
  char byte = 0;
  EXPECT_EQ(read(ends[0], &byte, 1), 0);
  close(ends[0]);
  detail::dismiss_workers();
  EXPECT_EQ(kill(last, 0), -1);
}

TEST_F(Isolated, SeveralProcessesLoadAtOnce) {
  ASSERT_TRUE(configure_loader(1, 1024, 3));
  use_script("exec sleep 1000\n");
  std::vector<AsyncFile> files;
  for (int i = 0; i < 4; ++i) files.push_back(isolate(path_));
  while (started < 3) std::this_thread::yield();
  AsyncFile other = load(path_);
  EXPECT_EQ(content_of(other), bytes_);
  EXPECT_EQ(files[3].state(), LoadState::pending);
  for (AsyncFile& file : files) EXPECT_TRUE(file.cancel());
  files.clear();
  EXPECT_EQ(started, 3);
}

TEST_F(Isolated, OtherRightsAreNotLent) {
  if (geteuid() != 0) GTEST_SKIP() << "needs rights that can be given up";
  ASSERT_EQ(chmod(path_.c_str(), 0600), 0);
  EXPECT_TRUE(isolate(path_).wait());
  std::filesystem::permissions(scratch_.path(""), std::filesystem::perms::all);
  {
    const WithoutRoot without_root;
    EXPECT_EQ(kind_of(isolate(path_).wait()), ErrorKind::permission_denied);
  }
  EXPECT_TRUE(isolate(path_).wait());
  EXPECT_EQ(started, 3);
}

TEST_F(Isolated, AChildStartsItsOwn) {
  EXPECT_TRUE(isolate(path_).wait());
  const std::size_t open_before = open_descriptors();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    AsyncFile file = isolate(path_);
    if (content_of(file) != bytes_) _exit(1);
    if (open_descriptors() != open_before) _exit(2);  // that of the parent was closed
    detail::dismiss_workers();
    _exit(started == 2 ? 0 : 3);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  AsyncFile file = isolate(path_);
  EXPECT_EQ(content_of(file), bytes_);
  EXPECT_EQ(started, 1);
}

TEST_F(Isolated, ManyPathsAndFewDescriptors) {
  constexpr std::size_t count = 2000;
  ASSERT_TRUE(configure_loader(2, count, 2));
  std::vector<AsyncFile> files(count);
  const std::vector<std::string_view> paths(count, path_);
  const Limit limit(RLIMIT_NOFILE, 64);
  EXPECT_EQ(AsyncFile::submit(paths, files, Mode::read, OpenOptions::none, LoadOptions::isolated),
            static_cast<std::int64_t>(count));
  std::size_t right = 0;
  for (AsyncFile& file : files) right += content_of(file) == bytes_;
  EXPECT_EQ(right, count);
}

/// Kills the loader process that was started last, every 10 ms.
class Killer {
 public:
  explicit Killer(const std::atomic<pid_t>& last) {
    thread_ = std::jthread([this, &last](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        if (const pid_t process = last; process != 0 && kill(process, SIGKILL) == 0) ++kills_;
      }
    });
  }
  [[nodiscard]] int kills() const { return kills_; }

 private:
  std::atomic<int> kills_{0};
  std::jthread thread_;
};

TEST_F(Isolated, AThousandLoadsAndAKillEveryTenMilliseconds) {
  constexpr std::size_t count = 1000;
  constexpr int enough = 60;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < 10; ++i) {
    names.push_back(scratch_.file("n" + std::to_string(i), pattern(page() + i, i * 1000)));
  }
  std::vector<std::string_view> paths;
  for (std::size_t i = 0; i < count; ++i) paths.emplace_back(names[i % names.size()]);
  std::size_t right = 0;
  std::size_t died = 0;
  std::size_t rounds = 0;
  {
    const Killer killer(last);
    // All of them fit into a few kills, so they are loaded again until there were many.
    while (killer.kills() < enough && rounds < 500) {
      ++rounds;
      std::vector<AsyncFile> files(count);
      ASSERT_EQ(AsyncFile::submit(paths, files, Mode::read, OpenOptions::none, LoadOptions::isolated),
                static_cast<std::int64_t>(count));
      for (std::size_t i = 0; i < count; ++i) {
        const auto waited = files[i].wait(20'000);
        if (!waited) {
          ASSERT_EQ(waited.error().kind, ErrorKind::loader_died) << message_of(waited);
          ++died;
        } else {
          ASSERT_EQ(content_of(files[i]), pattern(page() + i % 10, i % 10 * 1000));
          ++right;
        }
      }
    }
    RecordProperty("kills", killer.kills());
    EXPECT_GE(killer.kills(), enough);
  }
  EXPECT_EQ(right + died, rounds * count);
  EXPECT_GT(right, died);
  EXPECT_GT(died, 0U);
  RecordProperty("right", static_cast<int>(right));
  RecordProperty("died", static_cast<int>(died));
}

class IsolatedCallsFail : public SystemCallsFail {
 protected:
  IsolatedCallsFail() { EXPECT_TRUE(configure_loader(1, 8, 1)); }
};

TEST_F(IsolatedCallsFail, OpenAndWait) {
  every_call_fails(
      [&] {
        auto file = AsyncFile::open(path_, Mode::read, OpenOptions::none, LoadOptions::isolated);
        Result<void> result;
        if (!file) {
          result = std::unexpected(file.error());
        } else {
          result = file->wait();
          if (result) result = file->close();
        }
        detail::dismiss_workers();
        return result;
      },
      [](Call call, int os, ErrorKind& kind) {
        const bool no_program = os == ENOENT || os == EACCES || os == EPERM;
        if ((call == Call::fstatat || call == Call::posix_spawn) && no_program) kind = ErrorKind::unsupported;
        if (call == Call::poll && os != EINTR) kind = ErrorKind::loader_died;
      });
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
}

}  // namespace
}  // namespace stdbind::tests
