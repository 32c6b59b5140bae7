// Readers of one handle, while other threads resize and close it and its file is truncated and written again: every
// call has an answer, every byte is one that the file had, and nothing is left. The thread sanitizer runs this too.
#include <fcntl.h>
#include <stdbind/abi.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <random>
#include <set>
#include <thread>

#include "support.hpp"

namespace stdbind::tests {

namespace {

constexpr std::size_t pages = 16;
constexpr int readers = 4;

// How often the handle is closed and another opened; long runs ask for more.
int rounds() {
  const char* text = std::getenv("STDBIND_RACE_ROUNDS");
  return text == nullptr ? 60 : std::atoi(text);
}

char byte_at(std::size_t place) { return static_cast<char>(1 + place % 251); }  // never 0: that is a hole

// What the threads share.
class Race {
 public:
  Race() : path_(scratch_.file("a.bin", whole())) {}

  void run() {
    std::vector<std::thread> threads;
    open();
    for (unsigned seed = 0; seed < readers; ++seed) threads.emplace_back([this, seed] { read(seed); });
    threads.emplace_back([this] { view(); });
    threads.emplace_back([this] { resize(); });
    threads.emplace_back([this] { change_file(); });
    for (int round = 0; round < rounds(); ++round) {
      const std::int64_t goal = reads + 40;
      while (reads < goal) std::this_thread::yield();
      close();
      open();
    }
    done_ = true;
    for (auto& thread : threads) thread.join();
    close();
  }

  std::atomic<std::int64_t> reads = 0;
  std::atomic<std::int64_t> good_reads = 0;
  std::atomic<std::int64_t> resizes = 0;
  std::atomic<std::int64_t> views = 0;
  std::atomic<std::int64_t> faults = 0;
  std::atomic<std::int64_t> closed = 0;

 private:
  static std::string whole() {
    std::string content(pages * page(), '\0');
    for (std::size_t i = 0; i < content.size(); ++i) content[i] = byte_at(i);
    return content;
  }

  static void allow(const char* what, std::int64_t answer, const std::set<std::int64_t>& kinds) {
    if (answer >= 0 || kinds.contains(-answer)) return;
    std::array<char, 256> text{};
    stdbind_last_error_message(text.data(), text.size());
    ADD_FAILURE() << what << ": kind " << -answer << ": " << text.data();
  }

  void open() {
    // Whoever truncates may just have left less than a byte to begin with; a length of 0 can be mapped too.
    const auto handle = stdbind_mmap_open_path_with(path_.c_str(), -1, STDBIND_MODE_WRITE, 0, -1, 0, STDBIND_OPEN_GROW);
    ASSERT_GT(handle, 0);
    handle_ = handle;
  }

  void close() {
    const std::int64_t handle = handle_;
    std::int64_t answer = 0;
    while ((answer = stdbind_mmap_close(handle)) == -STDBIND_ERROR_BUSY) std::this_thread::yield();
    EXPECT_EQ(answer, 1);
    char byte = 0;
    EXPECT_EQ(stdbind_mmap_read_at(handle, 0, &byte, 1), -STDBIND_ERROR_CLOSED);
    EXPECT_EQ(stdbind_mmap_close(handle), -STDBIND_ERROR_CLOSED);
  }

  void read(unsigned seed) {
    std::minstd_rand random(seed + 1);
    std::array<char, 96> buffer{};
    while (!done_) {
      const std::size_t offset = random() % (pages * page());
      const auto answer =
          stdbind_mmap_read_at(handle_, static_cast<std::int64_t>(offset), buffer.data(), buffer.size());
      allow("read_at", answer, {STDBIND_ERROR_CLOSED, STDBIND_ERROR_OUT_OF_BOUNDS, STDBIND_ERROR_FAULT});
      ++reads;
      if (answer == -STDBIND_ERROR_FAULT) ++faults;
      if (answer == -STDBIND_ERROR_CLOSED) ++closed;
      if (answer < 0) continue;
      ++good_reads;
      for (std::size_t i = 0; i < buffer.size(); ++i) {
        if (buffer[i] != 0 && buffer[i] != byte_at(offset + i)) {
          ADD_FAILURE() << "the byte at " << offset + i << " was never there";
          return;
        }
      }
    }
  }

  // Views are not looked into: a page may be gone, and that would end the process.
  void view() {
    while (!done_) {
      const std::int64_t handle = handle_;
      std::int64_t address = 0;
      const auto length = stdbind_mmap_view_begin(handle, 0, -1, &address);
      allow("view_begin", length, {STDBIND_ERROR_CLOSED});
      if (length >= 0) {
        EXPECT_NE(address, 0);
        EXPECT_GE(stdbind_mmap_view_end(handle), 0) << "a mapping that is pinned was closed";
        ++views;
      }
      std::this_thread::yield();
    }
  }

  void resize() {
    std::minstd_rand random(99);
    while (!done_) {
      const auto length = static_cast<std::int64_t>(random() % (pages * page() + 1));
      const auto answer = stdbind_mmap_resize(handle_, length);
      allow("resize", answer, {STDBIND_ERROR_CLOSED, STDBIND_ERROR_BUSY});
      if (answer > 0) ++resizes;
      std::this_thread::yield();
    }
  }

  void change_file() {
    std::minstd_rand random(7);
    const auto content = whole();
    const int fd = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
    ASSERT_GE(fd, 0);
    while (!done_) {
      EXPECT_EQ(::ftruncate(fd, static_cast<off_t>(random() % content.size())), 0);
      std::this_thread::yield();
      EXPECT_EQ(::pwrite(fd, content.data(), content.size(), 0), static_cast<ssize_t>(content.size()));
      std::this_thread::yield();
    }
    ::close(fd);
  }

  Scratch scratch_;
  std::string path_;
  std::atomic<std::int64_t> handle_ = 0;
  std::atomic<bool> done_ = false;
};

}  // namespace

TEST(Race, ReadersGoOnBesideCloseResizeAndTruncation) {
  const auto handles = stdbind_live_handles();
  const auto descriptors = open_descriptors();
  {
    Race race;
    race.run();
    // Otherwise nothing was tried.
    EXPECT_GT(race.good_reads, 0);
    EXPECT_GT(race.resizes, 0);
    EXPECT_GT(race.views, 0);
    std::printf("reads %lld (%lld faults, %lld closed), resizes %lld, views %lld\n", static_cast<long long>(race.reads),
                static_cast<long long>(race.faults), static_cast<long long>(race.closed),
                static_cast<long long>(race.resizes), static_cast<long long>(race.views));
  }
  EXPECT_EQ(stdbind_live_handles(), handles);
  EXPECT_EQ(open_descriptors(), descriptors);
  EXPECT_EQ(mapped_ranges("a.bin"), 0U);
}

}  // namespace stdbind::tests
