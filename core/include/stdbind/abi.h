/* The flat C interface of stdbind: what every language binds. C11 and C++.
 *
 * Rules that this header keeps, so that any foreign-function interface can call it:
 *  1. Only pointers and int64_t cross: no structs by value, floats, bools, enum types or varargs;
 *     at most 8 arguments.
 *  2. Every function returns one int64_t: a value or count >= 0, 1 for "done", or minus an error
 *     kind (STDBIND_ERROR_*). What comes back fits in 60 bits. The one exception is
 *     stdbind_api_table, which returns a pointer.
 *  3. stdbind_last_error_message and stdbind_last_error_os tell the rest, per thread, until the next
 *     call that fails on that thread.
 *  4. No callback is ever required.
 *  5. A handle is a number >= 1, never a pointer. A closed, forged or wrong-typed handle is answered
 *     with `closed` or `invalid_argument`, and nothing is touched.
 *  6. Nothing here prints, exits, aborts or throws. A page that cannot be read is the error `fault`.
 *  7. Functions and constants are only added, functions at the end: the order is that of the table.
 *
 * Every function below may fail with invalid_argument for a value outside its stated range. None
 * allocates unless it says so; all may be called from any thread unless they say otherwise.
 */
#ifndef STDBIND_ABI_H
#define STDBIND_ABI_H

#include <stdint.h>

#if defined(STDBIND_STATIC) || !(defined(__GNUC__) || defined(_WIN32))
#define STDBIND_API
#elif defined(_WIN32) && defined(STDBIND_BUILDING)
#define STDBIND_API __declspec(dllexport)
#elif defined(_WIN32)
#define STDBIND_API __declspec(dllimport)
#else
#define STDBIND_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** The version of this interface: one number, raised when something is added. */
#define STDBIND_ABI_VERSION 1

/** What went wrong. A function that fails returns minus one of these. */
enum stdbind_error_kind {
  STDBIND_ERROR_INVALID_ARGUMENT = 1,  /**< a value is outside its range; the message names it */
  STDBIND_ERROR_NOT_FOUND = 2,         /**< no such file or directory */
  STDBIND_ERROR_PERMISSION_DENIED = 3, /**< the file or the mapping does not allow this access */
  STDBIND_ERROR_ALREADY_EXISTS = 4,    /**< the name is taken */
  STDBIND_ERROR_WRONG_FILE_TYPE = 5,   /**< a directory, device, pipe or socket cannot be mapped */
  STDBIND_ERROR_OUT_OF_BOUNDS = 6,     /**< the range does not lie within the file or the mapping */
  STDBIND_ERROR_CLOSED = 7,            /**< the handle was closed before */
  STDBIND_ERROR_NOT_WRITABLE = 8,      /**< the mapping was opened without WRITE */
  STDBIND_ERROR_UNSUPPORTED = 9,       /**< this platform cannot do it */
  STDBIND_ERROR_NO_SPACE = 10,         /**< the disk or the quota is full */
  STDBIND_ERROR_NO_MEMORY = 11,        /**< no memory or address space is left */
  STDBIND_ERROR_TOO_MANY_OPEN = 12,    /**< no file descriptor is left */
  STDBIND_ERROR_LIMIT = 13,            /**< another limit of the system or of this library */
  STDBIND_ERROR_BUSY = 14,             /**< a view is pinned, or the file is in use */
  STDBIND_ERROR_FAULT = 15,            /**< a page could not be read or written: the file shrank or the disk failed */
  STDBIND_ERROR_STALE = 16,            /**< the file changed behind the mapping */
  STDBIND_ERROR_NOT_UTF8 = 17,         /**< the bytes are not valid UTF-8 */
  STDBIND_ERROR_TIMEOUT = 18,          /**< the time was up first */
  STDBIND_ERROR_CANCELLED = 19,        /**< the work was cancelled */
  STDBIND_ERROR_LOADER_DIED = 20,      /**< the process that loaded the file ended */
  STDBIND_ERROR_IO = 21                /**< any other failure of the system; see stdbind_last_error_os */
};

