/*
 * The words of distributions: which are read and which are refused, with what
 * error, and how they are written back.
 */
#include <err.h>
#include <stdio.h>
#include <string.h>

#include "common/dist.h"
#include "t/check.h"
#include "t/dists.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* How it is written back, and that this is read as the same. */
static void
test_round_trip(void)
{
	static const struct {
		const struct dist_unit *unit;
		const char *text, *want;	/* NULL: the same */
	} cases[] = {
		{ &dists_times, "fixed 8ms", NULL },
		{ &dists_times, "fixed 0s", "fixed 0" },
		{ &dists_times, "fixed 60s", "fixed 1m" },
		{ &dists_times, "uniform 300ms 3s", NULL },
		{ &dists_times, "exponential 2500us", NULL },
		{ &dists_times, "exponential 2.5ms", "exponential 2500us" },
		{ &dists_times, "lognormal 8ms p99 300ms", NULL },
		{ &dists_times, "pareto 5ms p99 2s", NULL },
		{ &dists_times,
		    "quantiles min 1ms p50 8ms p99.9 2s max 1m", NULL },
		{ &dists_times, "quantiles p0 1ms p5.0 8ms p099.010 2s p100 1m",
		    "quantiles min 1ms p5 8ms p99.01 2s max 1m" },
		{ &dists_times,
		    "quantiles p0.0001 1ms p0.1 8ms p99.9999 2s", NULL },
		{ &dists_times, "hang", NULL },
		{ &dists_times, "trace FILE", NULL },
		{ &dists_times, "trace FILE sampled", NULL },
		{ &dists_sizes, "none", NULL },
		{ &dists_sizes, "fixed 8192", "fixed 8k" },
		{ &dists_sizes, "lognormal 4k p99 1M", NULL },
	};
	char buf[256];
	struct dist d, back;
	size_t i;
	FILE *f;

	for (i = 0; i < COUNT(cases); i++) {
		d = dists_of(cases[i].text, cases[i].unit);
		if ((f = fmemopen(buf, sizeof(buf), "w")) == NULL)
			err(1, "fmemopen");
		dist_print(&d, cases[i].unit, "FILE", f);
		fclose(f);
		is_string(buf, cases[i].want != NULL ? cases[i].want :
		    cases[i].text, "%s is written back", cases[i].text);
		back = dists_of(buf, cases[i].unit);
		ok(dist_equal(&d, &back), "%s is read as the same", buf);
	}
}

static void
test_equal(void)
{
	static const char *const texts[] = {
		"fixed 8ms", "fixed 9ms", "exponential 8ms",
		"uniform 8ms 9ms", "lognormal 8ms p99 9ms",
		"quantiles min 8ms p99 9ms", "quantiles min 8ms p98 9ms",
		"quantiles min 8ms p99 9ms max 9ms", "hang", "trace file",
		"trace file sampled",
	};
	size_t i, j, bad = 0;
	struct dist a, b;

	for (i = 0; i < COUNT(texts); i++)
		for (j = 0; j < COUNT(texts); j++) {
			a = dists_of(texts[i], &dists_times);
			b = dists_of(texts[j], &dists_times);
			bad += dist_equal(&a, &b) != (i == j);
		}
	is_int((long long)bad, 0, "what differs is not the same");
}

/* How many words belong to it, with others behind them. */
static void
test_used(void)
{
	static const struct {
		const char *text;
		size_t want;
	} cases[] = {
		{ "fixed 8ms 503", 2 },
		{ "uniform 300ms 3s 503", 3 },
		{ "exponential 8ms p99 3s", 2 },
		{ "lognormal 8ms p99 300ms 503", 4 },
		{ "pareto 5ms p99 2s p99.9 3s", 4 },
		{ "quantiles p50 8ms p99 2s 503", 5 },
		{ "quantiles p50 8ms p99 2s page 503", 5 },
		{ "quantiles min 8ms max 2s lanes 4", 5 },
		{ "hang 503", 1 },
		{ "trace file 503", 2 },
		{ "trace sampled sampled sampled", 3 },
		{ "fixed 8ms", 2 },
	};
	char error[512];
	struct dist d;
	size_t i, used;

	for (i = 0; i < COUNT(cases); i++) {
		used = 99;
		ok(dists_parse(&d, cases[i].text, &used, &dists_times, error,
		    sizeof(error)) == 0 && used == cases[i].want,
		    "of `%s' %zu words are used (%zu)", cases[i].text,
		    cases[i].want, used);
	}
}

#define FROM_TO " from 0 to 24h, such as 20ms or 4s"
#define FIXED "fixed: expected a time" FROM_TO
#define UNIFORM "uniform: expected two times, the smaller first," FROM_TO
#define EXPONENTIAL "exponential: expected a mean time above 0," FROM_TO
#define LOGNORMAL "lognormal: expected MEDIAN p99 T, two times, " \
	"0 < MEDIAN < T," FROM_TO
#define PARETO "pareto: expected MIN p99 T, two times, 0 < MIN < T," FROM_TO
#define KIND "expected fixed, uniform, exponential, lognormal, pareto, " \
	"quantiles, hang or trace"
#define TWO "quantiles: expected two points or more of min, p50, p99.9, " \
	"max and the like, each with a time" FROM_TO
