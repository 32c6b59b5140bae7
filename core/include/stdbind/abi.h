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
 * Every function below may fail with invalid_argument for a value outside its stated range. A negative
 * offset is out_of_bounds; a negative length is invalid_argument, except -1 where it is allowed. None
 * allocates unless it says so; all may be called from any thread unless they say otherwise. A resize, a
 * change of protection and a close wait for the calls that other threads have in flight on that handle.
 * Paths and names are UTF-8; their length is in bytes, or -1 if they end with a NUL; a NUL inside is refused.
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
#define STDBIND_ABI_VERSION 2

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

/** What else an opening shall do: bits to be or-ed. */
enum stdbind_open_option {
  STDBIND_OPEN_NONE = 0,         /**< nothing else */
  STDBIND_OPEN_GROW = 1,         /**< keeps a descriptor, so that stdbind_mmap_resize can change the file; not with COW */
  STDBIND_OPEN_UPDATE = 2,       /**< keeps a descriptor, through which stdbind_mmap_update writes */
  STDBIND_OPEN_WATCH = 4,        /**< changes by others are noticed: stdbind_mmap_is_stale */
  STDBIND_OPEN_STRICT = 8,       /**< with WATCH: copying reads of a stale mapping fail with stale */
  STDBIND_OPEN_POPULATE = 16,    /**< all pages are brought into memory before the call returns */
  STDBIND_OPEN_ANY_FILE = 32,    /**< devices that can be mapped too, not only regular files */
  STDBIND_OPEN_RANDOM = 64,      /**< advises RANDOM before the first touch */
  STDBIND_OPEN_HUGE = 128,       /**< anonymous: aligned to 2 MiB, and the system may use huge pages */
  STDBIND_OPEN_HUGETLB_2M = 256, /**< anonymous: pages of 2 MiB from the system's pool */
  STDBIND_OPEN_HUGETLB_1G = 512  /**< anonymous: pages of 1 GiB from the system's pool */
};

/** What an offset given to stdbind_mmap_seek counts from. */
enum stdbind_whence {
  STDBIND_SEEK_SET = 0, /**< from the start */
  STDBIND_SEEK_CUR = 1, /**< from the cursor */
  STDBIND_SEEK_END = 2  /**< from the end */
};

/** An open mapping: a number >= 1. */
typedef int64_t stdbind_mmap;

/** A prefault that was started: a number >= 1. */
typedef int64_t stdbind_prefault;

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
 *  Errors: io.
 *
 *  @return the size in bytes
 *  @see getpagesize(2), GetSystemInfo
 */
STDBIND_API int64_t stdbind_page_size(void);

/** Maps a file by its path. The file is not kept open.
 *
 *  Errors: not_found, permission_denied, wrong_file_type (only regular files are mapped),
 *  out_of_bounds (the range does not lie within the file), no_memory, too_many_open, limit, busy,
 *  unsupported, io.
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
 *  Errors: closed, busy (a view is pinned or a prefault runs: the mapping stays open), no_memory and io
 *  (the system refuses to unmap: it stays open). If another thread has a call in flight, the handle is
 *  closed at once, and the pages go when the last of those calls ends.
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
 *  Errors: closed, out_of_bounds, no_space, no_memory, io.
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
 *  anonymous mapping, where the system would discard data), limit, io.
 *
 *  @param mapping the handle
 *  @param offset where to start in the mapping, in bytes
 *  @param length how many bytes; -1 for all to the end
 *  @param advice one of stdbind_advice
 *  @return 1
 *  @see madvise(2)
 */
STDBIND_API int64_t stdbind_mmap_advise(stdbind_mmap mapping, int64_t offset, int64_t length, int64_t advice);

