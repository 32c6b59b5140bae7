// Reading whole files. What is read goes by position or, of pipes, as it comes; no file is trusted to stay as long as
// it was said to be.
#include <stdbind/reader.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <optional>

#include "checks.hpp"
#include "reading.hpp"
#include "utf8.hpp"

namespace stdbind {

namespace {

using detail::fail;
using detail::fail_system;
using detail::MmapAccess;
using detail::Request;
using detail::Source;

constexpr std::size_t kibibyte = 1024;
constexpr std::size_t step = 1024 * kibibyte;
// Where the ways cross: see FileReader.
constexpr std::int64_t least_mapped = 128 * kibibyte + 1;
constexpr std::int64_t least_mapped_with_buffer = 4096 * kibibyte + 1;

Result<void> check_strategy(std::string_view function, ReadStrategy strategy) noexcept {
  if (strategy >= ReadStrategy::automatic && strategy <= ReadStrategy::map) return {};
  return fail(ErrorKind::invalid_argument,
              {function, ": ", std::to_underlying(strategy), " is no strategy; give automatic 0, read 1 or map 2"});
}

platform::System<std::size_t> read_some(platform::File file, bool pipe, std::int64_t offset,
                                        std::span<std::byte> buffer) noexcept {
  return pipe ? platform::read_pipe(file, buffer) : platform::read_position(file, offset, buffer);
}

std::unexpected<Error> not_utf8(std::string_view function, std::string_view path, std::uint64_t valid) noexcept {
  return fail(ErrorKind::not_utf8, {function, ": byte ", valid, " of ", Quoted{path}, " begins no valid UTF-8"});
}

std::unexpected<Error> closed(std::string_view function) noexcept {
  return fail(ErrorKind::closed, {function, ": the reader is closed"});
}

Result<Mmap> map_all(std::string_view function, std::string_view path, Source& source) noexcept {
  const Request request{
      .function = function, .path = path, .mode = Mode::read, .offset = 0, .length = to_end, .address = 0};
  return MmapAccess::adopt(detail::map_file(request, source));
}

/// How many bytes of a mapping are valid UTF-8, by copies: another process may make the file shorter meanwhile.
Result<std::uint64_t> valid_utf8(const Mmap& mmap, std::uint64_t size) noexcept {
  std::array<std::byte, 16 * kibibyte> buffer;  // NOLINT: filled below
  std::size_t carried = 0;                      // the beginning of a character whose rest comes with the next bytes
  for (std::uint64_t done = 0; done < size;) {
    const auto fresh = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size() - carried, size - done));
    const auto read = mmap.read_at(static_cast<std::int64_t>(done), std::span(buffer).subspan(carried, fresh));
    if (!read) return std::unexpected(read.error());
    done += fresh;
    const auto part = std::span<const std::byte>(buffer).first(carried + fresh);
    const std::size_t unfinished = done < size ? detail::unfinished_utf8(part) : 0;
    const std::size_t whole = part.size() - unfinished;
    const std::size_t valid = detail::valid_utf8(part.first(whole));
    if (valid != whole) return done - part.size() + valid;
    std::copy_n(buffer.begin() + static_cast<std::ptrdiff_t>(whole), unfinished, buffer.begin());
    carried = unfinished;
  }
  return size;
}

}  // namespace

