/*
 * Distributions: that what is drawn from each follows its formula, as it is
 * written here once more.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/dist.h"
#include "common/draw.h"
#include "common/normal.h"
#include "t/check.h"
#include "t/dists.h"
#include "t/fit.h"

#define DRAWS 100000
#define HOUR (CLOCK_S * 3600)
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Formulas: P(value <= x). */

static double
uniform_cdf(double x)
{
	return (x - 3e6) / (3e9 - 3e6);
}

static double
exponential_cdf(double x)
{
	return 1 - exp(-x / 8e6);
}

static double
lognormal_cdf(double x)
{
	double sigma = log(300.0 / 8) / 2.3263478740408408;

	return erfc(-log(x / 8e6) / sigma / sqrt(2)) / 2;
}

static double
pareto_cdf(double x)
{
	double alpha = log(100) / log(2000.0 / 5);

	return 1 - pow(5e6 / x, alpha);
}

/* min 2ms p50 8ms p99.9 500ms max 2s, in logarithms. */
static double
curve_cdf(double x)
{
	if (x < 8e6)
		return 0.5 * log(x / 2e6) / log(4);
	if (x < 5e8)
		return 0.5 + 0.499 * log(x / 8e6) / log(500.0 / 8);
	return 0.999 + 0.001 * log(x / 5e8) / log(4);
}

/* min 0 p50 8ms max 32ms: straight up to 8 ms. */
static double
curve_from_0_cdf(double x)
{
	return x < 8e6 ? 0.5 * x / 8e6 : 0.5 + 0.5 * log(x / 8e6) / log(4);
}

static const struct {
	const char *text;
	double (*cdf)(double);
	const char *wrong;	/* what the test must tell from it */
} laws[] = {
	{ "uniform 3ms 3s", uniform_cdf, "uniform 3ms 3.05s" },
	{ "exponential 8ms", exponential_cdf, "exponential 8.2ms" },
	{ "lognormal 8ms p99 300ms", lognormal_cdf,
	    "lognormal 8ms p99 330ms" },
	{ "pareto 5ms p99 2s", pareto_cdf, "pareto 5ms p99 2.3s" },
	{ "quantiles min 2ms p50 8ms p99.9 500ms max 2s", curve_cdf,
	    "quantiles min 2ms p50 8ms p99 500ms max 2s" },
	{ "quantiles min 0 p50 8ms max 32ms", curve_from_0_cdf,
	    "quantiles min 1ns p50 8ms max 32ms" },
};

static bool
follows(const struct dist *d, double (*cdf)(double))
{
	static double f[DRAWS];
	size_t i;

	for (i = 0; i < DRAWS; i++)
		f[i] = cdf((double)dist_value(d,
		    draw_unit(draw_key(16, i), 0), i));
	return fit_uniform(f, DRAWS);
}

static void
test_laws(void)
{
	struct dist d;
	size_t i;
	bool fit;

	for (i = 0; i < COUNT(laws); i++) {
		d = dists_of(laws[i].text, &dists_times);
		fit = follows(&d, laws[i].cdf);
		ok(fit, "%s follows its formula (%g)", laws[i].text,
		    fit_distance());
		d = dists_of(laws[i].wrong, &dists_times);
		fit = follows(&d, laws[i].cdf);
		ok(!fit, "%s does not (%g)", laws[i].wrong, fit_distance());
	}
}

/* The mean of the values in the middles of equal slices of probability. */
static double
mean_by_slices(const struct dist *d)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < DRAWS; i++)
		sum += (double)dist_value(d, ((double)i + 0.5) / DRAWS, i);
	return sum / DRAWS;
}

static void
test_means(void)
{
	static const char *const texts[] = {
		"fixed 8ms", "uniform 3ms 3s", "exponential 8ms",
		"lognormal 8ms p99 30ms", "pareto 5ms p99 20ms",
		"quantiles min 2ms p50 8ms p99.9 500ms max 2s",
		"quantiles min 0 p50 8ms max 32ms",
		"quantiles p25 4ms p75 4ms p90 1s", "none",
	};
	static const int64_t values[] = { 1, 2, 3, 6 }, hangs[] = {
		1, DIST_FOREVER
	};
	struct dist_unit any = dists_times;
	struct dist d;
	double mean, sum;
	size_t i;

	any.kinds = DIST_ANY;
	for (i = 0; i < COUNT(texts); i++) {
		d = dists_of(texts[i], &any);
		mean = dist_mean(&d);
		sum = mean_by_slices(&d);
		ok(fabs(mean - sum) <= 0.001 * mean, "the mean of %s (%g, %g)",
		    texts[i], mean, sum);
	}
	d = dists_of("hang", &dists_times);
	ok(isinf(dist_mean(&d)), "the mean of what hangs");
	d = dists_of("pareto 1ms p99 100ms", &dists_times);
	ok(isinf(dist_mean(&d)), "the mean of a tail without one");
	d = dists_of("trace file", &dists_times);
	ok(dist_mean(&d) == 0, "the mean of a trace without values");
	dist_attach(&d, values, COUNT(values));
	ok(dist_mean(&d) == 3, "the mean of a trace");
	dist_attach(&d, hangs, COUNT(hangs));
	ok(isinf(dist_mean(&d)), "the mean of a trace that hangs");
}