/** As stdbind_mmap_open_path, with options.
 *
 *  Errors: as there; stale never at the opening. Allocates: as there, and a descriptor for GROW, UPDATE and WATCH.
 *
 *  @param path the path
 *  @param path_length its length in bytes, or -1
 *  @param mode bits of stdbind_mode
 *  @param offset where the mapping starts in the file, in bytes
 *  @param length how many bytes to map; -1 for all to the end of the file
 *  @param address a hint, or 0
 *  @param options bits of stdbind_open_option
 *  @return a handle
 */
STDBIND_API int64_t stdbind_mmap_open_path_with(const char *path, int64_t path_length, int64_t mode, int64_t offset,
                                                int64_t length, int64_t address, int64_t options);

/** As stdbind_mmap_open_fd, with options. The caller's descriptor may be closed at once all the same.
 *
 *  Errors and allocates: as stdbind_mmap_open_path_with.
 *
 *  @param fd a file descriptor
 *  @param mode bits of stdbind_mode
 *  @param offset where the mapping starts in the file, in bytes
 *  @param length how many bytes to map; -1 for all to the end of the file
 *  @param address a hint, or 0
 *  @param options bits of stdbind_open_option
 *  @return a handle
 */
STDBIND_API int64_t stdbind_mmap_open_fd_with(int64_t fd, int64_t mode, int64_t offset, int64_t length,
                                              int64_t address, int64_t options);

/** As stdbind_mmap_open_anonymous, with options: GROW (with COW), POPULATE, RANDOM, and one for huge pages.
 *
 *  Errors: as there; no_memory also if the pool of huge pages is empty, unsupported if there is none.
 *
 *  @param length the size in bytes, at least 1
 *  @param mode bits of stdbind_mode
 *  @param address a hint, or 0; 0 for huge pages
 *  @param options bits of stdbind_open_option
 *  @return a handle
 */
STDBIND_API int64_t stdbind_mmap_open_anonymous_with(int64_t length, int64_t mode, int64_t address, int64_t options);

/** Maps a file that lies beneath a directory, whatever others do to the path meanwhile: no symbolic link
 *  is followed, and nothing leads out of the directory.
 *
 *  Errors: as stdbind_mmap_open_path; permission_denied for a link, "..", or an absolute path.
 *  Allocates: as stdbind_mmap_open_path_with.
 *
 *  @param root the path of the directory; links in it are followed
 *  @param root_length its length in bytes, or -1
 *  @param path the path beneath it
 *  @param path_length its length in bytes, or -1
 *  @param mode bits of stdbind_mode
 *  @param offset where the mapping starts in the file, in bytes
 *  @param length how many bytes to map; -1 for all to the end of the file
 *  @param options bits of stdbind_open_option
 *  @return a handle
 *  @see openat2(2), RESOLVE_BENEATH
 */
STDBIND_API int64_t stdbind_mmap_open_beneath(const char *root, int64_t root_length, const char *path,
                                              int64_t path_length, int64_t mode, int64_t offset, int64_t length,
                                              int64_t options);

/** Makes a new file of zeroes and maps it. Its room on the disk is allocated first; if anything fails, the
 *  file is removed again.
 *
 *  Errors: as stdbind_mmap_open_path; already_exists, no_space. Allocates: as stdbind_mmap_open_path_with;
 *  the file is the caller's.
 *
 *  @param path the path; there must be no file yet
 *  @param path_length its length in bytes, or -1
 *  @param mode bits of stdbind_mode
 *  @param length how many bytes; 0 makes an empty file
 *  @param options bits of stdbind_open_option
 *  @return a handle
 *  @see posix_fallocate(3)
 */
STDBIND_API int64_t stdbind_mmap_create_path(const char *path, int64_t path_length, int64_t mode, int64_t length,
                                             int64_t options);

