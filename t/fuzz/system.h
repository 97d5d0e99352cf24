/*
 * What a loader of files asks of the system, without the system: one file,
 * which gives its bytes in pieces, and memory.
 *
 * The linker puts the functions of system.c in the place of open(2), read(2),
 * mmap(2) and the like.  Who reads or writes beyond what he has mapped is seen.
 */
#ifndef T_FUZZ_SYSTEM_H
#define T_FUZZ_SYSTEM_H

#include <stddef.h>

/* From now on this is the system, without a file; and no more. */
void	system_begin(void);

/* Nothing may be open or mapped then. */
void	system_end(void);

/* There is a file.  How it is cut depends on the bytes alone. */
void	system_file(const char *name, const char *bytes, size_t len);

#endif
