// Sparse durable changes of a mapped file: what its disk is given to write, as a multiple of the pages that were
// touched. A store to a mapped page can make a whole large folio of the cache dirty; an update cannot.
#include <fcntl.h>
#include <stdbind/mmap.hpp>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace {

using stdbind::Mmap;
using stdbind::Mode;
using stdbind::OpenOptions;

constexpr std::int64_t mebibyte = std::int64_t{1} << 20;
constexpr std::int64_t size = 64 * mebibyte;
constexpr int changes = 200;

/// What the disk of a file was given to write so far, in bytes; -1 if the system does not tell. See the kernel's
/// block/stat: the seventh number, in sectors of 512 bytes. Others write too, so the least of several rounds counts.
std::int64_t written(const char* path) {
  struct stat info = {};
  if (::stat(path, &info) != 0) return -1;
  const std::string device = std::to_string(major(info.st_dev)) + ":" + std::to_string(minor(info.st_dev));
  std::ifstream stat("/sys/dev/block/" + device + "/stat");
  std::int64_t number = -1;
  for (int i = 0; i < 7; ++i) {
    if (!(stat >> number)) return -1;
  }
  return number * 512;
}

enum class Cache { written_in_mebibytes, cold };

void make(const char* path, Cache cache) {
  const int fd = ::open(path, O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0600);
  const std::vector<char> block(mebibyte, 'x');
  for (std::int64_t at = 0; at < size; at += mebibyte) {
    if (::write(fd, block.data(), block.size()) != static_cast<ssize_t>(block.size())) std::perror("write");
  }
  ::fsync(fd);
  if (cache == Cache::cold) ::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  ::close(fd);
}

/// -1 if something failed.
template <class Change>
double once(const char* path, Cache cache, OpenOptions options, Change change) {
  make(path, cache);
  auto mmap = Mmap::open(path, Mode::write, 0, stdbind::to_end, 0, options);
  if (!mmap) {
    std::fprintf(stderr, "%s\n", mmap.error().message.view().data());
    return -1;
  }
  std::mt19937_64 random(1);
  std::array<std::byte, 64> data{};
  std::set<std::int64_t> pages;
  const std::int64_t before = written(path);
  for (int i = 0; i < changes; ++i) {
    const std::int64_t offset = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(size / 64)) * 64;
    pages.insert(offset / 4096);
    if (!change(*mmap, offset, data)) return -1;
  }
  if (!mmap->flush()) return -1;
  return static_cast<double>(written(path) - before) / static_cast<double>(pages.size() * 4096);
}

template <class Change>
double amplification(const char* path, Cache cache, OpenOptions options, Change change) {
  double least = once(path, cache, options, change);
  for (int round = 0; round < 4; ++round) least = std::min(least, once(path, cache, options, change));
  return least;
}

bool store(Mmap& mmap, std::int64_t offset, std::span<const std::byte> data) {
  return mmap.write_at(offset, data).has_value();
}
bool update(Mmap& mmap, std::int64_t offset, std::span<const std::byte> data) {
  return mmap.update(offset, data).has_value();
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: write_amplification FILE\n", stderr);
    return 2;
  }
  const char* const path = arguments[1];
  make(path, Cache::cold);
  if (written(path) < 0) {
    std::fputs("write_amplification: the system does not tell what the disk of this file writes; choose another\n", stderr);
    return 1;
  }
  const double plain = amplification(path, Cache::written_in_mebibytes, OpenOptions::none, store);
  const double random = amplification(path, Cache::cold, OpenOptions::random, store);
  const double updated = amplification(path, Cache::written_in_mebibytes, OpenOptions::update, update);
  if (plain <= 0 || random <= 0 || updated <= 0) return 1;
  std::printf("%d changes of 64 bytes in a file of %d MiB, written as a multiple of the pages touched\n", changes,
              static_cast<int>(size / mebibyte));
  std::printf("  stores and flush, cache filled by writes of 1 MiB  %.2fx\n", plain);
  const auto row = [](const char* name, double ratio, double goal) {
    std::printf("write_amplification/%s  %.2fx  <=%.2fx  %s\n", name, ratio, goal, ratio <= goal ? "ok" : "below");
  };
  std::printf("  updates, the same cache                            %.2fx\n", updated);
  row("updates-against-stores", updated / plain, 0.10);
  row("stores-after-OPEN_RANDOM-cold", random, 1.10);
}
