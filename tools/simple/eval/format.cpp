// Values as text.
#include "format.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "code.hpp"

namespace stdbind::simple {

namespace {

constexpr int max_nesting = 100;

void show(std::string& out, const Value& value, int depth, bool quotes);

void show_all(std::string& out, const std::vector<Value>& values, int depth, bool quotes) {
  bool first = true;
  for (const Value& value : values) {
    if (!first) out += ", ";
    first = false;
    show(out, value, depth + 1, quotes);
    check_text(out.size());
  }
}

void show_record(std::string& out, const RecordObject& record, int depth, bool quotes) {
  out += spelling(record.type->name);
  out += '(';
  for (std::size_t i = 0; i < record.fields.size(); ++i) {
    if (i != 0) out += ", ";
    out += spelling(record.type->fields[i].name);
    out += ": ";
    show(out, record.fields[i], depth + 1, quotes);
  }
  out += ')';
}

void show(std::string& out, const Value& value, int depth, bool quotes) {
  if (depth > max_nesting) raise("a value nested deeper than " + std::to_string(max_nesting) + " cannot be shown");
  switch (value.tag()) {
    case Tag::nil:
      out += "nil";
      return;
    case Tag::boolean:
      out += value.boolean() ? "true" : "false";
      return;
    case Tag::integer:
      out += to_decimal(value.wide());
      return;
    case Tag::floating:
      out += float_text(value.floating());
      return;
    case Tag::text:
      if (quotes) out += '"';
      out += value.text();
      if (quotes) out += '"';
      return;
    case Tag::array:
      out += '[';
      show_all(out, value.items(), depth, quotes);
      out += ']';
      return;
    case Tag::tuple:
      out += '(';
      show_all(out, value.items(), depth, quotes);
      out += ')';
      return;
    case Tag::dict: {
      out += '{';
      bool first = true;
      for (const auto& [key, entry] : value.dict().entries) {
        if (!first) out += ", ";
        first = false;
        show(out, key, depth + 1, quotes);
        out += ": ";
        show(out, entry, depth + 1, quotes);
      }
      out += '}';
      return;
    }
    case Tag::record:
      show_record(out, value.record(), depth, quotes);
      return;
    case Tag::variant: {
      const VariantObject& variant = value.variant();
      out += spelling(variant.type->name);
      out += "::";
      out += spelling(variant.type->variants[variant.index].name);
      if (!variant.payload.empty()) {
        out += '(';
        show_all(out, variant.payload, depth, quotes);
        out += ')';
      }
      return;
    }
    case Tag::function:
      out += "<fn>";
      return;
    case Tag::range:
      out += std::to_string(value.range().low) + ".." + std::to_string(value.range().high);
      return;
    case Tag::promise:
      out += "<promise>";
      return;
  }
}

std::string integer_digits(Wide value, int base, bool upper) {
  std::string digits;
  do {
    const char c = "0123456789abcdef"[static_cast<int>(value % base)];
    digits.insert(digits.begin(), upper && c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c);
    value /= base;
  } while (value != 0);
  return digits;
}

std::string group(std::string digits) {
  for (std::size_t at = digits.find_first_not_of("0123456789") == std::string::npos
                            ? digits.size()
                            : digits.find_first_not_of("0123456789");
       at > 3; at -= 3) {
    digits.insert(at - 3, ",");
  }
  return digits;
}

std::string float_digits(double value, const FormatSpec& spec) {
  std::array<char, 512> buffer{};
  std::chars_format style = std::chars_format::fixed;
  if (spec.type == 'e') style = std::chars_format::scientific;
  if (spec.type == 'g') style = std::chars_format::general;
  const double shown = spec.type == '%' ? value * 100 : value;
  const int precision = spec.precision >= 0 ? spec.precision : spec.type == 0 ? -1 : 6;
  if (precision > 100) raise("a precision of more than 100 digits");
  const auto end = precision < 0 ? std::to_chars(buffer.data(), buffer.data() + buffer.size(), shown, style)
                                 : std::to_chars(buffer.data(), buffer.data() + buffer.size(), shown, style, precision);
  std::string text(buffer.data(), end.ptr);
  return spec.type == '%' ? text + "%" : text;
}

/// Digits without a sign, and the prefix that the sign stands before.
std::string number_body(const Value& value, const FormatSpec& spec, bool& negative, std::string& prefix) {
  if (value.is_floating() || spec.type == 'f' || spec.type == 'e' || spec.type == 'g' || spec.type == '%') {
    if (spec.type != 0 && std::string_view("fegd%").find(spec.type) == std::string_view::npos) {
      raise("the format '" + spec.text + "' is not for f64");
    }
    const double number = value.is_floating() ? value.floating() : static_cast<double>(value.wide());
    negative = std::signbit(number) && !std::isnan(number);
    if (!std::isfinite(number)) return std::isnan(number) ? "NaN" : "inf";
    return float_digits(std::fabs(number), spec);
  }
  Wide number = value.wide();
  int base = 10;
  if (spec.type == 'x' || spec.type == 'X') base = 16;
  if (spec.type == 'o') base = 8;
  if (spec.type == 'b') base = 2;
  negative = number < 0;
  if (negative && base != 10) {
    // the bits of the word, as the real interpreter shows them
    negative = false;
    number += Wide{1} << bits_of(value.kind());
  }
  if (spec.alternate && base != 10) prefix = base == 16 ? "0x" : base == 8 ? "0o" : "0b";
  return integer_digits(number < 0 ? -number : number, base, spec.type == 'X');
}

}  // namespace

std::string float_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  std::array<char, 512> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed);
  return {buffer.data(), end.ptr};
}

