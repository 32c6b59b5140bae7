// Every operation on machines with pages of 4, 16 and 64 KiB: at odd offsets and lengths it asks the system for whole
// pages only, the bytes are right, and nothing stays mapped.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <stdbind/prefault.hpp>
#include <vector>

#include "big_pages.hpp"

namespace stdbind::tests {
namespace {

using platform::system_calls;

constexpr Mode cow_write = Mode::cow | Mode::write;

class PageSizes : public testing::TestWithParam<std::size_t> {
 protected:
  PageSizes()
      : size_(GetParam()), bytes_(pattern(3 * size_ + 77)), path_(scratch_.file("f", bytes_)), machine_(size_) {}

  void SetUp() override {
    if (size_ % tests::page() != 0) GTEST_FAIL() << "this machine's own pages are of " << tests::page() << " bytes";
  }
  void TearDown() override { EXPECT_TRUE(machine_.mapped().empty()); }

  std::int64_t page() const { return static_cast<std::int64_t>(size_); }

  /// Offsets at, beside and between the borders of pages, of this machine and of one of 4 KiB.
  std::vector<std::int64_t> offsets() const {
    return {0, 1, 4095, 4096, 4097, page() - 1, page(), page() + 1, 2 * page() + 4097, 3 * page() + 76};
  }

  std::string tail(std::int64_t offset) const { return bytes_.substr(static_cast<std::size_t>(offset)); }

  static void expect(const auto& result) {
    EXPECT_TRUE(result) << (result ? "" : std::string(result.error().message.view()));
  }

