/*
 * Many draws from one condition of a disk, and what they have in common.
 */
#ifndef SERVER_SAMPLE_H
#define SERVER_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "server/conf.h"
#include "server/model.h"

#define SAMPLE_STATUSES	600

struct sample {
	int64_t *times;		/* service times in ns, in ascending order */
	size_t n;		/* of them */
	double sum;		/* of those that end, ns */
	size_t slow;		/* on a rung of `slow' */
	size_t failed;		/* with another status than 200 */
	size_t never;		/* that do not end */
	size_t statuses[SAMPLE_STATUSES];
	size_t faults[FAULT_KINDS];
};

/* Room for n draws.  Gives 0, or -1 and errno. */
int	sample_open(struct sample *, size_t n);

/*
 * Draws what the disk's first n arrivals draw when all of them meet this
 * condition; of a disk that goes by paths, or has objects, the paths are 0,
 * 1, 2 and so on.  What the one before has drawn is gone.
 */
void	sample_draw(struct sample *, const struct conf *,
	    const struct conf_disk *, const struct model *);

/* The least time that at least ppm millionths of all do not exceed, ns. */
int64_t	sample_quantile(const struct sample *, int64_t ppm);

/* The mean of those that end, ns; 0 when none does. */
double	sample_mean(const struct sample *);

void	sample_close(struct sample *);

#endif
