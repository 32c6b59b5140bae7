// A system that stdbind does not know yet: everything is answered with `unsupported`. Where a port starts.
#include <cerrno>
#include <cstring>

#include "platform/platform.hpp"

namespace stdbind::platform {

namespace {
constexpr std::unexpected<std::int32_t> unsupported() noexcept { return std::unexpected(std::int32_t{ENOSYS}); }
}  // namespace

ErrorKind kind_of(std::int32_t) noexcept { return ErrorKind::unsupported; }
std::string_view text_of(std::int32_t, std::span<char>) noexcept { return "not available on this system"; }

System<std::size_t> page_size() noexcept { return unsupported(); }

System<File> open_file(const char*, bool) noexcept { return unsupported(); }
void close_file(File) noexcept {}
System<File> file_of_descriptor(int) noexcept { return unsupported(); }
System<FileInfo> file_info(File) noexcept { return unsupported(); }
System<File> duplicate(File) noexcept { return unsupported(); }
System<int> new_descriptor(File) noexcept { return unsupported(); }

System<File> create_file(const char*) noexcept { return unsupported(); }
System<void> remove_file(const char*) noexcept { return unsupported(); }
System<void> allocate(File, std::int64_t, std::int64_t) noexcept { return unsupported(); }
System<void> set_size(File, std::int64_t) noexcept { return unsupported(); }
System<File> open_direct(const char*) noexcept { return unsupported(); }
System<std::size_t> read_position(File, std::int64_t, std::span<std::byte>) noexcept { return unsupported(); }
System<std::size_t> write_position(File, std::int64_t, std::span<const std::byte>) noexcept { return unsupported(); }
System<void> sync_data(File) noexcept { return unsupported(); }
System<File> open_beneath(const char*, const char*, bool, std::string_view&) noexcept { return unsupported(); }
System<std::size_t> read_pipe(File, std::span<std::byte>) noexcept { return unsupported(); }
void read_ahead(File, std::int64_t) noexcept {}
void offer(std::byte*, std::size_t) noexcept {}
void advise_random(File) noexcept {}

System<File> create_shared(const char*, std::int64_t) noexcept { return unsupported(); }
System<File> open_shared(const char*, bool) noexcept { return unsupported(); }
System<void> remove_shared(const char*) noexcept { return unsupported(); }
System<File> create_memory() noexcept { return unsupported(); }
System<void> seal_size(File) noexcept { return unsupported(); }

const bool cuts_mapped_files = false;
System<Mapped> map(std::uintptr_t, std::size_t, Mode, File, std::int64_t) noexcept { return unsupported(); }
System<Mapped> map_huge(std::size_t, std::size_t, bool, Mode) noexcept { return unsupported(); }
System<Mapped> remap(Mapped, std::size_t, std::size_t, Behind) noexcept { return unsupported(); }
System<void> unmap(Mapped, std::size_t) noexcept { return unsupported(); }
System<void> flush(File, std::byte*, std::size_t) noexcept { return unsupported(); }
System<void> begin_flush(File, std::int64_t, std::byte*, std::size_t) noexcept { return unsupported(); }
System<void> advise(std::byte*, std::size_t, Advice) noexcept { return unsupported(); }
System<void> protect(std::byte*, std::size_t, Mode) noexcept { return unsupported(); }
System<void> lock(std::byte*, std::size_t) noexcept { return unsupported(); }
System<void> unlock(std::byte*, std::size_t) noexcept { return unsupported(); }
System<void> residency(std::byte*, std::size_t, std::span<unsigned char>) noexcept { return unsupported(); }

System<void> install_guard() noexcept { return unsupported(); }
bool guarded_copy(Guarded, void*, const void*, std::size_t) noexcept { return false; }
bool populate(Guarded, const std::byte*, const std::byte*, std::size_t) noexcept { return false; }
bool populate_private(Guarded, std::byte*, std::byte*, std::size_t) noexcept { return false; }
System<void> populate_new(std::byte*, std::size_t, std::size_t) noexcept { return unsupported(); }

System<File> start_watch(File) noexcept { return unsupported(); }
bool is_limit_on_watches(std::int32_t, File) noexcept { return false; }
System<Changes> take_changes(File) noexcept { return unsupported(); }

void sleep_briefly() noexcept {}
Monitor::Monitor() noexcept : storage_() {}
Monitor::~Monitor() = default;
void Monitor::lock() noexcept {}
void Monitor::unlock() noexcept {}
bool Monitor::wait_until(std::int64_t) noexcept { return false; }
void Monitor::notify_all() noexcept {}
void Monitor::notify_one() noexcept {}
std::int64_t milliseconds() noexcept { return 0; }
std::int64_t process() noexcept { return 0; }
System<Thread> start_thread(Task&) noexcept { return unsupported(); }
void join_thread(Thread) noexcept {}
void detach_thread(Thread) noexcept {}
System<void> loader_program(std::span<char>) noexcept { return unsupported(); }
System<LoaderProcess> start_loader(const char*) noexcept { return unsupported(); }
System<void> ask_loader(const LoaderProcess&, std::string_view, bool) noexcept { return unsupported(); }
LoaderAnswer take_answer(const LoaderProcess&, std::int64_t) noexcept { return {.what = LoaderAnswer::What::ended}; }
bool end_loader(LoaderProcess&) noexcept { return true; }
bool has_gone(const LoaderProcess&) noexcept { return true; }
std::int64_t rights() noexcept { return 0; }
System<FileIdentity> file_identity(const char*) noexcept { return unsupported(); }

std::int64_t processors() noexcept { return 1; }

}  // namespace stdbind::platform
