/* The system's own values of the constants that the package mmap names. */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <sys/mman.h>

#define SHOW(name) printf(#name " %d\n", name)

int main(void) {
  SHOW(PROT_NONE);
  SHOW(PROT_READ);
  SHOW(PROT_WRITE);
  SHOW(PROT_EXEC);
  SHOW(MAP_SHARED);
  SHOW(MAP_PRIVATE);
  SHOW(MAP_FIXED);
  SHOW(MAP_ANONYMOUS);
  SHOW(MS_ASYNC);
  SHOW(MS_INVALIDATE);
  SHOW(MS_SYNC);
  return 0;
}