  std::size_t size_;
  Scratch scratch_;
  std::string bytes_;
  std::string path_;
  BigPages machine_;
};

std::string sized(const testing::TestParamInfo<std::size_t>& info) { return std::to_string(info.param / 1024) + "KiB"; }
INSTANTIATE_TEST_SUITE_P(Of, PageSizes, testing::Values(4096, 16384, 65536), sized);

TEST_P(PageSizes, RequestsForPartsOfPagesAreRefused) {
  const int fd = open(path_.c_str(), O_RDWR | O_CLOEXEC);
  const int both = PROT_READ | PROT_WRITE;
  EXPECT_EQ(system_calls.mmap(nullptr, 1, both, MAP_SHARED, fd, page() / 2), MAP_FAILED);
  void* const at = system_calls.mmap(nullptr, 1, both, MAP_SHARED, fd, 0);
  ASSERT_NE(at, MAP_FAILED);
  EXPECT_EQ(machine_.mapped().begin()->second - machine_.mapped().begin()->first, size_);
  void* const part = static_cast<char*>(at) + size_ / 2;
  unsigned char there = 0;
  errno = 0;
  EXPECT_EQ(system_calls.mprotect(part, 1, PROT_READ), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(system_calls.madvise(part, 1, MADV_RANDOM), -1);
  EXPECT_EQ(system_calls.msync(part, 1, MS_SYNC), -1);
  EXPECT_EQ(system_calls.mlock(part, 1), -1);
  EXPECT_EQ(system_calls.munlock(part, 1), -1);
  EXPECT_EQ(system_calls.mincore(part, 1, &there), -1);
  EXPECT_EQ(system_calls.mremap(part, 1, 2, MREMAP_MAYMOVE), MAP_FAILED);
  EXPECT_EQ(system_calls.munmap(part, 1), -1);
  EXPECT_EQ(system_calls.munmap(at, 1), 0);
  close(fd);
}

TEST_P(PageSizes, PageSizeIsTold) { EXPECT_EQ(page_size(), page()); }

TEST_P(PageSizes, FilesAtEveryOffset) {
  for (const std::int64_t offset : offsets()) {
    for (const Mode mode : {Mode::read, Mode::write, cow_write}) {
      auto mmap = Mmap::open(path_, mode, offset, to_end, 0x12345678);
      ASSERT_TRUE(mmap) << offset << ": " << mmap.error().message.view();
      EXPECT_TRUE(read_at(*mmap, 0, tail(offset).size()) == tail(offset)) << offset;
      const auto last = static_cast<std::int64_t>(tail(offset).size()) - 1;
      for (const std::int64_t at : {std::int64_t{0}, last / 2, last}) {
        expect(mmap->flush(at, 1));
        expect(mmap->advise(Advice::random, at, 1));
        expect(mmap->advise(Advice::will_need, at));
        expect(mmap->probe(at, 1));
        expect(mmap->lock(at, 1));
        expect(mmap->unlock(at, 1));
        EXPECT_EQ(mmap->resident(at, 1), 1);
        EXPECT_TRUE(mmap->view(at, 1));
      }
      if (mode == Mode::write) expect(mmap->advise(Advice::dont_need, 0, 1));
      EXPECT_EQ(mmap->resident(), last + 1);
      EXPECT_TRUE(read_at(*mmap, 0, tail(offset).size()) == tail(offset)) << offset;
      expect(mmap->close());
    }
  }
}

TEST_P(PageSizes, WhatIsWrittenReachesTheFile) {
  for (const std::int64_t offset : offsets()) {
    auto mmap = Mmap::open(path_, Mode::write, offset, to_end, 0,
                           OpenOptions::update | OpenOptions::watch | OpenOptions::random | OpenOptions::populate);
    ASSERT_TRUE(mmap) << mmap.error().message.view();
    const std::int64_t last = mmap->length().value() - 1;
    expect(mmap->write_at(last, bytes_of("!")));
    expect(mmap->flush_async(last, 1));
    expect(mmap->flush(last, 1));
    expect(mmap->update(0, bytes_of("?")));
    EXPECT_EQ(mmap->is_stale(), false);
    expect(mmap->close());
    std::string wanted = bytes_;
    wanted.back() = '!';
    wanted[static_cast<std::size_t>(offset)] = '?';
    EXPECT_TRUE(content(path_) == wanted) << offset;
    static_cast<void>(scratch_.file("f", bytes_));
  }
}

TEST_P(PageSizes, ProtectionIsThatOfWholePages) {
  for (const std::int64_t offset : offsets()) {
    auto mmap = Mmap::open(path_, Mode::write, offset).value();
    expect(mmap.protect(Mode::read));
    expect(mmap.protect(Mode::none));
    expect(mmap.protect(Mode::write));
    expect(mmap.write_at(0, bytes_of(tail(offset).substr(0, 1))));
    expect(mmap.make_executable());
    expect(mmap.close());
  }
}

TEST_P(PageSizes, FilesAreResized) {
  for (const std::int64_t offset : offsets()) {
    static_cast<void>(scratch_.file("f", bytes_));
    auto mmap = Mmap::open(path_, Mode::write, offset, to_end, 0, OpenOptions::grow).value();
    for (const std::int64_t length :
         {5 * page() + 1, 4 * page(), page() + 4097, page() - 1, std::int64_t{1}, std::int64_t{0}, 2 * page()}) {
      const auto done = mmap.resize(length);
      ASSERT_TRUE(done) << offset << ", " << length << ": " << done.error().message.view();
      EXPECT_EQ(static_cast<std::int64_t>(content(path_).size()), offset + length);
      if (length == 0) continue;
      expect(mmap.write_at(length - 1, bytes_of("!")));
      expect(mmap.flush(length - 1, 1));
      EXPECT_EQ(content(path_).back(), '!');
    }
    expect(mmap.close());
  }
}

TEST_P(PageSizes, NewBytesAreZero) {
  for (const auto option : {OpenOptions::none, OpenOptions::grow, OpenOptions::populate, OpenOptions::huge}) {
    auto mmap = Mmap::anonymous(page() + 1, cow_write, 0, option);
    ASSERT_TRUE(mmap) << mmap.error().message.view();
    std::int64_t before = page() + 1;
    for (const std::int64_t length : {3 * page() + 7, page() - 1, std::int64_t{1}, 4097 + page(), 2 * page()}) {
      const auto all = static_cast<std::size_t>(before);
      expect(mmap->write_at(0, bytes_of(std::string(all, 'x'))));
      const auto done = mmap->resize(length);
      ASSERT_TRUE(done) << done.error().message.view();
      const auto kept = static_cast<std::size_t>(std::min(before, length));
      EXPECT_TRUE(read_at(*mmap, 0, kept) == std::string(kept, 'x'));
      const auto added = static_cast<std::size_t>(length) - kept;
      EXPECT_TRUE(read_at(*mmap, static_cast<std::int64_t>(kept), added) == std::string(added, '\0'));
      before = length;
    }
    expect(mmap->lock(1, 1));
    expect(mmap->unlock());
    expect(mmap->protect(Mode::read));
    expect(mmap->close());
  }
}

TEST_P(PageSizes, MemoryIsNewSharedNamedAndSealed) {
  const std::string name = "stdbind-page-sizes-" + std::to_string(getpid());
  const auto try_all = [&](Result<Mmap> mmap) {
    ASSERT_TRUE(mmap) << mmap.error().message.view();
    const std::int64_t last = mmap->length().value() - 1;
    expect(mmap->write_at(last, bytes_of("!")));
    EXPECT_EQ(read_at(*mmap, last, 1), "!");
    expect(mmap->flush(last, 1));
    expect(mmap->advise(Advice::sequential, last, 1));
    expect(mmap->lock(last, 1));
    expect(mmap->unlock(last, 1));
    expect(mmap->probe());
    EXPECT_EQ(mmap->resident(), last + 1);
    expect(mmap->protect(Mode::read));
    expect(mmap->close());
  };
  for (const std::int64_t length : {std::int64_t{1}, std::int64_t{4097}, page() - 1, 2 * page() + 1}) {
    try_all(Mmap::anonymous(length));
    try_all(Mmap::anonymous(length, Mode::write, 0, OpenOptions::populate));
    try_all(Mmap::create_named(name, Mode::write, length));
    auto part = Mmap::open_named(name, Mode::read, length - 1);
    ASSERT_TRUE(part) << part.error().message.view();
    EXPECT_EQ(read_at(*part, 0, 1), "!");
    expect(part->close());
    expect(Mmap::unlink_named(name));
    try_all(Mmap::open_sealed(length));
    try_all(Mmap::create(scratch_.path("new"), Mode::write, length));
    EXPECT_EQ(content(scratch_.path("new")).size(), static_cast<std::size_t>(length));
    try_all(Mmap::open_beneath(scratch_.path(""), "new", Mode::write));
    std::filesystem::remove(scratch_.path("new"));
  }
}

TEST_P(PageSizes, FilesAreLoadedAndCounted) {
  for (const std::int64_t offset : offsets()) {
    for (const Mode mode : {Mode::read, cow_write}) {
      auto mmap = Mmap::open(path_, mode, offset).value();
      auto load = mmap.prefault();
      ASSERT_TRUE(load) << load.error().message.view();
      expect(load->wait());
      EXPECT_EQ(load->done().value(), mmap.length().value());
      expect(load->close());
      EXPECT_EQ(mmap.resident().value(), mmap.length().value());
      expect(mmap.close());
    }
  }
}

TEST_P(PageSizes, MemoryIsLoadedAndCounted) {
  auto memory = Mmap::anonymous(3 * page() + 5, cow_write).value();
  EXPECT_EQ(memory.resident(), 0);
  expect(memory.write_at(page() + 1, bytes_of("x")));
  EXPECT_EQ(memory.resident(), page());
  EXPECT_EQ(memory.resident(page() - 10, 20), 10);
  auto load = memory.prefault(1, page());
  ASSERT_TRUE(load) << load.error().message.view();
  expect(load->wait());
  expect(load->close());
  EXPECT_EQ(memory.resident(0, page() + 1), page() + 1);
  expect(memory.close());
}

TEST_P(PageSizes, FilesAreReadPastTheCacheAndByPosition) {
  alignas(4096) static std::byte buffer[2 * 4096];
  const auto count = read_direct(path_, 4096, buffer);
  ASSERT_TRUE(count) << count.error().message.view();
  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(buffer), sizeof buffer), bytes_.substr(4096, sizeof buffer));
  const auto before = set_positioned_limit(100);
  auto mmap = Mmap::open(path_, Mode::read, 4097);
  expect(set_positioned_limit(*before));
  ASSERT_TRUE(mmap) << mmap.error().message.view();
  EXPECT_EQ(mmap->is_mapped(), false);
  EXPECT_TRUE(read_at(*mmap, 0, bytes_.size() - 4097) == tail(4097));
  expect(mmap->close());
}

}  // namespace
}  // namespace stdbind::tests
