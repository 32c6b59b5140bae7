// What programs do without stdbind, written out: what the libraries are measured against.
#pragma once

#include <cstddef>
#include <cstdint>

namespace baselines {

/// Maps the file, allocates, copies, ends with a NUL and unmaps: the algorithm that rt_file_mmap_read_text of the
/// Simple run-time had.
char* map_and_copy(const char* path);

/// Asks for the size, allocates and reads all of it.
char* read_all(const char* path);

/// Reads the file into a buffer of its size.
std::int64_t pread_into(const char* path, char* buffer, std::size_t size);

}  // namespace baselines
