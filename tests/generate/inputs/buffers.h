#include <stddef.h>
int sample_sum(const unsigned char *data, size_t length);
int sample_fill(void *buffer, int bufferSize, int value);
size_t sample_read_items(void *buffer, size_t size, size_t items);
int sample_two(const void *key, int keylen, char *value, int value_len);
int sample_no_pair(const char *text, int count);
