// What the unit tests share on every system.
#include "support.hpp"

#include <fstream>
#include <iterator>

namespace stdbind::tests {

Scratch::~Scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string Scratch::file(std::string_view name, std::string_view content) const {
  std::string result = path(name);
  std::ofstream(result, std::ios::binary) << content;
  return result;
}

std::string pattern(std::size_t size, std::size_t start) {
  std::string result(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    const std::size_t at = start + i;
    result[i] = static_cast<char>((at * 7 + at / 256 * 31 + at / 65536) & 0xFF);
  }
  return result;
}

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string read_at(const Mmap& mmap, std::int64_t offset, std::size_t size) {
  std::string result(size, '?');
  const auto done = mmap.read_at(offset, std::as_writable_bytes(std::span(result)));
  EXPECT_TRUE(done) << done.error().message.view();
  return done ? result : std::string();
}

}  // namespace stdbind::tests
