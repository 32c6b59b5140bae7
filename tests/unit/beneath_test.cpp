// Opening beneath a directory: what lies elsewhere is never opened, by the system call or without it.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "failing_calls.hpp"

namespace stdbind::tests {
namespace {

using platform::system_calls;

std::string message_of(const Result<Mmap>& result) {
  return result ? std::string() : std::string(result.error().message.view());
}

/// The number is what openat2 fails with; 0: it does its work.
class Beneath : public testing::TestWithParam<int> {
 protected:
  Beneath() {
    mkdir(scratch_.path("root").c_str(), 0755);
    mkdir(scratch_.path("root/a").c_str(), 0755);
    mkdir(scratch_.path("root/a/b").c_str(), 0755);
    static_cast<void>(scratch_.file("root/top", "at the top"));
    static_cast<void>(scratch_.file("root/a/b/deep", "deep below"));
    static_cast<void>(scratch_.file("outside", "outside"));
    static int number;
    number = GetParam();
    if (number == 0) return;
    system_calls.openat2 = [](int, const char*, int, std::uint64_t) {
      errno = number;
      return -1;
    };
  }

  Result<Mmap> open(std::string_view path, Mode mode = Mode::read) const {
    return Mmap::open_beneath(scratch_.path("root"), path, mode);
  }
  void link(const std::string& name, const std::string& target) const {
    ASSERT_EQ(symlink(target.c_str(), scratch_.path(name).c_str()), 0);
  }

