#include <inttypes.h>
#include <math.h>

#include "common/clock.h"
#include "t/test/picture.h"

/* More dots than this cannot be told apart, and make a large file. */
#define DOTS	5000

struct drawing {
	const struct trial *trial;
	const char *title;
};

void
picture_log(const struct trial *t, FILE *f)
{
	size_t i;

	fprintf(f, "due_s,took_ms,outcome\n");
	for (i = 0; i < t->nevents; i++)
		fprintf(f, "%.6f,%.6f,%s\n", (double)t->events[i].at / CLOCK_S,
		    (double)t->events[i].took / CLOCK_MS,
		    outcome_names[t->events[i].outcome]);
}

/* ms; a logarithm of nothing there is not. */
static double
latency(const struct event *e)
{
	return fmax((double)e->took / CLOCK_MS, 1e-3);
}

static double
least_latency(const struct trial *t)
{
	double least = latency(&t->events[0]);
	size_t i;

	for (i = 1; i < t->nevents; i++)
		least = fmin(least, latency(&t->events[i]));
	return least;
}

/* There is an event: without one, nothing could be concluded. */
static void
write_axes(FILE *f, const struct drawing *d)
{
	const struct options *o = d->trial->options;

	/* Plain text may have any character, other than enhanced text. */
	fprintf(f, "set terminal svg size 960,480 font 'sans,13' "
	    "background 'white' noenhanced\n"
	    "set title \"%s\"\n"
	    "set logscale y\n"
	    "set xlabel 'seconds since the long reads began'\n"
	    "set ylabel 'latency of a healthy request (ms)'\n"
	    "set xrange [%.9g:%.9g]\n"
	    "set yrange [%.9g:%.9g]\n"
	    "set grid y lc rgb '#dddddd'\n"
	    "set tics nomirror out\n"
	    "set border 3 lc rgb '#404040'\n"
	    "set key outside bottom center horizontal\n"
	    "set arrow from 0, graph 0 to 0, graph 1 nohead lc rgb '#404040' "
	    "dt 2\n"
	    "set label '%" PRId64 " long reads' at 0, graph 0.97 offset 0.7,0\n",
	    d->title, -(double)o->before / CLOCK_S,
	    (double)(o->lead + o->during) / CLOCK_S,
	    least_latency(d->trial) / 2, 2 * (double)o->timeout / CLOCK_MS,
	    o->longs);
}

/* Which events are a kind of dot, and how it looks: by shape too. */
static const struct kind {
	const char *name, *look;
	int during;		/* 0, 1, or either: -1 */
	int failed;		/* 0: answered; else the timed out, or others */
} kinds[] = {
	{ "answered before", "pt 7 ps 0.25 lc rgb '#1f6f8b'", 0, 0 },
	{ "answered during", "pt 7 ps 0.25 lc rgb '#e08e45'", 1, 0 },
	{ "timed out", "pt 2 ps 0.5 lc rgb '#8a1c1c'", -1, 1 },
	{ "failed otherwise", "pt 8 ps 0.7 lc rgb '#404040'", -1, 2 },
};

#define KINDS	(sizeof(kinds) / sizeof(kinds[0]))

static int
is_kind(const struct kind *k, const struct event *e)
{
	const int failed = e->outcome == OUTCOME_OK ? 0 :
	    e->outcome == OUTCOME_TIMEOUT ? 1 : 2;

	return k->failed == failed &&
	    (k->during == -1 || k->during == (e->at >= 0));
}

/* Failures are all shown; of answers, one in so many. */
static size_t
thinned(const struct trial *t, const struct kind *k)
{
	return k->failed ? 1 : t->nevents / DOTS + 1;
}

/* Gives how many dots there are of it. */
static size_t
write_dots(FILE *f, const struct trial *t, size_t n)
{
	const struct kind *k = &kinds[n];
	const size_t step = thinned(t, k);
	size_t i, seen = 0, dots = 0;

	fprintf(f, "$k%zu <<END\n", n);
	for (i = 0; i < t->nevents; i++)
		if (is_kind(k, &t->events[i]) && seen++ % step == 0) {
			dots++;
			fprintf(f, "%.4f %.4f\n",
			    (double)t->events[i].at / CLOCK_S,
			    latency(&t->events[i]));
		}
	fprintf(f, "END\n");
	return dots;
}

static void
write_script(FILE *f, const void *arg)
{
	const struct drawing *d = arg;
	size_t dots[KINDS], i;
	const char *before = "plot";

	write_axes(f, d);
	for (i = 0; i < KINDS; i++)
		dots[i] = write_dots(f, d->trial, i);
	for (i = 0; i < KINDS; i++)
		if (dots[i] > 0) {
			fprintf(f, "%s $k%zu with points %s title '%s'",
			    before, i, kinds[i].look, kinds[i].name);
			before = ",";
		}
	fprintf(f, "\n");
}

enum gnuplot_result
picture_make(const struct trial *t, const char *title, const char *file)
{
	const struct drawing d = { t, title };

	return gnuplot_make(write_script, &d, file);
}
