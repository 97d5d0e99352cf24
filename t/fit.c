#include <math.h>
#include <stdlib.h>

#include "t/fit.h"

/* A standard normal variable is above it once in 1000, and in 2000 times. */
#define NORMAL_0_001 3.0902323061678132
#define NORMAL_0_0005 3.2905267314919255

static double distance;

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double
fit_distance(void)
{
	return distance;
}

/*
 * The limit for large n: P(sqrt(n) D > x) = 2 exp(-2 x^2), less terms that
 * do not matter here.
 */
bool
fit_uniform(double *u, size_t n)
{
	double d = 0;
	size_t i;

	qsort(u, n, sizeof(*u), compare);
	for (i = 0; i < n; i++)
		d = fmax(d, fmax((double)(i + 1) / (double)n - u[i],
		    u[i] - (double)i / (double)n));
	distance = d * sqrt((double)n);
	return distance <= sqrt(log(2 / 0.001) / 2);
}

/*
 * The quantile of chi-square by E. B. Wilson and M. M. Hilferty, "The
 * distribution of chi-square", PNAS 17 (1931), 684-688: within 1 % from 3
 * degrees of freedom on.
 */
bool
fit_even(const unsigned int *counts, size_t cells)
{
	double n = 0, x = 0, df = (double)cells - 1, part = 2 / (9 * df);
	size_t i;

	for (i = 0; i < cells; i++)
		n += counts[i];
	for (i = 0; i < cells; i++)
		x += pow(counts[i] - n / (double)cells, 2);
	return x / (n / (double)cells) <=
	    df * pow(1 - part + NORMAL_0_001 * sqrt(part), 3);
}

bool
fit_share(size_t hits, size_t n, double p)
{
	return fabs((double)hits - (double)n * p) <=
	    NORMAL_0_0005 * sqrt((double)n * p * (1 - p));
}
