%module sample
%{
#include <string.h>
int sample_hidden(int a);
int sample_old(int a);
int sample_blocks(const char *data, int count);
%}
%feature("stdbind:disable", "simple") sample_old;
%feature("stdbind:name", "newer") sample_old;
%feature("stdbind:buffers", "data,count") sample_blocks;
%ignore sample_hidden;

/** The length of a text in bytes. */
unsigned long strlen(const char *text);
int sample_hidden(int a);
int sample_old(int a);
int sample_blocks(const char *data, int count);
%constant int SAMPLE_ANSWER = 6 * 7;
#define SAMPLE_WORD "word"
%inline %{
/** Twice a number. */
static inline int sample_twice(int number) { return 2 * number; }
%}
