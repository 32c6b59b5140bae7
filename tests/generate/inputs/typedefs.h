#include <stdint.h>
#include <sys/types.h>
typedef int64_t sample_handle;
typedef sample_handle sample_alias;
typedef struct sample_box *sample_box_pointer;
typedef unsigned char sample_byte;
sample_alias sample_open(off_t offset, sample_box_pointer box);
void sample_store(sample_byte *to, const sample_byte *from, uint16_t *words, const double *numbers, char **texts);