/* Every whole value from first to last as often as any other. */
static void
test_whole_values(void)
{
	struct dist d = dists_of("uniform 5 8", &dists_sizes);
	unsigned int counts[4] = { 0 };
	size_t i, stray = 0;
	int64_t v;

	for (i = 0; i < DRAWS; i++) {
		v = dist_value(&d, draw_unit(draw_key(5, i), 0), i);
		if (v < 5 || v > 8)
			stray++;
		else
			counts[v - 5]++;
	}
	ok(stray == 0 && fit_even(counts, COUNT(counts)),
	    "uniform 5 8 draws 5, 6, 7 and 8 alike");
}

/* Known values of the normal distribution, and its formula backwards. */
static void
test_normal(void)
{
	static const double known[][2] = {
		{ 0.5, 0 }, { 0.25, -0.67448975019608174 },
		{ 0.975, 1.9599639845400539 }, { 0.99, NORMAL_99 },
		{ 0.999, 3.0902323061678133 }, { 0.001, -3.0902323061678135 },
		{ 1e-9, -5.9978070150076869 }, { 1e-20, -9.2623400897984076 },
	};
	double p = 0x1p-53, q, back, worst = 0;
	size_t i;

	for (i = 0; i < COUNT(known); i++) {
		q = normal_quantile(known[i][0]);
		ok(fabs(q - known[i][1]) <= 1e-15 * fabs(known[i][1]),
		    "the normal quantile of %g (%.17g)", known[i][0], q);
	}
	while (p < 0.5) {
		back = (double)(erfcl(-(long double)normal_quantile(p) /
		    sqrtl(2)) / 2);
		worst = fmax(worst, fabs(back / p - 1));
		q = normal_quantile(1 - p);
		if (fabs(q + normal_quantile(1 - (1 - p))) > 1e-15 * q)
			worst = 1;
		p *= 1.001;
	}
	ok(worst < 1e-13, "normal quantiles there and back (%g)", worst);
}

static void
test_quantiles(void)
{
	static const struct {
		const char *text;
		double p;
		int64_t want;
	} cases[] = {
		{ "fixed 8ms", 0.5, 8 * CLOCK_MS },
		{ "fixed 0", 0.5, 0 },
		{ "uniform 10ms 20ms", 0.25, 12500 * CLOCK_US },
		{ "uniform 3s 3s", 0.9, 3 * CLOCK_S },
		{ "uniform 10ms 20ms", 0x1p-53, 10 * CLOCK_MS },
		{ "uniform 10ms 20ms", 1 - 0x1p-53, 20 * CLOCK_MS },
		{ "exponential 1s", 0.99, 4605170186 },
		{ "exponential 1s", 0.5, 693147181 },
		{ "exponential 1s", 0x1p-53, 0 },
		{ "exponential 1s", 1 - 0x1p-53, 36736800570 },
		{ "lognormal 8ms p99 300ms", 0.5, 8 * CLOCK_MS },
		{ "lognormal 8ms p99 300ms", 0.99, 300 * CLOCK_MS },
		{ "lognormal 8ms p99 300ms", 0.01, 213333 },
		{ "lognormal 1s p99 24h", 0.99, 24 * HOUR },
		{ "lognormal 1s p99 1000000001ns", 0.99, 1000000001 },
		{ "pareto 5ms p99 2s", 0.99, 2 * CLOCK_S },
		{ "pareto 5ms p99 2s", 0.9, 100 * CLOCK_MS },
		{ "pareto 5ms p99 2s", 0.9999, 800 * CLOCK_S },
		{ "pareto 5ms p99 2s", 0x1p-53, 5 * CLOCK_MS },
		{ "quantiles p50 8ms p99.9 2s", 0x1p-53, 8 * CLOCK_MS },
		{ "quantiles p50 8ms p99.9 2s", 0.5, 8 * CLOCK_MS },
		{ "quantiles p50 8ms p99.9 2s", 0.999, 2 * CLOCK_S },
		{ "quantiles p50 8ms p99.9 2s", 1 - 0x1p-53, 2 * CLOCK_S },
		{ "quantiles min 1ms p50 100ms max 1s", 0x1p-53, CLOCK_MS },
		{ "quantiles min 1ms p50 100ms max 1s", 0.25, 10 * CLOCK_MS },
		{ "quantiles min 0 p50 100ms max 1s", 0.25, 50 * CLOCK_MS },
		{ "quantiles min 0 p50 100ms max 1s", 1 - 0x1p-53, CLOCK_S },
		{ "quantiles min 0 p50 0 max 1s", 0.25, 0 },
		{ "quantiles min 0 p50 0 max 1s", 0.75, 500 * CLOCK_MS },
		{ "quantiles p10 7ms p90 7ms", 0.75, 7 * CLOCK_MS },
		{ "hang", 0.5, DIST_FOREVER },
		{ "trace file", 0.5, 0 },
		{ "trace file sampled", 0.5, 0 },
	};
	struct dist d;
	size_t i;

	for (i = 0; i < COUNT(cases); i++) {
		d = dists_of(cases[i].text, &dists_times);
		is_int(dist_value(&d, cases[i].p, 7), cases[i].want,
		    "%s at %.4f", cases[i].text, cases[i].p);
		is_int(dist_quantile(&d, cases[i].p), cases[i].want,
		    "%s at %.4f, for a table", cases[i].text, cases[i].p);
	}
}

