// The flat interface: error numbers, the last error of a thread, handles across threads, pinned views.
#include <fcntl.h>
#include <stdbind/abi.h>
#include <unistd.h>

#include <cstring>
#include <thread>
#include <vector>

#include "support.hpp"

namespace stdbind::tests {
namespace {

std::string last_message() {
  std::string text(static_cast<std::size_t>(stdbind_last_error_message(nullptr, 0)) + 1, '\0');
  stdbind_last_error_message(text.data(), static_cast<std::int64_t>(text.size()));
  text.pop_back();
  return text;
}

std::string kind_name(std::int64_t kind) {
  char buffer[32];
  const std::int64_t size = stdbind_error_kind_name(kind, buffer, sizeof(buffer));
  return size < 0 ? "" : std::string(buffer, static_cast<std::size_t>(size));
}

class Abi : public testing::Test {
 protected:
  Abi() : path_(scratch_.file("f", "0123456789")) {}
  ~Abi() override { EXPECT_EQ(stdbind_live_handles(), live_); }

  stdbind_mmap open(std::int64_t mode = STDBIND_MODE_READ) {
    return stdbind_mmap_open_path(path_.c_str(), -1, mode, 0, -1, 0);
  }

  std::int64_t live_ = stdbind_live_handles();
  Scratch scratch_;
  std::string path_;
  char buffer_[64] = {};
};

TEST_F(Abi, WholeLifeOfAMapping) {
  const stdbind_mmap m = open(STDBIND_MODE_WRITE);
  ASSERT_GE(m, 1);
  ASSERT_LT(m, std::int64_t{1} << 56);
  EXPECT_EQ(stdbind_live_handles(), live_ + 1);
  EXPECT_EQ(stdbind_mmap_length(m), 10);
  EXPECT_EQ(stdbind_mmap_mode(m), STDBIND_MODE_WRITE);
  EXPECT_EQ(stdbind_mmap_read_at(m, 2, buffer_, 3), 3);
  EXPECT_EQ(std::string_view(buffer_, 3), "234");
  EXPECT_EQ(stdbind_mmap_write_at(m, 2, "ab", 2), 2);
  EXPECT_EQ(stdbind_mmap_read(m, buffer_, 4), 4);
  EXPECT_EQ(std::string_view(buffer_, 4), "01ab");
  EXPECT_EQ(stdbind_mmap_tell(m), 4);
  EXPECT_EQ(stdbind_mmap_seek(m, -1, STDBIND_SEEK_END), 9);
  EXPECT_EQ(stdbind_mmap_write(m, "Z", 1), 1);
  EXPECT_EQ(stdbind_mmap_read(m, buffer_, 4), 0);
  EXPECT_EQ(stdbind_mmap_probe(m, 0, -1), 1);
  EXPECT_EQ(stdbind_mmap_flush(m, 0, -1), 1);
  EXPECT_EQ(stdbind_mmap_advise(m, 0, -1, STDBIND_ADVICE_DONT_NEED), 1);
  EXPECT_EQ(stdbind_mmap_is_closed(m), 0);
  EXPECT_EQ(stdbind_mmap_close(m), 1);
  EXPECT_EQ(stdbind_mmap_is_closed(m), 1);
  EXPECT_EQ(content(path_), "01ab45678Z");
}

TEST_F(Abi, PathWithLength) {
  const std::string longer = path_ + "-and-more";
  const stdbind_mmap m =
      stdbind_mmap_open_path(longer.c_str(), static_cast<std::int64_t>(path_.size()), STDBIND_MODE_READ, 0, -1, 0);
  ASSERT_GE(m, 1);
  EXPECT_EQ(stdbind_mmap_close(m), 1);
  EXPECT_EQ(stdbind_mmap_open_path("a\0b", 3, 1, 0, -1, 0), -STDBIND_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(stdbind_mmap_open_path("a", -2, 1, 0, -1, 0), -STDBIND_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(stdbind_mmap_open_path(nullptr, -1, 1, 0, -1, 0), -STDBIND_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(stdbind_mmap_open_path(nullptr, 0, 1, 0, -1, 0), -STDBIND_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(stdbind_mmap_open_path("", 0, 1, 0, -1, 0), -STDBIND_ERROR_NOT_FOUND);
}

TEST_F(Abi, DescriptorsOutsideOfInt) {
  EXPECT_EQ(stdbind_mmap_open_fd(-1, 1, 0, -1, 0), -STDBIND_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(stdbind_mmap_open_fd(std::int64_t{1} << 32, 1, 0, -1, 0), -STDBIND_ERROR_INVALID_ARGUMENT);
  const int fd = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  const stdbind_mmap m = stdbind_mmap_open_fd(fd, STDBIND_MODE_READ, 1, 2, 0);
  ::close(fd);
  EXPECT_EQ(stdbind_mmap_length(m), 2);
  EXPECT_EQ(stdbind_mmap_close(m), 1);
}

TEST_F(Abi, Anonymous) {
  const stdbind_mmap m = stdbind_mmap_open_anonymous(100, STDBIND_MODE_WRITE, 0);
  ASSERT_GE(m, 1);
  EXPECT_EQ(stdbind_mmap_write(m, "x", 1), 1);
  EXPECT_EQ(stdbind_mmap_close(m), 1);
  EXPECT_EQ(stdbind_mmap_open_anonymous(0, STDBIND_MODE_WRITE, 0), -STDBIND_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(stdbind_mmap_open_anonymous(1, 1 << 20, 0), -STDBIND_ERROR_INVALID_ARGUMENT);
}

TEST_F(Abi, EveryCallChecksItsHandle) {
  const stdbind_mmap closed = open(STDBIND_MODE_WRITE);
  ASSERT_EQ(stdbind_mmap_close(closed), 1);
  const auto answers = [&](stdbind_mmap m, std::int64_t kind) {
    std::int64_t address = 77;
    EXPECT_EQ(stdbind_mmap_close(m), -kind);
    EXPECT_EQ(stdbind_mmap_length(m), -kind);
    EXPECT_EQ(stdbind_mmap_mode(m), -kind);
    EXPECT_EQ(stdbind_mmap_read_at(m, 0, buffer_, 1), -kind);
    EXPECT_EQ(stdbind_mmap_write_at(m, 0, buffer_, 1), -kind);
    EXPECT_EQ(stdbind_mmap_read(m, buffer_, 1), -kind);
    EXPECT_EQ(stdbind_mmap_write(m, buffer_, 1), -kind);
    EXPECT_EQ(stdbind_mmap_seek(m, 0, STDBIND_SEEK_SET), -kind);
    EXPECT_EQ(stdbind_mmap_tell(m), -kind);
    EXPECT_EQ(stdbind_mmap_view_begin(m, 0, -1, &address), -kind);
    EXPECT_EQ(address, 77);
    EXPECT_EQ(stdbind_mmap_view_end(m), -kind);
    EXPECT_EQ(stdbind_mmap_probe(m, 0, -1), -kind);
    EXPECT_EQ(stdbind_mmap_flush(m, 0, -1), -kind);
    EXPECT_EQ(stdbind_mmap_advise(m, 0, -1, STDBIND_ADVICE_NORMAL), -kind);
    EXPECT_NE(last_message().find(std::to_string(m)), std::string::npos);
  };
  answers(closed, STDBIND_ERROR_CLOSED);
  EXPECT_EQ(stdbind_mmap_is_closed(closed), 1);
  for (const stdbind_mmap forged : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1}, INT64_MIN, INT64_MAX,
                                    closed + 1, closed + (std::int64_t{1} << 52)}) {
    answers(forged, STDBIND_ERROR_INVALID_ARGUMENT);
    EXPECT_EQ(stdbind_mmap_is_closed(forged), -STDBIND_ERROR_INVALID_ARGUMENT);
  }
}

TEST_F(Abi, BuffersAreChecked) {
  const stdbind_mmap m = open(STDBIND_MODE_WRITE);
  EXPECT_EQ(stdbind_mmap_read_at(m, 0, nullptr, 1), -STDBIND_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(stdbind_mmap_read_at(m, 0, nullptr, 0), 0);
  EXPECT_EQ(stdbind_mmap_read_at(m, 0, buffer_, -1), -STDBIND_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(stdbind_mmap_read_at(m, 0, buffer_, INT64_MIN), -STDBIND_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(stdbind_mmap_read_at(m, 0, buffer_, INT64_MAX), -STDBIND_ERROR_OUT_OF_BOUNDS);
  EXPECT_EQ(stdbind_mmap_write_at(m, 0, nullptr, 1), -STDBIND_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(stdbind_mmap_write_at(m, 0, buffer_, -1), -STDBIND_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(stdbind_mmap_read(m, nullptr, 1), -STDBIND_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(stdbind_mmap_read(m, buffer_, -1), -STDBIND_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(stdbind_mmap_write(m, nullptr, 1), -STDBIND_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(stdbind_mmap_view_begin(m, 0, -1, nullptr), -STDBIND_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(stdbind_mmap_seek(m, 0, 9), -STDBIND_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(stdbind_mmap_advise(m, 0, -1, 9), -STDBIND_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(stdbind_mmap_close(m), 1);
}

TEST_F(Abi, PinnedViewsKeepTheMappingOpen) {
  const stdbind_mmap m = open();
  std::int64_t address = 0;
  EXPECT_EQ(stdbind_mmap_view_end(m), -STDBIND_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(stdbind_mmap_view_begin(m, 4, -1, &address), 6);
  EXPECT_EQ(std::memcmp(reinterpret_cast<const void*>(address), "456789", 6), 0);
  EXPECT_EQ(stdbind_mmap_view_begin(m, 0, 1, &address), 1);
  EXPECT_EQ(stdbind_mmap_close(m), -STDBIND_ERROR_BUSY);
  EXPECT_NE(last_message().find("2 views"), std::string::npos);
  EXPECT_EQ(stdbind_mmap_is_closed(m), 0);
  EXPECT_EQ(stdbind_mmap_view_end(m), 1);
  EXPECT_EQ(stdbind_mmap_view_end(m), 0);
  EXPECT_EQ(stdbind_mmap_close(m), 1);
}

TEST_F(Abi, CloseThatTheSystemRefusesLeavesTheHandleOpen) {
  const stdbind_mmap m = open();
  {
    SystemCallsRestored restored;
    platform::system_calls.munmap = [](void*, std::size_t) {
      errno = ENOMEM;
      return -1;
    };
    EXPECT_EQ(stdbind_mmap_close(m), -STDBIND_ERROR_NO_MEMORY);
  }
  EXPECT_EQ(stdbind_mmap_is_closed(m), 0);
  EXPECT_EQ(stdbind_mmap_read_at(m, 0, buffer_, 1), 1);
  EXPECT_EQ(stdbind_mmap_close(m), 1);
}

TEST_F(Abi, LastErrorTellsTheRest) {
  const std::string missing = scratch_.path("missing");
  ASSERT_EQ(stdbind_mmap_open_path(missing.c_str(), -1, 1, 0, -1, 0), -STDBIND_ERROR_NOT_FOUND);
  EXPECT_EQ(stdbind_last_error_os(), ENOENT);
  const std::string text = last_message();
  EXPECT_NE(text.find("missing"), std::string::npos);
  EXPECT_NE(text.find("No such file"), std::string::npos);

  std::memset(buffer_, '#', sizeof(buffer_));
  EXPECT_EQ(stdbind_last_error_message(buffer_, 6), static_cast<std::int64_t>(text.size()));
  EXPECT_STREQ(buffer_, text.substr(0, 5).c_str());
  EXPECT_EQ(buffer_[6], '#');
  EXPECT_EQ(stdbind_last_error_message(nullptr, 5), -STDBIND_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(stdbind_last_error_message(buffer_, -1), -STDBIND_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(last_message(), text);  // asking does not change the answer

  EXPECT_EQ(stdbind_mmap_length(0), -STDBIND_ERROR_INVALID_ARGUMENT);
  EXPECT_EQ(stdbind_last_error_os(), 0);
  const stdbind_mmap m = open();
  EXPECT_NE(last_message(), "");  // success leaves it
  EXPECT_EQ(stdbind_mmap_close(m), 1);
}

TEST_F(Abi, LastErrorIsCutAtAWholeCharacter) {
  const std::string missing = "é";
  ASSERT_LT(stdbind_mmap_open_path(missing.c_str(), -1, 1, 0, -1, 0), 0);
  const std::string text = last_message();
  const auto at = static_cast<std::int64_t>(text.find("é"));
  stdbind_last_error_message(buffer_, at + 2);  // room for one of the two bytes
  EXPECT_EQ(std::string(buffer_), text.substr(0, static_cast<std::size_t>(at)));
  stdbind_last_error_message(buffer_, at + 3);
  EXPECT_EQ(std::string(buffer_), text.substr(0, static_cast<std::size_t>(at)) + "é");
}

TEST_F(Abi, LastErrorBelongsToTheThread) {
  ASSERT_LT(stdbind_mmap_length(0), 0);
  const std::string mine = last_message();
  std::jthread([&] {
    EXPECT_EQ(stdbind_last_error_message(nullptr, 0), 0);
    EXPECT_EQ(stdbind_last_error_os(), 0);
    EXPECT_LT(stdbind_mmap_open_anonymous(-5, 0, 0), 0);
    EXPECT_NE(last_message(), mine);
  }).join();
  EXPECT_EQ(last_message(), mine);
}

TEST_F(Abi, KindsHaveNames) {
  EXPECT_EQ(kind_name(STDBIND_ERROR_NOT_FOUND), "not_found");
  EXPECT_EQ(kind_name(-STDBIND_ERROR_NOT_FOUND), "not_found");
  EXPECT_EQ(stdbind_error_kind_name(2, buffer_, 4), 9);
  EXPECT_STREQ(buffer_, "not");
  EXPECT_EQ(stdbind_error_kind_name(2, nullptr, 0), 9);
  for (const std::int64_t kind : {std::int64_t{0}, std::int64_t{22}, std::int64_t{-22}, INT64_MIN, INT64_MAX}) {
    EXPECT_EQ(stdbind_error_kind_name(kind, buffer_, 8), -STDBIND_ERROR_INVALID_ARGUMENT);
  }
  EXPECT_EQ(stdbind_error_kind_name(2, nullptr, 4), -STDBIND_ERROR_INVALID_ARGUMENT);
}

TEST_F(Abi, TableNeedsAVersionThatExists) {
  EXPECT_NE(stdbind_api_table(STDBIND_ABI_VERSION), nullptr);
  EXPECT_NE(stdbind_api_table(0), nullptr);
  EXPECT_EQ(stdbind_api_table(STDBIND_ABI_VERSION + 1), nullptr);
}

TEST_F(Abi, FaultIsAnErrorAndTheHandleLives) {
  const stdbind_mmap m = open(STDBIND_MODE_WRITE);
  ASSERT_EQ(truncate(path_.c_str(), 0), 0);
  EXPECT_EQ(stdbind_mmap_read_at(m, 0, buffer_, 1), -STDBIND_ERROR_FAULT);
  EXPECT_EQ(stdbind_mmap_write_at(m, 0, buffer_, 1), -STDBIND_ERROR_FAULT);
  EXPECT_EQ(stdbind_mmap_probe(m, 0, -1), -STDBIND_ERROR_FAULT);
  EXPECT_EQ(stdbind_mmap_length(m), 10);
  EXPECT_EQ(stdbind_mmap_close(m), 1);
}

TEST_F(Abi, CloseBesideCallsOfOtherThreads) {
  for (int round = 0; round < 40; ++round) {
    const stdbind_mmap m = open();
    std::atomic<int> running{0};
    std::atomic<int> closers{0};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&, i] {
        ++running;
        char bytes[10];
        for (;;) {
          const std::int64_t read = stdbind_mmap_read_at(m, 0, bytes, 10);
          if (read == -STDBIND_ERROR_CLOSED) break;
          ASSERT_EQ(read, 10);
          ASSERT_EQ(std::memcmp(bytes, "0123456789", 10), 0);
          std::int64_t address = 0;
          const std::int64_t viewed = stdbind_mmap_view_begin(m, 0, -1, &address);
          if (viewed == -STDBIND_ERROR_CLOSED) break;
          ASSERT_EQ(viewed, 10);
          ASSERT_EQ(*reinterpret_cast<const char*>(address), '0');  // pinned: it is there whoever closes
          ASSERT_GE(stdbind_mmap_view_end(m), 0);
          if (i == 2) {
            const std::int64_t closed = stdbind_mmap_close(m);
            if (closed == 1) ++closers;
            ASSERT_TRUE(closed == 1 || closed == -STDBIND_ERROR_BUSY || closed == -STDBIND_ERROR_CLOSED) << closed;
          }
        }
      });
    }
    while (running < 3) std::this_thread::yield();
    for (;;) {
      const std::int64_t closed = stdbind_mmap_close(m);
      if (closed == -STDBIND_ERROR_BUSY) continue;
      if (closed == 1) ++closers;
      break;
    }
    threads.clear();
    ASSERT_EQ(closers, 1);
    ASSERT_EQ(stdbind_live_handles(), live_);
    ASSERT_EQ(mapped_ranges(path_), 0U);
  }
}

}  // namespace
}  // namespace stdbind::tests
