/*
 * The values of keywords that say how many workers there are, and how long:
 * value.h, for keywords that are like no other.
 */
#ifndef SERVER_VALUE_CREW_H
#define SERVER_VALUE_CREW_H

#include "server/keyword.h"

/* Always the record as a whole is their base. */
int	value_workers(const struct keyword *, void *base,
	    struct keyword_args *);
int	value_max_requests(const struct keyword *, void *base,
	    struct keyword_args *);
int	value_crash_limit(const struct keyword *, void *base,
	    struct keyword_args *);
void	value_workers_print(const struct keyword *, const void *base,
	    const struct keyword_out *);
void	value_max_requests_print(const struct keyword *, const void *base,
	    const struct keyword_out *);
void	value_crash_limit_print(const struct keyword *, const void *base,
	    const struct keyword_out *);

#endif
