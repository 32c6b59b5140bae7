// Memory-mapped files and anonymous memory: the C++ interface. Nothing throws; a page that cannot be read or
// written is an error of the copying calls, never the end of the process.
#ifndef STDBIND_MMAP_HPP
#define STDBIND_MMAP_HPP

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdbind/error.hpp>
#include <string_view>
#include <utility>

namespace stdbind {

/// How a mapping may be used: flags to be or-ed. The table of all combinations stands in abi.h.
enum class Mode : std::int64_t {
  none = 0,      ///< no access: reserves addresses only
  read = 1,      ///< pages can be read
  write = 2,     ///< pages can be read and written
  exec = 4,      ///< pages can be executed
  cow = 8,       ///< copy on write: changes are private
  allow_wx = 16  ///< asks for write and exec together by name
};

[[nodiscard]] constexpr Mode operator|(Mode a, Mode b) noexcept {
  return static_cast<Mode>(std::to_underlying(a) | std::to_underlying(b));
}
[[nodiscard]] constexpr Mode operator&(Mode a, Mode b) noexcept {
  return static_cast<Mode>(std::to_underlying(a) & std::to_underlying(b));
}
constexpr Mode& operator|=(Mode& a, Mode b) noexcept { return a = a | b; }
/// Whether all bits of flag are set in mode.
[[nodiscard]] constexpr bool has(Mode mode, Mode flag) noexcept { return (mode & flag) == flag; }

/// What else an opening shall do: flags to be or-ed.
enum class OpenOptions : std::int64_t {
  none = 0,
  grow = 1,          ///< keeps a descriptor, so that Mmap::resize can change file and mapping; not with Mode::cow
  update = 2,        ///< keeps a descriptor, through which Mmap::update writes durably
  watch = 4,         ///< truncation, replacement or change by others is noticed: Mmap::is_stale
  strict = 8,        ///< with watch: copying reads of a stale mapping fail with ErrorKind::stale
  populate = 16,     ///< all pages are brought into memory before the call returns
  any_file = 32,     ///< devices that can be mapped too, not only regular files
  random = 64,       ///< advises Advice::random before the first touch: small pages of the cache, little is written
  huge = 128,        ///< anonymous memory: aligned to 2 MiB, and the system may use huge pages for it
  hugetlb_2m = 256,  ///< anonymous memory: pages of 2 MiB from the system's pool
  hugetlb_1g = 512   ///< anonymous memory: pages of 1 GiB from the system's pool
};

[[nodiscard]] constexpr OpenOptions operator|(OpenOptions a, OpenOptions b) noexcept {
  return static_cast<OpenOptions>(std::to_underlying(a) | std::to_underlying(b));
}
[[nodiscard]] constexpr OpenOptions operator&(OpenOptions a, OpenOptions b) noexcept {
  return static_cast<OpenOptions>(std::to_underlying(a) & std::to_underlying(b));
}
constexpr OpenOptions& operator|=(OpenOptions& a, OpenOptions b) noexcept { return a = a | b; }
/// Whether all bits of flag are set in options.
[[nodiscard]] constexpr bool has(OpenOptions options, OpenOptions flag) noexcept { return (options & flag) == flag; }

/// How a range will be used: a hint to the system that never changes a byte.
enum class Advice : std::int64_t {
  normal = 0,      ///< no pattern is known
  sequential = 1,  ///< from the start to the end
  random = 2,      ///< in no order: turns reading ahead off
  will_need = 3,   ///< soon: starts reading ahead
  dont_need = 4    ///< not soon: pages may leave memory; refused where that would lose data
};

/// What an offset given to Mmap::seek counts from.
enum class Whence : std::int64_t { set = 0, current = 1, end = 2 };

/// As a length: all to the end of the file or mapping.
inline constexpr std::int64_t to_end = -1;

/// The size of a page in bytes: the unit in which the system maps, protects and flushes. See getpagesize(2).
///
/// *errors*: io. *allocates*: nothing. *threads*: any.
[[nodiscard]] Result<std::int64_t> page_size() noexcept;

/// As a limit of set_positioned_limit: no file is read by position.
inline constexpr std::int64_t never_positioned = (std::int64_t{1} << 60) - 1;

/// Sets how many bytes a mapping may have. A longer one that is to be read only is not mapped: its reads take the bytes
/// from the file by position, behind the same functions. It keeps a descriptor; Mmap::is_mapped tells. At the start the
/// limit is 1 GiB on 32-bit systems, where addresses are scarce, and never_positioned on others.
///
/// @param bytes the limit, for mappings opened from now on; 0 for all of them; -1 is the same as never_positioned
/// @return the limit before
///
/// *errors*: invalid_argument. *allocates*: nothing. *threads*: any; the limit is one for the process.
Result<std::int64_t> set_positioned_limit(std::int64_t bytes) noexcept;

/// Reads a range of a regular file past the cache of the system. See open(2), O_DIRECT.
///
/// @param path as for Mmap::open
/// @param offset where to start in the file, in bytes: a multiple of 4096
/// @param buffer receives the bytes; its address and its size are multiples of 4096
/// @return how many bytes were read: fewer than the buffer holds at the end of the file, 0 behind it
///
/// *errors*: invalid_argument, not_found, permission_denied, wrong_file_type, out_of_bounds (a negative offset),
/// too_many_open, unsupported (the file system cannot do it), io. *allocates*: nothing. *threads*: any.
Result<std::int64_t> read_direct(std::string_view path, std::int64_t offset, std::span<std::byte> buffer) noexcept;

namespace detail {
struct Mapping;
struct MmapAccess;
struct BytesAccess;
}  // namespace detail

/// Bytes in memory of its own. Move-only; never zeroed before they are filled. From 1 MiB on they lie in huge pages,
/// where the system has them, and a few such buffers are kept to be used again: see release_buffers in
/// stdbind/reader.hpp.
class Bytes {
 public:
  Bytes() noexcept = default;
  Bytes(Bytes&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        mapped_(std::exchange(other.mapped_, 0)) {}
  Bytes& operator=(Bytes&& other) noexcept {
    Bytes taken(std::move(other));  // what this held goes with it, at once
    std::swap(data_, taken.data_);
    std::swap(size_, taken.size_);
    std::swap(mapped_, taken.mapped_);
    return *this;
  }
  ~Bytes();

  /// Room for size bytes with any content. *errors*: no_memory. *allocates*: size bytes. *threads*: any.
  [[nodiscard]] static Result<Bytes> allocate(std::size_t size) noexcept;

  /// Forgets what lies behind the first size bytes. *errors*: none. *allocates*: nothing. *threads*: one at a time.
  void shrink(std::size_t size) noexcept { size_ = size < size_ ? size : size_; }

  /// The bytes; valid as long as this owns them. *errors*: none. *allocates*: nothing. *threads*: as a plain array.
  [[nodiscard]] std::byte* data() noexcept { return data_; }
  [[nodiscard]] const std::byte* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::span<std::byte> span() noexcept { return {data_, size_}; }
  [[nodiscard]] std::span<const std::byte> span() const noexcept { return {data_, size_}; }
  [[nodiscard]] std::string_view text() const noexcept { return {reinterpret_cast<const char*>(data_), size_}; }

 private:
  friend struct detail::BytesAccess;

  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t mapped_ = 0;  // 0: from malloc
};

/// A pinned view: direct access to a range of a mapping, without a copy. Move-only.
///
/// While it lives the mapping cannot be closed, and destroying the Mmap leaves the pages in place until the last
/// view is gone. Touching a page that the file no longer has ends the process, as with any raw mapping: see
/// Mmap::probe. Its bytes may be read or written only as the mode of the mapping allows.
class MmapView {
 public:
  MmapView(MmapView&& other) noexcept
      : mapping_(std::exchange(other.mapping_, nullptr)), bytes_(std::exchange(other.bytes_, {})) {}
  MmapView& operator=(MmapView&& other) noexcept {
    MmapView taken(std::move(other));
    std::swap(mapping_, taken.mapping_);
    std::swap(bytes_, taken.bytes_);
    return *this;
  }
  /// Releases the view. *errors*: none. *allocates*: nothing. *threads*: any.
  ~MmapView();

