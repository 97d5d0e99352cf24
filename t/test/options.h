/*
 * What spindled-test is asked to do.
 */
#ifndef T_TEST_OPTIONS_H
#define T_TEST_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "t/traffic/url.h"

struct options {
	/* As in the table of options; times are in ns. */
	int64_t rate;		/* healthy requests a second */
	int64_t read;		/* how long a healthy read takes */
	int64_t timeout;	/* when a client of a healthy one gives up */
	int64_t longs;		/* long reads at once */
	int64_t long_read;	/* how long one takes */
	int64_t before, during;	/* how long each part is measured */
	int64_t lead;		/* long reads begin so much earlier */
	int64_t arrivals;	/* enum arrivals */
	int64_t seed;		/* of the gaps between them */
	int64_t bound;		/* how late a request may begin */
	int64_t tolerate;	/* failures that are no problem, ppm */
	int64_t json, quiet;	/* flags */
	const char *long_path;	/* template; NULL: the URL's */
	const char *log, *plot;	/* files to make, or NULL */

	/* What follows from them. */
	const char *text;	/* the URL, as it was given */
	bool long_is_timed;	/* a long read's target tells its time */
	struct url url;
	char healthy[URL_TARGET], slow[URL_TARGET]; /* what reads ask for */
};

enum arrivals { ARRIVALS_POISSON, ARRIVALS_CONSTANT };

/* Exits, with 2, when they make no sense. */
void	options_parse(struct options *, int argc, char **argv);

#endif
