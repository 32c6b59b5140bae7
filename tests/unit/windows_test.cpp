// Windows: paths, descriptors, the granularity of 64 KiB, sharing with others, and pages that are gone.
#include <fcntl.h>
#include <io.h>

#include <algorithm>
#include <limits>
#include <thread>
#include <vector>

#include "failure.hpp"
#include "platform/platform.hpp"
#include "support.hpp"

namespace stdbind::tests {
namespace {

constexpr std::int64_t granularity = 65536;

class Windows : public testing::Test {
 protected:
  HANDLE open_handle(const std::string& path, DWORD access) {
    return CreateFileA(path.c_str(), access, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
                       OPEN_EXISTING, 0, nullptr);
  }
  std::string u8(const std::filesystem::path& path) {
    const std::u8string text = path.u8string();
    return {text.begin(), text.end()};
  }

  Scratch scratch_;
};

TEST_F(Windows, EveryOffsetGivesTheBytesFromThere) {
  const std::size_t size = 2 * granularity + page() + 17;
  const std::string bytes = pattern(size);
  const std::string path = scratch_.file("f", bytes);
  for (const std::int64_t offset : {std::int64_t{0}, std::int64_t{1}, std::int64_t{4095}, std::int64_t{4096},
                                    granularity - 1, granularity, granularity + 4097, 2 * granularity + 4112}) {
    auto mmap = Mmap::open(path, Mode::write, offset);
    ASSERT_TRUE(mmap) << offset << ": " << mmap.error().message.view();
    const std::size_t rest = size - static_cast<std::size_t>(offset);
    EXPECT_EQ(mmap->length(), static_cast<std::int64_t>(rest));
    EXPECT_TRUE(read_at(*mmap, 0, rest) == bytes.substr(static_cast<std::size_t>(offset))) << offset;
    EXPECT_TRUE(mmap->write_at(0, bytes_of(bytes.substr(static_cast<std::size_t>(offset), 1))));
    EXPECT_TRUE(mmap->flush());
    EXPECT_TRUE(mmap->close());
    EXPECT_EQ(mapped_ranges(path), 0U);
  }
  EXPECT_TRUE(content(path) == bytes);
}

TEST_F(Windows, OffsetsBeyondFourGigabytesWork) {
  const std::string path = scratch_.file("sparse", "");
  const std::int64_t place = (std::int64_t{5} << 30) + 123;
  const HANDLE file = open_handle(path, GENERIC_READ | GENERIC_WRITE);
  LARGE_INTEGER end{};
  end.QuadPart = place + 10;
  ASSERT_TRUE(SetFilePointerEx(file, end, nullptr, FILE_BEGIN));
  ASSERT_TRUE(SetEndOfFile(file));
  auto writer = Mmap::open(path, Mode::write, place, 10);
  ASSERT_TRUE(writer) << writer.error().message.view();
  ASSERT_TRUE(writer->write_at(0, bytes_of("0123456789")));
  ASSERT_TRUE(writer->flush());
  end.QuadPart = place;
  ASSERT_TRUE(SetFilePointerEx(file, end, nullptr, FILE_BEGIN));
  char buffer[10];
  DWORD count = 0;
  EXPECT_TRUE(ReadFile(file, buffer, sizeof buffer, &count, nullptr));
  CloseHandle(file);
  EXPECT_EQ(std::string_view(buffer, count), "0123456789");
}

TEST_F(Windows, PathsAreUtf8) {
  const std::string name = "ünïcode — 文件 with spaces";
  const std::filesystem::path directory(scratch_.path(""));
  const std::filesystem::path file = directory / std::u8string(name.begin(), name.end());
  {
    std::FILE* const out = _wfopen(file.c_str(), L"wb");
    ASSERT_NE(out, nullptr);
    std::fputs("content", out);
    std::fclose(out);
  }
  EXPECT_EQ(read_at(Mmap::open(u8(file)).value(), 0, 7), "content");
  EXPECT_EQ(kind_of(Mmap::open("not UTF-8: \xFF")), ErrorKind::not_utf8);
}

TEST_F(Windows, PathsMayBeLongAndUseEitherSeparator) {
  static_cast<void>(scratch_.file("f", "x"));
  std::string longer = scratch_.path("");
  while (longer.size() < 1000) longer += "./";
  EXPECT_TRUE(Mmap::open(longer + "f"));
  std::string slashes = scratch_.path("f");
  std::ranges::replace(slashes, '\\', '/');
  EXPECT_TRUE(Mmap::open(slashes));
}

TEST_F(Windows, PathsThatCannotBeOpened) {
  const std::string file = scratch_.file("f", "x");
  const auto missing = Mmap::open(scratch_.path("missing"));
  EXPECT_EQ(kind_of(missing), ErrorKind::not_found);
  EXPECT_EQ(missing.error().os, ERROR_FILE_NOT_FOUND);
  EXPECT_NE(missing.error().message.view().find("missing"), std::string_view::npos);
  EXPECT_EQ(kind_of(Mmap::open("")), ErrorKind::not_found);
  EXPECT_EQ(kind_of(Mmap::open(scratch_.path("no/such/folder"))), ErrorKind::not_found);
  EXPECT_EQ(kind_of(Mmap::open(std::string(5000, '/'))), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(Mmap::open(std::string_view("a\0b", 3))), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(Mmap::open(scratch_.path(""))), ErrorKind::wrong_file_type);
  EXPECT_EQ(kind_of(Mmap::open("NUL")), ErrorKind::wrong_file_type);
}

// That they cannot be written shows only where the tests do not run as root: wine asks the file system below it.
TEST_F(Windows, ReadOnlyFilesCanBeRead) {
  const std::string path = scratch_.file("f", "text");
  ASSERT_TRUE(SetFileAttributesA(path.c_str(), FILE_ATTRIBUTE_READONLY));
  EXPECT_TRUE(Mmap::open(path));
  EXPECT_TRUE(Mmap::open(path, Mode::cow | Mode::write));
  ASSERT_TRUE(SetFileAttributesA(path.c_str(), FILE_ATTRIBUTE_NORMAL));
}

TEST_F(Windows, FileInExclusiveUseIsBusy) {
  const std::string path = scratch_.file("f", "text");
  const HANDLE alone = CreateFileA(path.c_str(), GENERIC_READ, 0, nullptr, OPEN_EXISTING, 0, nullptr);
  EXPECT_EQ(kind_of(Mmap::open(path)), ErrorKind::busy);
  CloseHandle(alone);
  EXPECT_TRUE(Mmap::open(path));
}

TEST_F(Windows, MappedFileCannotBecomeShorter) {
  const std::string path = scratch_.file("f", "text");
  const auto mmap = Mmap::open(path);
  const HANDLE file = open_handle(path, GENERIC_READ | GENERIC_WRITE);
  EXPECT_FALSE(SetEndOfFile(file));
  EXPECT_EQ(platform::kind_of(static_cast<std::int32_t>(GetLastError())), ErrorKind::busy);
  CloseHandle(file);
  EXPECT_EQ(read_at(*mmap, 0, 4), "text");
}

TEST_F(Windows, DescriptorMustAllowTheMode) {
  const std::string path = scratch_.file("f", "text");
  const std::string empty = scratch_.file("empty", "");
  const auto kind = [](const std::string& name, int flags, Mode mode) {
    const int fd = _open(name.c_str(), flags | _O_BINARY);
    const auto result = kind_of(Mmap::from_fd(fd, mode));
    _close(fd);
    return result;
  };
  for (const std::string& name : {path, empty}) {
    EXPECT_EQ(kind(name, _O_RDONLY, Mode::read), ErrorKind{});
    EXPECT_EQ(kind(name, _O_RDONLY, Mode::cow | Mode::write), ErrorKind{});
    EXPECT_EQ(kind(name, _O_RDONLY, Mode::write), ErrorKind::permission_denied);
    EXPECT_EQ(kind(name, _O_WRONLY, Mode::read), ErrorKind::permission_denied);
    EXPECT_EQ(kind(name, _O_WRONLY, Mode::write), ErrorKind::permission_denied);
    EXPECT_EQ(kind(name, _O_RDWR, Mode::write), ErrorKind{});
  }
  EXPECT_EQ(kind_of(Mmap::from_fd(-1)), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(Mmap::from_fd(1999)), ErrorKind::invalid_argument);
  int ends[2];
  ASSERT_EQ(_pipe(ends, 100, _O_BINARY), 0);
  EXPECT_EQ(kind_of(Mmap::from_fd(ends[0])), ErrorKind::wrong_file_type);
  _close(ends[0]);
  _close(ends[1]);
}

TEST_F(Windows, DescriptorStaysTheCallersAndIsNotNeeded) {
  const std::string path = scratch_.file("f", "text");
  const int fd = _open(path.c_str(), _O_RDWR | _O_BINARY);
  auto mmap = Mmap::from_fd(fd, Mode::write);
  ASSERT_TRUE(mmap) << mmap.error().message.view();
  EXPECT_EQ(_lseek(fd, 0, SEEK_END), 4);  // still open
  _close(fd);
  EXPECT_TRUE(mmap->write_at(0, bytes_of("T")));
  EXPECT_TRUE(mmap->flush());
  EXPECT_EQ(content(path), "Text");
}

TEST_F(Windows, OnlyWritableFileMappingsKeepAHandle) {
  const std::string path = scratch_.file("f", "text");
  static_cast<void>(Mmap::open(path));  // what the first call sets up stays
  const std::size_t before = open_descriptors();
  for (const Mode mode : {Mode::read, Mode::cow | Mode::write, Mode::exec, Mode::none}) {
    const auto mmap = Mmap::open(path, mode);
    ASSERT_TRUE(mmap) << mmap.error().message.view();
    EXPECT_EQ(open_descriptors(), before);
  }
  {
    const auto mmap = Mmap::open(path, Mode::write);
    EXPECT_EQ(open_descriptors(), before + 1);
  }
  EXPECT_TRUE(Mmap::anonymous(10));
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(Windows, HintPlacesTheView) {
  const std::string path = scratch_.file("f", pattern(2 * granularity));
  std::int64_t place = 0;
  {
    auto probe = Mmap::anonymous(4 * granularity, Mode::none);
    ASSERT_TRUE(probe) << probe.error().message.view();
    place = reinterpret_cast<std::intptr_t>(probe->view()->bytes().data());
  }
  auto first = Mmap::open(path, Mode::read, 10, to_end, place);
  ASSERT_TRUE(first) << first.error().message.view();
  EXPECT_EQ(reinterpret_cast<std::intptr_t>(first->view()->bytes().data()), place + 10);
  // A page in the middle of a granule: the view begins before it.
  auto second = Mmap::open(path, Mode::read, granularity + 4096, to_end, place + 2 * granularity + 4096);
  ASSERT_TRUE(second) << second.error().message.view();
  EXPECT_EQ(reinterpret_cast<std::intptr_t>(second->view()->bytes().data()), place + 2 * granularity + 4096);
  auto taken = Mmap::open(path, Mode::read, 0, to_end, place);
  ASSERT_TRUE(taken) << taken.error().message.view();
  EXPECT_NE(reinterpret_cast<std::intptr_t>(taken->view()->bytes().data()), place);
}

TEST_F(Windows, AnonymousSizes) {
  EXPECT_EQ(kind_of(Mmap::anonymous(0)), ErrorKind::invalid_argument);
  EXPECT_EQ(kind_of(Mmap::anonymous(std::numeric_limits<std::int64_t>::max())), ErrorKind::no_memory);
  EXPECT_EQ(kind_of(Mmap::anonymous(std::int64_t{1} << 46)), ErrorKind::no_memory);
  auto mmap = Mmap::anonymous(static_cast<std::int64_t>(page() + 1));
  ASSERT_TRUE(mmap);
  EXPECT_EQ(read_at(*mmap, 0, page() + 1), std::string(page() + 1, '\0'));
  EXPECT_TRUE(mmap->write_at(static_cast<std::int64_t>(page()), bytes_of("!")));
}

TEST(WindowsError, TellsNumberTextAndRemedy) {
  const Error error = system_failure(ERROR_FILE_NOT_FOUND, {"open: cannot open ", Quoted{"x"}});
  EXPECT_EQ(error.kind, ErrorKind::not_found);
  EXPECT_EQ(error.os, ERROR_FILE_NOT_FOUND);
  const std::string_view text = error.message.view();
  EXPECT_TRUE(text.starts_with("open: cannot open 'x': ")) << text;
  EXPECT_TRUE(text.ends_with("(system error 2); check the path")) << text;
  EXPECT_NE(text.find("not found"), std::string_view::npos) << text;
  EXPECT_EQ(text.find(". ("), std::string_view::npos) << text;
  EXPECT_NE(system_failure(123456789, {"test"}).message.view().find("unknown error"), std::string_view::npos);
}

TEST(WindowsError, NumbersHaveKinds) {
  for (const auto& [os, kind] : {std::pair{ERROR_ACCESS_DENIED, ErrorKind::permission_denied},
                                 {ERROR_PATH_NOT_FOUND, ErrorKind::not_found},
                                 {ERROR_SHARING_VIOLATION, ErrorKind::busy},
                                 {ERROR_DISK_FULL, ErrorKind::no_space},
                                 {ERROR_COMMITMENT_LIMIT, ErrorKind::no_memory},
                                 {ERROR_TOO_MANY_OPEN_FILES, ErrorKind::too_many_open},
                                 {ERROR_INVALID_HANDLE, ErrorKind::invalid_argument},
                                 {ERROR_FILE_INVALID, ErrorKind::out_of_bounds},
                                 {ERROR_NOT_SUPPORTED, ErrorKind::unsupported},
                                 {ERROR_CRC, ErrorKind::io}}) {
    EXPECT_EQ(platform::kind_of(os), kind) << os;
  }
}

/// Takes a page of a mapping away, as a disk that fails does: for the copying calls both are faults in the range.
void take_page(Mmap& mmap, std::size_t number) {
  DWORD before = 0;
  auto* const begin = const_cast<std::byte*>(mmap.view()->bytes().data());
  ASSERT_TRUE(VirtualProtect(begin + number * page(), page(), PAGE_NOACCESS, &before));
}

TEST_F(Windows, PageThatIsGoneIsAnError) {
  const std::string bytes = pattern(4 * page());
  for (const Mode mode : {Mode::read, Mode::write, Mode::cow | Mode::write}) {
    auto mmap = Mmap::open(scratch_.file("f", bytes), mode);
    ASSERT_TRUE(mmap);
    take_page(*mmap, 2);
    const auto gone = static_cast<std::int64_t>(2 * page());
    std::string buffer(page(), '?');
    const auto read = mmap->read_at(gone, std::as_writable_bytes(std::span(buffer)));
    EXPECT_EQ(kind_of(read), ErrorKind::fault);
    EXPECT_EQ(kind_of(mmap->read_at(gone - 1, std::as_writable_bytes(std::span(buffer)))), ErrorKind::fault);
    EXPECT_EQ(buffer[0], bytes[2 * page() - 1]);  // up to the page that is gone
    EXPECT_EQ(kind_of(mmap->read_bytes()), ErrorKind::fault);
    EXPECT_EQ(mmap->tell(), 0);
    EXPECT_EQ(kind_of(mmap->probe()), ErrorKind::fault);
    EXPECT_TRUE(mmap->probe(0, gone));
    EXPECT_TRUE(read_at(*mmap, 0, 2 * page()) == bytes.substr(0, 2 * page()));
    EXPECT_TRUE(read_at(*mmap, 3 * gone / 2, page()) == bytes.substr(3 * page()));
    if (has(mode, Mode::write)) {
      EXPECT_EQ(kind_of(mmap->write_at(gone, bytes_of("x"))), ErrorKind::fault);
      EXPECT_TRUE(mmap->write_at(0, bytes_of("x")));
    }
    EXPECT_TRUE(mmap->close());
  }
}

TEST_F(Windows, EveryThreadHasItsOwnGuard) {
  auto mmap = Mmap::open(scratch_.file("f", pattern(4 * page()))).value();
  for (std::size_t number = 1; number < 4; ++number) take_page(mmap, number);
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      std::byte buffer[64];
      for (int i = 0; i < 1000; ++i) {
        const auto read = mmap.read_at(static_cast<std::int64_t>(page()) * (i % 4), buffer);
        ASSERT_EQ(kind_of(read), i % 4 == 0 ? ErrorKind{} : ErrorKind::fault);
      }
    });
  }
}

TEST_F(Windows, FaultOutsideTheMappingIsForeign) {
  auto source = Mmap::open(scratch_.file("f", pattern(page()))).value();
  auto target = Mmap::anonymous(static_cast<std::int64_t>(page())).value();
  take_page(target, 0);
  static int seen = 0;
  // Repairs what it sees, as a debugger or a garbage collector would: the copy goes on.
  void* const handler = AddVectoredExceptionHandler(0, [](EXCEPTION_POINTERS* exception) -> LONG {
    ++seen;
    DWORD before = 0;
    auto* const at = reinterpret_cast<void*>(exception->ExceptionRecord->ExceptionInformation[1]);
    VirtualProtect(at, 1, PAGE_READWRITE, &before);
    return EXCEPTION_CONTINUE_EXECUTION;
  });
  const auto view = target.view();
  const std::span<std::byte> buffer = view->writable_bytes().value();
  EXPECT_TRUE(source.read_at(0, buffer));
  RemoveVectoredExceptionHandler(handler);
  EXPECT_EQ(seen, 1);
  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(buffer.data()), page()), pattern(page()));
}

}  // namespace
}  // namespace stdbind::tests
