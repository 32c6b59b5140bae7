// Reading whole files: into memory of one's own, into a caller's buffer, or as a view without a copy; the right way is
// chosen by measurement. Pipes, files of /proc and files that grow are read to their end.
#ifndef STDBIND_READER_HPP
#define STDBIND_READER_HPP

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdbind/error.hpp>
#include <stdbind/mmap.hpp>
#include <string_view>
#include <utility>

namespace stdbind {

/// How a file comes into memory.
enum class ReadStrategy : std::int64_t {
  automatic = 0,  ///< as is fastest for its size: see read_file and FileReader
  read = 1,       ///< it is read into memory of its own
  map = 2         ///< it is mapped; what has no size before it is read, such as a pipe, is read all the same
};

/// Reads a file to its end into memory of its own.
///
/// Files without a size (pipes, files of /proc) are read until they end, and so are files that grow meanwhile; one that
/// becomes shorter meanwhile gives what is left. A pipe with writers is waited for; one that nobody has open for
/// writing is at its end.
///
/// @param path as for Mmap::open
/// @param strategy automatic reads, at every size: mapping and copying is slower, since each page of the file is
/// entered into the process too (0.4 to 0.8 of the speed from 4 KiB to 16 MiB, at most 1.15 above). With map it is
/// mapped and copied, with faults as errors
///
/// *errors*: invalid_argument, not_found, permission_denied, wrong_file_type (a directory, device or socket),
/// no_memory, too_many_open, fault (with map: the file became shorter), io. *allocates*: the bytes returned; for files
/// without a size up to four times as much while it reads. *threads*: any.
[[nodiscard]] Result<Bytes> read_file(std::string_view path, ReadStrategy strategy = ReadStrategy::automatic) noexcept;

/// Reads a file into a buffer of the caller: the fastest way where the buffer is used again, since no page is new. It
/// reads devices too, as far as the buffer goes.
///
/// @param buffer what is read into; a file that is longer fills it, and the rest is left: who has to know gives room
/// for one byte more than is expected
/// @param offset where to start in the file, in bytes; pipes have 0 only
/// @return how many bytes were read: fewer than the buffer holds if the file ends before
///
/// *errors*: as read_file; out_of_bounds (a negative offset). *allocates*: nothing. *threads*: any.
Result<std::int64_t> read_into(std::string_view path, std::span<std::byte> buffer, std::int64_t offset = 0) noexcept;

/// As read_file, and checks that it is UTF-8; Bytes::text gives it as text. Nothing is changed: neither line ends nor a
/// byte order mark, and a NUL is a character.
///
/// *errors*: as read_file; not_utf8 (the message tells the first byte that is wrong). *allocates*, *threads*: as
/// read_file.
[[nodiscard]] Result<Bytes> read_text(std::string_view path, ReadStrategy strategy = ReadStrategy::automatic) noexcept;

/// Checks that bytes are UTF-8: whole characters, none longer than need be, no half of a surrogate pair. See RFC 3629.
///
/// *errors*: not_utf8 (the message tells the first byte that is wrong). *allocates*: nothing. *threads*: any.
Result<void> check_utf8(std::span<const std::byte> bytes) noexcept;

/// Reads many files, one after the other, while the system already brings the next ones into memory: 1.9 times as fast
/// as without if none of them is there yet, and as fast if all are.
///
/// A file that cannot be read is an error in its place, and the others are read all the same. At most 64 files are open
/// at once, and fewer where the process may not have so many descriptors.
///
/// @param paths as for Mmap::open
/// @param results receives for each path its bytes or its error; as many as there are paths
/// @return how many were read
///
/// *errors*: invalid_argument (paths and results are not as many). In results: as read_file. *allocates*: the bytes.
/// *threads*: any.
Result<std::int64_t> read_many(std::span<const std::string_view> paths, std::span<Result<Bytes>> results) noexcept;

/// Gives memory back that is kept to be used again: at most two buffers of 1 to 128 MiB that Bytes had. It need not be
/// called: all but 4 MiB of such a buffer is offered to the system, which takes it when it is short of memory. See
/// madvise(2), MADV_FREE.
///
/// @return how many bytes were given back
///
/// *errors*: none. *allocates*: nothing. *threads*: any.
std::int64_t release_buffers() noexcept;

/// A file for reading: its bytes in memory, read or mapped. Move-only; the destructor closes.
///
/// automatic reads up to 128 KiB, and up to 4 MiB if a buffer that was used before is at hand; what is longer is
/// mapped, without a copy. The figures: a view that is scanned once wins over a new buffer of any size from 4 KiB on,
/// and over a used one from 4 to 8 MiB on; up to 128 KiB both take the same few microseconds, and reading holds no
/// pages.
///
/// A mapped file must not be made shorter by others while bytes() are in use: touching a page that the file no longer
/// has ends the process, as with any mapping. Where that can happen, use ReadStrategy::read. text() is safe in any
/// case.
///
/// *threads*: const member functions may run at the same time on one object; close, move and destruction may not run
/// beside any other call.
class FileReader {
 public:
  /// A closed one.
  FileReader() noexcept = default;
  FileReader(FileReader&& other) noexcept
      : bytes_(std::move(other.bytes_)),
        mmap_(std::move(other.mmap_)),
        view_(std::exchange(other.view_, {})),
        strategy_(std::exchange(other.strategy_, ReadStrategy::automatic)) {}
  FileReader& operator=(FileReader&& other) noexcept {
    FileReader taken(std::move(other));
    std::swap(bytes_, taken.bytes_);
    std::swap(mmap_, taken.mmap_);
    std::swap(view_, taken.view_);
    std::swap(strategy_, taken.strategy_);
    return *this;
  }
  /// As close. *errors*: none. *allocates*: nothing. *threads*: see the class.
  ~FileReader();

