#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/units.h"
#include "server/traces.h"
#include "server/value.h"
#include "server/value_model.h"

#define DAY	(86400 * CLOCK_S)

#define FAILURE	500		/* what a read fails with, if not told */

/* A read alone may be nothing: what takes long takes a time. */
static const struct dist_unit reads = {
	"time", "250us, 20ms, 4s or 2m", units_time, units_time_text, 0, DAY,
	DIST_ANY
};

static const struct dist_unit times = {
	"time", "250us, 20ms, 4s or 2m", units_time, units_time_text, 0, DAY,
	DIST_ANY & ~DIST_ONLY(DIST_NONE)
};

static const struct dist_unit sizes = {
	"size", "8192, 64k or 4M", units_size, units_size_text, 0,
	CONF_OBJECT_MAX, DIST_ANY & ~(DIST_ONLY(DIST_NONE) |
	    DIST_ONLY(DIST_HANG) | DIST_ONLY(DIST_TRACE))
};

static const char *const faults[] = {
	[FAULT_NONE] = "off",
	[FAULT_RESET] = "reset",
	[FAULT_TRUNCATE] = "truncate",
	[FAULT_STALL] = "stall",
	[FAULT_GARBAGE] = "garbage",
	NULL
};

static void *
at(const struct keyword *k, const void *base)
{
	return (void *)(uintptr_t)((const char *)base + k->offset);
}

/*
 * The distribution that begins with word number `from', whose trace is loaded.
 * *used are the words that it has; with NULL it has all that follow.
 */
static int
take_dist(struct dist *d, struct keyword_args *a, size_t from, size_t *used,
    const struct dist_unit *unit)
{
	if (dist_parse(d, a->words + from, a->n - from, used, unit, a->error,
	    sizeof(a->error)) == -1)
		return -1;
	return d->kind == DIST_TRACE ?
	    traces_lend(d, a->words[from + 1], a) : 0;
}

static void
put_dist(const struct dist *d, const struct dist_unit *unit,
    const struct keyword_out *o)
{
	char *file = NULL;
	size_t len;
	FILE *f;

	if ((f = open_memstream(&file, &len)) == NULL)
		return;
	value_put_file(traces_file(o->conf, d), f);
	if (fclose(f) == 0)
		dist_print(d, unit, file, o->f);
	free(file);
}

int
value_read(const struct keyword *k, void *base, struct keyword_args *a)
{
	return take_dist(at(k, base), a, 0, NULL, &reads);
}

void
value_read_print(const struct keyword *k, const void *base,
    const struct keyword_out *o)
{
	put_dist(at(k, base), &reads, o);
}

/* Sizes of objects. */

int
value_object(const struct keyword *k, void *base, struct keyword_args *a)
{
	struct conf_disk *d = base;
	char fixed[] = "fixed", *both[] = { fixed, a->n ? a->words[0] : NULL };
	struct keyword_args one = *a;
	int64_t bytes;

	if (a->n == 1 && strcmp(a->words[0], "off") == 0) {
		d->sized = 0;
		return 0;
	}
	/* A size alone is a fixed one. */
	if (a->n == 1 && units_size(a->words[0], &bytes) == 0) {
		one.words = both;
		one.n = 2;
	}
	if (take_dist(at(k, base), &one, 0, NULL, &sizes) == -1)
		return value_fail(a, "%s%s", one.error, one.n == a->n &&
		    strncmp(one.error, "expected", 8) == 0 ?
		    ", a size alone, or off" : "");
	d->sized = 1;
	return 0;
}

void
value_object_print(const struct keyword *k, const void *base,
    const struct keyword_out *o)
{
	const struct conf_disk *d = base;
	const struct dist *size = at(k, base);
	char text[UNITS_TEXT];

	if (!d->sized)
		fputs("off", o->f);
	else if (size->kind == DIST_FIXED)
		fputs(units_size_text(size->points[0].value, text,
		    sizeof(text)), o->f);
	else
		put_dist(size, &sizes, o);
}

/* Ladders: `off', which is an empty one, or a rung a line. */

static int
is_off(const struct keyword_args *a)
{
	return a->n == 1 && strcmp(a->words[0], "off") == 0;
}

