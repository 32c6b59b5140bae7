// Every file in accepted/ passes the strict check; every file in refused/ is refused, first of all at the place and
// with the words that its first line names.
#include <gtest/gtest.h>

#include "checker.hpp"
#include "parser.hpp"
#include "program_files.hpp"

namespace {

using namespace stdbind::simple;
using simple_tests::program_files;
using simple_tests::read_program;

const std::filesystem::path tests = SIMPLE_TESTS;

// The words that the language's documents and lexers name as unsafe; pass_* is a rule of its own.
constexpr std::string_view words =
    "gen val def exists actor assert join examples and_then move auto admit assume result old out where default slice "
    "flat grid type unit union literal repr bounds shared gpu vec dyn context with by into onto to on bind mock forbid "
    "allow when then given feature scenario outline style schema ui skip new from in is lazy common crate super go "
    "spawn "
    "yield sync unwrap me loop xor kernel macro mixin extend const static requires ensures invariant decreases forall "
    "ghost comptime newtype handle_pool";

TEST(AcceptedPrograms, PassTheStrictCheck) {
  const auto files = program_files(tests / "accepted");
  ASSERT_GE(files.size(), 13U);
  for (const std::string& file : files) {
    const auto module = parse_file(file);
    if (!module) ADD_FAILURE() << to_string(module.error().front());
  }
}

TEST(AcceptedPrograms, PassTheLenientParse) {
  for (const std::string& file : program_files(tests / "accepted")) {
    const auto module = parse_file(file, {.parse_only = true});
    if (!module) ADD_FAILURE() << to_string(module.error().front());
  }
}

TEST(LenientPrograms, PassOnlyTheLenientParse) {
  const auto files = program_files(tests / "lenient");
  ASSERT_GE(files.size(), 3U);
  for (const std::string& file : files) {
    const auto module = parse_file(file, {.parse_only = true});
    if (!module) ADD_FAILURE() << to_string(module.error().front());
    EXPECT_FALSE(parse_file(file)) << file;
  }
}

TEST(RefusedPrograms, AreRefusedWhereTheirFirstLineSays) {
  const auto files = program_files(tests / "refused");
  ASSERT_GE(files.size(), 250U);
  for (const std::string& file : files) {
    SCOPED_TRACE(file);
    const std::string source = read_program(file);
    const std::string first = source.substr(0, source.find('\n'));
    const std::string mark = "# expect: ";
    ASSERT_TRUE(first.starts_with(mark)) << "the first line is '# expect: LINE:COLUMN: part of the message'";
    const std::size_t place_end = first.find(": ", mark.size());
    ASSERT_NE(place_end, std::string::npos);
    const std::string place = first.substr(mark.size(), place_end - mark.size());
    const std::string words_expected = first.substr(place_end + 2);
    const auto module = parse_file(file);
    if (module) {
      ADD_FAILURE() << "is accepted; expected " << first;
      continue;
    }
    const Diagnostic& error = module.error().front();
    EXPECT_EQ(std::to_string(error.line) + ":" + std::to_string(error.column), place) << error.message;
    EXPECT_NE(error.message.find(words_expected), std::string::npos) << error.message;
  }
}

TEST(RefusedPrograms, HaveOneFileForEveryReservedWord) {
  std::istringstream all{std::string(words)};
  std::size_t count = 0;
  for (std::string word; all >> word; ++count) {
    EXPECT_TRUE(is_reserved(word)) << word;
    EXPECT_TRUE(std::filesystem::exists(tests / "refused" / ("word_" + word + ".spl"))) << word;
  }
  EXPECT_EQ(count, 83U);
  EXPECT_TRUE(is_reserved("pass_anything"));
}

TEST(StandardModules, PassTheStrictCheck) {
  const auto files = program_files(SIMPLE_STDLIB);
  for (const std::string& file : files) {
    const auto module = parse_file(file);
    if (!module) ADD_FAILURE() << to_string(module.error().front());
  }
}

TEST(ParseFile, ReportsAMissingFileWithoutALine) {
  const auto module = parse_file("/nowhere/at/all.spl");
  ASSERT_FALSE(module);
  EXPECT_EQ(to_string(module.error().front()), "/nowhere/at/all.spl: cannot read this file: No such file or directory");
}

TEST(ParseFile, ReportsADirectory) {
  const auto module = parse_file(SIMPLE_TESTS);
  ASSERT_FALSE(module);
  EXPECT_EQ(module.error().front().line, 0U);
}

}  // namespace
