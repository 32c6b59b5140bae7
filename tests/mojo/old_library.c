/* A library that is too old for every binding: its table answers NULL. */
#include <stddef.h>
#include <stdint.h>

const void* stdbind_api_table(int64_t version);

const void* stdbind_api_table(int64_t version) {
  (void)version;
  return NULL;
}
