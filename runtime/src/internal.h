/* What the parts of libstdbind_rt share. Each system has a file of its own; the registry knows none. */
#ifndef STDBIND_RT_INTERNAL_H
#define STDBIND_RT_INTERNAL_H

#include <stdbind/rt.h>

/* Of the system: one lock for the registry, and the end of a mapping. */
void stdbind_rt_lock(void);
void stdbind_rt_unlock(void);
/* Sets errno (and on Windows the last error) to "no such handle", or to "no more mappings". */
void stdbind_rt_no_handle(void);
void stdbind_rt_too_many(void);
void stdbind_rt_end_mapping(void* address, int64_t length);

/* Takes a mapping over and returns its handle; -1 if there are too many, which leaves it the caller's. */
int64_t stdbind_rt_add(void* address, int64_t length);

#endif
