/* What the adapters in C and C++ need from the system beyond their standard library. windows/system.h has the same. */
#ifndef STDBIND_ADAPTERS_SYSTEM_H
#define STDBIND_ADAPTERS_SYSTEM_H

#include <fcntl.h>
#include <unistd.h>

static inline int open_descriptor(const char *path, int writable) {
  return open(path, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC);
}

static inline void close_descriptor(int fd) { close(fd); }

static inline void prepare_streams(void) {}

#endif
