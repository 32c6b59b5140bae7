/* abi.h as C11: values and types are frozen, and the table of the shared library has the frozen order. */
#include <stdio.h>

#include "abi_frozen.h"

#define VALUE(name, number) _Static_assert((name) == (number), #name);
FROZEN_VALUES(VALUE)

#define FUNCTION(name, result, arguments) _Static_assert(_Generic(&(name), result(*) arguments: 1, default: 0), #name);
FROZEN_FUNCTIONS(FUNCTION)

_Static_assert(sizeof(stdbind_mmap) == 8, "a handle is an int64_t");

int main(void) {
  const struct frozen_table* table = (const struct frozen_table*)(const void*)stdbind_api_table(1);
  if (table == NULL) {
    fputs("no table for version 1\n", stderr);
    return 1;
  }
  int wrong = 0;
  int place = 0;
#define ENTRY(name, result, arguments)                                      \
  if (table->entries[place++] != (void (*)(void))(name)) {                  \
    fprintf(stderr, "entry %d of the table is not %s\n", place - 1, #name); \
    ++wrong;                                                                \
  }
  FROZEN_FUNCTIONS(ENTRY)
  if (table->version != STDBIND_ABI_VERSION || table->version != stdbind_abi_version()) {
    fprintf(stderr, "the table has version %lld\n", (long long)table->version);
    ++wrong;
  }
  if (table->count != place) {
    fprintf(stderr, "the table counts %lld entries of %d\n", (long long)table->count, place);
    ++wrong;
  }
  return wrong == 0 ? 0 : 1;
}
