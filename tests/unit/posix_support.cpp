// The unit tests' support on Linux: looks at the process through /proc, never through the library under test.
#include "posix_support.hpp"

#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace stdbind::tests {

namespace fs = std::filesystem;

Scratch::Scratch() {
  std::string name = (fs::temp_directory_path() / "stdbind-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no scratch directory");
  directory_ = name;
  fs::permissions(directory_, fs::perms(0755));  // WithoutRoot must get in
}

std::size_t page() { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator("/proc/self/fd")) ++count;
  return count - 1;  // the iterator's own
}

std::size_t mapped_ranges(std::string_view name) {
  std::ifstream maps("/proc/self/maps");
  std::size_t count = 0;
  for (std::string line; std::getline(maps, line);) count += line.find(name) != std::string::npos ? 1 : 0;
  return count;
}

std::string protection_at(const void* address) {
  std::ifstream maps("/proc/self/maps");
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  for (std::string line; std::getline(maps, line);) {
    std::istringstream fields(line);
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    char dash = 0;
    std::string protection;
    fields >> std::hex >> begin >> dash >> end >> protection;
    if (begin <= wanted && wanted < end) return protection;
  }
  return {};
}

std::string seen_as(std::string_view protection) { return std::string(protection); }

void forbid_flushing() {
  platform::system_calls.msync = [](void*, std::size_t, int) -> int { std::abort(); };
}

WithoutRoot::WithoutRoot() : changed_(geteuid() == 0) {
  if (changed_ && seteuid(65534) != 0) throw std::runtime_error("cannot give up the rights of root");
}

WithoutRoot::~WithoutRoot() {
  if (changed_ && seteuid(0) != 0) std::abort();
}

std::string field_at(const void* address, const std::string& name) {
  std::ifstream maps("/proc/self/smaps");
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  bool inside = false;
  for (std::string line; std::getline(maps, line);) {
    std::istringstream fields(line);
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    char dash = 0;
    if (fields >> std::hex >> begin >> dash >> end && dash == '-') inside = begin <= wanted && wanted < end;
    if (inside && line.starts_with(name + ":")) return line.substr(name.size() + 1);
  }
  return {};
}

SmallDisk::SmallDisk() {
  fs::create_directory(scratch_.path("disk"));
  mounted_ = mount("stdbind-test", scratch_.path("disk").c_str(), "tmpfs", 0, "size=1m") == 0;
}

SmallDisk::~SmallDisk() {
  if (mounted_) umount2(scratch_.path("disk").c_str(), MNT_DETACH);
}

std::int64_t SmallDisk::free() const {
  struct statvfs info = {};
  EXPECT_EQ(statvfs(path("").c_str(), &info), 0);
  return static_cast<std::int64_t>(info.f_bfree) * static_cast<std::int64_t>(info.f_bsize);
}

SharedName::SharedName(std::string_view name)
    : text_("stdbind-test-" + std::to_string(getpid()) + "-" + std::string(name)) {}

SharedName::~SharedName() {
  std::error_code ignored;
  fs::remove_all(path(), ignored);
}

bool SharedName::exists() const { return fs::exists(path()); }

}  // namespace stdbind::tests
