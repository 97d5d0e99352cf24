#include <string.h>

#include "common/clock.h"
#include "common/draw.h"
#include "server/model.h"

/* Of values that are not negative; both saturate. */

static int64_t
plus(int64_t a, int64_t b)
{
	int64_t sum;

	return __builtin_add_overflow(a, b, &sum) ? DIST_FOREVER : sum;
}

static int64_t
product(int64_t a, int64_t b)
{
	int64_t n;

	return __builtin_mul_overflow(a, b, &n) ? DIST_FOREVER : n;
}

/*
 * ns * ppm / 10^6, cut, where the product alone may be too large.  For ever
 * stays that, however fast the rest has become.
 */
static int64_t
slowed(int64_t ns, int64_t ppm)
{
	if (ns == DIST_FOREVER || ppm == MODEL_ALL)
		return ns;
	return plus(product(ns / MODEL_ALL, ppm),
	    product(ns % MODEL_ALL, ppm) / MODEL_ALL);
}

/* What size bytes take at so many a second, in ns. */
static int64_t
transfer(int64_t size, int64_t bandwidth)
{
	if (bandwidth == 0)
		return 0;
	return plus(product(size / bandwidth, CLOCK_S),
	    (int64_t)((double)(size % bandwidth) * 1e9 / (double)bandwidth));
}

/*
 * The rung at *at, in ppm of all, of a ladder that begins at 0; or NULL,
 * and *at is counted from behind the ladder then.
 */
static const struct model_rung *
rung(const struct model_ladder *l, double *at)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (*at < (double)l->v[i].ppm)
			return &l->v[i];
		*at -= (double)l->v[i].ppm;
	}
	return NULL;
}

static void
draw_fault(const struct model_ladder *faults, uint64_t key, uint64_t number,
    struct model_draw *d)
{
	double at = draw_unit(key, MODEL_FAULT) * (double)MODEL_ALL;
	const struct model_rung *r = rung(faults, &at);

	if (r == NULL)
		return;
	d->fault = r->fault;
	if (d->fault == FAULT_STALL)
		d->stall = dist_value(&r->time, draw_unit(key, MODEL_STALL),
		    number);
}

uint64_t
model_hash(const char *name)
{
	const uint64_t hash = draw_hash(0, name, strlen(name));

	return hash != 0 ? hash : 1;
}

const char *
model_fault_name(enum model_fault_kind kind)
{
	static const char *const names[] = {
		"none", "reset", "truncate", "stall", "garbage"
	};

	return names[kind];
}

void
model_draw(const struct model *m, uint64_t key, uint64_t number, int64_t size,
    struct model_draw *d)
{
	/* One number decides, so that the shares add up, fail's in front. */
	double at = draw_unit(key, MODEL_SHARE) * (double)MODEL_ALL;
	const struct model_rung *r = rung(&m->fail, &at);

	if (r == NULL)
		r = rung(&m->slow, &at);
	d->service = dist_value(r == NULL ? &m->read : &r->time,
	    draw_unit(key, MODEL_TIME), number);
	if (r == NULL)
		d->service = slowed(d->service, m->slowdown);
	d->status = r == NULL ? 200 : r->status;
	/* A read that fails has nothing to transfer. */
	if (d->status == 200)
		d->service = plus(d->service, transfer(size, m->bandwidth));
	d->rung = r;
	d->fault = FAULT_NONE;
	d->stall = 0;
	if (m->faults.n > 0)
		draw_fault(&m->faults, key, number, d);
}
