// Case files: whatever stands in one, each case is read or its mistake is told with file and line.
#include <cstdlib>
#include <string>

#include "conform/case_parser.hpp"
#include "fuzz.hpp"

namespace {

// The bytes of a case are worked out when it is read: with small units a second is enough for many cases.
std::string with_small_units(std::string_view source) {
  std::string text(source);
  for (std::size_t at = 0; (at = text.find("iB", at + 1)) != std::string::npos;) {
    if (std::string_view("MGT").find(text[at - 1]) != std::string_view::npos) text[at - 1] = 'K';
  }
  return text;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = with_small_units(stdbind::fuzz::text_of(data, size));
  const auto suite = stdbind::conform::parse_cases(text, "fuzz.case", "fuzz", 64);
  for (const auto& error : suite.errors) {
    if (!error.starts_with("fuzz.case:")) std::abort();
  }
  return 0;
}
