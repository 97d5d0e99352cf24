/*
 * Distributions from a text, of words with single blanks between them.
 */
#ifndef T_DISTS_H
#define T_DISTS_H

#include <stddef.h>

#include "common/dist.h"

/* Times from 0 to 24h, but not none; sizes from 1, but not hang. */
extern const struct dist_unit dists_times, dists_sizes;

/* As dist_parse does; an empty text has no words. */
int	dists_parse(struct dist *, const char *text, size_t *used,
	    const struct dist_unit *, char *error, size_t size);

/* The distribution of a text, all of it; a failed test where it is none. */
struct dist	dists_of(const char *text, const struct dist_unit *);

#endif
