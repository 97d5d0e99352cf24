/*
 * When a worker was idle for sure, worked out afterwards from spans of time:
 * those in which each worker was there, those in which each may have been
 * busy, and those that prove nothing, because the machine stood still.
 *
 * Times are in ns, of one clock.  Memory that is not to be had ends the test.
 */
#ifndef T_IDLENESS_H
#define T_IDLENESS_H

#include <stddef.h>
#include <stdint.h>

struct span {
	int64_t from;
	int64_t to;		/* exclusive; at or before from: no time */
};

struct spans {
	struct span *v;		/* in no order; they may overlap */
	size_t n;
	size_t room;
};

void	spans_add(struct spans *, int64_t from, int64_t to);
void	spans_append(struct spans *, const struct spans *);
void	spans_free(struct spans *);

/* From here until the next moment: */
struct moment {
	int64_t at;
	int idle;		/* workers that are there and surely not busy;
				   negative: fewer than may be busy */
	int excused;		/* spans that prove nothing */
};

struct idleness {
	struct moment *v;	/* in order of time */
	size_t n;
};

void	idleness_open(struct idleness *, const struct spans *there,
	    const struct spans *busy, const struct spans *excused);
void	idleness_free(struct idleness *);

/*
 * The longest stretch of a span in which one worker or more was idle all the
 * time; *proven is the most of any such stretch that is left when what is
 * excused is taken out.
 */
int64_t	idleness_longest(const struct idleness *, const struct span *,
	    int64_t *proven);

/* How much of a span is idle time that is not excused. */
int64_t	idleness_watched(const struct idleness *, const struct span *);

#endif
