// Answers of an adapter: the first byte chooses the operation, the rest is the line.
#include <array>
#include <cstdlib>

#include "conform/protocol.hpp"
#include "conform/text.hpp"
#include "fuzz.hpp"

namespace conform = stdbind::conform;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array<std::string_view, 16> operations{"hello", "bye",  "live",  "map",  "scoped",  "len",
                                                        "read",  "seek", "tell",  "view", "read_at", "exec",
                                                        "probe", "mode", "write", "reset"};
  if (size == 0) return 0;
  const auto* form = conform::find_operation(operations[data[0] % operations.size()]);
  if (form == nullptr) std::abort();
  const auto answer = conform::parse_answer(stdbind::fuzz::text_of(data + 1, size - 1), 7, *form);
  if (!answer) {
    if (answer.error().empty()) std::abort();  // what is wrong has to be told
    return 0;
  }
  // What the runner does with the fields of an answer that was accepted.
  if (answer->status == conform::Answer::Status::Error && !conform::is_error_kind(answer->kind)) std::abort();
  if (answer->status != conform::Answer::Status::Ok) return 0;
  for (const auto word : conform::split(form->answers, ' ')) {
    const auto field = answer->fields.find(std::string(word));
    const bool by_sum = word == "data" && answer->fields.contains("crc");
    if (!word.empty() && !by_sum && field == answer->fields.end()) std::abort();
  }
  for (const auto& [key, value] : answer->fields) static_cast<void>(conform::percent_decode(value));
  return 0;
}
