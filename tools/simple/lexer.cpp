// The lexer: comments, names, operators, numbers. Texts are in lexer_text.cpp.
#include "lexer.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "lexer_impl.hpp"

namespace stdbind::simple {
namespace {

// Longest first within one beginning.
constexpr std::array<std::string_view, 58> operators = {
    "...", "..=", "<<=", ">>=", "**=", "->", "=>", "==", "!=", "<=", ">=", "<<", ">>", "**", "//",
    "??",  "?.",  ".?",  "..",  "+=",  "-=", "*=", "/=", "%=", "&=", "|=", "^=", "|>", "&&", "||",
    "::",  ":=",  "~>",  "+",   "-",   "*",  "/",  "%",  "=",  "<",  ">",  "!",  "&",  "|",  "^",
    "~",   "?",   ".",   ",",   ":",   ";",  "(",  ")",  "[",  "]",  "{",  "}",  "@"};

constexpr std::array<std::string_view, 10> foreign_blocks = {"m",    "sh",    "re",  "sql", "md",
                                                             "html", "graph", "img", "pc",  "loss"};

int digit_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

}  // namespace

std::size_t first_bad_byte(std::string_view source) {
  std::size_t at = 0;
  while (at < source.size()) {
    const auto byte = static_cast<unsigned char>(source[at]);
    if (byte < 0x80) {
      if (byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t' && byte != '\f') return at;
      if (byte == 0x7f) return at;
      ++at;
      continue;
    }
    const std::size_t length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    if (byte < 0xc2 || byte > 0xf4 || at + length > source.size()) return at;
    std::uint32_t point = byte & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
      const auto next = static_cast<unsigned char>(source[at + i]);
      if ((next & 0xc0U) != 0x80) return at;
      point = (point << 6U) | (next & 0x3fU);
    }
    constexpr std::array<std::uint32_t, 5> smallest = {0, 0, 0x80, 0x800, 0x10000};
    if (point < smallest[length] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return at;
    at += length;
  }
  return std::string_view::npos;
}

void Lexer::newline() {
  ++line_;
  line_begin_ = at_;
  column_offset_ = 0;
  at_line_start_ = true;
  indent_ = 0;
}

Location Lexer::here() const { return {line_, static_cast<std::uint32_t>(at_ - line_begin_) + 1 + column_offset_}; }

void Lexer::error(Location location, std::string message) {
  result_.errors.push_back({std::string(file_), location.line, location.column, std::move(message), Severity::error});
}

void Lexer::refuse(Location location, std::string message) {
  result_.refusals.push_back({std::string(file_), location.line, location.column, std::move(message), Severity::error});
}

void Lexer::skip_block_comment() {
  const Location begin = here();
  int depth = 0;
  while (at_ < source_.size()) {
    if (looking_at("/*")) {
      ++depth;
      at_ += 2;
    } else if (looking_at("*/")) {
      at_ += 2;
      if (--depth == 0) return;
    } else if (source_[at_++] == '\n') {
      newline();
    }
  }
  error(begin, "this comment has no end: close every /* with */");
}

// Comments and white space; afterwards at_ is at a token or the end.
void Lexer::skip_space() {
  space_ = false;
  while (at_ < source_.size()) {
    const char c = source_[at_];
    if (c == '\n') {
      ++at_;
      newline();
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f') {
      if (at_line_start_) indent_ += c == '\t' ? 4 : c == ' ' ? 1 : 0;
      ++at_;
    } else if (c == '#' && !(at_line_start_ && peek(1) == '[')) {
      skip_to_line_end();
    } else if (looking_at("///")) {
      skip_to_line_end();
    } else if (looking_at("/*")) {
      skip_block_comment();
    } else {
      return;
    }
    space_ = true;
  }
}

void Lexer::skip_to_line_end() {
  while (at_ < source_.size() && source_[at_] != '\n') ++at_;
}

void Lexer::scan_suffix(Token& token) {
  std::size_t end = at_;
  if (end < source_.size() && source_[end] == '_') ++end;
  if (end >= source_.size() || !is_name_start(source_[end]) || source_[end] == '_') return;
  const std::size_t begin = end;
  while (end < source_.size() && is_name_part(source_[end])) ++end;
  token.suffix = source_.substr(begin, end - begin);
  at_ = end;
}

void Lexer::scan_number(Token& token) {
  const std::size_t begin = at_;
  unsigned base = 10;
  if (source_[at_] == '0') {
    const char mark = peek(1);
    base = mark == 'x' || mark == 'X' ? 16U : mark == 'b' || mark == 'B' ? 2U : mark == 'o' || mark == 'O' ? 8U : 10U;
    if (base != 10) at_ += 2;
  }
  token.kind = TokenKind::integer;
  token.decimal = base == 10;
  std::size_t digits = 0;
  for (; at_ < source_.size(); ++at_) {
    const char c = source_[at_];
    if (c == '_') {
      // 100_km: the underscore belongs to the suffix.
      const char next = peek(1);
      if (base == 10 ? !is_digit(next) : digit_value(next) >= static_cast<int>(base)) break;
      continue;
    }
    const int value = digit_value(c);
    if (value >= static_cast<int>(base)) break;
    ++digits;
    const std::uint64_t unit = static_cast<std::uint64_t>(value);
    if (token.integer > (std::numeric_limits<std::uint64_t>::max() - unit) / base) token.overflow = true;
    token.integer = token.integer * base + unit;
  }
  if (digits == 0) {
    error(token.location, "a number needs digits after its 0" + std::string(1, source_[begin + 1]));
    return;
  }
  if (base == 10) scan_fraction(token, begin);
  scan_suffix(token);
  token.text = source_.substr(begin, at_ - begin);
  if (token.suffix.empty() && is_name_part(peek(0))) {
    error(token.location, "'" + token.text + peek(0) + "' is not a number");
    while (is_name_part(peek(0))) ++at_;
  }
  if (token.kind == TokenKind::integer && token.overflow) {
    error(token.location, "the integer " + token.text + " does not fit in 64 bits");
  }
}

void Lexer::scan_fraction(Token& token, std::size_t begin) {
  const auto skip_digits = [&] {
    while (is_digit(peek(0)) || (peek(0) == '_' && is_digit(peek(1)))) ++at_;
  };
  bool floating = false;
  if (peek(0) == '.' && is_digit(peek(1)) && !after_dot_) {
    floating = true;
    ++at_;
    skip_digits();
  }
  if (peek(0) == 'e' || peek(0) == 'E') {
    const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
    if (is_digit(peek(1 + sign))) {
      floating = true;
      at_ += 1 + sign;
      skip_digits();
    }
  }
  if (!floating) return;
  token.kind = TokenKind::floating;
  std::string digits;
  for (const char c : source_.substr(begin, at_ - begin)) {
    if (c != '_') digits += c;
  }
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), token.floating);
  if (parsed.ec == std::errc::result_out_of_range && digits.find("e-") == std::string::npos &&
      digits.find("E-") == std::string::npos) {
    error(token.location, "the number " + digits + " does not fit in f64");
  }
}

