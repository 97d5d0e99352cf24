/*
 * How often times of what length occurred: for millions of them in 2 kB, and
 * those of many processes can be added up.
 *
 * There are 8 buckets in each octave from 2^10 ns, 1 us, to 2^40 ns, 18
 * minutes; one below, and one above.  A bucket is an eighth of its octave's
 * beginning wide: so its middle is off by at most a 16th of any value in it.
 *
 * Who adds needs no lock, and who reads sees each number whole.  All of them
 * are never seen at one moment: that is what readers have to live with.
 */
#ifndef COMMON_HISTOGRAM_H
#define COMMON_HISTOGRAM_H

#include <stdatomic.h>
#include <stdint.h>

#define HISTOGRAM_FIRST		10	/* the first octave begins at 2^this */
#define HISTOGRAM_LAST		40	/* and behind the last one is 2^this */
#define HISTOGRAM_PARTS		8	/* of an octave */
#define HISTOGRAM_BUCKETS \
	((HISTOGRAM_LAST - HISTOGRAM_FIRST) * HISTOGRAM_PARTS + 2)

/* All zeros is an empty one. */
struct histogram {
	_Atomic uint64_t sum;		/* of all values, ns */
	_Atomic uint64_t max;		/* the largest, ns */
	_Atomic uint64_t buckets[HISTOGRAM_BUCKETS];
};

/* The bucket that a time of ns belongs to; negative ones count as 0. */
static inline unsigned int
histogram_index(int64_t ns)
{
	unsigned int octave;

	if (ns < INT64_C(1) << HISTOGRAM_FIRST)
		return 0;
	if (ns >= INT64_C(1) << HISTOGRAM_LAST)
		return HISTOGRAM_BUCKETS - 1;
	octave = 63 - (unsigned int)__builtin_clzll((uint64_t)ns);
	/* Its leading bits, of which the first is always set. */
	return (octave - HISTOGRAM_FIRST) * HISTOGRAM_PARTS + 1 +
	    ((unsigned int)(ns >> (octave - 3)) & (HISTOGRAM_PARTS - 1));
}

/*
 * Where bucket i, 0 to HISTOGRAM_BUCKETS, begins, which is where the one
 * before it ends: INT64_MAX behind the last.
 */
int64_t	histogram_edge(unsigned int i);

/* Adds a value, where no other process or thread ever does. */
void	histogram_add(struct histogram *, int64_t ns);

/* The same where others do so at the same time. */
void	histogram_add_shared(struct histogram *, int64_t ns);

/*
 * Adds all of another one; or takes away what an earlier copy of the same one
 * had, which leaves what came since, and the largest of all.
 */
void	histogram_merge(struct histogram *, const struct histogram *);
void	histogram_subtract(struct histogram *, const struct histogram *);

/* How many values it has; and how many below bucket i's beginning. */
uint64_t	histogram_count(const struct histogram *);
uint64_t	histogram_below(const struct histogram *, unsigned int i);

/*
 * The value that the part q of all, 0 to 1, does not exceed: of n values in
 * order, number ceil(q * n).  It is off by a 16th at most; below 2^10 ns by
 * less than that, and from 2^40 ns on it is the largest one.  No value: -1.
 */
int64_t	histogram_quantile(const struct histogram *, double q);

/*
 * Octaves instead of buckets: rows[i] is how many are from 2^(first + i) ns to
 * twice that, n of them.  The first has all below it as well, and the last all
 * above.  first is from HISTOGRAM_FIRST to HISTOGRAM_LAST - n.
 */
void	histogram_octaves(const struct histogram *, unsigned int first,
	    unsigned int n, uint64_t *rows);

#endif
