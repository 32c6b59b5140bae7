// What the system itself says of a process: its mappings and descriptors. Nothing here asks the process.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace stdbind::conform {

/// One mapping of /proc/PID/smaps.
struct Region {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::string protection;  ///< such as rw-s
  std::int64_t offset = 0;
  std::uint64_t inode = 0;
  std::string path;  ///< may end in " (deleted)"
  std::int64_t resident = 0;
  std::int64_t dirty = 0;
  std::string flags;  ///< two letters each, a blank before each of them: rr, sr, lo, …

  std::int64_t length() const { return static_cast<std::int64_t>(end - begin); }
  bool contains(std::uint64_t address) const { return begin <= address && address < end; }
  bool is_of(const std::string& file) const { return path == file || path == file + " (deleted)"; }
  bool has_flag(std::string_view flag) const { return flags.find(" " + std::string(flag)) != std::string::npos; }
  std::string text() const;
};

std::vector<Region> read_regions(pid_t pid);

/// "5 -> /some/file" for each open descriptor.
std::vector<std::string> open_descriptors(pid_t pid);

/// The lowest descriptor number that the process has free.
std::int64_t lowest_free_descriptor(pid_t pid);

/// How much address space the process uses, in bytes.
std::int64_t address_space_used(pid_t pid);

/// How much of its memory the process has locked, in bytes.
std::int64_t locked_memory(pid_t pid);

/// Tries to make the memory behind a mapping shorter and longer, by a descriptor of it that the process has open.
/// *errors*: it could be made so, or there is no such descriptor.
std::expected<void, std::string> try_to_resize(pid_t pid, const Region& region);

/// An address, far from everything, where `length` bytes are free.
std::uint64_t find_free_address(pid_t pid, std::uint64_t length);

}  // namespace stdbind::conform
