// The matrix in its three forms, and its last line.
#include "conform/report.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace stdbind::conform {
namespace {

Outcome outcome(const std::string& name, Verdict verdict) {
  Outcome one;
  one.case_name = name;
  one.verdict = verdict;
  one.text = verdict == Verdict::Pass ? "" : "because";
  one.place = "some.case:3";
  return one;
}

std::vector<LanguageResult> results() {
  LanguageResult good;
  good.language = "good";
  good.tool = "good 1.0";
  good.outcomes = {outcome("a/one", Verdict::Pass), outcome("a/two", Verdict::Pass), outcome("b/one", Verdict::Pass)};
  LanguageResult poor;
  poor.language = "poor";
  poor.outcomes = {outcome("a/one", Verdict::Fail), outcome("a/two", Verdict::KnownFail),
                   outcome("b/one", Verdict::Unsupported)};
  return {good, poor};
}

std::vector<PairResult> pairs() {
  std::vector<PairResult> all;
  for (const auto* writer : {"good", "poor"})
    for (const auto* reader : {"good", "poor"})
      all.push_back({writer, reader, 0.5, {outcome("a/one", Verdict::Pass), outcome("a/two", Verdict::Pass)}, {}});
  all[1].outcomes[1] = outcome("a/two", Verdict::Fail);
  all[3].outcomes[0] = outcome("a/one", Verdict::KnownFail);
  return all;
}

TEST(Report, PairsLine) {
  auto all = pairs();
  EXPECT_EQ(pairs_line(all), "pairs: 2 cases x 4 pairs: 6 passed, 1 failed, 1 known-failing");
  all.resize(1);
  EXPECT_EQ(pairs_line(all), "pairs: 2 cases x 1 pairs: 2 passed, 0 failed");
}

TEST(Report, PairsHaveARowForEachThatWrites) {
  EXPECT_EQ(pairs_text(pairs(), false),
            "writer \\ reader  good  poor\ngood             2/2   1/2 1F\npoor             2/2   1/2 1K\n");
  EXPECT_EQ(pairs_text({}, false), "");
}

TEST(Report, PairsStandInTheOtherForms) {
  const auto markdown = matrix_markdown(results(), sum_up(results(), 3), pairs());
  EXPECT_NE(markdown.find("| writer \\ reader | good | poor |\n|---|---|---|\n| good | 2/2 | 1/2 1F |\n"),
            std::string::npos)
      << markdown;
  const auto root = nlohmann::json::parse(results_json(results(), sum_up(results(), 3), pairs()));
  EXPECT_EQ(root["pairs"].size(), 4U);
  EXPECT_EQ(root["pairs"][1]["reader"], "poor");
  EXPECT_EQ(root["pairs"][1]["cases"][1]["verdict"], "fail");
}

TEST(Report, LastLine) {
  EXPECT_EQ(totals_line(sum_up(results(), 3)),
            "matrix: 3 cases x 2 languages: 3 passed, 1 failed, 1 unsupported, 1 known-failing");
}

TEST(Report, MatrixCountsWhatIsNotGreenApart) {
  const auto text = matrix_text(results(), false);
  EXPECT_NE(text.find("a      2/2   0/2 1F 1K"), std::string::npos) << text;
  EXPECT_NE(text.find("b      1/1   0/1 1U"), std::string::npos) << text;
  EXPECT_NE(text.find("good 1.0"), std::string::npos);
  EXPECT_EQ(text.find('\033'), std::string::npos);
  EXPECT_NE(matrix_text(results(), true).find('\033'), std::string::npos);
}

TEST(Report, Markdown) {
  const auto text = matrix_markdown(results(), sum_up(results(), 3), {});
  EXPECT_NE(text.find("| area | good | poor |\n|---|---|---|\n"), std::string::npos) << text;
  EXPECT_NE(text.find("| **all** | 3/3 | 0/3 1F 1U 1K |"), std::string::npos) << text;
}

TEST(Report, Json) {
  const auto root = nlohmann::json::parse(results_json(results(), sum_up(results(), 3), {}));
  EXPECT_EQ(root["totals"]["failed"], 1);
  EXPECT_EQ(root["languages"][1]["cases"][0]["verdict"], "fail");
  EXPECT_EQ(root["languages"][1]["cases"][0]["place"], "some.case:3");
}

TEST(Report, JsonSurvivesBytesThatAreNoUtf8) {
  auto all = results();
  all[1].outcomes[0].trace = {"\xff\xfe"};
  EXPECT_NO_THROW(results_json(all, sum_up(all, 3), {}));
}

TEST(Report, FailuresShowTheEndOfTheTrace) {
  auto one = outcome("a/one", Verdict::Crash);
  one.step = "do live";
  for (int i = 0; i < 50; ++i) one.trace.push_back("line " + std::to_string(i));
  const auto text = outcome_text("poor", one, false, false);
  EXPECT_NE(text.find("crash: poor: a/one  (some.case:3)"), std::string::npos) << text;
  EXPECT_NE(text.find("line 49"), std::string::npos);
  EXPECT_EQ(text.find("line 30\n"), std::string::npos);
  EXPECT_NE(outcome_text("poor", one, false, true).find("line 0\n"), std::string::npos);
}

}  // namespace
}  // namespace stdbind::conform
