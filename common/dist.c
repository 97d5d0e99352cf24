#include <math.h>

#include "common/dist.h"
#include "common/normal.h"

/* To the nearest whole value; saturates. */
static int64_t
whole(double x)
{
	return x < 0x1p63 ? llrint(x) : DIST_FOREVER;
}

/*
 * One of n things, counted from 0, each with the same share of (0, 1).  Below
 * n: u is less than 1 by 2^-53 at least, so that the product, if rounded, is
 * at most the double in front of n.
 */
static int64_t
choose(double n, double u)
{
	return (int64_t)(u * n);
}

/* The fraction t of the way from a point to the next. */
static double
between(const struct dist_point *p, double t)
{
	double a = (double)p[0].value, b = (double)p[1].value;

	return p->rise != 0 ? a * exp(p->rise * t) : a + t * (b - a);
}

static int64_t
curve(const struct dist *d, double u)
{
	const struct dist_point *p = d->points, *last = p + d->n - 1;
	double ppm = u * 1e6;

	if (ppm <= p->ppm)
		return p->value;
	if (ppm >= last->ppm)
		return last->value;
	while (ppm > p[1].ppm)
		p++;
	return whole(between(p, (ppm - p->ppm) / (p[1].ppm - p->ppm)));
}

static int64_t
trace(const struct dist *d, double u, uint64_t number)
{
	if (d->trace_len == 0)
		return 0;
	return d->trace[d->sampled ?
	    (uint64_t)choose((double)d->trace_len, u) :
	    number % d->trace_len];
}

/*
 * Where F is the distribution function of a kind, these are the x with
 * F(x) = u.  -log1p(-u) is -ln(1 - u), the exponential one of mean 1.
 */
int64_t
dist_value(const struct dist *d, double u, uint64_t number)
{
	const struct dist_point *p = d->points;

	switch (d->kind) {
	case DIST_FIXED:
		return p->value;
	case DIST_UNIFORM:
		return p->value +
		    choose((double)(p[1].value - p->value) + 1, u);
	case DIST_EXPONENTIAL:
		return whole((double)p->value * -log1p(-u));
	case DIST_LOGNORMAL:
		return whole(between(p, normal_quantile(u) / NORMAL_99));
	case DIST_PARETO:
		return whole(between(p, -log1p(-u) / log(100)));
	case DIST_QUANTILES:
		return curve(d, u);
	case DIST_TRACE:
		return trace(d, u, number);
	case DIST_HANG:
		return DIST_FOREVER;
	case DIST_NONE:
	case DIST_KINDS:
		break;
	}
	return 0;
}

void
dist_attach(struct dist *d, const int64_t *values, size_t n)
{
	d->trace = values;
	d->trace_len = n;
}

bool
dist_equal(const struct dist *a, const struct dist *b)
{
	unsigned int i;

	if (a->kind != b->kind || a->sampled != b->sampled || a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		if (a->points[i].value != b->points[i].value ||
		    a->points[i].ppm != b->points[i].ppm)
			return false;
	return true;
}

static size_t
count_up_to(const struct dist *d, int64_t value)
{
	size_t i, count = 0;

	for (i = 0; i < d->trace_len; i++)
		count += d->trace[i] <= value;
	return count;
}

/*
 * Halves the values that it can be, rather than sort: the trace is borrowed,
 * and nothing here allocates.
 */
int64_t
dist_quantile(const struct dist *d, double p)
{
	int64_t low = 0, high = DIST_FOREVER, middle;
	double rank = p * (double)d->trace_len;

	if (d->kind != DIST_TRACE || d->trace_len == 0)
		return dist_value(d, p, 0);
	while (low < high) {
		middle = low + (high - low) / 2;
		if ((double)count_up_to(d, middle) >= rank)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* Of each stretch of the curve, weighted by its probability. */
static double
curve_mean(const struct dist *d)
{
	const struct dist_point *p = d->points, *last = p + d->n - 1;
	double sum = (double)p->value * p->ppm +
	    (double)last->value * (1000000 - last->ppm), a, b;

	for (; p < last; p++) {
		a = (double)p[0].value;
		b = (double)p[1].value;
		sum += (p[1].ppm - p->ppm) *
		    (p->rise != 0 ? (b - a) / p->rise : (a + b) / 2);
	}
	return sum / 1e6;
}

static double
trace_mean(const struct dist *d)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < d->trace_len; i++) {
		if (d->trace[i] == DIST_FOREVER)
			return INFINITY;
		sum += (double)d->trace[i];
	}
	return d->trace_len == 0 ? 0 : sum / (double)d->trace_len;
}

double
dist_mean(const struct dist *d)
{
	const struct dist_point *p = d->points;
	double a = (double)p[0].value, b = (double)p[1].value, x;

	switch (d->kind) {
	case DIST_FIXED:
	case DIST_EXPONENTIAL:
		return a;
	case DIST_UNIFORM:
		return a + (b - a) / 2;
	case DIST_LOGNORMAL:
		x = p->rise / NORMAL_99;	/* sigma */
		return a * exp(x * x / 2);
	case DIST_PARETO:
		x = p->rise / log(100);		/* 1 / alpha */
		return x < 1 ? a / (1 - x) : INFINITY;
	case DIST_QUANTILES:
		return curve_mean(d);
	case DIST_TRACE:
		return trace_mean(d);
	case DIST_HANG:
		return INFINITY;
	case DIST_NONE:
	case DIST_KINDS:
		break;
	}
	return 0;
}
