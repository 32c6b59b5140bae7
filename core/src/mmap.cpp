// Mmap: reading, writing, views and hints. Every number is checked before it reaches the system.
#include <algorithm>
#include <cstdlib>

#include "checks.hpp"
#include "positioned.hpp"
#include "watch.hpp"

namespace stdbind {

using detail::closed;
using detail::fail;
using detail::fail_system;
using detail::faulted;
using detail::fits;
using detail::Mapping;
using detail::MmapAccess;
using detail::not_mapped;
using detail::not_readable;
using detail::not_writable;
using detail::outside;
using detail::pages_of;
using detail::range_of;

namespace {

/// Releases a mapping whose pages are gone.
void release(Mapping* mapping) noexcept {
  detail::stop_watching(*mapping);
  if (mapping->file != platform::no_file) platform::close_file(mapping->file);
  mapping->~Mapping();
  std::free(mapping);
}

/// All bits of the kind of pin that a unit stands for.
constexpr std::uint32_t mask_of(std::uint32_t unit) noexcept {
  return unit == Mapping::view ? Mapping::views : Mapping::prefaults;
}

/// Copies a range that was checked out of the mapping.
Result<void> copy_out(std::string_view function, const Mapping& mapping, std::int64_t offset,
                      std::span<std::byte> buffer) noexcept {
  if (buffer.empty()) return {};
  if (mapping.positioned) return detail::read_positioned(function, mapping, offset, buffer);
  if (!platform::guarded_copy(mapping.guarded(), buffer.data(), mapping.data + offset, buffer.size())) [[unlikely]] {
    return faulted(function, offset, buffer.size());
  }
  return {};
}

/// Copies into a range that was checked.
Result<void> copy_in(std::string_view function, const Mapping& mapping, std::int64_t offset,
                     std::span<const std::byte> data) noexcept {
  if (data.empty()) return {};
  if (!platform::guarded_copy(mapping.guarded(), mapping.data + offset, data.data(), data.size())) [[unlikely]] {
    return faulted(function, offset, data.size());
  }
  return {};
}

/// Whether reading is allowed, where the answer is not simply yes.
Result<void> check_read(std::string_view function, const Mapping& mapping) noexcept {
  if (!mapping.readable) return not_readable(function, mapping);
  return detail::check_fresh(function, mapping);
}

/// Reads at the cursor, after check_read.
Result<std::int64_t> read_at_cursor(std::string_view function, Mapping& mapping, std::span<std::byte> buffer) noexcept {
  const std::int64_t at = mapping.cursor.load(std::memory_order_relaxed);
  const auto count =
      static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), mapping.size - static_cast<std::uint64_t>(at)));
  const auto copied = copy_out(function, mapping, at, buffer.first(count));
  if (!copied) return std::unexpected(copied.error());
  mapping.cursor.store(at + static_cast<std::int64_t>(count), std::memory_order_relaxed);
  return static_cast<std::int64_t>(count);
}

}  // namespace

Result<void> detail::pin(std::string_view function, Mapping& mapping, std::uint32_t unit) noexcept {
  const std::uint32_t mask = mask_of(unit);
  std::uint32_t pins = mapping.pins.load(std::memory_order_relaxed);
  do {
    if ((pins & Mapping::sealed) != 0) return closed(function);
    if ((pins & mask) == mask) {
      return fail(ErrorKind::limit, {function, ": ", mask / unit, unit == Mapping::view ? " views" : " prefaults",
                                     " of this mapping are pinned already; end some first"});
    }
  } while (!mapping.pins.compare_exchange_weak(pins, pins + unit, std::memory_order_acq_rel));
  return {};
}

std::optional<std::uint32_t> detail::unpin(Mapping* mapping, std::uint32_t unit) noexcept {
  std::uint32_t pins = mapping->pins.load(std::memory_order_relaxed);
  do {
    if ((pins & mask_of(unit)) == 0) return std::nullopt;
  } while (!mapping->pins.compare_exchange_weak(pins, pins - unit, std::memory_order_acq_rel));
  if (pins - unit == Mapping::orphan) destroy(mapping);
  return pins - unit;
}