  /// The bytes. *errors*: none. *allocates*: nothing. *threads*: any; writers are ordered by the caller.
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }
  /// The bytes to be written to. *errors*: not_writable. *allocates*: nothing. *threads*: as bytes().
  [[nodiscard]] Result<std::span<std::byte>> writable_bytes() const noexcept;

 private:
  friend class Mmap;
  MmapView(detail::Mapping* mapping, std::span<std::byte> bytes) noexcept : mapping_(mapping), bytes_(bytes) {}

  detail::Mapping* mapping_;
  std::span<std::byte> bytes_;
};

class Prefault;

/// A mapping of a file or of anonymous memory, with a cursor. Move-only; the destructor unmaps.
///
/// Offsets and lengths are bytes. A negative offset is out_of_bounds; a negative length is invalid_argument, except
/// to_end where it is allowed. Every call on a closed or moved-from object answers closed.
///
/// *threads*: all member functions that are const, and read, write, seek, view, flush, flush_async, update, prefault,
/// advise, lock, unlock may run at the same time on one object; close, resize, protect, make_executable, move and
/// destruction may not run beside any other call (the handles of abi.h allow that too). Reads see what a concurrent
/// writer has stored so far; overlapping writers must be ordered by the caller. The cursor is one for all threads and
/// never torn, but two threads that read at the cursor at once may get the same bytes: use read_at.
class Mmap {
 public:
  /// A closed mapping.
  Mmap() noexcept = default;
  Mmap(Mmap&& other) noexcept : mapping_(std::exchange(other.mapping_, nullptr)) {}
  Mmap& operator=(Mmap&& other) noexcept {
    Mmap taken(std::move(other));
    std::swap(mapping_, taken.mapping_);
    return *this;
  }
  /// Unmaps; with pinned views, when the last of them is gone. What was written to a shared mapping reaches the file.
  ~Mmap();