  SystemCallsRestored restored_;
  Scratch scratch_;
};

TEST_P(Beneath, FilesOnEveryLevelAreOpened) {
  EXPECT_EQ(read_at(open("top").value(), 0, 10), "at the top");
  EXPECT_EQ(read_at(open("a/b/deep").value(), 0, 10), "deep below");
  EXPECT_EQ(read_at(open("./a/./b/deep").value(), 0, 10), "deep below");
  const auto part = Mmap::open_beneath(scratch_.path("root"), "a/b/deep", Mode::read, 5, 3);
  EXPECT_EQ(read_at(part.value(), 0, 3), "bel");
}

TEST_P(Beneath, ModeAndOptionsAreThoseOfOpen) {
  const std::string root = scratch_.path("root");
  auto writable = Mmap::open_beneath(root, "a/b/deep", Mode::write, 0, to_end, OpenOptions::grow).value();
  EXPECT_TRUE(writable.write_at(0, bytes_of("DEEP")));
  EXPECT_TRUE(writable.resize(4));
  EXPECT_EQ(content(scratch_.path("root/a/b/deep")), "DEEP");
  EXPECT_EQ(kind_of(open("top", Mode::write | Mode::exec)), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(Mmap::open_beneath(root, "top", Mode::read, 11)), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind_of(Mmap::open_beneath(root, "top", Mode::read, 0, -2)), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(Mmap::open_beneath(root, "top", Mode::read, 0, to_end, OpenOptions::huge)),
            ErrorKind::invalid_argument);
}

TEST_P(Beneath, LinksAreRefusedByName) {
  link("root/last", "top");
  link("root/a/way", "b");
  link("root/out", scratch_.path("outside"));
  link("root/up", "..");
  link("root/dangling", "nowhere");
  const std::pair<std::string, std::string> cases[] = {{"last", "'last'"},
                                                       {"a/way/deep", "'way'"},
                                                       {"out", "'out'"},
                                                       {"up/outside", "'up'"},
                                                       {"dangling", "'dangling'"},
                                                       {"a/../last", "'..'"}};
  for (const auto& [path, component] : cases) {
    const auto result = open(path);
    EXPECT_EQ(kind_of(result), ErrorKind::permission_denied) << path;
    EXPECT_NE(message_of(result).find("the component " + component), std::string::npos) << message_of(result);
  }
  EXPECT_EQ(open("last").error().os, ELOOP);
  // Links of the kernel, which are more than a name.
  const std::size_t before = open_descriptors();
  EXPECT_EQ(kind_of(Mmap::open_beneath("/proc/self", "exe")), ErrorKind::permission_denied);
  EXPECT_EQ(kind_of(Mmap::open_beneath("/proc/self", "cwd/CMakeCache.txt")), ErrorKind::permission_denied);
  EXPECT_EQ(open_descriptors(), before);
}

TEST_P(Beneath, WaysOutAreRefused) {
  for (const std::string path : {"..", "../outside", "a/..", "a/../top", "a/b/../../top", "/etc/hostname", "/"}) {
    EXPECT_EQ(kind_of(open(path)), ErrorKind::permission_denied) << path;
  }
  EXPECT_EQ(kind_of(open(scratch_.path("root/top"))), ErrorKind::permission_denied);
}

TEST_P(Beneath, OddPathsAreTypedErrors) {
  for (const std::string path : {"", "a//b/deep", "top/", "a/"}) {
    EXPECT_EQ(kind_of(open(path)), ErrorKind::invalid_argument) << path;
  }
  EXPECT_EQ(kind_of(open(std::string_view("t\0p", 3))), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(open(std::string(300, 'n'))), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(open(std::string(300, 'n') + "/x")), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(open(std::string(5000, 'n'))), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(open("missing")), ErrorKind::not_found);
  EXPECT_EQ(kind_of(open("missing/top")), ErrorKind::not_found);
  EXPECT_EQ(kind_of(open("top/below")), ErrorKind::not_found);
  EXPECT_EQ(kind_of(open(".")), ErrorKind::wrong_file_type);
  EXPECT_EQ(kind_of(open("a")), ErrorKind::wrong_file_type);
  EXPECT_EQ(kind_of(open("a", Mode::write)), ErrorKind::wrong_file_type);
  ASSERT_EQ(mkfifo(scratch_.path("root/pipe").c_str(), 0600), 0);
  EXPECT_EQ(kind_of(open("pipe")), ErrorKind::wrong_file_type);
  static_cast<void>(scratch_.file("root/...", "name"));
  EXPECT_EQ(read_at(open("...").value(), 0, 4), "name");  // three dots lead nowhere
}

TEST_P(Beneath, RootIsTrusted) {
  link("alias", "root");
  EXPECT_EQ(read_at(Mmap::open_beneath(scratch_.path("alias"), "top").value(), 0, 10), "at the top");
  EXPECT_EQ(read_at(Mmap::open_beneath(scratch_.path("alias") + "/../root/", "top").value(), 0, 10), "at the top");
  EXPECT_EQ(kind_of(Mmap::open_beneath(scratch_.path("missing"), "top")), ErrorKind::not_found);
  EXPECT_EQ(kind_of(Mmap::open_beneath("", "top")), ErrorKind::not_found);
  EXPECT_EQ(kind_of(Mmap::open_beneath(scratch_.path("outside"), "top")), ErrorKind::not_found);
  EXPECT_EQ(kind_of(Mmap::open_beneath(std::string_view("a\0b", 3), "top")), ErrorKind::invalid_argument);
}

TEST_P(Beneath, DirectoriesNeedOnlyBePassed) {
  ASSERT_EQ(chmod(scratch_.path("root/a").c_str(), 0311), 0);
  const WithoutRoot without_root;
  EXPECT_EQ(read_at(open("a/b/deep").value(), 0, 4), "deep");
}

TEST_P(Beneath, NothingIsKept) {
  const std::size_t before = open_descriptors();
  const Mmap mmap = open("a/b/deep").value();
  EXPECT_EQ(open_descriptors(), before);
}

// Whatever is put in the way while it is gone: the file outside is never opened.
TEST_P(Beneath, DirectoryThatBecomesALinkIsNotFollowed) {
  mkdir(scratch_.path("elsewhere").c_str(), 0755);
  static_cast<void>(scratch_.file("elsewhere/deep", "not this one"));
  link("root/a/other", scratch_.path("elsewhere"));
  const std::string directory = scratch_.path("root/a/b");
  const std::string other = scratch_.path("root/a/other");
  std::atomic<bool> ended{false};
  std::atomic<int> exchanged{0};
  std::jthread changer([&] {
    constexpr unsigned exchange = 2;
    while (!ended) {
      exchanged += syscall(SYS_renameat2, AT_FDCWD, directory.c_str(), AT_FDCWD, other.c_str(), exchange) == 0;
    }
  });
  int opened = 0;
  int refused = 0;
  for (int i = 0; i < 20'000 && (i < 300 || opened == 0 || refused == 0); ++i) {
    const auto result = open("a/b/deep");
    if (result) {
      ++opened;
      ASSERT_EQ(read_at(*result, 0, 10), "deep below");
    } else {
      ++refused;
      // It may be a directory again when the walk looks for the reason.
      ASSERT_TRUE(kind_of(result) == ErrorKind::permission_denied || kind_of(result) == ErrorKind::not_found)
          << message_of(result);
    }
  }
  ended = true;
  changer.join();
  EXPECT_GT(exchanged, 0);
  EXPECT_GT(opened, 0);
  EXPECT_GT(refused, 0);
}

INSTANTIATE_TEST_SUITE_P(Way, Beneath, testing::Values(0, ENOSYS, EPERM), [](const auto& info) {
  return info.param == 0 ? "SystemCall" : info.param == ENOSYS ? "OlderKernel" : "Filtered";
});

TEST_F(SystemCallsFail, OpenBeneath) {
  const auto slash = path_.rfind('/');
  const std::string root = path_.substr(0, slash);
  const std::string name = path_.substr(slash + 1);
  const Exceptions walked = [](Call call, int os, ErrorKind& kind) {
    if (call == Call::openat2 && (os == ENOSYS || os == EPERM || os == EAGAIN)) kind = {};  // the way is walked
  };
  every_call_fails([&] { return outcome(Mmap::open_beneath(root, name, Mode::write)); }, walked);
  const auto above = root.rfind('/');
  every_call_fails(
      [&] {
        system_calls.openat2 = [](int, const char*, int, std::uint64_t) {
          errno = ENOSYS;
          return -1;
        };
        return outcome(Mmap::open_beneath(root.substr(0, above), root.substr(above + 1) + "/" + name, Mode::write));
      },
      walked);
}

}  // namespace
}  // namespace stdbind::tests
