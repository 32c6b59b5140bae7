// The text of a comment stays the author's: lines keep their order, only markers and commands go.
#include "comments.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>
#include <utility>

namespace stdbind::generate {
namespace {

std::string trimmed(std::string text) {
  text.erase(0, std::min(text.find_first_not_of(" \t\r"), text.size()));
  text.erase(text.find_last_not_of(" \t\r") + 1);
  return text;
}

std::size_t indentation(const std::string& line) { return std::min(line.find_first_not_of(' '), line.size()); }

// The lines of a comment without its markers.
std::vector<std::string> content(const std::string& comment) {
  std::vector<std::string> lines;
  std::istringstream in(comment);
  bool first = true;
  const bool block = comment.rfind("/*", 0) == 0;
  for (std::string line; std::getline(in, line);) {
    for (std::size_t tab = line.find('\t'); tab != std::string::npos; tab = line.find('\t'))
      line.replace(tab, 1, "    ");
    if (!block) {
      line.erase(0, line.find("//") + 2);
      while (!line.empty() && (line[0] == '/' || line[0] == '!')) line.erase(0, 1);
      if (!line.empty() && line[0] == '<') line.erase(0, 1);
    } else {
      if (const std::size_t end = line.rfind("*/"); end != std::string::npos && in.peek() == EOF) line.erase(end);
      if (first) {
        line.erase(0, 2);
        line.erase(0, std::min(line.find_first_not_of("*!"), line.size()));
        if (!line.empty() && line[0] == '<') line.erase(0, 1);
      } else if (const std::size_t star = line.find_first_not_of(' '); star != std::string::npos && line[star] == '*') {
        line.erase(0, star + 1);
        while (!line.empty() && line[0] == '*') line.erase(0, 1);
      }
    }
    line.erase(line.find_last_not_of(" *\r") + 1);
    if (line.find_first_not_of("-=*_+# ") == std::string::npos) line.clear();  // a ruler
    lines.push_back(line);
    first = false;
  }
  return lines;
}

// Takes "@param" or "\param" from the start of a line; "" if there is none.
std::string take_command(std::string& line) {
  const std::string text = trimmed(line);
  if (text.size() < 2 || (text[0] != '@' && text[0] != '\\') || !std::isalpha(static_cast<unsigned char>(text[1])))
    return "";
  std::size_t end = 1;
  while (end < text.size() && std::isalpha(static_cast<unsigned char>(text[end]))) ++end;
  const std::string command = text.substr(1, end - 1);
  if (end < text.size() && text[end] == '[') end = std::min(text.find(']', end), text.size() - 1) + 1;
  line = trimmed(text.substr(end));
  return command;
}

// Removes Doxygen's marks inside of a line: "@p name" -> "name", "::name" -> "name".
std::string plain(std::string line) {
  for (const char* mark :
       {"@p ", "@c ", "@a ", "@e ", "@b ", "@ref ", "\\p ", "\\c ", "\\a ", "\\e ", "\\b ", "\\ref "}) {
    const std::string word = mark;
    for (std::size_t at = line.find(word); at != std::string::npos; at = line.find(word, at))
      line.erase(at, word.size());
  }
  return line;
}

// Doxygen's commands may follow other text on one line.
std::vector<std::string> split_at_commands(const std::string& line) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t at = 1; at + 1 < line.size(); ++at) {
    if ((line[at] != '@' && line[at] != '\\') || line[at - 1] != ' ') continue;
    for (const char* command : {"param", "return", "see", "sa ", "throw", "exception", "note", "retval"}) {
      if (line.compare(at + 1, std::char_traits<char>::length(command), command) != 0) continue;
      parts.push_back(line.substr(begin, at - begin));
      begin = at;
      break;
    }
  }
  parts.push_back(line.substr(begin));
  if (parts.size() > 1 && trimmed(parts[0]).empty()) parts.erase(parts.begin());
  return parts;
}

std::string take_word(std::string& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  std::string word = text.substr(0, end);
  text = trimmed(text.substr(end));
  return word;
}

void add_line(std::string& text, const std::string& line) {
  if (line.empty()) return;
  text += (text.empty() ? "" : " ") + line;
}

