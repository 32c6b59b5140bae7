// POSIX systems: opening beneath a directory. One system call does it where there is one; otherwise the way is walked,
// each component relative to the one before, so that nothing on it can be exchanged for a link.
#include <fcntl.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "platform/platform.hpp"
#include "platform/posix_calls.hpp"

namespace stdbind::platform {

namespace {

/// A descriptor that is closed in the end.
class Directory {
 public:
  explicit Directory(int fd) noexcept : fd_(fd) {}
  ~Directory() { become(-1); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  [[nodiscard]] int fd() const noexcept { return fd_; }
  void become(int fd) noexcept {
    if (fd_ >= 0) system_calls.close(fd_);
    fd_ = fd;
  }

 private:
  int fd_;
};

bool is_link(int directory, const char* name) noexcept {
  struct stat info = {};
  return system_calls.fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(info.st_mode);
}

System<File> walk(Directory& directory, std::string_view path, bool writable, std::string_view& refused) noexcept {
  for (;;) {
    const std::size_t slash = path.find('/');
    const std::string_view component(path.data(), std::min(slash, path.size()));
    std::array<char, 256> name{};
    if (component.size() >= name.size()) return std::unexpected(std::int32_t{ENAMETOOLONG});
    std::ranges::copy(component, name.begin());
    const bool last = slash == std::string_view::npos;
    const int flags = (last ? opening_flags(writable) : directory_flags) | O_NOFOLLOW;
    const int fd = uninterrupted([&] { return system_calls.openat(directory.fd(), name.data(), flags); });
    if (fd < 0) {
      const int os = errno;
      // A link that was to be a directory is answered in more than one way.
      if ((os == ELOOP || os == ENOTDIR) && is_link(directory.fd(), name.data())) {
        refused = component;
        return std::unexpected(std::int32_t{ELOOP});
      }
      return std::unexpected(std::int32_t{os});
    }
    if (last) return fd;
    directory.become(fd);
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

System<File> open_beneath(const char* root, const char* path, bool writable, std::string_view& refused) noexcept {
  // The values of Linux; other systems answer ENOSYS before they look at them.
  constexpr std::uint64_t no_magic_links = 0x02;
  constexpr std::uint64_t no_symlinks = 0x04;
  constexpr std::uint64_t beneath = 0x08;
  const int start = uninterrupted([&] { return system_calls.open(root, directory_flags, 0); });
  if (start < 0) return failed();
  Directory directory(start);
  const int fd = uninterrupted([&] {
    return system_calls.openat2(start, path, opening_flags(writable), beneath | no_symlinks | no_magic_links);
  });
  if (fd >= 0) return fd;
  switch (errno) {
    case ENOSYS:  // an older kernel
    case EPERM:   // a filter of system calls, which does not know it
    case EAGAIN:  // something was renamed meanwhile
    case ELOOP:   // the walk finds out which component it is
    case EXDEV:
      return walk(directory, path, writable, refused);
    default:
      return failed();
  }
}

}  // namespace stdbind::platform