/* Every percentile of a curve of as many points as there can be. */
static void
test_long_curve(void)
{
	char text[512] = "quantiles min 1ms", word[32];
	int i, bad = 0;
	struct dist d;

	for (i = 1; i < DIST_POINTS; i++) {
		snprintf(word, sizeof(word), " p%d.%d %dms", i, i, i * i);
		strlcat(text, word, sizeof(text));
	}
	d = dists_of(text, &dists_times);
	for (i = 1; i < DIST_POINTS; i++) {
		snprintf(word, sizeof(word), "%d.%d", i, i);
		bad += dist_value(&d, strtod(word, NULL) / 100, 0) !=
		    CLOCK_MS * i * i;
	}
	is_int(bad, 0, "a curve goes through all of its points");
}

static void
test_traces(void)
{
	static const int64_t values[] = { 30, 10, 50, DIST_FOREVER, 40 };
	struct dist d = dists_of("trace file", &dists_times);
	unsigned int counts[COUNT(values)] = { 0 }, i, j, bad = 0;

	dist_attach(&d, values, COUNT(values));
	for (i = 0; i < 3 * COUNT(values); i++)
		bad += dist_value(&d, 0.5, i) != values[i % COUNT(values)];
	is_int(bad, 0, "a trace in sequence, three times");
	/* 5 divides 2^64 - 1. */
	is_int(dist_value(&d, 0.5, UINT64_MAX), values[0],
	    "a trace at the last number");
	is_int(dist_quantile(&d, 0.01), 10, "the least value of a trace");
	is_int(dist_quantile(&d, 0.2), 10, "the first fifth of a trace");
	is_int(dist_quantile(&d, 0.21), 30, "more than a fifth of a trace");
	is_int(dist_quantile(&d, 0.5), 40, "the median of a trace");
	is_int(dist_quantile(&d, 0.9), DIST_FOREVER, "p90 of a trace");

	d = dists_of("trace file sampled", &dists_times);
	dist_attach(&d, values, COUNT(values));
	for (i = 0; i < DRAWS; i++)
		for (j = 0; j < COUNT(values); j++)
			counts[j] += dist_value(&d, draw_unit(draw_key(6, i),
			    0), i) == values[j];
	ok(fit_even(counts, COUNT(values)), "a trace sampled evenly");
	is_int(dist_value(&d, 0x1p-53, 3), values[0], "its first value");
	is_int(dist_value(&d, 1 - 0x1p-53, 3), values[4], "its last value");
	is_int(dist_quantile(&d, 0.5), 40, "the median of a sampled trace");
}

/* Never negative, never beyond, and in order, at any u that there is. */
static void
test_saturation(void)
{
	static const struct {
		const char *text;
		int64_t least, most;
	} cases[] = {
		{ "uniform 1 9223372036854775807", 1025,
		    INT64_MAX - 1022 },
		/* 2^53 + 4 values. */
		{ "uniform 1 9007199254740996", 2, 9007199254740995 },
		{ "uniform 9223372036854775806 9223372036854775807",
		    INT64_MAX - 1, INT64_MAX },
		{ "exponential 9223372036854775807", 1024, DIST_FOREVER },
		{ "lognormal 1 p99 9223372036854775807", 0, DIST_FOREVER },
		{ "lognormal 9223372036854775806 p99 9223372036854775807",
		    DIST_FOREVER, DIST_FOREVER },
		{ "pareto 1 p99 9223372036854775807", 1, DIST_FOREVER },
		{ "pareto 9223372036854775806 p99 9223372036854775807",
		    DIST_FOREVER, DIST_FOREVER },
		{ "quantiles min 1 p99 9223372036854775807", 1,
		    DIST_FOREVER },
	};
	int64_t v, last;
	struct dist d;
	size_t i, bad;
	double u;

	for (i = 0; i < COUNT(cases); i++) {
		d = dists_of(cases[i].text, &dists_sizes);
		is_int(dist_value(&d, 0x1p-53, 0), cases[i].least,
		    "%s, the least", cases[i].text);
		is_int(dist_value(&d, 1 - 0x1p-53, 0), cases[i].most,
		    "%s, the most", cases[i].text);
		last = 0;
		bad = 0;
		u = 0x1p-53;
		while (u < 1) {
			v = dist_value(&d, u, 0);
			bad += v < last;
			last = v;
			u += u < 1e-4 ? u : 1e-4;
		}
		is_int((long long)bad, 0, "%s, in order", cases[i].text);
	}
}

int
main(void)
{
	plan_no_plan();
	test_normal();
	test_laws();
	test_means();
	test_whole_values();
	test_quantiles();
	test_long_curve();
	test_traces();
	test_saturation();
	return exit_status();
}
