// Small machines: each limit of the system is an error of its kind, and nothing is lost by it. Every test limits a
// child process, not itself.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <vector>

#include "support.hpp"

namespace stdbind::tests {
namespace {

/// Runs in a child process; the answer is the number of the check that failed, 0 if none did.
int in_child(const std::function<int()>& checks) {
  const pid_t child = fork();
  if (child == 0) _exit(checks());
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + status;
}

bool limit(decltype(RLIMIT_AS) resource, rlim_t value) {
  rlimit all{};
  if (getrlimit(resource, &all) != 0) return false;
  all.rlim_cur = value;
  return setrlimit(resource, &all) == 0;
}

/// How many bytes of addresses the process has.
rlim_t address_space() {
  std::ifstream statm("/proc/self/statm");
  rlim_t pages = 0;
  statm >> pages;
  return pages * page();
}

class Limits : public testing::Test {
 protected:
  Scratch scratch_;
  const std::string path_ = scratch_.file("f", pattern(4 * page()));
};

TEST_F(Limits, AddressSpace) {
  const std::string sparse = scratch_.file("sparse", "");
  ASSERT_EQ(truncate(sparse.c_str(), off_t{1} << 30), 0);
  EXPECT_EQ(in_child([&] {
              Mmap small = Mmap::open(path_).value();
              Mmap growing = Mmap::anonymous(100, Mode::cow | Mode::write).value();
              if (!growing.write_at(0, bytes_of("kept"))) return 9;
              if (!limit(RLIMIT_AS, address_space() + (rlim_t{32} << 20))) return 1;
              if (kind_of(Mmap::anonymous(std::int64_t{1} << 30)) != ErrorKind::no_memory) return 2;
              if (kind_of(Mmap::anonymous(std::int64_t{1} << 30, Mode::write, 0, OpenOptions::huge)) !=
                  ErrorKind::no_memory) {
                return 3;
              }
              if (sizeof(void*) == 8 && kind_of(Mmap::open(sparse)) != ErrorKind::no_memory) return 4;
              if (kind_of(growing.resize(std::int64_t{1} << 30)) != ErrorKind::no_memory) return 5;
              if (read_at(growing, 0, 4) != "kept" || growing.length() != 100) return 6;
              if (read_at(small, 0, 4 * page()) != pattern(4 * page())) return 7;
              return small.close() && growing.close() ? 0 : 8;
            }),
            0);
}

TEST_F(Limits, Descriptors) {
  EXPECT_EQ(in_child([&] {
              Mmap sealed = Mmap::open_sealed(10).value();
              const auto used = static_cast<rlim_t>(open_descriptors());
              std::vector<int> fillers;
              if (!limit(RLIMIT_NOFILE, used + 8)) return 1;
              for (int fd = dup(0); fd >= 0; fd = dup(0)) fillers.push_back(fd);
              const auto no_more = [](ErrorKind kind) { return kind == ErrorKind::too_many_open; };
              if (!no_more(kind_of(Mmap::open(path_)))) return 2;
              if (!no_more(kind_of(Mmap::create(scratch_.path("new"), Mode::write, 10)))) return 3;
              if (std::filesystem::exists(scratch_.path("new"))) return 4;
              if (!no_more(kind_of(Mmap::open_beneath(scratch_.path(""), "f")))) return 5;
              if (!no_more(kind_of(Mmap::open_sealed(10)))) return 6;
              if (!no_more(kind_of(sealed.descriptor()))) return 7;
              alignas(4096) static std::byte buffer[4096];
              if (!no_more(kind_of(read_direct(path_, 0, buffer)))) return 8;
              // With one, a mapping can be had, but not a watched one.
              close(fillers.back());
              if (!Mmap::open(path_)) return 9;
              if (!no_more(kind_of(Mmap::open(path_, Mode::read, 0, to_end, 0, OpenOptions::watch)))) return 10;
              return Mmap::open(path_, Mode::read, 0, to_end, 0, OpenOptions::update) ? 0 : 11;
            }),
            0);
}

// The system holds so many ranges in all; neighbours with equal rights count as one.
TEST_F(Limits, NumberOfMappings) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizer ends the process when it gets no mapping for itself";
#endif
  std::size_t most = 0;
  std::ifstream("/proc/sys/vm/max_map_count") >> most;
  ASSERT_GT(most, 0U);
  if (most > 200'000) GTEST_SKIP() << "this system allows " << most << " mappings, too many to be made here";
  EXPECT_EQ(in_child([&] {
              Mmap whole = Mmap::open(path_, Mode::write).value();
              std::vector<Mmap> all;
              all.reserve(most + 1);
              ErrorKind kind{};
              while (kind == ErrorKind{} && all.size() <= most) {
                auto next = Mmap::anonymous(1, all.size() % 2 == 0 ? Mode::none : Mode::read);
                kind = kind_of(next);
                if (next) all.push_back(std::move(*next));
              }
              if (kind != ErrorKind::no_memory && kind != ErrorKind::limit) return 1;
              // Advice on a part would split a range; what is there can be used and given up all the same.
              const auto advised = kind_of(whole.advise(Advice::random, 0, 1));
              if (advised != ErrorKind::limit && advised != ErrorKind::no_memory && advised != ErrorKind{}) return 2;
              const auto locked = kind_of(whole.lock(static_cast<std::int64_t>(page()), 1));
              if (locked != ErrorKind::limit && locked != ErrorKind{}) return 3;
              if (!whole.write_at(0, bytes_of("x")) || !whole.flush()) return 4;
              for (Mmap& mmap : all) {
                if (!mmap.close()) return 5;
              }
              return Mmap::open(path_) && whole.close() ? 0 : 6;
            }),
            0);
}

TEST_F(Limits, LockedMemory) {
  EXPECT_EQ(in_child([&] {
              // Past the C library: a sanitizer makes its function do nothing.
              platform::system_calls.mlock = [](const void* at, std::size_t length) {
                return static_cast<int>(syscall(SYS_mlock, at, length));
              };
              platform::system_calls.munlock = [](const void* at, std::size_t length) {
                return static_cast<int>(syscall(SYS_munlock, at, length));
              };
              if (!limit(RLIMIT_MEMLOCK, 2 * page())) return 1;
              const WithoutRoot without_root;  // for whom there is no limit
              Mmap mmap = Mmap::open(path_).value();
              const auto refused = mmap.lock();
              if (kind_of(refused) != ErrorKind::limit) return 2;
              if (refused.error().message.view().find("locked memory") == std::string_view::npos) return 3;
              const auto two = static_cast<std::int64_t>(2 * page());
              if (!mmap.lock(0, two)) return 4;
              if (kind_of(mmap.lock(two, 1)) != ErrorKind::limit) return 5;
              if (!mmap.unlock(0, 1) || !mmap.lock(two, 1)) return 6;
              return mmap.close() ? 0 : 7;
            }),
            0);
}

TEST_F(Limits, SizesOfFiles) {
  EXPECT_EQ(in_child([&] {
              Mmap mmap = Mmap::open(path_, Mode::write, 0, to_end, 0, OpenOptions::grow).value();
              if (!limit(RLIMIT_FSIZE, 5 * page())) return 1;
              if (kind_of(mmap.resize(static_cast<std::int64_t>(5 * page()) + 1)) != ErrorKind::limit) return 2;
              if (mmap.length() != static_cast<std::int64_t>(4 * page())) return 3;
              const std::string path = scratch_.path("new");
              if (kind_of(Mmap::create(path, Mode::write, std::int64_t{1} << 20)) != ErrorKind::limit) return 4;
              if (std::filesystem::exists(path)) return 5;
              return mmap.resize(static_cast<std::int64_t>(5 * page())) ? 0 : 6;
            }),
            0);
  EXPECT_EQ(content(path_).size(), 5 * page());
}

}  // namespace
}  // namespace stdbind::tests
