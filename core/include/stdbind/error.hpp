// The errors of stdbind: one closed list of kinds, the same in every language, and a text of bounded size.
// An Error is a plain value: making, copying and dropping one never allocates and never fails.
#ifndef STDBIND_ERROR_HPP
#define STDBIND_ERROR_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>

namespace stdbind {

/// What went wrong. The values are those of stdbind_error_kind in abi.h.
enum class ErrorKind : std::int32_t {
  invalid_argument = 1,   ///< a value is outside its range; the message names it
  not_found = 2,          ///< no such file or directory
  permission_denied = 3,  ///< the file or the mapping does not allow this access
  already_exists = 4,     ///< the name is taken
  wrong_file_type = 5,    ///< a directory, device, pipe or socket cannot be mapped
  out_of_bounds = 6,      ///< the range does not lie within the file or the mapping
  closed = 7,             ///< the mapping was closed before
  not_writable = 8,       ///< the mapping was opened without write
  unsupported = 9,        ///< this platform cannot do it
  no_space = 10,          ///< the disk or the quota is full
  no_memory = 11,         ///< no memory or address space is left
  too_many_open = 12,     ///< no file descriptor is left
  limit = 13,             ///< another limit of the system or of this library
  busy = 14,              ///< a view is pinned, or the file is in use
  fault = 15,             ///< a page could not be read or written: the file shrank or the disk failed
  stale = 16,             ///< the file changed behind the mapping
  not_utf8 = 17,          ///< the bytes are not valid UTF-8
  timeout = 18,           ///< the time was up first
  cancelled = 19,         ///< the work was cancelled
  loader_died = 20,       ///< the process that loaded the file ended
  io = 21                 ///< any other failure of the system; see Error::os
};

/// The name of a kind, such as "not_found"; empty for a value that is no kind.
///
/// *errors*: none. *allocates*: nothing. *threads*: any.
[[nodiscard]] std::string_view name_of(ErrorKind kind) noexcept;

/// A text of at most Message::capacity bytes. What does not fit is cut at a whole UTF-8 character.
///
/// *errors*: none. *allocates*: nothing. *threads*: as any plain value.
class Message {
 public:
  static constexpr std::size_t capacity = 246;

  /// Adds text at the end, as much as fits.
  void append(std::string_view text) noexcept;
  /// Adds a decimal number at the end.
  void append(std::int64_t number) noexcept;

  [[nodiscard]] std::string_view view() const noexcept { return {text_.data(), size_}; }
  operator std::string_view() const noexcept { return view(); }

 private:
  std::array<char, capacity> text_{};
  std::uint16_t size_ = 0;
};

/// One failure.
struct Error {
  ErrorKind kind;   ///< what went wrong
  std::int32_t os;  ///< the system's own number (errno on POSIX), or 0 if the system was not the cause
  Message message;  ///< which function, which value, what to do; in English
};

/// What a function returns that can fail.
template <class T>
using Result = std::expected<T, Error>;

}  // namespace stdbind

#endif