/** How a mapping may be used: bits to be or-ed.
 *
 *  COW says how it is shared, the others what is allowed; WRITE includes reading, as the hardware does.
 *
 *  | mode                 | protection    | sharing | a file must allow | notes                             |
 *  |----------------------|---------------|---------|-------------------|-----------------------------------|
 *  | 0                    | none          | shared  | reading           | reserves addresses only           |
 *  | READ                 | read          | shared  | reading           |                                   |
 *  | WRITE                | read, write   | shared  | reading, writing  |                                   |
 *  | READ WRITE           | read, write   | shared  | reading, writing  | the same as WRITE                 |
 *  | EXEC                 | execute       | shared  | reading           | copying calls: permission_denied  |
 *  | READ EXEC            | read, execute | shared  | reading           |                                   |
 *  | WRITE EXEC           | refused       |         |                   | invalid_argument without ALLOW_WX |
 *  | READ WRITE EXEC      | refused       |         |                   | invalid_argument without ALLOW_WX |
 *  | COW                  | none          | private | reading           | reserves addresses only           |
 *  | COW READ             | read          | private | reading           |                                   |
 *  | COW WRITE            | read, write   | private | reading           | changes stay in this process      |
 *  | COW READ WRITE       | read, write   | private | reading           | the same as COW WRITE             |
 *  | COW EXEC             | execute       | private | reading           | copying calls: permission_denied  |
 *  | COW READ EXEC        | read, execute | private | reading           |                                   |
 *  | COW WRITE EXEC       | refused       |         |                   | invalid_argument without ALLOW_WX |
 *  | COW READ WRITE EXEC  | refused       |         |                   | invalid_argument without ALLOW_WX |
 */
enum stdbind_mode {
  STDBIND_MODE_NONE = 0,      /**< no access */
  STDBIND_MODE_READ = 1,      /**< pages can be read */
  STDBIND_MODE_WRITE = 2,     /**< pages can be read and written */
  STDBIND_MODE_EXEC = 4,      /**< pages can be executed */
  STDBIND_MODE_COW = 8,       /**< copy on write: changes are private */
  STDBIND_MODE_ALLOW_WX = 16  /**< asks for WRITE and EXEC together by name */
};

/** How a range will be used: a hint to the system that never changes a byte. */
enum stdbind_advice {
  STDBIND_ADVICE_NORMAL = 0,     /**< no pattern is known */
  STDBIND_ADVICE_SEQUENTIAL = 1, /**< from the start to the end */
  STDBIND_ADVICE_RANDOM = 2,     /**< in no order: turns reading ahead off */
  STDBIND_ADVICE_WILL_NEED = 3,  /**< soon: starts reading ahead */
  STDBIND_ADVICE_DONT_NEED = 4   /**< not soon: pages may leave memory; refused where that would lose data */
};

/** What an offset given to stdbind_mmap_seek counts from. */
enum stdbind_whence {
  STDBIND_SEEK_SET = 0, /**< from the start */
  STDBIND_SEEK_CUR = 1, /**< from the cursor */
  STDBIND_SEEK_END = 2  /**< from the end */
};

/** An open mapping: a number >= 1. */
typedef int64_t stdbind_mmap;

/** All entry points in the order of this header, for bindings that load the library at run time.
 *
 *  It starts with the ABI version and the number of entry points (int64_t each); the pointers follow.
 */
struct stdbind_api_table;

/** The version of the interface that the loaded library has.
 *
 *  @return STDBIND_ABI_VERSION of the build.
 */
STDBIND_API int64_t stdbind_abi_version(void);

/** The table of all entry points, owned by the library and valid for ever.
 *
 *  @param version the lowest ABI version that the caller needs
 *  @return the table, or NULL if the library is older than that
 */
STDBIND_API const struct stdbind_api_table *stdbind_api_table(int64_t version);

/** Text for the last error on this thread, in English, with the values that were wrong.
 *
 *  @param buffer receives the text and a terminating NUL, cut to fit; may be NULL if size is 0
 *  @param size the size of the buffer in bytes
 *  @return the length of the whole text in bytes, without the NUL; 0 if nothing failed yet
 */
STDBIND_API int64_t stdbind_last_error_message(char *buffer, int64_t size);

/** The system's own error number of the last error on this thread.
 *
 *  @return errno (POSIX) or GetLastError (Windows), or 0 if the system was not the cause
 */
STDBIND_API int64_t stdbind_last_error_os(void);

/** The name of an error kind, such as "not_found".
 *
 *  @param kind an error kind, or what a function returned (its sign is ignored)
 *  @param buffer receives the name and a terminating NUL, cut to fit; may be NULL if size is 0
 *  @param size the size of the buffer in bytes
 *  @return the length of the name in bytes
 */
STDBIND_API int64_t stdbind_error_kind_name(int64_t kind, char *buffer, int64_t size);

/** How many handles are open in this process.
 *
 *  @return the number of handles of all types
 */
STDBIND_API int64_t stdbind_live_handles(void);

/** The size of a page of memory: the unit in which the system maps, protects and flushes.
 *
 *  @return the size in bytes
 *  @see getpagesize(2), GetSystemInfo
 */
