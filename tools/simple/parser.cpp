// The parser's tokens and layout, and the entry points.
#include "parser.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "checker.hpp"
#include "parser_impl.hpp"

namespace stdbind::simple {

Parser::Nested::Nested(Parser& parser) : parser_(parser) {
  if (parser.depth_ >= max_depth) parser.fail("this is nested too deeply: split it up");
  ++parser.depth_;
}

bool Parser::accept(std::string_view op) {
  if (!is(op)) return false;
  take();
  return true;
}

bool Parser::accept_word(std::string_view word) {
  if (!is_word(word)) return false;
  take();
  return true;
}

void Parser::expect(std::string_view op, std::string_view what) {
  if (!accept(op)) fail("expected '" + std::string(op) + "' " + std::string(what) + ", found " + found());
}

void Parser::expect_close(std::string_view close, std::string_view open, Location opened) {
  if (accept(close)) return;
  fail("expected '" + std::string(close) + "' for the '" + std::string(open) + "' of line " +
       std::to_string(opened.line) + ", found " + found());
}

void Parser::continue_line() {
  if (!token().line_start || brackets_ != 0 || at_ == accepted_ || token().kind == TokenKind::end) return;
  if (token().indent <= block_indent_ && strict())
    fail(token().location, "a line that goes on is indented more than its first line");
  if (token().indent >= block_indent_) accept_line();
}

bool Parser::leads_next_line(std::initializer_list<std::string_view> ops) const {
  if (brackets_ != 0 || !token().line_start || at_ == accepted_ || token().kind == TokenKind::end) return false;
  if (token().indent <= block_indent_) return false;
  return std::any_of(ops.begin(), ops.end(), [&](std::string_view op) { return token().text == op; }) &&
         (token().kind == TokenKind::operator_ || token().kind == TokenKind::name);
}

void Parser::take_leading_operator(std::string_view shown) {
  refuse(token().location, "a line does not begin with '" + std::string(shown) +
                               "': end the line before with it, or put the whole in parentheses");
  accept_line();
}

std::string Parser::found() const {
  if (token().kind == TokenKind::end) return "the end of the file";
  if (at_line_break()) return "the end of the line";
  switch (token().kind) {
    case TokenKind::text:
    case TokenKind::interpolated:
      return "a text";
    case TokenKind::integer:
    case TokenKind::floating:
      return "the number " + token().text;
    default:
      return "'" + token().text + "'";
  }
}

void Parser::fail(Location location, std::string message) const { throw SyntaxError{location, std::move(message)}; }

void Parser::refuse(Location location, std::string message) {
  if (strict()) errors.push_back({file_, location.line, location.column, std::move(message), Severity::error});
}

void Parser::warn(Location location, std::string message) {
  if (strict()) warnings.push_back({file_, location.line, location.column, std::move(message), Severity::warning});
}

Symbol Parser::expect_name(std::string_view what) {
  if (kind_now() != TokenKind::name) fail("expected " + std::string(what) + ", found " + found());
  static constexpr std::string_view hard[] = {
      "fn", "val", "var", "if", "elif", "else", "for",   "while", "return", "case",  "struct", "enum", "and",
      "or", "not", "in",  "is", "as",   "true", "false", "nil",   "let",    "class", "trait",  "impl", "match"};
  for (const std::string_view word : hard) {
    if (token().text == word)
      fail("'" + token().text + "' is a word of the language and cannot be " + std::string(what));
  }
  return intern(take().text);
}

// Takes the first characters of an operator such as `>>` and leaves the rest.
void Parser::split_operator(std::size_t first) {
  Token& whole = tokens_[at_];
  whole.text.erase(0, first);
  whole.location.column += static_cast<std::uint32_t>(first);
  whole.space_before = false;
}

// Goes to the next line of the top level.
void Parser::recover() {
  brackets_ = 0;
  suspended_ = false;
  body_optional_ = false;
  placeholders_allowed_ = false;
  block_indent_ = 0;
  nesting_ = 0;
  if_line_ = 0;
  while (token().kind != TokenKind::end) {
    take();
    if (token().line_start && token().indent == 0 && !token().is(")") && !token().is("]") && !token().is("}")) return;
  }
}

Module Parser::parse_module() {
  constexpr std::size_t most_errors = 20;
  Module module;
  module.file = file_;
  while (token().kind != TokenKind::end && errors.size() < most_errors) {
    try {
      if (token().indent != 0) fail(token().location, "unexpected indentation");
      accept_line();
      if (module.statements.empty() && module.docstring.empty() && token().kind == TokenKind::text &&
          token().triple_quoted && breaks_before(1)) {
        module.docstring = take().text;
        continue;
      }
      parse_line(module.statements);
    } catch (const SyntaxError& error) {
      errors.push_back({file_, error.location.line, error.location.column, error.message, Severity::error});
      recover();
    }
  }
  return module;
}

ExprPtr Parser::parse_only_expression() {
  brackets_ = 1;
  ExprPtr value = parse_expression();
  if (token().kind != TokenKind::end) fail("unexpected " + found() + " in the braces of a text");
  return value;
}

std::expected<Module, Diagnostics> parse(std::string_view source, std::string_view file, const ParseOptions& options) {
  if (source.starts_with("\xef\xbb\xbf")) source.remove_prefix(3);
  if (const std::size_t bad = first_bad_byte(source); bad != std::string_view::npos) {
    const std::string_view before = source.substr(0, bad);
    const auto line = static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n')) + 1;
    const std::size_t begin = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    std::ostringstream message;
    message << "this is not a text file in UTF-8: byte 0x" << std::hex
            << static_cast<unsigned>(static_cast<unsigned char>(source[bad])) << " has no meaning here";
    return std::unexpected(Diagnostics{
        {std::string(file), line, static_cast<std::uint32_t>(bad - begin) + 1, message.str(), Severity::error}});
  }
  LexResult lexed = lex(source, file);
  if (!lexed.errors.empty()) return std::unexpected(std::move(lexed.errors));
  Parser parser(std::move(lexed.tokens), file, options);
  Module module = parser.parse_module();
  module.line_count = static_cast<std::uint32_t>(std::count(source.begin(), source.end(), '\n'));
  Diagnostics errors = std::move(parser.errors);
  if (!options.parse_only) {
    errors.insert(errors.end(), lexed.refusals.begin(), lexed.refusals.end());
    if (errors.empty()) check_module(module, errors, parser.warnings);
  }
  if (!errors.empty()) {
    std::stable_sort(errors.begin(), errors.end(), [](const Diagnostic& a, const Diagnostic& b) {
      return std::pair(a.line, a.column) < std::pair(b.line, b.column);
    });
    return std::unexpected(std::move(errors));
  }
  module.warnings = std::move(parser.warnings);
  return module;
}

std::expected<Module, Diagnostics> parse_file(const std::string& path, const ParseOptions& options) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  // Extracting nothing from an empty file sets failbit on the output stream, which is no error.
  if (file) content << file.rdbuf();
  if (!file.is_open() || file.bad() || (content.fail() && errno != 0)) {
    const std::string reason = errno != 0 ? std::strerror(errno) : "it is not a readable file";
    return std::unexpected(Diagnostics{{path, 0, 0, "cannot read this file: " + reason, Severity::error}});
  }
  return parse(content.str(), path, options);
}

}  // namespace stdbind::simple