std::byte* detail::no_bytes() noexcept {
  static constinit std::byte nothing{};
  return &nothing;
}

void detail::destroy(Mapping* mapping) noexcept {
  // A refusal cannot be reported to anyone from here; the pages stay until the process ends.
  if (mapping->base != nullptr) {
    [[maybe_unused]] const auto ignored = platform::unmap(mapping->pages(), mapping->mapped);
  }
  release(mapping);
}

Result<std::int64_t> page_size() noexcept {
  const auto size = platform::page_size();
  if (!size) return fail_system(size.error(), {"page_size: the system does not tell"});
  return static_cast<std::int64_t>(*size);
}

MmapView::~MmapView() {
  if (mapping_ == nullptr) return;
  [[maybe_unused]] const auto left = detail::unpin(mapping_, Mapping::view);
}

Result<std::span<std::byte>> MmapView::writable_bytes() const noexcept {
  if (mapping_ == nullptr) return closed("writable_bytes");
  if (!mapping_->writable) return not_writable("writable_bytes", *mapping_);
  return bytes_;
}

Mmap::~Mmap() {
  if (mapping_ == nullptr) return;
  const std::uint32_t pins = mapping_->pins.fetch_or(Mapping::orphan, std::memory_order_acq_rel);
  if ((pins & (Mapping::views | Mapping::prefaults)) == 0) detail::destroy(mapping_);
}

Result<void> MmapAccess::seal(Mmap& mmap) noexcept {
  if (mmap.mapping_ == nullptr) return closed("close");
  std::uint32_t pins = 0;
  if (mmap.mapping_->pins.compare_exchange_strong(pins, Mapping::sealed, std::memory_order_acq_rel)) return {};
  if ((pins & Mapping::sealed) != 0) return closed("close");
  return detail::pinned("close", pins);
}

Result<void> MmapAccess::close_sealed(Mmap& mmap) noexcept {
  Mapping* const mapping = mmap.mapping_;
  if (mapping->base != nullptr) {
    if (const auto unmapped = platform::unmap(mapping->pages(), mapping->mapped); !unmapped) {
      mapping->pins.store(0, std::memory_order_release);
      return fail_system(unmapped.error(), {"close: cannot unmap ", mapping->size, " bytes"});
    }
  }
  mmap.mapping_ = nullptr;
  release(mapping);
  return {};
}

Result<Mmap> MmapAccess::adopt(Result<Mapping*> mapping) noexcept {
  if (!mapping) return std::unexpected(mapping.error());
  Mmap result;
  result.mapping_ = *mapping;
  return result;
}

Result<void> Mmap::close() noexcept {
  if (const auto sealed = MmapAccess::seal(*this); !sealed) return sealed;
  return MmapAccess::close_sealed(*this);
}

Result<std::int64_t> Mmap::length() const noexcept {
  if (mapping_ == nullptr) return closed("length");
  return static_cast<std::int64_t>(mapping_->size);
}

Result<Mode> Mmap::mode() const noexcept {
  if (mapping_ == nullptr) return closed("mode");
  return mapping_->mode;
}

Result<bool> Mmap::is_mapped() const noexcept {
  if (mapping_ == nullptr) return closed("is_mapped");
  return !mapping_->positioned;
}

Result<void> Mmap::read_at(std::int64_t offset, std::span<std::byte> buffer) const noexcept {
  const Mapping* const mapping = mapping_;
  if (mapping == nullptr) [[unlikely]]
    return closed("read_at");
  if (!mapping->quick_read) [[unlikely]] {
    if (const auto allowed = check_read("read_at", *mapping); !allowed) return allowed;
  }
  if (!fits(*mapping, offset, buffer.size())) [[unlikely]] {
    return outside("read_at", *mapping, offset, static_cast<std::int64_t>(buffer.size()));
  }
  return copy_out("read_at", *mapping, offset, buffer);
}

