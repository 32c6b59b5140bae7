// What every system does alike with pages: mapping once more in another length, and bringing new ones into being.
#include <algorithm>

#include "platform/platform.hpp"

namespace stdbind::platform {

System<Mapped> map_again(Mapped mapped, std::size_t from, std::size_t to, Behind behind) noexcept {
  const auto again = map(0, to, behind.mode, behind.file, behind.offset);
  if (!again) return again;
  if (behind.file == no_file) std::copy_n(mapped.address, std::min(from, to), again->address);
  if (const auto gone = unmap(mapped, from); !gone) {
    [[maybe_unused]] const auto ignored = unmap(*again, to);
    return std::unexpected(gone.error());
  }
  return again;
}

bool write_zeroes(std::byte* address, std::size_t length, std::size_t page) noexcept {
  for (std::size_t at = 0; at < length; at += page) {
    constexpr std::byte zero{};
    if (!guarded_copy({address, length}, address + at, &zero, 1)) return false;
  }
  return true;
}

}  // namespace stdbind::platform
