// The texts of the lexer: raw, triple-quoted and interpolated, with their escapes.
#include <cctype>
#include <tuple>

#include "lexer_impl.hpp"

namespace stdbind::simple {
namespace {

void append_utf8(std::string& into, std::uint32_t point) {
  const auto push = [&](std::uint32_t byte) { into += static_cast<char>(byte); };
  if (point < 0x80) {
    push(point);
  } else if (point < 0x800) {
    push(0xc0U | (point >> 6U));
    push(0x80U | (point & 0x3fU));
  } else if (point < 0x10000) {
    push(0xe0U | (point >> 12U));
    push(0x80U | ((point >> 6U) & 0x3fU));
    push(0x80U | (point & 0x3fU));
  } else {
    push(0xf0U | (point >> 18U));
    push(0x80U | ((point >> 12U) & 0x3fU));
    push(0x80U | ((point >> 6U) & 0x3fU));
    push(0x80U | (point & 0x3fU));
  }
}

// What may stand after the last colon of {value:spec}; so `{if c: 1 else: 2}` is not taken for one.
bool is_format(std::string_view text) {
  std::size_t at = 0;
  const auto is_align = [](char c) { return c == '<' || c == '>' || c == '^'; };
  const auto digits = [&] {
    const std::size_t begin = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at > begin;
  };
  if (text.size() > 1 && is_align(text[1])) {
    at = 2;
  } else if (!text.empty() && is_align(text[0])) {
    at = 1;
  }
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
  if (at < text.size() && text[at] == '#') ++at;
  digits();
  if (at < text.size() && (text[at] == ',' || text[at] == '_')) ++at;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at < text.size() && std::string_view("bcdeEfFgGnosxX%").find(text[at]) != std::string_view::npos) ++at;
  return at == text.size() && !text.empty();
}

// Whether a quote inside {…} may open a text there: an operand is expected. Otherwise it ends the outer text.
bool operand_expected(std::string_view before) {
  std::size_t end = before.size();
  while (end > 0 && before[end - 1] == ' ') --end;
  if (end == 0) return false;
  const char last = before[end - 1];
  if (std::string_view("=<>+-*/%&|^!~,:(?").find(last) != std::string_view::npos) return true;
  std::size_t begin = end;
  while (begin > 0 && is_name_part(before[begin - 1])) --begin;
  const std::string_view word = before.substr(begin, end - begin);
  return word == "and" || word == "or" || word == "not" || word == "in" || word == "is" || word == "if" ||
         word == "else" || word == "elif";
}

}  // namespace

void Lexer::scan_single_quoted(Token& token) {
  token.kind = TokenKind::text;
  ++at_;
  while (at_ < source_.size() && source_[at_] != '\n') {
    const char c = source_[at_];
    if (c == '\'') {
      ++at_;
      scan_suffix(token);
      return;
    }
    if (c == '\\' && peek(1) == '\'') {
      token.text += '\'';
      at_ += 2;
    } else if (c == '\\' && peek(1) != '\n' && at_ + 1 < source_.size()) {
      token.text += c;
      token.text += peek(1);
      at_ += 2;
    } else {
      token.text += c;
      ++at_;
    }
  }
  error(token.location, "this text has no closing ' on its line");
}

void Lexer::scan_double_quoted(Token& token, bool raw) {
  if (looking_at("\"\"\"")) {
    at_ += 3;
    token.triple_quoted = true;
    if (token.prefixed_f) {
      scan_interpolated(token, true);
    } else {
      scan_triple_quoted(token);
    }
    return;
  }
  ++at_;
  if (!raw) {
    scan_interpolated(token, false);
    return;
  }
  token.kind = TokenKind::text;
  const std::size_t begin = at_;
  while (at_ < source_.size() && source_[at_] != '\n' && source_[at_] != '"') ++at_;
  if (peek(0) != '"') {
    error(token.location, "this text has no closing \" on its line");
    return;
  }
  token.text = source_.substr(begin, at_ - begin);
  ++at_;
  scan_suffix(token);
}

void Lexer::scan_triple_quoted(Token& token) {
  token.kind = TokenKind::text;
  while (at_ < source_.size()) {
    if (looking_at("\"\"\"")) {
      at_ += 3;
      at_line_start_ = false;
      return;
    }
    const char c = source_[at_++];
    if (c != '\r') token.text += c;
    if (c == '\n') newline();
  }
  error(token.location, "this text has no closing \"\"\"");
}

