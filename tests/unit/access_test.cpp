// Reading and writing, bounds, the cursor, views, flush, advice, and what a closed mapping answers.
#include <limits>
#include <thread>
#include <vector>

#include "support.hpp"

namespace stdbind::tests {
namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();

class Access : public testing::Test {
 protected:
  Mmap open(std::string_view bytes, Mode mode = Mode::read) {
    auto mmap = Mmap::open(path_ = scratch_.file("f", bytes), mode);
    EXPECT_TRUE(mmap) << mmap.error().message.view();
    return std::move(*mmap);
  }

  Scratch scratch_;
  std::string path_;
};

TEST_F(Access, PositionedCallsAreExact) {
  Mmap mmap = open("0123456789", Mode::write);
  std::byte buffer[11];
  EXPECT_EQ(read_at(mmap, 3, 4), "3456");
  EXPECT_EQ(read_at(mmap, 10, 0), "");
  const auto kind = [&](std::int64_t offset, std::size_t size) {
    const auto read = kind_of(mmap.read_at(offset, std::span(buffer, size)));
    EXPECT_EQ(kind_of(mmap.write_at(offset, std::span<const std::byte>(buffer, size))), read);
    return read;
  };
  EXPECT_EQ(kind(0, 11), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind(10, 1), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind(9, 2), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind(11, 0), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind(-1, 1), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind(-1, 0), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind(least, 1), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind(most, 1), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind(most, 11), ErrorKind::out_of_bounds);
  EXPECT_EQ(content(path_), "0123456789");
}

TEST_F(Access, OutOfBoundsTellsTheNumbers) {
  const Mmap mmap = open("0123456789");
  std::byte byte{};
  const auto read = mmap.read_at(99, std::span(&byte, 1));
  EXPECT_EQ(read.error().message.view(), "read_at: offset 99 and length 1 do not lie within the mapping of 10 bytes");
}

TEST_F(Access, WritingReachesTheFileAcrossPages) {
  const std::string before = pattern(3 * page());
  Mmap mmap = open(before, Mode::write);
  const std::string text = pattern(page() + 2, 12345);
  ASSERT_TRUE(mmap.write_at(static_cast<std::int64_t>(page()) - 1, bytes_of(text)));
  ASSERT_TRUE(mmap.flush());
  std::string expected = before;
  expected.replace(page() - 1, text.size(), text);
  EXPECT_TRUE(content(path_) == expected);
}

TEST_F(Access, CursorReadsMayBeShort) {
  Mmap mmap = open("0123456789");
  std::byte buffer[4];
  EXPECT_EQ(mmap.read(buffer), 4);
  EXPECT_EQ(mmap.tell(), 4);
  EXPECT_EQ(mmap.read_bytes(3)->text(), "456");
  EXPECT_EQ(mmap.read(buffer), 3);
  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(buffer), 3), "789");
  EXPECT_EQ(mmap.read(buffer), 0);
  EXPECT_EQ(mmap.read_bytes()->size(), 0U);
  EXPECT_EQ(mmap.seek(0), 0);
  EXPECT_EQ(mmap.read_bytes()->text(), "0123456789");
  EXPECT_EQ(mmap.seek(0), 0);
  EXPECT_EQ(mmap.read_bytes(most)->text(), "0123456789");
  EXPECT_EQ(kind_of(mmap.read_bytes(-2)), ErrorKind::invalid_argument);
}

TEST_F(Access, CursorWritesAreExact) {
  Mmap mmap = open("0123456789", Mode::write);
  ASSERT_TRUE(mmap.write("abc"));
  EXPECT_EQ(mmap.tell(), 3);
  EXPECT_EQ(mmap.seek(-2, Whence::end), 8);
  EXPECT_EQ(kind_of(mmap.write("xyz")), ErrorKind::out_of_bounds);
  EXPECT_EQ(mmap.tell(), 8);
  ASSERT_TRUE(mmap.write("XY"));
  EXPECT_EQ(mmap.tell(), 10);
  EXPECT_TRUE(mmap.write(""));
  EXPECT_EQ(content(path_), "abc34567XY");
}

TEST_F(Access, SeekStaysWithinTheMapping) {
  Mmap mmap = open("0123456789");
  EXPECT_EQ(mmap.seek(10), 10);
  EXPECT_EQ(mmap.seek(-10, Whence::current), 0);
  EXPECT_EQ(mmap.seek(4, Whence::current), 4);
  EXPECT_EQ(mmap.seek(-10, Whence::end), 0);
  EXPECT_EQ(mmap.seek(5), 5);
  for (const auto& [offset, whence] : {std::pair{std::int64_t{11}, Whence::set},
                                       {std::int64_t{-1}, Whence::set},
                                       {std::int64_t{6}, Whence::current},
                                       {std::int64_t{-6}, Whence::current},
                                       {std::int64_t{1}, Whence::end},
                                       {std::int64_t{-11}, Whence::end},
                                       {most, Whence::set},
                                       {most, Whence::current},
                                       {most, Whence::end},
                                       {least, Whence::set},
                                       {least, Whence::current},
                                       {least, Whence::end}}) {
    EXPECT_EQ(kind_of(mmap.seek(offset, whence)), ErrorKind::out_of_bounds) << offset;
    EXPECT_EQ(mmap.tell(), 5);
  }
  EXPECT_EQ(kind_of(mmap.seek(0, static_cast<Whence>(3))), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(mmap.seek(0, static_cast<Whence>(-1))), ErrorKind::invalid_argument);
  EXPECT_EQ(mmap.tell(), 5);
}

