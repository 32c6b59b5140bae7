// Names in the target's manner.
#pragma once

#include <string>
#include <vector>

namespace stdbind::generate {

// The words of a C name: "inflateReset2" -> inflate, Reset2; "Z_NO_FLUSH" -> Z, NO, FLUSH.
std::vector<std::string> words_in(const std::string& name);

// `style` is one of keep, snake, upper, pascal, camel. Underscores at the start and the end stay.
std::string in_style(const std::string& name, const std::string& style);

bool is_style(const std::string& style);

// Removes the first of `prefixes` that the name starts with, in upper or lower case, if a name is left.
std::string without_prefix(const std::string& name, const std::vector<std::string>& prefixes);

std::string upper(std::string text);
std::string lower(std::string text);

}  // namespace stdbind::generate
