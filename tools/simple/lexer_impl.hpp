// The inside of the lexer, shared by its two source files.
#pragma once

#include "lexer.hpp"

namespace stdbind::simple {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
inline bool is_name_part(char c) { return is_name_start(c) || is_digit(c); }

class Lexer {
 public:
  Lexer(std::string_view source, std::string_view file, Location start)
      : source_(source), file_(file), line_(start.line), column_offset_(start.column - 1) {}

  LexResult run();

 private:
  char peek(std::size_t ahead) const { return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0'; }
  bool looking_at(std::string_view text) const { return source_.substr(at_, text.size()) == text; }
  Location here() const;
  void newline();
  void error(Location location, std::string message);
  void refuse(Location location, std::string message);

  void skip_space();
  void skip_to_line_end();
  void skip_block_comment();
  void scan_number(Token& token);
  void scan_fraction(Token& token, std::size_t begin);
  void scan_suffix(Token& token);
  void scan_name(Token& token);
  bool scan_foreign_block(Token& token);
  bool scan_operator(Token& token);

  void scan_double_quoted(Token& token, bool raw);
  void scan_single_quoted(Token& token);
  void scan_triple_quoted(Token& token);
  void scan_interpolated(Token& token, bool triple);
  void scan_escape(std::string& into);
  void scan_code_point(std::string& into, Location location);
  bool scan_expression(TextPiece& piece, bool triple);

  std::string_view source_;
  std::string_view file_;
  std::size_t at_ = 0;
  std::size_t line_begin_ = 0;
  std::uint32_t line_;
  std::uint32_t column_offset_;
  bool at_line_start_ = true;
  bool space_ = false;
  bool after_dot_ = false;
  std::uint32_t indent_ = 0;
  LexResult result_;
};

}  // namespace stdbind::simple