namespace detail {

Result<platform::File> open_for_reading(std::string_view function, std::string_view path) noexcept {
  PathText text;  // NOLINT: filled below
  if (const auto done = copy_path(function, path, text); !done) return std::unexpected(done.error());
  const auto file = platform::open_file(text.data(), false);
  if (!file) return fail_system(file.error(), {function, ": cannot open ", Quoted{path}});
  return *file;
}

Result<platform::FileInfo> examine(std::string_view function, std::string_view path, platform::File file) noexcept {
  const auto info = platform::file_info(file);
  if (!info) return fail_system(info.error(), {function, ": cannot examine ", Quoted{path}});
  if (!info->regular && !info->pipe) {
    const std::string_view rule = info->device ? ", which need not have an end; copy it to a file first"
                                               : "; only regular files and pipes can be read";
    return fail(ErrorKind::wrong_file_type, {function, ": ", Quoted{path}, " is ", info->type, rule});
  }
  return *info;
}

Result<Bytes> read_to_end(std::string_view function, std::string_view path, platform::File file,
                          const platform::FileInfo& info, Bytes bytes) noexcept {
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::ptrdiff_t>::max()) - 1;
  const auto size = static_cast<std::uint64_t>(std::max<std::int64_t>(info.size, 0));
  if (size > most) {
    return fail(ErrorKind::no_memory, {function, ": ", Quoted{path}, " has ", size,
                                       " bytes, more than this system can address; map or read a range of it"});
  }
  // Room for one more than there are, so that the read that ends there shows it.
  const auto expected = static_cast<std::size_t>(size);
  const std::size_t room = expected != 0 ? expected + 1 : 64 * kibibyte;
  if (bytes.size() < room) {
    auto made = Bytes::allocate(room);
    if (!made) {
      return fail(ErrorKind::no_memory, {function, ": no memory for the ", room, " bytes of ", Quoted{path}});
    }
    bytes = std::move(*made);
  }
  std::size_t done = 0;
  for (;;) {
    if (done == bytes.size()) {
      auto more = Bytes::allocate(2 * done);
      if (!more) return fail(ErrorKind::no_memory, {function, ": no memory for more than ", done, " bytes"});
      std::memcpy(more->data(), bytes.data(), done);
      bytes = std::move(*more);
    }
    // In steps: what the system has just zeroed is still in the processor's cache when it is filled.
    const std::size_t left = bytes.size() - done;
    const std::size_t asked = left > step + 1 ? step : left;
    const auto count = read_some(file, info.pipe, static_cast<std::int64_t>(done), bytes.span().subspan(done, asked));
    if (!count) return fail_system(count.error(), {function, ": cannot read ", Quoted{path}});
    done += *count;
    // The end: nothing came, or less than was asked for, just where the size said.
    if (*count == 0 || (*count < asked && done == expected)) break;
  }
  bytes.shrink(done);
  return bytes;
}

namespace {

Result<Bytes> read_whole(std::string_view function, std::string_view path, ReadStrategy strategy) noexcept {
  if (const auto checked = check_strategy(function, strategy); !checked) return std::unexpected(checked.error());
  const auto file = open_for_reading(function, path);
  if (!file) return std::unexpected(file.error());
  Source source(*file, Source::Owner::us);
  const auto info = examine(function, path, *file);
  if (!info) return std::unexpected(info.error());
  if (strategy != ReadStrategy::map || info->size == 0) return read_to_end(function, path, *file, *info);
  auto mmap = map_all(function, path, source);
  if (!mmap) return std::unexpected(mmap.error());
  return mmap->read_bytes();
}

}  // namespace

}  // namespace detail

Result<Bytes> read_file(std::string_view path, ReadStrategy strategy) noexcept {
  return detail::read_whole("read_file", path, strategy);
}

Result<Bytes> read_text(std::string_view path, ReadStrategy strategy) noexcept {
  auto bytes = detail::read_whole("read_text", path, strategy);
  if (!bytes) return bytes;
  const std::size_t valid = detail::valid_utf8(bytes->span());
  if (valid != bytes->size()) return not_utf8("read_text", path, valid);
  return bytes;
}

Result<std::int64_t> read_into(std::string_view path, std::span<std::byte> buffer, std::int64_t offset) noexcept {
  constexpr std::string_view function = "read_into";
  if (offset < 0) return fail(ErrorKind::out_of_bounds, {function, ": the offset ", offset, " is negative"});
  const auto file = detail::open_for_reading(function, path);
  if (!file) return std::unexpected(file.error());
  const Source source(*file, Source::Owner::us);
  // What it is, is asked only when reading by position fails: this is for short, frequent reads.
  bool pipe = false;
  std::size_t done = 0;
  while (done < buffer.size()) {
    const auto count = read_some(*file, pipe, offset + static_cast<std::int64_t>(done), buffer.subspan(done));
    if (count) {
      done += *count;
      if (*count == 0) break;
      continue;
    }
    const auto info = detail::examine(function, path, *file);
    if (!info) return std::unexpected(info.error());
    if (pipe || !info->pipe) return fail_system(count.error(), {function, ": cannot read ", Quoted{path}});
    if (offset != 0) {
      return fail(ErrorKind::invalid_argument,
                  {function, ": ", Quoted{path}, " is a pipe, which has no offset ", offset});
    }
    pipe = true;
  }
  return static_cast<std::int64_t>(done);
}

