// The lines of docs/conformance-protocol.md: the operations with their fields, and how an answer is read.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stdbind::conform {

/// One operation of the protocol.
struct OperationForm {
  std::string_view name;
  std::string_view objects;   ///< fields that name an object: m and to a mapping, p a prefault
  std::string_view opens;     ///< the one of them that need not be there before
  std::string_view required;  ///< further fields, separated by blanks
  std::string_view optional;
  std::string_view answers;  ///< fields of an `ok` answer
};

/// The form of an operation, or nullptr if the protocol has none of that name.
const OperationForm* find_operation(std::string_view name);

/// Whether `word` is one of the blank-separated `words`.
bool has_word(std::string_view words, std::string_view word);

/// Whether abi.h has an error kind of that name.
bool is_error_kind(std::string_view name);

struct Answer {
  enum class Status : std::uint8_t { Ok, Error, Unsupported };
  Status status{};
  std::string kind;  ///< of an error
  std::map<std::string, std::string> fields;
};

/// Reads one answer line and checks its form against the protocol. *errors*: what is wrong with the line.
std::expected<Answer, std::string> parse_answer(std::string_view line, std::int64_t sequence,
                                                const OperationForm& operation);

}  // namespace stdbind::conform
