// Reading whole files on every system: sizes, strategies, text, bad input, and the buffers behind.
#include <stdbind/reader.hpp>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "support.hpp"

namespace stdbind::tests {
namespace {

constexpr std::size_t mebibyte = 1 << 20;
constexpr ReadStrategy strategies[] = {ReadStrategy::automatic, ReadStrategy::read, ReadStrategy::map};

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

class ReaderSizes : public testing::TestWithParam<std::size_t> {};

TEST_P(ReaderSizes, EveryWayGivesTheBytes) {
  const Scratch scratch;
  const std::string bytes = pattern(GetParam());
  const std::string path = scratch.file("f", bytes);
  for (const ReadStrategy strategy : strategies) {
    const auto read = read_file(path, strategy);
    ASSERT_TRUE(read) << read.error().message.view();
    EXPECT_TRUE(read->text() == bytes);
    auto reader = FileReader::open(path, strategy);
    ASSERT_TRUE(reader) << reader.error().message.view();
    EXPECT_EQ(reader->size(), static_cast<std::int64_t>(bytes.size()));
    EXPECT_TRUE(text_of(reader->bytes().value()) == bytes);
    if (strategy == ReadStrategy::read) {
      EXPECT_EQ(reader->strategy(), ReadStrategy::read);
    }
    if (strategy == ReadStrategy::map && !bytes.empty()) {
      EXPECT_EQ(reader->strategy(), ReadStrategy::map);
    }
    EXPECT_TRUE(reader->close());
  }
  std::vector<std::byte> buffer(bytes.size() + 1);
  EXPECT_EQ(read_into(path, buffer), static_cast<std::int64_t>(bytes.size()));
  EXPECT_TRUE(text_of(std::span(buffer).first(bytes.size())) == bytes);
}

INSTANTIATE_TEST_SUITE_P(Reader, ReaderSizes,
                         testing::Values(0, 1, 4095, 4096, 4097, 65536, 131072, 131073, mebibyte - 1, mebibyte,
                                         2 * mebibyte - 1, 2 * mebibyte, 2 * mebibyte + 1, 4 * mebibyte,
                                         4 * mebibyte + 1, 7 * mebibyte + 12345));

TEST(Reader, AutomaticReadsWhatIsShortAndMapsWhatIsLong) {
  const Scratch scratch;
  release_buffers();
  const auto chosen = [&](std::size_t size) {
    return FileReader::open(scratch.file("f", std::string(size, 'x'))).value().strategy().value();
  };
  EXPECT_EQ(chosen(0), ReadStrategy::read);
  EXPECT_EQ(chosen(128 * 1024), ReadStrategy::read);
  EXPECT_EQ(chosen(128 * 1024 + 1), ReadStrategy::map);
  EXPECT_EQ(chosen(4 * mebibyte + 1), ReadStrategy::map);
}

TEST(Reader, ClosedAndMovedFromAnswerClosed) {
  const Scratch scratch;
  const std::string small = scratch.file("small", "abc");
  const std::string large = scratch.file("large", std::string(mebibyte / 2, 'x'));
  for (const std::string& path : {small, large}) {
    FileReader reader = FileReader::open(path).value();
    FileReader moved = std::move(reader);
    EXPECT_TRUE(reader.is_closed());  // NOLINT(bugprone-use-after-move): that it is closed is the point
    EXPECT_EQ(kind_of(reader.bytes()), ErrorKind::closed);
    EXPECT_FALSE(moved.is_closed());
    EXPECT_EQ(text_of(moved.bytes().value()), content(path));
    EXPECT_TRUE(moved.close());
    EXPECT_EQ(kind_of(moved.close()), ErrorKind::closed);
    EXPECT_EQ(kind_of(moved.size()), ErrorKind::closed);
    EXPECT_EQ(kind_of(moved.bytes()), ErrorKind::closed);
    EXPECT_EQ(kind_of(moved.text()), ErrorKind::closed);
    EXPECT_EQ(kind_of(moved.strategy()), ErrorKind::closed);
    moved = FileReader::open(large).value();
    moved = FileReader::open(small).value();
    EXPECT_EQ(moved.text(), "abc");
  }
}

TEST(Reader, BadInputIsTold) {
  const Scratch scratch;
  const std::string file = scratch.file("f", "abc");
  const auto kinds = [](const std::string& path, ErrorKind kind) {
    std::byte buffer[10];
    for (const ReadStrategy strategy : strategies) {
      EXPECT_EQ(kind_of(read_file(path, strategy)), kind) << path;
      EXPECT_EQ(kind_of(read_text(path, strategy)), kind) << path;
      EXPECT_EQ(kind_of(FileReader::open(path, strategy)), kind) << path;
    }
    EXPECT_EQ(kind_of(read_into(path, buffer)), kind) << path;
  };
  kinds(scratch.path("missing"), ErrorKind::not_found);
  kinds(scratch.path(""), ErrorKind::wrong_file_type);
  kinds(std::string("a\0b", 3), ErrorKind::invalid_argument);
  kinds(std::string(5000, 'x'), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(read_file(file, static_cast<ReadStrategy>(3))), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(read_text(file, static_cast<ReadStrategy>(-1))), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(FileReader::open(file, static_cast<ReadStrategy>(3))), ErrorKind::invalid_argument);
  std::byte buffer[10];
  EXPECT_EQ(kind_of(read_into(file, buffer, -1)), ErrorKind::out_of_bounds);
  EXPECT_NE(read_file(scratch.path("missing")).error().message.view().find("missing"), std::string_view::npos);
}

TEST(Reader, IntoABufferFillsItAndNoMore) {
  const Scratch scratch;
  const std::string path = scratch.file("f", "0123456789");
  std::byte buffer[4];
  EXPECT_EQ(read_into(path, buffer), 4);
  EXPECT_EQ(text_of(buffer), "0123");
  EXPECT_EQ(read_into(path, buffer, 8), 2);
  EXPECT_EQ(text_of(buffer).substr(0, 2), "89");
  EXPECT_EQ(read_into(path, buffer, 10), 0);
  EXPECT_EQ(read_into(path, buffer, 1000), 0);
  EXPECT_EQ(read_into(path, {}), 0);
}

TEST(Reader, TextIsChecked) {
  const Scratch scratch;
  const std::string good = scratch.file("good", std::string("\xEF\xBB\xBFgr\xC3\xBC\xC3\x9F\r\n\0x", 13));
  for (const ReadStrategy strategy : strategies) {
    EXPECT_EQ(read_text(good, strategy).value().text(), content(good));
    EXPECT_EQ(FileReader::open(good, strategy).value().text(), content(good));
  }
  // Characters of three bytes lie over every border at which a mapping is looked at in parts.
  std::string text;
  while (text.size() < 300'000) text += "\xE2\x82\xAC";
  const std::string path = scratch.file("f", text);
  EXPECT_EQ(FileReader::open(path, ReadStrategy::map).value().text(), text);
  for (const std::size_t at :
       {std::size_t{0}, std::size_t{16383}, std::size_t{16384}, std::size_t{100'000}, text.size() - 1}) {
    std::string wrong = text;
    wrong[at] = '\xFF';
    const std::string bad = scratch.file("bad", wrong);
    const std::string byte = "byte " + std::to_string(at / 3 * 3) + " of ";
    for (const ReadStrategy strategy : strategies) {
      const auto read = read_text(bad, strategy);
      EXPECT_EQ(kind_of(read), ErrorKind::not_utf8);
      EXPECT_NE(read.error().message.view().find(byte), std::string_view::npos) << read.error().message.view();
      const FileReader reader = FileReader::open(bad, strategy).value();
      EXPECT_EQ(kind_of(reader.text()), ErrorKind::not_utf8);
      EXPECT_NE(reader.text().error().message.view().find(byte), std::string_view::npos);
      EXPECT_TRUE(text_of(reader.bytes().value()) == wrong);
    }
  }
  const std::string cut = scratch.file("cut", text.substr(0, text.size() - 1));
  EXPECT_EQ(kind_of(FileReader::open(cut, ReadStrategy::map).value().text()), ErrorKind::not_utf8);
}

TEST(Reader, ManyFilesEachWithItsResult) {
  const Scratch scratch;
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < 200; ++i) {
    if (i % 50 == 7) {
      paths.push_back(scratch.path("missing" + std::to_string(i)));
    } else if (i % 50 == 9) {
      paths.push_back(scratch.path(""));
    } else {
      paths.push_back(scratch.file(std::to_string(i), pattern(i * 97, i)));
    }
  }
  const std::vector<std::string_view> views(paths.begin(), paths.end());
  std::vector<Result<Bytes>> results(views.size());
  const std::size_t descriptors = open_descriptors();
  EXPECT_EQ(read_many(views, results), 192);
  EXPECT_EQ(open_descriptors(), descriptors);
  for (std::size_t i = 0; i < 200; ++i) {
    if (i % 50 == 7) {
      EXPECT_EQ(kind_of(results[i]), ErrorKind::not_found);
    } else if (i % 50 == 9) {
      EXPECT_EQ(kind_of(results[i]), ErrorKind::wrong_file_type);
    } else {
      ASSERT_TRUE(results[i]) << i;
      EXPECT_TRUE(results[i]->text() == pattern(i * 97, i));
    }
  }
  EXPECT_EQ(read_many({}, {}), 0);
  EXPECT_EQ(kind_of(read_many(views, std::span(results).first(3))), ErrorKind::invalid_argument);
}

TEST(Reader, BuffersAreKeptAndGivenBack) {
  release_buffers();
  EXPECT_EQ(release_buffers(), 0);
  {
    const Bytes first = Bytes::allocate(2 * mebibyte).value();
    const Bytes second = Bytes::allocate(2 * mebibyte).value();
    const Bytes third = Bytes::allocate(2 * mebibyte).value();
    const Bytes small = Bytes::allocate(1000).value();
    const Bytes large = Bytes::allocate(129 * mebibyte).value();  // not touched, so it takes no memory
    std::vector<const std::byte*> places{first.data(), second.data(), third.data(), small.data(), large.data()};
    std::ranges::sort(places);
    EXPECT_EQ(std::ranges::adjacent_find(places), places.end());
  }
  const std::int64_t kept = release_buffers();
  EXPECT_TRUE(kept == 4 * static_cast<std::int64_t>(mebibyte) || kept == 0) << kept;  // 0: no huge pages here
  EXPECT_EQ(release_buffers(), 0);
}

TEST(Reader, OnlyABufferOfAboutTheSizeIsUsedAgain) {
  release_buffers();
  Bytes::allocate(2 * mebibyte).value().shrink(0);  // and gone
  const bool keeps = release_buffers() > 0;         // where there are huge pages
  const std::byte* place = nullptr;
  {
    const Bytes bytes = Bytes::allocate(16 * mebibyte).value();
    place = bytes.data();
  }
  const Bytes small = Bytes::allocate(2 * mebibyte).value();
  const Bytes alike = Bytes::allocate(15 * mebibyte).value();
  EXPECT_EQ(release_buffers(), 0);  // taken, or never kept
  EXPECT_EQ(small.size(), 2 * mebibyte);
  EXPECT_EQ(alike.size(), 15 * mebibyte);
  if (keeps) {
    EXPECT_NE(small.data(), place);
    EXPECT_EQ(alike.data(), place);
  }
}

TEST(Reader, ThreadsNeverShareABuffer) {
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (unsigned id = 1; id <= 4; ++id) {
    threads.emplace_back([&wrong, id] {
      for (unsigned round = 0; round < 300; ++round) {
        auto bytes = Bytes::allocate((1 + (round * id) % 3) * mebibyte);
        if (!bytes) {
          ++wrong;
          continue;
        }
        const std::span<std::byte> span = bytes->span();
        for (std::size_t at = 0; at < span.size(); at += 65536) span[at] = static_cast<std::byte>(id);
        std::this_thread::yield();
        for (std::size_t at = 0; at < span.size(); at += 65536) wrong += span[at] == static_cast<std::byte>(id) ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  release_buffers();
}

}  // namespace
}  // namespace stdbind::tests
