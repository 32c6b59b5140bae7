// Case files: whatever stands in one, each case is read or its mistake is told with file and line.
#include <cstdlib>

#include "conform/case_parser.hpp"
#include "fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto suite = stdbind::conform::parse_cases(stdbind::fuzz::text_of(data, size), "fuzz.case", "fuzz", 4096);
  for (const auto& error : suite.errors) {
    if (!error.starts_with("fuzz.case:")) std::abort();
  }
  return 0;
}
