// The rules for integers of different widths, and of comparing.
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "compiler.hpp"

namespace stdbind::simple {
namespace {

Value number(std::int64_t value, IntKind kind = IntKind::i64) { return Value::integer(value, kind); }

std::string failure(const std::function<void()>& action) {
  try {
    action();
  } catch (const Failure& failure) {
    return failure.message;
  }
  return "no failure";
}

Value sum(const Value& a, const Value& b) { return arithmetic(BinaryOp::add, a, b, false, false); }

TEST(Arithmetic, I64Wraps) {
  const Value largest = number(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(sum(largest, number(1)).integer(), std::numeric_limits<std::int64_t>::min());
}

TEST(Arithmetic, UnsignedWrapsAtItsWidth) {
  const Value result = sum(number(250, IntKind::u8), number(10, IntKind::u8));
  EXPECT_EQ(result.integer(), 4);
  EXPECT_EQ(result.kind(), IntKind::u8);
  const Value largest = number(-1, IntKind::u64);
  EXPECT_EQ(sum(largest, number(2, IntKind::u64)).integer(), 1);
  EXPECT_EQ(arithmetic(BinaryOp::multiply, largest, largest, false, false).integer(), 1);
}

TEST(Arithmetic, LiteralTakesTheWidthOfTheOther) {
  const Value result = arithmetic(BinaryOp::subtract, number(0, IntKind::u32), number(1), false, true);
  EXPECT_EQ(result.kind(), IntKind::u32);
  EXPECT_EQ(result.integer(), 0xFFFFFFFF);
}

TEST(Arithmetic, SoftBytesDoNotWrap) {
  const Value byte = number(200, IntKind::soft_u8);
  EXPECT_EQ(sum(byte, number(1)).integer(), 201);
  EXPECT_EQ(sum(byte, number(1)).kind(), IntKind::i64);
  EXPECT_NE(failure([&] { sum(byte, byte); }).find("does not fit u8"), std::string::npos);
  EXPECT_EQ(sum(byte, number(100)).integer(), 300);
}

TEST(Arithmetic, MixedWidthsThatFit) {
  EXPECT_EQ(sum(number(1, IntKind::u8), number(2, IntKind::u32)).kind(), IntKind::u32);
  EXPECT_EQ(sum(number(-5, IntKind::i32), number(2)).integer(), -3);
  EXPECT_NE(failure([] { sum(number(-5), number(2, IntKind::u8)); }).find("does not fit u8"), std::string::npos);
}

TEST(Arithmetic, Division) {
  const auto divide = [](std::int64_t a, std::int64_t b) {
    return arithmetic(BinaryOp::divide, number(a), number(b), false, false).integer();
  };
  EXPECT_EQ(divide(-7, 2), -3);
  EXPECT_EQ(divide(7, -2), -3);
  EXPECT_EQ(failure([&] { divide(1, 0); }), "division by zero");
  EXPECT_NE(failure([&] { divide(std::numeric_limits<std::int64_t>::min(), -1); }).find("does not fit"),
            std::string::npos);
}

TEST(Arithmetic, PowerWraps) {
  const auto power = [](std::int64_t a, std::int64_t b) {
    return arithmetic(BinaryOp::power, number(a), number(b), false, false).integer();
  };
  EXPECT_EQ(power(2, 62), std::int64_t{1} << 62);
  EXPECT_EQ(power(2, 64), 0);
  EXPECT_EQ(power(-3, 3), -27);
  EXPECT_EQ(power(1, std::numeric_limits<std::int64_t>::max()), 1);
}

TEST(Compare, WidthsByTheirMathematicalValue) {
  EXPECT_FALSE(holds(ComparisonOp::less, number(-1, IntKind::u64), number(5)));
  EXPECT_TRUE(holds(ComparisonOp::less, number(-1), number(0, IntKind::u64)));
  EXPECT_TRUE(equal(number(5, IntKind::u8), number(5)));
}

TEST(Compare, DifferentSortsAreRefused) {
  EXPECT_NE(failure([] { holds(ComparisonOp::equal, number(1), Value::text("1")); }), "no failure");
  EXPECT_FALSE(holds(ComparisonOp::equal, number(0), Value()));
}

TEST(Value, IsCopiedWhenChangedWhileShared) {
  Value first = Value::array({number(1)});
  const Value second = first;
  first.own_items().push_back(number(2));
  EXPECT_EQ(first.items().size(), 2U);
  EXPECT_EQ(second.items().size(), 1U);
}

TEST(Value, LongChainsAreFreedWithoutRecursion) {
  Value chain;
  for (int i = 0; i < 1000000; ++i) chain = make_some(std::move(chain));
  chain = Value();
  SUCCEED();
}

TEST(Dict, KeepsOrderAndFindsByText) {
  DictObject dict;
  dict.set(Value::text("b"), number(1));
  dict.set(number(7), number(2));
  dict.set(Value::text("b"), number(3));
  ASSERT_EQ(dict.entries.size(), 2U);
  EXPECT_EQ(dict.find(Value::text("b"))->integer(), 3);
  EXPECT_TRUE(dict.remove(Value::text("b")));
  EXPECT_EQ(dict.find(number(7))->integer(), 2);
  EXPECT_FALSE(dict.remove(Value::text("b")));
}

}  // namespace
}  // namespace stdbind::simple