FileReader::~FileReader() {
  if (strategy_ == ReadStrategy::map) [[maybe_unused]]
    const auto ignored = mmap_.view_end();
}

Result<FileReader> FileReader::open(std::string_view path, ReadStrategy strategy) noexcept {
  constexpr std::string_view function = "open";
  if (const auto checked = check_strategy(function, strategy); !checked) return std::unexpected(checked.error());
  const auto file = detail::open_for_reading(function, path);
  if (!file) return std::unexpected(file.error());
  Source source(*file, Source::Owner::us);
  const auto info = detail::examine(function, path, *file);
  if (!info) return std::unexpected(info.error());

  FileReader reader;
  bool maps = strategy == ReadStrategy::map;
  if (strategy == ReadStrategy::automatic && info->size >= least_mapped) {
    maps = info->size >= least_mapped_with_buffer;
    if (!maps) {
      reader.bytes_ = detail::BytesAccess::at_hand(static_cast<std::size_t>(info->size) + 1);
      maps = reader.bytes_.data() == nullptr;
    }
  }
  if (maps && info->size != 0) {
    auto mmap = map_all(function, path, source);
    auto view = mmap ? mmap->view_begin(0, to_end) : std::unexpected(mmap.error());
    if (view) {
      reader.mmap_ = std::move(*mmap);
      reader.view_ = *view;
      reader.strategy_ = ReadStrategy::map;
      return reader;
    }
    // A file system, or a system short of addresses, that cannot map: what can be read, is.
    if (strategy == ReadStrategy::map) return std::unexpected(view.error());
  }
  auto bytes = detail::read_to_end(function, path, *file, *info, std::move(reader.bytes_));
  if (!bytes) return std::unexpected(bytes.error());
  reader.bytes_ = std::move(*bytes);
  reader.view_ = reader.bytes_.span();
  reader.strategy_ = ReadStrategy::read;
  return reader;
}

Result<std::int64_t> FileReader::size() const noexcept {
  if (is_closed()) return closed("size");
  return static_cast<std::int64_t>(view_.size());
}

Result<std::span<const std::byte>> FileReader::bytes() const noexcept {
  if (is_closed()) return closed("bytes");
  return view_;
}

Result<std::string_view> FileReader::text() const noexcept {
  if (is_closed()) return closed("text");
  std::uint64_t valid = 0;
  if (strategy_ == ReadStrategy::map) {
    const auto checked = valid_utf8(mmap_, view_.size());
    if (!checked) return std::unexpected(checked.error());
    valid = *checked;
  } else {
    valid = detail::valid_utf8(view_);
  }
  if (valid != view_.size()) {
    return fail(ErrorKind::not_utf8, {"text: byte ", valid, " of ", view_.size(), " begins no valid UTF-8"});
  }
  return std::string_view(reinterpret_cast<const char*>(view_.data()), view_.size());
}

Result<ReadStrategy> FileReader::strategy() const noexcept {
  if (is_closed()) return closed("strategy");
  return strategy_;
}

Result<void> FileReader::close() noexcept {
  if (is_closed()) return closed("close");
  if (strategy_ == ReadStrategy::map) {
    if (const auto ended = mmap_.view_end(); !ended) return std::unexpected(ended.error());
    if (const auto gone = mmap_.close(); !gone) {
      [[maybe_unused]] const auto pinned = mmap_.view_begin(0, to_end);  // as it was
      return gone;
    }
  }
  bytes_ = Bytes();
  view_ = {};
  strategy_ = ReadStrategy::automatic;
  return {};
}

}  // namespace stdbind