// True when a block such as sh{…} was taken.
bool Lexer::scan_foreign_block(Token& token) {
  if (peek(0) != '{') return false;
  bool known = false;
  for (const std::string_view word : foreign_blocks) known = known || token.text == word;
  if (!known) return false;
  refuse(token.location, "'" + token.text +
                             "{' begins a block of another language in Simple: write a space before the brace, or "
                             "choose another name");
  token.kind = TokenKind::foreign_block;
  int depth = 0;
  while (at_ < source_.size()) {
    const char c = source_[at_++];
    if (c == '\n') newline();
    if (c == '{') ++depth;
    if (c == '}' && --depth == 0) {
      at_line_start_ = false;
      return true;
    }
  }
  error(token.location, "the block '" + token.text + "{' has no closing brace");
  return true;
}

void Lexer::scan_name(Token& token) {
  const std::size_t begin = at_;
  while (is_name_part(peek(0))) ++at_;
  token.text = source_.substr(begin, at_ - begin);
  token.kind = TokenKind::name;
  if (peek(0) == '"') {
    if (token.text == "f" || token.text == "r") {
      token.prefixed_f = token.text == "f";
      const bool raw = token.text == "r";
      token.text.clear();
      scan_double_quoted(token, raw);
      return;
    }
    if (token.text == "b") {
      error(token.location, "there are no byte texts in Simple: write a list of bytes, [104u8, 105u8], or text");
      token.text.clear();
      scan_double_quoted(token, true);
      return;
    }
  }
  scan_foreign_block(token);
}

bool Lexer::scan_operator(Token& token) {
  for (const std::string_view op : operators) {
    if (!looking_at(op)) continue;
    // `1..5` and `x.?`: take `.?` only where no `??` or `?.` would follow the dot's own meaning.
    token.kind = TokenKind::operator_;
    token.text = op;
    at_ += op.size();
    return true;
  }
  if (peek(0) == '\\' || peek(0) == '$' || (peek(0) == '#' && peek(1) == '[')) {
    token.kind = TokenKind::operator_;
    token.text = std::string(1, source_[at_++]);
    return true;
  }
  return false;
}

LexResult Lexer::run() {
  while (true) {
    skip_space();
    Token token;
    token.location = here();
    token.line_start = at_line_start_;
    token.indent = indent_;
    token.space_before = space_ || result_.tokens.empty();
    if (at_ >= source_.size() || result_.errors.size() > 20) {
      token.line_start = true;
      token.indent = 0;
      result_.tokens.push_back(std::move(token));
      return std::move(result_);
    }
    at_line_start_ = false;
    const char c = source_[at_];
    if (is_digit(c)) {
      scan_number(token);
    } else if (is_name_start(c)) {
      scan_name(token);
    } else if (c == '"') {
      scan_double_quoted(token, false);
    } else if (c == '\'') {
      scan_single_quoted(token);
    } else if (!scan_operator(token)) {
      std::size_t length = 1;
      while (at_ + length < source_.size() && (static_cast<unsigned char>(source_[at_ + length]) & 0xc0U) == 0x80)
        ++length;
      error(token.location, "'" + std::string(source_.substr(at_, length)) +
                                "' has no meaning here; outside texts and comments only ASCII is written");
      at_ += length;
      continue;
    }
    after_dot_ = token.is(".") || token.is("?.");
    token.end = here();
    result_.tokens.push_back(std::move(token));
  }
}

LexResult lex(std::string_view source, std::string_view file, Location start) {
  return Lexer(source, file, start).run();
}

}  // namespace stdbind::simple
