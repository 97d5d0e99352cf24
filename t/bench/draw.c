/*
 * draw: what a random draw costs: its key, its number in (0, 1), and the
 * value that a distribution makes of it.
 *
 *	draw [rounds]
 *
 * Prints ns for one draw of each kind: median, least and greatest of the
 * rounds (15), in which the kinds take turns.  The median of an odd number of
 * rounds is one of them.  Fails if a draw allocates.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/dist.h"
#include "common/draw.h"
#include "common/units.h"
#include "t/bench/samples.h"

#define DRAWS 200000		/* in a round, of each kind */

/* glibc's own, behind those that count. */
void	*__libc_malloc(size_t);
void	*__libc_calloc(size_t, size_t);
void	*__libc_realloc(void *, size_t);

static size_t allocations;

void *
malloc(size_t size)
{
	allocations++;
	return __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	allocations++;
	return __libc_calloc(n, size);
}

void *
realloc(void *p, size_t size)
{
	allocations++;
	return __libc_realloc(p, size);
}

static const struct dist_unit times = {
	"time", "20ms", units_time, units_time_text, 0, CLOCK_S * 24 * 3600,
	DIST_ANY
};

static const char *const kinds[] = {
	"none", "fixed 8ms", "uniform 300ms 3s", "exponential 8ms",
	"lognormal 8ms p99 300ms", "pareto 5ms p99 2s",
	"quantiles min 1ms p50 8ms p90 20ms p99 100ms p99.9 2s max 1m",
	"hang", "trace FILE", "trace FILE sampled",
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static int64_t trace[1 << 16];	/* half a megabyte: what a cache holds */
static volatile int64_t sink;	/* so that no draw is left out */

static void
dist_init(struct dist *d, const char *text)
{
	char buf[128], error[256], *next = buf, *words[32];
	size_t n = 0;

	snprintf(buf, sizeof(buf), "%s", text);
	while (n < 32 && (words[n] = strsep(&next, " ")) != NULL)
		n++;
	if (dist_parse(d, words, n, NULL, &times, error, sizeof(error)) == -1)
		errx(2, "%s: %s", text, error);
	if (d->kind == DIST_TRACE)
		dist_attach(d, trace, sizeof(trace) / sizeof(trace[0]));
}

static int64_t
time_dist(const struct dist *d)
{
	int64_t start = clock_mono(), sum = 0;
	uint64_t i;

	for (i = 0; i < DRAWS; i++)
		sum ^= dist_value(d, draw_unit(draw_key(1, i), 0), i);
	sink = sum;
	return clock_mono() - start;
}

/* One after the other: the next path differs in what the last gave. */
static int64_t
time_hash(void)
{
	char path[] = "sdb/var/lib/something/0123456789abcdef.db";
	int64_t start = clock_mono();
	uint64_t i, h = 0;

	for (i = 0; i < DRAWS; i++) {
		path[4] = (char)h;
		h = draw_hash(1, path, sizeof(path) - 1);
	}
	sink = (int64_t)h;
	return clock_mono() - start;
}

static void
print_row(const char *name, struct samples *s)
{
	samples_sort(s);
	printf("%-62s %6.1f %6.1f %6.1f\n", name,
	    (double)samples_percentile(s, 0.5) / DRAWS,
	    (double)samples_percentile(s, 0) / DRAWS,
	    (double)samples_percentile(s, 1) / DRAWS);
	samples_free(s);
}

int
main(int argc, char **argv)
{
	struct samples rows[KINDS + 1] = { { .n = 0 } };
	int rounds = argc > 1 ? atoi(argv[1]) : 15, r;
	struct dist dists[KINDS];
	size_t i, before, during = 0;
	int64_t ns;

	if (argc > 2 || rounds < 1)
		errx(2, "usage: draw [rounds]");
	for (i = 0; i < sizeof(trace) / sizeof(trace[0]); i++)
		trace[i] = (int64_t)(draw_key(2, i) >> 30);
	for (i = 0; i < KINDS; i++)
		dist_init(&dists[i], kinds[i]);
	for (r = 0; r < rounds; r++)
		for (i = 0; i <= KINDS; i++) {
			before = allocations;
			ns = i < KINDS ? time_dist(&dists[i]) : time_hash();
			during += allocations - before;
			samples_add(&rows[i], ns);
		}
	printf("%-62s %6s %6s %6s\n", "ns for one", "median", "least", "most");
	for (i = 0; i < KINDS; i++)
		print_row(kinds[i], &rows[i]);
	print_row("hash of a path of 41 bytes", &rows[KINDS]);
	printf("\n%zu allocations in %d draws; %zu elsewhere in this program, "
	    "which shows that\nthey are counted.\n", during,
	    rounds * DRAWS * (int)(KINDS + 1), allocations - during);
	return during == 0 ? 0 : 1;
}