TEST_F(Access, ViewIsTheMapping) {
  Mmap mmap = open(pattern(2 * page()), Mode::write);
  auto view = mmap.view(100, 5);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->bytes().size(), 5U);
  auto writable = view->writable_bytes();
  ASSERT_TRUE(writable);
  (*writable)[4] = std::byte{'!'};
  EXPECT_EQ(read_at(mmap, 104, 1), "!");
  EXPECT_EQ(mmap.view(100)->bytes().size(), 2 * page() - 100);
  EXPECT_EQ(mmap.view(static_cast<std::int64_t>(2 * page()))->bytes().size(), 0U);
  EXPECT_EQ(kind_of(mmap.view(static_cast<std::int64_t>(2 * page()) + 1)), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind_of(mmap.view(-1)), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind_of(mmap.view(1, most)), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind_of(mmap.view(0, -2)), ErrorKind::invalid_argument);
}

TEST_F(Access, ViewKeepsTheMappingOpen) {
  Mmap mmap = open("text");
  {
    auto first = mmap.view();
    auto second = std::move(*first);
    EXPECT_EQ(kind_of(mmap.close()), ErrorKind::busy);
    EXPECT_FALSE(mmap.is_closed());
    EXPECT_EQ(read_at(mmap, 0, 4), "text");
  }
  EXPECT_TRUE(mmap.close());
  EXPECT_TRUE(mmap.is_closed());
}

TEST_F(Access, ViewOutlivesItsMapping) {
  auto mmap = std::make_unique<Mmap>(open("text"));
  {
    auto first = mmap->view();
    auto second = mmap->view(1, 2);
    mmap.reset();
    EXPECT_EQ(static_cast<char>(first->bytes()[0]), 't');
    *first = std::move(*second);
    EXPECT_EQ(mapped_ranges(path_), 1U);
    EXPECT_EQ(static_cast<char>(first->bytes()[1]), 'x');
  }
  EXPECT_EQ(mapped_ranges(path_), 0U);
}

TEST_F(Access, ViewsAreCounted) {
  Mmap mmap = open("text");
  EXPECT_EQ(kind_of(mmap.view_end()), ErrorKind::invalid_argument);
  ASSERT_TRUE(mmap.view_begin(0, to_end));
  ASSERT_TRUE(mmap.view_begin(0, 1));
  EXPECT_EQ(mmap.view_end(), 1);
  EXPECT_EQ(kind_of(mmap.close()), ErrorKind::busy);
  EXPECT_EQ(mmap.view_end(), 0);
  EXPECT_EQ(kind_of(mmap.view_end()), ErrorKind::invalid_argument);
  EXPECT_TRUE(mmap.close());
}

TEST_F(Access, ViewsAreLimited) {
  Mmap mmap = open("text");
  constexpr int limit = (1 << 20) - 1;
  for (int i = 0; i < limit; ++i) ASSERT_TRUE(mmap.view_begin(0, 0));
  EXPECT_EQ(kind_of(mmap.view_begin(0, 0)), ErrorKind::limit);
  EXPECT_EQ(mmap.view_end(), limit - 1);
  EXPECT_TRUE(mmap.view_begin(0, 0));
  for (int i = 0; i < limit; ++i) ASSERT_TRUE(mmap.view_end());
}

TEST_F(Access, FlushChecksItsRange) {
  Mmap mmap = open(pattern(3 * page() + 5), Mode::write);
  const auto size = static_cast<std::int64_t>(3 * page() + 5);
  EXPECT_TRUE(mmap.flush(1, 1));
  EXPECT_TRUE(mmap.flush(size - 1, 1));
  EXPECT_TRUE(mmap.flush(size));
  EXPECT_EQ(kind_of(mmap.flush(size + 1)), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind_of(mmap.flush(1, most)), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind_of(mmap.flush(0, -2)), ErrorKind::invalid_argument);
}

TEST_F(Access, FlushHasNothingToDoForPrivateAnonymousAndReadOnly) {
  SystemCallsRestored restored;
  forbid_flushing();
  for (const Mode mode : {Mode::read, Mode::cow | Mode::write, Mode::exec, Mode::none}) {
    EXPECT_TRUE(open("text", mode).flush());
    EXPECT_EQ(kind_of(open("text", mode).flush(5)), ErrorKind::out_of_bounds);
  }
  EXPECT_TRUE(Mmap::anonymous(10)->flush());
}