// Where the first sentence ends: behind ". ", but not behind "e.g. " or a single letter.
std::size_t sentence_end(const std::string& text) {
  for (std::size_t at = text.find(". "); at != std::string::npos; at = text.find(". ", at + 1)) {
    const bool abbreviation = at >= 2 && (text[at - 2] == '.' || text[at - 2] == ' ' || text[at - 2] == '(');
    if (!abbreviation) return at + 1;
  }
  return text.size();
}

class CommentReader {
 public:
  Documentation read(const std::string& comment) {
    for (const auto& line : content(comment)) {
      for (auto& part : split_at_commands(line)) take(part);
    }
    end_paragraph();
    shape();
    return std::move(result_);
  }

 private:
  void take(std::string line) {
    const std::string command = take_command(line);
    if (!command.empty()) {
      begin(command, line);
    } else if (trimmed(line).empty()) {
      end_paragraph();
      goal_ = nullptr;
    } else if (goal_ != nullptr) {
      add_line(*goal_, plain(trimmed(line)));
    } else {
      paragraph_.push_back(plain(line));
    }
  }

  void begin(const std::string& command, std::string text) {
    end_paragraph();
    goal_ = nullptr;
    text = plain(text);
    if (command == "param" || command == "arg") {
      result_.parameters.emplace_back(take_word(text), "");
      goal_ = &result_.parameters.back().second;
      add_line(*goal_, text);
    } else if (command == "return" || command == "returns" || command == "result" || command == "retval") {
      if (!result_.returns.empty()) text = (result_.returns.back() == ';' ? "" : "; ") + text;
      result_.returns += text;
      goal_ = &result_.returns;
    } else if (command == "throws" || command == "throw" || command == "exception") {
      result_.raises.push_back(text);
      goal_ = &result_.raises.back();
    } else if (command == "see" || command == "sa") {
      result_.see.push_back(text);
      goal_ = &result_.see.back();
    } else if (command == "code" || command == "endcode" || command == "verbatim" || command == "endverbatim" ||
               command == "ingroup" || command == "file" || command == "defgroup" || command == "name") {
      return;
    } else if (command == "brief" || command == "short" || command == "details") {
      paragraph_.push_back(text);
    } else {
      std::string label = command;
      label[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(label[0])));
      paragraph_.push_back(label + ": " + text);
    }
  }

  void end_paragraph() {
    if (paragraph_.empty()) return;
    std::size_t common = paragraph_.size() > 1 ? std::string::npos : 0;
    for (std::size_t i = 1; i < paragraph_.size(); ++i) common = std::min(common, indentation(paragraph_[i]));
    for (std::size_t i = 0; i < paragraph_.size(); ++i) {
      paragraph_[i] = i == 0 ? trimmed(paragraph_[i]) : paragraph_[i].substr(common);
    }
    result_.body.push_back(std::move(paragraph_));
    paragraph_.clear();
  }

  // The summary is the first paragraph if that is one line, else its first sentence.
  void shape() {
    if (result_.body.empty()) return;
    auto first = std::move(result_.body.front());
    result_.body.erase(result_.body.begin());
    if (first.size() == 1) {
      result_.summary = first[0];
      return;
    }
    std::string text;
    for (const auto& line : first) add_line(text, trimmed(line));
    const std::size_t end = sentence_end(text);
    result_.summary = text.substr(0, end);
    std::vector<std::string> rest;
    std::istringstream words(text.substr(end));
    std::string line;
    for (std::string word; words >> word;) {
      if (!line.empty() && line.size() + 1 + word.size() > 96) {
        rest.push_back(line);
        line.clear();
      }
      add_line(line, word);
    }
    if (!line.empty()) rest.push_back(line);
    if (!rest.empty()) result_.body.insert(result_.body.begin(), rest);
  }

  Documentation result_;
  std::vector<std::string> paragraph_;
  std::string* goal_ = nullptr;
};

}  // namespace

Documentation read_comment(const std::string& comment) {
  if (comment.empty()) return {};
  return CommentReader().read(comment);
}

const std::string* Documentation::parameter(const std::string& name) const {
  for (const auto& [key, text] : parameters) {
    if (key == name) return &text;
  }
  return nullptr;
}

}  // namespace stdbind::generate
