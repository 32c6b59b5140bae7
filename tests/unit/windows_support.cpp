// The unit tests' support on Windows: asks the system what the process has mapped, never the library under test.
#include "support.hpp"

#include <psapi.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>

namespace stdbind::tests {

namespace fs = std::filesystem;

Scratch::Scratch() {
  static int count = 0;
  const std::string name = "stdbind-test-" + std::to_string(GetCurrentProcessId()) + "-" + std::to_string(++count);
  directory_ = fs::temp_directory_path() / name;
  if (!fs::create_directory(directory_)) throw std::runtime_error("no scratch directory");
}

std::size_t page() {
  SYSTEM_INFO info = {};
  GetSystemInfo(&info);
  return info.dwPageSize;
}

std::size_t open_descriptors() {
  // GetProcessHandleCount tells nothing under wine. The lowest free handle is the next one that is given out.
  std::size_t count = 0;
  for (std::uintptr_t handle = 4; handle < 400; handle += 4) {
    DWORD flags = 0;
    if (GetHandleInformation(reinterpret_cast<HANDLE>(handle), &flags) != 0) ++count;
  }
  return count;
}

std::size_t mapped_ranges(std::string_view name) {
  const std::wstring wanted = fs::path(name).filename().wstring();
  const std::wstring folder = fs::path(name).parent_path().filename().wstring();
  std::size_t count = 0;
  MEMORY_BASIC_INFORMATION range = {};
  for (const char* at = nullptr; VirtualQuery(at, &range, sizeof range) != 0;
       at = static_cast<const char*>(range.BaseAddress) + range.RegionSize) {
    if (range.Type != MEM_MAPPED || range.BaseAddress != range.AllocationBase) continue;
    std::array<wchar_t, 2048> text{};
    const DWORD length = GetMappedFileNameW(GetCurrentProcess(), range.BaseAddress, text.data(), text.size());
    const fs::path path(std::wstring(text.data(), length));
    if (path.filename() == wanted && path.parent_path().filename() == folder) ++count;
  }
  return count;
}

std::string protection_at(const void* address) {
  MEMORY_BASIC_INFORMATION range = {};
  if (VirtualQuery(address, &range, sizeof range) == 0 || range.State == MEM_FREE) return {};
  if (range.State == MEM_RESERVE) return "---";
  switch (range.Protect) {
    case PAGE_READONLY:
      return "r--";
    case PAGE_READWRITE:
    case PAGE_WRITECOPY:
      return "rw-";
    case PAGE_EXECUTE:
      return "--x";
    case PAGE_EXECUTE_READ:
      return "r-x";
    case PAGE_EXECUTE_READWRITE:
    case PAGE_EXECUTE_WRITECOPY:
      return "rwx";
    default:
      return "---";
  }
}

// The system does not tell how a range is shared.
std::string seen_as(std::string_view protection) { return std::string(protection.substr(0, 3)); }

void forbid_flushing() {
  platform::system_calls.flush_view_of_file = [](LPCVOID, SIZE_T) -> BOOL { std::abort(); };
}

}  // namespace stdbind::tests
