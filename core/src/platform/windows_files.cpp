// Windows: opening, making and sizing files, and reading by position. What has a name other than a file's is in
// windows_shared.cpp.
#include <fcntl.h>
#include <io.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "platform/platform.hpp"
#include "platform/windows_calls.hpp"

namespace stdbind::platform {

namespace {

// Others may go on to read, write, rename and delete a file that is open here, as on POSIX.
constexpr DWORD share_all = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

/// A path as the system wants it. Long ones are made absolute and marked, which lifts the limit of 260 characters.
class WidePath {
 public:
  /// The number of GetLastError, or 0.
  DWORD assign(const char* path) noexcept {
    std::array<wchar_t, 4096> wide;  // NOLINT: filled by the call; the core refuses longer paths
    const int count =
        ::MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, wide.data(), static_cast<int>(wide.size()));
    if (count == 0) return ::GetLastError();
    if (count < MAX_PATH || std::wstring_view(wide.data()).starts_with(L"\\\\")) {
      std::copy_n(wide.data(), count, text_.data());
      return 0;
    }
    constexpr std::wstring_view mark = L"\\\\?\\";
    const auto room = static_cast<DWORD>(text_.size() - mark.size());
    const DWORD length = ::GetFullPathNameW(wide.data(), room, text_.data() + mark.size(), nullptr);
    if (length == 0) return ::GetLastError();
    if (length >= room) return ERROR_FILENAME_EXCED_RANGE;
    std::copy(mark.begin(), mark.end(), text_.data());
    return 0;
  }
  const wchar_t* text() const noexcept { return text_.data(); }

 private:
  std::array<wchar_t, 8192> text_{};
};

}  // namespace

System<File> open_file(const char* path, bool writable) noexcept {
  WidePath wide;
  if (const DWORD os = wide.assign(path); os != 0) return failed(os);
  const DWORD access = GENERIC_READ | (writable ? GENERIC_WRITE : 0U);
  const auto open = [&](DWORD wanted) {
    // BACKUP_SEMANTICS: a directory is opened too, so that it is refused for what it is.
    return system_calls.create_file(wide.text(), wanted, share_all, nullptr, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS,
                                    nullptr);
  };
  // Executable mappings need this right. Where the file does not give it, the other modes work all the same.
  HANDLE file = open(access | GENERIC_EXECUTE);
  if (file == INVALID_HANDLE_VALUE && ::GetLastError() == ERROR_ACCESS_DENIED) file = open(access);
  if (file == INVALID_HANDLE_VALUE) return failed();
  return file_of(file);
}

void close_file(File file) noexcept { system_calls.close_handle(handle_of(file)); }

System<File> file_of_descriptor(int descriptor) noexcept {
  const std::intptr_t file = system_calls.get_osfhandle(descriptor);
  // -2 stands for a standard stream that is connected to nothing.
  if (file == -1 || file == -2) return failed(ERROR_INVALID_HANDLE);
  return file;
}

