// What the reader of Simple programs reports: one message with its place. Errors stop a program from being run,
// warnings do not.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace stdbind::simple {

/// A place in a source file; both count from 1, columns in bytes. Line 0 means the file as a whole.
struct Location {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

enum class Severity : std::uint8_t { error, warning };

struct Diagnostic {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  std::string message;
  Severity severity = Severity::error;
};

/// `file:line:column: message`, or `file: message` for line 0; a warning has `warning: ` before the message.
std::string to_string(const Diagnostic& diagnostic);

using Diagnostics = std::vector<Diagnostic>;

}  // namespace stdbind::simple
