/*
 * Pictures of how long things take: the share of them that is not done yet,
 * as time goes on (the complementary distribution function), with logarithms
 * on both axes.  A ladder of timeouts is a flight of stairs in it, and the
 * tail that a histogram hides has as much room as the rest.
 */
#ifndef COMMON_CHART_H
#define COMMON_CHART_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CHART_DECADES	7	/* of the share: down to one in ten million */
#define CHART_STEPS	32	/* points in each */
#define CHART_POINTS	(CHART_DECADES * CHART_STEPS)
#define CHART_LABEL	16	/* bytes, of a decade's name */

/* Times are in ns; INT64_MAX never ends. */
struct chart_curve {
	unsigned int decades;	/* in use: as many as the values can tell */
	int64_t at[CHART_POINTS];	/* when no more than the share
				   chart_share(i) is left to do */
};

/* Of time, from one power of ten to another. */
struct chart_axis {
	int first, last;	/* 9 is 1 s; first < last */
};

/* The share of point i: 10^(-(i + 1) / CHART_STEPS). */
double	chart_share(unsigned int i);

/* The curve of n values, n > 0, which are sorted. */
void	chart_curve(struct chart_curve *, const int64_t *sorted, size_t n);

/*
 * An axis for values from min to max, both above 0; they are within it, not at
 * its ends, so that what fills a picture to the right never ends.
 */
void	chart_axis(struct chart_axis *, int64_t min, int64_t max);

/* "1us", "100ms", "1000s": 10^exponent ns, 0 <= exponent < 20.  Gives buf. */
char	*chart_decade(int exponent, char *buf, size_t size);

/*
 * Draws the curve, a line for each decade of the share, and the axis below,
 * in lines of at most 80 columns; in ASCII, or with Unicode's blocks as UTF-8.
 */
void	chart_print(const struct chart_curve *, const struct chart_axis *,
	    int utf8, FILE *);

#endif
