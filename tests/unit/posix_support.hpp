// What the unit tests share on POSIX systems only: limits of the process, a small disk, names of shared memory.
#ifndef STDBIND_TESTS_POSIX_SUPPORT_HPP
#define STDBIND_TESTS_POSIX_SUPPORT_HPP

#include <sys/resource.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <limits>
#include <thread>

#include "support.hpp"

namespace stdbind::tests {

/// How many threads this process has.
inline std::size_t threads() {
#if defined(__SANITIZE_THREAD__)
  // The sanitizer adds one of its own with the first.
  static const bool begun = [] {
    std::thread([] {}).join();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // until the joined one is listed no more
    return true;
  }();
  static_cast<void>(begun);
#endif
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) ++count;
  return count;
}

/// Numbers that no test machine has room for, and that overflow in one width or another.
inline constexpr std::array<std::int64_t, 4> huge_numbers = {std::int64_t{1} << 31, std::int64_t{1} << 32,
                                                             std::int64_t{1} << 60,
                                                             std::numeric_limits<std::int64_t>::max()};

/// Lowers a limit of the process as long as it lives.
class Limit {
 public:
  Limit(decltype(RLIMIT_FSIZE) resource, rlim_t value) : resource_(resource) {
    EXPECT_EQ(getrlimit(resource_, &saved_), 0);
    rlimit lower = saved_;
    lower.rlim_cur = value;
    EXPECT_EQ(setrlimit(resource_, &lower), 0);
  }
  ~Limit() { EXPECT_EQ(setrlimit(resource_, &saved_), 0); }
  Limit(const Limit&) = delete;
  Limit& operator=(const Limit&) = delete;

 private:
  decltype(RLIMIT_FSIZE) resource_;
  rlimit saved_{};
};

/// A file system of 1 MiB in memory, if this process may mount one.
class SmallDisk {
 public:
  SmallDisk();
  ~SmallDisk();
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  static constexpr std::int64_t size = 1 << 20;

  [[nodiscard]] bool mounted() const { return mounted_; }
  [[nodiscard]] std::string path(std::string_view name) const { return scratch_.path("disk/" + std::string(name)); }
  /// How many bytes are left on it.
  [[nodiscard]] std::int64_t free() const;

 private:
  Scratch scratch_;
  bool mounted_ = false;
};

/// A name for shared memory that only this process uses; the memory is gone with the object.
class SharedName {
 public:
  explicit SharedName(std::string_view name);
  ~SharedName();
  SharedName(const SharedName&) = delete;
  SharedName& operator=(const SharedName&) = delete;

  [[nodiscard]] const std::string& text() const { return text_; }
  operator std::string_view() const { return text_; }
  /// Whether the system has memory of this name.
  [[nodiscard]] bool exists() const;
  /// Where the system keeps it.
  [[nodiscard]] std::string path() const { return "/dev/shm/" + text_; }

 private:
  std::string text_;
};

/// A field of the range in /proc/self/smaps that holds an address, such as "VmFlags".
std::string field_at(const void* address, const std::string& name);

inline std::int64_t pages(std::size_t count) { return static_cast<std::int64_t>(count * page()); }

}  // namespace stdbind::tests

#endif
