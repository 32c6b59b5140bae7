// stdbind-loader: a loader process. It opens the files that the process which started it asks for, and ends with it. It
// has nothing to lose: where an open or a read hangs, or the file system ends it, only this process is gone.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "platform/loader_protocol.hpp"

namespace {

using namespace stdbind::platform;

template <class Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

/// Takes size bytes; false at the end of the connection.
bool receive(void* to, std::size_t size, int* descriptor) {
  for (std::size_t done = 0; done < size;) {
    Envelope envelope;
    envelope.add(static_cast<char*>(to) + done, size - done);
    envelope.expect_descriptor();
    const ssize_t count = uninterrupted([&] { return recvmsg(loader_descriptor, envelope.message(), 0); });
    if (count <= 0) return false;
    if (const int fd = envelope.descriptor(); fd >= 0) *descriptor = fd;
    done += static_cast<std::size_t>(count);
  }
  return true;
}

bool send(OpeningAnswer answer, int fd) {
  Envelope envelope;
  envelope.add(&answer, sizeof answer);
  if (fd >= 0) envelope.enclose(fd);
  return uninterrupted([&] { return sendmsg(loader_descriptor, envelope.message(), 0); }) == sizeof answer;
}

/// Opens a file and looks at it, so that what can hang there hangs here. Anything but a regular file is for the other
/// side to refuse; a first byte that cannot be read is an error of its disk.
int open_and_check(int directory, const char* path, int flags, int& fd) {
  fd = uninterrupted([&] { return openat(directory, path, flags); });
  if (fd < 0) return errno;
  struct stat info = {};
  if (fstat(fd, &info) != 0) return errno;
  char byte = 0;
  if (!S_ISREG(info.st_mode)) return 0;
  return uninterrupted([&] { return pread(fd, &byte, 1, 0); }) < 0 ? errno : 0;
}

/// Files that the other process did not mean for this one: a pipe that is open here has no end there.
void close_others() {
  DIR* const all = opendir("/dev/fd");
  if (all == nullptr) return;
  while (const struct dirent* const entry = readdir(all)) {
    const int fd = std::atoi(entry->d_name);
    if (fd > loader_descriptor && fd != dirfd(all)) close(fd);
  }
  closedir(all);
}

}  // namespace

int main() {
  struct stat info = {};
  if (fstat(loader_descriptor, &info) != 0 || !S_ISSOCK(info.st_mode)) {
    constexpr char text[] = "stdbind-loader: it is started by the library stdbind, not by hand\n";
    const ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
    return ignored < 0 ? 3 : 2;
  }
  close_others();
  if (chdir("/") != 0) return 3;  // so that no other directory is in use: relative paths come with theirs
  static char path[longest_path + 1];
  for (;;) {
    int directory = -1;
    OpeningRequest request = {};
    if (!receive(&request, sizeof request, &directory) || request.path_size > longest_path) return 0;
    if (!receive(path, request.path_size, &directory)) return 0;
    path[request.path_size] = '\0';
    int fd = -1;
    const int os = open_and_check(directory < 0 ? AT_FDCWD : directory, path, request.flags, fd);
    const bool sent = send({os}, os == 0 ? fd : -1);
    if (fd >= 0) close(fd);
    if (directory >= 0) close(directory);
    if (!sent) return 0;
  }
}
