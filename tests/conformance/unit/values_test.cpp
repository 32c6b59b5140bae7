// Numbers, bytes and modes of case files, and the lines of the protocol.
#include "conform/values.hpp"

#include <gtest/gtest.h>

#include <set>

#include "conform/protocol.hpp"
#include "conform/text.hpp"

namespace stdbind::conform {
namespace {

constexpr std::int64_t page = 4096;

TEST(Values, Numbers) {
  EXPECT_EQ(parse_number("0", page), 0);
  EXPECT_EQ(parse_number("-1", page), -1);
  EXPECT_EQ(parse_number("page", page), 4096);
  EXPECT_EQ(parse_number("2*page-3+1", page), 8190);
  EXPECT_EQ(parse_number("4*GiB+1", page), 4294967297);
  EXPECT_EQ(parse_number("9223372036854775807", page), 9223372036854775807);
  EXPECT_FALSE(parse_number("9223372036854775808", page));
  EXPECT_FALSE(parse_number("9223372036854775807+1", page));
  for (const auto* text : {"", "x", "1-", "+", "-", "1**2", "0x10", "1 2", "--1"})
    EXPECT_FALSE(parse_number(text, page)) << text;
}

TEST(Values, Bytes) {
  EXPECT_EQ(parse_bytes("", page), "");
  EXPECT_EQ(parse_bytes("text:a%2Cb,hex:00ff,fill:4142*2", page), std::string("a,b\0\xff"
                                                                              "ABAB",
                                                                              9));
  EXPECT_EQ(parse_bytes("fill:41*page-4090", page), "AAAAAA");
  const auto whole = parse_bytes("pattern:0..10000", page);
  ASSERT_TRUE(whole);
  EXPECT_EQ(parse_bytes("pattern:100..200", page), whole->substr(100, 100));
  EXPECT_EQ(parse_request_bytes("fill:41*page", page), "fill:41*4096");
  EXPECT_EQ(parse_request_bytes("text:AB,fill:43*2", page), "41424343");
}

TEST(Values, EveryPlaceOfThePatternLooksDifferent) {
  const auto bytes = parse_bytes("pattern:0..1*MiB", page);
  ASSERT_TRUE(bytes);
  std::set<std::string> pieces;
  for (std::size_t at = 0; at < bytes->size(); at += 16) EXPECT_TRUE(pieces.insert(bytes->substr(at, 16)).second);
}

TEST(Values, Modes) {
  EXPECT_EQ(parse_mode("none"), 0);
  EXPECT_EQ(parse_mode("cow+read+write"), 11);
  EXPECT_EQ(parse_mode("write+exec+allow_wx"), 22);
  EXPECT_EQ(parse_mode("-1"), -1);
  EXPECT_FALSE(parse_mode(""));
  EXPECT_FALSE(parse_mode("read+"));
}

TEST(Text, PercentCodeGoesBothWays) {
  const std::string bytes = "a b%/\n\xc3\xbc";
  EXPECT_EQ(percent_encode(bytes), "a%20b%25/%0A%C3%BC");
  EXPECT_EQ(percent_decode(percent_encode(bytes)), bytes);
  EXPECT_FALSE(percent_decode("%"));
  EXPECT_FALSE(percent_decode("%4"));
  EXPECT_FALSE(percent_decode("%zz"));
}

TEST(Text, Crc32IsThatOfZlib) { EXPECT_EQ(crc32_hex("123456789"), "cbf43926"); }

TEST(Text, GlobsCrossSlashes) {
  EXPECT_TRUE(glob_matches("share/*", "share/a/b"));
  EXPECT_TRUE(glob_matches("*", "anything/at-all"));
  EXPECT_FALSE(glob_matches("share/*", "shared/a"));
}

std::expected<Answer, std::string> answer(const std::string& line, const char* operation) {
  return parse_answer(line, 7, *find_operation(operation));
}

TEST(Protocol, ReadsAnswers) {
  const auto ok = answer("7 ok n=2 data=6869", "read");
  ASSERT_TRUE(ok);
  EXPECT_EQ(ok->fields.at("data"), "6869");
  const auto error = answer("7 err not_found os=2 message=no%20file", "map");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->status, Answer::Status::Error);
  EXPECT_EQ(error->kind, "not_found");
  EXPECT_EQ(answer("7 unsupported", "exec")->status, Answer::Status::Unsupported);
  EXPECT_TRUE(answer("7 ok n=300 crc=01234567", "read"));
}

TEST(Protocol, RefusesWhatIsNoAnswer) {
  for (const auto* line : {"", "hello", "7", "8 ok n=0 data=", "7 okay", "7 err", "7 err terrible os=0",
                           "7 ok n=1 data=", "7 ok n=1 data=4", "7 ok n=1 data=zz", "7 ok data=41", "7 ok n=-1 data=",
                           "7 ok n=x data=41", "7 ok n=300", "7 ok n=300 crc=123", "7 ok n=1 =41", "7 ok  n=1 data=41"})
    EXPECT_FALSE(answer(line, "read")) << line;
  EXPECT_FALSE(answer("7 ok", "tell"));
  EXPECT_FALSE(answer("7 ok pos=here", "tell"));
}

}  // namespace
}  // namespace stdbind::conform
