// What the core needs from an operating system: one file per system implements this, and the core has no #ifdef.
// Failures are the system's own numbers; the core turns them into errors with kind_of and text_of.
#ifndef STDBIND_PLATFORM_HPP
#define STDBIND_PLATFORM_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <limits>
#include <stdbind/mmap.hpp>
#include <string_view>

namespace stdbind::platform {

/// The system's number for a failure: errno on POSIX, of GetLastError on Windows.
template <class T>
using System = std::expected<T, std::int32_t>;

/// An open file of the system: a descriptor on POSIX, a handle on Windows.
using File = std::intptr_t;
inline constexpr File no_file = -1;

struct FileInfo {
  std::int64_t size;
  bool regular;  ///< anything else is not mapped, unless it is a device and the caller asks for it
  bool device;
  std::string_view type;  ///< what it is, for the message: "a directory", ...
  bool readable;          ///< how the file was opened
  bool writable;
  std::int64_t modified = 0;  ///< when its content was last changed: a number that then differs
  std::int64_t links = 0;     ///< how many names it has
  bool pipe = false;          ///< can be read to its end, with read_pipe
};

ErrorKind kind_of(std::int32_t os) noexcept;
/// The system's text for its number, in English; storage is used if the system has no text of its own.
std::string_view text_of(std::int32_t os, std::span<char> storage) noexcept;

System<std::size_t> page_size() noexcept;

/// Opens without waiting, whatever lies at path, and not to be inherited by programs started later.
System<File> open_file(const char* path, bool writable) noexcept;
void close_file(File file) noexcept;
/// The file behind a descriptor of the C run-time; it stays the caller's.
System<File> file_of_descriptor(int descriptor) noexcept;
System<FileInfo> file_info(File file) noexcept;
/// The same open file again, not to be inherited by programs started later.
System<File> duplicate(File file) noexcept;
/// As duplicate, as a descriptor of the C run-time.
System<int> new_descriptor(File file) noexcept;

/// A new file, open for reading and writing; it is an error if there is one.
System<File> create_file(const char* path) noexcept;
System<void> remove_file(const char* path) noexcept;
/// Gives the bytes from begin to end room on the disk; the file becomes as long as end, if it is shorter.
System<void> allocate(File file, std::int64_t begin, std::int64_t end) noexcept;
/// Makes a file longer or shorter.
System<void> set_size(File file, std::int64_t size) noexcept;
/// Opens for reading past the cache of the system.
System<File> open_direct(const char* path) noexcept;
/// Reads at a place; 0 at the end of the file. May read less than the buffer holds.
System<std::size_t> read_position(File file, std::int64_t offset, std::span<std::byte> buffer) noexcept;
/// Reads from a pipe; waits until there is something, or no writer, which is 0.
System<std::size_t> read_pipe(File file, std::span<std::byte> buffer) noexcept;
/// Says that the content of pages is of no use any more, so that the system may take them when it is short of memory; they
/// stay mapped, and hold what is written to them afterwards: a hint.
void offer(std::byte* address, std::size_t length) noexcept;
/// Says that so many bytes from the start of an open file will be read soon: a hint.
void read_ahead(File file, std::int64_t length) noexcept;
/// Writes at a place; may write less than there is, but at least one byte. A write that would cross the limit on file
/// sizes fails before it begins.
System<std::size_t> write_position(File file, std::int64_t offset, std::span<const std::byte> data) noexcept;
/// Waits until what was written to an open file is on the disk.
System<void> sync_data(File file) noexcept;
/// Opens a file beneath a directory, following no symbolic link below it. The path has neither empty components nor
/// "..", and does not begin with a slash. `refused` becomes the component that is a symbolic link, if that is why.
System<File> open_beneath(const char* root, const char* path, bool writable, std::string_view& refused) noexcept;
/// Says that an open file will be used in no order: a hint.
void advise_random(File file) noexcept;

/// Shared memory by its name, which has no slash, to be of a size once allocate has given it its room. Removing takes
/// the name away; the memory goes with its last mapping.
System<File> create_shared(const char* name, std::int64_t size) noexcept;
System<File> open_shared(const char* name, bool writable) noexcept;
System<void> remove_shared(const char* name) noexcept;
/// Shared memory without a name, and the seal that lets nobody change its size any more.
System<File> create_memory() noexcept;
System<void> seal_size(File file) noexcept;

/// The pages of a mapping, and the file if the system needs it for flushing: it belongs to the mapping.
struct Mapped {
  std::byte* address = nullptr;
  File kept = no_file;
};
/// Maps whole pages; the offset is a multiple of the page size. A shared mapping of no_file is shared with children.
System<Mapped> map(std::uintptr_t hint, std::size_t length, Mode mode, File file, std::int64_t offset) noexcept;
/// Anonymous memory at a multiple of `huge`, of whole huge pages: from the system's pool, or as it can find them.
System<Mapped> map_huge(std::size_t length, std::size_t huge, bool pool, Mode mode) noexcept;
/// What a mapping is made of, for remap.
struct Behind {
  Mode mode;
  File file;            ///< no_file for private anonymous memory
  std::int64_t offset;  ///< of the first page in the file
};
/// Makes a mapping of whole pages longer or shorter, at another place if need be. On a failure it is as before.
System<Mapped> remap(Mapped mapped, std::size_t from, std::size_t to, Behind behind) noexcept;
System<void> unmap(Mapped mapped, std::size_t length) noexcept;
/// Whether a file can be made shorter while its pages are mapped.
extern const bool cuts_mapped_files;
/// The following take whole pages of one mapping.
System<void> flush(File kept, std::byte* address, std::size_t length) noexcept;
/// Begins to write pages to their file, which lie at an offset in it, and does not wait.
System<void> begin_flush(File file, std::int64_t offset, std::byte* address, std::size_t length) noexcept;
System<void> advise(std::byte* address, std::size_t length, Advice advice) noexcept;
System<void> protect(std::byte* address, std::size_t length, Mode mode) noexcept;
System<void> lock(std::byte* address, std::size_t length) noexcept;
System<void> unlock(std::byte* address, std::size_t length) noexcept;
/// One byte for each page, whose lowest bit says whether the page is in memory.
System<void> residency(std::byte* address, std::size_t length, std::span<unsigned char> pages) noexcept;

/// Where a fault is expected and becomes an error: the pages of the mapping that is copied from or to.
struct Guarded {
  const std::byte* begin;
  std::size_t length;
};
/// Makes guarded accesses possible; to be called before the first of them.
System<void> install_guard() noexcept;
/// Copies size bytes; false if a page of the guarded range could not be read or written.
bool guarded_copy(Guarded range, void* to, const void* from, std::size_t size) noexcept;
/// Brings the pages from begin to end into memory by reading; false if one of them cannot be read.
bool populate(Guarded range, const std::byte* begin, const std::byte* end, std::size_t page) noexcept;
/// As populate, of private memory that can be written: where that is a difference, its pages are ready to be written.
bool populate_private(Guarded range, std::byte* begin, std::byte* end, std::size_t page) noexcept;
/// Brings new, writable anonymous memory into being, ready to be written.
System<void> populate_new(std::byte* address, std::size_t length, std::size_t page) noexcept;

/// Starts to note what happens to an open file, until close_file; no_file if the system can only be asked with
/// file_info.
System<File> start_watch(File file) noexcept;
/// Whether start_watch has failed for want of watches, and not of descriptors.
bool is_limit_on_watches(std::int32_t os, File file) noexcept;
/// What happened to a watched file.
struct Changes {
  bool content = false;     ///< it was written to, or its size was changed
  bool moved = false;       ///< it has another name, or none
  bool attributes = false;  ///< what file_info tells may have changed
};
/// What happened since this was last asked. Never waits.
System<Changes> take_changes(File watch) noexcept;

/// A lock, and a place to wait for what it guards to change. Neither is ever held while the system is asked to wait
/// for something else.
class Monitor {
 public:
  Monitor() noexcept;
  ~Monitor();
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;
  void lock() noexcept;
  void unlock() noexcept;
  /// Lets the lock go, waits for notify_all or for the time (of milliseconds(); never: for ever), and takes the lock
  /// again. May return early. False once the time has come.
  bool wait_until(std::int64_t time) noexcept;
  void notify_all() noexcept;
  /// As notify_all, but one of those who wait is enough.
  void notify_one() noexcept;