  /// Opens a file and reads or maps it. No descriptor is kept.
  ///
  /// @param path as for Mmap::open
  /// @param strategy with map, a file that has a size must be one that can be mapped
  ///
  /// *errors*: as read_file; limit, unsupported (with map). *allocates*: the bytes, or one mapping and a small control
  /// block. *threads*: any.
  [[nodiscard]] static Result<FileReader> open(std::string_view path,
                                               ReadStrategy strategy = ReadStrategy::automatic) noexcept;

  /// How many bytes there are. *errors*: closed. *allocates*: nothing. *threads*: see the class.
  [[nodiscard]] Result<std::int64_t> size() const noexcept;

  /// All bytes, valid until it is closed. *errors*: closed. *allocates*: nothing. *threads*: see the class.
  [[nodiscard]] Result<std::span<const std::byte>> bytes() const noexcept;

  /// All bytes as text, after a check that they are UTF-8, each time. *errors*: closed, not_utf8 (the message tells the
  /// first byte that is wrong), fault (mapped: the file became shorter). *allocates*: nothing. *threads*: see the
  /// class.
  [[nodiscard]] Result<std::string_view> text() const noexcept;

  /// What was chosen: read or map. *errors*: closed. *allocates*: nothing. *threads*: see the class.
  [[nodiscard]] Result<ReadStrategy> strategy() const noexcept;

  /// Whether it is closed. *errors*: none. *allocates*: nothing. *threads*: see the class.
  [[nodiscard]] bool is_closed() const noexcept { return strategy_ == ReadStrategy::automatic; }

  /// Gives the bytes up. *errors*: closed; those of munmap(2), and then it is still open. *allocates*: nothing.
  /// *threads*: see the class.
  Result<void> close() noexcept;

 private:
  Bytes bytes_;
  Mmap mmap_;
  std::span<const std::byte> view_;
  ReadStrategy strategy_ = ReadStrategy::automatic;  // of an open one never
};

}  // namespace stdbind

#endif