STDBIND_API int64_t stdbind_page_size(void);

/** Maps a file by its path. The file is not kept open.
 *
 *  Errors: not_found, permission_denied, wrong_file_type (only regular files are mapped),
 *  out_of_bounds (the range does not lie within the file), no_memory, too_many_open, limit, io.
 *  Allocates: one mapping and one handle, owned by the caller until stdbind_mmap_close.
 *
 *  @param path the path in UTF-8; a NUL inside it is refused
 *  @param path_length the length of the path in bytes; -1 if it ends with a NUL
 *  @param mode bits of stdbind_mode
 *  @param offset where the mapping starts in the file, in bytes; any value, not only whole pages
 *  @param length how many bytes to map; -1 for all to the end of the file
 *  @param address where the mapping should lie, a hint that the system may not follow; 0 for anywhere
 *  @return a handle
 *  @see mmap(2)
 */
STDBIND_API int64_t stdbind_mmap_open_path(const char *path, int64_t path_length, int64_t mode,
                                           int64_t offset, int64_t length, int64_t address);

/** Maps a file by its descriptor. The descriptor stays the caller's and may be closed at once.
 *
 *  Errors and allocates: as stdbind_mmap_open_path; permission_denied also if the descriptor was not
 *  opened for what the mode needs.
 *
 *  @param fd a file descriptor (POSIX, or of the C runtime on Windows)
 *  @param mode bits of stdbind_mode
 *  @param offset where the mapping starts in the file, in bytes
 *  @param length how many bytes to map; -1 for all to the end of the file
 *  @param address a hint, or 0
 *  @return a handle
 */
STDBIND_API int64_t stdbind_mmap_open_fd(int64_t fd, int64_t mode, int64_t offset, int64_t length,
                                         int64_t address);

/** Maps memory that no file backs: zeroes at first. Without COW, child processes share it.
 *
 *  Errors: invalid_argument (also for a length of 0), no_memory, limit.
 *  Allocates: one mapping and one handle, owned by the caller until stdbind_mmap_close.
 *
 *  @param length the size in bytes, at least 1
 *  @param mode bits of stdbind_mode
 *  @param address a hint, or 0
 *  @return a handle
 */
STDBIND_API int64_t stdbind_mmap_open_anonymous(int64_t length, int64_t mode, int64_t address);

/** Unmaps and gives the handle up. What was written to a shared mapping reaches the file.
 *
 *  Errors: closed, busy (a view is pinned: the mapping stays open). A call that another thread has in
 *  flight ends first, in safety.
 *
 *  @param mapping the handle
 *  @return 1
 */
STDBIND_API int64_t stdbind_mmap_close(stdbind_mmap mapping);

/** Whether a handle was closed.
 *
 *  Errors: invalid_argument for a number that never was a handle of a mapping.
 *
 *  @param mapping the handle
 *  @return 1 if it was closed, 0 if it is open
 */
STDBIND_API int64_t stdbind_mmap_is_closed(stdbind_mmap mapping);

/** The length of the mapped range.
 *
 *  Errors: closed.
 *
 *  @param mapping the handle
 *  @return the length in bytes
 */
STDBIND_API int64_t stdbind_mmap_length(stdbind_mmap mapping);

/** The mode that the mapping was opened with.
 *
 *  Errors: closed.
 *
 *  @param mapping the handle
 *  @return bits of stdbind_mode
 */
STDBIND_API int64_t stdbind_mmap_mode(stdbind_mmap mapping);

/** Copies a range of the mapping out: all of it or nothing is reported.
 *
 *  Errors: closed, permission_denied (no read access), out_of_bounds, fault.
 *  Threads: any number may read at once; a reader sees what a concurrent writer has stored so far.
 *
 *  @param mapping the handle
 *  @param offset where to start in the mapping, in bytes
 *  @param buffer receives the bytes
 *  @param length how many bytes; offset + length must lie within the mapping
 *  @return length
 */
STDBIND_API int64_t stdbind_mmap_read_at(stdbind_mmap mapping, int64_t offset, void *buffer, int64_t length);

/** Copies bytes into a range of the mapping.
 *
 *  Errors: closed, not_writable, out_of_bounds (nothing is written), fault (pages before the failing
 *  one may have been written).
 *  Threads: overlapping writers must be ordered by the caller.
 *
 *  @param mapping the handle
 *  @param offset where to start in the mapping, in bytes
 *  @param data the bytes to write
 *  @param length how many bytes; offset + length must lie within the mapping
 *  @return length
 */
