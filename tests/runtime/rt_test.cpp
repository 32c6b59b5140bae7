// libstdbind_rt on every system: what is read and mapped, and what bad input is answered with.
#include <stdbind/rt.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "support.hpp"

namespace stdbind::tests {
namespace {

constexpr std::size_t mebibyte = 1 << 20;

struct Free {
  void operator()(void* bytes) const { rt_free(bytes); }
};
using Text = std::unique_ptr<char, Free>;
using RawBytes = std::unique_ptr<std::uint8_t, Free>;

class RuntimeSizes : public testing::TestWithParam<std::size_t> {};

TEST_P(RuntimeSizes, AllFourFunctionsGiveTheBytesAndANul) {
  const Scratch scratch;
  const std::string bytes = pattern(GetParam());
  const std::string path = scratch.file("f", bytes);
  std::int64_t length = -2;
  const Text sized(rt_file_mmap_read_text_sized(path.c_str(), &length));
  ASSERT_NE(sized, nullptr);
  ASSERT_EQ(length, static_cast<std::int64_t>(bytes.size()));
  EXPECT_EQ(std::memcmp(sized.get(), bytes.data(), bytes.size() + 1), 0);
  const Text text(rt_file_mmap_read_text(path.c_str()));
  ASSERT_NE(text, nullptr);
  EXPECT_EQ(std::memcmp(text.get(), bytes.data(), bytes.size() + 1), 0);
  length = -2;
  const RawBytes sized_bytes(rt_file_mmap_read_bytes_sized(path.c_str(), &length));
  ASSERT_NE(sized_bytes, nullptr);
  ASSERT_EQ(length, static_cast<std::int64_t>(bytes.size()));
  EXPECT_EQ(std::memcmp(sized_bytes.get(), bytes.data(), bytes.size() + 1), 0);
  const RawBytes plain(rt_file_mmap_read_bytes(path.c_str()));
  ASSERT_NE(plain, nullptr);
  EXPECT_EQ(std::memcmp(plain.get(), bytes.data(), bytes.size() + 1), 0);
}

TEST_P(RuntimeSizes, MappingHasTheBytesAndTheLength) {
  const Scratch scratch;
  const std::string bytes = pattern(GetParam());
  const std::string path = scratch.file("f", bytes);
  EXPECT_EQ(rt_file_size(path.c_str()), static_cast<std::int64_t>(bytes.size()));
  const std::int64_t handle = rt_file_mmap_map(path.c_str());
  ASSERT_GE(handle, 1);
  EXPECT_EQ(rt_file_mmap_length(handle), static_cast<std::int64_t>(bytes.size()));
  const std::uint8_t* const address = rt_file_mmap_address(handle);
  ASSERT_NE(address, nullptr);
  EXPECT_EQ(std::memcmp(address, bytes.data(), bytes.size()), 0);
  EXPECT_EQ(rt_file_mmap_unmap(handle), 1);
}

INSTANTIATE_TEST_SUITE_P(Runtime, RuntimeSizes,
                         testing::Values(0, 1, 4095, 4096, 4097, 65535, 65536, mebibyte - 2, mebibyte - 1, mebibyte,
                                         mebibyte + 1, 2 * mebibyte - 1, 2 * mebibyte, 2 * mebibyte + 1, 3 * mebibyte,
                                         5 * mebibyte + 12345));

/// Calls every function that takes a path; each must fail with this number.
void all_fail(const char* path, int number, bool has_size = false) {
  std::int64_t length = 7;
  errno = 0;
  EXPECT_EQ(rt_file_mmap_read_text(path), nullptr);
  EXPECT_EQ(errno, number);
  errno = 0;
  EXPECT_EQ(rt_file_mmap_read_bytes(path), nullptr);
  EXPECT_EQ(errno, number);
  errno = 0;
  EXPECT_EQ(rt_file_mmap_read_text_sized(path, &length), nullptr);
  EXPECT_EQ(errno, number);
  EXPECT_EQ(length, -1);
  length = 7;
  errno = 0;
  EXPECT_EQ(rt_file_mmap_read_bytes_sized(path, &length), nullptr);
  EXPECT_EQ(errno, number);
  EXPECT_EQ(length, -1);
  EXPECT_EQ(rt_file_mmap_read_text_sized(path, nullptr), nullptr);
  errno = 0;
  EXPECT_EQ(rt_file_mmap_map(path), -1);
  EXPECT_EQ(errno, number);
  if (has_size) return;
  errno = 0;
  EXPECT_EQ(rt_file_size(path), -1);
  EXPECT_EQ(errno, number);
}

TEST(Runtime, NullPathIsInvalid) { all_fail(nullptr, EINVAL); }

TEST(Runtime, MissingFileIsNotFound) {
  const Scratch scratch;
  all_fail(scratch.path("missing").c_str(), ENOENT);
  all_fail("", ENOENT);
}

TEST(Runtime, DirectoryIsRefused) {
  const Scratch scratch;
  all_fail(scratch.path("").c_str(), EISDIR);
}

TEST(Runtime, TextIsNeitherCheckedNorCut) {
  const Scratch scratch;
  const std::string bytes("a\0b\xFF\xC0\x80\r\n\x1A z", 11);
  const std::string path = scratch.file("f", bytes);
  std::int64_t length = 0;
  const Text text(rt_file_mmap_read_text_sized(path.c_str(), &length));
  ASSERT_NE(text, nullptr);
  EXPECT_EQ(std::string(text.get(), static_cast<std::size_t>(length)), bytes);
  EXPECT_STREQ(text.get(), "a");
}

TEST(Runtime, NamesBeyondAsciiWork) {
  const Scratch scratch;
  const std::filesystem::path name = std::filesystem::path(scratch.path("x")).parent_path() / u8"gr\u00fc\u00df.txt";
  std::filesystem::rename(scratch.file("f", "abc"), name);
  const auto utf8 = name.u8string();
  const Text text(rt_file_mmap_read_text(reinterpret_cast<const char*>(utf8.c_str())));
  ASSERT_NE(text, nullptr);
  EXPECT_STREQ(text.get(), "abc");
}

TEST(Runtime, ForgedAndReleasedHandlesTouchNothing) {
  const Scratch scratch;
  const std::string path = scratch.file("f", "abc");
  const std::int64_t handle = rt_file_mmap_map(path.c_str());
  ASSERT_GE(handle, 1);
  for (const std::int64_t wrong :
       {std::int64_t{0}, std::int64_t{-1}, handle + 1, handle + 65536, handle - 65536, -handle, std::int64_t{1} << 62U,
        std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()}) {
    errno = 0;
    EXPECT_EQ(rt_file_mmap_unmap(wrong), -1) << wrong;
    EXPECT_EQ(errno, EBADF);
    errno = 0;
    EXPECT_EQ(rt_file_mmap_address(wrong), nullptr);
    EXPECT_EQ(errno, EBADF);
    errno = 0;
    EXPECT_EQ(rt_file_mmap_length(wrong), -1);
    EXPECT_EQ(errno, EBADF);
  }
  EXPECT_EQ(std::memcmp(rt_file_mmap_address(handle), "abc", 3), 0);
  EXPECT_EQ(rt_file_mmap_unmap(handle), 1);
  errno = 0;
  EXPECT_EQ(rt_file_mmap_unmap(handle), -1);
  EXPECT_EQ(errno, EBADF);
  // The slot is used again, the handle is not.
  const std::int64_t next = rt_file_mmap_map(path.c_str());
  ASSERT_GE(next, 1);
  EXPECT_NE(next, handle);
  EXPECT_EQ(rt_file_mmap_address(handle), nullptr);
  EXPECT_EQ(rt_file_mmap_unmap(next), 1);
}

TEST(Runtime, ManyMappingsAreToldApart) {
  const Scratch scratch;
  std::vector<std::int64_t> handles;
  for (int i = 0; i < 200; ++i) {
    const std::string path = scratch.file("f" + std::to_string(i % 10), std::to_string(i % 10));
    handles.push_back(rt_file_mmap_map(path.c_str()));
    ASSERT_GE(handles.back(), 1);
    if (i % 3 == 0) {
      const auto victim = handles.begin() + i % static_cast<int>(handles.size());
      EXPECT_EQ(rt_file_mmap_unmap(*victim), 1);
      handles.erase(victim);
    }
  }
  for (const std::int64_t handle : handles) {
    EXPECT_EQ(rt_file_mmap_length(handle), 1);
    EXPECT_EQ(rt_file_mmap_unmap(handle), 1);
  }
}

TEST(Runtime, NullIsReleased) { rt_free(nullptr); }

}  // namespace
}  // namespace stdbind::tests
