#include <math.h>
#include <string.h>

#include "common/chart.h"

#define MARGIN	8		/* left of the picture, columns */
#define WIDTH	71		/* of the picture */
#define EIGHTHS	8		/* heights of a cell */

/* Rows from the bottom: nothing, and an eighth to eight of a cell. */
static const char *const blocks[][EIGHTHS + 1] = {
	{ " ", ".", ".", ".", ":", ":", ":", ":", "#" },
	{ " ", "\u2581", "\u2582", "\u2583", "\u2584", "\u2585", "\u2586",
	    "\u2587", "\u2588" },
};

double
chart_share(unsigned int i)
{
	return pow(10, -(double)(i + 1) / CHART_STEPS);
}

void
chart_curve(struct chart_curve *c, const int64_t *sorted, size_t n)
{
	size_t left, tens;
	unsigned int i;

	c->decades = 1;
	for (tens = 10; tens < n && c->decades < CHART_DECADES; tens *= 10)
		c->decades++;
	for (i = 0; i < c->decades * CHART_STEPS; i++) {
		/* A tenth of 10 is 1, whatever pow(3) thinks of it. */
		left = (size_t)(chart_share(i) * (double)n + 1e-6);
		c->at[i] = sorted[n - 1 - left];
	}
}

void
chart_axis(struct chart_axis *a, int64_t min, int64_t max)
{
	a->first = (int)ceil(log10((double)min)) - 1;
	a->last = (int)floor(log10((double)max)) + 1;
	if (a->first < 0)
		a->first = 0;
}

char *
chart_decade(int exponent, char *buf, size_t size)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	int unit = exponent / 3 < 3 ? exponent / 3 : 3;

	snprintf(buf, size, "%.0f%s", pow(10, exponent - 3 * unit),
	    units[unit]);
	return buf;
}

static int
columns_per_decade(const struct chart_axis *a)
{
	return WIDTH / (a->last - a->first);
}

/* How much of a decade's cell is filled where the picture is at this time. */
static unsigned int
height(const int64_t *at, double time)
{
	unsigned int i, steps = 0;

	for (i = 0; i < CHART_STEPS; i++)
		steps += at[i] == INT64_MAX || (double)at[i] > time;
	return (steps * EIGHTHS + CHART_STEPS - 1) / CHART_STEPS;
}

static void
print_row(const int64_t *at, const struct chart_axis *a, int utf8, FILE *f)
{
	int per = columns_per_decade(a), column;
	unsigned int h;

	for (column = 0; column < per * (a->last - a->first); column++) {
		h = height(at, pow(10, a->first + (double)column / per));
		/* Nothing grows again to the right. */
		if (h == 0)
			break;
		fputs(blocks[utf8 != 0][h], f);
	}
	fputc('\n', f);
}

/* Names as many of the decades as have room, each where it begins. */
static void
print_axis(const struct chart_axis *a, FILE *f)
{
	int per = columns_per_decade(a), exponent, column = 0, at;
	char name[CHART_LABEL];

	fprintf(f, "%*s", MARGIN, "");
	for (exponent = a->first; exponent <= a->last; exponent++) {
		at = per * (exponent - a->first);
		chart_decade(exponent, name, sizeof(name));
		if ((column > 0 && at <= column) ||
		    at + (int)strlen(name) > WIDTH + 1)
			continue;
		column += fprintf(f, "%*s%s", at - column, "", name);
	}
	fputc('\n', f);
}

void
chart_print(const struct chart_curve *c, const struct chart_axis *a, int utf8,
    FILE *f)
{
	char share[CHART_LABEL];
	unsigned int i;

	for (i = 0; i < c->decades; i++) {
		snprintf(share, sizeof(share), "%g%%", pow(10, 2 - (double)i));
		fprintf(f, "%*s ", MARGIN - 1, share);
		print_row(&c->at[(size_t)i * CHART_STEPS], a, utf8, f);
	}
	print_axis(a, f);
}