STDBIND_API int64_t stdbind_mmap_write_at(stdbind_mmap mapping, int64_t offset, const void *data,
                                          int64_t length);

/** Copies bytes out from the cursor on and moves the cursor behind them.
 *
 *  Errors: closed, permission_denied (no read access), fault (the cursor stays).
 *  Threads: the cursor is one for all threads; use stdbind_mmap_read_at where several read.
 *
 *  @param mapping the handle
 *  @param buffer receives the bytes
 *  @param length the most bytes to read; fewer are read at the end
 *  @return how many bytes were read; 0 at the end
 */
STDBIND_API int64_t stdbind_mmap_read(stdbind_mmap mapping, void *buffer, int64_t length);

/** Copies bytes in at the cursor and moves the cursor behind them.
 *
 *  Errors: closed, not_writable, out_of_bounds (not all fits: nothing is written), fault (the cursor
 *  stays).
 *  Threads: as stdbind_mmap_read.
 *
 *  @param mapping the handle
 *  @param data the bytes to write
 *  @param length how many bytes
 *  @return length
 */
STDBIND_API int64_t stdbind_mmap_write(stdbind_mmap mapping, const void *data, int64_t length);

/** Moves the cursor. Its place may be anywhere from 0 to the length of the mapping.
 *
 *  Errors: closed, out_of_bounds (the cursor stays), invalid_argument (unknown whence).
 *
 *  @param mapping the handle
 *  @param offset bytes, may be negative
 *  @param whence one of stdbind_whence
 *  @return the new place in bytes from the start
 */
STDBIND_API int64_t stdbind_mmap_seek(stdbind_mmap mapping, int64_t offset, int64_t whence);

/** Where the cursor is.
 *
 *  Errors: closed.
 *
 *  @param mapping the handle
 *  @return bytes from the start
 */
STDBIND_API int64_t stdbind_mmap_tell(stdbind_mmap mapping);

/** Pins the mapping and gives the address of a range, for access without a copy.
 *
 *  Until the matching stdbind_mmap_view_end the mapping cannot be closed (busy). Touching a page that
 *  the file no longer has ends the process, as with any raw mapping: see stdbind_mmap_probe.
 *
 *  Errors: closed, out_of_bounds, limit (too many views).
 *
 *  @param mapping the handle
 *  @param offset where to start in the mapping, in bytes
 *  @param length how many bytes; -1 for all to the end
 *  @param address receives the address of the first byte
 *  @return the length of the view in bytes
 */
STDBIND_API int64_t stdbind_mmap_view_begin(stdbind_mmap mapping, int64_t offset, int64_t length,
                                            int64_t *address);

/** Releases one view. Its address must not be used any more.
 *
 *  Errors: closed, invalid_argument (no view is pinned).
 *
 *  @param mapping the handle
 *  @return how many views are still pinned
 */
STDBIND_API int64_t stdbind_mmap_view_end(stdbind_mmap mapping);

/** Checks that a range can be read now, and brings it into memory.
 *
 *  Errors: closed, permission_denied (no read access), out_of_bounds, fault.
 *
 *  @param mapping the handle
 *  @param offset where to start in the mapping, in bytes
 *  @param length how many bytes; -1 for all to the end
 *  @return 1
 *  @see madvise(2), MADV_POPULATE_READ
 */
STDBIND_API int64_t stdbind_mmap_probe(stdbind_mmap mapping, int64_t offset, int64_t length);

/** Writes what was changed in a shared mapping to the file, and waits until it is there.
 *
 *  Nothing is to be done for a private, anonymous or read-only mapping.
 *
 *  Errors: closed, out_of_bounds, no_space, io.
 *
 *  @param mapping the handle
 *  @param offset where to start in the mapping, in bytes
 *  @param length how many bytes; -1 for all to the end
 *  @return 1
 *  @see msync(2)
 */
STDBIND_API int64_t stdbind_mmap_flush(stdbind_mmap mapping, int64_t offset, int64_t length);

/** Tells the system how a range will be used. No byte changes.
 *
 *  Errors: closed, out_of_bounds, invalid_argument (unknown advice; DONT_NEED on a private or
 *  anonymous mapping, where the system would discard data).
 *
 *  @param mapping the handle
 *  @param offset where to start in the mapping, in bytes
 *  @param length how many bytes; -1 for all to the end
 *  @param advice one of stdbind_advice
 *  @return 1
 *  @see madvise(2)
 */
STDBIND_API int64_t stdbind_mmap_advise(stdbind_mmap mapping, int64_t offset, int64_t length, int64_t advice);

#ifdef __cplusplus
}
#endif

#endif