Result<void> Mmap::write_at(std::int64_t offset, std::span<const std::byte> data) noexcept {
  const Mapping* const mapping = mapping_;
  if (mapping == nullptr) [[unlikely]]
    return closed("write_at");
  if (!mapping->writable) [[unlikely]]
    return not_writable("write_at", *mapping);
  if (!fits(*mapping, offset, data.size())) [[unlikely]] {
    return outside("write_at", *mapping, offset, static_cast<std::int64_t>(data.size()));
  }
  return copy_in("write_at", *mapping, offset, data);
}

Result<std::int64_t> Mmap::read(std::span<std::byte> buffer) noexcept {
  if (mapping_ == nullptr) return closed("read");
  if (const auto allowed = check_read("read", *mapping_); !allowed) return std::unexpected(allowed.error());
  return read_at_cursor("read", *mapping_, buffer);
}

Result<Bytes> Mmap::read_bytes(std::int64_t count) noexcept {
  if (mapping_ == nullptr) return closed("read_bytes");
  if (count < to_end) {
    return fail(ErrorKind::invalid_argument, {"read_bytes: the count ", count, " is negative; -1 means the rest"});
  }
  if (const auto allowed = check_read("read_bytes", *mapping_); !allowed) return std::unexpected(allowed.error());
  const auto left = static_cast<std::int64_t>(mapping_->size) - mapping_->cursor.load(std::memory_order_relaxed);
  auto bytes = Bytes::allocate(static_cast<std::size_t>(count == to_end ? left : std::min(left, count)));
  if (!bytes) return bytes;
  const auto done = read_at_cursor("read_bytes", *mapping_, bytes->span());
  if (!done) return std::unexpected(done.error());
  bytes->shrink(static_cast<std::size_t>(*done));  // another thread may have moved the cursor meanwhile
  return bytes;
}

Result<void> Mmap::write(std::span<const std::byte> data) noexcept {
  if (mapping_ == nullptr) return closed("write");
  if (!mapping_->writable) return not_writable("write", *mapping_);
  const std::int64_t at = mapping_->cursor.load(std::memory_order_relaxed);
  if (!fits(*mapping_, at, data.size())) {
    return outside("write", *mapping_, at, static_cast<std::int64_t>(data.size()));
  }
  if (const auto copied = copy_in("write", *mapping_, at, data); !copied) return copied;
  mapping_->cursor.store(at + static_cast<std::int64_t>(data.size()), std::memory_order_relaxed);
  return {};
}

Result<std::int64_t> Mmap::seek(std::int64_t offset, Whence whence) noexcept {
  if (mapping_ == nullptr) return closed("seek");
  const auto size = static_cast<std::int64_t>(mapping_->size);
  std::int64_t from = 0;
  switch (whence) {
    case Whence::set:
      break;
    case Whence::current:
      from = mapping_->cursor.load(std::memory_order_relaxed);
      break;
    case Whence::end:
      from = size;
      break;
    default:
      return fail(ErrorKind::invalid_argument,
                  {"seek: unknown whence ", std::to_underlying(whence), "; use SET 0, CUR 1 or END 2"});
  }
  // Both bounds are free of overflow: 0 <= from <= size.
  if (offset < -from || offset > size - from) {
    return fail(ErrorKind::out_of_bounds,
                {"seek: ", offset, " bytes from ", from, " do not lie within the mapping of ", size, " bytes"});
  }
  mapping_->cursor.store(from + offset, std::memory_order_relaxed);
  return from + offset;
}

Result<std::int64_t> Mmap::tell() const noexcept {
  if (mapping_ == nullptr) return closed("tell");
  return mapping_->cursor.load(std::memory_order_relaxed);
}

