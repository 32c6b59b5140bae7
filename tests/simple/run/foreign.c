// Functions for the tests of the foreign calls.
#include <stdint.h>
#include <string.h>

int64_t foreign_sum8(int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f, int64_t g, int64_t h);
int64_t foreign_sum8(int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f, int64_t g, int64_t h) {
  return a + 10 * b + 100 * c + 1000 * d + 10000 * e + 100000 * f + 1000000 * g + 10000000 * h;
}

int64_t foreign_nothing(void);
int64_t foreign_nothing(void) { return -7; }

int64_t foreign_length(const char* text);
int64_t foreign_length(const char* text) { return (int64_t)strlen(text); }

int64_t foreign_fill(unsigned char* bytes, int64_t size, int64_t value);
int64_t foreign_fill(unsigned char* bytes, int64_t size, int64_t value) {
  memset(bytes, (int)value, (size_t)size);
  return size;
}

double foreign_product(double a, double b);
double foreign_product(double a, double b) { return a * b; }
