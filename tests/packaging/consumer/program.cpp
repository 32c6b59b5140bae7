// A user of the C++ interface: prints the first 9 bytes of a file.
#include <cstdio>
#include <stdbind/mmap.hpp>

int main(int count, char** arguments) {
  if (count != 2) return 2;
  auto mapping = stdbind::Mmap::open(arguments[1]);
  if (!mapping) {
    std::fprintf(stderr, "%.*s\n", static_cast<int>(mapping.error().message.view().size()),
                 mapping.error().message.view().data());
    return 1;
  }
  const auto bytes = mapping->read_bytes(9);
  std::printf("%.*s\n", static_cast<int>(bytes->size()), bytes->text().data());
  return 0;
}