  /// Maps a regular file by its path; the file is not kept open. See mmap(2).
  ///
  /// An offset equal to the size of the file gives a valid mapping of length 0 with to_end.
  /// @param path the path, in UTF-8; a NUL inside it is refused
  /// @param mode see the table in abi.h
  /// @param offset where the mapping starts in the file: any byte, not only whole pages
  /// @param length how many bytes; to_end for all to the end of the file
  /// @param address a hint where the page with the first byte should lie, rounded down to a page; 0 for anywhere
  /// @param options what else to do; grow, update and watch keep a descriptor
  ///
  /// *errors*: invalid_argument, not_found, permission_denied, wrong_file_type, out_of_bounds (the range does not lie
  /// in the file), no_memory, too_many_open, limit, busy, unsupported, io. *allocates*: one mapping and a small
  /// control block. *threads*: any.
  [[nodiscard]] static Result<Mmap> open(std::string_view path, Mode mode = Mode::read, std::int64_t offset = 0,
                                         std::int64_t length = to_end, std::int64_t address = 0,
                                         OpenOptions options = OpenOptions::none) noexcept;

  /// Maps a regular file by its descriptor, which stays the caller's and may be closed at once.
  ///
  /// *errors*: as open; permission_denied also if the descriptor was not opened for what the mode needs.
  /// *allocates*: as open. *threads*: any.
  [[nodiscard]] static Result<Mmap> from_fd(int fd, Mode mode = Mode::read, std::int64_t offset = 0,
                                            std::int64_t length = to_end, std::int64_t address = 0,
                                            OpenOptions options = OpenOptions::none) noexcept;

