// The table of system calls of a machine with bigger pages. A mapping of it takes whole pages of that size, and what
// names no whole page is refused with the number of the system. Some requests the system would round by itself: here
// they are refused too, since POSIX lets a system do so.
#include "big_pages.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <mutex>

namespace stdbind::tests {

namespace {

using platform::system_calls;

std::uintptr_t big;
platform::SystemCalls here;  // the machine that the tests run on
std::mutex guard;
BigPages::Ranges ranges;

std::uintptr_t number(const void* address) { return reinterpret_cast<std::uintptr_t>(address); }
std::size_t whole(std::size_t length) { return (length + big - 1) / big * big; }

/// Whether the range begins with a page and names at least a byte; errno is set if not.
bool is_refused(const void* address, std::size_t length) {
  if (number(address) % big == 0 && length != 0) return false;
  errno = EINVAL;
  return true;
}

void forget(std::uintptr_t begin, std::size_t length) {
  const std::scoped_lock lock(guard);
  const std::uintptr_t end = begin + length;
  BigPages::Ranges left;
  for (const auto& [from, to] : ranges) {
    if (from < begin) left.emplace(from, std::min(to, begin));
    if (to > end) left.emplace(std::max(from, end), to);
  }
  ranges = std::move(left);
}

void remember(std::uintptr_t begin, std::size_t length) {
  const std::scoped_lock lock(guard);
  ranges.emplace(begin, begin + length);
}

/// Addresses for whole pages; nothing else will lie there until they are used.
void* reserve(std::size_t length) {
  void* const space = here.mmap(nullptr, length + big, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (space == MAP_FAILED) return space;
  const std::uintptr_t begin = (number(space) + big - 1) / big * big;
  if (begin != number(space)) here.munmap(space, begin - number(space));
  here.munmap(reinterpret_cast<void*>(begin + length), number(space) + big - begin);
  return reinterpret_cast<void*>(begin);
}

void* map(void* hint, std::size_t length, int protection, int flags, int fd, off_t offset) {
  if (offset % static_cast<off_t>(big) != 0 || number(hint) % big != 0 || length == 0) {
    errno = EINVAL;
    return MAP_FAILED;
  }
  if ((flags & MAP_FIXED) != 0) {  // over addresses that are the caller's already
    return is_refused(hint, length) ? MAP_FAILED : here.mmap(hint, whole(length), protection, flags, fd, offset);
  }
  void* const space = reserve(whole(length));
  if (space == MAP_FAILED) return space;
  void* const at = here.mmap(space, whole(length), protection, flags | MAP_FIXED, fd, offset);
  if (at == MAP_FAILED) {
    const int os = errno;
    here.munmap(space, whole(length));
    errno = os;
    return at;
  }
  remember(number(at), whole(length));
  return at;
}

int unmap(void* address, std::size_t length) {
  if (is_refused(address, length)) return -1;
  const int result = here.munmap(address, whole(length));
  if (result == 0) forget(number(address), whole(length));
  return result;
}

void* remap(void* address, std::size_t from, std::size_t to, int) {
  if (is_refused(address, from) || is_refused(address, to)) return MAP_FAILED;
  void* const space = reserve(whole(to));
  if (space == MAP_FAILED) return space;
  void* const at = ::mremap(address, whole(from), whole(to), MREMAP_MAYMOVE | MREMAP_FIXED, space);
  if (at == MAP_FAILED) {
    const int os = errno;
    here.munmap(space, whole(to));
    errno = os;
    return at;
  }
  forget(number(address), whole(from));
  remember(number(at), whole(to));
  return at;
}

/// One byte for each of the machine's pages, which is there if any part of it is.
int residency(void* address, std::size_t length, unsigned char* pages) {
  if (is_refused(address, length)) return -1;
  const auto small = static_cast<std::size_t>(here.sysconf(_SC_PAGESIZE));
  std::array<unsigned char, 65536> parts{};
  for (std::size_t done = 0; done < whole(length); done += big, ++pages) {
    if (here.mincore(static_cast<char*>(address) + done, big, parts.data()) != 0) return -1;
    const auto is_there = [](unsigned char part) { return (part & 1U) != 0; };
    *pages = std::any_of(parts.begin(), parts.begin() + big / small, is_there) ? 1 : 0;
  }
  return 0;
}

}  // namespace

BigPages::BigPages(std::size_t page) {
  big = page;
  here = system_calls;
  ranges.clear();
  system_calls.sysconf = [](int name) {
    return name == _SC_PAGESIZE ? static_cast<long>(big) : here.sysconf(name);
  };
  system_calls.mmap = map;
  system_calls.munmap = unmap;
  system_calls.mremap = remap;
  system_calls.mincore = residency;
  system_calls.mprotect = [](void* address, std::size_t length, int protection) {
    return is_refused(address, length) ? -1 : here.mprotect(address, whole(length), protection);
  };
  system_calls.munlock = [](const void* address, std::size_t length) {
    return is_refused(address, length) ? -1 : here.munlock(address, whole(length));
  };
  system_calls.msync = [](void* address, std::size_t length, int flags) {
    return is_refused(address, length) ? -1 : here.msync(address, whole(length), flags);
  };
  // These bring pages into memory. What of the last page lies behind the end of its file has none on this machine.
  system_calls.mlock = [](const void* address, std::size_t length) {
    return is_refused(address, length) ? -1 : here.mlock(address, length);
  };
  system_calls.madvise = [](void* address, std::size_t length, int advice) {
    return is_refused(address, length) ? -1 : here.madvise(address, length, advice);
  };
}

BigPages::~BigPages() = default;

BigPages::Ranges BigPages::mapped() const {
  const std::scoped_lock lock(guard);
  return ranges;
}

}  // namespace stdbind::tests
