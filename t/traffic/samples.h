/*
 * Every measured value, kept, so that a percentile is one of them.
 */
#ifndef T_TRAFFIC_SAMPLES_H
#define T_TRAFFIC_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

/* The value of something that never came: slower than any other. */
#define SAMPLES_NEVER INT64_MAX

struct samples {
	int64_t *v;	/* nanoseconds, in any order until samples_sort */
	size_t n;	/* how many there are */
	size_t room;	/* how many fit before v grows */
};

/* Exits when there is no memory. */
void	samples_add(struct samples *, int64_t ns);

void	samples_sort(struct samples *);

/*
 * The smallest value that at least the fraction p of all do not exceed.
 * Sort first.  Gives -1 when there is none.
 */
int64_t	samples_percentile(const struct samples *, double p);

/* The mean; never, where one of them is.  Gives -1 when there is none. */
int64_t	samples_mean(const struct samples *);

void	samples_free(struct samples *);

#endif
