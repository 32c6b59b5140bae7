// The checks of ranges, and the errors that more than one operation reports.
#include "checks.hpp"

namespace stdbind::detail {

std::unexpected<Error> fail(ErrorKind kind, Pieces pieces) noexcept { return std::unexpected(failure(kind, pieces)); }

std::unexpected<Error> fail_system(std::int32_t os, Pieces pieces) noexcept {
  return std::unexpected(system_failure(os, pieces));
}

std::unexpected<Error> closed(std::string_view function) noexcept {
  return fail(ErrorKind::closed, {function, ": the mapping is closed"});
}

std::unexpected<Error> outside(std::string_view function, const Mapping& mapping, std::int64_t offset,
                               std::int64_t length) noexcept {
  return fail(ErrorKind::out_of_bounds, {function, ": offset ", offset, " and length ", length,
                                         " do not lie within the mapping of ", mapping.size, " bytes"});
}

std::unexpected<Error> not_readable(std::string_view function, const Mapping& mapping) noexcept {
  return fail(ErrorKind::permission_denied, {function, ": the mode ", mapping.mode,
                                             " does not allow reading; open the mapping with READ added to it"});
}

std::unexpected<Error> not_writable(std::string_view function, const Mapping& mapping) noexcept {
  return fail(ErrorKind::not_writable, {function, ": the mode ", mapping.mode,
                                        " does not allow writing; open the mapping with WRITE added to it"});
}

std::unexpected<Error> faulted(std::string_view function, std::int64_t offset, std::uint64_t length) noexcept {
  return fail(ErrorKind::fault,
              {function, ": a page between offset ", offset, " and ", offset + static_cast<std::int64_t>(length),
               " is gone: the file became shorter, or its disk failed"});
}

std::unexpected<Error> not_mapped(std::string_view function) noexcept {
  return fail(ErrorKind::unsupported,
              {function,
               ": the file is longer than the limit for mappings and is read by position; use read_at, map a "
               "smaller range, or raise the limit"});
}

Result<Range> range_of(std::string_view function, const Mapping& mapping, std::int64_t offset,
                       std::int64_t length) noexcept {
  if (length < to_end) {
    return fail(ErrorKind::invalid_argument,
                {function, ": the length ", length, " is negative; -1 means all to the end"});
  }
  if (!fits(mapping, offset, length == to_end ? 0 : static_cast<std::uint64_t>(length))) {
    return outside(function, mapping, offset, length);
  }
  return Range{offset, length == to_end ? mapping.size - static_cast<std::uint64_t>(offset)
                                        : static_cast<std::uint64_t>(length)};
}

std::unexpected<Error> pinned(std::string_view function, std::uint32_t pins) noexcept {
  const std::uint32_t prefaults = (pins & Mapping::prefaults) / Mapping::prefault;
  if (prefaults == 0) {
    return fail(ErrorKind::busy,
                {function, ": ", pins & Mapping::views, " views of the mapping are pinned; end them first"});
  }
  return fail(ErrorKind::busy, {function, ": ", pins & Mapping::views, " views of the mapping are pinned and ",
                                prefaults, " prefaults run; end them first"});
}

Result<void> check_unused(std::string_view function, const Mapping& mapping) noexcept {
  const std::uint32_t pins = mapping.pins.load(std::memory_order_acquire);
  if ((pins & Mapping::sealed) != 0) return closed(function);
  if ((pins & (Mapping::views | Mapping::prefaults)) != 0) return pinned(function, pins);
  return {};
}

Result<std::size_t> page_size_for(std::string_view function) noexcept {
  const auto page = platform::page_size();
  if (!page) return fail_system(page.error(), {function, ": the page size is not known"});
  return *page;
}

Result<Pages> pages_of(std::string_view function, const Mapping& mapping, Range range) noexcept {
  std::byte* const begin = mapping.data + range.offset;
  const auto size = static_cast<std::size_t>(range.size);
  if (mapping.huge_page != 0) {
    // Only whole huge pages can be named; base is one.
    const auto start = static_cast<std::size_t>(begin - mapping.base);
    const std::size_t before = start % mapping.huge_page;
    const std::size_t all = before + size;
    return Pages{begin - before, (all + mapping.huge_page - 1) / mapping.huge_page * mapping.huge_page};
  }
  const auto page = page_size_for(function);
  if (!page) return std::unexpected(page.error());
  const std::size_t before = reinterpret_cast<std::uintptr_t>(begin) % *page;
  return Pages{begin - before, before + size};
}

}  // namespace stdbind::detail