  /// Maps a regular file that lies below a directory, and nowhere else: no symbolic link is followed on the way from
  /// root, and no step leads upwards. Neither can be slipped in meanwhile. See openat2(2), RESOLVE_BENEATH; where the
  /// system has no such call, or forbids it, each component is opened on its own, relative to the one before.
  ///
  /// @param root a directory, in UTF-8; links on the way to it are followed: it is trusted
  /// @param path the way from root, in UTF-8, with '/' between its components; none of them is empty
  ///
  /// *errors*: as open; permission_denied also for a path that is absolute, a component "..", and a symbolic link: the
  /// message names it. *allocates*: as open. *threads*: any.
  [[nodiscard]] static Result<Mmap> open_beneath(std::string_view root, std::string_view path, Mode mode = Mode::read,
                                                 std::int64_t offset = 0, std::int64_t length = to_end,
                                                 OpenOptions options = OpenOptions::none) noexcept;

  /// Maps zeroed memory that no file backs. Without Mode::cow, child processes share it.
  ///
  /// @param length at least 1
  /// @param options grow (with Mode::cow), populate, random, and one of huge, hugetlb_2m and hugetlb_1g, which choose
  /// the address themselves
  ///
  /// *errors*: invalid_argument, no_memory (also: the pool of huge pages is empty), limit, unsupported. *allocates*: as
  /// open. *threads*: any.
  [[nodiscard]] static Result<Mmap> anonymous(std::int64_t length, Mode mode = Mode::write, std::int64_t address = 0,
                                              OpenOptions options = OpenOptions::none) noexcept;

  /// Makes a new file of zeroes and maps it. Its room on the disk is allocated first: writing it cannot fail for want
  /// of space later. If anything fails, the file is removed again. See posix_fallocate(3).
  ///
  /// @param path as for open; there must be no file yet
  /// @param mode as for open
  /// @param length how many bytes; 0 makes an empty file
  /// @param options as for open
  ///
  /// *errors*: as open; already_exists, no_space, limit (the file may not become so long). *allocates*: as open; the
  /// file, which is the caller's. *threads*: any.
  [[nodiscard]] static Result<Mmap> create(std::string_view path, Mode mode, std::int64_t length,
                                           OpenOptions options = OpenOptions::none) noexcept;

  /// Makes shared memory of zeroes that other processes of the same user find by its name, and maps it. The memory is
  /// allocated first. It stays until unlink_named, also without mappings. See shm_open(3).
  ///
  /// @param name 1 to 249 bytes without '/' and NUL; one leading '/' is allowed, and means nothing
  /// @param length at least 1
  ///
  /// *errors*: invalid_argument, already_exists, permission_denied, no_space, no_memory, too_many_open, limit,
  /// unsupported, io. *allocates*: as open; the memory, which is the caller's to unlink. *threads*: any.
  [[nodiscard]] static Result<Mmap> create_named(std::string_view name, Mode mode, std::int64_t length) noexcept;

  /// Maps shared memory by its name.
  ///
  /// *errors*: invalid_argument, not_found, permission_denied, out_of_bounds, no_memory, too_many_open, limit,
  /// unsupported, io. *allocates*: as open. *threads*: any.
  [[nodiscard]] static Result<Mmap> open_named(std::string_view name, Mode mode = Mode::read, std::int64_t offset = 0,
                                               std::int64_t length = to_end) noexcept;

  /// Gives a name up. The memory goes with its last mapping. See shm_unlink(3).
  ///
  /// *errors*: invalid_argument, not_found, permission_denied, unsupported, io. *allocates*: nothing. *threads*: any.
  static Result<void> unlink_named(std::string_view name) noexcept;

  /// Maps new shared memory without a name, sealed so that nobody can make it shorter or longer: whoever maps it by its
  /// descriptor need not fear a fault. See memfd_create(2), F_ADD_SEALS.
  ///
  /// @param length at least 1
  ///
  /// *errors*: invalid_argument, no_memory, no_space, too_many_open, limit, unsupported. *allocates*: as open; a
  /// descriptor. *threads*: any.
  [[nodiscard]] static Result<Mmap> open_sealed(std::int64_t length, Mode mode = Mode::write) noexcept;

