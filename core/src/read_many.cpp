// Reading many files: a window of them is open, and the system reads ahead in all of it while the first one is read.
#include <algorithm>
#include <array>
#include <stdbind/reader.hpp>

#include "checks.hpp"
#include "reading.hpp"

namespace stdbind {

namespace {

constexpr std::string_view function = "read_many";
constexpr std::size_t window = 64;
/// More than this of one file is not asked for ahead: the window must not push itself out of memory.
constexpr std::int64_t most_ahead = 2 << 20;

/// A file of the window.
struct Ahead {
  platform::File file = platform::no_file;
  platform::FileInfo info{};
};

/// Opens a file and has the system begin to read it.
Result<Ahead> open_ahead(std::string_view path) noexcept {
  const auto file = detail::open_for_reading(function, path);
  if (!file) return std::unexpected(file.error());
  const auto info = detail::examine(function, path, *file);
  if (!info) {
    platform::close_file(*file);
    return std::unexpected(info.error());
  }
  if (info->regular && info->size > 0) platform::read_ahead(*file, std::min(info->size, most_ahead));
  return Ahead{*file, *info};
}

}  // namespace

Result<std::int64_t> read_many(std::span<const std::string_view> paths, std::span<Result<Bytes>> results) noexcept {
  if (paths.size() != results.size()) {
    return detail::fail(ErrorKind::invalid_argument, {function, ": there are ", paths.size(), " paths and ",
                                                      results.size(), " results; give as many of both"});
  }
  std::array<Ahead, window> ahead;  // of path i at i % window; no_file once it has a result
  std::int64_t read = 0;
  std::size_t opened = 0;
  for (std::size_t at = 0; at < paths.size(); ++at) {
    while (opened < paths.size() && opened < at + window) {
      auto next = open_ahead(paths[opened]);
      // Short of descriptors: this one's turn comes again when others are closed.
      if (!next && next.error().kind == ErrorKind::too_many_open && opened > at) break;
      ahead[opened % window] = next ? *next : Ahead{};
      if (!next) results[opened] = std::unexpected(next.error());
      ++opened;
    }
    const Ahead& current = ahead[at % window];
    if (current.file == platform::no_file) continue;
    const detail::Source source(current.file, detail::Source::Owner::us);
    results[at] = detail::read_to_end(function, paths[at], current.file, current.info);
    if (results[at]) ++read;
  }
  return read;
}

}  // namespace stdbind
