/*
 * Models: what one read draws from a disk's condition.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/draw.h"
#include "server/model.h"
#include "t/check.h"
#include "t/dists.h"
#include "t/fit.h"

#define DRAWS	200000

/* A disk whose reads take 8 ms, and nothing else. */
static struct model
plain(void)
{
	struct model m = {
		.read = dists_of("fixed 8ms", &dists_times),
		.slowdown = MODEL_ALL,
	};

	return m;
}

static void
add_rung(struct model_ladder *l, int64_t ppm, const char *time, int status)
{
	l->v[l->n].ppm = ppm;
	l->v[l->n].time = dists_of(time, &dists_times);
	l->v[l->n++].status = status;
}

static struct model_draw
drawn(const struct model *m, uint64_t n, int64_t size)
{
	struct model_draw d;

	/* Whatever is in it before. */
	memset(&d, 0x55, sizeof(d));
	model_draw(m, draw_key(26, n), n, size, &d);
	return d;
}

/* A dying disk: what fails is told apart from what is slow by its time. */
static struct model
dying(void)
{
	struct model m = plain();

	add_rung(&m.slow, 100000, "fixed 1s", 200);
	add_rung(&m.slow, 50000, "fixed 2s", 200);
	add_rung(&m.fail, 30000, "fixed 3s", 500);
	add_rung(&m.fail, 20000, "fixed 7s", 503);
	add_rung(&m.fail, 1000, "hang", 504);
	return m;
}

static void
test_shares(void)
{
	static const struct {
		int64_t service;
		int status;
		double share;
	} kinds[] = {
		{ 3 * CLOCK_S, 500, 0.03 },
		{ 7 * CLOCK_S, 503, 0.02 },
		{ DIST_FOREVER, 504, 0.001 },
		{ CLOCK_S, 200, 0.1 },
		{ 2 * CLOCK_S, 200, 0.05 },
		{ 8 * CLOCK_MS, 200, 0.799 },
	};
	const size_t n = sizeof(kinds) / sizeof(kinds[0]);
	const struct model m = dying();
	size_t hits[6] = { 0 }, all = 0, i;
	struct model_draw d;
	uint64_t k;
	int faults = 0, rungs = 0;

	for (k = 0; k < DRAWS; k++) {
		d = drawn(&m, k, 0);
		for (i = 0; i < n; i++)
			if (d.service == kinds[i].service &&
			    d.status == kinds[i].status)
				hits[i]++;
		faults += d.fault != FAULT_NONE || d.stall != 0;
		rungs += (d.rung == NULL) != (d.service == 8 * CLOCK_MS) ||
		    (d.rung != NULL && d.rung->status != d.status);
	}
	for (i = 0; i < n; i++) {
		ok(fit_share(hits[i], DRAWS, kinds[i].share),
		    "%zu of %d end in %d after %lld ns: %.1f %%", hits[i],
		    DRAWS, kinds[i].status, (long long)kinds[i].service,
		    kinds[i].share * 100);
		all += hits[i];
	}
	is_int((long long)all, DRAWS, "there is nothing else");
	is_int(faults, 0, "no fault where none is configured");
	is_int(rungs, 0, "each draw names its rung");
}

/* The shares up to all reads, and nothing at all. */
static void
test_all(void)
{
	struct model m = plain();
	int ordinary = 0;
	uint64_t k;

	add_rung(&m.slow, MODEL_ALL / 2, "fixed 1s", 200);
	add_rung(&m.fail, MODEL_ALL / 2, "fixed 2s", 500);
	for (k = 0; k < DRAWS; k++)
		ordinary += drawn(&m, k, 0).rung == NULL;
	is_int(ordinary, 0, "slow and fail may be all reads");
	m.slow.v[0].ppm = m.fail.v[0].ppm = 0;
	for (k = 0; k < DRAWS; k++)
		ordinary += drawn(&m, k, 0).rung == NULL;
	is_int(ordinary, DRAWS, "or none");
}

static void
test_faults(void)
{
	static const double shares[] = { 0.85, 0.05, 0.03, 0.06, 0.01 };
	struct model m = dying();
	size_t hits[FAULT_GARBAGE + 1] = { 0 }, failed = 0, both = 0;
	struct model_draw d;
	int stalls = 0, i;
	uint64_t k;

	m.faults.n = 4;
	for (i = 1; i <= 4; i++) {
		m.faults.v[i - 1].fault = (enum model_fault_kind)i;
		m.faults.v[i - 1].ppm = (int64_t)(shares[i] * 1e6 + 0.5);
	}
	m.faults.v[FAULT_STALL - 1].time = dists_of("uniform 1s 2s",
	    &dists_times);
	for (k = 0; k < DRAWS; k++) {
		d = drawn(&m, k, 0);
		hits[d.fault]++;
		failed += d.status != 200;
		both += d.status != 200 && d.fault != FAULT_NONE;
		stalls += d.fault == FAULT_STALL ?
		    d.stall < CLOCK_S || d.stall > 2 * CLOCK_S : d.stall != 0;
	}
	for (i = 0; i <= FAULT_GARBAGE; i++)
		ok(fit_share(hits[i], DRAWS, shares[i]),
		    "fault %d: %zu of %d draws, %.0f %%", i, hits[i], DRAWS,
		    shares[i] * 100);
	is_int(stalls, 0, "a stall has its time, and nothing else has");
	ok(fit_share(both, failed, 0.15), "faults are independent of reads");
}

