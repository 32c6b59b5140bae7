#include <stdarg.h>
typedef int (*sample_function)(void *, int);
struct sample_value {
  int a;
};
int sample_callback(sample_function function);
int sample_raw_callback(void (*function)(int), int data);
int sample_print(const char *format, ...);
int sample_print_list(const char *format, va_list list);
struct sample_value sample_by_value(struct sample_value value);
long double sample_long(long double value);
int sample_nine(int a, int b, int c, int d, int e, int f, int g, int h, int i);
int sample_fine(int a);
