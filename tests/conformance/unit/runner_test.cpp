// Adapters that misbehave: each gets a verdict of its own, and the run goes on with a fresh process.
#include "conform/runner.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "conform/case_parser.hpp"

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

class Runner : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    directory_ =
        fs::path(STDBIND_BINARY_DIR) / "conform-tests" / (std::string(info->name()) + std::to_string(getpid()));
    fs::create_directories(directory_);
    language_.name = "bad";
    language_.file = "adapter.toml";
    language_.out = directory_ / "out";
    options_.work_directory = directory_;
    options_.patience = {std::chrono::seconds(30), std::chrono::seconds(60)};
    cases_ = parse_cases("case area/faulty\n  do page_size -> n=4096\ncase area/sound\n  do live -> n=0\n", "some.case",
                         "area", 4096)
                 .cases;
  }
  void TearDown() override { fs::remove_all(directory_); }

  LanguageResult run(const std::string& fault) {
    language_.start = {"python3", STDBIND_SOURCE_DIR "/tests/conformance/bad-adapters/adapter.py", fault};
    return run();
  }
  LanguageResult run() {
    Silent silent;
    return run_suite(cases_, cases_, {language_}, nullptr, options_, silent).front();
  }
  void use_cases(const std::string& text) {
    auto suite = parse_cases(text, "some.case", "area", 4096);
    ASSERT_TRUE(suite.errors.empty()) << suite.errors.front();
    cases_ = std::move(suite.cases);
  }

  fs::path directory_;
  Language language_;
  RunOptions options_;
  std::vector<Case> cases_;
};

struct Expected {
  const char* fault;
  Verdict verdict;
  const char* text;  // a part of what is said
};

void PrintTo(const Expected& expected, std::ostream* out) { *out << expected.fault; }

class BadAdapter : public Runner, public testing::WithParamInterface<Expected> {
 protected:
  void SetUp() override {
    Runner::SetUp();
    if (std::string(GetParam().fault) == "hangs") options_.patience.answer = std::chrono::seconds(2);
  }
};

TEST_P(BadAdapter, IsToldFromTheOthersAndDoesNotStopTheRun) {
  const auto result = run(GetParam().fault);
  ASSERT_EQ(result.outcomes.size(), 2U);
  EXPECT_EQ(result.outcomes[0].verdict, GetParam().verdict) << result.outcomes[0].text;
  EXPECT_NE(result.outcomes[0].text.find(GetParam().text), std::string::npos) << result.outcomes[0].text;
  EXPECT_EQ(result.outcomes[1].verdict, Verdict::Pass) << result.outcomes[1].text;
  EXPECT_TRUE(result.red());
}

INSTANTIATE_TEST_SUITE_P(
    All, BadAdapter,
    testing::Values(Expected{"hangs", Verdict::Timeout, "no answer within 2 s"},
                    Expected{"crashes", Verdict::Crash, "SIGSEGV"}, Expected{"exits", Verdict::Crash, "exit code 1"},
                    Expected{"prints", Verdict::BrokenHarness, "Traceback"},
                    Expected{"endless-line", Verdict::BrokenHarness, "not an answer"},
                    Expected{"other-number", Verdict::BrokenHarness, "was expected"},
                    Expected{"unknown-kind", Verdict::BrokenHarness, "no error kind"},
                    Expected{"no-fields", Verdict::BrokenHarness, "n= is missing"},
                    Expected{"unsupported", Verdict::Fail, "no line of the language's capability file"},
                    Expected{"keeps-files", Verdict::Leak, "adapter.py"}),
    [](const auto& info) {
      std::string name = info.param.fault;
      std::ranges::replace(name, '-', '_');
      return name;
    });

TEST_F(Runner, PassesASoundAdapter) {
  const auto result = run("none");
  EXPECT_EQ(result.count(Verdict::Pass), 2);
  EXPECT_FALSE(result.red());
  EXPECT_EQ(result.tool, "bad 1.0");
  EXPECT_EQ(result.abi, 1);
}

