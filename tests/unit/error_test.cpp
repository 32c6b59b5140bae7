// Error kinds, their names, and messages of bounded size.
#include "failure.hpp"
#include "support.hpp"

namespace stdbind::tests {
namespace {

TEST(Error, EveryKindHasAName) {
  EXPECT_EQ(name_of(ErrorKind::invalid_argument), "invalid_argument");
  EXPECT_EQ(name_of(ErrorKind::fault), "fault");
  EXPECT_EQ(name_of(ErrorKind::io), "io");
  for (int kind = 1; kind <= 21; ++kind) EXPECT_FALSE(name_of(static_cast<ErrorKind>(kind)).empty()) << kind;
  EXPECT_EQ(name_of(static_cast<ErrorKind>(0)), "");
  EXPECT_EQ(name_of(static_cast<ErrorKind>(22)), "");
  EXPECT_EQ(name_of(static_cast<ErrorKind>(-1)), "");
}

TEST(Error, MessageIsCutAtAWholeCharacter) {
  const std::string filler(Message::capacity - 1, 'a');
  Message message;
  message.append(filler);
  message.append("é");  // two bytes where one is left
  EXPECT_EQ(message.view(), filler);

  Message exact;
  exact.append(filler.substr(1));
  exact.append("é");
  EXPECT_EQ(exact.view(), filler.substr(1) + "é");

  Message full;
  full.append(std::string(Message::capacity + 50, 'b'));
  EXPECT_EQ(full.view(), std::string(Message::capacity, 'b'));
  full.append("more");
  EXPECT_EQ(full.view().size(), Message::capacity);
}

TEST(Error, MessageHoldsTheExtremeNumbers) {
  Message message;
  message.append(INT64_MIN);
  message.append(" ");
  message.append(INT64_MAX);
  EXPECT_EQ(message.view(), "-9223372036854775808 9223372036854775807");
}

TEST(Error, MessageQuotesPathsWithoutControlCharacters) {
  EXPECT_EQ(failure(ErrorKind::io, {Quoted{"a\nb\x7f"}}).message.view(), "'a?b?'");
  const std::string deep = std::string(200, 'd') + "/end.bin";
  const std::string text(failure(ErrorKind::io, {Quoted{deep}}).message.view());
  EXPECT_TRUE(text.starts_with("'...ddd"));
  EXPECT_TRUE(text.ends_with("/end.bin'"));
  EXPECT_LT(text.size(), 110U);
}

TEST(Error, MessageNamesModes) {
  EXPECT_EQ(failure(ErrorKind::io, {Mode::none}).message.view(), "0");
  EXPECT_EQ(failure(ErrorKind::io, {Mode::cow | Mode::read}).message.view(), "READ|COW");
  EXPECT_EQ(failure(ErrorKind::io, {Mode::write | Mode::exec | Mode::allow_wx}).message.view(), "WRITE|EXEC|ALLOW_WX");
}

}  // namespace
}  // namespace stdbind::tests
