/* Whole files in memory. */
#ifndef COMMON_SLURP_H
#define COMMON_SLURP_H

#include <stddef.h>

/*
 * Reads a file, but at most max + 1 bytes of it, which shows that it is longer
 * than max.  Gives *len bytes, to be freed, behind which one more may be
 * written; or NULL and errno.
 */
char	*slurp_file(const char *file, size_t max, size_t *len);

#endif
