#define SAMPLE_H
#define SAMPLE_ONE 1
#define SAMPLE_SUM (SAMPLE_ONE + (2 << 3))
#define SAMPLE_NEGATIVE (-5)
#define SAMPLE_CHARACTER 'A'
#define SAMPLE_TEXT "a \"quoted\" {text}\n"
#define SAMPLE_JOINED "one" " " "two"
#define SAMPLE_REAL 1.5e3
#define SAMPLE_MAXIMUM 0xffffffffffffffffULL
#define SAMPLE_TWICE 1
#undef SAMPLE_TWICE
#define SAMPLE_TWICE 2
#define SAMPLE_GONE 3
#undef SAMPLE_GONE
#define SAMPLE_CALL(x) ((x) + 1)
#define SAMPLE_VARIABLE sample_variable
#define SAMPLE_DECORATION __attribute__((unused))
#define SAMPLE_BRACES { 1, 2 }
extern int sample_variable;
