/*
 * Distributions of times and sizes, as a configuration writes them:
 *
 *	fixed T
 *	uniform A B		every whole value from A to B, equally likely
 *	exponential MEAN
 *	lognormal MEDIAN p99 T
 *	pareto MIN p99 T	P(value > x) = (MIN / x)^alpha, with
 *				alpha = ln 100 / ln(T / MIN)
 *	quantiles [min T] p50 T p90 T p99.9 T ... [max T]
 *				a curve through two points or more
 *	hang			never ends
 *	trace FILE		recorded values, one after the other
 *	trace FILE sampled	recorded values, at random
 *	none			nothing at all: 0
 *
 * Between two points of a curve, the value's logarithm grows in proportion to
 * the probability, and the value itself where one of them is 0.  Beyond the
 * first and the last point the curve is flat: no value is drawn that is less
 * than the least or more than the greatest one written, for any guess at a
 * minimum would depend on how steep the tail is.  So `quantiles p50 8ms max
 * 2s' takes 8ms every other time; a min in front makes that a slope as well.
 *
 * Values are drawn by inversion: one number in (0, 1) gives one value, and a
 * greater number never gives a smaller value (but for traces, unless their
 * values are in order).  What is drawn is not cut at any limit: the 99th
 * percentile of a lognormal or pareto distribution is not its maximum.
 */
#ifndef COMMON_DIST_H
#define COMMON_DIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What hang draws, and any value beyond int64_t (292 years, in ns). */
#define DIST_FOREVER	INT64_MAX

#define DIST_POINTS	16	/* of a curve, at most */

enum dist_kind {
	DIST_FIXED,
	DIST_UNIFORM,
	DIST_EXPONENTIAL,
	DIST_LOGNORMAL,
	DIST_PARETO,
	DIST_QUANTILES,
	DIST_HANG,
	DIST_TRACE,
	DIST_NONE,
	DIST_KINDS
};

/* Sets of kinds. */
#define DIST_ONLY(kind)	(1u << (kind))
#define DIST_ANY	(DIST_ONLY(DIST_KINDS) - 1)

struct dist_point {
	int64_t value;		/* ns or bytes, as all values here */
	double rise;		/* ln(next value / value); 0 where one is 0,
				   and of the last point */
	int32_t ppm;		/* how many of a million are not greater */
};

/*
 * One distribution.  It may be copied and compared with dist_equal; it owns
 * nothing.
 */
struct dist {
	enum dist_kind kind;
	bool sampled;		/* a trace: not one value after the other */
	unsigned int n;		/* points in use */
	struct dist_point points[DIST_POINTS];
				/* uniform: A, B; lognormal: p50, p99;
				   pareto: p0, p99; exponential: the mean */
	const int64_t *trace;	/* borrowed, or NULL */
	size_t trace_len;	/* values in it */
};

/* What a distribution's values are, and which ones one may write. */
struct dist_unit {
	const char *noun;	/* "time": for messages, and with an s */
	const char *examples;	/* "250us, 20ms, 4s or 2m": likewise */
	int (*parse)(const char *, int64_t *value);
	char *(*text)(int64_t value, char *buf, size_t size);
	int64_t min, max;	/* of what may be written, min >= 0 */
	unsigned int kinds;	/* the set of kinds that one may write */
};

/*
 * Reads the distribution that begins with the first of n words, and takes as
 * many of them as belong to it: *used says how many.  Where used is NULL all
 * must.  Of a trace only the kind is noted: words[1] names its file, and
 * dist_attach brings its values.
 *
 * Gives 0; or -1, the distribution is untouched then, and the error is one
 * line that says what would be valid.
 */
int	dist_parse(struct dist *, char *const *words, size_t n, size_t *used,
	    const struct dist_unit *, char *error, size_t size);

/*
 * Writes what dist_parse reads back as the same distribution.  file is the
 * trace's name as it is to be written; of other kinds it may be NULL.
 */
void	dist_print(const struct dist *, const struct dist_unit *,
	    const char *file, FILE *);

/*
 * Lends a trace its values, none of them negative and one at least, which
 * must last as long as values are drawn.  Without them it draws 0.
 */
void	dist_attach(struct dist *, const int64_t *values, size_t n);

/* Whether both are written alike.  The values of traces are not looked at. */
bool	dist_equal(const struct dist *, const struct dist *);

/*
 * The value for u, 0 < u < 1, of the read with this number, counted from 0:
 * a trace in sequence begins again when it is through.  Never negative.
 */
int64_t	dist_value(const struct dist *, double u, uint64_t number);

/*
 * The least value that at least the fraction p of all do not exceed, with
 * 0 < p < 1, of traces too: for tables, not for every read.  A trace is
 * walked through up to 63 times.
 */
int64_t	dist_quantile(const struct dist *, double p);

/*
 * The mean, exact but for the rounding of each value to a whole one; infinity
 * for hang, and for a pareto distribution whose tail is too heavy to have one.
 */
double	dist_mean(const struct dist *);

#endif
