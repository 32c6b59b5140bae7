// Methods of text. Positions that find gives are bytes; slice, substring and char_at count characters.
#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include "format.hpp"
#include "methods.hpp"

namespace stdbind::simple {

namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view trimmed(std::string_view text, bool start, bool end) {
  while (start && !text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (end && !text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// Upper and lower case of ASCII. Beyond ASCII the engines differ: refused.
std::string cased(const TextObject& text, bool upper) {
  if (!text.is_ascii()) raise("upper and lower are for ASCII text only: beyond it the engines differ");
  std::string result = text.value;
  std::ranges::transform(result, result.begin(), [&](char c) {
    const int byte = static_cast<unsigned char>(c);
    return static_cast<char>(upper ? std::toupper(byte) : std::tolower(byte));
  });
  return result;
}

Value split(std::string_view text, std::string_view separator) {
  if (separator.empty()) raise("split needs a separator that is not empty");
  std::vector<Value> parts;
  for (;;) {
    const std::size_t at = text.find(separator);
    parts.push_back(Value::text(std::string(text.substr(0, at))));
    if (at == std::string_view::npos) return Value::array(std::move(parts));
    text.remove_prefix(at + separator.size());
  }
}

Value lines(std::string_view text) {
  std::vector<Value> parts;
  while (!text.empty()) {
    const std::size_t at = text.find('\n');
    std::string_view line = text.substr(0, at);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    parts.push_back(Value::text(std::string(line)));
    if (at == std::string_view::npos) break;
    text.remove_prefix(at + 1);
  }
  return Value::array(std::move(parts));
}

std::string replaced(std::string_view text, std::string_view old, std::string_view with) {
  if (old.empty()) raise("replace needs a text that is not empty");
  std::string result;
  for (;;) {
    const std::size_t at = text.find(old);
    result += text.substr(0, at);
    if (at == std::string_view::npos) return result;
    result += with;
    check_text(result.size());
    text.remove_prefix(at + old.size());
  }
}

std::string repeated(const std::string& text, std::int64_t times) {
  if (times < 0) raise("cannot repeat " + std::to_string(times) + " times");
  if (!text.empty() && static_cast<std::uint64_t>(times) > max_text / text.size()) {
    raise("repeat makes a text beyond the limit");
  }
  std::string result;
  result.reserve(text.size() * static_cast<std::size_t>(times));
  for (std::int64_t i = 0; i < times; ++i) result += text;
  return result;
}

std::string padded(const std::string& text, const Arguments& arguments, bool left) {
  expect_count(arguments, 1, 2);
  const std::int64_t width = integer_argument(arguments, 0);
  const std::string fill = arguments.size() > 1 ? text_argument(arguments, 1) : " ";
  const auto used = static_cast<std::int64_t>(char_count(text));
  if (width <= used) return text;
  const std::string padding = repeated(fill, width - used);
  return left ? padding + text : text + padding;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  text = trimmed(text, true, true);
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<double> parse_number(std::string_view text) {
  text = trimmed(text, true, true);
  double number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Value position(std::size_t at) {
  return at == std::string::npos ? Value() : make_some(Value::integer(static_cast<std::int64_t>(at)));
}

Value characters(const std::string& text) {
  std::vector<Value> result;
  check_elements(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = char_length(text[i]);
    result.push_back(Value::text(text.substr(i, length)));
    i += length;
  }
  return Value::array(std::move(result));
}

Value bytes_of(const std::string& text) {
  check_elements(text.size());
  std::vector<Value> result;
  result.reserve(text.size());
  for (const char c : text) result.push_back(Value::integer(static_cast<unsigned char>(c), IntKind::soft_u8));
  return Value::array(std::move(result));
}

Value substring(const Value& self, const Arguments& arguments) {
  expect_count(arguments, 1, 2);
  const std::int64_t start = integer_argument(arguments, 0);
  std::optional<std::int64_t> stop;
  if (arguments.size() > 1) stop = integer_argument(arguments, 1);
  if (start < 0 || stop.value_or(0) < 0) raise("slice of a text needs positions from 0 on: the engines differ below");
  return slice_value(self, start, stop, 1);
}

}  // namespace

std::optional<Value> text_method(const Value& self, Method method, Arguments& arguments) {
  const std::string& text = self.text();
  const auto none = [&] { expect_count(arguments, 0, 0); };
  const auto one = [&]() -> const std::string& {
    expect_count(arguments, 1, 1);
    return text_argument(arguments, 0);
  };
  switch (method) {
    case Method::len_:
    case Method::length_:
      none();
      return Value::integer(static_cast<std::int64_t>(text.size()));
    case Method::char_count_:
      none();
      return Value::integer(static_cast<std::int64_t>(char_count(text)));
    case Method::is_empty_:
      none();
      return Value::boolean(text.empty());
    case Method::chars_:
      none();
      return characters(text);
    case Method::bytes_:
      none();
      return bytes_of(text);
    case Method::contains_:
    case Method::has_:
      return Value::boolean(text.find(one()) != std::string::npos);
    case Method::starts_with_:
      return Value::boolean(text.starts_with(one()));
    case Method::ends_with_:
      return Value::boolean(text.ends_with(one()));
    case Method::find_:
    case Method::index_of_:
      return position(text.find(one()));
    case Method::rfind_:
    case Method::last_index_of_:
      return position(text.rfind(one()));
    case Method::upper_:
    case Method::to_upper_:
      none();
      return Value::text(cased(self.text_object(), true));
    case Method::lower_:
    case Method::to_lower_:
      none();
      return Value::text(cased(self.text_object(), false));
    case Method::trim_:
      none();
      return Value::text(std::string(trimmed(text, true, true)));
    case Method::trim_start_:
      none();
      return Value::text(std::string(trimmed(text, true, false)));
    case Method::trim_end_:
      none();
      return Value::text(std::string(trimmed(text, false, true)));
    case Method::split_:
      return split(text, one());
    case Method::lines_:
      none();
      return lines(text);
    case Method::replace_:
      expect_count(arguments, 2, 2);
      return Value::text(replaced(text, text_argument(arguments, 0), text_argument(arguments, 1)));
    case Method::slice_:
    case Method::substring_:
      return substring(self, arguments);
    case Method::repeat_:
      expect_count(arguments, 1, 1);
      return Value::text(repeated(text, integer_argument(arguments, 0)));
    case Method::parse_int_: {
      none();
      const auto number = parse_integer(text);
      return number ? make_some(Value::integer(*number)) : Value();
    }
    case Method::parse_float_: {
      none();
      const auto number = parse_number(text);
      return number ? make_some(Value::floating(*number)) : Value();
    }
    case Method::to_i64_:
    case Method::to_int_:
      none();
      return Value::integer(parse_integer(text).value_or(0));
    case Method::to_f64_:
    case Method::to_float_:
      none();
      return Value::floating(parse_number(text).value_or(0));
    case Method::char_at_:
    case Method::at_: {
      expect_count(arguments, 1, 1);
      const std::int64_t index = integer_argument(arguments, 0);
      if (index < 0) raise("char_at needs a position from 0 on");
      const std::size_t count = self.text_object().is_ascii() ? text.size() : char_count(text);
      return static_cast<std::uint64_t>(index) < count ? character_at(self, index) : Value();
    }
    case Method::pad_left_:
      return Value::text(padded(text, arguments, true));
    case Method::pad_right_:
      return Value::text(padded(text, arguments, false));
    case Method::ord_:
      none();
      if (text.empty()) raise("ord of an empty text");
      return Value::integer(code_point_at(text, 0));
    case Method::reversed_: {
      none();
      std::string result;
      for (std::size_t end = text.size(); end > 0;) {
        std::size_t start = end - 1;
        while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0U) == 0x80U) --start;
        result.append(text, start, end - start);
        end = start;
      }
      return Value::text(std::move(result));
    }
    case Method::to_text_:
    case Method::to_string_:
      none();
      return self;
    default:
      return std::nullopt;
  }
}

Value character_at(const Value& self, std::int64_t index) {
  const std::string& text = self.text();
  const bool ascii = self.text_object().is_ascii();
  const std::size_t at = checked_index(index, ascii ? text.size() : char_count(text));
  if (ascii) return Value::text(std::string(1, text[at]));
  const std::size_t offset = char_offset(text, at);
  return Value::text(text.substr(offset, char_length(text[offset])));
}

}  // namespace stdbind::simple
