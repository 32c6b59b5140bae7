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

TEST(CaseParser, ReadsUntilAndOneOfSeveralErrors) {
  const auto suite = parse_steps("until is_stale m within=2000 -> value=1\nfail len m kind=closed|io\n");
  ASSERT_TRUE(suite.errors.empty()) << suite.errors.front();
  const auto& steps = suite.cases.front().steps;
  EXPECT_EQ(std::get<Request>(steps[1].action).within, 2000);
  EXPECT_EQ(std::get<Request>(steps[0].action).within, 0);
  EXPECT_EQ(std::get<Request>(steps[2].action).error_kinds, (std::vector<std::string>{"closed", "io"}));
}

TEST(CaseParser, NumbersPrefaultsByThemselves) {
  const auto suite =
      parse_steps("do handover m n mode=read\ndo prefault p n offset=1\nfail prefault_done unknown kind=closed\n");
  ASSERT_TRUE(suite.errors.empty()) << suite.errors.front();
  const auto& steps = suite.cases.front().steps;
  const auto said = [&](std::size_t step) {
    std::string text;
    for (const auto& object : std::get<Request>(steps[step].action).objects)
      text += object.key + std::to_string(object.number) + " ";
    return text;
  };
  EXPECT_EQ(said(1), "m0 to1 ");
  EXPECT_EQ(said(2), "p0 m1 ");
  EXPECT_EQ(said(3), "p15 ");
}

TEST(CaseParser, KnowsWhichCasesAreForPairs) {
  EXPECT_FALSE(parse("case area/one\n  do live -> n=0\n").cases.front().paired);
  EXPECT_TRUE(parse("case area/one\n  do live -> n=0\n  peer do live -> n=0\n").cases.front().paired);
}

TEST(CaseParser, KeepsNamesAndPathsAsTheyAreMeant) {
  const auto suite = parse(
      "case area/one\n  do named_create m name=/a-1 mode=read length=1\n  do named_unlink name=exactly:a/b\n"
      "  do beneath n root=sub path=/etc mode=read options=grow+watch\n");
  ASSERT_TRUE(suite.errors.empty()) << suite.errors.front();
  const auto& steps = suite.cases.front().steps;
  const auto& created = std::get<Request>(steps[0].action).arguments[0];
  EXPECT_EQ(created.kind, Argument::Kind::SharedName);
  EXPECT_EQ(created.value, "/a-1");
  const auto& unlinked = std::get<Request>(steps[1].action).arguments[0];
  EXPECT_EQ(unlinked.kind, Argument::Kind::Plain);
  EXPECT_EQ(unlinked.value, "a/b");
  const auto& beneath = std::get<Request>(steps[2].action).arguments;
  EXPECT_EQ(beneath[0].kind, Argument::Kind::Path);
  EXPECT_EQ(beneath[1].kind, Argument::Kind::Plain);
  EXPECT_EQ(beneath[3].value, "5");
}

TEST(CaseParser, ReadsSmallFileSystemsAndLimits) {
  const auto suite = parse(
      "case area/one\n  unprivileged\n  tmpfs small 8*page\n  outside fill-disk small/rest page\n"
      "  limit memlock=page\n  limit fsize=3\n  outside replace small/a text:b\n  symlink l /etc/passwd\n"
      "  do live -> n=0\n  disk small/a allocated=page\n");
  ASSERT_TRUE(suite.errors.empty()) << suite.errors.front();
  const auto& steps = suite.cases.front().steps;
  EXPECT_EQ(std::get<DiskAction>(steps[1].action).number, 8 * page);
  EXPECT_EQ(std::get<DiskAction>(steps[2].action).number, page);
  EXPECT_EQ(std::get<Limit>(steps[3].action).what, Limit::What::LockedMemory);
  EXPECT_EQ(std::get<Limit>(steps[4].action).bound, 3);
  EXPECT_EQ(std::get<DiskAction>(steps[5].action).bytes, "b");
  EXPECT_EQ(std::get<DiskAction>(steps[6].action).target, "/etc/passwd");
  EXPECT_EQ(std::get<DiskCheck>(steps[8].action).allocated, page);
}

