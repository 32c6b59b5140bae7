// The options of opening: what each one does, and which of them contradict each other.
#include <fcntl.h>
#include <unistd.h>

#include <fstream>

#include "posix_support.hpp"

namespace stdbind::tests {
namespace {

using enum OpenOptions;
using std::to_underlying;

constexpr Mode R = Mode::read;
constexpr Mode W = Mode::write;
constexpr Mode C = Mode::cow;

class Options : public testing::Test {
 protected:
  Result<Mmap> open(OpenOptions options, Mode mode = R) {
    return Mmap::open(path_, mode, 0, to_end, 0, options);
  }

  /// Not by resident: that counts the cache of a file, whether the mapping has its pages or not.
  static std::int64_t kilobytes_in_memory(Result<Mmap> mmap) {
    return std::stoll(field_at(mmap->view()->bytes().data(), "Rss"));
  }

  Scratch scratch_;
  std::string path_ = scratch_.file("f", pattern(4 * page()));
};

TEST_F(Options, UnknownOnesAreRefused) {
  for (const std::int64_t value : {std::int64_t{1024}, std::int64_t{1025}, std::int64_t{-1}, INT64_MIN, INT64_MAX}) {
    EXPECT_EQ(kind_of(open(static_cast<OpenOptions>(value))), ErrorKind::invalid_argument) << value;
    EXPECT_EQ(kind_of(Mmap::anonymous(10, W, 0, static_cast<OpenOptions>(value))), ErrorKind::invalid_argument);
  }
}

TEST_F(Options, ThoseOfTheOtherKindAreRefused) {
  const int fd = ::open(path_.c_str(), O_RDWR | O_CLOEXEC);
  for (const OpenOptions option : {huge, hugetlb_2m, hugetlb_1g}) {
    const auto opened = open(option);
    ASSERT_EQ(kind_of(opened), ErrorKind::invalid_argument);
    EXPECT_NE(opened.error().message.view().find(std::to_string(to_underlying(option))), std::string_view::npos);
    EXPECT_EQ(kind_of(Mmap::from_fd(fd, R, 0, to_end, 0, option)), ErrorKind::invalid_argument);
  }
  close(fd);
  for (const OpenOptions option : {update, watch, watch | strict, any_file}) {
    EXPECT_EQ(kind_of(Mmap::anonymous(10, W, 0, option)), ErrorKind::invalid_argument) << to_underlying(option);
  }
}

TEST_F(Options, ContradictionsAreRefused) {
  EXPECT_EQ(kind_of(open(strict)), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(open(grow, C | W)), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(open(populate, Mode::none)), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(open(populate, Mode::exec)), ErrorKind::invalid_argument);
  const auto anonymous = [](OpenOptions options, Mode mode = C | W, std::int64_t address = 0) {
    return kind_of(Mmap::anonymous(10, mode, address, options));
  };
  EXPECT_EQ(anonymous(huge | hugetlb_2m), ErrorKind::invalid_argument);
  EXPECT_EQ(anonymous(hugetlb_2m | hugetlb_1g), ErrorKind::invalid_argument);
  EXPECT_EQ(anonymous(huge, C | W, 1 << 30), ErrorKind::invalid_argument);
  EXPECT_EQ(anonymous(grow, W), ErrorKind::unsupported);
  EXPECT_EQ(anonymous(grow | hugetlb_2m), ErrorKind::unsupported);
  EXPECT_EQ(anonymous(populate, C), ErrorKind::invalid_argument);
}

TEST_F(Options, PopulateBringsAllPagesIntoMemory) {
  for (const Mode mode : {W, R, C | W}) {
    auto mmap = Mmap::anonymous(pages(20) + 1, mode, 0, populate);
    ASSERT_TRUE(mmap) << mmap.error().message.view();
    EXPECT_EQ(mmap->resident(), pages(20) + 1);
    EXPECT_EQ(read_at(*mmap, pages(20), 1), std::string(1, '\0'));
  }
  for (const Mode mode : {R, W, C | W}) {
    EXPECT_EQ(kilobytes_in_memory(open(populate, mode)), pages(4) / 1024);
  }
  auto lazy = Mmap::anonymous(pages(20), C | W);
  EXPECT_EQ(lazy->resident(), 0);
  EXPECT_EQ(Mmap::open(scratch_.file("empty", ""), R, 0, to_end, 0, populate)->length(), 0);
}

TEST_F(Options, PopulateWithoutTheAdvice) {
  const SystemCallsRestored restored;
  platform::system_calls.madvise = [](void*, std::size_t, int) {
    errno = EINVAL;
    return -1;
  };
  auto memory = Mmap::anonymous(pages(20), C | W, 0, populate);
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->resident(), pages(20));
  EXPECT_EQ(kilobytes_in_memory(open(populate)), pages(4) / 1024);
}

TEST_F(Options, RandomIsAdvisedBeforeTheFirstTouch) {
  auto mmap = open(random, W);
  ASSERT_TRUE(mmap);
  const auto view = mmap->view();
  EXPECT_NE(field_at(view->bytes().data(), "VmFlags").find(" rr"), std::string::npos);
  auto plain = open(none, W);
  const auto other = plain->view();
  EXPECT_EQ(field_at(other->bytes().data(), "VmFlags").find(" rr"), std::string::npos);
}

TEST_F(Options, DevicesOnlyWhereAskedFor) {
  const auto zero = [](std::int64_t offset, std::int64_t length, Mode mode = R) {
    return Mmap::open("/dev/zero", mode, offset, length, 0, any_file);
  };
  auto mmap = zero(0, pages(2));
  ASSERT_TRUE(mmap) << mmap.error().message.view();
  EXPECT_EQ(mmap->length(), pages(2));
  EXPECT_EQ(read_at(*mmap, 0, 10), std::string(10, '\0'));
  auto writable = zero(0, 100, W);
  ASSERT_TRUE(writable->write_at(50, bytes_of("text")));
  EXPECT_TRUE(writable->flush());
  EXPECT_TRUE(writable->advise(Advice::dont_need));
  EXPECT_EQ(read_at(*writable, 50, 4), "text");
  EXPECT_EQ(kind_of(zero(0, to_end)), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(zero(-1, 10)), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind_of(zero(INT64_MAX, 1)), ErrorKind::out_of_bounds);
  const auto too_long = sizeof(void*) < 8 ? ErrorKind{} : ErrorKind::no_memory;  // on 32 bits it is read by position
  EXPECT_EQ(kind_of(zero(0, huge_numbers[2])), too_long);
  EXPECT_EQ(kind_of(zero(0, INT64_MAX)), too_long);
  EXPECT_EQ(zero(0, 0)->length(), 0);
  // Whatever a system makes of such a place, it is not the end of the process.
  if (const auto far = zero(INT64_MAX - 10, 10)) {
    std::byte byte{};
    const auto kind = kind_of(far->read_at(0, std::span(&byte, 1)));
    EXPECT_TRUE(kind == ErrorKind{} || kind == ErrorKind::fault) << name_of(kind);
  } else {
    EXPECT_TRUE(kind_of(far) == ErrorKind::limit || kind_of(far) == ErrorKind::invalid_argument);
  }
  EXPECT_EQ(kind_of(Mmap::open("/dev/zero", R, 0, 10)), ErrorKind::wrong_file_type);
  EXPECT_EQ(kind_of(Mmap::open("/dev/null", R, 0, 10, 0, any_file)), ErrorKind::wrong_file_type);
  EXPECT_EQ(kind_of(Mmap::open(scratch_.path(""), R, 0, 10, 0, any_file)), ErrorKind::wrong_file_type);
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  EXPECT_EQ(kind_of(Mmap::from_fd(ends[0], R, 0, 10, 0, any_file)), ErrorKind::wrong_file_type);
  close(ends[0]);
  close(ends[1]);
  // A device has no size that could change.
  auto grown = Mmap::open("/dev/zero", W, 0, pages(2), 0, any_file | grow);
  ASSERT_TRUE(grown);
  EXPECT_EQ(kind_of(grown->resize(pages(3))), ErrorKind::wrong_file_type);
  EXPECT_EQ(grown->length(), pages(2));
}

TEST_F(Options, EntriesOfProcAreEmptyFiles) {
  EXPECT_EQ(Mmap::open("/proc/self/maps")->length(), 0);
  EXPECT_EQ(kind_of(Mmap::open("/proc/self/maps", R, 0, 10)), ErrorKind::out_of_bounds);
  EXPECT_EQ(kind_of(Mmap::open("/proc/self/maps", R, 0, 10, 0, any_file)), ErrorKind::out_of_bounds);
}

TEST_F(Options, HugePagesAreAligned) {
  constexpr std::uintptr_t two = std::uintptr_t{2} << 20U;
  for (const Mode mode : {W, C | W, R}) {
    for (const std::int64_t length : {std::int64_t{1}, std::int64_t{2} << 20, (std::int64_t{2} << 20) + 1}) {
      auto mmap = Mmap::anonymous(length, mode, 0, huge);
      if (kind_of(mmap) == ErrorKind::unsupported) GTEST_SKIP() << "the kernel has no transparent huge pages";
      ASSERT_TRUE(mmap) << mmap.error().message.view();
      EXPECT_EQ(mmap->length(), length);
      const auto view = mmap->view();
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(view->bytes().data()) % two, 0U);
      EXPECT_NE(field_at(view->bytes().data(), "VmFlags").find(" hg"), std::string::npos);
      const std::string size = field_at(view->bytes().data(), "Size");
      EXPECT_EQ(std::stoll(size) * 1024 % static_cast<std::int64_t>(two), 0);
      EXPECT_EQ(read_at(*mmap, length - 1, 1), std::string(1, '\0'));
    }
  }
  for (const std::int64_t length : {huge_numbers[2], huge_numbers[3], INT64_MAX - (std::int64_t{2} << 20)}) {
    for (const OpenOptions option : {huge, hugetlb_2m, hugetlb_1g}) {
      const auto kind = kind_of(Mmap::anonymous(length, W, 0, option));
      EXPECT_TRUE(kind == ErrorKind::no_memory || (option != huge && kind == ErrorKind::unsupported)) << name_of(kind);
    }
  }
  for (const std::int64_t length : {std::int64_t{0}, std::int64_t{-1}, INT64_MIN}) {
    EXPECT_EQ(kind_of(Mmap::anonymous(length, W, 0, huge)), ErrorKind::invalid_argument);
  }
}