/** Makes shared memory of zeroes that other processes of the same user find by its name, and maps it. It
 *  stays until stdbind_mmap_unlink_named, also without mappings.
 *
 *  Errors: already_exists, permission_denied, no_space, no_memory, too_many_open, limit, unsupported, io.
 *  Allocates: one mapping and one handle; the memory is the caller's to unlink.
 *
 *  @param name 1 to 249 bytes without '/' and NUL; one leading '/' means nothing
 *  @param name_length its length in bytes, or -1
 *  @param mode bits of stdbind_mode
 *  @param length the size in bytes, at least 1
 *  @return a handle
 *  @see shm_open(3)
 */
STDBIND_API int64_t stdbind_mmap_create_named(const char *name, int64_t name_length, int64_t mode, int64_t length);

/** Maps shared memory by its name.
 *
 *  Errors: not_found, permission_denied, out_of_bounds, no_memory, too_many_open, limit, unsupported, io.
 *  Allocates: one mapping and one handle.
 *
 *  @param name as for stdbind_mmap_create_named
 *  @param name_length its length in bytes, or -1
 *  @param mode bits of stdbind_mode
 *  @param offset where the mapping starts in the memory, in bytes
 *  @param length how many bytes to map; -1 for all to the end
 *  @return a handle
 */
STDBIND_API int64_t stdbind_mmap_open_named(const char *name, int64_t name_length, int64_t mode, int64_t offset,
                                            int64_t length);

/** Gives the name of shared memory up. The memory goes with its last mapping.
 *
 *  Errors: not_found, permission_denied, unsupported, io.
 *
 *  @param name as for stdbind_mmap_create_named
 *  @param name_length its length in bytes, or -1
 *  @return 1
 *  @see shm_unlink(3)
 */
STDBIND_API int64_t stdbind_mmap_unlink_named(const char *name, int64_t name_length);

/** Maps new shared memory without a name, sealed so that nobody can make it longer or shorter.
 *
 *  Errors: no_space, no_memory, too_many_open, limit, unsupported. Allocates: one mapping, one handle, one
 *  descriptor, until stdbind_mmap_close.
 *
 *  @param length the size in bytes, at least 1
 *  @param mode bits of stdbind_mode
 *  @return a handle
 *  @see memfd_create(2), F_ADD_SEALS
 */
STDBIND_API int64_t stdbind_mmap_open_sealed(int64_t length, int64_t mode);

/** A new descriptor of what is mapped, to be handed over to another process. It is closed in programs that
 *  this process starts.
 *
 *  Errors: closed, unsupported (none is kept: open with GROW, UPDATE or WATCH, or as sealed), too_many_open.
 *  Allocates: the descriptor, which the caller closes.
 *
 *  @param mapping the handle
 *  @return a file descriptor
 */
STDBIND_API int64_t stdbind_mmap_descriptor(stdbind_mmap mapping);

/** Makes the mapping longer or shorter. A file opened with GROW and to be written changes with it, its room
 *  on the disk allocated first; private anonymous memory needs no option. What it begins with stays, new
 *  bytes are zero, its address may change. If it fails, all is as before.
 *
 *  Errors: closed, busy (a view is pinned or a prefault runs), unsupported (opened without GROW; named,
 *  sealed, shared anonymous or hugetlb memory), out_of_bounds (read only, and the file is not that long),
 *  not_writable (memory protected from writing), no_space, no_memory, limit, io.
 *  Allocates: address space, and room on the disk.
 *
 *  @param mapping the handle
 *  @param length how many bytes; at least 1 for anonymous memory
 *  @return 1
 *  @see mremap(2), posix_fallocate(3)
 */
STDBIND_API int64_t stdbind_mmap_resize(stdbind_mmap mapping, int64_t length);

/** Changes what is allowed, for the whole mapping. WRITE with EXEC, and EXEC for pages that were writable
 *  once, are refused unless the mapping was opened with ALLOW_WX.
 *
 *  Errors: closed, busy (a view is pinned or a prefault runs), permission_denied (the file was not opened
 *  for it; or EXEC: see stdbind_mmap_make_executable), unsupported (not mapped), no_memory, io.
 *
 *  @param mapping the handle
 *  @param mode READ, WRITE and EXEC; COW may be set if the mapping was opened with it, and stays in any case
 *  @return 1
 *  @see mprotect(2)
 */
