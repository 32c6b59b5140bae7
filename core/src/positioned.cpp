// Reading files by position, for mappings over the limit and past the cache. Nothing is mapped here.
#include "positioned.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>

#include "checks.hpp"
#include "opening.hpp"

namespace stdbind {

namespace {

constexpr std::int64_t gibibyte = std::int64_t{1} << 30;
constinit std::atomic<std::int64_t> limit{sizeof(void*) < 8 ? gibibyte : never_positioned};

/// Fills a buffer from a file as far as the file goes.
platform::System<std::size_t> fill(platform::File file, std::int64_t offset, std::span<std::byte> buffer,
                                   std::size_t unit) noexcept {
  std::size_t done = 0;
  while (done < buffer.size()) {
    const auto count = platform::read_position(file, offset + static_cast<std::int64_t>(done), buffer.subspan(done));
    if (!count) return std::unexpected(count.error());
    done += *count;
    if (*count == 0 || *count % unit != 0) break;
  }
  return done;
}

}  // namespace

Result<std::int64_t> set_positioned_limit(std::int64_t bytes) noexcept {
  if (bytes < -1) {
    return detail::fail(ErrorKind::invalid_argument,
                        {"set_positioned_limit: ", bytes, " is no limit; -1 means that nothing is read by position"});
  }
  return limit.exchange(bytes == -1 ? never_positioned : std::min(bytes, never_positioned), std::memory_order_relaxed);
}

Result<std::int64_t> read_direct(std::string_view path, std::int64_t offset, std::span<std::byte> buffer) noexcept {
  constexpr std::size_t unit = 4096;
  if (offset < 0) return detail::fail(ErrorKind::out_of_bounds, {"read_direct: the offset ", offset, " is negative"});
  if (offset % std::int64_t{unit} != 0 || buffer.size() % unit != 0 ||
      reinterpret_cast<std::uintptr_t>(buffer.data()) % unit != 0) {
    return detail::fail(ErrorKind::invalid_argument,
                        {"read_direct: the offset ", offset, ", the length ", buffer.size(),
                         " and the address of the buffer have to be multiples of ", unit});
  }
  detail::PathText text;  // NOLINT: filled below
  if (const auto done = detail::copy_path("read_direct", path, text); !done) return std::unexpected(done.error());
  const auto direct = platform::open_direct(text.data());
  // What is no file cannot be opened so either, and is to be refused for what it is.
  const bool refused = !direct && platform::kind_of(direct.error()) == ErrorKind::unsupported;
  const auto plain = refused ? platform::open_file(text.data(), false) : direct;
  const auto file = plain ? plain : direct;
  if (!file) return detail::fail_system(file.error(), {"read_direct: cannot open ", Quoted{path}});
  const detail::Source source(*file, detail::Source::Owner::us);
  const auto info = platform::file_info(*file);
  if (!info) return detail::fail_system(info.error(), {"read_direct: cannot examine the file"});
  if (!info->regular) {
    return detail::fail(ErrorKind::wrong_file_type,
                        {"read_direct: ", Quoted{path}, " is ", info->type, "; only regular files can be read"});
  }
  if (!direct) return detail::fail_system(direct.error(), {"read_direct: cannot open ", Quoted{path}});
  if (offset >= info->size) return 0;
  // No place in a file lies behind this one; systems refuse a range that reaches over it.
  const auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max() - offset) / unit * unit;
  if (most < buffer.size()) buffer = buffer.first(static_cast<std::size_t>(most));
  const auto count = fill(*file, offset, buffer, unit);
  if (!count) {
    return detail::fail_system(count.error(), {"read_direct: cannot read ", buffer.size(), " bytes of ", Quoted{path}});
  }
  return static_cast<std::int64_t>(*count);
}

namespace detail {

bool reads_by_position(Mode mode, std::uint64_t size) noexcept {
  // The other modes need pages.
  if ((mode & (Mode::read | Mode::write | Mode::exec)) != Mode::read) return false;
  const std::int64_t most = limit.load(std::memory_order_relaxed);
  return most != never_positioned && size > static_cast<std::uint64_t>(most);
}

Result<void> read_positioned(std::string_view function, const Mapping& mapping, std::int64_t offset,
                             std::span<std::byte> buffer) noexcept {
  const auto count = fill(mapping.file, mapping.file_offset + offset, buffer, 1);
  if (!count) {
    Error error =
        system_failure(count.error(), {function, ": cannot read ", buffer.size(), " bytes from offset ", offset});
    if (error.kind == ErrorKind::io) error.kind = ErrorKind::fault;  // as of a page: the disk failed
    return std::unexpected(error);
  }
  if (*count != buffer.size()) return faulted(function, offset, buffer.size());
  return {};
}

Result<void> probe_positioned(std::string_view function, const Mapping& mapping, std::int64_t offset,
                              std::uint64_t size) noexcept {
  std::array<std::byte, 16384> ignored;  // NOLINT: only written to
  for (std::uint64_t done = 0; done < size;) {
    const auto step = static_cast<std::size_t>(std::min<std::uint64_t>(ignored.size(), size - done));
    const auto read =
        read_positioned(function, mapping, offset + static_cast<std::int64_t>(done), std::span(ignored).first(step));
    if (!read) return read;
    done += step;
  }
  return {};
}

}  // namespace detail

}  // namespace stdbind
