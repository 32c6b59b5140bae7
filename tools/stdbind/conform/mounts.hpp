// Small file systems in memory, for cases that need a full disk. They are seen by this process and those it starts
// only, and go with them, however they end.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

namespace stdbind::conform {

/// Gives this process mounts of its own, if the system lets it: then make_tmpfs works. *threads*: before any other
/// thread is started.
void use_own_mounts();

/// Makes a directory with a file system of that size in it. *errors*: why it cannot be mounted here.
std::expected<void, std::string> mount_tmpfs(const std::string& path, std::int64_t size);

/// Takes it away again, whatever is open in it.
void unmount(const std::string& path);

}  // namespace stdbind::conform
