/* libstdbind_rt: whole files as memory, for run-times of young languages that want a few small C functions and nothing
 * else. C11 and C++. It needs the C library only, and shares nothing with libstdbind.
 *
 * Its names are those that the run-time of Simple has, or had, and today's run-time of Simple has some of them with
 * OTHER signatures: there rt_file_mmap_read_bytes takes a length too and returns a handle of an array. So never link
 * this library into a program of Simple, and load it with dlopen(3) and RTLD_LOCAL (the default), never RTLD_GLOBAL:
 * then its names are seen by those only who look them up in its handle.
 *
 * Errors. What returns a pointer returns NULL, what returns a number returns -1, and errno tells why. On Windows
 * GetLastError tells the same, and errno is that of msvcrt.dll, with these values: ENOENT, EACCES, EISDIR, EMFILE,
 * ENOMEM, EBADF, EINVAL, ENODEV, EILSEQ (a path that is not UTF-8), EIO for all others. Nothing is printed, no signal
 * is raised, and nothing is left open by a call that fails.
 *
 * Threads. All functions may be called from any number of threads at once.
 *
 * Paths end with a NUL. On Windows they are UTF-8; elsewhere they are what open(2) takes.
 */
#ifndef STDBIND_RT_H
#define STDBIND_RT_H

#include <stdint.h>

#if defined(_WIN32) && defined(STDBIND_RT_BUILDING)
#define STDBIND_RT_API __declspec(dllexport)
#elif defined(_WIN32)
#define STDBIND_RT_API __declspec(dllimport)
#else
#define STDBIND_RT_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** Reads a file to its end and returns its bytes with a NUL behind them.
 *
 *  The bytes are those of the file, whatever they are: text is not checked and not changed. What is no valid UTF-8
 * comes as it is, and a NUL inside stays there, so that who looks for the end by the first NUL sees the text up to it
 * only. So did the function of this name that Simple's run-time had; whoever wants checked text checks it afterwards,
 * and whoever expects a NUL inside calls rt_file_mmap_read_text_sized.
 *
 *  What has no size before it is read (a pipe, a file of /proc) is read until it ends, and so is a file that grows
 *  meanwhile. A file that is made shorter meanwhile gives the bytes that it still has: it is read, never mapped, so
 * that no fault can end the process. A pipe with writers is waited for; one that nobody has open for writing is at its
 * end, and gives no bytes.
 *
 *  @param path the file; symbolic links are followed
 *  @return the bytes, which are the caller's: to be released with rt_free, or free(3) where the program and this
 * library share one C library (everywhere but on Windows). An empty file gives a string of length 0, not NULL.
 *
 *  errno: EINVAL (path is NULL), EISDIR, ENODEV (a device: it need not have an end), ENOENT, ENOTDIR, EACCES, ELOOP,
 *  ENAMETOOLONG, ENXIO (a socket), EMFILE, ENFILE, ENOMEM (more than memory is there for), EIO. See open(2), read(2).
 */
STDBIND_RT_API char* rt_file_mmap_read_text(const char* path);

/** As rt_file_mmap_read_text; it is the same but for the type. It does not tell how many bytes there are, and asking
 *  rt_file_size is a race with whoever writes to the file: use rt_file_mmap_read_bytes_sized. A NUL stands behind the
 *  bytes here too. */
STDBIND_RT_API uint8_t* rt_file_mmap_read_bytes(const char* path);

/** As rt_file_mmap_read_text, and tells how many bytes there are.
 *
 *  @param length receives the number of bytes, without the NUL behind them; -1 if it fails. May be NULL.
 */
STDBIND_RT_API char* rt_file_mmap_read_text_sized(const char* path, int64_t* length);

/** As rt_file_mmap_read_text_sized, but for the type. */
STDBIND_RT_API uint8_t* rt_file_mmap_read_bytes_sized(const char* path, int64_t* length);

/** Maps a regular file for reading, without a copy. Changes that others make to the file are seen or not: see mmap(2),
 *  MAP_PRIVATE. The descriptor is not kept.
 *
 *  Touching a page that the file no longer has raises SIGBUS, as with any mapping: map only what nobody makes shorter,
 *  and use the reading functions, or libstdbind, whose copies turn faults into errors, for the rest.
 *
 *  @return a handle of at least 1 that is never given again: to be released with rt_file_mmap_unmap
 *
 *  errno: as rt_file_mmap_read_text; also ENODEV for all that cannot be mapped (directories, pipes, files of /proc),
 * EMFILE when 65,536 mappings are open, EOVERFLOW (longer than there are addresses).
 */
STDBIND_RT_API int64_t rt_file_mmap_map(const char* path);

/** Where the bytes of a mapping begin. They may be read until rt_file_mmap_unmap, and not be written. An empty file has
 * an address too. errno: EBADF (no handle of an open mapping). */
STDBIND_RT_API const uint8_t* rt_file_mmap_address(int64_t handle);

/** How many bytes a mapping has: as many as the file had when it was mapped. errno: EBADF. */
STDBIND_RT_API int64_t rt_file_mmap_length(int64_t handle);

/** Ends a mapping. Nobody may use its bytes any more. errno: EBADF: the handle was released before, or is none; nothing
 * is touched then.
 *  @return 1 */
STDBIND_RT_API int64_t rt_file_mmap_unmap(int64_t handle);

/** How many bytes a file has, by stat(2): 0 for what has no size before it is read, such as pipes and files of /proc.
 *  errno: as rt_file_mmap_read_text. */
STDBIND_RT_API int64_t rt_file_size(const char* path);

/** Releases what a reading function returned; NULL is allowed. */
STDBIND_RT_API void rt_free(void* bytes);

#ifdef __cplusplus
}
#endif

#endif
