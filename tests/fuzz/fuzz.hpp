// What the fuzz targets share. Each is a program of its own with libFuzzer's main.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace stdbind::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace stdbind::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
