// Splits a Simple file into tokens. Layout is left to the parser: a token knows whether it begins a line and how far
// that line is indented, because whether a line break counts depends on the construct that it stands in.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "diagnostics.hpp"

namespace stdbind::simple {

enum class TokenKind : std::uint8_t {
  end,
  name,  ///< identifiers and words of the language
  integer,
  floating,
  text,           ///< raw or triple-quoted: `text` is the value
  interpolated,   ///< double-quoted: `pieces` are the parts
  operator_,      ///< `text` is its spelling
  foreign_block,  ///< sh{…} and the like
};

/// A piece of double-quoted text: literal text, then the source of an expression unless `has_expression` is false.
struct TextPiece {
  std::string literal;
  bool has_expression = false;
  std::string expression;
  std::string format;
  Location location;  ///< of the expression
};

struct Token {
  TokenKind kind = TokenKind::end;
  bool line_start = false;  ///< first token of its line
  bool space_before = false;
  bool triple_quoted = false;
  bool prefixed_f = false;   ///< f"…"
  std::uint32_t indent = 0;  ///< of its line, a tab counting 4
  Location location;
  Location end;        ///< just behind it
  std::string text;    ///< spelling, digits or value
  std::string suffix;  ///< of a literal: u8, km, file
  std::uint64_t integer = 0;
  double floating = 0;
  bool overflow = false;  ///< integer that does not fit 64 bits
  bool decimal = true;
  std::vector<TextPiece> pieces;

  bool is(std::string_view operator_text) const { return kind == TokenKind::operator_ && text == operator_text; }
  bool is_word(std::string_view word) const { return kind == TokenKind::name && text == word; }
};

struct LexResult {
  std::vector<Token> tokens;  ///< always ends with one of kind end
  Diagnostics errors;         ///< what makes the tokens unusable; empty when all is well
  Diagnostics refusals;       ///< what only the strict check minds
};

/// The tokens of `source`. `start` is the place of its first byte, for the expressions inside texts.
LexResult lex(std::string_view source, std::string_view file, Location start = {1, 1});

/// The position of the first byte that is not UTF-8 or is a NUL or another control byte, or npos.
std::size_t first_bad_byte(std::string_view source);

}  // namespace stdbind::simple
