/* libstdbind_rt on POSIX systems. A file is read, never mapped and copied: that is faster for every size, and a file
 * that becomes shorter meanwhile cannot end the process. What is read belongs to free(3). */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

enum { mebibyte = 1 << 20, huge_page = 2 * mebibyte };

/* Closes, and keeps what went wrong before. */
static void close_file(int fd) {
  const int number = errno;
  close(fd);
  errno = number;
}

/* Opens and looks at what it is; a pipe without a writer does not stop the caller. */
static int open_file(const char* path, struct stat* info) {
  if (path == NULL) {
    errno = EINVAL;
    return -1;
  }
  int fd;
  do {
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  } while (fd < 0 && errno == EINTR);
  if (fd >= 0 && fstat(fd, info) != 0) {
    close_file(fd);
    return -1;
  }
  return fd;
}

/* New pages cost more than what is copied into them. So most of what is longer than 1 MiB lies in huge pages: as many
 * as are nearest to the size; what is left over would be more room wasted than filled. Memory that malloc gives again
 * has its pages, and is the fastest of all. It is told apart by its place: what is long and new malloc maps on its own,
 * with two words in front, and only that is exchanged for memory aligned to a huge page. free(3) takes both. */
static char* allocate(size_t size) {
  char* const bytes = malloc(size);
#ifdef MADV_HUGEPAGE
  const size_t huge = (size + mebibyte) & ~(size_t)(huge_page - 1);
  void* aligned;
  if (huge != 0 && (uintptr_t)bytes % 4096 == 16 &&
      posix_memalign(&aligned, huge_page, huge > size ? huge : size) == 0) {
    free(bytes);
    madvise(aligned, huge, MADV_HUGEPAGE); /* if it fails, the pages are small */
    return aligned;
  }
#endif
  return bytes;
}

char* rt_file_mmap_read_text_sized(const char* path, int64_t* length) {
  if (length != NULL) *length = -1;
  struct stat info;
  const int fd = open_file(path, &info);
  if (fd < 0) return NULL;

  char* bytes = NULL;
  if (S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode)) {
    errno = ENODEV;
    goto failed;
  }
  /* What no memory can hold: malloc refuses it, and so it refuses to double more than the half of that below. */
  const size_t most = PTRDIFF_MAX;
  const size_t size = (uint64_t)info.st_size > most ? most : (size_t)info.st_size;
  /* One more than there are, so that the read that ends there shows it, and room for the NUL. */
  size_t room = size != 0 ? size + 1 : 65535;
  bytes = allocate(room + 1);
  if (bytes == NULL) goto failed;

  size_t done = 0;
  for (;;) {
    if (done == room) {
      char* const more = realloc(bytes, 2 * room + 1);
      if (more == NULL) goto failed;
      bytes = more;
      room *= 2;
    }
    /* In steps of 1 MiB: what the system has just zeroed is still in the processor's cache when it is filled. */
    const size_t step = room - done > mebibyte + 1 ? (size_t)mebibyte : room - done;
    const ssize_t count = read(fd, bytes + done, step);
    if (count < 0) {
      const int number = errno;
      if (number == EINTR) continue;
      if (number != EAGAIN || !S_ISFIFO(info.st_mode)) goto failed;
      struct pollfd wanted = {.fd = fd, .events = POLLIN};
      poll(&wanted, 1, -1); /* until the pipe has bytes, or no writer; if it fails, reading tells */
      continue;
    }
    done += (size_t)count;
    /* The end: nothing came, or less than was asked for, just where the size said. */
    if (count == 0 || ((size_t)count < step && done == size)) break;
  }
  close(fd);
  bytes[done] = 0;
  if (length != NULL) *length = (int64_t)done;
  return bytes;

failed:
  close_file(fd);
  free(bytes);
  return NULL;
}

char* rt_file_mmap_read_text(const char* path) { return rt_file_mmap_read_text_sized(path, NULL); }

uint8_t* rt_file_mmap_read_bytes(const char* path) { return (uint8_t*)rt_file_mmap_read_text_sized(path, NULL); }

uint8_t* rt_file_mmap_read_bytes_sized(const char* path, int64_t* length) {
  return (uint8_t*)rt_file_mmap_read_text_sized(path, length);
}

/* An empty file is mapped as if it had one byte, so that it has an address, and so that what cannot be mapped is told
 * from what is empty: pipes and files of /proc have the size 0. */
static size_t mapped_size(int64_t length) { return length != 0 ? (size_t)length : 1; }

int64_t rt_file_mmap_map(const char* path) {
  struct stat info;
  const int fd = open_file(path, &info);
  if (fd < 0) return -1;
  int64_t handle = -1;
  void* address = MAP_FAILED;
  if ((uint64_t)info.st_size > PTRDIFF_MAX) {
    errno = EOVERFLOW;
  } else if (!S_ISREG(info.st_mode)) {
    errno = S_ISDIR(info.st_mode) ? EISDIR : ENODEV;
  } else {
    address = mmap(NULL, mapped_size(info.st_size), PROT_READ, MAP_PRIVATE, fd, 0);
  }
  close_file(fd);
  if (address != MAP_FAILED) {
    handle = stdbind_rt_add(address, info.st_size);
    if (handle < 0) munmap(address, mapped_size(info.st_size));
  }
  return handle;
}

int64_t rt_file_size(const char* path) {
  struct stat info;
  errno = EINVAL;
  if (path == NULL || stat(path, &info) != 0) return -1;
  if (!S_ISDIR(info.st_mode)) return info.st_size;
  errno = EISDIR;
  return -1;
}

void rt_free(void* bytes) { free(bytes); }

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void stdbind_rt_lock(void) { pthread_mutex_lock(&lock); }
void stdbind_rt_unlock(void) { pthread_mutex_unlock(&lock); }
void stdbind_rt_no_handle(void) { errno = EBADF; }
void stdbind_rt_too_many(void) { errno = EMFILE; }
void stdbind_rt_end_mapping(void* address, int64_t length) { munmap(address, mapped_size(length)); }
