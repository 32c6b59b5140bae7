// A lexer for what the preprocessor leaves: comments, directives that -dD keeps, line markers and C tokens.
#include "tokens.hpp"

#include <cctype>
#include <cstdlib>
#include <map>

namespace stdbind::generate {
namespace {

bool starts_word(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || c == '$'; }
bool in_word(char c) { return starts_word(c) || std::isdigit(static_cast<unsigned char>(c)); }

class Lexer {
 public:
  explicit Lexer(const std::string& text) : text_(text) { file_ = file_index("<none>"); }

  Tokens all() {
    while (at_ < text_.size()) step();
    return std::move(tokens_);
  }

 private:
  void step() {
    const char c = text_[at_];
    if (c == '\n') {
      ++at_;
      ++line_;
      line_start_ = true;
      space_ = true;
    } else if (std::isspace(static_cast<unsigned char>(c))) {
      ++at_;
      space_ = true;
    } else if (c == '#' && line_start_) {
      directive();
    } else if (starts("/*")) {
      const std::size_t end = text_.find("*/", at_ + 2);
      take(Token::Kind::comment, end == std::string::npos ? text_.size() : end + 2);
    } else if (starts("//")) {
      take(Token::Kind::comment, line_end());
    } else if (c == '"' || c == '\'') {
      take(Token::Kind::text, literal_end(c));
    } else if (starts_word(c)) {
      std::size_t end = at_;
      while (end < text_.size() && in_word(text_[end])) ++end;
      take(Token::Kind::word, end);
    } else if (std::isdigit(static_cast<unsigned char>(c))) {
      std::size_t end = at_;
      while (end < text_.size() && (in_word(text_[end]) || text_[end] == '.')) ++end;
      take(Token::Kind::number, end);
    } else if (starts("...")) {
      take(Token::Kind::punctuation, at_ + 3);
    } else {
      take(Token::Kind::punctuation, at_ + 1);
    }
  }

  // A line marker (# 12 "file" flags) says what follows; any other directive is a token of its own.
  void directive() {
    const std::size_t end = line_end();
    const std::string line = text_.substr(at_, end - at_);
    char* rest = nullptr;
    const long number = std::strtol(line.c_str() + 1, &rest, 10);
    if (rest != line.c_str() + 1 && std::string(rest).rfind(" \"", 0) == 0) {
      std::string name;
      for (const char* p = rest + 2; *p != '\0' && *p != '"'; ++p) {
        if (*p == '\\' && p[1] != '\0') ++p;
        name += *p;
      }
      file_ = file_index(name);
      line_ = static_cast<int>(number) - 1;  // the newline after the marker counts one up
      at_ = end;
      return;
    }
    take(Token::Kind::directive, end);
  }

  void take(Token::Kind kind, std::size_t end) {
    Token token{kind, text_.substr(at_, end - at_), file_, line_, line_, space_};
    for (const char c : token.text) line_ += c == '\n';
    token.end_line = line_;
    tokens_.list.push_back(std::move(token));
    at_ = end;
    space_ = false;
    line_start_ = false;
  }

  bool starts(const char* what) const { return text_.compare(at_, std::char_traits<char>::length(what), what) == 0; }

  std::size_t line_end() const {
    const std::size_t end = text_.find('\n', at_);
    return end == std::string::npos ? text_.size() : end;
  }

  std::size_t literal_end(char quote) const {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') end += text_[end] == '\\' ? 2 : 1;
    return end < text_.size() ? end + 1 : text_.size();
  }

  int file_index(const std::string& name) {
    const auto [entry, fresh] = indices_.emplace(name, static_cast<int>(tokens_.files.size()));
    if (fresh) tokens_.files.push_back(name);
    return entry->second;
  }

  const std::string& text_;
  Tokens tokens_;
  std::map<std::string, int> indices_;
  std::size_t at_ = 0;
  int file_ = 0;
  int line_ = 1;
  bool line_start_ = true;
  bool space_ = false;
};

}  // namespace

Tokens split_into_tokens(const std::string& preprocessed) { return Lexer(preprocessed).all(); }

}  // namespace stdbind::generate
