// What every operation on a mapping checks before it reaches the system, and the errors that follow.
#ifndef STDBIND_CHECKS_HPP
#define STDBIND_CHECKS_HPP

#include <string_view>

#include "failure.hpp"
#include "mapping.hpp"

namespace stdbind::detail {

[[gnu::cold]] std::unexpected<Error> fail(ErrorKind kind, Pieces pieces) noexcept;
[[gnu::cold]] std::unexpected<Error> fail_system(std::int32_t os, Pieces pieces) noexcept;

[[gnu::cold]] std::unexpected<Error> closed(std::string_view function) noexcept;
[[gnu::cold]] std::unexpected<Error> outside(std::string_view function, const Mapping& mapping, std::int64_t offset,
                                             std::int64_t length) noexcept;
[[gnu::cold]] std::unexpected<Error> not_readable(std::string_view function, const Mapping& mapping) noexcept;
[[gnu::cold]] std::unexpected<Error> not_writable(std::string_view function, const Mapping& mapping) noexcept;
[[gnu::cold]] std::unexpected<Error> faulted(std::string_view function, std::int64_t offset,
                                             std::uint64_t length) noexcept;
[[gnu::cold]] std::unexpected<Error> not_mapped(std::string_view function) noexcept;

/// Whether a range lies within the mapping.
inline bool fits(const Mapping& mapping, std::int64_t offset, std::uint64_t length) noexcept {
  const auto start = static_cast<std::uint64_t>(offset);  // a negative offset becomes too big
  return start <= mapping.size && length <= mapping.size - start;
}

/// A range of a mapping that was checked.
struct Range {
  std::int64_t offset;
  std::uint64_t size;
};
/// Checks a range; a length of to_end becomes the rest. *errors*: invalid_argument, out_of_bounds.
Result<Range> range_of(std::string_view function, const Mapping& mapping, std::int64_t offset,
                       std::int64_t length) noexcept;

/// The error of what must not be done while the pages are pinned as this word says.
[[gnu::cold]] std::unexpected<Error> pinned(std::string_view function, std::uint32_t pins) noexcept;
/// Whether nobody holds the pages by a pin, so that they may change. *errors*: busy, closed (close has begun).
Result<void> check_unused(std::string_view function, const Mapping& mapping) noexcept;

/// The pages of a mapping around a range: whole ones, as the system wants them.
struct Pages {
  std::byte* begin;
  std::size_t length;
};
Result<Pages> pages_of(std::string_view function, const Mapping& mapping, Range range) noexcept;

/// *errors*: those of the system.
Result<std::size_t> page_size_for(std::string_view function) noexcept;

}  // namespace stdbind::detail

#endif
