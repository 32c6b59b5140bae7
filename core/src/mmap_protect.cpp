// What is allowed on pages that are mapped, and which of them stay in memory.
#include <algorithm>
#include <array>

#include "checks.hpp"

namespace stdbind {

using detail::closed;
using detail::fail;
using detail::fail_system;
using detail::Mapping;
using detail::not_mapped;
using detail::pages_of;
using detail::range_of;

namespace {

constexpr Mode access_bits = Mode::read | Mode::write | Mode::exec;

/// Protects all pages; the other bits of the mode stay as they are. On an error nothing has changed.
Result<void> protect_as(std::string_view function, Mapping& mapping, Mode access) noexcept {
  if (mapping.positioned) return not_mapped(function);
  if (const auto unused = detail::check_unused(function, mapping); !unused) return unused;
  const Mode mode = access | (mapping.mode & (Mode::cow | Mode::allow_wx));
  if (mapping.base == nullptr && mapping.file != platform::no_file && has(mode, Mode::write) && !mapping.is_private()) {
    // No page asks the system whether the file was opened for it; resize would bring pages of this mode later.
    const auto info = platform::file_info(mapping.file);
    if (!info) return fail_system(info.error(), {function, ": cannot examine the file"});
    if (!info->writable) {
      return fail(ErrorKind::permission_denied, {function, ": the file was not opened for writing"});
    }
  }
  if (mapping.base != nullptr) {
    if (const auto done = platform::protect(mapping.base, mapping.mapped, mode); !done) {
      // A range that the system holds in parts may have changed in part.
      [[maybe_unused]] const auto restored = platform::protect(mapping.base, mapping.mapped, mapping.mode);
      return fail_system(done.error(), {function, ": the mode ", mode, " cannot be set"});
    }
    if (has(mode, Mode::exec)) {
      auto* const begin = reinterpret_cast<char*>(mapping.base);
      __builtin___clear_cache(begin, begin + mapping.mapped);  // some processors would run what was there before
    }
  }
  mapping.set_mode(mode);
  return {};
}

/// The pages of a checked range that can be locked; empty if there are none.
Result<detail::Pages> lockable(std::string_view function, const Mapping* mapping, std::int64_t offset,
                               std::int64_t length) noexcept {
  if (mapping == nullptr) return closed(function);
  if (mapping->positioned) return not_mapped(function);
  const auto range = range_of(function, *mapping, offset, length);
  if (!range) return std::unexpected(range.error());
  if (range->size == 0) return detail::Pages{nullptr, 0};
  return pages_of(function, *mapping, *range);
}

}  // namespace

Result<void> Mmap::protect(Mode mode) noexcept {
  if (mapping_ == nullptr) return closed("protect");
  const Mode allowed = access_bits | (mapping_->mode & Mode::cow);
  if (const auto unknown = std::to_underlying(mode) & ~std::to_underlying(allowed); unknown != 0) {
    return fail(ErrorKind::invalid_argument, {"protect: of the mode ", std::to_underlying(mode), " the bits ", unknown,
                                              " cannot be set here; combine READ 1, WRITE 2 and EXEC 4"});
  }
  if (!has(mapping_->mode, Mode::allow_wx)) {
    if (has(mode, Mode::write | Mode::exec)) {
      return fail(ErrorKind::invalid_argument, {"protect: the mode ", mode,
                                                " makes pages writable and executable at once, which the mapping was "
                                                "not opened for with ALLOW_WX"});
    }
    if (has(mode, Mode::exec) && mapping_->was_writable) {
      return fail(ErrorKind::permission_denied,
                  {"protect: the pages were writable; if they shall run, call make_executable"});
    }
  }
  return protect_as("protect", *mapping_, mode & access_bits);
}

Result<void> Mmap::make_executable() noexcept {
  if (mapping_ == nullptr) return closed("make_executable");
  return protect_as("make_executable", *mapping_, Mode::read | Mode::exec);
}

Result<void> Mmap::lock(std::int64_t offset, std::int64_t length) noexcept {
  const auto pages = lockable("lock", mapping_, offset, length);
  if (!pages) return std::unexpected(pages.error());
  if (!mapping_->readable) return detail::not_readable("lock", *mapping_);
  if (pages->length == 0) return {};
  const auto done = platform::lock(pages->begin, pages->length);
  if (done) return {};
  // The system may have locked a part. It has one number for pages that are gone and for too many of them.
  [[maybe_unused]] const auto unlocked = platform::unlock(pages->begin, pages->length);
  Error error = system_failure(done.error(), {"lock: cannot lock ", pages->length, " bytes"});
  if (error.kind == ErrorKind::no_memory || error.kind == ErrorKind::limit ||
      error.kind == ErrorKind::permission_denied) {
    const auto page = detail::page_size_for("lock");
    if (!page) return std::unexpected(page.error());
    if (!platform::populate(mapping_->guarded(), pages->begin, pages->begin + pages->length, *page)) {
      return detail::faulted("lock", offset, pages->length);
    }
    error.kind = ErrorKind::limit;
    error.message.append("; lock less, or raise the limit on locked memory");
  }
  return std::unexpected(error);
}

Result<void> Mmap::unlock(std::int64_t offset, std::int64_t length) noexcept {
  const auto pages = lockable("unlock", mapping_, offset, length);
  if (!pages) return std::unexpected(pages.error());
  if (pages->length == 0) return {};
  if (const auto done = platform::unlock(pages->begin, pages->length); !done) {
    return fail_system(done.error(), {"unlock: cannot unlock ", pages->length, " bytes"});
  }
  return {};
}

Result<std::int64_t> Mmap::resident(std::int64_t offset, std::int64_t length) const noexcept {
  const auto pages = lockable("resident", mapping_, offset, length);
  if (!pages) return std::unexpected(pages.error());
  if (pages->length == 0) return 0;
  const auto page = detail::page_size_for("resident");
  if (!page) return std::unexpected(page.error());
  const std::byte* const begin = mapping_->data + offset;
  const std::byte* const end = length == to_end ? mapping_->data + mapping_->size : begin + length;
  std::array<unsigned char, 4096> present{};
  std::int64_t count = 0;
  for (std::byte* at = pages->begin; at < pages->begin + pages->length;) {
    const auto rest = static_cast<std::size_t>(pages->begin + pages->length - at);
    const std::size_t step = std::min(rest, present.size() * *page);
    if (const auto done = platform::residency(at, step, present); !done) {
      return fail_system(done.error(), {"resident: the system does not tell about ", step, " bytes"});
    }
    for (std::size_t i = 0; i * *page < step; ++i) {
      if ((present[i] & 1U) == 0) continue;
      const std::byte* const first = std::max<const std::byte*>(at + i * *page, begin);
      const std::byte* const last = std::min<const std::byte*>(at + (i + 1) * *page, end);
      if (first < last) count += last - first;
    }
    at += step;
  }
  return count;
}

}  // namespace stdbind
