// Opening: by path, by descriptor, and anonymous. Checks every number before it reaches the system, and keeps whole
// pages and byte offsets apart.
#include <algorithm>
#include <cstdlib>
#include <limits>
#include <new>

#include "checks.hpp"
#include "opening.hpp"
#include "positioned.hpp"
#include "watch.hpp"

namespace stdbind {

namespace detail {

namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20U;
constexpr OpenOptions pool_options = OpenOptions::hugetlb_2m | OpenOptions::hugetlb_1g;
constexpr OpenOptions file_options = OpenOptions::grow | OpenOptions::update | OpenOptions::watch |
                                     OpenOptions::strict | OpenOptions::populate | OpenOptions::any_file |
                                     OpenOptions::random;
constexpr OpenOptions memory_options =
    OpenOptions::grow | OpenOptions::populate | OpenOptions::random | OpenOptions::huge | pool_options;
constexpr OpenOptions descriptor_options = OpenOptions::grow | OpenOptions::update | OpenOptions::watch;

bool has_any(OpenOptions options, OpenOptions of) noexcept { return (options & of) != OpenOptions::none; }

Result<void> check_options(const Request& request, OpenOptions allowed) noexcept {
  const OpenOptions options = request.options;
  if (const auto unknown = std::to_underlying(options) & ~std::to_underlying(allowed); unknown != 0) {
    return fail(ErrorKind::invalid_argument, {request.function, ": of the options ", std::to_underlying(options),
                                              " the bits ", unknown, " mean nothing here"});
  }
  if (has(options, OpenOptions::strict) && !has(options, OpenOptions::watch)) {
    return fail(ErrorKind::invalid_argument, {request.function, ": the option STRICT 8 needs WATCH 4 with it"});
  }
  if (has(options, OpenOptions::populate) && (request.mode & (Mode::read | Mode::write)) == Mode::none) {
    return fail(ErrorKind::invalid_argument,
                {request.function, ": the option POPULATE 16 needs READ or WRITE in the mode ", request.mode});
  }
  const auto huge = std::to_underlying(options & (OpenOptions::huge | pool_options));
  if ((huge & (huge - 1)) != 0) {
    return fail(ErrorKind::invalid_argument,
                {request.function, ": only one of the options HUGE 128, HUGETLB_2M 256 and HUGETLB_1G 512 can be met"});
  }
  if (huge != 0 && request.address != 0) {
    return fail(ErrorKind::invalid_argument,
                {request.function, ": the address of huge pages cannot be chosen; leave it 0"});
  }
  return {};
}

/// Pages for a request, and how many bytes of them there are.
struct Placed {
  platform::Mapped pages;
  std::size_t mapped = 0;
  std::size_t huge_page = 0;
};

platform::System<Placed> place(const Request& request, platform::File file, std::int64_t offset, std::size_t length,
                               std::size_t page) noexcept {
  const bool pool = has_any(request.options, pool_options);
  if (pool || has(request.options, OpenOptions::huge)) {
    const std::size_t huge = has(request.options, OpenOptions::hugetlb_1g) ? 1024 * mebibyte : 2 * mebibyte;
    const std::size_t mapped = (length + huge - 1) / huge * huge;
    const auto pages = platform::map_huge(mapped, huge, pool, request.mode);
    if (!pages) return std::unexpected(pages.error());
    return Placed{*pages, mapped, pool ? huge : 0};
  }
  const auto hint = static_cast<std::uintptr_t>(request.address);
  const auto pages = platform::map(hint - hint % page, length, request.mode, file, offset);
  if (!pages) return std::unexpected(pages.error());
  return Placed{*pages, length, 0};
}

/// Does what the options ask for, now that the pages are there.
Result<void> prepare(const Request& request, Mapping& mapping, Source* source, std::size_t page) noexcept {
  if (request.keeps_file || mapping.positioned || has_any(request.options, descriptor_options)) {
    if (source != nullptr) {
      const auto kept = source->keep();
      if (!kept) return fail_system(kept.error(), {request.function, ": cannot keep a descriptor"});
      mapping.file = *kept;
      if (has(request.options, OpenOptions::watch)) {
        if (const auto watched = start_watching(request.function, mapping, source->info); !watched) return watched;
      }
    }
  }
  if (mapping.base == nullptr) return {};
  if (has(request.options, OpenOptions::random)) {
    const auto advised = platform::advise(mapping.base, mapping.mapped, Advice::random);
    if (!advised) return fail_system(advised.error(), {request.function, ": cannot advise random access"});
    if (source != nullptr) platform::advise_random(source->file());
  }
  if (has(request.options, OpenOptions::populate)) {
    if (mapping.anonymous && mapping.writable) {
      const auto done = platform::populate_new(mapping.base, mapping.mapped, page);
      if (!done) {
        return fail_system(done.error(), {request.function, ": cannot bring ", mapping.size, " bytes into memory"});
      }
    } else if (!platform::populate(mapping.guarded(), mapping.base, mapping.base + mapping.mapped, page)) {
      return faulted(request.function, 0, mapping.size);
    }
  }
  return {};
}

}  // namespace

Result<void> check(const Request& request, OpenOptions allowed) noexcept {
  constexpr Mode all = Mode::read | Mode::write | Mode::exec | Mode::cow | Mode::allow_wx;
  if ((std::to_underlying(request.mode) & ~std::to_underlying(all)) != 0) {
    return fail(ErrorKind::invalid_argument,
                {request.function, ": the mode ", std::to_underlying(request.mode),
                 " has bits that mean nothing; combine READ 1, WRITE 2, EXEC 4, COW 8, ALLOW_WX 16"});
  }
  if (has(request.mode, Mode::write | Mode::exec) && !has(request.mode, Mode::allow_wx)) {
    return fail(ErrorKind::invalid_argument,
                {request.function, ": the mode ", request.mode,
                 " makes pages writable and executable at once; add ALLOW_WX if that is meant"});
  }
  if (request.length < to_end) {
    return fail(ErrorKind::invalid_argument, {request.function, ": the length ", request.length,
                                              " is negative; -1 means all to the end of the file"});
  }
  if (request.address < 0 || static_cast<std::uint64_t>(request.address) > std::numeric_limits<std::uintptr_t>::max()) {
    return fail(ErrorKind::invalid_argument,
                {request.function, ": ", request.address, " is no address; 0 leaves the choice to the system"});
  }
  return check_options(request, allowed);
}

Result<void> check_file(const Request& request) noexcept {
  if (has(request.options, OpenOptions::grow) && has(request.mode, Mode::cow)) {
    return fail(ErrorKind::invalid_argument, {request.function, ": the option GROW 1 changes the file, which the mode ",
                                              request.mode, " must not; open it without COW"});
  }
  return check(request, file_options);
}

bool must_write(const Request& request) noexcept {
  return has(request.mode, Mode::write) && !has(request.mode, Mode::cow);
}

Result<void> copy_path(std::string_view function, std::string_view path, PathText& text) noexcept {
  if (const std::size_t nul = path.find('\0'); nul != std::string_view::npos) {
    return fail(ErrorKind::invalid_argument, {function, ": the path ", Quoted{path}, " has a NUL at byte ", nul});
  }
  if (path.size() >= text.size()) {
    return fail(ErrorKind::invalid_argument, {function, ": a path of ", path.size(), " bytes is too long; at most ",
                                              text.size() - 1, " are allowed"});
  }
  *std::copy(path.begin(), path.end(), text.begin()) = '\0';
  return {};
}

Result<Mapping*> make_mapping(const Request& request, Source* source, std::int64_t offset,
                              std::uint64_t size) noexcept {
  const auto page = page_size_for(request.function);
  if (!page) return std::unexpected(page.error());
  const bool positioned = source != nullptr && reads_by_position(request.mode, size);
  const auto before = static_cast<std::size_t>(static_cast<std::uint64_t>(offset) % *page);
  // Differences of addresses are signed: no object may be bigger than half of the address space.
  if (!positioned && size > static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max()) - before) {
    return fail(ErrorKind::no_memory,
                {request.function, ": ", size, " bytes are more than this system can address; map a smaller range"});
  }
  if (const auto guard = platform::install_guard(); !guard) {
    return fail_system(guard.error(), {request.function, ": cannot guard against faults"});
  }
  void* const storage = std::malloc(sizeof(Mapping));
  if (storage == nullptr) return fail(ErrorKind::no_memory, {request.function, ": no memory is left"});