Result<std::span<std::byte>> Mmap::view_begin(std::int64_t offset, std::int64_t length) noexcept {
  if (mapping_ == nullptr) return closed("view");
  if (mapping_->positioned) return not_mapped("view");
  const auto range = range_of("view", *mapping_, offset, length);
  if (!range) return std::unexpected(range.error());
  if (const auto done = detail::pin("view", *mapping_, Mapping::view); !done) return std::unexpected(done.error());
  return std::span(mapping_->data + range->offset, static_cast<std::size_t>(range->size));
}

Result<std::int64_t> Mmap::view_end() noexcept {
  if (mapping_ == nullptr) return closed("view_end");
  const auto pins = detail::unpin(mapping_, Mapping::view);
  if (!pins) return fail(ErrorKind::invalid_argument, {"view_end: no view of this mapping is pinned"});
  return std::int64_t{*pins & Mapping::views};
}

Result<MmapView> Mmap::view(std::int64_t offset, std::int64_t length) noexcept {
  const auto bytes = view_begin(offset, length);
  if (!bytes) return std::unexpected(bytes.error());
  return MmapView(mapping_, *bytes);
}

Result<void> Mmap::probe(std::int64_t offset, std::int64_t length) const noexcept {
  if (mapping_ == nullptr) return closed("probe");
  if (const auto allowed = check_read("probe", *mapping_); !allowed) return allowed;
  const auto range = range_of("probe", *mapping_, offset, length);
  if (!range) return std::unexpected(range.error());
  if (mapping_->positioned) return detail::probe_positioned("probe", *mapping_, offset, range->size);
  if (range->size == 0) return {};
  const auto page = detail::page_size_for("probe");
  if (!page) return std::unexpected(page.error());
  const std::byte* const begin = mapping_->data + offset;
  if (!platform::populate(mapping_->guarded(), begin, begin + range->size, *page)) {
    return faulted("probe", offset, range->size);
  }
  return {};
}

Result<void> Mmap::flush(std::int64_t offset, std::int64_t length) noexcept {
  if (mapping_ == nullptr) return closed("flush");
  const auto range = range_of("flush", *mapping_, offset, length);
  if (!range) return std::unexpected(range.error());
  if (range->size == 0 || !mapping_->shares_file() || !mapping_->was_writable) return {};
  const auto pages = pages_of("flush", *mapping_, *range);
  if (!pages) return std::unexpected(pages.error());
  if (const auto done = platform::flush(mapping_->kept, pages->begin, pages->length); !done) {
    return fail_system(done.error(), {"flush: cannot write ", range->size, " bytes from offset ", offset});
  }
  return {};
}

Result<void> Mmap::advise(Advice advice, std::int64_t offset, std::int64_t length) noexcept {
  if (mapping_ == nullptr) return closed("advise");
  if (advice < Advice::normal || advice > Advice::dont_need) {
    return fail(ErrorKind::invalid_argument, {"advise: unknown advice ", std::to_underlying(advice),
                                              "; use NORMAL 0, SEQUENTIAL 1, RANDOM 2, WILL_NEED 3 or DONT_NEED 4"});
  }
  if (advice == Advice::dont_need && !mapping_->shares_file()) {
    return fail(ErrorKind::invalid_argument,
                {"advise: DONT_NEED would discard the data of a private or anonymous mapping; close it instead"});
  }
  const auto range = range_of("advise", *mapping_, offset, length);
  if (!range) return std::unexpected(range.error());
  if (range->size == 0 || mapping_->positioned) return {};
  const auto pages = pages_of("advise", *mapping_, *range);
  if (!pages) return std::unexpected(pages.error());
  if (const auto done = platform::advise(pages->begin, pages->length, advice); !done) {
    return fail_system(done.error(), {"advise: cannot advise on ", range->size, " bytes from offset ", offset});
  }
  return {};
}

}  // namespace stdbind
