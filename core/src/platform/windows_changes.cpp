// Windows: what goes past the pages of a mapping to its file, or is noted of it.
#include "platform/platform.hpp"
#include "platform/windows_calls.hpp"

namespace stdbind::platform {

namespace {
std::unexpected<std::int32_t> unsupported() noexcept {
  return std::unexpected(static_cast<std::int32_t>(ERROR_NOT_SUPPORTED));
}
}  // namespace

// There is no way to open a path that is sure to follow no link on the way.
System<File> open_beneath(const char*, const char*, bool, std::string_view&) noexcept { return unsupported(); }

System<std::size_t> write_position(File, std::int64_t, std::span<const std::byte>) noexcept { return unsupported(); }
System<void> sync_data(File) noexcept { return unsupported(); }

// Without FlushFileBuffers this does not wait for the disk.
System<void> begin_flush(File, std::int64_t, std::byte* address, std::size_t length) noexcept {
  if (system_calls.flush_view_of_file(address, length) != 0) return {};
  return std::unexpected(static_cast<std::int32_t>(::GetLastError()));
}

// Directories can be watched, files cannot: file_info is compared instead.
System<File> start_watch(File) noexcept { return no_file; }
bool is_limit_on_watches(std::int32_t, File) noexcept { return false; }
System<Changes> take_changes(File) noexcept { return Changes{}; }

bool populate_private(Guarded range, std::byte* begin, std::byte* end, std::size_t page) noexcept {
  return populate(range, begin, end, page);  // reading makes a page of its own too
}

}  // namespace stdbind::platform