/// How many free huge pages of 2 MiB the system has; -1 if it has no pool of them.
int pool_of_huge_pages() {
  std::ifstream file("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages");
  int count = -1;
  file >> count;
  return count;
}

TEST_F(Options, PoolOfHugePages) {
  const std::int64_t two = std::int64_t{2} << 20;
  auto mmap = Mmap::anonymous(5000, C | W, 0, hugetlb_2m);
  if (pool_of_huge_pages() < 0) {
    EXPECT_EQ(kind_of(mmap), ErrorKind::unsupported);
  } else if (!mmap) {
    ASSERT_EQ(kind_of(mmap), ErrorKind::no_memory) << mmap.error().message.view();
    EXPECT_EQ(pool_of_huge_pages(), 0);
  } else {
    ASSERT_TRUE(mmap->write_at(4996, bytes_of("text")));
    {
      const auto view = mmap->view();
      EXPECT_NE(field_at(view->bytes().data(), "VmFlags").find(" ht"), std::string::npos);
    }
    EXPECT_TRUE(mmap->advise(Advice::random, 4097, 1));
    EXPECT_TRUE(mmap->probe());
    EXPECT_TRUE(mmap->lock(4500, 1));
    EXPECT_EQ(mmap->resident(), 5000);
    EXPECT_TRUE(mmap->unlock(4500, 1));
    EXPECT_TRUE(mmap->protect(R));
    EXPECT_EQ(read_at(*mmap, 4996, 4), "text");
    EXPECT_EQ(kind_of(mmap->resize(two)), ErrorKind::unsupported);
    EXPECT_TRUE(mmap->close());
  }
  const auto giant = Mmap::anonymous(1, C | W, 0, hugetlb_1g);
  if (!giant) {
    EXPECT_TRUE(kind_of(giant) == ErrorKind::no_memory || kind_of(giant) == ErrorKind::unsupported);
  }
}

TEST_F(Options, DescriptorsAreKeptOnlyWhereNeeded) {
  const std::size_t before = open_descriptors();
  for (const auto& [options, kept] : {std::pair{none, 0U}, {populate, 0U}, {random, 0U}, {any_file, 0U}, {grow, 1U},
                                      {update, 1U}, {grow | update, 1U}}) {
    const auto mmap = open(options, W);
    ASSERT_TRUE(mmap) << mmap.error().message.view();
    EXPECT_EQ(open_descriptors(), before + kept) << to_underlying(options);
  }
  EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace stdbind::tests
