/* The functions of inputs/functions.h, buffers.h and enums.h: what the generated bindings are called against. */
#include <string.h>

#include "inputs/buffers.h"
#include "inputs/enums.h"
#include "inputs/functions.h"
#include "inputs/structs.h"

int64_t sample_add(int64_t a, int64_t b) { return a + b; }
signed char sample_narrow(unsigned char a, short b, unsigned short c, int d, unsigned e) {
  return (signed char)(a == 255 && b == -1 && c == 65535 && d == -2 && e == 4294967295U ? -128 : 1);
}
unsigned long long sample_wide(long a, unsigned long b, long long c, size_t d) {
  return a == -1 && b == 1 && c == -3 ? d : 0;
}
bool sample_is_even(int number) { return number % 2 == 0; }
double sample_mean(float a, double b) { return (a + b) / 2; }
void sample_nothing(void) {}
const char* sample_name(int index) { return index == 0 ? "zero" : NULL; }
int sample_length(const char* text) { return text == NULL ? -1 : (int)strlen(text); }
int sample_compare(const char* left, const char* right) { return strcmp(left, right); }
int sample_unnamed(int a, const char* b) { return a + (int)strlen(b); }

int sample_sum(const unsigned char* data, size_t length) {
  int sum = 0;
  for (size_t i = 0; i < length; ++i) sum += data[i];
  return sum;
}
int sample_fill(void* buffer, int bufferSize, int value) {
  memset(buffer, value, (size_t)bufferSize);
  return bufferSize;
}
size_t sample_read_items(void* buffer, size_t size, size_t items) {
  memset(buffer, 7, size * items);
  return items;
}
int sample_two(const void* key, int keylen, char* value, int value_len) {
  memcpy(value, key, (size_t)(keylen < value_len ? keylen : value_len));
  return keylen;
}
int sample_no_pair(const char* text, int count) { return text[0] + count; }

enum sample_color sample_mix(enum sample_color a, sample_level b, sample_tag_name c) {
  return b == SAMPLE_HIGH && c == SAMPLE_TAG_A ? a : SAMPLE_LAST;
}

int sample_move(struct sample_point* point, const sample_record* record, sample_hidden* hidden) {
  point->x += record->where.x;
  point->y += record->where.y;
  return hidden == NULL ? record->name[9] : -1;
}