TEST_F(Runner, HandlesThatStayOpenAreALeak) {
  const auto result = run("keeps-handles");
  EXPECT_EQ(result.count(Verdict::Leak), 2);
  EXPECT_NE(result.outcomes[0].text.find("live=3"), std::string::npos);
}

TEST_F(Runner, ABadGoodbyeIsAProblem) {
  const auto result = run("bad-goodbye");
  EXPECT_EQ(result.failed(), 0);
  ASSERT_EQ(result.problems.size(), 1U);
  EXPECT_NE(result.problems.front().find("exit code 4"), std::string::npos) << result.problems.front();
}

TEST_F(Runner, AnAdapterThatDoesNotStartDiesInPhaseStart) {
  const auto result = run("exits-at-start");
  EXPECT_EQ(result.count(Verdict::Phase), 2);
  EXPECT_EQ(result.outcomes[0].phase, "start");
  EXPECT_NE(result.outcomes[0].errors.find("not well today"), std::string::npos) << result.outcomes[0].errors;
}

TEST_F(Runner, AnAdapterThatHangsAtStartDiesInPhaseStart) {
  options_.patience.start = std::chrono::milliseconds(200);
  const auto result = run("hangs-at-start");
  EXPECT_EQ(result.outcomes[0].phase, "start");
  EXPECT_NE(result.outcomes[0].text.find("no answer"), std::string::npos);
}

TEST_F(Runner, OtherPageSizesAreRefusedAtStart) {
  const auto result = run("other-pages");
  EXPECT_EQ(result.outcomes[0].phase, "start");
  EXPECT_NE(result.outcomes[0].text.find("page=12345"), std::string::npos);
}

TEST_F(Runner, AProgramThatDoesNotExistIsNamed) {
  language_.start = {"/nonexistent/program"};
  const auto result = run();
  EXPECT_EQ(result.outcomes[0].phase, "start");
  EXPECT_NE(result.outcomes[0].text.find("cannot start /nonexistent/program"), std::string::npos);
}

TEST_F(Runner, ARequestThatNobodyReadsTimesOut) {
  options_.patience.answer = std::chrono::milliseconds(300);
  use_cases(
      "case area/first\n  do page_size -> n=4096\ncase area/second\n  do anon m length=1 mode=read\n"
      "  do write m data=pattern:0..1*MiB -> n=1*MiB\n");
  EXPECT_EQ(run("stops-reading").outcomes[0].verdict, Verdict::Timeout);
}

TEST_F(Runner, HangingForeverIsGivenUp) {
  std::string text;
  for (const auto* name : {"a", "b", "c", "d", "e", "f", "g"})
    text += std::string("case area/") + name + "\n  do page_size -> n=1\n";
  use_cases(text);
  options_.patience.answer = std::chrono::milliseconds(200);
  const auto result = run("hangs");
  EXPECT_EQ(result.count(Verdict::Timeout), 7);
  EXPECT_NE(result.outcomes.back().text.find("not run"), std::string::npos);
}

TEST_F(Runner, ABuildThatFailsIsNamedByItsPhase) {
  language_.build = {
      {"generate", {"true"}}, {"compile", {"sh", "-c", "echo line 3: syntax error >&2; exit 1"}}, {"link", {"true"}}};
  const auto result = run("none");
  EXPECT_EQ(result.count(Verdict::Phase), 2);
  EXPECT_EQ(result.outcomes[0].phase, "compile");
  EXPECT_NE(result.outcomes[0].text.find("syntax error"), std::string::npos);
}

TEST_F(Runner, KnownFailingIsCountedApart) {
  language_.known_failing = {{"area/faulty", "not done yet", "known-failing.txt:1"}};
  const auto result = run("crashes");
  EXPECT_EQ(result.outcomes[0].verdict, Verdict::KnownFail);
  EXPECT_EQ(result.outcomes[0].text, "not done yet");
  EXPECT_FALSE(result.red());
}

TEST_F(Runner, KnownFailingThatPassesIsRed) {
  language_.known_failing = {{"area/*", "not done yet", "known-failing.txt:1"}};
  const auto result = run("none");
  EXPECT_EQ(result.count(Verdict::UnexpectedPass), 2);
  EXPECT_TRUE(result.red());
  EXPECT_NE(result.outcomes[0].text.find("known-failing.txt:1"), std::string::npos);
}

