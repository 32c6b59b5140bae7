// Numbers and text by format specs, and UTF-8.
#include <gtest/gtest.h>

#include <limits>

#include "code.hpp"
#include "format.hpp"

namespace stdbind::simple {
namespace {

FormatSpec spec(char type, std::int32_t width = -1, std::int32_t precision = -1) {
  FormatSpec result;
  result.text = "given";
  result.type = type;
  result.width = width;
  result.precision = precision;
  return result;
}

TEST(FloatText, IsTheShortestWithoutExponent) {
  EXPECT_EQ(float_text(1.0), "1");
  EXPECT_EQ(float_text(0.1), "0.1");
  EXPECT_EQ(float_text(-2.5), "-2.5");
  EXPECT_EQ(float_text(1e21), "1000000000000000000000");
  EXPECT_EQ(float_text(std::numeric_limits<double>::quiet_NaN()), "NaN");
  EXPECT_EQ(float_text(-std::numeric_limits<double>::infinity()), "-inf");
  EXPECT_EQ(float_text(std::numeric_limits<double>::max()).size(), 309U);
  EXPECT_EQ(float_text(std::numeric_limits<double>::denorm_min()).substr(0, 4), "0.00");
}

TEST(Format, IntegersInAllBases) {
  EXPECT_EQ(format(Value::integer(255), spec('x')), "ff");
  EXPECT_EQ(format(Value::integer(255), spec('X')), "FF");
  EXPECT_EQ(format(Value::integer(-1, IntKind::i8), spec('x')), "ff");
  EXPECT_EQ(format(Value::integer(-1), spec('x')), "ffffffffffffffff");
  EXPECT_EQ(format(Value::integer(5), spec('b')), "101");
  EXPECT_EQ(format(Value::integer(8), spec('o')), "10");
  EXPECT_EQ(format(Value::integer(std::numeric_limits<std::int64_t>::min()), spec('d')), "-9223372036854775808");
}

TEST(Format, WidthSignAndFill) {
  FormatSpec zero = spec('d', 6);
  zero.zero = true;
  EXPECT_EQ(format(Value::integer(-42), zero), "-00042");
  FormatSpec left = spec(0, 6);
  left.align = '<';
  left.fill = "é";
  EXPECT_EQ(format(Value::text("ab"), left), "abéééé");
  FormatSpec grouped = spec('d');
  grouped.grouping = true;
  EXPECT_EQ(format(Value::integer(1234567), grouped), "1,234,567");
  EXPECT_EQ(format(Value::integer(123), grouped), "123");
  grouped.type = 'f';
  grouped.precision = 1;
  EXPECT_EQ(format(Value::floating(12345.67), grouped), "12,345.7");
}

TEST(Format, Floats) {
  EXPECT_EQ(format(Value::floating(3.14159), spec('f', -1, 2)), "3.14");
  EXPECT_EQ(format(Value::floating(1e300), spec('f', -1, 0)).size(), 301U);
  EXPECT_EQ(format(Value::integer(2), spec('f', -1, 1)), "2.0");
}

TEST(Format, RefusesWhatDoesNotSuit) {
  EXPECT_THROW(format(Value::text("a"), spec('x')), Failure);
  EXPECT_THROW(format(Value::floating(1), spec('b')), Failure);
  EXPECT_THROW(format(Value::integer(1), spec('d', 20000)), Failure);
  EXPECT_THROW(format(Value::floating(1), spec('f', -1, 1000)), Failure);
}

TEST(Display, DeepValuesAreRefused) {
  Value deep;
  for (int i = 0; i < 1000; ++i) {
    std::vector<Value> items;
    items.push_back(std::move(deep));
    deep = Value::array(std::move(items));
  }
  EXPECT_THROW(display(deep), Failure);
}

TEST(Utf8, KnowsWhatIsValid) {
  EXPECT_TRUE(valid_utf8("aé€😀"));
  EXPECT_FALSE(valid_utf8("\xC3"));
  EXPECT_FALSE(valid_utf8("\xC0\x80"));
  EXPECT_FALSE(valid_utf8("\xED\xA0\x80"));
  EXPECT_FALSE(valid_utf8("\xF4\x90\x80\x80"));
  EXPECT_FALSE(valid_utf8("a\x80"));
}

TEST(Utf8, CountsAndFindsCharacters) {
  EXPECT_EQ(char_count("aé€😀"), 4U);
  EXPECT_EQ(char_offset("aé€😀", 3), 6U);
  EXPECT_EQ(char_offset("ab", 9), 2U);
  EXPECT_EQ(code_point_at("a€", 1), 0x20ACU);
  std::string text;
  append_utf8(text, 0x1F600);
  EXPECT_EQ(text, "😀");
}

}  // namespace
}  // namespace stdbind::simple
