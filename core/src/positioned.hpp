// Mappings that are none: where addresses are scarce, the bytes of a long file are read by position instead.
#ifndef STDBIND_POSITIONED_HPP
#define STDBIND_POSITIONED_HPP

#include <string_view>

#include "mapping.hpp"

namespace stdbind::detail {

/// Whether so many bytes of a file, to be used as the mode says, are read by position.
bool reads_by_position(Mode mode, std::uint64_t size) noexcept;

/// Reads a range that lies in the mapping: all of it. *errors*: fault, no_memory, io.
Result<void> read_positioned(std::string_view function, const Mapping& mapping, std::int64_t offset,
                             std::span<std::byte> buffer) noexcept;
/// Reads a range and forgets it. *errors*: as read_positioned.
Result<void> probe_positioned(std::string_view function, const Mapping& mapping, std::int64_t offset,
                              std::uint64_t size) noexcept;

}  // namespace stdbind::detail

#endif