TEST(CaseParser, ReadsWhatTheSystemShallShow) {
  const auto suite =
      parse_steps("mapped m locked=yes huge=asked aligned=2*MiB within=50\nunmapped m descriptors=0\nsealed m\n");
  ASSERT_TRUE(suite.errors.empty()) << suite.errors.front();
  const auto& steps = suite.cases.front().steps;
  const auto& mapped = std::get<MappingCheck>(steps[1].action);
  EXPECT_EQ(mapped.locked, "yes");
  EXPECT_EQ(mapped.huge, "asked");
  EXPECT_EQ(mapped.aligned, std::int64_t{2} << 20);
  EXPECT_EQ(mapped.within, 50);
  EXPECT_EQ(std::get<MappingCheck>(steps[2].action).descriptors, 0);
  EXPECT_EQ(std::get<MappingCheck>(steps[3].action).what, MappingCheck::What::Sealed);
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

TEST(Mistakes, OfWaitingAreToldWithFileAndLine) {
  expect_told({Mistake{"case area/one\n until live -> n=0\n", "some.case:2: until OPERATION [OBJECT] within="},
               Mistake{"case area/one\n until live within=5\n", "until OPERATION [OBJECT] within="},
               Mistake{"case area/one\n until live within=0 -> n=0\n", "from 1 to 10000"},
               Mistake{"case area/one\n until live within=1e9 -> n=0\n", "from 1 to 10000"},
               Mistake{"case area/one\n do live within=5 -> n=0\n", "live has no field within="},
               Mistake{"case area/one\n do anon m length=1 mode=read\n clean m within=soon\n", "some.case:3: within="},
               Mistake{"case area/one\n fail live kind=closed|oops\n", "`oops` is no error kind"},
               Mistake{"case area/one\n fail live kind=closed kind=io\n", "kind= is given twice"}});
}

TEST(Mistakes, OfSmallFileSystemsAndLimitsAreToldWithFileAndLine) {
  expect_told(
      {Mistake{"case area/one\n tmpfs small\n", "some.case:2: tmpfs NAME SIZE"},
       Mistake{"case area/one\n tmpfs small 1*GiB\n", "from one page to 64 MiB"},
       Mistake{"case area/one\n tmpfs small 0\n", "from one page to 64 MiB"},
       Mistake{"case area/one\n outside fill-disk a 0\n", "some.case:2: fill-disk fills a tmpfs that the case has"},
       Mistake{"case area/one\n directory a\n outside fill-disk a/b 0\n", "some.case:3: fill-disk fills a tmpfs"},
       Mistake{"case area/one\n outside replace a\n", "outside replace NAME BYTES"},
       Mistake{"case area/one\n limit memlock=1\n", "some.case:2: limit memlock= needs unprivileged"},
       Mistake{"case area/one\n symlink a \"\"\n", "symlink NAME TARGET"},
       Mistake{"case area/one\n do anon m length=1 mode=read\n mapped m huge=yes\n", "huge= is no, asked or pool"},
       Mistake{"case area/one\n do anon m length=1 mode=read\n mapped m locked=1\n", "locked= is yes or no"},
       Mistake{"case area/one\n do anon m length=1 mode=read\n sealed m file=a\n", "sealed has no field `file=`"}});
}

TEST(Mistakes, OfNamesAndOptionsAreToldWithFileAndLine) {
  expect_told(
      {Mistake{"case area/one\n do named_unlink name=A\n", "some.case:2: name= has lower-case letters"},
       Mistake{"case area/one\n do named_unlink name=a/b\n", "name=exactly:NAME"},
       Mistake{"case area/one\n do anon m length=1 mode=read options=big\n", "`big` is no option (none, or grow,"},
       Mistake{"case area/one\n do anon m length=1 mode=read\n do prefault p\n", "needs the name of an object"},
       Mistake{"case area/one\n do prefault_done p\n", "no prefault `p` was opened"},
       Mistake{"case area/one\n do anon m length=1 mode=read\n do prefault p m\n do len p\n", "no object `p`"},
       Mistake{"case area/one\n do anon m length=1 mode=read\n do handover m\n", "needs the name of an object"}});
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
  EXPECT_GE(suite.cases.size(), 445U);
  for (const auto* area :
       {"modes", "anon", "read", "write", "cursor", "bounds", "offset", "zero", "flush",
        "advise", "close", "errors", "share", "map", "disk", "fault", "paths", "exec",
        "view", "scoped", "text", "limits", "input", "named", "options", "create", "beneath",
        "address", "names", "sealed", "regions", "resize", "lock", "huge", "async", "protect",
        "direct", "update", "positioned", "watch", "prefault"})
    EXPECT_TRUE(std::ranges::any_of(suite.cases, [&](const Case& one) { return one.area == area; })) << area;
}

TEST(Suite, SharingAndPersistenceIsForPairs) {
  const auto suite = load_suite(STDBIND_SOURCE_DIR "/tests/conformance/cases", page);
  for (const auto& one : suite.cases) {
    const bool shares = one.area == "share" || one.area == "disk" || one.area == "named";
    EXPECT_TRUE(one.paired || !shares) << one.name;
  }
}

TEST(Suite, HasTheCasesThatOthersAskForByName) {
  const auto suite = load_suite(STDBIND_SOURCE_DIR "/tests/conformance/cases", page);
  for (const auto* name : {"create/a-full-tmpfs-gives-no-space", "fault/a-truncated-file-gives-fault"})
    EXPECT_TRUE(std::ranges::any_of(suite.cases, [&](const Case& one) { return one.name == name; })) << name;
}

TEST(Suite, TellsOfADirectoryWithoutCases) {
  const auto suite = load_suite("/nonexistent", page);
  ASSERT_FALSE(suite.errors.empty());
  EXPECT_NE(suite.errors.front().find("/nonexistent"), std::string::npos);
}

}  // namespace
}  // namespace stdbind::conform
