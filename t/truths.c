#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/dist.h"
#include "t/truths.h"

#define LINE 1024

struct wanted {
	const struct daemon *daemon;
	const char *disk;
	size_t n;
};

const char *
truths_path(const struct daemon *d)
{
	static char path[128];

	return daemon_path(d, "truth", path, sizeof(path));
}

void
truths_start(struct daemon *d, int workers, const char *statements)
{
	/* The log's name is known when there is a directory. */
	daemon_configure(d, "workers %d\n", workers);
	daemon_rewrite(d, "workers %d\nbalance shared\ntruth-log %s\n%s",
	    workers, truths_path(d), statements);
	daemon_start(d);
}

/* WHOLE.FRACTION of a unit of so many ns. */
static int64_t
decimal(const char *text, int64_t unit)
{
	int64_t whole, ns = 0;
	char *p;

	if (strcmp(text, "forever") == 0)
		return DIST_FOREVER;
	whole = strtoll(text, &p, 10) * unit;
	if (*p++ != '.')
		errx(1, "%s: no fraction", text);
	while ((unit /= 10) > 0)
		ns += (*p++ - '0') * unit;
	return *p == '\0' ? whole + ns : -1;
}

static void
parse(const char *line, struct truth_read *r)
{
	char arrival[32], at[32], service[32], lane[32], actual[32];
	int end = 0;

	sscanf(line, "arrival=%31s at_ms=%31s slot=%u disk=%32s "
	    "condition=%32s number=%" SCNu64 " service_ms=%31s lane_ms=%31s "
	    "actual_ms=%31s outcome=%15s status=%d fault=%15s%n", arrival, at,
	    &r->slot, r->disk, r->condition, &r->number, service, lane, actual,
	    r->outcome, &r->status, r->fault, &end);
	if (end == 0 || strcmp(line + end, "\n") != 0)
		errx(1, "truth log: %s", line);
	r->arrival = decimal(arrival, CLOCK_S);
	r->at = decimal(at, CLOCK_MS);
	r->service = decimal(service, CLOCK_MS);
	r->lane = decimal(lane, CLOCK_MS);
	r->actual = decimal(actual, CLOCK_MS);
}

/* Reads what is of this disk, whole lines only; v may be NULL. */
static size_t
read_log(const struct wanted *w, struct truth_read *v, size_t max)
{
	struct truth_read r;
	char line[LINE];
	size_t n = 0;
	FILE *f;

	if ((f = fopen(truths_path(w->daemon), "r")) == NULL)
		return 0;
	while (fgets(line, sizeof(line), f) != NULL &&
	    strchr(line, '\n') != NULL) {
		parse(line, &r);
		if (w->disk != NULL && strcmp(r.disk, w->disk) != 0)
			continue;
		if (n < max)
			v[n] = r;
		n++;
	}
	fclose(f);
	return n < max || v == NULL ? n : max;
}

static int
has_lines(void *arg)
{
	const struct wanted *w = arg;

	return read_log(w, NULL, 0) >= w->n;
}

static int
compare(const void *a, const void *b)
{
	const struct truth_read *x = a, *y = b;
	int disk = strcmp(x->disk, y->disk);

	return disk != 0 ? disk :
	    (x->number > y->number) - (x->number < y->number);
}

size_t
truths_await(const struct daemon *d, const char *disk, size_t n,
    struct truth_read *v, size_t max)
{
	struct wanted w = { d, disk, n };

	daemon_until(has_lines, &w);
	n = read_log(&w, v, max);
	qsort(v, n, sizeof(*v), compare);
	return n;
}

void
truths_customers(const struct truth_read *v, size_t n, struct customer *c)
{
	size_t i;

	for (i = 0; i < n; i++) {
		c[i].arrival = v[i].at;
		c[i].service = v[i].service;
		c[i].begin = v[i].at + v[i].lane;
	}
}