/* Of one more rung, what they all have: room, and a share in front. */
static int
take_share(const struct model_ladder *l, struct keyword_args *a, int64_t *ppm,
    const char *behind)
{
	if (a->n < 2 || units_percent(a->words[0], ppm) == -1)
		return value_fail(a, "expected a percentage from 0%% to "
		    "100%%, such as 0.1%%, and %s; or off", behind);
	return l->n < MODEL_RUNGS ? 0 :
	    value_fail(a, "expected at most %d", MODEL_RUNGS);
}

static int
take_off(const struct model_ladder *l, struct keyword_args *a)
{
	return l->n == 0 ? 0 : value_fail(a, "expected off alone");
}

static void
put_ladder(const struct keyword *k, const struct model_ladder *l,
    const struct keyword_out *o,
    void (*put_rest)(const struct model_rung *, const struct keyword_out *))
{
	size_t i;

	if (l->n == 0)
		fputs("off", o->f);
	for (i = 0; i < l->n; i++) {
		if (i > 0)
			keyword_again(k, o);
		value_put_percent(l->v[i].ppm, o->f);
		fputc(' ', o->f);
		put_rest(&l->v[i], o);
	}
}

static int
take_status(struct keyword_args *a, size_t from, int *status)
{
	const char *err = NULL;

	*status = FAILURE;
	if (a->n == from)
		return 0;
	if (a->n == from + 1)
		*status = (int)strtonum(a->words[from], 400, 599, &err);
	if (a->n > from + 1 || err != NULL)
		return value_fail(a, "expected a status from 400 to 599 at the "
		    "end, or none");
	return 0;
}

static int
take_rung(struct model_ladder *l, struct keyword_args *a, int fails)
{
	struct model_rung r = { .status = 200 };
	size_t used = 0;

	if (is_off(a))
		return take_off(l, a);
	if (take_share(l, a, &r.ppm,
	    fails ? "a time, and perhaps a status" : "a time") == -1 ||
	    take_dist(&r.time, a, 1, fails ? &used : NULL, &times) == -1 ||
	    (fails && take_status(a, 1 + used, &r.status) == -1))
		return -1;
	l->v[l->n++] = r;
	return 0;
}

int
value_slow(const struct keyword *k, void *base, struct keyword_args *a)
{
	return take_rung(at(k, base), a, 0);
}

int
value_failing(const struct keyword *k, void *base, struct keyword_args *a)
{
	return take_rung(at(k, base), a, 1);
}

static void
put_read(const struct model_rung *r, const struct keyword_out *o)
{
	put_dist(&r->time, &times, o);
	if (r->status != 200 && r->status != FAILURE)
		fprintf(o->f, " %d", r->status);
}

void
value_ladder_print(const struct keyword *k, const void *base,
    const struct keyword_out *o)
{
	put_ladder(k, at(k, base), o, put_read);
}

int
value_fault(const struct keyword *k, void *base, struct keyword_args *a)
{
	struct model_ladder *l = at(k, base);
	struct model_rung r = { .status = 200 };
	int kind;

	if (is_off(a))
		return take_off(l, a);
	if (take_share(l, a, &r.ppm,
	    "reset, truncate, stall and a time, or garbage") == -1)
		return -1;
	kind = value_choice_index(faults, a->words[1]);
	if (kind < FAULT_RESET || (kind != FAULT_STALL && a->n > 2))
		return value_fail(a, "expected reset, truncate, stall and a "
		    "time, or garbage, behind the percentage");
	r.fault = (enum model_fault_kind)kind;
	if (kind == FAULT_STALL &&
	    take_dist(&r.time, a, 2, NULL, &times) == -1)
		return -1;
	l->v[l->n++] = r;
	return 0;
}

static void
put_fault(const struct model_rung *r, const struct keyword_out *o)
{
	fputs(faults[r->fault], o->f);
	if (r->fault == FAULT_STALL) {
		fputc(' ', o->f);
		put_dist(&r->time, &times, o);
	}
}

void
value_fault_print(const struct keyword *k, const void *base,
    const struct keyword_out *o)
{
	put_ladder(k, at(k, base), o, put_fault);
}