  Placed placed;
  if (!positioned && size != 0) {
    const auto at = place(request, source == nullptr ? platform::no_file : source->file(),
                          offset - static_cast<std::int64_t>(before), before + static_cast<std::size_t>(size), *page);
    if (!at) {
      std::free(storage);
      if (request.path.empty()) return fail_system(at.error(), {request.function, ": cannot map ", size, " bytes"});
      return fail_system(at.error(), {request.function, ": cannot map ", size, " bytes of ", Quoted{request.path}});
    }
    placed = *at;
  }
  auto* const mapping = new (storage) Mapping{.data = placed.mapped == 0 ? no_bytes() : placed.pages.address + before,
                                              .size = size,
                                              .base = placed.pages.address,
                                              .kept = placed.pages.kept,
                                              .mapped = placed.mapped,
                                              .mode = request.mode,
                                              .options = request.options,
                                              .file = platform::no_file,
                                              .file_offset = offset,
                                              .huge_page = placed.huge_page,
                                              .anonymous = source == nullptr,
                                              .positioned = positioned,
                                              .readable = false,
                                              .writable = false,
                                              .was_writable = false,
                                              .quick_read = false};
  mapping->set_mode(request.mode);
  if (const auto prepared = prepare(request, *mapping, source, *page); !prepared) {
    destroy(mapping);
    return std::unexpected(prepared.error());
  }
  return mapping;
}