static void
test_slowdown(void)
{
	struct model m = dying();
	const struct model same = dying();
	size_t wrong = 0;
	int64_t want;
	uint64_t k;

	m.read = dists_of("exponential 8ms", &dists_times);
	m.slowdown = 2500000;
	for (k = 0; k < DRAWS; k++) {
		struct model once = m;
		int64_t service = drawn(&m, k, 0).service;

		if (drawn(&same, k, 0).rung != NULL) {
			wrong += service != drawn(&same, k, 0).service;
			continue;
		}
		once.slowdown = MODEL_ALL;
		want = drawn(&once, k, 0).service * 5 / 2;
		wrong += service != want;
	}
	is_int((long long)wrong, 0, "2.5 times as slow: reads, but no rung");
	m.slowdown = 0;
	m.slow.n = m.fail.n = 0;
	is_int(drawn(&m, 1, 0).service, 0, "0 times is no time");
}

static void
test_bandwidth(void)
{
	static const struct {
		int64_t size, bandwidth, ns;
	} cases[] = {
		{ 0, 1000, 0 },
		{ 1000, 0, 0 },
		{ 1000, 1000, CLOCK_S },
		{ 1500, 1000, 1500 * CLOCK_MS },
		{ 1, 1000000, CLOCK_US },
		{ 1, 3, 333333333 },
		{ INT64_C(16) << 30, 100000000, INT64_C(171798691840) },
		{ INT64_C(1) << 40, 1, INT64_MAX },
		{ 1, INT64_MAX, 0 },
		{ INT64_MAX, INT64_MAX, CLOCK_S },
	};
	struct model m = plain();
	int64_t want;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		m.bandwidth = cases[i].bandwidth;
		want = cases[i].ns == INT64_MAX ? INT64_MAX :
		    cases[i].ns + 8 * CLOCK_MS;
		is_int(drawn(&m, i, cases[i].size).service, want,
		    "%lld bytes at %lld/s", (long long)cases[i].size,
		    (long long)cases[i].bandwidth);
	}
	m.bandwidth = 1000;
	m.slowdown = 3 * MODEL_ALL;
	is_int(drawn(&m, 0, 1000).service, 1024 * CLOCK_MS,
	    "a slowdown is the read's alone");
	add_rung(&m.slow, MODEL_ALL, "fixed 2s", 200);
	is_int(drawn(&m, 0, 1000).service, 3 * CLOCK_S,
	    "a slow read transfers too");
	add_rung(&m.fail, MODEL_ALL, "fixed 2s", 500);
	is_int(drawn(&m, 0, 1000).service, 2 * CLOCK_S,
	    "one that fails has nothing to");
}

static void
test_forever(void)
{
	struct model m = plain();

	m.read = dists_of("hang", &dists_times);
	m.slowdown = 10 * MODEL_ALL;
	is_int(drawn(&m, 0, 0).service, DIST_FOREVER, "for ever, ten times");
	m.slowdown = MODEL_ALL / 10;
	is_int(drawn(&m, 0, 0).service, DIST_FOREVER, "a tenth of it");
	m.slowdown = MODEL_ALL;
	m.bandwidth = 1;
	is_int(drawn(&m, 0, 1).service, DIST_FOREVER, "and a little more");
	m.read = dists_of("fixed 24h", &dists_times);
	m.slowdown = INT64_MAX;
	is_int(drawn(&m, 0, 1).service, DIST_FOREVER, "so long is for ever");
}

/* A trace in sequence goes by the number, all else by the key. */
static void
test_trace(void)
{
	static const int64_t values[] = { 11, 22, 33 };
	struct model m = plain();
	struct model_draw d;
	uint64_t n;

	m.read = dists_of("trace FILE", &dists_times);
	dist_attach(&m.read, values, 3);
	for (n = 0; n < 7; n++) {
		model_draw(&m, 1, n, 0, &d);
		is_int(d.service, values[n % 3], "read %d of a trace", (int)n);
	}
}

static void
test_determinism(void)
{
	struct model m = dying(), copy;
	struct model_draw a, b;
	size_t same = 0, differ = 0;
	uint64_t k;

	m.read = dists_of("lognormal 8ms p99 60ms", &dists_times);
	copy = m;
	for (k = 0; k < DRAWS; k++) {
		model_draw(&m, draw_key(1, k), k, 0, &a);
		/* In another order, among other draws, of a copy. */
		model_draw(&copy, draw_key(2, k), k, 0, &b);
		differ += a.service != b.service;
		model_draw(&copy, draw_key(1, k), k + 1, 0, &b);
		same += a.service == b.service && a.status == b.status;
	}
	is_int((long long)same, DRAWS, "the same key, the same draw");
	ok(differ > DRAWS / 2, "other keys, other draws: %zu", differ);
}

/*
 * The numbers are a promise: another version draws the same.  These are of
 * another implementation, in Python.
 */
static void
test_pinned(void)
{
	static const int64_t want[] = {
		5130349, 2746734, 6376967, 3254826,
		2000000000, 7914322, 4358244, 2000000000,
	};
	struct model m = dying();
	size_t i;

	m.read = dists_of("uniform 1ms 9ms", &dists_times);
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		is_int(drawn(&m, i, 0).service, want[i], "draw %zu", i);
}

int
main(void)
{
	plan_no_plan();
	test_shares();
	test_all();
	test_faults();
	test_slowdown();
	test_bandwidth();
	test_forever();
	test_trace();
	test_determinism();
	test_pinned();
	return exit_status();
}
