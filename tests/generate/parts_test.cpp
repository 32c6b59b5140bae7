// The parts of the generator, each alone.
#include <gtest/gtest.h>

#include "generate/comments.hpp"
#include "generate/files.hpp"
#include "generate/names.hpp"
#include "generate/pack.hpp"
#include "generate/probe.hpp"
#include "generate/process.hpp"
#include "generate/shim.hpp"
#include "generate/tokens.hpp"
#include "generate/types.hpp"
#include "generate/view.hpp"

namespace stdbind::generate {
namespace {

namespace fs = std::filesystem;

TEST(NamesTest, Styles) {
  EXPECT_EQ(in_style("inflateReset2", "snake"), "inflate_reset2");
  EXPECT_EQ(in_style("Z_NO_FLUSH", "pascal"), "ZNoFlush");
  EXPECT_EQ(in_style("XMLParserCreate", "snake"), "xml_parser_create");
  EXPECT_EQ(in_style("deflateInit_", "snake"), "deflate_init_");
  EXPECT_EQ(in_style("_hidden_name", "upper"), "_HIDDEN_NAME");
  EXPECT_EQ(in_style("gz_open_file", "camel"), "gzOpenFile");
  EXPECT_EQ(in_style("crc32_combine64", "keep"), "crc32_combine64");
}

TEST(NamesTest, UpperCaseNamesKeepTheirSpelling) {
  EXPECT_EQ(in_style("OPEN_HUGETLB_2M", "upper"), "OPEN_HUGETLB_2M");
  EXPECT_EQ(in_style("UTF8X", "upper"), "UTF8X");
  EXPECT_EQ(in_style("A__1B_", "upper"), "A__1B_");
  EXPECT_EQ(in_style("OPEN_HUGETLB_2M", "snake"), "open_hugetlb_2m");
  EXPECT_EQ(in_style("OPEN_HUGETLB_2M", "pascal"), "OpenHugetlb2m");
  EXPECT_EQ(in_style("utf8Text_2M", "upper"), "UTF8_TEXT_2M");
}

TEST(NamesTest, PrefixesGoInEitherCaseButNeverLeaveADigitFirst) {
  EXPECT_EQ(without_prefix("SAMPLE_RED", {"sample_"}), "RED");
  EXPECT_EQ(without_prefix("sample_", {"sample_"}), "sample_");
  EXPECT_EQ(without_prefix("sample_2d", {"sample_"}), "sample_2d");
  EXPECT_EQ(without_prefix("other", {"sample_"}), "other");
}

TEST(TokensTest, KnowTheirPlace) {
  const Tokens tokens = split_into_tokens("# 7 \"a.h\" 1\nint /* c */ f(\"x;\\\"\", 'y');\n# 1 \"b.h\"\n#define A 1\n");
  ASSERT_EQ(tokens.list.size(), 10U);
  EXPECT_EQ(tokens.files[static_cast<std::size_t>(tokens.list[0].file)], "a.h");
  EXPECT_EQ(tokens.list[0].line, 7);
  EXPECT_EQ(tokens.list[1].kind, Token::Kind::comment);
  EXPECT_EQ(tokens.list[4].text, "\"x;\\\"\"");
  EXPECT_EQ(tokens.list[9].kind, Token::Kind::directive);
  EXPECT_EQ(tokens.files[static_cast<std::size_t>(tokens.list[9].file)], "b.h");
}

TEST(TokensTest, UnendedTextAndCommentsEndWithTheFile) {
  EXPECT_EQ(split_into_tokens("\"abc").list.size(), 1U);
  EXPECT_EQ(split_into_tokens("/* abc").list.size(), 1U);
  EXPECT_EQ(split_into_tokens("'\\").list.size(), 1U);
  EXPECT_TRUE(split_into_tokens("").list.empty());
}

TEST(TypesTest, SpellsWhatSwigCodes) {
  const Names names;
  EXPECT_EQ(spell("p.q(const).char", names), "const char *%");
  EXPECT_EQ(spell("p.q(const).p.q(const).char", names), "const char *const *%");
  EXPECT_EQ(spell("a(4).p.int", names), "int *%[4]");
  EXPECT_EQ(spell("p.a(4).int", names), "int (*%)[4]");
  EXPECT_EQ(spell("p.f(int,p.char).p.void", names), "void *(*%)(int, char *)");
  EXPECT_EQ(resolve("p.f(int).void", names).kind, Type::Kind::callback);
  EXPECT_EQ(resolve("p.q(const).char", names).kind, Type::Kind::text);
  EXPECT_EQ(resolve("p.char", names).kind, Type::Kind::pointer);
  EXPECT_EQ(resolve("whatever", names).kind, Type::Kind::unknown);
}

TEST(TypesTest, AliasesThatGoInCirclesEnd) {
  Names names;
  names.aliases = {{"a", "b"}, {"b", "a"}};
  EXPECT_EQ(resolve("a", names).kind, Type::Kind::unknown);
}

TEST(CommentsTest, EveryShape) {
  const Documentation documentation = read_comment(
      "/** Sums up. More.\n *\n *  @param a first,\n *    goes on\n *  @param[in] b second\n *  @return the sum\n *  "
      "@see\tother\n */");
  EXPECT_EQ(documentation.summary, "Sums up. More.");
  ASSERT_EQ(documentation.parameters.size(), 2U);
  EXPECT_EQ(*documentation.parameter("a"), "first, goes on");
  EXPECT_EQ(*documentation.parameter("b"), "second");
  EXPECT_EQ(documentation.returns, "the sum");
  EXPECT_EQ(documentation.see, std::vector<std::string>{"other"});
  EXPECT_EQ(read_comment("/* One sentence\n   in lines. Another e.g. this. */").summary, "One sentence in lines.");
  EXPECT_EQ(read_comment("// a\n// b").summary, "a b");
  EXPECT_EQ(read_comment("/**/").summary, "");
  EXPECT_EQ(read_comment("/*").summary, "");
  EXPECT_EQ(read_comment("/*****\n * Framed.\n *****/").summary, "Framed.");
  EXPECT_EQ(read_comment("").summary, "");
}

TEST(ProbeTest, ReadsValuesOutOfTheObjectFile) {
  const Probe probe({}, "#include <stdint.h>\nstruct pair { char a; int64_t b; };\nstatic int variable;\n");
  const auto values = probe.integers({"sizeof(struct pair)", "__builtin_offsetof(struct pair, b)", "-1", "variable",
                                      "unknown_name", "also_unknown", "0x7fffffffffffffff"});
  EXPECT_EQ(values, (std::map<std::string, std::int64_t>{{"sizeof(struct pair)", 16},
                                                         {"__builtin_offsetof(struct pair, b)", 8},
                                                         {"-1", -1},
                                                         {"0x7fffffffffffffff", INT64_MAX}}));
}

TEST(ProbeTest, ABrokenPreambleIsAnErrorInTheCompilersWords) {
  const Probe probe({}, "int broken(;\n");
  try {
    probe.check();
    FAIL() << "no error";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.status(), 1);
    EXPECT_NE(std::string(failure.what()).find("error:"), std::string::npos);
  }
}

TEST(ProcessTest, StatusOutputAndTime) {
  EXPECT_EQ(run({"sh", "-c", "echo out; echo err >&2; exit 3"}).status, 3);
  EXPECT_EQ(run({"sh", "-c", "echo out; echo err >&2"}).out, "out\n");
  EXPECT_EQ(run({"sh", "-c", "echo out; echo err >&2"}).err, "err\n");
  EXPECT_EQ(run({"sh", "-c", "kill -9 $$"}).status, 137);
  EXPECT_EQ(run({"stdbind-no-such-program"}).status, 127);
  EXPECT_EQ(run({"sleep", "20"}, "", 1).status, 124);
  EXPECT_EQ(quoted({"a b", "it's", "plain"}), "'a b' 'it'\\''s' plain");
}

TEST(FilesTest, OutputsAppearTogetherOrNotAtAll) {
  const TemporaryFolder folder;
  {
    Outputs outputs(folder.path() / "new");
    outputs.add("a.txt", "a");
    EXPECT_FALSE(fs::exists(folder.path() / "new"));
    EXPECT_EQ(outputs.commit(), std::vector<std::string>{"a.txt"});
  }
  EXPECT_EQ(read_file(folder.path() / "new" / "a.txt"), "a");
  fs::create_directory(folder.path() / "new" / "b.txt");  // a folder where a file should go
  Outputs outputs(folder.path() / "new");
  outputs.add("a.txt", "changed");
  outputs.add("b.txt", "b");
  EXPECT_THROW(outputs.commit(), Failure);
  EXPECT_EQ(read_file(folder.path() / "new" / "a.txt"), "a");
}

TEST(RenderTest, LinesOfTagsLeaveNothingBehind) {
  const nlohmann::ordered_json model = {{"yes", true}, {"no", false}, {"list", {{{"x", "<1>"}}, {{"x", "2"}}}}};
  EXPECT_EQ(render("a\n{{#no}}\nb\n{{/no}}\nc\n", model, ""), "a\nc\n");
  EXPECT_EQ(render("a\n{{#yes}}\n\nb\n{{/yes}}\n", model, ""), "a\n\nb\n");
  EXPECT_EQ(render("{{#list}}\n{{x}}\n{{/list}}\n", model, ""), "<1>\n2\n");
  EXPECT_EQ(render("{{^no}}x{{/no}}{{missing}}|", model, ""), "x|");
  EXPECT_THROW(render("{{#list}}", model, "file"), Failure);
}

// -- packs ------------------------------------------------------------------------------------------------------------

std::string good_pack() { return *read_file(fs::path(STDBIND_TEST_FOLDER) / "packs" / "small" / "pack.toml"); }

// Reads a pack whose pack.toml has `from` replaced by `to`, and returns the error.
std::string pack_error(const std::string& from, const std::string& to, bool with_template = true) {
  const TemporaryFolder folder;
  std::string text = good_pack();
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
  write_file(folder.path() / "pack.toml", text);
  if (with_template) write_file(folder.path() / "list.txt.mustache", "");
  try {
    read_pack(folder.path());
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.status(), 2);
    const std::string message = failure.what();
    EXPECT_NE(message.find("pack.toml"), std::string::npos) << message;
    return message;
  }
  return "no error";
}

