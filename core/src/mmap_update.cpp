// Changes that reach the disk past the pages: durable writes, and write-out that nobody waits for.
#include "watch.hpp"

namespace stdbind {

using detail::fail;
using detail::fail_system;
using detail::Mapping;
using detail::OwnChange;

namespace {

/// Whether this mapping's file may be written past its pages.
Result<void> check_update(const Mapping& mapping) noexcept {
  if (mapping.anonymous) {
    return fail(ErrorKind::unsupported, {"update: no file lies behind anonymous memory; use write_at"});
  }
  if (mapping.is_private()) {
    return fail(ErrorKind::not_writable, {"update: the mode ", mapping.mode,
                                          " keeps changes from the file; open it without COW to write to it"});
  }
  if (!mapping.writable) return detail::not_writable("update", mapping);
  if (!has(mapping.options, OpenOptions::update)) {
    return fail(ErrorKind::unsupported,
                {"update: the mapping keeps no descriptor to do it with; open the file with the option UPDATE 2"});
  }
  return {};
}

/// Writes all of a range that was checked, unless the file has become too short for it.
Result<void> write_all(const Mapping& mapping, std::int64_t offset, std::span<const std::byte> data) noexcept {
  const auto info = platform::file_info(mapping.file);
  if (!info) return fail_system(info.error(), {"update: cannot examine the file"});
  const std::int64_t begin = mapping.file_offset + offset;
  if (info->regular && begin > info->size - static_cast<std::int64_t>(data.size())) {
    return detail::faulted("update", offset, data.size());
  }
  for (std::size_t done = 0; done < data.size();) {
    const auto count =
        platform::write_position(mapping.file, begin + static_cast<std::int64_t>(done), data.subspan(done));
    if (!count) {
      return fail_system(count.error(), {"update: cannot write ", data.size() - done, " bytes from offset ",
                                         offset + static_cast<std::int64_t>(done)});
    }
    done += *count;
  }
  return {};
}

}  // namespace

Result<void> Mmap::update(std::int64_t offset, std::span<const std::byte> data) noexcept {
  if (mapping_ == nullptr) return detail::closed("update");
  if (const auto checked = check_update(*mapping_); !checked) return checked;
  if (!detail::fits(*mapping_, offset, data.size())) {
    return detail::outside("update", *mapping_, offset, static_cast<std::int64_t>(data.size()));
  }
  if (data.empty()) return {};
  {
    const OwnChange ours(*mapping_, OwnChange::Size::stays);
    if (const auto written = write_all(*mapping_, offset, data); !written) return written;
  }
  if (const auto synced = platform::sync_data(mapping_->file); !synced) {
    return fail_system(synced.error(), {"update: ", data.size(), " bytes from offset ", offset,
                                        " were written, but may not have reached the disk"});
  }
  return {};
}

Result<void> Mmap::flush_async(std::int64_t offset, std::int64_t length) noexcept {
  if (mapping_ == nullptr) return detail::closed("flush_async");
  const auto range = detail::range_of("flush_async", *mapping_, offset, length);
  if (!range) return std::unexpected(range.error());
  if (range->size == 0 || !mapping_->shares_file() || !mapping_->was_writable) return {};
  if (mapping_->file == platform::no_file) {
    return fail(ErrorKind::unsupported,
                {"flush_async: the mapping keeps no descriptor to do it with; open the file with GROW 1, UPDATE 2 or "
                 "WATCH 4, or use flush"});
  }
  const auto pages = detail::pages_of("flush_async", *mapping_, *range);
  if (!pages) return std::unexpected(pages.error());
  const std::int64_t at = mapping_->file_offset + (pages->begin - mapping_->data);
  if (const auto begun = platform::begin_flush(mapping_->file, at, pages->begin, pages->length); !begun) {
    return fail_system(begun.error(),
                       {"flush_async: cannot begin to write ", range->size, " bytes from offset ", offset});
  }
  return {};
}

}  // namespace stdbind
