#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "server/plot.h"

struct plot {
	const struct plot_curve *curves;
	size_t n;
	const struct chart_axis *axis;
};

/* The shares of all curves are from 100 % down to this exponent of it. */
static int
lowest(const struct plot_curve *v, size_t n)
{
	unsigned int decades = 1;
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i].curve.decades > decades)
			decades = v[i].curve.decades;
	return 2 - (int)decades;
}

static void
write_axes(const struct chart_axis *a, int low, FILE *f)
{
	char name[CHART_LABEL];
	int i;

	/*
	 * Other than enhanced text, plain text may have any character.  The
	 * fifth colour would be a yellow that hardly shows on white.
	 */
	fprintf(f, "set terminal svg size 960,540 font 'sans,13' "
	    "background 'white' noenhanced\n"
	    "set logscale xy\n"
	    "set xlabel 'time of a read'\n"
	    "set ylabel 'reads that take longer (%%)'\n"
	    "set format y '%%g'\n"
	    "set yrange [1e%d:100]\n"
	    "set xrange [0.999e%d:1.001e%d]\n"
	    "set grid lc rgb '#dddddd'\n"
	    "set tics nomirror out\n"
	    "set border 3 lc rgb '#404040'\n"
	    "set key outside right top reverse Left\n"
	    "set linetype 5 lc rgb '#8a5a83'\n"
	    "set xtics (", low, a->first, a->last);
	for (i = a->first; i <= a->last; i++)
		fprintf(f, "%s'%s' 1e%d", i == a->first ? "" : ", ",
		    chart_decade(i, name, sizeof(name)), i);
	fprintf(f, ")\n");
}

/* Within the axis: 0 has no logarithm, and what never ends leaves it. */
static double
within(const struct chart_axis *a, int64_t t)
{
	return fmin(fmax((double)t, pow(10, a->first)), pow(10, a->last));
}

/* Down to the next share, then right to where no more than that is left. */
static void
write_curve(const struct chart_curve *c, const struct chart_axis *a, size_t n,
    FILE *f)
{
	unsigned int i;
	double at = within(a, 0), left = 100;

	fprintf(f, "$c%zu <<END\n%g %g\n", n, at, left);
	for (i = 0; i < c->decades * CHART_STEPS; i++) {
		if (within(a, c->at[i]) > at)
			fprintf(f, "%g %g\n", within(a, c->at[i]), left);
		at = within(a, c->at[i]);
		left = 100 * chart_share(i);
		if (at < within(a, INT64_MAX))
			fprintf(f, "%g %g\n", at, left);
	}
	fprintf(f, "END\n");
}

static void
write_script(FILE *f, const void *arg)
{
	const struct plot *p = arg;
	const struct plot_curve *v = p->curves;
	size_t i;

	write_axes(p->axis, lowest(v, p->n), f);
	for (i = 0; i < p->n; i++)
		write_curve(&v[i].curve, p->axis, i, f);
	fprintf(f, "plot");
	for (i = 0; i < p->n; i++)
		fprintf(f, "%s $c%zu with lines lw 1.5 title '%s %s'",
		    i == 0 ? "" : ",", i, v[i].disk, v[i].condition);
	fprintf(f, "\n");
}

enum gnuplot_result
plot_svg(const struct plot_curve *v, size_t n, const struct chart_axis *a,
    const char *file)
{
	struct plot p = { v, n, a };

	return gnuplot_make(write_script, &p, file);
}
