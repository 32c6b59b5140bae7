// Adapters that misbehave: each gets a verdict of its own, and the run goes on with a fresh process.
#include "conform/runner.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "conform/case_parser.hpp"
#include "conform/mounts.hpp"

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
                    Expected{"keeps-files", Verdict::Leak, "adapter.py"},
                    Expected{"keeps-memory", Verdict::Leak, "/dev/zero (deleted) is still mapped"}),
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

TEST_F(Runner, UntilAsksAgain) {
  use_cases("case area/late\n  do anon m length=1 mode=read\n  until is_stale m within=5000 -> value=1\n");
  EXPECT_EQ(run("none").outcomes[0].verdict, Verdict::Pass);
}

TEST_F(Runner, UntilEndsWithTheLastAnswer) {
  use_cases("case area/never\n  until live within=30 -> n=1\n");
  const auto outcome = run("none").outcomes[0];
  EXPECT_EQ(outcome.verdict, Verdict::Fail);
  EXPECT_NE(outcome.text.find("expected n=1, the answer has n=0"), std::string::npos) << outcome.text;
  EXPECT_LE(outcome.trace.size(), 6U);
}

TEST_F(Runner, LimitsAreTakenBack) {
  use_cases(
      "case area/one\n  do page_size -> n=-1\n  limit fsize=4096\n  limit fsize=8192\n  do page_size -> n=8192\n"
      "case area/two\n  do page_size -> n=-1\n");
  const auto result = run("tells-its-limit");
  EXPECT_EQ(result.outcomes[0].verdict, Verdict::Pass) << result.outcomes[0].text;
  EXPECT_EQ(result.outcomes[1].verdict, Verdict::Pass) << result.outcomes[1].text;
}

TEST_F(Runner, TheLimitOfMappingsIsTakenBack) {
  use_cases(
      "case area/one\n  do positioned_limit bytes=0\n  do positioned_limit bytes=1 -> n=0\n  do live -> n=9\n"
      "case area/two\n  do positioned_limit bytes=5 -> n=77\n");
  const auto result = run("none");
  EXPECT_EQ(result.outcomes[0].verdict, Verdict::Fail);
  EXPECT_EQ(result.outcomes[1].verdict, Verdict::Pass) << result.outcomes[1].text;
}

TEST_F(Runner, NamesOfSharedMemoryThatStayAreALeak) {
  use_cases("case area/name\n  do named_create m name=a mode=read length=1\n  do live -> n=0\n");
  const auto outcome = run("none").outcomes[0];
  EXPECT_EQ(outcome.verdict, Verdict::Leak);
  const auto at = outcome.text.find("/dev/shm/conform-");
  ASSERT_NE(at, std::string::npos) << outcome.text;
  EXPECT_FALSE(fs::exists(outcome.text.substr(at)));
}

TEST_F(Runner, MemoryThatCanBeMadeShorterIsNotSealed) {
  use_cases("case area/seal\n  do anon m length=1 mode=read\n  do view m offset=0 length=0 -> n=0\n  sealed m\n");
  const auto outcome = run("none").outcomes[0];
  EXPECT_EQ(outcome.verdict, Verdict::Fail);
  EXPECT_NE(outcome.text.find("not sealed"), std::string::npos) << outcome.text;
}

TEST_F(Runner, SmallFileSystemsGoWithTheirCase) {
  use_own_mounts();
  use_cases(
      "case area/disk\n  tmpfs small 4*page\n  outside fill-disk small/rest page\n  disk small/rest size=3*page\n"
      "  outside replace small/a text:abc\n  disk small/a text:abc\n  do live -> n=0\n");
  const auto result = run("none");
  // Only root may mount; for others that is the verdict, and it is not green.
  const auto verdict = geteuid() == 0 ? Verdict::Pass : Verdict::Unsupported;
  EXPECT_EQ(result.outcomes[0].verdict, verdict) << result.outcomes[0].text;
  std::ifstream mounts("/proc/self/mounts");
  const std::string text{std::istreambuf_iterator<char>(mounts), {}};
  EXPECT_EQ(text.find(directory_.string()), std::string::npos);
  EXPECT_FALSE(fs::exists(directory_ / "bad" / "area-disk"));
}

