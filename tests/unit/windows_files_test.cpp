// Windows: making and resizing files, shared memory by its name, reading past the cache and by position, and what can
// be done to pages: protecting, locking, asking where they are.
#include <fcntl.h>
#include <io.h>

#include <limits>
#include <vector>

#include "platform/platform.hpp"
#include "support.hpp"

namespace stdbind::tests {
namespace {

constexpr std::int64_t granularity = 65536;
constexpr Mode private_write = Mode::cow | Mode::write;

class WindowsFiles : public testing::Test {
 protected:
  static std::string name() { return "test-" + std::to_string(GetCurrentProcessId()); }
  static std::uintmax_t size(const std::string& path) { return std::filesystem::file_size(path); }

  Scratch scratch_;
};

TEST_F(WindowsFiles, CreateMakesAFileOfZeroes) {
  const std::string path = scratch_.path("new");
  auto mmap = Mmap::create(path, Mode::write, granularity + 5);
  ASSERT_TRUE(mmap) << mmap.error().message.view();
  EXPECT_EQ(size(path), 65541U);
  EXPECT_TRUE(mmap->write_at(granularity, bytes_of("12345")));
  EXPECT_TRUE(mmap->flush());
  EXPECT_EQ(content(path), std::string(65536, '\0') + "12345");
  EXPECT_TRUE(mmap->close());
  EXPECT_EQ(kind_of(Mmap::create(path, Mode::write, 10)), ErrorKind::already_exists);
  EXPECT_EQ(size(path), 65541U);
  EXPECT_EQ(kind_of(Mmap::create(scratch_.path("missing/new"), Mode::write, 10)), ErrorKind::not_found);
  const auto empty = Mmap::create(scratch_.path("empty"), Mode::read, 0);
  ASSERT_TRUE(empty);
  EXPECT_EQ(size(scratch_.path("empty")), 0U);
}

TEST_F(WindowsFiles, FileThatCannotBeMadeIsRemoved) {
  const std::string path = scratch_.path("new");
  const SystemCallsRestored restored;
  platform::system_calls.set_file_information = [](HANDLE, FILE_INFO_BY_HANDLE_CLASS, LPVOID, DWORD) -> BOOL {
    SetLastError(ERROR_DISK_FULL);
    return FALSE;
  };
  const auto mmap = Mmap::create(path, Mode::write, 100);
  EXPECT_EQ(kind_of(mmap), ErrorKind::no_space);
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(WindowsFiles, FullDiskLeavesAGrowingFileAsItWas) {
  const std::string path = scratch_.file("f", "0123456789");
  auto mmap = Mmap::open(path, Mode::write, 0, to_end, 0, OpenOptions::grow).value();
  const SystemCallsRestored restored;
  platform::system_calls.set_file_information = [](HANDLE, FILE_INFO_BY_HANDLE_CLASS, LPVOID, DWORD) -> BOOL {
    SetLastError(ERROR_DISK_FULL);
    return FALSE;
  };
  EXPECT_EQ(kind_of(mmap.resize(granularity)), ErrorKind::no_space);
  EXPECT_EQ(mmap.length(), 10);
  EXPECT_EQ(read_at(mmap, 0, 10), "0123456789");
  EXPECT_EQ(content(path), "0123456789");
}

TEST_F(WindowsFiles, FileAndMappingChangeTogether) {
  const std::string bytes = pattern(3 * granularity);
  const std::string path = scratch_.file("f", bytes.substr(0, 10));
  for (const std::int64_t offset : {0, 3}) {
    auto mmap = Mmap::open(path, Mode::write, offset, to_end, 0, OpenOptions::grow).value();
    for (const std::int64_t length : {2 * granularity + 7, granularity, std::int64_t{4097}, std::int64_t{5},
                                      std::int64_t{0}, std::int64_t{10}}) {
      const auto done = mmap.resize(length);
      ASSERT_TRUE(done) << length << ": " << done.error().message.view();
      EXPECT_EQ(mmap.length(), length);
      EXPECT_EQ(size(path), static_cast<std::uintmax_t>(offset + length));
      const std::string part = bytes.substr(0, static_cast<std::size_t>(length));
      EXPECT_TRUE(mmap.write_at(0, bytes_of(part)));
      EXPECT_TRUE(mmap.flush());
      EXPECT_TRUE(content(path).substr(static_cast<std::size_t>(offset)) == part);
    }
    EXPECT_EQ(mapped_ranges(path), 1U);
    EXPECT_TRUE(mmap.close());
    EXPECT_EQ(mapped_ranges(path), 0U);
  }
}

/// What Windows does and wine does not: no mapped file is made shorter.
std::string cut_path;
platform::SystemCalls real;
void refuse_to_cut_mapped_files(const std::string& path) {
  cut_path = path;
  real = platform::system_calls;
  platform::system_calls.set_file_information = [](HANDLE file, FILE_INFO_BY_HANDLE_CLASS what, LPVOID data,
                                                   DWORD room) -> BOOL {
    LARGE_INTEGER now = {};
    GetFileSizeEx(file, &now);
    if (static_cast<FILE_END_OF_FILE_INFO*>(data)->EndOfFile.QuadPart < now.QuadPart && mapped_ranges(cut_path) > 0) {
      SetLastError(ERROR_USER_MAPPED_FILE);
      return FALSE;
    }
    return real.set_file_information(file, what, data, room);
  };
}

TEST_F(WindowsFiles, MappingGoesWhileItsFileIsMadeShorter) {
  const std::string bytes = pattern(2 * granularity);
  const std::string path = scratch_.file("f", bytes);
  auto mmap = Mmap::open(path, Mode::write, 0, to_end, 0, OpenOptions::grow).value();
  const SystemCallsRestored restored;
  refuse_to_cut_mapped_files(path);
  ASSERT_TRUE(mmap.resize(granularity + 1));
  EXPECT_EQ(size(path), 65537U);
  EXPECT_TRUE(read_at(mmap, 0, 65537) == bytes.substr(0, 65537));
  ASSERT_TRUE(mmap.resize(0));
  EXPECT_EQ(size(path), 0U);
}

TEST_F(WindowsFiles, FileThatOthersHaveMappedIsNotMadeShorter) {
  const std::string bytes = pattern(2 * granularity);
  const std::string path = scratch_.file("f", bytes);
  auto mmap = Mmap::open(path, Mode::write, 0, to_end, 0, OpenOptions::grow).value();
  auto other = Mmap::open(path).value();
  const SystemCallsRestored restored;
  refuse_to_cut_mapped_files(path);
  EXPECT_EQ(kind_of(mmap.resize(10)), ErrorKind::busy);
  EXPECT_EQ(mmap.length(), 2 * granularity);
  EXPECT_TRUE(read_at(mmap, 0, bytes.size()) == bytes);
  EXPECT_TRUE(mmap.write_at(0, bytes_of("x")));
  EXPECT_TRUE(other.close());
  EXPECT_TRUE(mmap.resize(10));
  EXPECT_EQ(content(path), "x" + bytes.substr(1, 9));
}

TEST_F(WindowsFiles, PagesThatDoNotComeBackLeaveAMappingOfNoBytes) {
  const std::string path = scratch_.file("f", "0123456789");
  auto mmap = Mmap::open(path, Mode::write, 0, to_end, 0, OpenOptions::grow).value();
  const SystemCallsRestored restored;
  platform::system_calls.create_file_mapping = [](HANDLE, LPSECURITY_ATTRIBUTES, DWORD, DWORD, DWORD,
                                                  LPCWSTR) -> HANDLE {
    SetLastError(ERROR_COMMITMENT_LIMIT);
    return nullptr;
  };
  EXPECT_EQ(kind_of(mmap.resize(4)), ErrorKind::no_memory);
  EXPECT_EQ(mmap.length(), 0);
  EXPECT_EQ(content(path), "0123");
  EXPECT_TRUE(mmap.close());
}

TEST_F(WindowsFiles, PrivateMemoryIsResizedWithItsBytes) {
  auto mmap = Mmap::anonymous(10, private_write).value();
  ASSERT_TRUE(mmap.write_at(0, bytes_of("0123456789")));
  for (const std::int64_t length : {2 * granularity, std::int64_t{10}, std::int64_t{5000}}) {
    const auto done = mmap.resize(length);
    ASSERT_TRUE(done) << done.error().message.view();
    EXPECT_EQ(read_at(mmap, 0, 10), "0123456789");
    EXPECT_TRUE(read_at(mmap, 10, static_cast<std::size_t>(length - 10)) ==
                std::string(static_cast<std::size_t>(length - 10), '\0'));
  }
}

TEST_F(WindowsFiles, DescriptorIsHandedOver) {
  const std::string path = scratch_.file("f", "text");
  auto mmap = Mmap::open(path, Mode::write, 0, to_end, 0, OpenOptions::grow).value();
  const auto fd = mmap.descriptor();
  ASSERT_TRUE(fd) << fd.error().message.view();
  DWORD flags = HANDLE_FLAG_INHERIT;
  EXPECT_TRUE(GetHandleInformation(reinterpret_cast<HANDLE>(_get_osfhandle(*fd)), &flags));
  EXPECT_EQ(flags & HANDLE_FLAG_INHERIT, 0U);
  EXPECT_TRUE(mmap.close());
  auto again = Mmap::from_fd(*fd, Mode::write);
  ASSERT_TRUE(again) << again.error().message.view();
  EXPECT_EQ(_close(*fd), 0);
  EXPECT_EQ(read_at(*again, 0, 4), "text");
  EXPECT_EQ(kind_of(Mmap::open(path).value().descriptor()), ErrorKind::unsupported);
}

TEST_F(WindowsFiles, RunTimeWithoutRoomForADescriptorIsTooManyOpen) {
  const std::string path = scratch_.file("f", "text");
  auto mmap = Mmap::open(path, Mode::read, 0, to_end, 0, OpenOptions::grow).value();
  const std::size_t before = open_descriptors();
  const SystemCallsRestored restored;
  platform::system_calls.open_osfhandle = [](std::intptr_t, int) -> std::intptr_t { return -1; };
  EXPECT_EQ(kind_of(mmap.descriptor()), ErrorKind::too_many_open);
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(WindowsFiles, DirectReadingGivesTheBytes) {
  const std::string bytes = pattern(3 * 4096 + 100);
  const std::string path = scratch_.file("f", bytes);
  alignas(4096) static std::byte buffer[4 * 4096];
  EXPECT_EQ(read_direct(path, 0, buffer), static_cast<std::int64_t>(bytes.size()));
  EXPECT_TRUE(std::equal(bytes.begin(), bytes.end(), reinterpret_cast<const char*>(buffer)));
  EXPECT_EQ(read_direct(path, 4096, std::span(buffer).first(4096)), 4096);
  EXPECT_TRUE(std::equal(bytes.begin() + 4096, bytes.begin() + 8192, reinterpret_cast<const char*>(buffer)));
  EXPECT_EQ(read_direct(path, 4 * 4096, buffer), 0);
  EXPECT_EQ(kind_of(read_direct(scratch_.path(""), 0, buffer)), ErrorKind::wrong_file_type);
  EXPECT_EQ(kind_of(read_direct(scratch_.path("missing"), 0, buffer)), ErrorKind::not_found);
}

TEST_F(WindowsFiles, DirectReadingPassesTheCache) {
  const std::string path = scratch_.file("f", pattern(4096));
  const SystemCallsRestored restored;
  static DWORD seen;
  seen = 0;
  platform::system_calls.create_file = [](LPCWSTR name, DWORD access, DWORD share, LPSECURITY_ATTRIBUTES security,
                                          DWORD how, DWORD flags, HANDLE like) {
    seen = flags;
    return CreateFileW(name, access, share, security, how, flags, like);
  };
  alignas(4096) static std::byte buffer[4096];
  EXPECT_EQ(read_direct(path, 0, buffer), 4096);
  EXPECT_NE(seen & FILE_FLAG_NO_BUFFERING, 0U);
}

TEST_F(WindowsFiles, LongFilesAreReadByPosition) {
  const std::string bytes = pattern(10000);
  const std::string path = scratch_.file("f", bytes);
  const auto before = set_positioned_limit(5000);
  auto mmap = Mmap::open(path, Mode::read, 100);
  ASSERT_TRUE(mmap) << mmap.error().message.view();
  EXPECT_EQ(mmap->is_mapped(), false);
  EXPECT_EQ(mapped_ranges(path), 0U);
  EXPECT_TRUE(read_at(*mmap, 5000, 4900) == bytes.substr(5100));
  EXPECT_TRUE(mmap->probe());
  EXPECT_EQ(kind_of(mmap->view()), ErrorKind::unsupported);
  EXPECT_TRUE(set_positioned_limit(*before));
}

TEST_F(WindowsFiles, NamedMemoryIsSharedToTheByte) {
  for (const std::int64_t length : {std::int64_t{1}, std::int64_t{4088}, std::int64_t{4089}, granularity + 1}) {
    auto writer = Mmap::create_named(name(), Mode::write, length);
    ASSERT_TRUE(writer) << writer.error().message.view();
    EXPECT_EQ(writer->length(), length);
    EXPECT_EQ(read_at(*writer, 0, 1), std::string(1, '\0'));
    auto reader = Mmap::open_named("/" + name());
    ASSERT_TRUE(reader) << reader.error().message.view();
    EXPECT_EQ(reader->length(), length);
    EXPECT_TRUE(writer->write_at(length - 1, bytes_of("!")));
    EXPECT_TRUE(writer->flush());
    EXPECT_EQ(read_at(*reader, length - 1, 1), "!");
    EXPECT_EQ(kind_of(reader->write_at(0, bytes_of("x"))), ErrorKind::not_writable);
    auto copy = Mmap::open_named(name(), private_write);
    ASSERT_TRUE(copy) << copy.error().message.view();
    EXPECT_TRUE(copy->write_at(length - 1, bytes_of("?")));
    EXPECT_EQ(read_at(*reader, length - 1, 1), "!");
    auto part = Mmap::open_named(name(), Mode::write, length - 1);
    ASSERT_TRUE(part) << part.error().message.view();
    EXPECT_EQ(read_at(*part, 0, 1), "!");
    EXPECT_EQ(kind_of(Mmap::open_named(name(), Mode::read, 0, length + 1)), ErrorKind::out_of_bounds);
    EXPECT_EQ(kind_of(Mmap::create_named(name(), Mode::write, 10)), ErrorKind::already_exists);
  }
}

TEST_F(WindowsFiles, NameThatIsGivenUpIsNotFound) {
  auto first = Mmap::create_named(name(), Mode::write, 100).value();
  auto second = Mmap::open_named(name()).value();
  EXPECT_TRUE(Mmap::unlink_named(name()));
  EXPECT_EQ(kind_of(Mmap::unlink_named(name())), ErrorKind::not_found);
  EXPECT_EQ(kind_of(Mmap::open_named(name())), ErrorKind::not_found);
  EXPECT_TRUE(first.write_at(99, bytes_of("!")));
  EXPECT_EQ(read_at(second, 99, 1), "!");
  // The system has no way to take the name from memory that is in use.
  EXPECT_EQ(kind_of(Mmap::create_named(name(), Mode::write, 10)), ErrorKind::busy);
  EXPECT_TRUE(first.close());
  EXPECT_EQ(kind_of(Mmap::create_named(name(), Mode::write, 10)), ErrorKind::busy);
  EXPECT_TRUE(second.close());
  EXPECT_TRUE(Mmap::create_named(name(), Mode::write, 10));
}

TEST_F(WindowsFiles, NamedMemoryGoesWithItsLastMapping) {
  EXPECT_EQ(kind_of(Mmap::open_named(name())), ErrorKind::not_found);
  EXPECT_EQ(kind_of(Mmap::unlink_named(name())), ErrorKind::not_found);
  auto first = Mmap::create_named(name(), Mode::write, 100).value();
  auto second = Mmap::open_named(name()).value();
  EXPECT_TRUE(first.close());
  EXPECT_TRUE(Mmap::open_named(name()));
  EXPECT_TRUE(second.close());
  EXPECT_EQ(kind_of(Mmap::open_named(name())), ErrorKind::not_found);
  EXPECT_EQ(kind_of(Mmap::unlink_named(name())), ErrorKind::not_found);
}

TEST_F(WindowsFiles, NamesMayHoldWhatPathsMayNot) {
  const auto odd = Mmap::create_named("a\\b:*? " + name() + " \xC3\xBC", Mode::write, 10);
  EXPECT_TRUE(odd) << odd.error().message.view();
  EXPECT_TRUE(Mmap::open_named("a\\b:*? " + name() + " \xC3\xBC"));
  EXPECT_EQ(kind_of(Mmap::open_named("\xFF")), ErrorKind::not_utf8);
  EXPECT_TRUE(Mmap::create_named(std::string(249, 'n'), Mode::write, 10));
}

TEST_F(WindowsFiles, NamedMemoryIsReadByPositionToo) {
  auto writer = Mmap::create_named(name(), Mode::write, 10000).value();
  ASSERT_TRUE(writer.write_at(9999, bytes_of("!")));
  const auto before = set_positioned_limit(5000);
  auto reader = Mmap::open_named(name());
  ASSERT_TRUE(reader) << reader.error().message.view();
  EXPECT_EQ(reader->is_mapped(), false);
  EXPECT_EQ(read_at(*reader, 9999, 1), "!");
  EXPECT_TRUE(set_positioned_limit(*before));
}

TEST_F(WindowsFiles, SealedAndHugeMemoryAreUnsupported) {
  EXPECT_EQ(kind_of(Mmap::open_sealed(10)), ErrorKind::unsupported);
  for (const auto option : {OpenOptions::huge, OpenOptions::hugetlb_2m, OpenOptions::hugetlb_1g}) {
    EXPECT_EQ(kind_of(Mmap::anonymous(10, Mode::write, 0, option)), ErrorKind::unsupported);
  }
}

const std::byte* address(Mmap& mmap) { return mmap.view()->bytes().data(); }

TEST_F(WindowsFiles, ProtectionOfAFileChangesUpToWhatItWasOpenedFor) {
  const std::string path = scratch_.file("f", pattern(2 * granularity));
  for (const Mode opened : {Mode::write, private_write}) {
    ASSERT_EQ(scratch_.file("f", pattern(2 * granularity)), path);
    auto mmap = Mmap::open(path, opened, granularity + 4097).value();
    EXPECT_TRUE(mmap.write_at(0, bytes_of("1")));
    EXPECT_TRUE(mmap.protect(Mode::read));
    EXPECT_EQ(protection_at(address(mmap)), "r--");
    EXPECT_EQ(kind_of(mmap.write_at(0, bytes_of("2"))), ErrorKind::not_writable);
    EXPECT_TRUE(mmap.protect(Mode::none));
    EXPECT_EQ(protection_at(address(mmap)), "---");
    const auto back = mmap.protect(Mode::write);
    ASSERT_TRUE(back) << back.error().message.view();
    EXPECT_EQ(protection_at(address(mmap)), "rw-");
    EXPECT_EQ(read_at(mmap, 0, 1), "1");
    EXPECT_TRUE(mmap.write_at(0, bytes_of("2")));
    EXPECT_TRUE(mmap.flush());
    EXPECT_EQ(content(path)[granularity + 4097] == '2', opened == Mode::write);
    EXPECT_EQ(kind_of(mmap.make_executable()), ErrorKind::permission_denied);
    EXPECT_EQ(protection_at(address(mmap)), "rw-");
    EXPECT_TRUE(mmap.close());
  }
  for (const Mode opened : {Mode::read, Mode::cow | Mode::read}) {
    auto mmap = Mmap::open(path, opened).value();
    EXPECT_EQ(kind_of(mmap.protect(Mode::write)), ErrorKind::permission_denied);
    EXPECT_EQ(protection_at(address(mmap)), "r--");
    EXPECT_EQ(kind_of(mmap.write_at(0, bytes_of("x"))), ErrorKind::not_writable);
  }
  auto code = Mmap::open(path, Mode::read | Mode::exec).value();
  EXPECT_TRUE(code.protect(Mode::read));
  EXPECT_TRUE(code.protect(Mode::read | Mode::exec));
  EXPECT_EQ(protection_at(address(code)), "r-x");
}

TEST_F(WindowsFiles, AnonymousMemoryTakesEveryMode) {
  for (const Mode cow : {Mode::none, Mode::cow}) {
    for (const Mode opened : {Mode::none, Mode::read, Mode::write}) {
      auto mmap = Mmap::anonymous(10000, cow | opened).value();
      for (const auto& [mode, seen] : {std::pair{Mode::write, "rw-"}, {Mode::read, "r--"}, {Mode::none, "---"},
                                       {Mode::write, "rw-"}}) {
        const auto done = mmap.protect(mode);
        ASSERT_TRUE(done) << done.error().message.view();
        EXPECT_EQ(protection_at(address(mmap)), seen);
        EXPECT_EQ(protection_at(address(mmap) + 9999), seen);
      }
      EXPECT_TRUE(mmap.write_at(9990, bytes_of("0123456789")));
      EXPECT_TRUE(mmap.make_executable());
      EXPECT_EQ(protection_at(address(mmap)), "r-x");
      EXPECT_EQ(read_at(mmap, 9990, 10), "0123456789");
      EXPECT_TRUE(mmap.close());
    }
  }
}

TEST_F(WindowsFiles, MemoryThatMayNotHoldCodeIsMadeWithoutTheRight) {
  const SystemCallsRestored restored;
  platform::system_calls.map_view_of_file = [](HANDLE section, DWORD access, DWORD high, DWORD low, SIZE_T size,
                                               LPVOID hint) -> LPVOID {
    if ((access & FILE_MAP_EXECUTE) == 0) return MapViewOfFileEx(section, access, high, low, size, hint);
    SetLastError(1655);  // ERROR_DYNAMIC_CODE_BLOCKED
    return nullptr;
  };
  auto mmap = Mmap::anonymous(10);
  ASSERT_TRUE(mmap) << mmap.error().message.view();
  EXPECT_TRUE(mmap->write_at(0, bytes_of("x")));
  EXPECT_TRUE(mmap->protect(Mode::read));
  EXPECT_EQ(kind_of(mmap->make_executable()), ErrorKind::permission_denied);
  EXPECT_EQ(kind_of(Mmap::anonymous(10, Mode::exec)), ErrorKind::io);
}

TEST_F(WindowsFiles, LockedPagesAreResidentAndUnlockIsNotCounted) {
  auto mmap = Mmap::open(scratch_.file("f", pattern(16 * page())), Mode::write).value();
  ASSERT_TRUE(mmap.lock(1, 3 * static_cast<std::int64_t>(page())));
  EXPECT_EQ(mmap.resident(0, 4 * static_cast<std::int64_t>(page())), 4 * static_cast<std::int64_t>(page()));
  ASSERT_TRUE(mmap.lock(1, 10));
  EXPECT_TRUE(mmap.unlock());
  EXPECT_TRUE(mmap.unlock());
  EXPECT_TRUE(mmap.close());
}

TEST_F(WindowsFiles, WorkingSetGrowsForWhatIsLocked) {
  auto mmap = Mmap::anonymous(8 * static_cast<std::int64_t>(page())).value();
  const SystemCallsRestored restored;
  static SIZE_T least;
  least = 4 * page();
  platform::system_calls.get_working_set_size = [](HANDLE, PSIZE_T low, PSIZE_T high) -> BOOL {
    *low = *high = least;
    return TRUE;
  };
  platform::system_calls.set_working_set_size = [](HANDLE, SIZE_T low, SIZE_T high) -> BOOL {
    EXPECT_LT(low, high);
    least = low;
    return TRUE;
  };
  platform::system_calls.virtual_lock = [](LPVOID, SIZE_T length) -> BOOL {
    if (length < least) return TRUE;
    SetLastError(ERROR_WORKING_SET_QUOTA);
    return FALSE;
  };
  EXPECT_TRUE(mmap.lock());
  EXPECT_EQ(least, 12 * page());
  platform::system_calls.set_working_set_size = [](HANDLE, SIZE_T, SIZE_T) -> BOOL {
    SetLastError(ERROR_PRIVILEGE_NOT_HELD);
    return FALSE;
  };
  least = 4 * page();
  EXPECT_EQ(kind_of(mmap.lock()), ErrorKind::limit);
}

TEST_F(WindowsFiles, PagesAreUnlockedBesideOthersThatAreNot) {
  auto mmap = Mmap::anonymous(4 * static_cast<std::int64_t>(page())).value();
  const SystemCallsRestored restored;
  static std::vector<std::size_t> locked;
  static std::uintptr_t base;
  locked = {1, 3};
  base = reinterpret_cast<std::uintptr_t>(address(mmap));
  platform::system_calls.virtual_unlock = [](LPVOID at, SIZE_T length) -> BOOL {
    const std::size_t first = (reinterpret_cast<std::uintptr_t>(at) - base) / page();
    if (length <= page() && std::erase(locked, first) == 1) return TRUE;
    SetLastError(ERROR_NOT_LOCKED);
    return FALSE;
  };
  EXPECT_TRUE(mmap.unlock());
  EXPECT_TRUE(locked.empty());
}

TEST_F(WindowsFiles, ResidentTellsWhichPagesAreThere) {
  const auto size = static_cast<std::int64_t>(page());
  auto mmap = Mmap::anonymous(300 * size, private_write).value();
  EXPECT_EQ(mmap.resident(), 0);
  ASSERT_TRUE(mmap.write_at(70 * size + 10, bytes_of("x")));
  EXPECT_EQ(mmap.resident(), size);
  EXPECT_EQ(mmap.resident(70 * size + 10, 5), 5);
  EXPECT_EQ(mmap.resident(0, 70 * size), 0);
  auto full = Mmap::anonymous(300 * size, private_write, 0, OpenOptions::populate);
  ASSERT_TRUE(full) << full.error().message.view();
  EXPECT_EQ(full->resident(), 300 * size);
}

}  // namespace
}  // namespace stdbind::tests