Result<Mapping*> map_file(const Request& request, Source& source) noexcept {
  const auto info = platform::file_info(source.file());
  if (!info) return fail_system(info.error(), {request.function, ": cannot examine the file"});
  source.info = *info;
  const bool any_file = has(request.options, OpenOptions::any_file) && info->device;
  if (!info->regular && !any_file) {
    const std::string_view rule = info->device ? "; only regular files are mapped without the option ANY_FILE 32"
                                               : "; only regular files can be mapped";
    if (request.path.empty()) {
      return fail(ErrorKind::wrong_file_type, {request.function, ": the descriptor is that of ", info->type, rule});
    }
    return fail(ErrorKind::wrong_file_type, {request.function, ": ", Quoted{request.path}, " is ", info->type, rule});
  }
  if (!info->readable || (must_write(request) && !info->writable)) {
    return fail(ErrorKind::permission_denied,
                {request.function, ": the descriptor was not opened for ", info->readable ? "writing" : "reading",
                 ", which the mode ", request.mode, " needs"});
  }
  // A device without a size takes any range; what lies in it, the system decides.
  const bool sized = info->regular || info->size > 0;
  if (!sized && request.length == to_end) {
    return fail(ErrorKind::invalid_argument, {request.function, ": ", info->type, " has no end; give a length"});
  }
  const std::int64_t size = sized ? info->size : std::numeric_limits<std::int64_t>::max();
  if (request.offset < 0 || request.offset > size || request.length > size - request.offset) {
    return fail(ErrorKind::out_of_bounds, {request.function, ": offset ", request.offset, " and length ",
                                           request.length, " do not lie within the file of ", size, " bytes"});
  }
  const std::int64_t length = request.length == to_end ? size - request.offset : request.length;
  return make_mapping(request, &source, request.offset, static_cast<std::uint64_t>(length));
}

}  // namespace detail

using detail::copy_path;
using detail::fail;

using detail::fail_system;
using detail::MmapAccess;
using detail::Request;
using detail::Source;

Result<Mmap> Mmap::open(std::string_view path, Mode mode, std::int64_t offset, std::int64_t length,
                        std::int64_t address, OpenOptions options) noexcept {
  const Request request{.function = "open",
                        .path = path,
                        .mode = mode,
                        .offset = offset,
                        .length = length,
                        .address = address,
                        .options = options};
  if (const auto checked = check_file(request); !checked) return std::unexpected(checked.error());
  detail::PathText text;  // NOLINT: filled below; longer paths are refused by every system that we know
  if (const auto done = copy_path(request.function, path, text); !done) return std::unexpected(done.error());
  const auto file = platform::open_file(text.data(), must_write(request));
  if (!file) return fail_system(file.error(), {"open: cannot open ", Quoted{path}});
  Source source(*file, Source::Owner::us);
  return MmapAccess::adopt(map_file(request, source));
}

Result<Mmap> Mmap::from_fd(int fd, Mode mode, std::int64_t offset, std::int64_t length, std::int64_t address,
                           OpenOptions options) noexcept {
  const Request request{.function = "from_fd",
                        .path = {},
                        .mode = mode,
                        .offset = offset,
                        .length = length,
                        .address = address,
                        .options = options};
  if (const auto checked = check_file(request); !checked) return std::unexpected(checked.error());
  if (fd < 0) return fail(ErrorKind::invalid_argument, {"from_fd: ", fd, " is no file descriptor"});
  const auto file = platform::file_of_descriptor(fd);
  if (!file) return fail_system(file.error(), {"from_fd: ", fd, " is no open file descriptor"});
  Source source(*file, Source::Owner::caller);
  return MmapAccess::adopt(map_file(request, source));
}

Result<Mmap> Mmap::anonymous(std::int64_t length, Mode mode, std::int64_t address, OpenOptions options) noexcept {
  const Request request{
      .function = "anonymous", .path = {}, .mode = mode, .length = length, .address = address, .options = options};
  if (length < 1) {
    return fail(ErrorKind::invalid_argument, {"anonymous: the length ", length, " is not at least 1"});
  }
  if (const auto checked = check(request, detail::memory_options); !checked) return std::unexpected(checked.error());
  if (has(options, OpenOptions::grow) && (!has(mode, Mode::cow) || detail::has_any(options, detail::pool_options))) {
    return fail(ErrorKind::unsupported,
                {"anonymous: only private memory of ordinary pages can grow; open it with COW, without HUGETLB"});
  }
  return MmapAccess::adopt(make_mapping(request, nullptr, 0, static_cast<std::uint64_t>(length)));
}

}  // namespace stdbind
