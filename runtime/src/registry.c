/* The mappings that are open, by handle. A handle is a slot's number and how often the slot was used, so that one that
 * was released, or made up, is never taken for another. */
#include <stddef.h>

#include "internal.h"

/* As many as Linux lets a process have by default (vm.max_map_count). Slots that were never used take no memory. */
enum { slots = 65536 };

struct slot {
  int64_t handle; /* of the open mapping; minus the last one if there is none */
  void* address;
  int64_t length; /* of the mapping; if there is none, the next free slot, or -1 */
};

static struct slot table[slots];
static int64_t used;     /* slots below were used at least once */
static int64_t released; /* the first of the free ones among them, counted from 1; 0: none */

int64_t stdbind_rt_add(void* address, int64_t length) {
  int64_t handle = -1;
  stdbind_rt_lock();
  int64_t index = released - 1;
  if (index >= 0) {
    released = table[index].length;
  } else if (used < slots) {
    index = used++;
    table[index].handle = -index;
  }
  if (index >= 0) {
    handle = slots - table[index].handle;
    table[index] = (struct slot){.handle = handle, .address = address, .length = length};
  }
  stdbind_rt_unlock();
  if (handle < 0) stdbind_rt_too_many();
  return handle;
}

/* The open mapping of a handle; with `end` it is taken out of the table. */
static struct slot find(int64_t handle, int end) {
  struct slot found = {0, NULL, -1};
  const int64_t index = handle & (slots - 1);
  stdbind_rt_lock();
  if (handle > 0 && table[index].handle == handle) {
    found = table[index];
    if (end) {
      table[index].handle = -handle;
      table[index].length = released;
      released = index + 1;
    }
  }
  stdbind_rt_unlock();
  if (found.address == NULL) stdbind_rt_no_handle();
  return found;
}

const uint8_t* rt_file_mmap_address(int64_t handle) { return find(handle, 0).address; }

int64_t rt_file_mmap_length(int64_t handle) { return find(handle, 0).length; }

int64_t rt_file_mmap_unmap(int64_t handle) {
  const struct slot found = find(handle, 1);
  if (found.address == NULL) return -1;
  stdbind_rt_end_mapping(found.address, found.length);
  return 1;
}