void Lexer::scan_code_point(std::string& into, Location location) {
  std::uint32_t point = 0;
  int digits = 0;
  const bool braces = peek(0) == '{';
  if (braces) ++at_;
  while (digits < (braces ? 6 : 4) && std::isxdigit(static_cast<unsigned char>(peek(0))) != 0) {
    const char c = source_[at_++];
    point = point * 16 + static_cast<std::uint32_t>(is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
    ++digits;
  }
  const bool closed = !braces || peek(0) == '}';
  if (braces && closed) ++at_;
  if (digits == 0 || !closed || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
    error(location, "this escape names no character: write \\u{1F600} with 1 to 6 hexadecimal digits");
    return;
  }
  append_utf8(into, point);
}

// At the character after the backslash.
void Lexer::scan_escape(std::string& into) {
  const Location location = here();
  const char c = peek(0);
  if (at_ >= source_.size() || c == '\n') return;
  ++at_;
  switch (c) {
    case 'n':
      into += '\n';
      return;
    case 't':
      into += '\t';
      return;
    case 'r':
      into += '\r';
      return;
    case 'a':
      into += '\a';
      return;
    case 'b':
      into += '\b';
      return;
    case 'f':
      into += '\f';
      return;
    case 'v':
      into += '\v';
      return;
    case 'u':
      scan_code_point(into, location);
      return;
    case 'x': {
      std::uint32_t value = 0;
      int digits = 0;
      while (digits < 2 && std::isxdigit(static_cast<unsigned char>(peek(0))) != 0) {
        const char d = source_[at_++];
        value = value * 16 + static_cast<std::uint32_t>(is_digit(d) ? d - '0' : (d | 0x20) - 'a' + 10);
        ++digits;
      }
      if (digits == 0) {
        error(location, "\\x needs one or two hexadecimal digits");
        return;
      }
      append_utf8(into, value);
      return;
    }
    default:
      break;
  }
  if (c >= '0' && c <= '7') {
    std::uint32_t value = static_cast<std::uint32_t>(c - '0');
    for (int i = 0; i < 2 && peek(0) >= '0' && peek(0) <= '7'; ++i) {
      const std::uint32_t next = value * 8 + static_cast<std::uint32_t>(peek(0) - '0');
      if (next > 255) break;
      value = next;
      ++at_;
    }
    append_utf8(into, value);
    return;
  }
  into += c;
}

// At the character after `{`. False when no expression ends on this line: the brace is literal then.
bool Lexer::scan_expression(TextPiece& piece, bool triple) {
  piece.location = here();
  std::string text;
  std::size_t colon = std::string::npos;
  int braces = 1;
  int brackets = 0;
  char quote = 0;
  constexpr std::size_t longest = 10'000;  // keeps a file of nothing but braces from costing its square
  while (at_ < source_.size() && text.size() < longest) {
    const char c = source_[at_];
    if (c == '\n' && !triple) return false;
    if (c == '\\') {
      const char next = peek(1);
      if (next == '"' || next == '\'') {
        text += next;
        quote = quote == 0 ? next : quote == next ? '\0' : quote;
        at_ += 2;
        continue;
      }
      if (next == '\\') {
        text += c;
        at_ += 2;
        continue;
      }
    } else if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      if (brackets == 0 && c == '"' && !operand_expected(text)) return false;
      quote = c;
    } else if (c == '(' || c == '[') {
      ++brackets;
    } else if (c == ')' || c == ']') {
      --brackets;
    } else if (c == '{') {
      ++braces;
    } else if (c == '}') {
      if (--braces == 0) {
        ++at_;
        const bool conditional = text.starts_with("if ") || text.starts_with("match ");
        if (colon != std::string::npos && !conditional && is_format(std::string_view(text).substr(colon + 1))) {
          piece.format = text.substr(colon + 1);
          text.resize(colon);
        }
        piece.expression = std::move(text);
        piece.has_expression = true;
        return piece.expression.find_first_not_of(" \t\n") != std::string::npos;
      }
    } else if (c == ':' && braces == 1 && brackets == 0) {
      colon = text.size();
    }
    text += c;
    ++at_;
    if (c == '\n') newline();
  }
  return false;
}

void Lexer::scan_interpolated(Token& token, bool triple) {
  token.kind = TokenKind::interpolated;
  TextPiece piece;
  const auto finish = [&] {
    token.pieces.push_back(std::move(piece));
    at_line_start_ = false;
  };
  while (at_ < source_.size()) {
    const char c = source_[at_];
    if (triple ? looking_at("\"\"\"") : c == '"') {
      at_ += triple ? 3 : 1;
      finish();
      if (!triple && token.pieces.size() == 1) scan_suffix(token);
      return;
    }
    if (c == '\n' && !triple) break;
    if (c == '\\') {
      ++at_;
      scan_escape(piece.literal);
      continue;
    }
    if (looking_at("{{") || looking_at("}}")) {
      piece.literal += c;
      at_ += 2;
      continue;
    }
    if (c != '{') {
      if (c != '\r' || !triple) piece.literal += c;
      ++at_;
      if (c == '\n') newline();
      continue;
    }
    const Location brace = here();
    ++at_;
    const auto before = std::tuple(at_, line_, line_begin_, column_offset_);
    const bool quoted_next = peek(0) == '\\' || peek(0) == '"' || peek(0) == '\'';
    if (!quoted_next && scan_expression(piece, triple)) {
      token.pieces.push_back(std::move(piece));
      piece = TextPiece();
      continue;
    }
    std::tie(at_, line_, line_begin_, column_offset_) = before;
    piece.has_expression = false;
    piece.literal += '{';
    refuse(brace, "a brace that is meant literally is written {{ (and }}), or the text in single quotes");
  }
  error(token.location, triple ? "this text has no closing \"\"\"" : "this text has no closing \" on its line");
  finish();
}

}  // namespace stdbind::simple
