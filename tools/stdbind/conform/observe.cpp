// Reads /proc. A process that is gone simply has no mappings and no descriptors.
#include "conform/observe.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <set>

#include "conform/text.hpp"

namespace stdbind::conform {
namespace {

namespace fs = std::filesystem;

std::string proc_path(pid_t pid, const char* name) { return "/proc/" + std::to_string(pid) + "/" + name; }

// The head of a mapping: 7f00-7f01 r--s 00001000 fe:00 1234    /path
bool parse_head(const std::string& line, Region& region) {
  char protection[5] = {};
  std::uint64_t offset = 0;
  int path_at = 0;
  if (std::sscanf(line.c_str(), "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %*s %" SCNu64 " %n", &region.begin,
                  &region.end, protection, &offset, &region.inode, &path_at) != 5)
    return false;
  region.protection = protection;
  region.offset = static_cast<std::int64_t>(offset);
  if (path_at > 0) region.path = line.substr(static_cast<std::size_t>(path_at));
  return true;
}

std::int64_t kilobytes(std::string_view line) {
  const auto digits = line.find_first_of("0123456789");
  std::int64_t number = 0;
  if (digits != std::string_view::npos) std::from_chars(line.data() + digits, line.data() + line.size(), number);
  return number * 1024;
}

std::set<int> descriptor_numbers(pid_t pid) {
  std::set<int> numbers;
  std::error_code error;
  for (fs::directory_iterator it(proc_path(pid, "fd"), error), end; !error && it != end; it.increment(error))
    if (const auto number = to_number(it->path().filename().string())) numbers.insert(static_cast<int>(*number));
  return numbers;
}

std::int64_t status_value(pid_t pid, std::string_view name) {
  const auto text = read_text_file(proc_path(pid, "status"));
  if (!text) return 0;
  for (const auto line : split(*text, '\n'))
    if (line.starts_with(name)) return kilobytes(line);
  return 0;
}

}  // namespace

std::string Region::text() const {
  return protection + " offset=" + std::to_string(offset) + " length=" + std::to_string(length()) +
         " resident=" + std::to_string(resident) + " dirty=" + std::to_string(dirty) + " flags:" + flags;
}

std::vector<Region> read_regions(pid_t pid) {
  std::vector<Region> regions;
  const auto text = read_text_file(proc_path(pid, "smaps"));
  if (!text) return regions;
  for (const auto line : split(*text, '\n')) {
    Region head;
    if (!line.empty() && !(line[0] >= 'A' && line[0] <= 'Z') && parse_head(std::string(line), head)) {
      regions.push_back(std::move(head));
    } else if (!regions.empty()) {
      Region& region = regions.back();
      if (line.starts_with("Rss:")) region.resident = kilobytes(line);
      if (line.starts_with("Shared_Dirty:") || line.starts_with("Private_Dirty:")) region.dirty += kilobytes(line);
      if (line.starts_with("VmFlags:")) region.flags = std::string(line.substr(8));
    }
  }
  return regions;
}

std::vector<std::string> open_descriptors(pid_t pid) {
  std::vector<std::string> list;
  for (const int number : descriptor_numbers(pid)) {
    std::error_code error;
    const auto target = fs::read_symlink(proc_path(pid, "fd") + "/" + std::to_string(number), error);
    if (!error) list.push_back(std::to_string(number) + " -> " + target.string());
  }
  return list;
}

std::int64_t lowest_free_descriptor(pid_t pid) {
  int lowest = 0;
  for (const int number : descriptor_numbers(pid)) {
    if (number != lowest) break;
    ++lowest;
  }
  return lowest;
}

std::int64_t address_space_used(pid_t pid) { return status_value(pid, "VmSize:"); }

std::int64_t locked_memory(pid_t pid) { return status_value(pid, "VmLck:"); }

std::expected<void, std::string> try_to_resize(pid_t pid, const Region& region) {
  for (const int number : descriptor_numbers(pid)) {
    const auto path = proc_path(pid, "fd") + "/" + std::to_string(number);
    struct stat status{};
    if (stat(path.c_str(), &status) != 0 || status.st_ino != region.inode) continue;
    const int own = open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (own < 0) return std::unexpected(path + " cannot be opened: " + std::strerror(errno));
    const auto refused = [&](std::int64_t size) { return ftruncate(own, size) != 0 && errno == EPERM; };
    const bool sealed = refused(0) && refused(2 * status.st_size);
    close(own);
    if (sealed) return {};
    return std::unexpected(std::string("the memory is not sealed: its size could be changed by a descriptor"));
  }
  return std::unexpected(std::string("the adapter has no descriptor of the memory open"));
}

std::uint64_t find_free_address(pid_t pid, std::uint64_t length) {
  const auto regions = read_regions(pid);
  // A process of 32 bits has nothing above 4 GiB.
  const bool small = std::ranges::all_of(regions, [](const Region& region) { return region.end >> 32U == 0; });
  const std::uint64_t step = std::uint64_t{1} << (small ? 24U : 36U);
  std::uint64_t address = small ? 0x30000000U : 0x2b0000000000U;
  const auto taken = [&](const Region& region) { return region.begin < address + length && address < region.end; };
  while (std::ranges::any_of(regions, taken)) address += step;
  return address;
}

}  // namespace stdbind::conform
