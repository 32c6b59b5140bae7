// Splits preprocessed C (gcc -E -C -dD) into tokens that know the file and line of the header they came from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace stdbind::generate {

struct Token {
  enum class Kind : std::uint8_t { word, number, text, punctuation, comment, directive };
  Kind kind = Kind::punctuation;
  std::string text;
  int file = 0;  // index into Tokens::files
  int line = 0;
  int end_line = 0;
  bool space_before = false;

  bool is(const char* what) const { return text == what && kind != Kind::comment && kind != Kind::text; }
};

struct Tokens {
  std::vector<std::string> files;
  std::vector<Token> list;
};

Tokens split_into_tokens(const std::string& preprocessed);

}  // namespace stdbind::generate
