// Simple programs, read and checked: a tree, or errors with a place.
#include <cstdlib>

#include "fuzz.hpp"
#include "parser.hpp"

namespace simple = stdbind::simple;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto source = stdbind::fuzz::text_of(data, size);
  for (const bool parse_only : {false, true}) {
    const auto module = simple::parse(source, "fuzz.spl", {.parse_only = parse_only});
    if (!module && module.error().empty()) std::abort();
  }
  return 0;
}
