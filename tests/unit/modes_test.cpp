// The table of modes in abi.h, a test per row: protection and sharing as the system shows them, reading, writing, and
// where a written byte arrives.
#include <cstring>

#include "support.hpp"

namespace stdbind::tests {
namespace {

constexpr Mode R = Mode::read;
constexpr Mode W = Mode::write;
constexpr Mode X = Mode::exec;
constexpr Mode C = Mode::cow;
constexpr Mode A = Mode::allow_wx;

struct Row {
  const char* name;
  Mode mode;
  const char* protection;  // nullptr: refused
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

class Modes : public testing::TestWithParam<Row> {
 protected:
  void check(Result<Mmap> opened) {
    const Row& row = GetParam();
    if (row.protection == nullptr) {
      ASSERT_EQ(kind_of(opened), ErrorKind::invalid_argument);
      EXPECT_NE(opened.error().message.view().find("ALLOW_WX"), std::string_view::npos);
      return;
    }
    ASSERT_TRUE(opened) << opened.error().message.view();
    Mmap& mmap = *opened;
    EXPECT_EQ(mmap.mode(), row.mode);
    EXPECT_EQ(protection_at(mmap.view()->bytes().data()), seen_as(row.protection));

    const bool writable = std::strchr(row.protection, 'w') != nullptr;
    const bool readable = std::strchr(row.protection, 'r') != nullptr;
    std::byte byte{};
    const auto read = mmap.read_at(0, std::span(&byte, 1));
    EXPECT_EQ(kind_of(read), readable ? ErrorKind{} : ErrorKind::permission_denied);
    if (!readable) {
      EXPECT_NE(read.error().message.view().find("READ"), std::string_view::npos);
    }
    EXPECT_EQ(kind_of(mmap.probe()), readable ? ErrorKind{} : ErrorKind::permission_denied);
    EXPECT_EQ(kind_of(mmap.read_bytes()), readable ? ErrorKind{} : ErrorKind::permission_denied);

    const auto written = mmap.write_at(0, bytes_of("Z"));
    EXPECT_EQ(kind_of(written), writable ? ErrorKind{} : ErrorKind::not_writable);
    EXPECT_EQ(kind_of(mmap.view()->writable_bytes()), writable ? ErrorKind{} : ErrorKind::not_writable);
    if (writable) {
      EXPECT_EQ(read_at(mmap, 0, 1), "Z");
    }
    if (!writable) {
      EXPECT_NE(written.error().message.view().find("WRITE"), std::string_view::npos);
    }
    EXPECT_TRUE(mmap.flush());
    EXPECT_TRUE(mmap.close());
  }

  Scratch scratch_;
};

TEST_P(Modes, File) {
  const std::string path = scratch_.file("f", "ABC");
  check(Mmap::open(path, GetParam().mode));
  const char* const protection = GetParam().protection;
  const bool changed = protection != nullptr && std::strchr(protection, 'w') && std::strchr(protection, 's');
  EXPECT_EQ(content(path), changed ? "ZBC" : "ABC");
}

TEST_P(Modes, Anonymous) { check(Mmap::anonymous(100, GetParam().mode)); }

TEST_P(Modes, ZeroLength) {
  const auto opened = Mmap::open(scratch_.file("empty", ""), GetParam().mode);
  if (GetParam().protection == nullptr) {
    EXPECT_EQ(kind_of(opened), ErrorKind::invalid_argument);
    return;
  }
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->length(), 0);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Modes,
    testing::Values(Row{"0", Mode::none, "---s"}, Row{"READ", R, "r--s"}, Row{"WRITE", W, "rw-s"},
                    Row{"READ_WRITE", R | W, "rw-s"}, Row{"EXEC", X, "--xs"}, Row{"READ_EXEC", R | X, "r-xs"},
                    Row{"WRITE_EXEC", W | X, nullptr}, Row{"READ_WRITE_EXEC", R | W | X, nullptr},
                    Row{"COW", C, "---p"}, Row{"COW_READ", C | R, "r--p"}, Row{"COW_WRITE", C | W, "rw-p"},
                    Row{"COW_READ_WRITE", C | R | W, "rw-p"}, Row{"COW_EXEC", C | X, "--xp"},
                    Row{"COW_READ_EXEC", C | R | X, "r-xp"}, Row{"COW_WRITE_EXEC", C | W | X, nullptr},
                    Row{"COW_READ_WRITE_EXEC", C | R | W | X, nullptr}, Row{"WRITE_EXEC_ALLOWED", W | X | A, "rwxs"},
                    Row{"READ_WRITE_EXEC_ALLOWED", R | W | X | A, "rwxs"},
                    Row{"COW_WRITE_EXEC_ALLOWED", C | W | X | A, "rwxp"},
                    Row{"COW_READ_WRITE_EXEC_ALLOWED", C | R | W | X | A, "rwxp"}, Row{"ALLOW_WX_ALONE", A, "---s"}),
    [](const auto& info) { return info.param.name; });

TEST(Mode, UnknownBitsAreRefused) {
  for (const std::int64_t mode : {std::int64_t{32}, std::int64_t{33}, std::int64_t{-1}, INT64_MIN, INT64_MAX}) {
    EXPECT_EQ(kind_of(Mmap::anonymous(1, static_cast<Mode>(mode))), ErrorKind::invalid_argument) << mode;
  }
}

TEST(Mode, ExecReallyExecutes) {
  const Scratch scratch;
  const std::string bytes(reinterpret_cast<const char*>(code), sizeof(code));
  auto mmap = Mmap::open(scratch.file("code", std::string(page(), '\0') + bytes), Mode::exec,
                         static_cast<std::int64_t>(page()));
  ASSERT_TRUE(mmap) << mmap.error().message.view();
  const auto view = mmap->view();
  const auto function = reinterpret_cast<int (*)()>(reinterpret_cast<std::uintptr_t>(view->bytes().data()));
  EXPECT_EQ(function(), 42);
}

TEST(Mode, WrittenCodeExecutesWhereAllowed) {
  auto mmap = Mmap::anonymous(64, Mode::write | Mode::exec | Mode::allow_wx);
  ASSERT_TRUE(mmap) << mmap.error().message.view();
  ASSERT_TRUE(mmap->write_at(0, std::as_bytes(std::span(code))));
  const auto view = mmap->view();
  auto* const begin = reinterpret_cast<char*>(const_cast<std::byte*>(view->bytes().data()));
  __builtin___clear_cache(begin, begin + sizeof(code));
  EXPECT_EQ(reinterpret_cast<int (*)()>(reinterpret_cast<std::uintptr_t>(begin))(), 42);
}

TEST(Mode, PrivateChangesStayPrivate) {
  const Scratch scratch;
  const std::string path = scratch.file("f", "AAAA");
  auto mine = Mmap::open(path, Mode::cow | Mode::write);
  auto shared = Mmap::open(path, Mode::write);
  ASSERT_TRUE(mine && shared);
  ASSERT_TRUE(mine->write_at(1, bytes_of("mm")));
  EXPECT_EQ(read_at(*shared, 0, 4), "AAAA");
  ASSERT_TRUE(shared->write_at(0, bytes_of("S")));
  EXPECT_EQ(read_at(*mine, 1, 2), "mm");
  EXPECT_EQ(content(path), "SAAA");
}

}  // namespace
}  // namespace stdbind::tests
