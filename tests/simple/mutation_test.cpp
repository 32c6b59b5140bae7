// Broken programs: a thousand mutants of real ones, and inputs made to exhaust a parser. None may crash it, overflow
// its stack or take long; each gets errors with a place in the file, or is accepted.
#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "parser.hpp"
#include "program_files.hpp"

namespace {

using namespace stdbind::simple;
using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t limit) { return limit == 0 ? 0 : random() % limit; }

std::string piece(Random& random, const std::string& text, std::size_t longest) {
  const std::size_t at = below(random, text.size());
  return text.substr(at, below(random, longest) + 1);
}

const std::vector<std::string> fragments = {"(",
                                            ")",
                                            "[",
                                            "]",
                                            "{",
                                            "}",
                                            ":",
                                            "\n",
                                            "\n    ",
                                            "\n\t",
                                            "\"",
                                            "\"\"\"",
                                            "'",
                                            "\\",
                                            "{{",
                                            "}",
                                            "/*",
                                            "*/",
                                            "#[",
                                            "@",
                                            "fn ",
                                            "me ",
                                            "match x:\n",
                                            "case ",
                                            "| ",
                                            " -> ",
                                            " => ",
                                            "if ",
                                            "else:",
                                            "elif ",
                                            "val ",
                                            "var ",
                                            "struct ",
                                            "enum ",
                                            "impl ",
                                            "use a.b.{",
                                            "?\?",
                                            "?.",
                                            ".?",
                                            "..",
                                            "..=",
                                            "<",
                                            ">>",
                                            "\\x: ",
                                            "not ",
                                            "in ",
                                            "as ",
                                            "unsafe:",
                                            "with ",
                                            "f\"",
                                            "r\"",
                                            "b\"",
                                            "0x",
                                            "1e",
                                            "_",
                                            "_1",
                                            "&:",
                                            "**",
                                            "\xc3\xa4",
                                            "\xff",
                                            std::string(1, '\0'),
                                            ";",
                                            ",",
                                            "for ",
                                            "\"{",
                                            "{x:>",
                                            "await ",
                                            "extern fn ",
                                            "describe \"a\":\n",
                                            "return ",
                                            "...",
                                            "|x| ",
                                            "asm:",
                                            "in:",
                                            "::"};

std::string mutate(Random& random, const std::vector<std::string>& sources) {
  std::string text = sources[below(random, sources.size())];
  switch (below(random, 8)) {
    case 0: {  // nothing but random bytes
      text.clear();
      for (std::size_t i = below(random, 2000); i > 0; --i) text += static_cast<char>(below(random, 256));
      return text;
    }
    case 1: {  // random bytes that are text
      text.clear();
      for (std::size_t i = below(random, 3000); i > 0; --i) text += fragments[below(random, fragments.size())];
      return text;
    }
    default:
      break;
  }
  for (std::size_t changes = below(random, 8) + 1; changes > 0; --changes) {
    const std::size_t at = below(random, text.size() + 1);
    switch (below(random, 8)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ static_cast<char>(1U << below(random, 8)));
        break;
      case 1:
        text.erase(at, below(random, 40) + 1);
        break;
      case 2:
        text.insert(at, piece(random, text, 200));
        break;
      case 3:
        text.insert(at, piece(random, sources[below(random, sources.size())], 400));
        break;
      case 4:
        text.insert(at, fragments[below(random, fragments.size())]);
        break;
      case 5:
        text.resize(at);
        break;
      case 6:
        text.insert(at, std::string(below(random, 30) + 1, ' '));
        break;
      default:
        text.insert(at, std::string(below(random, 3000), "([{-!&*\\"[below(random, 8)]));
        break;
    }
  }
  return text;
}

// Parses in both ways; what it reports must lie in the file.
void survives(const std::string& text) {
  const auto lines = static_cast<std::uint32_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  for (const bool parse_only : {false, true}) {
    const auto start = std::chrono::steady_clock::now();
    const auto module = parse(text, "mutant.spl", {.parse_only = parse_only});
    const auto took = std::chrono::steady_clock::now() - start;
    ASSERT_LT(took, std::chrono::seconds(20)) << text;
    if (module) continue;
    ASSERT_FALSE(module.error().empty());
    for (const Diagnostic& error : module.error()) {
      ASSERT_FALSE(error.message.empty());
      ASSERT_GE(error.line, 1U);
      ASSERT_LE(error.line, lines) << error.message;
      ASSERT_GE(error.column, 1U);
    }
  }
}

