// Windows: making and sizing files, shared memory, reading by position, and what is done to pages that are mapped.
#include "platform/platform.hpp"
#include "platform/windows_calls.hpp"

namespace stdbind::platform {

namespace {
std::unexpected<std::int32_t> unsupported() noexcept {
  return std::unexpected(static_cast<std::int32_t>(ERROR_NOT_SUPPORTED));
}
}  // namespace

System<File> duplicate(File) noexcept { return unsupported(); }
System<int> new_descriptor(File) noexcept { return unsupported(); }
System<File> create_file(const char*) noexcept { return unsupported(); }
System<void> remove_file(const char*) noexcept { return unsupported(); }
System<void> allocate(File, std::int64_t, std::int64_t) noexcept { return unsupported(); }
System<void> set_size(File, std::int64_t) noexcept { return unsupported(); }
System<File> open_direct(const char*) noexcept { return unsupported(); }
System<std::size_t> read_position(File, std::int64_t, std::span<std::byte>) noexcept { return unsupported(); }
void advise_random(File) noexcept {}
System<File> create_shared(const char*) noexcept { return unsupported(); }
System<File> open_shared(const char*, bool) noexcept { return unsupported(); }
System<void> remove_shared(const char*) noexcept { return unsupported(); }
System<File> create_memory() noexcept { return unsupported(); }
System<void> seal_size(File) noexcept { return unsupported(); }
System<std::int64_t> memory_size() noexcept { return unsupported(); }
System<Mapped> map_huge(std::size_t, std::size_t, bool, Mode) noexcept { return unsupported(); }
System<Mapped> remap(Mapped, std::size_t, std::size_t, Behind) noexcept { return unsupported(); }
System<void> protect(std::byte*, std::size_t, Mode) noexcept { return unsupported(); }
System<void> lock(std::byte*, std::size_t) noexcept { return unsupported(); }
System<void> unlock(std::byte*, std::size_t) noexcept { return unsupported(); }
System<void> residency(std::byte*, std::size_t, std::span<unsigned char>) noexcept { return unsupported(); }
System<void> populate_new(std::byte*, std::size_t, std::size_t) noexcept { return unsupported(); }

}  // namespace stdbind::platform
