// POSIX systems: making and sizing files, shared memory, reading by position, and what is done to pages that are
// mapped. What each system does in its own way is in its own file.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "platform/platform.hpp"
#include "platform/posix_calls.hpp"

namespace stdbind::platform {

namespace {

int fd_of(File file) noexcept { return static_cast<int>(file); }

System<File> file_if(int fd) noexcept {
  if (fd < 0) return failed();
  return fd;
}

/// The name as the system wants it: one slash at the start.
class SharedName {
 public:
  explicit SharedName(const char* name) noexcept {
    text_[0] = '/';
    std::strncpy(&text_[1], name, text_.size() - 2);
  }
  [[nodiscard]] const char* text() const noexcept { return text_.data(); }

 private:
  std::array<char, 256> text_{};
};

/// Over the limit on file sizes the system would send a signal, which ends the process.
System<void> check_file_size(std::int64_t end) noexcept {
  struct rlimit limit = {};
  if (system_calls.file_size_limit(&limit) != 0) return failed();
  if (static_cast<std::uint64_t>(end) > limit.rlim_cur) return std::unexpected(std::int32_t{EFBIG});
  return {};
}

constexpr mode_t for_all = 0666;  // as far as the umask of the process lets them
constexpr mode_t for_user = 0600;

}  // namespace

System<File> duplicate(File file) noexcept {
  return file_if(uninterrupted([&] { return system_calls.duplicate(fd_of(file), 0); }));
}

System<int> new_descriptor(File file) noexcept {
  const auto copy = duplicate(file);
  if (!copy) return std::unexpected(copy.error());
  return fd_of(*copy);
}

System<File> create_file(const char* path) noexcept {
  constexpr int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY;
  return file_if(uninterrupted([&] { return system_calls.open(path, flags, for_all); }));
}

System<void> remove_file(const char* path) noexcept { return done_if_zero(system_calls.unlink(path)); }

System<void> set_size(File file, std::int64_t size) noexcept {
  return done_if_zero(uninterrupted([&] { return system_calls.ftruncate(fd_of(file), static_cast<off_t>(size)); }));
}

System<void> allocate(File file, std::int64_t begin, std::int64_t end) noexcept {
  if (begin >= end) return {};
  if (const auto allowed = check_file_size(end); !allowed) return allowed;
  if (const auto room = check_memory(file, end - begin); !room) return room;
  int os = 0;
  do {
    os = system_calls.posix_fallocate(static_cast<int>(file), static_cast<off_t>(begin),
                                      static_cast<off_t>(end - begin));
  } while (os == EINTR);
  if (os != 0) return std::unexpected(std::int32_t{os});
  return {};
}

System<std::size_t> read_position(File file, std::int64_t offset, std::span<std::byte> buffer) noexcept {
  const ssize_t count = uninterrupted(
      [&] { return system_calls.pread(fd_of(file), buffer.data(), buffer.size(), static_cast<off_t>(offset)); });
  if (count < 0) return failed();
  return static_cast<std::size_t>(count);
}

System<std::size_t> write_position(File file, std::int64_t offset, std::span<const std::byte> data) noexcept {
  const auto allowed = check_file_size(offset + static_cast<std::int64_t>(data.size()));
  if (!allowed) return std::unexpected(allowed.error());
  const ssize_t count = uninterrupted(
      [&] { return system_calls.pwrite(fd_of(file), data.data(), data.size(), static_cast<off_t>(offset)); });
  if (count < 0) return failed();
  if (count == 0) return std::unexpected(std::int32_t{EIO});  // or a caller would go on for ever
  return static_cast<std::size_t>(count);
}

System<void> sync_data(File file) noexcept {
  return done_if_zero(uninterrupted([&] { return system_calls.fdatasync(fd_of(file)); }));
}

System<File> create_shared(const char* name, std::int64_t /*size*/) noexcept {
  const SharedName shared(name);
  return file_if(
      uninterrupted([&] { return system_calls.shm_open(shared.text(), O_RDWR | O_CREAT | O_EXCL, for_user); }));
}

System<File> open_shared(const char* name, bool writable) noexcept {
  const SharedName shared(name);
  return file_if(
      uninterrupted([&] { return system_calls.shm_open(shared.text(), writable ? O_RDWR : O_RDONLY, for_user); }));
}

System<void> remove_shared(const char* name) noexcept {
  return done_if_zero(system_calls.shm_unlink(SharedName(name).text()));
}

System<void> protect(std::byte* address, std::size_t length, Mode mode) noexcept {
  return done_if_zero(system_calls.mprotect(address, length, protection_of(mode)));
}

System<void> lock(std::byte* address, std::size_t length) noexcept {
  return done_if_zero(system_calls.mlock(address, length));
}

System<void> unlock(std::byte* address, std::size_t length) noexcept {
  return done_if_zero(system_calls.munlock(address, length));
}

System<void> residency(std::byte* address, std::size_t length, std::span<unsigned char> pages) noexcept {
  return done_if_zero(system_calls.mincore(address, length, pages.data()));
}

}  // namespace stdbind::platform