 private:
  alignas(16) std::array<std::byte, 128> storage_;
};
inline constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

/// Holds a monitor's lock as long as it lives.
class Locked {
 public:
  explicit Locked(Monitor& monitor) noexcept : monitor_(monitor) { monitor_.lock(); }
  ~Locked() { monitor_.unlock(); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  Monitor& monitor_;
};

/// A clock that never goes back, and does not follow the calendar.
std::int64_t milliseconds() noexcept;
/// The time of that clock in so many milliseconds.
inline std::int64_t time_after(std::int64_t wait) noexcept {
  const std::int64_t now = milliseconds();
  return wait > never - now ? never : now + wait;
}
/// How many processors there are for this process; 1 if the system does not tell.
std::int64_t processors() noexcept;
/// What tells a process from a copy of itself.
std::int64_t process() noexcept;

/// What a thread does: run(*this), which lives until the thread was joined.
struct Task {
  void (*run)(Task& task) noexcept;
};
using Thread = std::uintptr_t;
/// The thread takes no signals but those of its own faults.
System<Thread> start_thread(Task& task) noexcept;
void join_thread(Thread thread) noexcept;
/// Lets a thread end by itself, instead of joining it; its task lives until run returns.
void detach_thread(Thread thread) noexcept;
/// Lets others run, for about a tenth of a millisecond: for a wait that is rare and short.
void sleep_briefly() noexcept;

/// A process that opens files for this one, one after the other.
struct LoaderProcess {
  std::int64_t process = 0;  ///< 0: there is none
  File channel = no_file;
  std::int64_t rights = 0;  ///< with which it was started
};
/// What a loader process has said.
struct LoaderAnswer {
  enum class What {
    none,     ///< nothing yet
    opened,   ///< the file is ours
    refused,  ///< the file cannot be opened, or its first byte not be read: os tells why
    ended     ///< nothing any more
  };
  What what;
  File file = no_file;
  std::int32_t os = 0;
};
/// The path of the program of loader processes, and a NUL.
System<void> loader_program(std::span<char> path) noexcept;
System<LoaderProcess> start_loader(const char* program) noexcept;
/// Asks for a file as open_file does, and does not wait. To be called by threads of start_thread only.
System<void> ask_loader(const LoaderProcess& loader, std::string_view path, bool writable) noexcept;
/// Waits for the answer, but no longer than that.
LoaderAnswer take_answer(const LoaderProcess& loader, std::int64_t wait_ms) noexcept;
/// Ends it, whatever it is at. False if the system keeps it for now: has_gone has to be asked later.
bool end_loader(LoaderProcess& loader) noexcept;
/// Whether nothing is left of a process that was ended.
bool has_gone(const LoaderProcess& loader) noexcept;
/// A number that is another one when this process may open other files than before.
std::int64_t rights() noexcept;

/// What tells a file from all others, whatever its path is.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t number = 0;
  bool operator==(const FileIdentity&) const = default;
};
System<FileIdentity> file_identity(const char* path) noexcept;

// For the systems' files, the same in all of them.
/// Maps once more, takes the bytes over where no file has them, and gives the old pages up.
System<Mapped> map_again(Mapped mapped, std::size_t from, std::size_t to, Behind behind) noexcept;
/// Writes a zero to each page of new memory, which brings it into being; false if there is none.
bool write_zeroes(std::byte* address, std::size_t length, std::size_t page) noexcept;

}  // namespace stdbind::platform

#endif