void display_to(std::string& out, const Value& value) { show(out, value, 0, false); }

std::string display(const Value& value) {
  std::string out;
  show(out, value, 0, false);
  return out;
}

std::string quoted(const Value& value) {
  std::string out;
  show(out, value, 0, true);
  return out;
}

std::string format(const Value& value, const FormatSpec& spec) {
  if (spec.width > 10000) raise("a width of more than 10000");
  const bool number = value.is_integer() || value.is_floating();
  std::string body;
  std::string lead;
  if (number && spec.type != 's') {
    bool negative = false;
    std::string prefix;
    body = number_body(value, spec, negative, prefix);
    if (spec.grouping) body = group(std::move(body));
    if (negative) {
      lead = "-";
    } else if (spec.sign == '+' || spec.sign == ' ') {
      lead = std::string(1, spec.sign);
    }
    lead += prefix;
  } else {
    if (spec.type != 0 && spec.type != 's') raise("the format '" + spec.text + "' is not for " + type_name(value));
    body = display(value);
    if (spec.precision >= 0) body.resize(char_offset(body, static_cast<std::size_t>(spec.precision)));
  }
  const std::size_t used = lead.size() + char_count(body);
  const std::size_t width = spec.width > 0 ? static_cast<std::size_t>(spec.width) : 0;
  if (used >= width) return lead + body;
  const std::size_t room = width - used;
  if (spec.zero && number && spec.align == 0) return lead + std::string(room, '0') + body;
  const auto fill = [&](std::size_t times) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i) text += spec.fill.empty() ? " " : spec.fill;
    return text;
  };
  const char align = spec.align != 0 ? spec.align : number ? '>' : '<';
  const std::size_t before = align == '<' ? 0 : align == '>' ? room : room / 2;
  return fill(before) + lead + body + fill(room - before);
}

std::size_t char_length(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

std::size_t char_count(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) ++count;
  }
  return count;
}

std::size_t char_offset(std::string_view text, std::size_t n) {
  std::size_t offset = 0;
  for (; n > 0 && offset < text.size(); --n) offset += char_length(text[offset]);
  return std::min(offset, text.size());
}

std::uint32_t code_point_at(std::string_view text, std::size_t offset) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  const std::size_t length = char_length(text[offset]);
  if (length == 1) return byte(offset);
  std::uint32_t point = byte(offset) & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length && offset + i < text.size(); ++i) point = point << 6U | (byte(offset + i) & 0x3FU);
  return point;
}

void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0U | point >> 6U);
    put(0x80U | (point & 0x3FU));
  } else if (point < 0x10000) {
    put(0xE0U | point >> 12U);
    put(0x80U | (point >> 6U & 0x3FU));
    put(0x80U | (point & 0x3FU));
  } else {
    put(0xF0U | point >> 18U);
    put(0x80U | (point >> 12U & 0x3FU));
    put(0x80U | (point >> 6U & 0x3FU));
    put(0x80U | (point & 0x3FU));
  }
}

bool valid_utf8(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size();) {
    const auto lead = static_cast<unsigned char>(bytes[i]);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    if (lead < 0xC2 || lead > 0xF4) return false;
    const std::size_t length = char_length(bytes[i]);
    if (i + length > bytes.size()) return false;
    for (std::size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(bytes[i + k]) & 0xC0U) != 0x80U) return false;
    }
    const std::uint32_t point = code_point_at(bytes, i);
    if ((length == 3 && point < 0x800) || (length == 4 && (point < 0x10000 || point > 0x10FFFF)) ||
        (point >= 0xD800 && point < 0xE000)) {
      return false;
    }
    i += length;
  }
  return true;
}

}  // namespace stdbind::simple
