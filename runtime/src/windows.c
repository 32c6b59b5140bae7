/* libstdbind_rt on Windows. A file is read, never mapped and copied, and stays free to be changed, renamed and removed
 * by others meanwhile. A failure is told by the last error, and by the errno that is nearest to it. */
#include <errno.h>
#include <stdlib.h>
#include <windows.h>

#include "internal.h"

enum { mebibyte = 1 << 20, longest_path = 32768 };

/* Sets both, and returns nothing that could be used. */
static void* fail(DWORD os) {
  static const struct {
    DWORD os;
    int number;
  } numbers[] = {{ERROR_FILE_NOT_FOUND, ENOENT},        {ERROR_PATH_NOT_FOUND, ENOENT},    {ERROR_INVALID_NAME, ENOENT},
                 {ERROR_ACCESS_DENIED, EACCES},         {ERROR_SHARING_VIOLATION, EACCES}, {ERROR_DIRECTORY, EISDIR},
                 {ERROR_TOO_MANY_OPEN_FILES, EMFILE},   {ERROR_NOT_ENOUGH_MEMORY, ENOMEM}, {ERROR_OUTOFMEMORY, ENOMEM},
                 {ERROR_INVALID_HANDLE, EBADF},         {ERROR_INVALID_PARAMETER, EINVAL}, {ERROR_BAD_DEVICE, ENODEV},
                 {ERROR_NO_UNICODE_TRANSLATION, EILSEQ}};
  errno = EIO;
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; ++i) {
    if (numbers[i].os == os) errno = numbers[i].number;
  }
  SetLastError(os);
  return NULL;
}

/* Opens a file and tells its size; no directory, and no device of a name like NUL or COM1. */
static HANDLE open_file(const char* path, int64_t* size) {
  DWORD os = ERROR_INVALID_PARAMETER;
  HANDLE file = INVALID_HANDLE_VALUE;
  wchar_t* const wide = path == NULL ? NULL : malloc(longest_path * sizeof *wide);
  if (path != NULL && wide == NULL) os = ERROR_NOT_ENOUGH_MEMORY;
  if (wide != NULL) {
    if (MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, wide, longest_path) != 0) {
      file = CreateFileW(wide, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                         OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    }
    os = GetLastError();
    free(wide);
  }
  if (file == INVALID_HANDLE_VALUE) {
    fail(os);
    return file;
  }
  BY_HANDLE_FILE_INFORMATION info = {0};
  const DWORD type = GetFileType(file);
  os = 0;
  if (type == FILE_TYPE_CHAR) {
    os = ERROR_BAD_DEVICE;
  } else if (type == FILE_TYPE_DISK && !GetFileInformationByHandle(file, &info)) {
    os = GetLastError();
  } else if ((info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0) {
    os = ERROR_DIRECTORY;
  }
  if (os != 0) {
    CloseHandle(file);
    fail(os);
    return INVALID_HANDLE_VALUE;
  }
  *size = (int64_t)((uint64_t)info.nFileSizeHigh << 32 | info.nFileSizeLow);
  return file;
}

char* rt_file_mmap_read_text_sized(const char* path, int64_t* length) {
  if (length != NULL) *length = -1;
  int64_t size = 0;
  const HANDLE file = open_file(path, &size);
  if (file == INVALID_HANDLE_VALUE) return NULL;
  DWORD os = ERROR_NOT_ENOUGH_MEMORY;
  /* One more than there are, so that the read that ends there shows it, and room for the NUL. */
  size_t room = size != 0 ? (size_t)size + 1 : 65535;
  char* bytes = malloc(room + 1);
  size_t done = 0;
  while (bytes != NULL) {
    if (done == room) {
      char* const more = realloc(bytes, 2 * room + 1);
      if (more == NULL) break;
      bytes = more;
      room *= 2;
    }
    const DWORD step = room - done > mebibyte + 1 ? (DWORD)mebibyte : (DWORD)(room - done);
    DWORD count = 0;
    /* A pipe ends with this error. */
    if (!ReadFile(file, bytes + done, step, &count, NULL) && GetLastError() != ERROR_BROKEN_PIPE) {
      os = GetLastError();
      break;
    }
    done += count;
    if (count == 0 || (count < step && done == (size_t)size)) {
      CloseHandle(file);
      bytes[done] = 0;
      if (length != NULL) *length = (int64_t)done;
      return bytes;
    }
  }
  free(bytes);
  CloseHandle(file);
  return fail(os);
}

char* rt_file_mmap_read_text(const char* path) { return rt_file_mmap_read_text_sized(path, NULL); }

uint8_t* rt_file_mmap_read_bytes(const char* path) { return (uint8_t*)rt_file_mmap_read_text_sized(path, NULL); }

uint8_t* rt_file_mmap_read_bytes_sized(const char* path, int64_t* length) {
  return (uint8_t*)rt_file_mmap_read_text_sized(path, length);
}

/* What an empty file is mapped to: the system maps no empty file. */
static const char nothing[1];

int64_t rt_file_mmap_map(const char* path) {
  int64_t size = 0;
  const HANDLE file = open_file(path, &size);
  if (file == INVALID_HANDLE_VALUE) return -1;
  void* address = (void*)(uintptr_t)nothing;
  if (size != 0 || GetFileType(file) != FILE_TYPE_DISK) {
    address = NULL;
    const HANDLE section = CreateFileMappingW(file, NULL, PAGE_READONLY, 0, 0, NULL);
    if (section != NULL) {
      address = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0);
      const DWORD os = GetLastError();
      CloseHandle(section);
      SetLastError(os);
    }
  }
  const DWORD os = GetLastError();
  CloseHandle(file);
  if (address == NULL) {
    fail(os);
    return -1;
  }
  const int64_t handle = stdbind_rt_add(address, size);
  if (handle < 0) {
    stdbind_rt_end_mapping(address, size);
    stdbind_rt_too_many();
  }
  return handle;
}

int64_t rt_file_size(const char* path) {
  int64_t size = 0;
  const HANDLE file = open_file(path, &size);
  if (file == INVALID_HANDLE_VALUE) return -1;
  CloseHandle(file);
  return size;
}

void rt_free(void* bytes) { free(bytes); }

static SRWLOCK lock = SRWLOCK_INIT;

void stdbind_rt_lock(void) { AcquireSRWLockExclusive(&lock); }
void stdbind_rt_unlock(void) { ReleaseSRWLockExclusive(&lock); }
void stdbind_rt_no_handle(void) { fail(ERROR_INVALID_HANDLE); }
void stdbind_rt_too_many(void) { fail(ERROR_TOO_MANY_OPEN_FILES); }
void stdbind_rt_end_mapping(void* address, int64_t length) {
  if (length != 0) UnmapViewOfFile(address);
}