STDBIND_API int64_t stdbind_mmap_protect(stdbind_mmap mapping, int64_t mode);

/** Makes what was written executable: takes WRITE away, and allows READ and EXEC.
 *
 *  Errors: as stdbind_mmap_protect.
 *
 *  @param mapping the handle
 *  @return 1
 */
STDBIND_API int64_t stdbind_mmap_make_executable(stdbind_mmap mapping);

/** Keeps the pages of a range in memory until stdbind_mmap_unlock. Locks are not counted.
 *
 *  Errors: closed, permission_denied (no read access), out_of_bounds, fault, limit (more than the process
 *  may lock), unsupported (not mapped).
 *
 *  @param mapping the handle
 *  @param offset where to start in the mapping, in bytes
 *  @param length how many bytes; -1 for all to the end
 *  @return 1
 *  @see mlock(2)
 */
STDBIND_API int64_t stdbind_mmap_lock(stdbind_mmap mapping, int64_t offset, int64_t length);

/** Lets the pages of a range leave memory again, whether they were locked or not.
 *
 *  Errors: closed, out_of_bounds, limit, unsupported (not mapped).
 *
 *  @param mapping the handle
 *  @param offset where to start in the mapping, in bytes
 *  @param length how many bytes; -1 for all to the end
 *  @return 1
 *  @see munlock(2)
 */
STDBIND_API int64_t stdbind_mmap_unlock(stdbind_mmap mapping, int64_t offset, int64_t length);

/** How many bytes of a range are in memory now. Of a file that others own, the system may count all.
 *
 *  Errors: closed, out_of_bounds, unsupported (not mapped), io.
 *
 *  @param mapping the handle
 *  @param offset where to start in the mapping, in bytes
 *  @param length how many bytes; -1 for all to the end
 *  @return bytes
 *  @see mincore(2)
 */
STDBIND_API int64_t stdbind_mmap_resident(stdbind_mmap mapping, int64_t offset, int64_t length);

/** Whether the bytes lie in memory; if not, reads take them from the file by position, and views are
 *  unsupported: see stdbind_set_positioned_limit.
 *
 *  Errors: closed.
 *
 *  @param mapping the handle
 *  @return 1 or 0
 */
STDBIND_API int64_t stdbind_mmap_is_mapped(stdbind_mmap mapping);

/** Writes bytes to the file so that they are on the disk when the call returns, without writing the pages
 *  around them. The mapping shows them too.
 *
 *  Errors: closed, not_writable, unsupported (opened without UPDATE), out_of_bounds (nothing is written),
 *  no_space, io (a part may have been written).
 *
 *  @param mapping the handle
 *  @param offset where to start in the mapping, in bytes
 *  @param data the bytes to write
 *  @param length how many bytes; offset + length must lie within the mapping
 *  @return length
 *  @see pwrite(2), fdatasync(2)
 */
STDBIND_API int64_t stdbind_mmap_update(stdbind_mmap mapping, int64_t offset, const void *data, int64_t length);

/** Begins to write what was changed in a shared mapping to the file, and does not wait. That it is there is
 *  only sure after stdbind_mmap_flush.
 *
 *  Errors: closed, out_of_bounds, unsupported (no descriptor is kept: open with GROW, UPDATE or WATCH),
 *  no_space, no_memory, io.
 *
 *  @param mapping the handle
 *  @param offset where to start in the mapping, in bytes
 *  @param length how many bytes; -1 for all to the end
 *  @return 1
 *  @see sync_file_range(2)
 */
STDBIND_API int64_t stdbind_mmap_flush_async(stdbind_mmap mapping, int64_t offset, int64_t length);