TEST_F(Access, AdviceNeverChangesAByte) {
  const std::string bytes = pattern(3 * page() + 5);
  for (const Mode mode : {Mode::read, Mode::write, Mode::cow | Mode::write}) {
    for (const Advice advice :
         {Advice::normal, Advice::sequential, Advice::random, Advice::will_need, Advice::dont_need}) {
      Mmap mmap = open(bytes, mode);
      std::string expected = bytes;
      if (has(mode, Mode::write)) {
        ASSERT_TRUE(mmap.write_at(7, bytes_of("changed")));
        expected.replace(7, 7, "changed");
      }
      const bool discards = advice == Advice::dont_need && has(mode, Mode::cow);
      EXPECT_EQ(kind_of(mmap.advise(advice)), discards ? ErrorKind::invalid_argument : ErrorKind{});
      EXPECT_EQ(kind_of(mmap.advise(advice, 5, 2)), discards ? ErrorKind::invalid_argument : ErrorKind{});
      EXPECT_TRUE(read_at(mmap, 0, bytes.size()) == expected);
    }
  }
}

TEST_F(Access, AdviceIsChecked) {
  Mmap mmap = open("text");
  EXPECT_EQ(kind_of(mmap.advise(static_cast<Advice>(5))), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(mmap.advise(static_cast<Advice>(-1))), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(mmap.advise(Advice::normal, 5)), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind_of(mmap.advise(Advice::normal, 0, -2)), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(Mmap::anonymous(10)->advise(Advice::dont_need)), ErrorKind::invalid_argument);
  EXPECT_TRUE(Mmap::anonymous(10)->advise(Advice::will_need));
}

TEST_F(Access, ClosedMappingAnswersClosed) {
  Mmap mmap = open("text", Mode::write);
  ASSERT_TRUE(mmap.close());
  std::byte byte{};
  const std::span one(&byte, 1);
  EXPECT_TRUE(mmap.is_closed());
  EXPECT_EQ(kind_of(mmap.close()), ErrorKind::closed);
  EXPECT_EQ(kind_of(mmap.length()), ErrorKind::closed);
  EXPECT_EQ(kind_of(mmap.mode()), ErrorKind::closed);
  EXPECT_EQ(kind_of(mmap.read_at(0, one)), ErrorKind::closed);
  EXPECT_EQ(kind_of(mmap.write_at(0, one)), ErrorKind::closed);
  EXPECT_EQ(kind_of(mmap.read(one)), ErrorKind::closed);
  EXPECT_EQ(kind_of(mmap.read_bytes()), ErrorKind::closed);
  EXPECT_EQ(kind_of(mmap.write(one)), ErrorKind::closed);
  EXPECT_EQ(kind_of(mmap.seek(0)), ErrorKind::closed);
  EXPECT_EQ(kind_of(mmap.tell()), ErrorKind::closed);
  EXPECT_EQ(kind_of(mmap.view()), ErrorKind::closed);
  EXPECT_EQ(kind_of(mmap.view_begin(0, 0)), ErrorKind::closed);
  EXPECT_EQ(kind_of(mmap.view_end()), ErrorKind::closed);
  EXPECT_EQ(kind_of(mmap.probe()), ErrorKind::closed);
  EXPECT_EQ(kind_of(mmap.flush()), ErrorKind::closed);
  EXPECT_EQ(kind_of(mmap.advise(Advice::normal)), ErrorKind::closed);
}

TEST_F(Access, MovingLeavesAClosedObject) {
  Mmap first = open("first");
  const std::string first_path = path_;
  Mmap second(std::move(first));
  EXPECT_TRUE(first.is_closed());  // NOLINT(bugprone-use-after-move): that is what is tested
  EXPECT_EQ(read_at(second, 0, 5), "first");
  Mmap third = Mmap::anonymous(10).value();
  const std::byte* const old = third.view()->bytes().data();
  EXPECT_NE(protection_at(old), "");
  third = std::move(second);
  EXPECT_EQ(protection_at(old), "");
  EXPECT_EQ(read_at(third, 0, 5), "first");
  third = Mmap();
  EXPECT_EQ(mapped_ranges(first_path), 0U);
}

TEST_F(Access, ClosingUnmaps) {
  Mmap mmap = open("text");
  EXPECT_EQ(mapped_ranges(path_), 1U);
  ASSERT_TRUE(mmap.close());
  EXPECT_EQ(mapped_ranges(path_), 0U);
  {
    const Mmap scoped = open("text");
    EXPECT_EQ(mapped_ranges(path_), 1U);
  }
  EXPECT_EQ(mapped_ranges(path_), 0U);
}

TEST_F(Access, ManyThreadsReadAtOnce) {
  const std::string bytes = pattern(16 * page());
  const Mmap mmap = open(bytes);
  std::vector<std::jthread> threads;
  for (std::size_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      std::string buffer(100, '\0');
      for (std::size_t i = 0; i < 2000; ++i) {
        const std::size_t offset = (i * 97 + thread * 13) % (bytes.size() - buffer.size());
        ASSERT_TRUE(mmap.read_at(static_cast<std::int64_t>(offset), std::as_writable_bytes(std::span(buffer))));
        ASSERT_EQ(buffer, bytes.substr(offset, buffer.size()));
      }
    });
  }
}

}  // namespace
}  // namespace stdbind::tests