System<FileInfo> file_info(File file) noexcept {
  if (is_section(file)) return section_info(file);
  const HANDLE handle = handle_of(file);
  ACCESS_MASK access = 0;
  if (const DWORD os = system_calls.get_access(handle, &access); os != 0) return failed(os);
  FileInfo info{.size = 0,
                .regular = false,
                .device = false,
                .type = "no regular file",
                .readable = (access & FILE_READ_DATA) != 0,
                .writable = (access & FILE_WRITE_DATA) != 0};
  ::SetLastError(NO_ERROR);  // the type `unknown` may be an error or none
  switch (system_calls.get_file_type(handle)) {
    case FILE_TYPE_DISK:
      break;
    case FILE_TYPE_CHAR:
      info.type = "a device";
      return info;
    case FILE_TYPE_PIPE:
      info.type = "a pipe or a socket";
      return info;
    default:
      if (const DWORD os = ::GetLastError(); os != NO_ERROR) return failed(os);
      return info;
  }
  BY_HANDLE_FILE_INFORMATION details = {};
  if (system_calls.get_file_information(handle, &details) == 0) return failed();
  if ((details.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0) {
    info.type = "a directory";
    return info;
  }
  info.regular = true;
  info.type = "a regular file";
  info.modified = static_cast<std::int64_t>(std::uint64_t{details.ftLastWriteTime.dwHighDateTime} << 32U |
                                            details.ftLastWriteTime.dwLowDateTime);
  info.links = details.nNumberOfLinks;
  info.size = static_cast<std::int64_t>(std::uint64_t{details.nFileSizeHigh} << 32U | details.nFileSizeLow);
  return info;
}

System<File> duplicate(File file) noexcept {
  HANDLE copy = nullptr;
  const HANDLE self = ::GetCurrentProcess();
  if (system_calls.duplicate_handle(self, handle_of(file), self, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS) == 0) {
    return failed();
  }
  return file_of(copy) | (is_section(file) ? section_bit : 0);
}

System<int> new_descriptor(File file) noexcept {
  const auto copy = duplicate(file);
  if (!copy) return std::unexpected(copy.error());
  const auto descriptor = system_calls.open_osfhandle(*copy, _O_BINARY | _O_NOINHERIT);
  if (descriptor >= 0) return static_cast<int>(descriptor);
  close_file(*copy);  // the run-time has room for 2048
  return failed(ERROR_TOO_MANY_OPEN_FILES);
}

System<File> create_file(const char* path) noexcept {
  WidePath wide;
  if (const DWORD os = wide.assign(path); os != 0) return failed(os);
  const HANDLE file = system_calls.create_file(wide.text(), GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE, share_all,
                                               nullptr, CREATE_NEW, 0, nullptr);
  if (file == INVALID_HANDLE_VALUE) return failed();
  return file_of(file);
}

System<void> remove_file(const char* path) noexcept {
  WidePath wide;
  if (const DWORD os = wide.assign(path); os != 0) return failed(os);
  return done_if(system_calls.delete_file(wide.text()));
}

System<void> set_size(File file, std::int64_t size) noexcept {
  FILE_END_OF_FILE_INFO end = {};
  end.EndOfFile.QuadPart = size;
  if (system_calls.set_file_information(handle_of(file), FileEndOfFileInfo, &end, sizeof end) != 0) return {};
  // So the system says that no file can be so long.
  return failed(::GetLastError() == ERROR_INVALID_PARAMETER ? DWORD{ERROR_FILE_TOO_LARGE} : ::GetLastError());
}

System<void> allocate(File file, std::int64_t begin, std::int64_t end) noexcept {
  if (begin >= end || is_section(file)) return {};  // a section has its room from its beginning
  // The end of a file is only ever moved where there is room, unless the file is compressed or sparse.
  const auto info = file_info(file);
  if (!info) return std::unexpected(info.error());
  if (info->size >= end) return {};
  return set_size(file, end);
}

System<File> open_direct(const char* path) noexcept {
  WidePath wide;
  if (const DWORD os = wide.assign(path); os != 0) return failed(os);
  const HANDLE file = system_calls.create_file(wide.text(), GENERIC_READ, share_all, nullptr, OPEN_EXISTING,
                                               FILE_FLAG_NO_BUFFERING | FILE_FLAG_BACKUP_SEMANTICS, nullptr);
  if (file == INVALID_HANDLE_VALUE) return failed();
  return file_of(file);
}

System<std::size_t> read_position(File file, std::int64_t offset, std::span<std::byte> buffer) noexcept {
  if (is_section(file)) return read_section(file, offset, buffer);
  OVERLAPPED place = {};
  place.Offset = static_cast<DWORD>(offset);
  place.OffsetHigh = static_cast<DWORD>(offset >> 32);
  const auto most = static_cast<DWORD>(std::min(buffer.size(), std::size_t{1} << 30U));
  DWORD count = 0;
  if (system_calls.read_file(handle_of(file), buffer.data(), most, &count, &place) != 0) return count;
  if (::GetLastError() == ERROR_HANDLE_EOF) return 0;
  return failed();
}

void advise_random(File) noexcept {}

}  // namespace stdbind::platform
