// What the ways of reading share: opening what has an end, and reading up to it.
#ifndef STDBIND_READING_HPP
#define STDBIND_READING_HPP

#include <string_view>

#include "buffers.hpp"
#include "opening.hpp"

namespace stdbind::detail {

/// Opens a file by its path; it is the caller's to be closed. *errors*: as read_file.
Result<platform::File> open_for_reading(std::string_view function, std::string_view path) noexcept;
/// What is open, if it can be read to an end. *errors*: wrong_file_type, and those of the system.
Result<platform::FileInfo> examine(std::string_view function, std::string_view path, platform::File file) noexcept;
/// Reads to the end, into `bytes` if they have room for the size. *errors*: as read_file.
Result<Bytes> read_to_end(std::string_view function, std::string_view path, platform::File file,
                          const platform::FileInfo& info, Bytes bytes = {}) noexcept;

}  // namespace stdbind::detail

#endif
