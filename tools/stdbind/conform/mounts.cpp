// Small file systems in memory. Nothing is ever mounted where other processes would see it and it could stay.
#include "conform/mounts.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace stdbind::conform {
namespace {

// Why nothing can be mounted; empty when it can.
std::string obstacle = "the runner was not given mounts of its own";

}  // namespace

void use_own_mounts() {
  const bool own = unshare(CLONE_NEWNS) == 0 && mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  obstacle = own ? "" : std::string("only root may: ") + std::strerror(errno);
}

std::expected<void, std::string> mount_tmpfs(const std::string& path, std::int64_t size) {
  if (!obstacle.empty()) return std::unexpected(obstacle);
  const auto options = "size=" + std::to_string(size) + ",mode=0755";
  if (mkdir(path.c_str(), 0755) == 0 &&
      mount("tmpfs", path.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) == 0)
    return {};
  return std::unexpected(path + ": " + std::strerror(errno));
}

void unmount(const std::string& path) { umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW); }

}  // namespace stdbind::conform
