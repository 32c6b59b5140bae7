// Resizing: file and mapping change together, or neither does. A file gets its room before the mapping shows it.
#include <algorithm>
#include <limits>

#include "checks.hpp"
#include "watch.hpp"

namespace stdbind {

using detail::fail;
using detail::fail_system;
using detail::Mapping;

namespace {

constexpr std::size_t huge = std::size_t{2} << 20U;

/// How far the first byte lies behind the start of its page.
std::size_t before(const Mapping& mapping, std::size_t page) noexcept {
  return static_cast<std::size_t>(static_cast<std::uint64_t>(mapping.file_offset) % page);
}

/// Whether this kind of mapping can be resized, and to this length.
Result<void> check(const Mapping& mapping, std::int64_t length, std::size_t page) noexcept {
  if (length < 0) return fail(ErrorKind::invalid_argument, {"resize: the length ", length, " is negative"});
  if (const auto free = detail::check_unused("resize", mapping); !free) return free;
  if (mapping.anonymous) {
    if (!mapping.is_private() || mapping.huge_page != 0) {
      return fail(ErrorKind::unsupported,
                  {"resize: only private memory of ordinary pages can be resized; open it with COW, without HUGETLB"});
    }
    if (length == 0) return fail(ErrorKind::invalid_argument, {"resize: anonymous memory needs at least 1 byte"});
    if (!mapping.writable) return detail::not_writable("resize", mapping);
  } else if (!has(mapping.options, OpenOptions::grow)) {
    return fail(ErrorKind::unsupported,
                {"resize: the mapping keeps no descriptor to do it with; open the file with the option GROW 1"});
  }
  const auto most = static_cast<std::uint64_t>(std::numeric_limits<std::ptrdiff_t>::max()) - huge;
  if ((!mapping.positioned && static_cast<std::uint64_t>(length) > most - before(mapping, page)) ||
      length > std::numeric_limits<std::int64_t>::max() - mapping.file_offset) {
    return fail(ErrorKind::no_memory, {"resize: ", length, " bytes are more than this system can address"});
  }
  return {};
}

/// Brings the pages to a new length. On an error they are as before.
Result<void> move_pages(Mapping& mapping, std::int64_t length, std::size_t page) noexcept {
  const std::size_t skipped = before(mapping, page);
  std::size_t mapped = length == 0 || mapping.positioned ? 0 : skipped + static_cast<std::size_t>(length);
  if (has(mapping.options, OpenOptions::huge)) mapped = (mapped + huge - 1) / huge * huge;
  if (mapped != mapping.mapped) {
    const platform::Behind behind{
        .mode = mapping.mode, .file = mapping.file, .offset = mapping.file_offset - static_cast<std::int64_t>(skipped)};
    platform::System<platform::Mapped> pages;
    if (mapped == 0) {
      if (const auto gone = platform::unmap(mapping.pages(), mapping.mapped); !gone) {
        pages = std::unexpected(gone.error());
      }
    } else if (mapping.mapped == 0) {
      pages = platform::map(0, mapped, behind.mode, behind.file, behind.offset);
    } else {
      pages = platform::remap(mapping.pages(), mapping.mapped, mapped, behind);
    }
    if (!pages) return fail_system(pages.error(), {"resize: cannot map ", length, " bytes"});
    mapping.base = pages->address;
    mapping.kept = pages->kept;
    mapping.mapped = mapped;
    mapping.data = mapped == 0 ? detail::no_bytes() : pages->address + skipped;
  }
  mapping.size = static_cast<std::uint64_t>(length);
  return {};
}

Result<void> resize_memory(Mapping& mapping, std::int64_t length, std::size_t page) noexcept {
  const auto old = static_cast<std::size_t>(mapping.size);
  const std::size_t used = (mapping.mapped + page - 1) / page * page;
  if (const auto moved = move_pages(mapping, length, page); !moved) return moved;
  // New bytes are zero, also on pages that were there: the memory may have been longer once.
  const std::size_t dirty = std::min(static_cast<std::size_t>(length), used);
  if (dirty > old) std::fill_n(mapping.data + old, dirty - old, std::byte{});
  return {};
}

/// Makes a file and its mapping shorter where that takes three steps: the pages go, and come back. If the system does
/// not give them back, the mapping is one of no bytes; the file is as long as it was, or as it was to become.
Result<void> cut_unmapped(Mapping& mapping, std::int64_t length, std::size_t page) noexcept {
  const auto old = static_cast<std::int64_t>(mapping.size);
  if (const auto gone = move_pages(mapping, 0, page); !gone) return gone;
  if (const auto cut = platform::set_size(mapping.file, mapping.file_offset + length); !cut) {
    [[maybe_unused]] const auto restored = move_pages(mapping, old, page);
    return fail_system(cut.error(), {"resize: cannot make the file shorter"});
  }
  return move_pages(mapping, length, page);
}

Result<void> resize_file(Mapping& mapping, std::int64_t length, std::size_t page) noexcept {
  const auto info = platform::file_info(mapping.file);
  if (!info) return fail_system(info.error(), {"resize: cannot examine the file"});
  const auto old = static_cast<std::int64_t>(mapping.size);
  const std::int64_t end = mapping.file_offset + length;
  const bool grows = end > info->size;
  if (grows && !mapping.was_writable) {
    return fail(ErrorKind::out_of_bounds,
                {"resize: offset ", mapping.file_offset, " and length ", length, " do not lie within the file of ",
                 info->size, " bytes, which is open to be read only"});
  }
  // What lies behind the mapping in its file is not ours to cut off.
  const bool cuts = mapping.was_writable && mapping.file_offset + old >= info->size && end < info->size;
  if (cuts && !platform::cuts_mapped_files) return cut_unmapped(mapping, length, page);
  const auto shrink_back = [&] {
    // What another process has appended meanwhile is not ours to cut off. If this fails too, the file keeps zeroes at
    // its end: nothing of what it held is lost.
    const auto now = platform::file_info(mapping.file);
    if (!now || now->size < info->size || now->size > end) return;
    [[maybe_unused]] const auto ignored = platform::set_size(mapping.file, info->size);
  };
  if (grows) {
    if (const auto room = platform::allocate(mapping.file, info->size, end); !room) {
      shrink_back();
      return fail_system(room.error(), {"resize: no room for ", end - info->size, " more bytes"});
    }
  }
  if (const auto moved = move_pages(mapping, length, page); !moved) {
    if (grows) shrink_back();
    return moved;
  }
  if (cuts) {
    if (const auto cut = platform::set_size(mapping.file, end); !cut) {
      [[maybe_unused]] const auto restored = move_pages(mapping, old, page);
      return fail_system(cut.error(), {"resize: cannot make the file shorter"});
    }
  }
  return {};
}

}  // namespace

Result<void> Mmap::resize(std::int64_t length) noexcept {
  if (mapping_ == nullptr) return detail::closed("resize");
  const auto page = detail::page_size_for("resize");
  if (!page) return std::unexpected(page.error());
  if (const auto checked = check(*mapping_, length, *page); !checked) return checked;
  const detail::OwnChange ours(*mapping_, detail::OwnChange::Size::changes);
  const auto done =
      mapping_->anonymous ? resize_memory(*mapping_, length, *page) : resize_file(*mapping_, length, *page);
  if (!done) return done;
  const std::int64_t cursor = mapping_->cursor.load(std::memory_order_relaxed);
  mapping_->cursor.store(std::min(length, cursor), std::memory_order_relaxed);
  return {};
}

}  // namespace stdbind