TEST_F(Runner, WhatCannotBeMountedIsUnsupportedAndNeverGreen) {
  options_.may_mount = false;
  use_cases("case area/disk\n  tmpfs small 4*page\n  do live -> n=0\n");
  const auto result = run("none");
  EXPECT_EQ(result.outcomes[0].verdict, Verdict::Unsupported);
  EXPECT_EQ(result.outcomes[0].phase, "cannot mount");
  EXPECT_EQ(result.count(Verdict::Pass), 0);
  EXPECT_FALSE(result.red());
}

class Pairs : public Runner {
 protected:
  // Runs a case with a peer in two languages, of which the second may have a fault.
  std::vector<PairResult> run_two(const std::string& fault) {
    Silent silent;
    auto other = language_;
    other.name = "other";
    language_.start = {"python3", STDBIND_SOURCE_DIR "/tests/conformance/bad-adapters/adapter.py", "none"};
    other.start = {"python3", STDBIND_SOURCE_DIR "/tests/conformance/bad-adapters/adapter.py", fault};
    other.unsupported = unsupported_;
    use_cases(
        "case area/alone\n  do page_size -> n=4096\n"
        "case area/both\n  do live -> n=0\n  peer do page_size -> n=4096\n");
    const std::vector<Language> languages{language_, other};
    const auto alone = run_suite(cases_, cases_, languages, nullptr, options_, silent);
    return run_pairs(cases_, languages, alone, options_, silent);
  }

  std::vector<ListLine> unsupported_;
};

TEST_F(Pairs, AreAllOrderedPairsOfTheCasesWithAPeer) {
  const auto pairs = run_two("none");
  ASSERT_EQ(pairs.size(), 4U);
  EXPECT_EQ(pairs[1].writer + " " + pairs[1].reader, "bad other");
  EXPECT_EQ(pairs[2].writer + " " + pairs[2].reader, "other bad");
  for (const auto& pair : pairs) {
    ASSERT_EQ(pair.outcomes.size(), 1U);
    EXPECT_EQ(pair.outcomes[0].case_name, "area/both");
    EXPECT_EQ(pair.count(Verdict::Pass), 1) << pair.writer << "+" << pair.reader << ": " << pair.outcomes[0].text;
    EXPECT_FALSE(pair.red());
  }
}

TEST_F(Pairs, TellWhichOfThemFails) {
  const auto pairs = run_two("crashes");
  ASSERT_EQ(pairs.size(), 4U);
  EXPECT_EQ(pairs[0].failed(), 0);
  EXPECT_EQ(pairs[1].outcomes[0].verdict, Verdict::Crash);  // the reader crashes
  EXPECT_EQ(pairs[2].failed(), 0);                          // as a writer it is not asked that
  EXPECT_EQ(pairs[3].outcomes[0].verdict, Verdict::Crash);
}

TEST_F(Pairs, WhatTheReaderDoesNotSupportIsUnsupported) {
  unsupported_ = {{"area/*", "the language has no pages", "unsupported.txt:1"}};
  const auto pairs = run_two("unsupported");
  ASSERT_EQ(pairs.size(), 4U);
  EXPECT_EQ(pairs[1].outcomes[0].verdict, Verdict::Unsupported);
  EXPECT_EQ(pairs[1].outcomes[0].text, "the language has no pages");
  EXPECT_FALSE(pairs[1].red());
}

TEST_F(Pairs, AreNotTriedWithALanguageThatDidNotStart) {
  const auto pairs = run_two("exits-at-start");
  ASSERT_EQ(pairs.size(), 4U);
  EXPECT_EQ(pairs[0].failed(), 0);
  for (const std::size_t i : {1U, 2U, 3U}) {
    EXPECT_EQ(pairs[i].outcomes[0].verdict, Verdict::Phase);
    EXPECT_EQ(pairs[i].outcomes[0].phase, "start");
  }
}

}  // namespace
}  // namespace stdbind::conform
