// What the unit tests share: scratch files, looking at the process from outside, and failing system calls.
#ifndef STDBIND_TESTS_SUPPORT_HPP
#define STDBIND_TESTS_SUPPORT_HPP

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <stdbind/mmap.hpp>
#include <string>
#include <string_view>

#include STDBIND_PLATFORM_CALLS

namespace stdbind {

// So that a failed comparison of kinds is readable.
inline void PrintTo(ErrorKind kind, std::ostream* out) { *out << name_of(kind); }

}  // namespace stdbind

namespace stdbind::tests {

/// A directory of its own, gone with the object.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  [[nodiscard]] std::string path(std::string_view name) const { return (directory_ / name).string(); }
  /// Writes a file and returns its path.
  [[nodiscard]] std::string file(std::string_view name, std::string_view content) const;

 private:
  std::filesystem::path directory_;
};

/// Bytes in which every position is told apart from its neighbours and from the same place in other pages.
std::string pattern(std::size_t size, std::size_t start = 0);

/// The content of a file, read without stdbind.
std::string content(const std::string& path);

std::size_t page();

/// How many descriptors the process has open.
std::size_t open_descriptors();
/// How many mapped ranges are those of a file (on Linux also of "/dev/zero": shared anonymous memory).
std::size_t mapped_ranges(std::string_view name);
/// Protection and sharing of the range that holds an address, such as "rw-s", as far as the system tells them; empty if
/// nothing is mapped there.
std::string protection_at(const void* address);
/// What protection_at says of a mapping that is as `protection` on Linux.
std::string seen_as(std::string_view protection);

/// The bytes that a successful call returned.
std::string read_at(const Mmap& mmap, std::int64_t offset, std::size_t size);
inline std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

/// A function that returns 42.
#if defined(__x86_64__) || defined(__i386__)
inline constexpr unsigned char code[] = {0xB8, 42, 0, 0, 0, 0xC3};
#elif defined(__aarch64__)
inline constexpr unsigned char code[] = {0x40, 0x05, 0x80, 0x52, 0xC0, 0x03, 0x5F, 0xD6};
#else
#error "write down a function that returns 42 for this processor"
#endif

/// The kind of an error, as a value that can be compared; 0 if it was none.
template <class T>
ErrorKind kind_of(const Result<T>& result) {
  return result ? ErrorKind{} : result.error().kind;
}

/// Puts the table of system calls back when it goes.
class SystemCallsRestored {
 public:
  SystemCallsRestored() : saved_(platform::system_calls) {}
  ~SystemCallsRestored() { platform::system_calls = saved_; }
  SystemCallsRestored(const SystemCallsRestored&) = delete;
  SystemCallsRestored& operator=(const SystemCallsRestored&) = delete;

 private:
  platform::SystemCalls saved_;
};

/// From now on a flush that reaches the system ends the test program; to be used with SystemCallsRestored.
void forbid_flushing();

/// Gives up the rights of root as long as it lives, if the tests run with them.
class WithoutRoot {
 public:
  WithoutRoot();
  ~WithoutRoot();
  WithoutRoot(const WithoutRoot&) = delete;
  WithoutRoot& operator=(const WithoutRoot&) = delete;

 private:
  bool changed_;
};

}  // namespace stdbind::tests

#endif