TEST(Mutants, OfRealProgramsNeverCrashTheCheck) {
  std::vector<std::string> sources;
  for (const char* directory : {SIMPLE_TESTS "/accepted", SIMPLE_TESTS "/lenient", SIMPLE_STDLIB}) {
    for (const std::string& file : simple_tests::program_files(directory)) {
      sources.push_back(simple_tests::read_program(file));
    }
  }
  ASSERT_GE(sources.size(), 13U);
  constexpr unsigned count = 1000;
  for (unsigned seed = 0; seed < count; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    survives(mutate(random, sources));
    if (HasFatalFailure()) return;
  }
}

class Exhaustion : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(Exhaustion, OfTheParserIsAnError) {
  const std::string head = GetParam().first;
  const std::string repeated = GetParam().second;
  for (const std::size_t count : {100U, 1000U, 5'000U}) {
    std::string text = head;
    for (std::size_t i = 0; i < count; ++i) text += repeated;
    survives(text);
    survives(text + "\n");
    survives(text + "1\n");
  }
}

INSTANTIATE_TEST_SUITE_P(
    Parser, Exhaustion,
    testing::Values(std::pair("val x = ", "("), std::pair("val x = ", "["), std::pair("val x = ", "{1:"),
                    std::pair("val x = ", "-"), std::pair("val x = ", "not "), std::pair("val x = ", "a + "),
                    std::pair("val x = ", "a ** "), std::pair("val x = a", ".b"), std::pair("val x = a", "()"),
                    std::pair("val x = a", "?"), std::pair("val x = a", "[0]"), std::pair("val x = ", "\\y: "),
                    std::pair("val x = ", "if a: "), std::pair("val x = ", "a < "), std::pair("val x: ", "["),
                    std::pair("val x: i64", "?"), std::pair("val x: ", "A<"), std::pair("val x: ", "fn("),
                    std::pair("val x: ", "&"), std::pair("val x: A", " | A"), std::pair("val ", "("),
                    std::pair("match x:\n    case ", "("), std::pair("match x:\n    case a", " | a"),
                    std::pair("val x = a", " as A"), std::pair("val x = \"", "{"), std::pair("val x = f\"\"\"", "{"),
                    std::pair("val x = \"", "{a}"), std::pair("val x = \"", "{\\\""), std::pair("val x = a", " ?\? a"),
                    std::pair("val x = a", " |> a"), std::pair("", "@a "), std::pair("", "@a\n"), std::pair("", "pub "),
                    std::pair("", "fn f("), std::pair("", "/*"), std::pair("", "\"\"\""), std::pair("", "'"),
                    std::pair("use ", "a."), std::pair("if a: print(1)", "\nelif a: print(1)"),
                    std::pair("val x = f(", "a: "), std::pair("val x = f(", "_, "), std::pair("val x = ", "match a: "),
                    std::pair("val x = [a", " for b in c"), std::pair("a", " = a"), std::pair("a", ", a"),
                    std::pair("", "defer "), std::pair("", "unsafe: "), std::pair("val x = ", "await "),
                    std::pair("val x = ", "return "), std::pair("val x = a", "!"), std::pair("val x = a", ".?")));

// Blocks nested by indentation.
TEST(Exhaustion, ByNestedBlocksIsAnError) {
  for (const char* header : {"if a:", "for x in a:", "fn f():", "match a:", "describe \"a\":", "while a:", "loop:",
                             "with a as b:", "val x = if a:", "a.each \\x:", "unsafe:", "case _:"}) {
    std::string text;
    for (std::size_t depth = 0; depth < 1500; ++depth) text += std::string(depth, ' ') + header + "\n";
    survives(text);
    survives(text + std::string(1500, ' ') + "print(1)\n");
  }
}

}  // namespace
