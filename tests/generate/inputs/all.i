%module sample
%include <stdint.i>
%{
#include <stdbool.h>
#include "functions.h"
#include "buffers.h"
#include "enums.h"
#include "constants.h"
#include "structs.h"
%}
/* What SWIG cannot read is defined away for it; sizes come from the compiler. */
#define __attribute__(x)
%ignore sample_variable;
%ignore sample_packed_new;
%feature("stdbind:disable", "simple") sample_mean;
%feature("stdbind:disable_fields", "flag") sample_record;
%include "functions.h"
%include "buffers.h"
%include "enums.h"
%include "constants.h"
%include "structs.h"
