#include <stdint.h>
struct sample_opaque;
typedef struct sample_opaque sample_hidden;
struct sample_point {
  int x;    /* across */
  double y; /* up */
};
typedef struct {
  char name[10];
  struct sample_point where;
  const sample_hidden *link;
  unsigned flag : 1;
  int (*callback)(int);
  union {
    int whole;
    float part;
  } choice;
} sample_record;
struct __attribute__((packed)) sample_packed {
  char one;
  int64_t eight;
};
union sample_union {
  int whole;
  double part;
};
int sample_move(struct sample_point *point, const sample_record *record, sample_hidden *hidden);
struct sample_packed *sample_packed_new(void);