TEST_F(Runner, ALineThatMatchesNoCaseIsRed) {
  language_.known_failing = {{"area/gone", "was there once", "known-failing.txt:7"}};
  const auto result = run("none");
  ASSERT_EQ(result.problems.size(), 1U);
  EXPECT_NE(result.problems.front().find("known-failing.txt:7"), std::string::npos);
  EXPECT_TRUE(result.red());
}

TEST_F(Runner, UnsupportedNeedsALine) {
  language_.unsupported = {{"area/faulty", "the language has no pages", "unsupported.txt:1"}};
  const auto result = run("unsupported");
  EXPECT_EQ(result.outcomes[0].verdict, Verdict::Unsupported);
  EXPECT_EQ(result.outcomes[0].text, "the language has no pages");
  EXPECT_FALSE(result.red());
}

TEST_F(Runner, AnUnsupportedLineThatIsNotNeededIsRed) {
  language_.unsupported = {{"area/faulty", "the language has no pages", "unsupported.txt:1"}};
  const auto result = run("none");
  EXPECT_EQ(result.failed(), 0);
  ASSERT_EQ(result.problems.size(), 1U);
  EXPECT_TRUE(result.red());
}

TEST_F(Runner, WhatFailsOnlyOnAPlatformIsUnsupportedThere) {
  language_.platform.unsupported = {{"area/faulty", "the emulator does not show it", "unsupported.txt:1"}};
  const auto result = run("crashes");
  EXPECT_EQ(result.outcomes[0].verdict, Verdict::Unsupported);
  EXPECT_EQ(result.outcomes[0].text, "the emulator does not show it");
  EXPECT_EQ(result.outcomes[1].verdict, Verdict::Pass);
  EXPECT_FALSE(result.red());
}

TEST_F(Runner, WhatPassesAlthoughAPlatformListsItIsRed) {
  language_.platform.unsupported = {{"area/faulty", "the emulator does not show it", "unsupported.txt:1"}};
  const auto result = run("none");
  EXPECT_EQ(result.outcomes[0].verdict, Verdict::UnexpectedPass);
  EXPECT_NE(result.outcomes[0].text.find("unsupported.txt:1"), std::string::npos);
  language_.platform.unsupported = {{"area/gone", "was there once", "unsupported.txt:7"}};
  EXPECT_EQ(run("none").problems.size(), 1U);
}

TEST_F(Runner, NothingStaysInTheWorkDirectory) {
  use_cases(
      "case area/files\n  file a.bin text:a\n  directory sub\n  file sub/b.bin text:b\n  fifo p\n  do live -> n=0\n");
  const auto result = run("none");
  EXPECT_FALSE(result.red()) << result.outcomes[0].text;
  EXPECT_FALSE(fs::exists(directory_ / "bad" / "area-files"));
}

TEST_F(Runner, WhatACaseCannotSetUpIsNotTheAdaptersFault) {
  use_cases("case area/files\n  file a.bin text:a\n  file a.bin text:a\n  do live -> n=0\n");
  const auto result = run("none");
  EXPECT_EQ(result.outcomes[0].verdict, Verdict::BrokenHarness);
  EXPECT_NE(result.outcomes[0].text.find("File exists"), std::string::npos);
}

TEST_F(Runner, FilesThatDifferAreShown) {
  use_cases(
      "case area/files\n  file a.bin text:abc\n  do live -> n=0\n  disk a.bin text:abd\n"
      "case area/list\n  file a.bin text:abc\n  do live -> n=0\n  listing b.bin\n");
  const auto result = run("none");
  EXPECT_NE(result.outcomes[0].text.find("byte 2"), std::string::npos) << result.outcomes[0].text;
  EXPECT_EQ(result.outcomes[0].place, "some.case:4");
  EXPECT_NE(result.outcomes[1].text.find("holds a.bin"), std::string::npos) << result.outcomes[1].text;
}

}  // namespace
}  // namespace stdbind::conform