TEST(PackTest, ErrorsNameFileAndKey) {
  const auto contains = [](const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  contains(pack_error("pack = 1", "pack = 2"), "version 1");
  contains(pack_error("pack = 1\n", ""), "pack: this key is missing");
  contains(pack_error("language = \"small\"\n", ""), "language: this key is missing");
  contains(pack_error("language = \"small\"", "language = 3"), "language: a text is needed");
  contains(pack_error("[limits]", "speling = 1\n[limits]"), "speling: unknown key");
  contains(pack_error("floats = false\n", ""), "capabilities.floats: this key is missing");
  contains(pack_error("floats = false", "floats = 0"), "capabilities.floats: true or false is needed");
  contains(pack_error("floats = false", "floats = false\nflying = true"), "capabilities.flying: unknown key");
  contains(pack_error("functions = \"snake\"", "functions = \"snaky\""), "naming.functions: unknown style");
  contains(pack_error("keywords = [\"in\"]", "keywords = \"in\""), "naming.keywords: a list of texts is needed");
  contains(pack_error("integer = \"int\"\n", ""), "types.integer: this key is missing");
  contains(pack_error("void = \"bytes\"", "nil = \"bytes\""), "targets.nil: unknown key");
  contains(pack_error("arguments = 8", "arguments = -1"), "limits.arguments");
  contains(pack_error("escapes = [[", "escapes = [3, ["), "literals.escapes: a list of pairs of texts is needed");
  contains(pack_error("[templates]\n\"list.txt.mustache\" = \"{{name}}.txt\"", "[templates]"), "at least one template");
  contains(pack_error("[limits]", "[limits"), "pack.toml:");
}

TEST(PackTest, AMissingTemplateIsNamed) {
  const std::string message = pack_error("pack = 1", "pack = 1", false);
  EXPECT_NE(message.find("list.txt.mustache"), std::string::npos) << message;
}

TEST(PackTest, TheLineOfAWrongKeyIsTold) {
  const std::string message = pack_error("language = \"small\"", "language = 3");
  EXPECT_NE(message.find("pack.toml:3: language"), std::string::npos) << message;
}

TEST(PackTest, EveryPackOfTheProjectCanBeRead) {
  for (const auto& entry : fs::directory_iterator(fs::path(STDBIND_ROOT_FOLDER) / "bindings")) {
    if (!fs::exists(entry.path() / "pack.toml")) continue;
    const Pack pack = read_pack(entry.path());
    EXPECT_EQ(pack.language, entry.path().filename().string());
    for (const auto& [name, path] : pack.paths) EXPECT_TRUE(fs::exists(entry.path() / path)) << name << " = " << path;
  }
}

TEST(PackTest, AnUnknownLanguageListsTheKnownOnes) {
  try {
    find_pack(STDBIND_ROOT_FOLDER, "klingon");
    FAIL() << "no error";
  } catch (const Failure& failure) {
    EXPECT_NE(std::string(failure.what()).find("mojo, simple"), std::string::npos) << failure.what();
  }
  EXPECT_THROW(find_pack(STDBIND_ROOT_FOLDER, "../bindings/mojo"), Failure);
}

}  // namespace
}  // namespace stdbind::generate
