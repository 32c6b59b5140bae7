// Windows: shared memory by its name is a section, which can be found as long as someone has a handle of it, and is made
// of whole pages. So its last eight bytes, behind those that anyone asked for, tell how many were asked for, and whether
// its name was given up.
#include <algorithm>
#include <array>
#include <atomic>

#include "platform/platform.hpp"
#include "platform/windows_calls.hpp"

namespace stdbind::platform {

namespace {

/// The name as the system wants it: of this session of the user, and a '\\', which parts names, as a '/', which ours
/// do not have.
class SectionName {
 public:
  DWORD assign(const char* name) noexcept {
    constexpr std::wstring_view prefix = L"Local\\stdbind ";
    auto* const rest = std::ranges::copy(prefix, text_.begin()).out;
    const auto room = static_cast<int>(text_.end() - rest);
    if (::MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, name, -1, rest, room) == 0) return ::GetLastError();
    std::replace(rest, text_.end(), L'\\', L'/');
    return 0;
  }
  const wchar_t* text() const noexcept { return text_.data(); }

 private:
  std::array<wchar_t, 320> text_{};
};

/// All of a section, mapped as long as this lives.
class Whole {
 public:
  /// The number of GetLastError, or 0.
  DWORD map(File section, DWORD access) noexcept {
    begin_ = static_cast<std::byte*>(system_calls.map_view_of_file(handle_of(section), access, 0, 0, 0, nullptr));
    if (begin_ == nullptr) return ::GetLastError();
    MEMORY_BASIC_INFORMATION range = {};
    if (system_calls.virtual_query(begin_, &range, sizeof range) == 0) return ::GetLastError();
    size_ = range.RegionSize;
    return 0;
  }
  Whole() = default;
  Whole(const Whole&) = delete;
  Whole& operator=(const Whole&) = delete;
  ~Whole() {
    if (begin_ != nullptr) system_calls.unmap_view_of_file(begin_);
  }
  [[nodiscard]] Guarded bytes() const noexcept { return {begin_, size_}; }
  /// What stands at the end: the size that was asked for, or, if the name was given up, its complement. No page of it
  /// can go away: it lies in memory.
  [[nodiscard]] std::atomic_ref<std::int64_t> note() const noexcept {
    return std::atomic_ref(*reinterpret_cast<std::int64_t*>(begin_ + size_ - sizeof(std::int64_t)));
  }
  [[nodiscard]] bool is_given_up() const noexcept { return note().load() < 0; }
  /// How many bytes were asked for; 0 if whoever makes the memory has not come to say so.
  [[nodiscard]] std::int64_t size() const noexcept {
    const std::int64_t noted = note().load();
    const std::int64_t size = noted < 0 ? ~noted : noted;
    return size <= static_cast<std::int64_t>(size_ - sizeof size) ? size : 0;
  }

 private:
  std::byte* begin_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace

System<File> create_shared(const char* name, std::int64_t size) noexcept {
  SectionName wide;
  if (const DWORD os = wide.assign(name); os != 0) return failed(os);
  const auto page = page_size();
  if (!page) return std::unexpected(page.error());
  const auto bytes = (static_cast<std::uint64_t>(size) + sizeof size + *page - 1) / *page * *page;
  ::SetLastError(NO_ERROR);
  const HANDLE handle =
      system_calls.create_file_mapping(INVALID_HANDLE_VALUE, nullptr, PAGE_EXECUTE_READWRITE,
                                       static_cast<DWORD>(bytes >> 32U), static_cast<DWORD>(bytes), wide.text());
  if (handle == nullptr) return failed();
  const File section = file_of(handle) | section_bit;
  DWORD os = ::GetLastError();  // tells whether the section was there before
  Whole whole;
  if (os == ERROR_ALREADY_EXISTS) {
    // The system cannot take a name away from memory that is still in use.
    if (whole.map(section, FILE_MAP_READ) == NO_ERROR && whole.is_given_up()) os = ERROR_BUSY;
  } else if (os == NO_ERROR) {
    os = whole.map(section, FILE_MAP_READ | FILE_MAP_WRITE);
    if (os == NO_ERROR) whole.note().store(size);
  }
  if (os == NO_ERROR) return section;
  close_file(section);
  return failed(os);
}

System<File> open_shared(const char* name, bool writable) noexcept {
  SectionName wide;
  if (const DWORD os = wide.assign(name); os != 0) return failed(os);
  const DWORD access = FILE_MAP_READ | FILE_MAP_EXECUTE | (writable ? FILE_MAP_WRITE : 0U);
  const HANDLE handle = system_calls.open_file_mapping(access, FALSE, wide.text());
  if (handle == nullptr) return failed();
  const File section = file_of(handle) | section_bit;
  Whole whole;
  DWORD os = whole.map(section, FILE_MAP_READ);
  if (os == NO_ERROR && whole.is_given_up()) os = ERROR_FILE_NOT_FOUND;
  if (os == NO_ERROR) return section;
  close_file(section);
  return failed(os);
}

System<void> remove_shared(const char* name) noexcept {
  const auto section = open_shared(name, true);
  if (!section) return std::unexpected(section.error());
  Whole whole;
  const DWORD os = whole.map(*section, FILE_MAP_READ | FILE_MAP_WRITE);
  close_file(*section);
  if (os != NO_ERROR) return failed(os);
  // Not the name is taken away, but every later opening finds that it was given up.
  std::int64_t noted = whole.note().load();
  if (noted < 0 || !whole.note().compare_exchange_strong(noted, ~noted)) return failed(ERROR_FILE_NOT_FOUND);
  return {};
}

System<FileInfo> section_info(File section) noexcept {
  ACCESS_MASK access = 0;
  if (const DWORD os = system_calls.get_access(handle_of(section), &access); os != 0) return failed(os);
  Whole whole;
  if (const DWORD os = whole.map(section, FILE_MAP_READ); os != 0) return failed(os);
  return FileInfo{.size = whole.size(),
                  .regular = true,
                  .device = false,
                  .type = "shared memory",
                  .readable = (access & FILE_MAP_READ) != 0,
                  .writable = (access & FILE_MAP_WRITE) != 0};
}

System<std::size_t> read_section(File section, std::int64_t offset, std::span<std::byte> buffer) noexcept {
  Whole whole;
  if (const DWORD os = whole.map(section, FILE_MAP_READ); os != 0) return failed(os);
  if (offset >= whole.size()) return 0;
  const auto count = std::min(buffer.size(), static_cast<std::size_t>(whole.size() - offset));
  if (!guarded_copy(whole.bytes(), buffer.data(), whole.bytes().begin + offset, count)) return failed(ERROR_SWAPERROR);
  return count;
}

}  // namespace stdbind::platform
