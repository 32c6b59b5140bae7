/* What abi.h promises, written down a second time: every value, and every function in the order of the table.
 * Lines are only ever added, at the end of a list. */
#ifndef STDBIND_TESTS_ABI_FROZEN_H
#define STDBIND_TESTS_ABI_FROZEN_H

#include <stdbind/abi.h>

#define FROZEN_VALUES(VALUE)                \
  VALUE(STDBIND_ABI_VERSION, 2)             \
  VALUE(STDBIND_ERROR_INVALID_ARGUMENT, 1)  \
  VALUE(STDBIND_ERROR_NOT_FOUND, 2)         \
  VALUE(STDBIND_ERROR_PERMISSION_DENIED, 3) \
  VALUE(STDBIND_ERROR_ALREADY_EXISTS, 4)    \
  VALUE(STDBIND_ERROR_WRONG_FILE_TYPE, 5)   \
  VALUE(STDBIND_ERROR_OUT_OF_BOUNDS, 6)     \
  VALUE(STDBIND_ERROR_CLOSED, 7)            \
  VALUE(STDBIND_ERROR_NOT_WRITABLE, 8)      \
  VALUE(STDBIND_ERROR_UNSUPPORTED, 9)       \
  VALUE(STDBIND_ERROR_NO_SPACE, 10)         \
  VALUE(STDBIND_ERROR_NO_MEMORY, 11)        \
  VALUE(STDBIND_ERROR_TOO_MANY_OPEN, 12)    \
  VALUE(STDBIND_ERROR_LIMIT, 13)            \
  VALUE(STDBIND_ERROR_BUSY, 14)             \
  VALUE(STDBIND_ERROR_FAULT, 15)            \
  VALUE(STDBIND_ERROR_STALE, 16)            \
  VALUE(STDBIND_ERROR_NOT_UTF8, 17)         \
  VALUE(STDBIND_ERROR_TIMEOUT, 18)          \
  VALUE(STDBIND_ERROR_CANCELLED, 19)        \
  VALUE(STDBIND_ERROR_LOADER_DIED, 20)      \
  VALUE(STDBIND_ERROR_IO, 21)               \
  VALUE(STDBIND_MODE_NONE, 0)               \
  VALUE(STDBIND_MODE_READ, 1)               \
  VALUE(STDBIND_MODE_WRITE, 2)              \
  VALUE(STDBIND_MODE_EXEC, 4)               \
  VALUE(STDBIND_MODE_COW, 8)                \
  VALUE(STDBIND_MODE_ALLOW_WX, 16)          \
  VALUE(STDBIND_ADVICE_NORMAL, 0)           \
  VALUE(STDBIND_ADVICE_SEQUENTIAL, 1)       \
  VALUE(STDBIND_ADVICE_RANDOM, 2)           \
  VALUE(STDBIND_ADVICE_WILL_NEED, 3)        \
  VALUE(STDBIND_ADVICE_DONT_NEED, 4)        \
  VALUE(STDBIND_SEEK_SET, 0)                \
  VALUE(STDBIND_SEEK_CUR, 1)                \
  VALUE(STDBIND_SEEK_END, 2)                \
  VALUE(STDBIND_OPEN_NONE, 0)               \
  VALUE(STDBIND_OPEN_GROW, 1)               \
  VALUE(STDBIND_OPEN_UPDATE, 2)             \
  VALUE(STDBIND_OPEN_WATCH, 4)              \
  VALUE(STDBIND_OPEN_STRICT, 8)             \
  VALUE(STDBIND_OPEN_POPULATE, 16)          \
  VALUE(STDBIND_OPEN_ANY_FILE, 32)          \
  VALUE(STDBIND_OPEN_RANDOM, 64)            \
  VALUE(STDBIND_OPEN_HUGE, 128)             \
  VALUE(STDBIND_OPEN_HUGETLB_2M, 256)       \
  VALUE(STDBIND_OPEN_HUGETLB_1G, 512)

