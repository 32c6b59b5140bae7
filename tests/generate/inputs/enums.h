enum sample_color { SAMPLE_RED = 1, SAMPLE_GREEN, SAMPLE_BLUE = SAMPLE_RED << 4, SAMPLE_LAST = -1 };
typedef enum { SAMPLE_LOW, SAMPLE_HIGH = 0x7fffffff } sample_level;
typedef enum sample_tag { SAMPLE_TAG_A } sample_tag_name;
enum { SAMPLE_LOOSE = 'x' };
enum sample_color sample_mix(enum sample_color a, sample_level b, sample_tag_name c);
