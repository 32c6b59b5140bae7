// The call that every binding makes: stdbind_mmap_read_at of the shared library.
#include "stdbind/abi.h"
#include "measure.hpp"

int main() {
  const auto mapping = stdbind_mmap_open_anonymous(mapping_size, STDBIND_MODE_WRITE, 0);
  unsigned char page[4096];
  for (auto& byte : page) byte = 'x';
  for (std::int64_t at = 0; at < mapping_size; at += 4096) stdbind_mmap_write_at(mapping, at, page, sizeof page);
  unsigned char buffer[read_size] = {};
  const int result = measure("abi", [&](std::int64_t offset) {
    return stdbind_mmap_read_at(mapping, offset, buffer, read_size) == read_size ? buffer[0] : 0;
  });
  stdbind_mmap_close(mapping);
  return result;
}
