/*
 * naps: how late this machine wakes a process that sleeps until a given time,
 * and does nothing else: no server can be more punctual.
 *
 *	naps count milliseconds
 *
 * Prints p50, p99 and the longest lateness, in milliseconds.
 */
#include <sys/prctl.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/clock.h"
#include "t/traffic/samples.h"

int
main(int argc, char **argv)
{
	struct samples late = { .n = 0 };
	int64_t until;
	int i;

	if (argc != 3)
		errx(2, "usage: naps count milliseconds");
	prctl(PR_SET_TIMERSLACK, 1UL);
	for (i = 0; i < atoi(argv[1]); i++) {
		until = clock_mono() + atoi(argv[2]) * CLOCK_MS;
		samples_add(&late, clock_sleep_until(until) - until);
	}
	samples_sort(&late);
	printf("%.3f %.3f %.3f\n",
	    (double)samples_percentile(&late, 0.5) / 1e6,
	    (double)samples_percentile(&late, 0.99) / 1e6,
	    (double)samples_percentile(&late, 1) / 1e6);
	samples_free(&late);
	return 0;
}
