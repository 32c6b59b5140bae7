// The words of one line of a case file, and the steps that need no knowledge of the lines around them.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "conform/case.hpp"

namespace stdbind::conform {

/// `key=text`, or a bare word with an empty key. Quotes are taken off.
struct Word {
  std::string key;
  std::string text;
};

/// Splits a line at blanks. Double quotes keep blanks together; # at the start of a word begins a comment.
std::expected<std::vector<Word>, std::string> split_words(std::string_view line);

std::expected<Argument, std::string> parse_argument(const Word& word, std::int64_t page_size);
std::expected<Expectation, std::string> parse_expectation(const Word& word, std::int64_t page_size);
std::expected<MappingCheck, std::string> parse_mapping_fields(const std::vector<Word>& words, std::int64_t page_size);

/// The milliseconds of `within=`.
std::expected<std::int64_t, std::string> parse_within(const Word& word);

/// The verbs without an object: file, disk, outside, limit and so on.
std::expected<decltype(Step::action), std::string> parse_plain_action(const std::vector<Word>& words,
                                                                      std::int64_t page_size);

}  // namespace stdbind::conform
