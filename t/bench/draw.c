/*
 * draw: what a random draw costs: its key, its number in (0, 1), and the
 * value that a distribution makes of it; and what all costs that is drawn for
 * one read of a disk.
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
#include "common/schedule.h"
#include "common/units.h"
#include "server/model.h"
#include "t/traffic/samples.h"

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

/* Conditions of a disk that is a ladder when it is sick, and when it is so. */
static const char *const disks[] = {
	"read of a disk: 1 condition, exponential, 3 rungs, 1 fault",
	"the same, 2 conditions, by a flap and a ramp",
};

#define DISKS (sizeof(disks) / sizeof(disks[0]))
#define ROWS (KINDS + DISKS + 1)

static struct model models[2];
static struct schedule schedules[2];
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

static void
add_rung(struct model_ladder *l, int64_t ppm, const char *time, int status)
{
	l->v[l->n].ppm = ppm;
	l->v[l->n].status = status;
	dist_init(&l->v[l->n++].time, time);
}

static void
model_init(struct model *m, const char *read)
{
	dist_init(&m->read, read);
	m->slowdown = 3 * MODEL_ALL / 2;
	m->bandwidth = 100000000;
	add_rung(&m->slow, 50000, "uniform 2s 3s", 200);
	add_rung(&m->fail, 20000, "lognormal 7s p99 9s", 500);
	add_rung(&m->fail, 10000, "fixed 30s", 500);
	m->faults.n = 1;
	m->faults.v[0].ppm = 1000;
	m->faults.v[0].fault = FAULT_RESET;
}

static void
schedule_init(struct schedule *s, const char *text)
{
	static const char *const names[] = { SCHEDULE_HEALTHY, "sick" };
	char buf[128], error[256], *next = buf, *words[16];
	size_t n = 0;

	snprintf(buf, sizeof(buf), "%s", text);
	while (n < 16 && (words[n] = strsep(&next, " ")) != NULL)
		n++;
	if (schedule_parse(s, words, n, error, sizeof(error)) == -1 ||
	    schedule_resolve(s, names, 2, error, sizeof(error)) == -1)
		errx(2, "%s: %s", text, error);
}

/* The flap decides for half of the draws, then the ramp in front of it. */
static int64_t
time_disk(size_t nschedules)
{
	int64_t start = clock_mono(), sum = 0;
	struct model_draw d;
	uint64_t i, key;
	int condition;

	for (i = 0; i < DRAWS; i++) {
		key = draw_key(1, i);
		condition = schedule_condition(schedules, nschedules, 1,
		    (int64_t)i * CLOCK_MS, draw_unit(key, MODEL_CONDITION));
		model_draw(&models[condition], key, i, 65536, &d);
		sum ^= d.service;
	}
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
	struct samples rows[ROWS] = { { .n = 0 } };
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
	model_init(&models[0], "exponential 8ms");
	model_init(&models[1], "exponential 80ms");
	schedule_init(&schedules[0], "ramp healthy sick for 1h");
	schedule_init(&schedules[1], "flap healthy 2s sick 1s for 100s");
	for (r = 0; r < rounds; r++)
		for (i = 0; i < ROWS; i++) {
			before = allocations;
			ns = i < KINDS ? time_dist(&dists[i]) :
			    i < KINDS + DISKS ? time_disk(2 * (i - KINDS)) :
			    time_hash();
			during += allocations - before;
			samples_add(&rows[i], ns);
		}
	printf("%-62s %6s %6s %6s\n", "ns for one", "median", "least", "most");
	for (i = 0; i < KINDS; i++)
		print_row(kinds[i], &rows[i]);
	for (i = 0; i < DISKS; i++)
		print_row(disks[i], &rows[KINDS + i]);
	print_row("hash of a path of 41 bytes", &rows[ROWS - 1]);
	printf("\n%zu allocations in %d draws; %zu elsewhere in this program, "
	    "which shows that\nthey are counted.\n", during,
	    rounds * DRAWS * (int)ROWS, allocations - during);
	return during == 0 ? 0 : 1;
}