/** Whether the file of a mapping opened with WATCH was truncated, replaced or changed by others. It stays so.
 *
 *  Errors: closed, unsupported (opened without WATCH), io.
 *
 *  @param mapping the handle
 *  @return 1 or 0
 *  @see inotify(7)
 */
STDBIND_API int64_t stdbind_mmap_is_stale(stdbind_mmap mapping);

/** Sets how many bytes a mapping may have, for the whole process and for mappings opened from now on. A
 *  longer one that is to be read only is not mapped: its reads take the bytes from the file by position.
 *  At the start it is 1 GiB on 32-bit systems and endless on others.
 *
 *  @param bytes the limit; 0 for all mappings; -1 for none
 *  @return the limit before; 2^60 - 1 for none
 */
STDBIND_API int64_t stdbind_set_positioned_limit(int64_t bytes);

/** Reads a range of a regular file past the cache of the system.
 *
 *  Errors: not_found, permission_denied, wrong_file_type, out_of_bounds, too_many_open, unsupported (the file
 *  system cannot do it), io.
 *
 *  @param path the path
 *  @param path_length its length in bytes, or -1
 *  @param offset where to start in the file, in bytes: a multiple of 4096
 *  @param buffer receives the bytes; its address is a multiple of 4096
 *  @param length how many bytes: a multiple of 4096
 *  @return how many bytes were read: fewer at the end of the file, 0 behind it
 *  @see open(2), O_DIRECT
 */
STDBIND_API int64_t stdbind_read_direct(const char *path, int64_t path_length, int64_t offset, void *buffer,
                                        int64_t length);

/** Starts bringing a range into memory on a worker thread. What is loaded can be read while the rest is
 *  loading. Until it ended, the mapping is pinned as by a view.
 *
 *  Errors: closed, permission_denied (no read access), out_of_bounds, unsupported (not mapped), no_memory, limit.
 *  Allocates: a thread and one handle, owned by the caller until stdbind_prefault_close.
 *
 *  @param mapping the handle
 *  @param offset where to start in the mapping, in bytes
 *  @param length how many bytes; -1 for all to the end
 *  @param deadline_ms after how many milliseconds it gives up; -1 for never
 *  @return a handle of the prefault
 *  @see madvise(2), MADV_POPULATE_READ
 */
STDBIND_API int64_t stdbind_prefault_start(stdbind_mmap mapping, int64_t offset, int64_t length,
                                           int64_t deadline_ms);

/** How many bytes from the start of the range are in memory by now.
 *
 *  Errors: closed.
 *
 *  @param prefault the handle
 *  @return bytes, at most stdbind_prefault_total
 */
STDBIND_API int64_t stdbind_prefault_done(stdbind_prefault prefault);

/** How many bytes the range has.
 *
 *  Errors: closed.
 *
 *  @param prefault the handle
 *  @return bytes
 */
STDBIND_API int64_t stdbind_prefault_total(stdbind_prefault prefault);

/** Waits until it ended, and tells how.
 *
 *  Errors: closed, timeout (it still runs, or its deadline passed: the message tells which), cancelled, fault.
 *
 *  @param prefault the handle
 *  @param timeout_ms how many milliseconds to wait; 0 only asks, -1 waits for ever
 *  @return 1 if the whole range is in memory
 */
STDBIND_API int64_t stdbind_prefault_wait(stdbind_prefault prefault, int64_t timeout_ms);

/** Asks it to stop, and does not wait. Nothing happens if it ended already.
 *
 *  Errors: closed.
 *
 *  @param prefault the handle
 *  @return 1
 */
STDBIND_API int64_t stdbind_prefault_cancel(stdbind_prefault prefault);

/** Cancels it, waits for its thread to end, and gives the handle up.
 *
 *  Errors: closed.
 *
 *  @param prefault the handle
 *  @return 1
 */
STDBIND_API int64_t stdbind_prefault_close(stdbind_prefault prefault);

#ifdef __cplusplus
}
#endif

#endif