  /// A new descriptor of what is mapped, to be handed over to another process, or to from_fd. It is the caller's, and
  /// is closed in programs that this process starts.
  ///
  /// *errors*: closed, unsupported (no descriptor is kept: open with grow, update or watch, or as sealed),
  /// too_many_open. *allocates*: the descriptor. *threads*: see the class.
  [[nodiscard]] Result<int> descriptor() const noexcept;

  /// Unmaps. If the system refuses to, the mapping stays open and close may be called again.
  ///
  /// *errors*: closed, busy (a view is pinned or a prefault runs: the mapping stays open), no_memory, io. *allocates*:
  /// nothing.
  /// *threads*: not beside any other call on this object.
  Result<void> close() noexcept;

  /// Whether it is closed. *errors*: none. *allocates*: nothing. *threads*: see the class.
  [[nodiscard]] bool is_closed() const noexcept { return mapping_ == nullptr; }

  /// How many bytes are mapped. *errors*: closed. *allocates*: nothing. *threads*: see the class.
  [[nodiscard]] Result<std::int64_t> length() const noexcept;

  /// The mode it was opened with, or that protect has given it since. *errors*: closed. *allocates*: nothing.
  /// *threads*: see the class.
  [[nodiscard]] Result<Mode> mode() const noexcept;

  /// Copies bytes out: the whole buffer is filled, or it is an error.
  ///
  /// *errors*: closed, permission_denied (no read access), out_of_bounds, fault, stale (with OpenOptions::strict).
  /// *allocates*: nothing. *threads*: any number may read at once.
  Result<void> read_at(std::int64_t offset, std::span<std::byte> buffer) const noexcept;

  /// Copies bytes in: all of them, or it is an error.
  ///
  /// *errors*: closed, not_writable, out_of_bounds (nothing is written), fault (pages before the failing one may have
  /// been written). *allocates*: nothing. *threads*: see the class.
  Result<void> write_at(std::int64_t offset, std::span<const std::byte> data) noexcept;

  /// Copies bytes out from the cursor on and moves the cursor behind them.
  ///
  /// @return how many bytes were read: fewer than the buffer holds at the end, 0 there
  ///
  /// *errors*: closed, permission_denied (no read access), fault and stale, as read_at (the cursor stays). *allocates*:
  /// nothing. *threads*: see the class.
  Result<std::int64_t> read(std::span<std::byte> buffer) noexcept;

  /// As read, into a buffer of its own.
  ///
  /// @param count the most bytes to read; to_end for the rest
  ///
  /// *errors*: as read; no_memory. *allocates*: the bytes returned. *threads*: see the class.
  Result<Bytes> read_bytes(std::int64_t count = to_end) noexcept;

  /// Copies bytes in at the cursor and moves the cursor behind them: all of them, or it is an error.
  ///
  /// *errors*: closed, not_writable, out_of_bounds (not all fits: nothing is written), fault (the cursor stays).
  /// *allocates*: nothing. *threads*: see the class.
  Result<void> write(std::span<const std::byte> data) noexcept;
  /// As write, of text.
  Result<void> write(std::string_view text) noexcept { return write(std::as_bytes(std::span(text))); }

  /// Moves the cursor, to anywhere from 0 to the length.
  ///
  /// @return the new place
  ///
  /// *errors*: closed, out_of_bounds (the cursor stays), invalid_argument (unknown whence). *allocates*: nothing.
  /// *threads*: see the class.
  Result<std::int64_t> seek(std::int64_t offset, Whence whence = Whence::set) noexcept;

  /// Where the cursor is. *errors*: closed. *allocates*: nothing. *threads*: see the class.
  [[nodiscard]] Result<std::int64_t> tell() const noexcept;

  /// Pins a range for access without a copy.
  ///
  /// *errors*: closed, invalid_argument, out_of_bounds, limit (more than 1,048,575 views), unsupported (not mapped: see
  /// is_mapped). *allocates*: nothing.
  /// *threads*: see the class.
  [[nodiscard]] Result<MmapView> view(std::int64_t offset = 0, std::int64_t length = to_end) noexcept;

