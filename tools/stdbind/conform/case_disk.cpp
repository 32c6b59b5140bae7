// The directory of a case. Files are synced when they are made, so that a dirty page is always the adapter's doing.
#include "conform/case_disk.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "conform/mounts.hpp"
#include "conform/text.hpp"

namespace stdbind::conform {
namespace {

namespace fs = std::filesystem;
using What = DiskAction::What;
using Done = std::expected<void, std::string>;

Done failed(const std::string& what) { return std::unexpected(what + ": " + std::strerror(errno)); }

class File {
 public:
  File(const std::string& path, int flags) : number_(::open(path.c_str(), flags | O_CLOEXEC, 0644)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (number_ >= 0) ::close(number_);
  }
  bool is_open() const { return number_ >= 0; }
  int number() const { return number_; }

  bool write_at(std::int64_t offset, std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto n = ::pwrite(number_, bytes.data(), bytes.size(), offset);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
      offset += n;
    }
    return true;
  }

  // As many of the bytes as there are.
  std::expected<std::string, int> read_at(std::int64_t offset, std::size_t size) const {
    std::string bytes(size, '\0');
    std::size_t done = 0;
    while (done < size) {
      const auto n = ::pread(number_, bytes.data() + done, size - done, offset + static_cast<std::int64_t>(done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return std::unexpected(errno);
      if (n == 0) break;
      done += static_cast<std::size_t>(n);
    }
    bytes.resize(done);
    return bytes;
  }

 private:
  int number_;
};

Done make_file(const DiskAction& action, const std::string& path) {
  const File file(path, O_WRONLY | O_CREAT | O_EXCL);
  if (!file.is_open()) return failed("file " + action.name);
  bool done = file.write_at(0, action.bytes);
  if (action.what == What::Sparse) done = ftruncate(file.number(), action.number) == 0;
  for (const auto& [offset, bytes] : action.parts) done = done && file.write_at(offset, bytes);
  if (!done || fsync(file.number()) != 0) return failed("file " + action.name);
  return {};
}

// Writes the content beside the file, and gives it the file's name in one step.
Done replace_file(const DiskAction& action, const std::string& path) {
  const auto beside = path + ".new";
  DiskAction making = action;
  making.what = What::File;
  if (auto made = make_file(making, beside); !made) return made;
  return rename(beside.c_str(), path.c_str()) == 0 ? Done{} : failed("outside: " + action.name);
}

// Makes a file of all the room that the file system has, but for some bytes.
Done fill_disk(const DiskAction& action, const std::string& path) {
  const File file(path, O_WRONLY | O_CREAT | O_EXCL);
  if (!file.is_open()) return failed("outside: " + action.name);
  struct statvfs status{};
  if (fstatvfs(file.number(), &status) != 0) return failed("outside: " + action.name);
  const auto room = static_cast<std::int64_t>(status.f_bavail) * static_cast<std::int64_t>(status.f_frsize);
  if (room <= action.number) return {};
  errno = posix_fallocate(file.number(), 0, room - action.number);
  return errno == 0 ? Done{} : failed("outside: " + action.name);
}

Done make_socket(const std::string& name, const std::string& directory) {
  // The path may be longer than a socket address holds; through /proc/self/fd it never is.
  const File folder(directory, O_RDONLY | O_DIRECTORY);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto path = "/proc/self/fd/" + std::to_string(folder.number()) + "/" + name;
  if (path.size() >= sizeof address.sun_path) return std::unexpected("socket " + name + ": the name is too long");
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int number = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (number < 0) return failed("socket " + name);
  const bool bound = bind(number, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  const int error = errno;
  ::close(number);
  errno = error;
  return bound ? Done{} : failed("socket " + name);
}

Done change_file(const DiskAction& action, const std::string& path) {
  const File file(path, O_WRONLY);
  if (!file.is_open()) return failed("outside: " + action.name);
  struct stat status{};
  bool done = fstat(file.number(), &status) == 0;
  if (action.what == What::Append) done = done && file.write_at(status.st_size, action.bytes);
  if (action.what == What::Write) done = done && file.write_at(action.number, action.bytes);
  return done ? Done{} : failed("outside: " + action.name);
}

// `base` is where both begin in the file.
std::string difference(std::string_view found, std::string_view wanted, std::int64_t base) {
  const auto [at, other] = std::ranges::mismatch(found, wanted);
  const auto where = static_cast<std::size_t>(at - found.begin());
  return "differs from byte " + std::to_string(base + static_cast<std::int64_t>(where)) + " on: found " +
         shorten(to_hex(found.substr(where)), 64) + ", expected " + shorten(to_hex(wanted.substr(where)), 64);
}

Done act(const DiskAction& action, const std::string& directory) {
  const auto path = directory + "/" + action.name;
  const auto target = directory + "/" + action.target;
  const auto checked = [&](int result) { return result == 0 ? Done{} : failed(action.name); };
  switch (action.what) {
    case What::File:
    case What::Sparse:
      return make_file(action, path);
    case What::Directory:
      return checked(mkdir(path.c_str(), 0755));
    case What::Symlink:
      return checked(symlink(action.target.c_str(), path.c_str()));
    case What::Fifo:
      return checked(mkfifo(path.c_str(), 0644));
    case What::Socket:
      return make_socket(action.name, directory);
    case What::Truncate:
      return checked(truncate(path.c_str(), action.number));
    case What::Unlink:
      return checked(unlink(path.c_str()));
    case What::Append:
    case What::Write:
      return change_file(action, path);
    case What::Chmod:
      return checked(chmod(path.c_str(), static_cast<mode_t>(action.number)));
    case What::Rename:
      return checked(rename(path.c_str(), target.c_str()));
    case What::Replace:
      return replace_file(action, path);
    case What::Tmpfs:
      return mount_tmpfs(path, action.number);
    case What::FillDisk:
      return fill_disk(action, path);
  }
  return {};
}

}  // namespace

std::expected<void, Trouble> perform(const DiskAction& action, const std::string& directory) {
  const auto done = act(action, directory);
  if (done) return {};
  if (action.what == What::Tmpfs) return std::unexpected(Trouble{Verdict::Unsupported, "cannot mount", done.error()});
  return std::unexpected(Trouble{Verdict::BrokenHarness, {}, done.error()});
}

Done check(const DiskCheck& wanted, const std::string& directory) {
  const auto path = directory + "/" + wanted.name;
  struct stat status{};
  const bool there = lstat(path.c_str(), &status) == 0;
  if (wanted.gone) return there ? Done(std::unexpected(wanted.name + " is still there")) : Done{};
  if (!there) return failed(wanted.name);
  if (wanted.size && *wanted.size != status.st_size)
    return std::unexpected(wanted.name + " has " + std::to_string(status.st_size) + " bytes, expected " +
                           std::to_string(*wanted.size));
  if (const auto room = std::int64_t{512} * status.st_blocks; wanted.allocated && room < *wanted.allocated)
    return std::unexpected(wanted.name + " has room for " + std::to_string(room) + " bytes on the disk, expected " +
                           std::to_string(*wanted.allocated));
  if (!wanted.bytes) return {};
  const bool whole = wanted.offset < 0;
  if (whole && static_cast<std::int64_t>(wanted.bytes->size()) != status.st_size)
    return std::unexpected(wanted.name + " has " + std::to_string(status.st_size) + " bytes, expected " +
                           std::to_string(wanted.bytes->size()));
  const File file(path, O_RDONLY);
  if (!file.is_open()) return failed(wanted.name);
  const auto found = file.read_at(whole ? 0 : wanted.offset, wanted.bytes->size());
  if (!found) return std::unexpected(wanted.name + ": " + std::strerror(found.error()));
  if (*found != *wanted.bytes)
    return std::unexpected(wanted.name + " " + difference(*found, *wanted.bytes, whole ? 0 : wanted.offset));
  return {};
}

void remove_directory(const std::string& directory) {
  std::error_code error;
  for (const auto& name : names_in(directory)) {
    const auto path = directory + "/" + name;
    if (fs::symlink_status(path, error).type() == fs::file_type::directory)
      fs::permissions(path, fs::perms::owner_all, fs::perm_options::add, error);
  }
  fs::remove_all(directory, error);
}

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory, fs::directory_options::skip_permission_denied, error), end;
       !error && it != end; it.increment(error))
    names.push_back(it->path().lexically_relative(directory).string());
  std::ranges::sort(names);
  return names;
}

}  // namespace stdbind::conform
