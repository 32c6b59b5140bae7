// Windows: what goes past the pages of a mapping to its file, or is noted of it.
#include <algorithm>

#include "platform/platform.hpp"
#include "platform/windows_calls.hpp"

namespace stdbind::platform {

// There is no way to open a path that is sure to follow no link on the way.
System<File> open_beneath(const char*, const char*, bool, std::string_view&) noexcept { return failed(ERROR_NOT_SUPPORTED); }

System<std::size_t> write_position(File file, std::int64_t offset, std::span<const std::byte> data) noexcept {
  OVERLAPPED place = {};
  place.Offset = static_cast<DWORD>(offset);
  place.OffsetHigh = static_cast<DWORD>(offset >> 32);
  const auto most = static_cast<DWORD>(std::min(data.size(), std::size_t{1} << 30U));
  DWORD count = 0;
  if (system_calls.write_file(handle_of(file), data.data(), most, &count, &place) == 0) return failed();
  if (count == 0) return failed(ERROR_WRITE_FAULT);  // or a caller would go on for ever
  return count;
}

System<void> sync_data(File file) noexcept { return done_if(system_calls.flush_file_buffers(handle_of(file))); }

// Without FlushFileBuffers this does not wait for the disk.
System<void> begin_flush(File, std::int64_t, std::byte* address, std::size_t length) noexcept {
  return done_if(system_calls.flush_view_of_file(address, length));
}

// Directories can be watched, files cannot: file_info is compared instead.
System<File> start_watch(File) noexcept { return no_file; }
bool is_limit_on_watches(std::int32_t, File) noexcept { return false; }
System<Changes> take_changes(File) noexcept { return Changes{}; }

bool populate_private(Guarded range, std::byte* begin, std::byte* end, std::size_t page) noexcept {
  return populate(range, begin, end, page);  // reading makes a page of its own too
}

}  // namespace stdbind::platform
