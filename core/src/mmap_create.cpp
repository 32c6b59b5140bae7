// Making what is mapped: new files, shared memory by name, and sealed memory. What is begun and fails leaves nothing.
#include <algorithm>
#include <array>

#include "checks.hpp"
#include "opening.hpp"

namespace stdbind {

using detail::copy_path;
using detail::fail;

using detail::fail_system;
using detail::Mapping;
using detail::MmapAccess;
using detail::Request;
using detail::Source;

namespace {

/// The name without its slash, ending with a NUL.
using NameText = std::array<char, 250>;

Result<void> copy_name(std::string_view function, std::string_view name, NameText& text) noexcept {
  if (name.starts_with('/')) name.remove_prefix(1);
  const bool special = name == "." || name == "..";
  if (name.empty() || name.size() >= text.size() || special || name.find_first_of({"/\0", 2}) != name.npos) {
    return fail(ErrorKind::invalid_argument, {function, ": ", Quoted{name}, " is no name; use 1 to ", text.size() - 1,
                                              " bytes without '/' and NUL"});
  }
  *std::copy(name.begin(), name.end(), text.begin()) = '\0';
  return {};
}

/// Gives a new file its size, and maps it.
Result<Mapping*> fill(const Request& request, Source& source) noexcept {
  if (const auto room = platform::allocate(source.file(), 0, request.length); !room) {
    return fail_system(room.error(),
                       {request.function, ": no room for ", request.length, " bytes of ", Quoted{request.path}});
  }
  return map_file(request, source);
}

Result<void> check_length(const Request& request) noexcept {
  if (request.length < 1) {
    return fail(ErrorKind::invalid_argument, {request.function, ": the length ", request.length, " is not at least 1"});
  }
  return check(request, OpenOptions::none);
}

}  // namespace

Result<Mmap> Mmap::create(std::string_view path, Mode mode, std::int64_t length, OpenOptions options) noexcept {
  const Request request{.function = "create", .path = path, .mode = mode, .length = length, .options = options};
  if (length < 0) return fail(ErrorKind::invalid_argument, {"create: the length ", length, " is negative"});
  if (const auto checked = check_file(request); !checked) return std::unexpected(checked.error());
  detail::PathText text;  // NOLINT: filled below
  if (const auto done = copy_path(request.function, path, text); !done) return std::unexpected(done.error());
  const auto file = platform::create_file(text.data());
  if (!file) return fail_system(file.error(), {"create: cannot create ", Quoted{path}});
  Result<Mapping*> mapping;
  {
    Source source(*file, Source::Owner::us);
    mapping = fill(request, source);
  }
  // Closed first: some systems do not remove a file that is open.
  if (!mapping) [[maybe_unused]]
    const auto removed = platform::remove_file(text.data());
  return MmapAccess::adopt(std::move(mapping));
}

Result<Mmap> Mmap::create_named(std::string_view name, Mode mode, std::int64_t length) noexcept {
  const Request request{.function = "create_named", .path = name, .mode = mode, .length = length};
  if (const auto checked = check_length(request); !checked) return std::unexpected(checked.error());
  NameText text;  // NOLINT: filled below
  if (const auto done = copy_name(request.function, name, text); !done) return std::unexpected(done.error());
  const auto file = platform::create_shared(text.data(), length);
  if (!file) return fail_system(file.error(), {"create_named: cannot create ", Quoted{name}});
  Result<Mapping*> mapping;
  {
    Source source(*file, Source::Owner::us);
    mapping = fill(request, source);
  }
  if (!mapping) [[maybe_unused]]
    const auto removed = platform::remove_shared(text.data());
  return MmapAccess::adopt(std::move(mapping));
}

Result<Mmap> Mmap::open_named(std::string_view name, Mode mode, std::int64_t offset, std::int64_t length) noexcept {
  const Request request{.function = "open_named", .path = name, .mode = mode, .offset = offset, .length = length};
  if (const auto checked = check(request, OpenOptions::none); !checked) return std::unexpected(checked.error());
  NameText text;  // NOLINT: filled below
  if (const auto done = copy_name(request.function, name, text); !done) return std::unexpected(done.error());
  const auto file = platform::open_shared(text.data(), must_write(request));
  if (!file) return fail_system(file.error(), {"open_named: cannot open ", Quoted{name}});
  Source source(*file, Source::Owner::us);
  return MmapAccess::adopt(map_file(request, source));
}

Result<void> Mmap::unlink_named(std::string_view name) noexcept {
  NameText text;  // NOLINT: filled below
  if (const auto done = copy_name("unlink_named", name, text); !done) return done;
  if (const auto removed = platform::remove_shared(text.data()); !removed) {
    return fail_system(removed.error(), {"unlink_named: cannot remove ", Quoted{name}});
  }
  return {};
}

Result<Mmap> Mmap::open_sealed(std::int64_t length, Mode mode) noexcept {
  const Request request{.function = "open_sealed", .path = {}, .mode = mode, .length = length, .keeps_file = true};
  if (const auto checked = check_length(request); !checked) return std::unexpected(checked.error());
  const auto file = platform::create_memory();
  if (!file) return fail_system(file.error(), {"open_sealed: cannot make shared memory"});
  Source source(*file, Source::Owner::us);
  if (const auto room = platform::allocate(*file, 0, length); !room) {
    return fail_system(room.error(), {"open_sealed: no room for ", length, " bytes"});
  }
  if (const auto sealed = platform::seal_size(*file); !sealed) {
    return fail_system(sealed.error(), {"open_sealed: cannot seal the size"});
  }
  return MmapAccess::adopt(map_file(request, source));
}

Result<int> Mmap::descriptor() const noexcept {
  if (mapping_ == nullptr) return detail::closed("descriptor");
  if (mapping_->file == platform::no_file) {
    return fail(ErrorKind::unsupported,
                {"descriptor: the mapping keeps none; open it with GROW, UPDATE or WATCH, or as "
                 "sealed memory"});
  }
  const auto descriptor = platform::new_descriptor(mapping_->file);
  if (!descriptor) return fail_system(descriptor.error(), {"descriptor: cannot duplicate it"});
  return *descriptor;
}

}  // namespace stdbind
