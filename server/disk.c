#include <sys/param.h>

#include <poll.h>

#include "common/clock.h"
#include "common/draw.h"
#include "server/device.h"
#include "server/disk.h"

/*
 * poll(2) may end its wait up to a 200th of it late, whatever the timer slack
 * is.  So it ends that much early, and what is left is slept.
 */
#define EARLY(ns)	((ns) / 128 + CLOCK_MS)

uint64_t
disk_key(const struct conf_disk *d, uint64_t number, const char *name,
    size_t len)
{
	return d->seed_by == SEED_BY_PATH ? draw_hash(d->key, name, len) :
	    draw_key(d->key, number);
}

/* What a path has drawn once, it draws from a trace in sequence too. */
void
disk_draw(const struct conf_disk *d, const struct model *m, uint64_t key,
    uint64_t number, int64_t size, struct model_draw *drawn)
{
	model_draw(m, key, d->seed_by == SEED_BY_PATH ? key : number, size,
	    drawn);
}

/* The condition that is forced upon it, or NULL; or it has none of the kind. */
static const struct model *
forced(const struct conf_disk *d, int64_t now)
{
	const uint64_t hash = device_forced(d->device, now, NULL);
	size_t i;

	for (i = 0; hash != 0 && i < d->nforced; i++)
		if (d->models[i].hash == hash)
			return &d->models[i];
	return NULL;
}

/* The condition that holds now, for this one of all the reads at the time. */
static const struct model *
condition(const struct conf *c, const struct conf_disk *d, int64_t now,
    double which)
{
	const struct model *m = forced(d, now);
	int64_t t = now - c->loaded_at;

	if (m != NULL)
		return m;
	return &d->models[schedule_condition(d->schedules, d->nschedules,
	    d->key, t > 0 ? t : 0, which)];
}

const struct model *
disk_condition(const struct conf *c, const struct conf_disk *d, int64_t now)
{
	return condition(c, d, now, 0.5);
}

static const struct model *
condition_of(const struct conf *c, const struct conf_disk *d,
    const struct disk_read *r)
{
	return condition(c, d, r->arrival,
	    draw_unit(r->key, MODEL_CONDITION));
}

static void
draw(const struct conf_disk *d, int64_t size, int64_t asked, int status,
    struct disk_read *r)
{
	static const struct model_draw plain = { .status = 200 };

	r->draw = plain;
	if (asked >= 0)
		r->draw.service = asked;
	else
		disk_draw(d, r->model, r->key, r->number, size, &r->draw);
	if (status > 0)
		r->draw.status = status;
}

int
disk_enter(const struct conf *c, const struct conf_disk *d, unsigned int slot,
    const char *name, size_t len, struct disk_read *r)
{
	static const struct disk_read nothing = { .seat = -1 };

	*r = nothing;
	r->number = device_arrival(d->device);
	r->key = disk_key(d, r->number, name, len);
	if (d->limit == 0)
		return 0;
	if ((r->seat = device_enter(d->device, d->limit, slot)) != -1)
		return 0;
	r->how = DISK_FULL;
	r->arrival = r->end = clock_mono();
	r->model = condition_of(c, d, r);
	return -1;
}

void
disk_begin(const struct conf *c, const struct conf_disk *d, int64_t size,
    int64_t asked, int status, uint64_t id, struct disk_read *r)
{
	unsigned int lane;
	int64_t begin;

	r->arrival = clock_mono();
	r->model = condition_of(c, d, r);
	draw(d, size, asked, status, r);
	/* What never ends takes no lane: nothing would free it. */
	if (d->lanes > 0 && r->draw.service != DIST_FOREVER) {
		r->draw.service = MAX(r->draw.service, 1);
		begin = device_queue(d->device, d->lanes, r->draw.service,
		    &r->arrival, &lane);
		r->lane = begin - r->arrival;
		r->queued = 1;
		r->follows = device_follow(d->device, lane, begin,
		    begin + r->draw.service, id);
		if (r->lane == 0)
			r->follows = 0;
	}
}

/* Gives whether the client is gone before end. */
static int
watch(int fd, int64_t end)
{
	struct pollfd p = { .fd = fd, .events = POLLRDHUP };
	struct timespec ts;
	int64_t left;

	for (;;) {
		left = end - clock_mono();
		if ((left -= EARLY(left)) <= 0)
			return 0;
		ts = clock_timespec(left);
		if (ppoll(&p, 1, &ts, NULL) == 1)
			return 1;
	}
}

void
disk_wait(const struct conf_disk *d, int fd, struct disk_read *r)
{
	int64_t end;

	if (__builtin_add_overflow(r->arrival + r->lane, r->draw.service,
	    &end))
		end = DIST_FOREVER;
	r->how = DISK_READ;
	if (d->interruptible && watch(fd, end))
		r->how = DISK_GONE;
	else
		r->late = clock_sleep_until(end) - end;
}

void
disk_end(struct disk_read *r)
{
	r->end = clock_mono();
}

void
disk_leave(const struct conf_disk *d, struct disk_read *r)
{
	if (r->seat != -1)
		device_leave(d->device, r->seat);
	r->seat = -1;
}

int64_t
disk_time(const struct disk_read *r)
{
	return r->end == 0 ? 0 : r->end - r->arrival;
}
