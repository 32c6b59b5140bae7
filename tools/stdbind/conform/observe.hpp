// What the system itself says of a process: its mappings and descriptors. Nothing here asks the process.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace stdbind::conform {

/// One mapping of /proc/PID/smaps.
struct Region {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::string protection;  ///< such as rw-s
  std::int64_t offset = 0;
  std::string path;  ///< may end in " (deleted)"
  std::int64_t resident = 0;
  std::int64_t dirty = 0;
  std::string flags;  ///< two letters each: rr, sr, …

  std::int64_t length() const { return static_cast<std::int64_t>(end - begin); }
  bool contains(std::uint64_t address) const { return begin <= address && address < end; }
  bool is_of(const std::string& file) const { return path == file || path == file + " (deleted)"; }
  std::string text() const;
};

std::vector<Region> read_regions(pid_t pid);

/// "5 -> /some/file" for each open descriptor.
std::vector<std::string> open_descriptors(pid_t pid);

/// The lowest descriptor number that the process has free.
std::int64_t lowest_free_descriptor(pid_t pid);

/// How much address space the process uses, in bytes.
std::int64_t address_space_used(pid_t pid);

/// An address, far from everything, where `length` bytes are free.
std::uint64_t find_free_address(pid_t pid, std::uint64_t length);

}  // namespace stdbind::conform
