/*
 * Values of the keywords that say what reads are like: distributions, ladders
 * and faults.  See value.h; these are at the keyword's offset as well, in a
 * disk or in a condition.
 */
#ifndef SERVER_VALUE_MODEL_H
#define SERVER_VALUE_MODEL_H

#include "server/keyword.h"

/* A struct dist of times. */
int	value_read(const struct keyword *, void *base, struct keyword_args *);
void	value_read_print(const struct keyword *, const void *base,
	    const struct keyword_out *);

/* A struct dist of sizes in a disk, which is `sized' then; or off. */
int	value_object(const struct keyword *, void *base,
	    struct keyword_args *);
void	value_object_print(const struct keyword *, const void *base,
	    const struct keyword_out *);

/* A struct model_ladder, rung by rung: good reads, and those that fail. */
int	value_slow(const struct keyword *, void *base, struct keyword_args *);
int	value_failing(const struct keyword *, void *base,
	    struct keyword_args *);
void	value_ladder_print(const struct keyword *, const void *base,
	    const struct keyword_out *);

/* A struct model_ladder of faults, one by one. */
int	value_fault(const struct keyword *, void *base, struct keyword_args *);
void	value_fault_print(const struct keyword *, const void *base,
	    const struct keyword_out *);

#endif
