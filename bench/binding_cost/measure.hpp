// Times one call, many times over: what abi.cpp, cpp.cpp and read_at.mojo do in the same way.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>

constexpr std::int64_t mapping_size = 65536;
constexpr std::int64_t read_size = 16;

/// Calls read(offset), which returns a byte of what it read, at changing offsets, and prints nanoseconds per call.
template <typename Read>
int measure(const char* name, Read read) {
  constexpr std::int64_t warm_up = 200'000;
  constexpr std::int64_t calls = 2'000'000;
  std::int64_t sum = 0;
  for (std::int64_t i = 0; i < warm_up; ++i) sum += read(i * 64 & (mapping_size - 64));
  const auto start = std::chrono::steady_clock::now();
  for (std::int64_t i = 0; i < calls; ++i) sum += read(i * 64 & (mapping_size - 64));
  const std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now() - start;
  std::printf("%s\t%.3f\n", name, time.count() / static_cast<double>(calls));
  return sum == (warm_up + calls) * 'x' ? 0 : 1;
}
