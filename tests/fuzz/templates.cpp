// Templates of a pack: rendered over a small view, or refused.
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "fuzz.hpp"
#include "generate/view.hpp"

namespace generate = stdbind::generate;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto view = nlohmann::ordered_json::parse(R"({
    "name": "library", "functions": [
      {"name": "first", "documentation": {"summary": "One."}, "parameters": [{"name": "a", "type": "Int"}], "last": false},
      {"name": "second", "parameters": [], "result": {"type": "Int64"}, "last": true}],
    "constants": [{"name": "ONE", "value": 1}], "types": [], "has_types": false, "names": {"list": "List"}})");
  try {
    static_cast<void>(generate::render(std::string(stdbind::fuzz::text_of(data, size)), view, "fuzz.mustache"));
  } catch (const generate::Failure& failure) {
    if (failure.status() != 2) std::abort();
  }
  return 0;
}
