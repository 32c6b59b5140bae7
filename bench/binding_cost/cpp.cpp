// What C++ programs call: Mmap::read_at, which needs no handle.
#include <vector>

#include "measure.hpp"
#include "stdbind/mmap.hpp"

int main() {
  auto mapping = stdbind::Mmap::anonymous(mapping_size);
  if (!mapping || !mapping->write_at(0, std::vector(mapping_size, std::byte{'x'}))) return 1;
  std::byte buffer[read_size] = {};
  return measure("cpp", [&](std::int64_t offset) {
    return mapping->read_at(offset, buffer) ? std::to_integer<int>(buffer[0]) : 0;
  });
}
