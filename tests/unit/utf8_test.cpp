// UTF-8: against a second way to tell it, that decodes and encodes again.
#include "utf8.hpp"

#include <gtest/gtest.h>

#include <array>
#include <stdbind/reader.hpp>
#include <string>

#include "support.hpp"

namespace stdbind::tests {
namespace {

std::string encoded(std::uint32_t point) {
  const auto byte = [](std::uint32_t value) { return static_cast<char>(value); };
  const auto tail = [&](int shift) { return byte(0x80U | (point >> shift & 0x3FU)); };
  if (point < 0x80) return {byte(point)};
  if (point < 0x800) return {byte(0xC0U | point >> 6U), tail(0)};
  if (point < 0x10000) return {byte(0xE0U | point >> 12U), tail(6), tail(0)};
  return {byte(0xF0U | point >> 18U), tail(12), tail(6), tail(0)};
}

/// Whether the bytes are what one character is encoded as.
bool is_character(std::string_view bytes) {
  constexpr std::array<unsigned, 5> masks{0, 0x7F, 0x1F, 0x0F, 0x07};
  std::uint32_t point = static_cast<unsigned char>(bytes[0]) & masks.at(bytes.size());
  for (const char byte : bytes.substr(1)) point = point << 6U | (static_cast<unsigned char>(byte) & 0x3FU);
  return point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF) && encoded(point) == bytes;
}

std::size_t expected(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t length = 1;
    while (length <= 4 && at + length <= text.size() && !is_character(text.substr(at, length))) ++length;
    if (length > 4 || at + length > text.size()) break;
    at += length;
  }
  return at;
}

std::size_t valid(std::string_view text) { return detail::valid_utf8(std::as_bytes(std::span(text))); }

TEST(Utf8, AllCharactersAreValidAndNothingElseOfTheirLength) {
  std::string all;
  for (std::uint32_t point = 0; point <= 0x10FFFF; ++point) {
    if (point < 0xD800 || point > 0xDFFF) all += encoded(point);
  }
  EXPECT_EQ(valid(all), all.size());
  for (std::uint32_t point = 0xD800; point <= 0xDFFF; ++point) EXPECT_EQ(valid("ab" + encoded(point)), 2U);
  for (const std::uint32_t point : {0x110000U, 0x13FFFFU, 0x140000U, 0x1FFFFFU}) EXPECT_EQ(valid(encoded(point)), 0U);
}

TEST(Utf8, EveryPairOfBytesInEverySurrounding) {
  for (const std::string& around : {std::string("a"), encoded(0xE9), encoded(0x20AC), encoded(0x1F600)}) {
    std::string text;
    while (text.size() < 200) text += around;
    const std::size_t at = 120 / around.size() * around.size();
    for (unsigned pair = 0; pair < 0x10000; ++pair) {
      const std::string two{static_cast<char>(pair >> 8U), static_cast<char>(pair & 0xFFU)};
      std::string changed = text;
      changed.insert(at, two);
      // All around is valid: only a part of what was put in can be wrong.
      const std::size_t found = expected(two + around);
      ASSERT_EQ(valid(changed), found == 2 + around.size() ? changed.size() : at + found) << pair;
    }
  }
}

TEST(Utf8, BordersOfRangesAtBordersOfBlocks) {
  constexpr std::array<unsigned char, 22> borders{0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2,
                                                  0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEF, 0xF0, 0xF3, 0xF4, 0xF5, 0xFF};
  std::string text(200, 'x');
  unsigned count = 0;
  for (const unsigned char a : borders) {
    for (const unsigned char b : borders) {
      for (const unsigned char c : borders) {
        for (const unsigned char d : borders) {
          const std::size_t at = 60 + count++ % 12;
          std::string four;
          for (const unsigned char byte : {a, b, c, d}) four += static_cast<char>(byte);
          text.replace(at, 4, four);
          const std::size_t found = expected(four + "x");
          ASSERT_EQ(valid(text), found == 5 ? text.size() : at + found) << four;
          text.replace(at, 4, "xxxx");
        }
      }
    }
  }
}

TEST(Utf8, EveryLengthAndEveryPlaceOfAWrongByte) {
  std::string text;
  for (std::uint32_t point = 0x20; text.size() < 300; point = point * 3 % 0x10000) {
    text += encoded(point < 0xD800 ? point : 0x1F600);
  }
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const std::string_view part = std::string_view(text).substr(0, size);
    ASSERT_EQ(valid(part), expected(part)) << size;
    const std::size_t unfinished = detail::unfinished_utf8(std::as_bytes(std::span(part)));
    ASSERT_EQ(size - unfinished, expected(part)) << size;
  }
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const char wrong : {'a', '\x80', '\xC3', '\xE2', '\xF0', '\xFF'}) {
      std::string changed = text;
      changed[at] = wrong;
      ASSERT_EQ(valid(changed), expected(changed)) << at;
    }
  }
}

TEST(Utf8, MessageTellsTheFirstWrongByte) {
  const auto wrong = check_utf8(std::as_bytes(std::span(std::string_view("abc\xFFx"))));
  EXPECT_EQ(kind_of(wrong), ErrorKind::not_utf8);
  EXPECT_EQ(wrong.error().message.view(), "check_utf8: byte 3 of 5 begins no valid UTF-8");
  EXPECT_TRUE(check_utf8({}));
}

}  // namespace
}  // namespace stdbind::tests