  /// As view, for bindings that cannot hold an object: to be paired with view_end.
  /// *errors*, *allocates*, *threads*: as view.
  [[nodiscard]] Result<std::span<std::byte>> view_begin(std::int64_t offset, std::int64_t length) noexcept;

  /// Releases one view of view_begin.
  ///
  /// @return how many views are still pinned
  ///
  /// *errors*: closed, invalid_argument (no view is pinned). *allocates*: nothing. *threads*: see the class.
  Result<std::int64_t> view_end() noexcept;

  /// Checks that a range can be read now, and brings it into memory. See madvise(2), MADV_POPULATE_READ.
  ///
  /// *errors*: closed, invalid_argument, permission_denied (no read access), out_of_bounds, fault, stale (with
  /// OpenOptions::strict). *allocates*: nothing. *threads*: see the class.
  Result<void> probe(std::int64_t offset = 0, std::int64_t length = to_end) const noexcept;

  /// Writes what was changed in a shared mapping to the file, and waits until it is there. See msync(2).
  /// Nothing is to be done for a private, anonymous or read-only mapping.
  ///
  /// *errors*: closed, invalid_argument, out_of_bounds, no_space, io. *allocates*: nothing. *threads*: see the class.
  Result<void> flush(std::int64_t offset = 0, std::int64_t length = to_end) noexcept;

  /// Begins to write what was changed in a shared mapping to the file, and does not wait for it: only flush tells that
  /// it has arrived. What is changed while its page is being written already is left to the system, or to flush. See
  /// sync_file_range(2), SYNC_FILE_RANGE_WRITE.
  /// Nothing is to be done for a private, anonymous or read-only mapping.
  ///
  /// *errors*: closed, invalid_argument, out_of_bounds, unsupported (no descriptor is kept: open with grow, update or
  /// watch), no_space, io. *allocates*: nothing. *threads*: see the class.
  Result<void> flush_async(std::int64_t offset = 0, std::int64_t length = to_end) noexcept;

  /// Writes bytes to the file durably: when it returns they are on the disk, and they are seen through the mapping.
  /// For small, scattered changes it writes far less than a store and flush, which write whole pages of the cache. The
  /// file never becomes longer. See pwrite(2), fdatasync(2).
  ///
  /// *errors*: closed, unsupported (anonymous; or opened without OpenOptions::update), not_writable (read-only, or
  /// private: with Mode::cow), out_of_bounds (nothing is written), fault (the file became shorter), limit (the process
  /// may not write so far into a file), no_space, io. After the last two a part may have been written. *allocates*:
  /// room on the disk if the file is sparse. *threads*: see the class.
  Result<void> update(std::int64_t offset, std::span<const std::byte> data) noexcept;

  /// Whether others have changed the file since it was opened with OpenOptions::watch: written to it, made it shorter
  /// or longer, removed, renamed or replaced it. What this object does (writing, update, resize) does not count. Once
  /// stale it stays so. See inotify(7).
  ///
  /// What others store through mappings of their own is not noticed, or late; nor is what other machines do to a file
  /// on a network file system, and what others do just while update or resize runs, unless the size tells. Changing the
  /// times of the file of a mapping that cannot be written counts as a change. After fork(2) only one of the processes
  /// may ask: they share what is told.
  ///
  /// *errors*: closed, unsupported (opened without watch), io. *allocates*: nothing. *threads*: see the class.
  [[nodiscard]] Result<bool> is_stale() const noexcept;

  /// Begins to bring a range into memory, and does not wait for it: include stdbind/prefault.hpp to use the result.
  ///
  /// @param deadline_ms after how many milliseconds it shall stop; -1 for no deadline
  ///
  /// *errors*: closed, invalid_argument, permission_denied (no read access), out_of_bounds, stale (see
  /// OpenOptions::strict), unsupported (not mapped: see is_mapped), no_memory, limit (no thread can be started, or more
  /// than 1,023 run on this mapping). *allocates*: a small control block and a thread. *threads*: see the class.
  [[nodiscard]] Result<Prefault> prefault(std::int64_t offset = 0, std::int64_t length = to_end,
                                          std::int64_t deadline_ms = -1) noexcept;

