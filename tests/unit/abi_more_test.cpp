// The second part of the flat interface: options, named and sealed memory, resizing, protection, updates, prefaults.
#include <stdbind/abi.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "support.hpp"

namespace stdbind::tests {
namespace {

class AbiMore : public testing::Test {
 protected:
  AbiMore() : path_(scratch_.file("f", std::string(10000, 'a'))) {}
  ~AbiMore() override { EXPECT_EQ(stdbind_live_handles(), live_); }

  stdbind_mmap open(std::int64_t mode, std::int64_t options) {
    return stdbind_mmap_open_path_with(path_.c_str(), -1, mode, 0, -1, 0, options);
  }
  std::string name() { return "stdbind-abi-" + std::to_string(::getpid()); }

  std::int64_t live_ = stdbind_live_handles();
  Scratch scratch_;
  std::string path_;
};

TEST_F(AbiMore, EveryCallChecksItsHandle) {
  const stdbind_mmap closed = open(STDBIND_MODE_WRITE, STDBIND_OPEN_NONE);
  ASSERT_EQ(stdbind_mmap_close(closed), 1);
  const auto answers = [&](std::int64_t handle, std::int64_t kind) {
    EXPECT_EQ(stdbind_mmap_descriptor(handle), -kind);
    EXPECT_EQ(stdbind_mmap_resize(handle, 1), -kind);
    EXPECT_EQ(stdbind_mmap_protect(handle, STDBIND_MODE_READ), -kind);
    EXPECT_EQ(stdbind_mmap_make_executable(handle), -kind);
    EXPECT_EQ(stdbind_mmap_lock(handle, 0, -1), -kind);
    EXPECT_EQ(stdbind_mmap_unlock(handle, 0, -1), -kind);
    EXPECT_EQ(stdbind_mmap_resident(handle, 0, -1), -kind);
    EXPECT_EQ(stdbind_mmap_is_mapped(handle), -kind);
    EXPECT_EQ(stdbind_mmap_update(handle, 0, "x", 1), -kind);
    EXPECT_EQ(stdbind_mmap_flush_async(handle, 0, -1), -kind);
    EXPECT_EQ(stdbind_mmap_is_stale(handle), -kind);
    EXPECT_EQ(stdbind_prefault_start(handle, 0, -1, -1), -kind);
  };
  answers(closed, STDBIND_ERROR_CLOSED);
  answers(0, STDBIND_ERROR_INVALID_ARGUMENT);
  answers(-1, STDBIND_ERROR_INVALID_ARGUMENT);
  answers(0x7FFFFFFFFFFFFFFF, STDBIND_ERROR_INVALID_ARGUMENT);
  for (const std::int64_t handle : {std::int64_t{0}, std::int64_t{-1}, closed}) {
    EXPECT_EQ(stdbind_prefault_done(handle), -STDBIND_ERROR_INVALID_ARGUMENT);  // a mapping is no prefault
    EXPECT_EQ(stdbind_prefault_total(handle), -STDBIND_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(stdbind_prefault_wait(handle, 0), -STDBIND_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(stdbind_prefault_cancel(handle), -STDBIND_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(stdbind_prefault_close(handle), -STDBIND_ERROR_INVALID_ARGUMENT);
  }
}

TEST_F(AbiMore, TextsAreChecked) {
  std::array<char, 8> buffer{};
  for (const std::int64_t length : {-1, 0, 5}) {
    EXPECT_EQ(stdbind_mmap_open_beneath(nullptr, length, "f", -1, 1, 0, -1, 0), -STDBIND_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(stdbind_mmap_open_beneath("/", -1, nullptr, length, 1, 0, -1, 0), -STDBIND_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(stdbind_mmap_create_path(nullptr, length, 2, 1, 0), -STDBIND_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(stdbind_mmap_create_named(nullptr, length, 2, 1), -STDBIND_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(stdbind_mmap_open_named(nullptr, length, 1, 0, -1), -STDBIND_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(stdbind_mmap_unlink_named(nullptr, length), -STDBIND_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(stdbind_read_direct(nullptr, length, 0, buffer.data(), 0), -STDBIND_ERROR_INVALID_ARGUMENT);
  }
  EXPECT_EQ(stdbind_mmap_open_path_with("f", -2, 1, 0, -1, 0, 0), -STDBIND_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(stdbind_mmap_unlink_named("f", -2), -STDBIND_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(stdbind_read_direct(path_.c_str(), -1, 0, nullptr, 4096), -STDBIND_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(stdbind_read_direct(path_.c_str(), -1, 0, buffer.data(), -1), -STDBIND_ERROR_INVALID_ARGUMENT);
}

TEST_F(AbiMore, CreatedFileGrowsWithItsMapping) {
  const std::string made = scratch_.path("made");
  const stdbind_mmap m = stdbind_mmap_create_path(made.c_str(), -1, STDBIND_MODE_WRITE, 100, STDBIND_OPEN_GROW);
  ASSERT_GE(m, 1);
  EXPECT_EQ(stdbind_mmap_create_path(made.c_str(), -1, STDBIND_MODE_WRITE, 100, 0), -STDBIND_ERROR_ALREADY_EXISTS);
  EXPECT_EQ(stdbind_mmap_resize(m, 5000), 1);
  EXPECT_EQ(stdbind_mmap_length(m), 5000);
  EXPECT_EQ(stdbind_mmap_write_at(m, 4999, "z", 1), 1);
  EXPECT_EQ(stdbind_mmap_resize(m, -1), -STDBIND_ERROR_INVALID_ARGUMENT);
  std::int64_t address = 0;
  EXPECT_EQ(stdbind_mmap_view_begin(m, 0, -1, &address), 5000);
  EXPECT_EQ(stdbind_mmap_resize(m, 1), -STDBIND_ERROR_BUSY);
  EXPECT_EQ(stdbind_mmap_view_end(m), 0);
  EXPECT_EQ(stdbind_mmap_close(m), 1);
  EXPECT_EQ(content(made), std::string(4999, '\0') + 'z');
}

TEST_F(AbiMore, NamedMemoryIsFoundByItsName) {
  const stdbind_mmap m = stdbind_mmap_create_named(name().c_str(), -1, STDBIND_MODE_WRITE, 100);
  ASSERT_GE(m, 1);
  const stdbind_mmap other = stdbind_mmap_open_named(name().c_str(), -1, STDBIND_MODE_READ, 50, -1);
  ASSERT_GE(other, 1);
  EXPECT_EQ(stdbind_mmap_write_at(m, 50, "here", 4), 4);
  std::array<char, 4> buffer{};
  EXPECT_EQ(stdbind_mmap_read_at(other, 0, buffer.data(), 4), 4);
  EXPECT_EQ(std::string_view(buffer.data(), 4), "here");
  EXPECT_EQ(stdbind_mmap_unlink_named(name().c_str(), -1), 1);
  EXPECT_EQ(stdbind_mmap_unlink_named(name().c_str(), -1), -STDBIND_ERROR_NOT_FOUND);
  EXPECT_EQ(stdbind_mmap_close(m), 1);
  EXPECT_EQ(stdbind_mmap_close(other), 1);
}

TEST_F(AbiMore, SealedMemoryIsHandedOverByItsDescriptor) {
  const stdbind_mmap m = stdbind_mmap_open_sealed(8192, STDBIND_MODE_WRITE);
  ASSERT_GE(m, 1);
  const std::int64_t fd = stdbind_mmap_descriptor(m);
  ASSERT_GE(fd, 0);
  EXPECT_EQ(::ftruncate(static_cast<int>(fd), 1), -1);
  const stdbind_mmap other = stdbind_mmap_open_fd_with(fd, STDBIND_MODE_WRITE, 0, -1, 0, 0);
  ::close(static_cast<int>(fd));
  ASSERT_GE(other, 1);
  EXPECT_EQ(stdbind_mmap_write_at(other, 0, "x", 1), 1);
  char byte = 0;
  EXPECT_EQ(stdbind_mmap_read_at(m, 0, &byte, 1), 1);
  EXPECT_EQ(byte, 'x');
  EXPECT_EQ(stdbind_mmap_close(m), 1);
  EXPECT_EQ(stdbind_mmap_close(other), 1);
}

TEST_F(AbiMore, MoreSharedMemoryThanThereIsIsRefused) {
  for (const int bits : {40, 59, 62}) {  // the system would try, and end a process when it has none left
    const std::int64_t length = std::int64_t{1} << bits;
    EXPECT_EQ(stdbind_mmap_open_sealed(length, STDBIND_MODE_WRITE), -STDBIND_ERROR_NO_MEMORY);
    // Named memory lies in a file system, whose own limit may be the lower one.
    const std::int64_t named = stdbind_mmap_create_named(name().c_str(), -1, STDBIND_MODE_WRITE, length);
    EXPECT_TRUE(named == -STDBIND_ERROR_NO_MEMORY || named == -STDBIND_ERROR_NO_SPACE) << named;
    EXPECT_EQ(stdbind_mmap_unlink_named(name().c_str(), -1), -STDBIND_ERROR_NOT_FOUND);
  }
}

TEST_F(AbiMore, ProtectionChanges) {
  const stdbind_mmap m = stdbind_mmap_open_anonymous_with(100, STDBIND_MODE_WRITE | STDBIND_MODE_COW, 0, 0);
  ASSERT_GE(m, 1);
  EXPECT_EQ(stdbind_mmap_protect(m, STDBIND_MODE_READ), 1);
  EXPECT_EQ(stdbind_mmap_mode(m), STDBIND_MODE_READ | STDBIND_MODE_COW);
  EXPECT_EQ(stdbind_mmap_write_at(m, 0, "x", 1), -STDBIND_ERROR_NOT_WRITABLE);
  EXPECT_EQ(stdbind_mmap_protect(m, STDBIND_MODE_EXEC), -STDBIND_ERROR_PERMISSION_DENIED);
  EXPECT_EQ(stdbind_mmap_make_executable(m), 1);
  EXPECT_EQ(stdbind_mmap_mode(m), STDBIND_MODE_READ | STDBIND_MODE_EXEC | STDBIND_MODE_COW);
  EXPECT_EQ(stdbind_mmap_close(m), 1);
}

TEST_F(AbiMore, LocksAndResidency) {
  const stdbind_mmap m = open(STDBIND_MODE_READ, STDBIND_OPEN_POPULATE);
  ASSERT_GE(m, 1);
  EXPECT_EQ(stdbind_mmap_resident(m, 0, -1), 10000);
  EXPECT_EQ(stdbind_mmap_lock(m, 0, 100), 1);
  EXPECT_EQ(stdbind_mmap_unlock(m, 0, 100), 1);
  EXPECT_EQ(stdbind_mmap_is_mapped(m), 1);
  EXPECT_EQ(stdbind_mmap_close(m), 1);
}

TEST_F(AbiMore, LongFilesAreReadByPosition) {
  const std::int64_t before = stdbind_set_positioned_limit(9999);
  const stdbind_mmap m = open(STDBIND_MODE_READ, STDBIND_OPEN_NONE);
  EXPECT_EQ(stdbind_set_positioned_limit(before), 9999);
  ASSERT_GE(m, 1);
  EXPECT_EQ(stdbind_mmap_is_mapped(m), 0);
  char byte = 0;
  EXPECT_EQ(stdbind_mmap_read_at(m, 9999, &byte, 1), 1);
  EXPECT_EQ(byte, 'a');
  std::int64_t address = 0;
  EXPECT_EQ(stdbind_mmap_view_begin(m, 0, 1, &address), -STDBIND_ERROR_UNSUPPORTED);
  EXPECT_EQ(stdbind_mmap_close(m), 1);
  EXPECT_EQ(stdbind_set_positioned_limit(-2), -STDBIND_ERROR_INVALID_ARGUMENT);
}

TEST_F(AbiMore, UpdateIsSeenInMappingAndFile) {
  const stdbind_mmap m = open(STDBIND_MODE_WRITE, STDBIND_OPEN_UPDATE);
  ASSERT_GE(m, 1);
  EXPECT_EQ(stdbind_mmap_update(m, 9998, "xy", 2), 2);
  EXPECT_EQ(stdbind_mmap_update(m, 9999, "xy", 2), -STDBIND_ERROR_OUT_OF_BOUNDS);
  EXPECT_EQ(stdbind_mmap_update(m, 0, nullptr, 2), -STDBIND_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(stdbind_mmap_flush_async(m, 0, -1), 1);
  std::array<char, 2> buffer{};
  EXPECT_EQ(stdbind_mmap_read_at(m, 9998, buffer.data(), 2), 2);
  EXPECT_EQ(std::string_view(buffer.data(), 2), "xy");
  EXPECT_EQ(stdbind_mmap_close(m), 1);
  EXPECT_EQ(content(path_), std::string(9998, 'a') + "xy");
}

TEST_F(AbiMore, WatchedMappingBecomesStale) {
  const stdbind_mmap m = open(STDBIND_MODE_READ, STDBIND_OPEN_WATCH | STDBIND_OPEN_STRICT);
  ASSERT_GE(m, 1);
  EXPECT_EQ(stdbind_mmap_is_stale(m), 0);
  ASSERT_EQ(::truncate(path_.c_str(), 5000), 0);
  EXPECT_EQ(stdbind_mmap_is_stale(m), 1);
  char byte = 0;
  EXPECT_EQ(stdbind_mmap_read_at(m, 0, &byte, 1), -STDBIND_ERROR_STALE);
  EXPECT_EQ(stdbind_mmap_close(m), 1);
  const stdbind_mmap unwatched = open(STDBIND_MODE_READ, STDBIND_OPEN_NONE);
  EXPECT_EQ(stdbind_mmap_is_stale(unwatched), -STDBIND_ERROR_UNSUPPORTED);
  EXPECT_EQ(stdbind_mmap_close(unwatched), 1);
}

TEST_F(AbiMore, PrefaultReachesItsTotal) {
  const stdbind_mmap m = open(STDBIND_MODE_READ, STDBIND_OPEN_NONE);
  ASSERT_GE(m, 1);
  const stdbind_prefault p = stdbind_prefault_start(m, 1, -1, -1);
  ASSERT_GE(p, 1);
  EXPECT_EQ(stdbind_mmap_length(p), -STDBIND_ERROR_INVALID_ARGUMENT);  // a prefault is no mapping
  EXPECT_EQ(stdbind_prefault_wait(p, -1), 1);
  EXPECT_EQ(stdbind_prefault_done(p), 9999);
  EXPECT_EQ(stdbind_prefault_total(p), 9999);
  EXPECT_EQ(stdbind_prefault_cancel(p), 1);
  EXPECT_EQ(stdbind_prefault_wait(p, 0), 1);
  EXPECT_EQ(stdbind_mmap_close(m), 1);
  EXPECT_EQ(stdbind_prefault_close(p), 1);
  EXPECT_EQ(stdbind_prefault_close(p), -STDBIND_ERROR_CLOSED);
  EXPECT_EQ(stdbind_prefault_wait(p, 0), -STDBIND_ERROR_CLOSED);
}

TEST_F(AbiMore, OpenBeneathStaysBeneath) {
  const std::string root = path_.substr(0, path_.rfind('/'));
  const stdbind_mmap m = stdbind_mmap_open_beneath(root.c_str(), -1, "f", -1, STDBIND_MODE_READ, 0, -1, 0);
  ASSERT_GE(m, 1);
  EXPECT_EQ(stdbind_mmap_close(m), 1);
  EXPECT_EQ(stdbind_mmap_open_beneath(root.c_str(), -1, "../f", -1, STDBIND_MODE_READ, 0, -1, 0),
            -STDBIND_ERROR_PERMISSION_DENIED);
}

TEST_F(AbiMore, ReadersAndAResizerTakeTurns) {
  const stdbind_mmap m = open(STDBIND_MODE_WRITE, STDBIND_OPEN_GROW);
  ASSERT_GE(m, 1);
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      std::array<char, 100> buffer{};
      while (!stop) {
        EXPECT_EQ(stdbind_mmap_read_at(m, 0, buffer.data(), 100), 100);
        EXPECT_EQ(buffer[99], 'a');
      }
    });
  }
  for (int round = 0; round < 100; ++round) EXPECT_EQ(stdbind_mmap_resize(m, round % 2 == 0 ? 100000 : 10000), 1);
  stop = true;
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(stdbind_mmap_close(m), 1);
}

}  // namespace
}  // namespace stdbind::tests