#define I int64_t
#define FROZEN_FUNCTIONS(FUNCTION)                                                     \
  FUNCTION(stdbind_abi_version, I, (void))                                             \
  FUNCTION(stdbind_api_table, const struct stdbind_api_table*, (I))                    \
  FUNCTION(stdbind_last_error_message, I, (char*, I))                                  \
  FUNCTION(stdbind_last_error_os, I, (void))                                           \
  FUNCTION(stdbind_error_kind_name, I, (I, char*, I))                                  \
  FUNCTION(stdbind_live_handles, I, (void))                                            \
  FUNCTION(stdbind_page_size, I, (void))                                               \
  FUNCTION(stdbind_mmap_open_path, I, (const char*, I, I, I, I, I))                    \
  FUNCTION(stdbind_mmap_open_fd, I, (I, I, I, I, I))                                   \
  FUNCTION(stdbind_mmap_open_anonymous, I, (I, I, I))                                  \
  FUNCTION(stdbind_mmap_close, I, (I))                                                 \
  FUNCTION(stdbind_mmap_is_closed, I, (I))                                             \
  FUNCTION(stdbind_mmap_length, I, (I))                                                \
  FUNCTION(stdbind_mmap_mode, I, (I))                                                  \
  FUNCTION(stdbind_mmap_read_at, I, (I, I, void*, I))                                  \
  FUNCTION(stdbind_mmap_write_at, I, (I, I, const void*, I))                           \
  FUNCTION(stdbind_mmap_read, I, (I, void*, I))                                        \
  FUNCTION(stdbind_mmap_write, I, (I, const void*, I))                                 \
  FUNCTION(stdbind_mmap_seek, I, (I, I, I))                                            \
  FUNCTION(stdbind_mmap_tell, I, (I))                                                  \
  FUNCTION(stdbind_mmap_view_begin, I, (I, I, I, I*))                                  \
  FUNCTION(stdbind_mmap_view_end, I, (I))                                              \
  FUNCTION(stdbind_mmap_probe, I, (I, I, I))                                           \
  FUNCTION(stdbind_mmap_flush, I, (I, I, I))                                           \
  FUNCTION(stdbind_mmap_advise, I, (I, I, I, I))                                       \
  FUNCTION(stdbind_mmap_open_path_with, I, (const char*, I, I, I, I, I, I))            \
  FUNCTION(stdbind_mmap_open_fd_with, I, (I, I, I, I, I, I))                           \
  FUNCTION(stdbind_mmap_open_anonymous_with, I, (I, I, I, I))                          \
  FUNCTION(stdbind_mmap_open_beneath, I, (const char*, I, const char*, I, I, I, I, I)) \
  FUNCTION(stdbind_mmap_create_path, I, (const char*, I, I, I, I))                     \
  FUNCTION(stdbind_mmap_create_named, I, (const char*, I, I, I))                       \
  FUNCTION(stdbind_mmap_open_named, I, (const char*, I, I, I, I))                      \
  FUNCTION(stdbind_mmap_unlink_named, I, (const char*, I))                             \
  FUNCTION(stdbind_mmap_open_sealed, I, (I, I))                                        \
  FUNCTION(stdbind_mmap_descriptor, I, (I))                                            \
  FUNCTION(stdbind_mmap_resize, I, (I, I))                                             \
  FUNCTION(stdbind_mmap_protect, I, (I, I))                                            \
  FUNCTION(stdbind_mmap_make_executable, I, (I))                                       \
  FUNCTION(stdbind_mmap_lock, I, (I, I, I))                                            \
  FUNCTION(stdbind_mmap_unlock, I, (I, I, I))                                          \
  FUNCTION(stdbind_mmap_resident, I, (I, I, I))                                        \
  FUNCTION(stdbind_mmap_is_mapped, I, (I))                                             \
  FUNCTION(stdbind_mmap_update, I, (I, I, const void*, I))                             \
  FUNCTION(stdbind_mmap_flush_async, I, (I, I, I))                                     \
  FUNCTION(stdbind_mmap_is_stale, I, (I))                                              \
  FUNCTION(stdbind_set_positioned_limit, I, (I))                                       \
  FUNCTION(stdbind_read_direct, I, (const char*, I, I, void*, I))                      \
  FUNCTION(stdbind_prefault_start, I, (I, I, I, I))                                    \
  FUNCTION(stdbind_prefault_done, I, (I))                                              \
  FUNCTION(stdbind_prefault_total, I, (I))                                             \
  FUNCTION(stdbind_prefault_wait, I, (I, I))                                           \
  FUNCTION(stdbind_prefault_cancel, I, (I))                                            \
  FUNCTION(stdbind_prefault_close, I, (I))

/* The table as a binding sees it that looks the entries up by their place. */
struct frozen_table {
  int64_t version;
  int64_t count;
  void (*entries[1])(void);
};

#endif
