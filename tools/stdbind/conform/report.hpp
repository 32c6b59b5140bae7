// What people and machines read of a run: the matrix, the failures, JSON and Markdown.
#pragma once

#include <string>
#include <vector>

#include "conform/runner.hpp"

namespace stdbind::conform {

/// Sums over all languages, as the last line tells them.
struct Totals {
  std::size_t cases = 0;
  std::size_t languages = 0;
  int passed = 0;
  int failed = 0;
  int unsupported = 0;
  int known_failing = 0;
};

Totals sum_up(const std::vector<LanguageResult>& results, std::size_t cases);

/// "matrix: C cases x L languages: P passed, F failed, U unsupported, K known-failing"
std::string totals_line(const Totals& totals);

/// Rows are areas, columns are languages; above it the tools with their versions.
std::string matrix_text(const std::vector<LanguageResult>& results, bool colour);

/// "pairs: N cases x M pairs: P passed, F failed", and what is unsupported or known to fail, if anything is.
std::string pairs_line(const std::vector<PairResult>& pairs);

/// Rows are the languages that write, columns those that read. Empty without pairs.
std::string pairs_text(const std::vector<PairResult>& pairs, bool colour);

/// With the table of pairs below it, if there are any.
std::string matrix_markdown(const std::vector<LanguageResult>& results, const Totals& totals,
                            const std::vector<PairResult>& pairs);
std::string results_json(const std::vector<LanguageResult>& results, const Totals& totals,
                         const std::vector<PairResult>& pairs);

/// One outcome that is not a pass, on several lines. `whole_trace`: every line that went to and fro.
std::string outcome_text(const std::string& language, const Outcome& outcome, bool colour, bool whole_trace);

}  // namespace stdbind::conform
