#include "baselines.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace baselines {

char* map_and_copy(const char* path) {
  const int fd = open(path, O_RDONLY);
  if (fd < 0) return nullptr;
  struct stat info = {};
  if (fstat(fd, &info) < 0) {
    close(fd);
    return nullptr;
  }
  const auto size = static_cast<std::size_t>(info.st_size);
  void* const mapped = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  close(fd);
  if (mapped == MAP_FAILED) return nullptr;
  char* const bytes = static_cast<char*>(std::malloc(size + 1));
  if (bytes != nullptr) {
    std::memcpy(bytes, mapped, size);
    bytes[size] = 0;
  }
  munmap(mapped, size);
  return bytes;
}

std::int64_t pread_into(const char* path, char* buffer, std::size_t size) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count = pread(fd, buffer + done, size - done, static_cast<off_t>(done));
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
  close(fd);
  return static_cast<std::int64_t>(done);
}

char* read_all(const char* path) {
  struct stat info = {};
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &info) != 0) return nullptr;
  const auto size = static_cast<std::size_t>(info.st_size);
  char* const bytes = static_cast<char*>(std::malloc(size + 1));
  std::size_t done = 0;
  while (bytes != nullptr && done < size) {
    const ssize_t count = read(fd, bytes + done, size - done);
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
  close(fd);
  if (bytes != nullptr) bytes[done] = 0;
  return bytes;
}

}  // namespace baselines
