/* CRC-32 as zlib and PNG have it, for the adapters in C and C++: so that no platform has to have zlib for them. */
#ifndef STDBIND_ADAPTERS_CRC32_H
#define STDBIND_ADAPTERS_CRC32_H

#include <stddef.h>
#include <stdint.h>

static inline uint32_t crc32_of(const void *data, size_t size) {
  const unsigned char *bytes = (const unsigned char *)data;
  uint32_t crc = UINT32_MAX;
  for (size_t i = 0; i < size; ++i) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1U ^ (0xEDB88320U & (0U - (crc & 1U)));
  }
  return ~crc;
}

#endif
