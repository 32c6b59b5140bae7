#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
// Integers of every width, and what else a value can be.
int64_t sample_add(int64_t a, int64_t b);
signed char sample_narrow(unsigned char a, short b, unsigned short c, int d, unsigned e);
unsigned long long sample_wide(long a, unsigned long b, long long c, size_t d);
bool sample_is_even(int number);
double sample_mean(float a, double b);
void sample_nothing(void);
const char *sample_name(int index);
int sample_length(const char *text);
int sample_compare(const char *left, const char *right);
int sample_unnamed(int, const char *);
static inline int sample_inline(int a) { return a + 1; }
