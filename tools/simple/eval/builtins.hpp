// Functions that every module has without importing them.
#pragma once

#include <string_view>

#include "methods.hpp"

namespace stdbind::simple {

struct BuiltinEntry {
  std::string_view name;
  std::size_t least, most;
  Value (*function)(const MethodContext&, Arguments&);
};

/// The function of that name, or null.
const BuiltinEntry* find_builtin(std::string_view name);
inline bool is_builtin_function(std::string_view name) { return find_builtin(name) != nullptr; }

/// Writes to standard output, keeping what was printed in order; flushed at the end and before errors.
void write_output(std::string_view text);
void flush_output();
/// One line of standard input without its end; "" at the end of input, as the real interpreter has it. *errors*: raises
/// for bytes that are not UTF-8.
Value read_line();
/// One byte of standard input as text; "" at the end.
Value read_char();

}  // namespace stdbind::simple
