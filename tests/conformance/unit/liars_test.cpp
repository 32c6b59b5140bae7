// The suite is tested too: adapters that lie must not get through it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "conform/case_parser.hpp"
#include "conform/mounts.hpp"
#include "conform/runner.hpp"

namespace stdbind::conform {
namespace {

namespace fs = std::filesystem;

class Silent : public Watcher {
 public:
  void building(const Language&) override {}
  void case_done(const std::string&, const Outcome&, std::size_t, std::size_t) override {}
  void language_done(const LanguageResult&) override {}
  void pair_done(const PairResult&) override {}
};

LanguageResult run_liar(const std::string& name) {
  const std::string root = STDBIND_SOURCE_DIR;
  const auto directory = fs::path(STDBIND_BINARY_DIR) / "conform-tests" / (name + std::to_string(getpid()));
  const Places places{root, STDBIND_BINARY_DIR, ""};
  const auto language = load_language(root + "/tests/conformance/adapters/" + name + "/adapter.toml", places);
  const auto suite = load_suite(root + "/tests/conformance/cases", sysconf(_SC_PAGESIZE));
  if (!language || !suite.errors.empty()) {
    ADD_FAILURE() << (language ? suite.errors.front() : language.error());
    return {};
  }
  EXPECT_FALSE(language->is_default);
  fs::create_directories(directory);
  RunOptions options;
  options.work_directory = directory;
  options.patience.until = std::chrono::milliseconds(20);  // a lie does not become true by waiting
  use_own_mounts();
  Silent silent;
  auto result = run_suite(suite.cases, suite.cases, {*language}, nullptr, options, silent).front();
  fs::remove_all(directory);
  EXPECT_EQ(result.outcomes.size(), suite.cases.size());
  return result;
}

std::string area_of(const Outcome& outcome) { return outcome.case_name.substr(0, outcome.case_name.find('/')); }

TEST(Liar, FailsEveryCase) {
  const auto result = run_liar("liar");
  for (const auto& outcome : result.outcomes)
    EXPECT_EQ(outcome.verdict, Verdict::Fail) << outcome.case_name << " checks nothing: " << outcome.text;
}

TEST(LiarMemory, FailsWhatLooksAtTheSystemAndIsRightElsewhere) {
  const auto result = run_liar("liar-memory");
  const std::set<std::string> must_fail{"map", "share", "disk", "fault", "named"};
  // In the other areas: what only shows in the system.
  std::set<std::string> must_fail_too{"async/the-pages-become-clean",
                                      "beneath/another-process-writes-it",
                                      "create/a-full-tmpfs-gives-no-space",
                                      "create/its-room-is-allocated",
                                      "create/longer-than-files-may-be-gives-limit",
                                      "direct/sees-what-another-process-updated",
                                      "huge/is-aligned-and-asked-for",
                                      "input/a-file-on-a-full-tmpfs",
                                      "lock/more-than-the-process-may",
                                      "lock/pages-stay-in-memory",
                                      "options/grow-keeps-a-descriptor",
                                      "options/populate-loads-a-file",
                                      "positioned/a-truncated-file-gives-fault",
                                      "prefault/a-truncated-file-gives-fault",
                                      "prefault/the-pages-are-there",
                                      "prefault/while-it-runs-closing-is-busy",
                                      "protect/takes-writing-away",
                                      "regions/what-overlaps-is-the-same",
                                      "resize/grows-the-file",
                                      "resize/no-space-leaves-all-as-it-was",
                                      "sealed/nobody-can-make-it-shorter-or-longer",
                                      "update/is-in-the-file",
                                      "update/is-on-the-disk",
                                      "watch/a-replaced-file",
                                      "watch/strict-reads-no-more-when-stale"};
  // Otherwise its failures would say nothing.
  const std::set<std::string> must_pass{"bounds", "close", "text", "write", "zero", "scoped", "system"};
  std::set<std::string> seen;
  for (const auto& outcome : result.outcomes) {
    const auto area = area_of(outcome);
    seen.insert(area);
    const auto said = outcome.case_name + ": " + outcome.text;
    if (must_fail.contains(area) || must_fail_too.erase(outcome.case_name) > 0) {
      EXPECT_EQ(outcome.verdict, Verdict::Fail) << said;
    }
    if (must_pass.contains(area)) {
      EXPECT_EQ(outcome.verdict, Verdict::Pass) << said;
    }
  }
  EXPECT_TRUE(std::ranges::includes(seen, must_fail));
  EXPECT_TRUE(must_fail_too.empty()) << "there is no case " << *must_fail_too.begin();
  EXPECT_TRUE(std::ranges::includes(seen, must_pass));
}

}  // namespace
}  // namespace stdbind::conform
