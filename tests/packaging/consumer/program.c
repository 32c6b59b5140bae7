/* A user of the C interface: prints the first 9 bytes of a file. */
#include <stdbind/abi.h>
#include <stdio.h>

int main(int count, char** arguments) {
  if (count != 2) return 2;
  char bytes[10] = {0};
  const stdbind_mmap mapping = stdbind_mmap_open_path(arguments[1], -1, STDBIND_MODE_READ, 0, -1, 0);
  if (mapping < 0 || stdbind_mmap_read(mapping, bytes, 9) != 9 || stdbind_mmap_close(mapping) != 1) {
    char message[256];
    stdbind_last_error_message(message, sizeof(message));
    fprintf(stderr, "%s\n", message);
    return 1;
  }
  puts(bytes);
  return stdbind_live_handles() == 0 ? 0 : 1;
}
