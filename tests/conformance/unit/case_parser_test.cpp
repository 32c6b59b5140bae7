// Case files: what they mean, and that every mistake is told with its file and line.
#include "conform/case_parser.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace stdbind::conform {
namespace {

constexpr std::int64_t page = 4096;

Suite parse(const std::string& text) { return parse_cases(text, "some.case", "area", page); }

// The steps of one case, after a line that opens m.
Suite parse_steps(const std::string& steps) {
  return parse("case area/one\n  do map m path=a.bin mode=read\n" + steps);
}

TEST(CaseParser, ReadsRequestsWithExpectations) {
  const auto suite = parse(
      "# a comment\n\ncase area/one\n  do map m path=a.bin mode=read+write offset=page+1\n"
      "  do read_at m offset=3 size=2 -> n=2 data=text:hi  # another\n");
  ASSERT_TRUE(suite.errors.empty()) << suite.errors.front();
  ASSERT_EQ(suite.cases.size(), 1U);
  const auto& one = suite.cases.front();
  EXPECT_EQ(one.name, "area/one");
  EXPECT_EQ(one.line, 3);
  ASSERT_EQ(one.steps.size(), 2U);
  EXPECT_EQ(one.steps[1].line, 5);
  const auto& map = std::get<Request>(one.steps[0].action);
  EXPECT_EQ(map.operation, "map");
  ASSERT_EQ(map.objects.size(), 1U);
  EXPECT_EQ(map.objects[0].key, "m");
  EXPECT_EQ(map.objects[0].number, 0);
  EXPECT_EQ(map.arguments[0].kind, Argument::Kind::Path);
  EXPECT_EQ(map.arguments[1].value, "3");
  EXPECT_EQ(map.arguments[2].value, "4097");
  const auto& read = std::get<Request>(one.steps[1].action);
  ASSERT_EQ(read.expected.size(), 2U);
  EXPECT_EQ(read.expected[0].value, "2");
  EXPECT_EQ(read.expected[1].bytes, "hi");
}

TEST(CaseParser, NumbersObjectsInTheOrderOfOpening) {
  const auto suite = parse(
      "case area/one\n  do map first path=a mode=read\n  do anon n length=1 mode=read\n"
      "  do len n -> n=1\n  peer do map z path=a mode=read\n  fail close unknown kind=closed\n");
  ASSERT_TRUE(suite.errors.empty()) << suite.errors.front();
  const auto& steps = suite.cases.front().steps;
  EXPECT_EQ(std::get<Request>(steps[2].action).objects.front().number, 1);
  EXPECT_EQ(std::get<Request>(steps[3].action).objects.front().number, 0);
  EXPECT_TRUE(std::get<Request>(steps[3].action).peer);
  EXPECT_EQ(std::get<Request>(steps[4].action).objects.front().number, 15);
}

TEST(CaseParser, KnowsWhichCasesNeedAProcessOfTheirOwn) {
  EXPECT_FALSE(parse("case area/one\n  do live -> n=0\n").cases.front().fresh);
  EXPECT_FALSE(parse("case area/one\n  limit nofile=0\n  do live -> n=0\n").cases.front().fresh);
  EXPECT_TRUE(parse("case area/one\n  unprivileged\n  do live -> n=0\n").cases.front().fresh);
}

TEST(CaseParser, ReadsDiskSteps) {
  const auto suite = parse_steps(
      "file a.bin text:abc\nsparse b.bin 5*GiB 4*GiB=hex:01\nsymlink c a.bin\noutside truncate a.bin 0\n"
      "outside chmod a.bin 0444\ndisk a.bin size=0\ndisk b.bin at=4*GiB hex:01\ndisk d gone\nlisting c a.bin b.bin\n");
  ASSERT_TRUE(suite.errors.empty()) << suite.errors.front();
  const auto& steps = suite.cases.front().steps;
  EXPECT_EQ(std::get<DiskAction>(steps[1].action).bytes, "abc");
  EXPECT_EQ(std::get<DiskAction>(steps[2].action).parts.front().first, std::int64_t{1} << 32);
  EXPECT_EQ(std::get<DiskAction>(steps[5].action).number, 0444);
  EXPECT_EQ(std::get<DiskCheck>(steps[7].action).offset, std::int64_t{1} << 32);
  EXPECT_TRUE(std::get<DiskCheck>(steps[8].action).gone);
  EXPECT_EQ(std::get<Listing>(steps[9].action).names, (std::vector<std::string>{"a.bin", "b.bin", "c"}));
}

struct Mistake {
  const char* text;
  const char* error;  // a part of what must be said
};

void expect_told(std::initializer_list<Mistake> mistakes) {
  for (const auto& [text, error] : mistakes) {
    const auto suite = parse(text);
    if (suite.errors.empty()) {
      ADD_FAILURE() << "no error: " << text;
      continue;
    }
    EXPECT_TRUE(suite.errors.front().starts_with("some.case:")) << suite.errors.front();
    EXPECT_NE(suite.errors.front().find(error), std::string::npos) << suite.errors.front();
  }
}

TEST(Mistakes, OfCasesAreToldWithFileAndLine) {
  expect_told({Mistake{"do live\n", "some.case:1: a case must come first"}, Mistake{"case\n", "a case has one name"},
               Mistake{"case other/one\n do live\n", "the name must be area/WHAT"},
               Mistake{"case area/\n do live\n", "the name must be area/WHAT"},
               Mistake{"case area/One\n do live\n", "lower-case"},
               Mistake{"\ncase area/one\n\ncase area/two\n do live\n", "some.case:2: `area/one` asks nothing"},
               Mistake{"case area/one\n frobnicate\n", "some.case:2: `frobnicate` is no verb"},
               Mistake{"case area/one\n do live\n unprivileged\n", "some.case:3: unprivileged must stand before"},
               Mistake{"case area/one\n do \"live\n", "a quote is not closed"},
               Mistake{"case area/one\n peer file a text:a\n", "peer goes with"},
               Mistake{"case area/one\n peer\n", "peer needs a verb"},
               Mistake{"case area/one\n x=1 y\n", "a line begins with a verb"}});
}

TEST(Mistakes, OfRequestsAreToldWithFileAndLine) {
  expect_told({Mistake{"case area/one\n do\n", "needs an operation"},
               Mistake{"case area/one\n do fly\n", "`fly` is no operation"},
               Mistake{"case area/one\n do reset\n", "asked by the runner itself"},
               Mistake{"case area/one\n do len m\n", "no object `m` was opened"},
               Mistake{"case area/one\n do map\n", "needs the name of an object"},
               Mistake{"case area/one\n do map M path=a mode=read\n", "no name of an object"},
               Mistake{"case area/one\n do map m mode=read\n", "map needs path="},
               Mistake{"case area/one\n do map m path=a mode=rad\n", "`rad` is no mode"},
               Mistake{"case area/one\n do map m path=a mode=read size=1\n", "map has no field size="},
               Mistake{"case area/one\n do map m path=a path=b mode=read\n", "path= is given twice"},
               Mistake{"case area/one\n do map m path=a mode=read offset=1x\n", "`1x` is no number"},
               Mistake{"case area/one\n do map m path=%4 mode=read\n", "two hex digits"},
               Mistake{"case area/one\n do live -> value=1\n", "the answer to live has no field value="},
               Mistake{"case area/one\n do live ->\n", "nothing stands after ->"},
               Mistake{"case area/one\n do live -> n=1 -> n=2\n", "a second ->"},
               Mistake{"case area/one\n do live 1\n", "must be key=value"},
               Mistake{"case area/one\n fail live\n", "fail needs kind="},
               Mistake{"case area/one\n fail live kind=oops\n", "`oops` is no error kind"},
               Mistake{"case area/one\n fail live -> n=1\n", "fail has no answer fields"}});
}

TEST(Mistakes, OfValuesAreToldWithFileAndLine) {
  expect_told({Mistake{"case area/one\n file a text\n", "`text` are no bytes"},
               Mistake{"case area/one\n file a hex:4\n", "even number of digits"},
               Mistake{"case area/one\n file a hex:4g\n", "is not hex"},
               Mistake{"case area/one\n file a fill:41\n", "fill needs a count"},
               Mistake{"case area/one\n file a fill:*3\n", "at least one byte"},
               Mistake{"case area/one\n file a fill:41*1*GiB\n", "more than 64 MiB"},
               Mistake{"case area/one\n file a pattern:3\n", "pattern needs a range"},
               Mistake{"case area/one\n file a pattern:3..2\n", "runs backwards"},
               Mistake{"case area/one\n file a native:99999\n", "from 0 to 32767"},
               Mistake{"case area/one\n sparse a 9999999*TiB\n", "does not fit in 64 bits"},
               Mistake{"case area/one\n sparse a 10 9=text:ab\n", "do not lie within the file"},
               Mistake{"case area/one\n sparse a 1+\n", "is no number"}});
}

TEST(Mistakes, OfDiskAndMappingsAreToldWithFileAndLine) {
  expect_told(
      {Mistake{"case area/one\n file ../a text:a\n", "must name something in the directory"},
       Mistake{"case area/one\n file /a text:a\n", "must name something in the directory"},
       Mistake{"case area/one\n file a\n", "file NAME BYTES"},
       Mistake{"case area/one\n outside burn a\n", "outside does truncate"},
       Mistake{"case area/one\n outside truncate a\n", "outside truncate NAME SIZE"},
       Mistake{"case area/one\n outside truncate a -1\n", "not negative"},
       Mistake{"case area/one\n outside chmod a 999\n", "octal"},
       Mistake{"case area/one\n disk a\n", "disk NAME BYTES"},
       Mistake{"case area/one\n disk a at=3\n", "disk NAME BYTES"},
       Mistake{"case area/one\n limit memory=1\n", "limit nofile=N, as=BYTES"},
       Mistake{"case area/one\n limit nofile=-1\n", "not negative"},
       Mistake{"case area/one\n kill all\n", "kill stands alone"},
       Mistake{"case area/one\n mapped m\n", "no object `m`"},
       Mistake{"case area/one\n do anon m length=1 mode=read\n mapped m protection=rw\n", "rw-s"},
       Mistake{"case area/one\n do anon m length=1 mode=read\n mapped m color=red\n", "no field `color=`"},
       Mistake{"case area/one\n do anon m length=1 mode=read\n clean m offset=1\n", "no field `offset=`"},
       Mistake{"case area/one\n do anon m length=1 mode=read\n mapped m advice=will_need\n", "only shows normal"}});
}

TEST(CaseParser, GoesOnAfterAMistake) {
  const auto suite = parse("case area/one\n  do fly\ncase area/two\n  do live -> n=0\ncase area/three\n  do run\n");
  EXPECT_EQ(suite.errors.size(), 2U);
  ASSERT_EQ(suite.cases.size(), 1U);
  EXPECT_EQ(suite.cases.front().name, "area/two");
}

TEST(CaseParser, SurvivesEveryPrefixOfEveryCaseFile) {
  const auto suite = load_suite(STDBIND_SOURCE_DIR "/tests/conformance/cases", page);
  ASSERT_TRUE(suite.errors.empty()) << suite.errors.front();
  const std::string text =
      "case area/one\n  do map m path=\"a b\" mode=read+write offset=2*page-1\n"
      "  fail read_at m offset=0 size=1 kind=fault\n  sparse b 10 3=fill:41*2,text:%41\n"
      "  mapped m protection=r--s\n  outside write b 3 hex:00ff\n";
  for (std::size_t size = 0; size <= text.size(); ++size) parse(text.substr(0, size));
}

TEST(Suite, HasCasesInEveryArea) {
  const auto suite = load_suite(STDBIND_SOURCE_DIR "/tests/conformance/cases", page);
  ASSERT_TRUE(suite.errors.empty()) << suite.errors.front();
  EXPECT_GE(suite.cases.size(), 125U);
  for (const auto* area :
       {"modes", "anon", "read", "write", "cursor", "bounds", "offset", "zero",   "flush", "advise", "close",  "errors",
        "share", "map",  "disk", "fault", "paths",  "exec",   "view",   "scoped", "text",  "limits", "address"})
    EXPECT_TRUE(std::ranges::any_of(suite.cases, [&](const Case& one) { return one.area == area; })) << area;
}

TEST(Suite, TellsOfADirectoryWithoutCases) {
  const auto suite = load_suite("/nonexistent", page);
  ASSERT_FALSE(suite.errors.empty());
  EXPECT_NE(suite.errors.front().find("/nonexistent"), std::string::npos);
}

}  // namespace
}  // namespace stdbind::conform