#define POINT(p) "quantiles: " p ": expected a time" FROM_TO
#define PERCENT(p) "quantiles: " p ": expected a percentage from p0 to " \
	"p100, such as p50 or p99.99, of at most 4 decimals"
#define ASCEND(p) "quantiles: " p ": expected percentages that ascend, " \
	"from min to max"
#define BELOW(p) "quantiles: " p ": expected a time that is not below the " \
	"one in front of it"
#define MORE(kind, word) kind ": expected no more words, but there is `" \
	word "'"

static const struct {
	const char *text, *want;
} errors[] = {
	{ "", KIND },
	{ "Fixed 8ms", KIND },
	{ "none", KIND },
	{ "8ms", "did you mean `fixed 8ms'?" },
	{ "fixed", FIXED },
	{ "fixed 8", FIXED },
	{ "fixed -8ms", FIXED },
	{ "fixed 25h", FIXED },
	{ "fixed 8ms 9ms", MORE("fixed", "9ms") },
	{ "uniform 8ms", UNIFORM },
	{ "uniform 9ms 8ms", UNIFORM },
	{ "uniform 8ms soon", UNIFORM },
	{ "exponential", EXPONENTIAL },
	{ "exponential 0", EXPONENTIAL },
	{ "lognormal 8ms", LOGNORMAL },
	{ "lognormal 8ms 300ms", LOGNORMAL },
	{ "lognormal 8ms p99", LOGNORMAL },
	{ "lognormal 8ms p95 300ms", LOGNORMAL },
	{ "lognormal 8ms p99 8ms", LOGNORMAL },
	{ "lognormal 0 p99 8ms", LOGNORMAL },
	{ "pareto 5ms p99 5ms", PARETO },
	{ "pareto 0 p99 5ms", PARETO },
	{ "pareto 5ms p99 4ms", PARETO },
	{ "pareto p99 5ms", PARETO },
	{ "quantiles", TWO },
	{ "quantiles p50 8ms", TWO },
	{ "quantiles 8ms", TWO },
	{ "quantiles P50 8ms p99 9ms", TWO },
	{ "quantiles p50", POINT("p50") },
	{ "quantiles min 1ms max", POINT("max") },
	{ "quantiles p50 8 p99 9ms", POINT("p50") },
	{ "quantiles p50 8ms p99.9 25h", POINT("p99.9") },
	{ "quantiles p101 8ms", PERCENT("p101") },
	{ "quantiles p50% 8ms", PERCENT("p50%") },
	{ "quantiles p99.99999 8ms", PERCENT("p99.99999") },
	{ "quantiles p50 1ms p0000000000000000000000000000000000099 2ms",
	    PERCENT("p0000000000000000000000000000000000099") },
	{ "quantiles p50 1ms p50 2ms", ASCEND("p50") },
	{ "quantiles p50 1ms min 2ms", ASCEND("min") },
	{ "quantiles p100 1ms max 2ms", ASCEND("max") },
	{ "quantiles p50 2ms p99 1ms", BELOW("p99") },
	{ "quantiles p50 1ms p99 2ms P99.9 3ms", MORE("quantiles", "P99.9") },
	{ "quantiles p1 1s p2 1s p3 1s p4 1s p5 1s p6 1s p7 1s p8 1s p9 1s "
	    "p10 1s p11 1s p12 1s p13 1s p14 1s p15 1s p16 1s p17 1s",
	    "quantiles: p17: expected at most 16 points" },
	{ "hang 8ms", MORE("hang", "8ms") },
	{ "trace", "trace: expected the name of a file" },
	{ "trace file samples", MORE("trace", "samples") },
};

static void
test_errors(void)
{
	static const struct dist before = {
		.kind = DIST_KINDS, .points[0].value = -4242
	};
	char error[512], tiny[8];
	struct dist d;
	size_t i;

	for (i = 0; i < COUNT(errors); i++) {
		d = before;
		error[0] = '\0';
		ok(dists_parse(&d, errors[i].text, NULL, &dists_times, error,
		    sizeof(error)) == -1 &&
		    d.kind == DIST_KINDS && d.n == 0 &&
		    d.points[0].value == -4242,
		    "`%s' is refused, and sets nothing", errors[i].text);
		is_string(error, errors[i].want, "the error of `%s'",
		    errors[i].text);
	}
	/* An empty word behind it. */
	dists_parse(&d, "trace ", NULL, &dists_times, error, sizeof(error));
	is_string(error, "trace: expected the name of a file",
	    "a file without a name");
	dists_parse(&d, "hang", NULL, &dists_sizes, tiny, sizeof(tiny));
	is_string(tiny, "expecte", "an error never goes beyond its buffer");
	dists_parse(&d, "hang", NULL, &dists_sizes, error, sizeof(error));
	is_string(error, "expected fixed, uniform, exponential, lognormal, "
	    "pareto, quantiles, trace or none", "the kinds of a size");
	dists_parse(&d, "fixed 0", NULL, &dists_sizes, error, sizeof(error));
	is_string(error, "fixed: expected a size from 1 to "
	    "9223372036854775807, such as 8192 or 8k", "the unit of a size");
}

int
main(void)
{
	plan_no_plan();
	test_round_trip();
	test_equal();
	test_used();
	test_errors();
	return exit_status();
}
