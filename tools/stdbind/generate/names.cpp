// A name is split where an underscore stands or a lower-case letter meets an upper-case one. What has no lower-case letter is
// one word, digits included: "HUGETLB_2M" is HUGETLB and 2M.
#include "names.hpp"

#include <algorithm>
#include <cctype>

namespace stdbind::generate {
namespace {

bool is_upper(char c) { return std::isupper(static_cast<unsigned char>(c)); }
bool is_lower(char c) {
  return std::islower(static_cast<unsigned char>(c)) || std::isdigit(static_cast<unsigned char>(c));
}

std::string capital(std::string word) {
  word = lower(word);
  word[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(word[0])));
  return word;
}

// Whether the part of `name` around `at`, up to the next underscores, has a lower-case letter.
bool has_lower_letter(const std::string& name, std::size_t at) {
  const std::size_t before = name.rfind('_', at);
  const std::size_t first = before == std::string::npos ? 0 : before + 1;
  const std::string part = name.substr(first, name.find('_', at) - first);
  return std::any_of(part.begin(), part.end(), [](unsigned char c) { return std::islower(c); });
}

}  // namespace

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::vector<std::string> words_in(const std::string& name) {
  std::vector<std::string> words;
  std::string word;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool border = !word.empty() && is_upper(c) && has_lower_letter(name, i) &&
                        (is_lower(name[i - 1]) || (is_upper(name[i - 1]) && i + 1 < name.size() &&
                                                   std::islower(static_cast<unsigned char>(name[i + 1]))));
    if (c == '_' || border) {
      if (!word.empty()) words.push_back(word);
      word.clear();
    }
    if (c != '_') word += c;
  }
  if (!word.empty()) words.push_back(word);
  return words;
}

bool is_style(const std::string& style) {
  return style == "keep" || style == "snake" || style == "upper" || style == "pascal" || style == "camel";
}

std::string in_style(const std::string& name, const std::string& style) {
  const auto words = words_in(name);
  if (style == "keep" || words.empty() || (style == "upper" && name == upper(name))) return name;
  std::string result;
  for (const auto& word : words) {
    if (style == "snake" || style == "upper") {
      result += (result.empty() ? "" : "_") + (style == "snake" ? lower(word) : upper(word));
    } else {
      result += style == "camel" && result.empty() ? lower(word) : capital(word);
    }
  }
  const std::size_t first = name.find_first_not_of('_');
  const std::size_t last = name.find_last_not_of('_');
  return std::string(first, '_') + result + std::string(name.size() - 1 - last, '_');
}

std::string without_prefix(const std::string& name, const std::vector<std::string>& prefixes) {
  for (const auto& prefix : prefixes) {
    if (name.size() <= prefix.size()) continue;
    const std::string start = name.substr(0, prefix.size());
    if (start != prefix && start != upper(prefix) && start != lower(prefix)) continue;
    if (std::isdigit(static_cast<unsigned char>(name[prefix.size()]))) continue;
    return name.substr(prefix.size());
  }
  return name;
}

}  // namespace stdbind::generate