  /// Tells the system how a range will be used; no byte changes. See madvise(2).
  ///
  /// *errors*: closed, out_of_bounds, invalid_argument (unknown advice; dont_need on a private or anonymous mapping,
  /// where the system would discard data), limit, io. *allocates*: nothing. *threads*: see the class.
  Result<void> advise(Advice advice, std::int64_t offset = 0, std::int64_t length = to_end) noexcept;

  /// Makes the mapping longer or shorter; what it begins with stays.
  ///
  /// A file opened with OpenOptions::grow to be written becomes longer with the mapping, its room on the disk allocated
  /// first; it becomes shorter if the mapping reached to its end. Opened to be read only, the file stays as it is, and
  /// the mapping follows it. Private anonymous memory can be resized without an option. New bytes are zero. The bytes
  /// may move to another address; locks and advice on them may be lost. If it fails, all is as before.
  ///
  /// @param length how many bytes; at least 1 for anonymous memory
  ///
  /// *errors*: closed, invalid_argument, busy (as close), unsupported (opened without grow; named, sealed,
  /// shared anonymous or hugetlb memory), out_of_bounds (read only, and the file is not that long), not_writable
  /// (anonymous memory protected from writing), no_space, no_memory, limit, io. *allocates*: address space and room on
  /// the disk. *threads*: not beside any other call on this object.
  Result<void> resize(std::int64_t length) noexcept;

  /// Changes what is allowed, for the whole mapping.
  ///
  /// @param mode bits of read, write and exec; cow may be set if the mapping was opened with it, and stays in any case.
  /// write and exec together are refused unless the mapping was opened with Mode::allow_wx
  ///
  /// *errors*: closed, invalid_argument, busy (as close), permission_denied (the file was not opened for it; or
  /// exec for pages that were writable once: see make_executable), unsupported (not mapped), no_memory, io.
  /// *allocates*: nothing. *threads*: not beside any other call on this object.
  Result<void> protect(Mode mode) noexcept;

  /// Makes what was written executable: takes write away, and allows read and exec. It is a call of its own so that no
  /// data becomes code by accident.
  ///
  /// *errors*: as protect. *allocates*: nothing. *threads*: not beside any other call on this object.
  Result<void> make_executable() noexcept;

  /// Keeps the pages of a range in memory until unlock. Locks are not counted, and reach to whole pages. If it fails,
  /// no page of the range is locked, also none that was before. See mlock(2).
  ///
  /// *errors*: closed, invalid_argument, permission_denied (no read access), out_of_bounds, fault, limit (more than the
  /// process may lock), unsupported (not mapped). *allocates*: nothing. *threads*: see the class.
  Result<void> lock(std::int64_t offset = 0, std::int64_t length = to_end) noexcept;

  /// Lets the pages of a range leave memory again, whether they were locked or not. See munlock(2).
  ///
  /// *errors*: closed, invalid_argument, out_of_bounds, limit, unsupported (not mapped). *allocates*: nothing.
  /// *threads*: see the class.
  Result<void> unlock(std::int64_t offset = 0, std::int64_t length = to_end) noexcept;

  /// How many bytes of a range are in memory now. Of a file that others own, the system may count all. See mincore(2).
  ///
  /// *errors*: closed, invalid_argument, out_of_bounds, unsupported (not mapped), io. *allocates*: nothing. *threads*:
  /// see the class.
  [[nodiscard]] Result<std::int64_t> resident(std::int64_t offset = 0, std::int64_t length = to_end) const noexcept;

  /// Whether the bytes lie in memory; if not, reads take them from the file by position, and views are unsupported: see
  /// set_positioned_limit. *errors*: closed. *allocates*: nothing. *threads*: see the class.
  [[nodiscard]] Result<bool> is_mapped() const noexcept;

 private:
  friend struct detail::MmapAccess;

  detail::Mapping* mapping_ = nullptr;
};

}  // namespace stdbind

#endif
