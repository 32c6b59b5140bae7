// Windows: what is done to pages that are mapped, and what the system does not have.
#include <algorithm>
#include <array>

#include "platform/platform.hpp"
#include "platform/windows_calls.hpp"

namespace stdbind::platform {

System<void> protect(std::byte* address, std::size_t length, Mode mode) noexcept {
  MEMORY_BASIC_INFORMATION range = {};
  if (system_calls.virtual_query(address, &range, sizeof range) == 0) return failed();
  const bool copy = has(mode, Mode::cow) && range.Type == MEM_MAPPED;
  const DWORD pages = protection_of(mode, copy).pages;
  // The view may begin before the mapping, at a multiple of 64 KiB: all of it becomes what the mode says.
  auto* const begin = static_cast<std::byte*>(range.AllocationBase);
  const std::size_t all = static_cast<std::size_t>(address - begin) + length;
  if (range.State == MEM_RESERVE) {  // anonymous memory of the mode 0, which gets its memory now
    if (pages == PAGE_NOACCESS) return {};
    if (system_calls.virtual_alloc(begin, all, MEM_COMMIT, pages) == nullptr) return failed();
    return {};
  }
  // A private mapping of a file that could not be written is a shared one, and must stay unwritable.
  const bool copies = range.AllocationProtect == PAGE_WRITECOPY || range.AllocationProtect == PAGE_EXECUTE_WRITECOPY;
  if (copy && has(mode, Mode::write) && !copies) return failed(ERROR_ACCESS_DENIED);
  DWORD ignored = 0;
  if (system_calls.virtual_protect(begin, all, pages, &ignored) != 0) return {};
  // So the system says that the view was not mapped for it.
  return failed(::GetLastError() == ERROR_INVALID_PARAMETER ? DWORD{ERROR_ACCESS_DENIED} : ::GetLastError());
}

System<void> lock(std::byte* address, std::size_t length) noexcept {
  if (system_calls.virtual_lock(address, length) != 0) return {};
  if (::GetLastError() != ERROR_WORKING_SET_QUOTA) return failed();
  // The least that the process keeps in memory has to hold all that is locked. It starts with some 200 KiB.
  const HANDLE self = ::GetCurrentProcess();
  SIZE_T least = 0;
  SIZE_T most = 0;
  if (system_calls.get_working_set_size(self, &least, &most) == 0 ||
      system_calls.set_working_set_size(self, least + length, std::max(most, least + length) + length) == 0) {
    return failed(ERROR_WORKING_SET_QUOTA);
  }
  return done_if(system_calls.virtual_lock(address, length));
}

System<void> unlock(std::byte* address, std::size_t length) noexcept {
  if (system_calls.virtual_unlock(address, length) != 0) return {};
  if (::GetLastError() != ERROR_NOT_LOCKED) return failed();
  // One page that is not locked keeps the others from being unlocked with it.
  const auto page = page_size();
  if (!page) return std::unexpected(page.error());
  for (std::size_t at = 0; at < length; at += *page) {
    const std::size_t size = std::min(*page, length - at);
    if (system_calls.virtual_unlock(address + at, size) == 0 && ::GetLastError() != ERROR_NOT_LOCKED) return failed();
  }
  return {};
}

System<void> residency(std::byte* address, std::size_t length, std::span<unsigned char> pages) noexcept {
  const auto page = page_size();
  if (!page) return std::unexpected(page.error());
  const std::size_t count = (length + *page - 1) / *page;
  std::array<PSAPI_WORKING_SET_EX_INFORMATION, 64> entries;  // NOLINT: each is filled before it is used
  for (std::size_t done = 0; done < count;) {
    const std::size_t step = std::min(entries.size(), count - done);
    for (std::size_t i = 0; i < step; ++i) entries[i].VirtualAddress = address + (done + i) * *page;
    const auto bytes = static_cast<DWORD>(step * sizeof entries[0]);
    if (system_calls.query_working_set(::GetCurrentProcess(), entries.data(), bytes) == 0) return failed();
    for (std::size_t i = 0; i < step; ++i) {
      pages[done + i] = static_cast<unsigned char>(entries[i].VirtualAttributes.Valid);
    }
    done += step;
  }
  return {};
}

// Pages of 2 MiB are for those that hold a privilege which nobody has by default, and sections have no seals.
System<Mapped> map_huge(std::size_t, std::size_t, bool, Mode) noexcept { return failed(ERROR_NOT_SUPPORTED); }
System<File> create_memory() noexcept { return failed(ERROR_NOT_SUPPORTED); }
System<void> seal_size(File) noexcept { return failed(ERROR_NOT_SUPPORTED); }

}  // namespace stdbind::platform
