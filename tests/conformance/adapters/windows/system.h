/* What the adapters in C and C++ need from the system beyond their standard library. posix/system.h has the same. */
#ifndef STDBIND_ADAPTERS_SYSTEM_H
#define STDBIND_ADAPTERS_SYSTEM_H

#include <fcntl.h>
#include <io.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

static inline int open_descriptor(const char *path, int writable) {
  wchar_t wide[4096];
  if (MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, wide, 4096) == 0) return -1;
  return _wopen(wide, (writable ? _O_RDWR : _O_RDONLY) | _O_BINARY | _O_NOINHERIT);
}

static inline void close_descriptor(int fd) { _close(fd); }

/* The protocol's lines end with one byte, and nobody is there to click a message of the system away. */
static inline void prepare_streams(void) {
  _setmode(_fileno(stdin), _O_BINARY);
  _setmode(_fileno(stdout), _O_BINARY);
  SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
}

/* As in POSIX, but for lines without a NUL. */
static inline intptr_t getline(char **line, size_t *room, FILE *input) {
  size_t length = 0;
  do {
    if (*room - length < 2) {
      char *const longer = (char *)realloc(*line, *room + 4096);
      if (longer == NULL) return -1;
      *line = longer;
      *room += 4096;
    }
    if (fgets(*line + length, (int)(*room - length), input) == NULL) break;
    length += strlen(*line + length);
  } while ((*line)[length - 1] != '\n');
  return length == 0 ? -1 : (intptr_t)length;
}

#endif
