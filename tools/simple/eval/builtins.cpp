// print, panic, exit and a few more; standard input and output.
#include "builtins.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "format.hpp"

namespace stdbind::simple {

namespace {

/// Shows all arguments with spaces between.
std::string line_of(const Arguments& arguments) {
  std::string line;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (i != 0) line += ' ';
    display_to(line, arguments[i]);
  }
  return line;
}

Value print(const MethodContext&, Arguments& arguments) {
  write_output(line_of(arguments) + "\n");
  return {};
}

Value print_raw(const MethodContext&, Arguments& arguments) {
  write_output(line_of(arguments));
  return {};
}

Value print_error(const MethodContext&, Arguments& arguments) {
  flush_output();
  const std::string line = line_of(arguments) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
  return {};
}

Value panic(const MethodContext& context, Arguments& arguments) {
  try {
    context.frame.machine->fail(context.frame, context.location, "panic: " + line_of(arguments));
  } catch (RuntimeError& error) {
    error.is_panic = true;
    throw;
  }
}

Value leave(const MethodContext&, Arguments& arguments) {
  const std::int64_t code = arguments.empty() ? 0 : integer_argument(arguments, 0);
  if (code < 0 || code > 255) raise("exit takes a code from 0 to 255, not " + std::to_string(code));
  throw ExitRequest{static_cast<int>(code)};
}

Value to_int(const MethodContext&, Arguments& arguments) {
  Arguments none;
  if (arguments[0].is_text()) return *text_method(arguments[0], Method::to_i64_, none);
  return convert_to_integer(arguments[0], IntKind::i64);
}

Value length(const MethodContext& context, Arguments& arguments) {
  Arguments none;
  const Value& value = arguments[0];
  if (!value.is_text() && !value.is_array() && value.tag() != Tag::dict && value.tag() != Tag::tuple) {
    raise("len is not for " + type_name(value));
  }
  return *call_method(context, value, Method::len_, none);
}

Value range(const MethodContext&, Arguments& arguments) {
  const std::int64_t first = arguments.size() == 2 ? integer_argument(arguments, 0) : 0;
  return Value::own(new RangeObject(first, integer_argument(arguments, arguments.size() - 1)));
}

Value absolute(const MethodContext&, Arguments& arguments) {
  Arguments none;
  const Value& value = arguments[0];
  if (!value.is_integer() && !value.is_floating()) raise("abs is not for " + type_name(value));
  return *number_method(value, Method::abs_, none);
}

Value smaller(const MethodContext&, Arguments& arguments) {
  return order(arguments[1], arguments[0]) < 0 ? arguments[1] : arguments[0];
}

Value larger(const MethodContext&, Arguments& arguments) {
  return order(arguments[1], arguments[0]) > 0 ? arguments[1] : arguments[0];
}

Value input(const MethodContext&, Arguments& arguments) {
  if (!arguments.empty()) write_output(line_of(arguments));
  flush_output();
  return read_line();
}

constexpr std::array<BuiltinEntry, 14> table = {{
    {"print", 0, 16, &print},
    {"print_raw", 0, 16, &print_raw},
    {"println", 0, 16, &print},
    {"eprint", 0, 16, &print_error},
    {"eprintln", 0, 16, &print_error},
    {"panic", 0, 1, &panic},
    {"exit", 0, 1, &leave},
    {"int", 1, 1, &to_int},
    {"len", 1, 1, &length},
    {"range", 1, 2, &range},
    {"abs", 1, 1, &absolute},
    {"min", 2, 2, &smaller},
    {"max", 2, 2, &larger},
    {"input", 0, 1, &input},
}};

}  // namespace

const BuiltinEntry* find_builtin(std::string_view name) {
  const auto found = std::ranges::find(table, name, &BuiltinEntry::name);
  return found == table.end() ? nullptr : &*found;
}

void write_output(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void flush_output() { std::fflush(stdout); }

Value read_line() {
  std::string line;
  for (int c = std::getc(stdin); c != EOF && c != '\n'; c = std::getc(stdin)) {
    line += static_cast<char>(c);
    check_text(line.size());
  }
  if (!line.empty() && line.back() == '\r') line.pop_back();
  if (!valid_utf8(line)) raise("a line of standard input is not UTF-8");
  return Value::text(std::move(line));
}

Value read_char() {
  const int c = std::getc(stdin);
  if (c == EOF) return Value::text("");
  if (c >= 0x80) return Value::text("\xEF\xBF\xBD");  // the real function reads one byte and replaces what is not UTF-8
  return Value::text(std::string(1, static_cast<char>(c)));
}

}  // namespace stdbind::simple
