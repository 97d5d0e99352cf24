#include <stdatomic.h>
#include <string.h>

#include "common/clock.h"
#include "common/dist.h"
#include "server/board.h"
#include "server/device.h"
#include "server/shared.h"

/* What is forced upon a device. */
struct force {
	_Atomic uint64_t hash;		/* of a condition's name; 0: nothing */
	_Atomic int64_t until;		/* so long */
};

/*
 * Pages that nobody uses are never touched, and cost nothing: the first word
 * of each array is what most devices have.
 */
struct device {
	_Alignas(64) _Atomic uint64_t arrivals;
	_Atomic uint64_t reads;		/* that are over */
	_Atomic uint64_t failed;	/* of them */
	_Atomic uint64_t waited;	/* of them, for a lane */

	/* Read by every read, and hardly ever written. */
	_Alignas(64) _Atomic uint64_t version;	/* its parity says which one */
	struct force forces[2];			/* of these is in force */
	struct device_about about;	/* the master's word, for others */

	_Alignas(64) _Atomic int64_t free[CONF_LANES_MAX];	/* when, ns */
	_Atomic uint64_t holders[CONF_LANES_MAX];	/* see device_follow */
	_Atomic unsigned int seats[BOARD_SLOTS];	/* slot + 1; 0: free */
	struct histogram latency;	/* lane and service */
};

static struct devices {
	struct device v[DEVICES_MAX];

	/* The seat that the worker in the slot tries, or has. */
	_Atomic uint32_t seats[BOARD_SLOTS];

	_Atomic unsigned int used;	/* for others than the master */
} *devices;

/* Whose devices they are: the master's alone. */
static char names[DEVICES_MAX][CONF_NAME_MAX + 1];
static unsigned int used;

/* Such a word names a device and a seat of it. */
#define SEAT(device, seat)	((device) * BOARD_SLOTS + (seat))
_Static_assert((uint64_t)DEVICES_MAX * BOARD_SLOTS <= UINT32_MAX, "a word");

int
device_open(void)
{
	void *p;

	if ((p = shared_map(sizeof(*devices))) == NULL)
		return -1;
	devices = p;
	return 0;
}

int
device_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < used; i++)
		if (strcmp(names[i], name) == 0)
			return (int)i;
	return -1;
}

static int
is_named(const struct conf *c, const char *name)
{
	size_t i;

	for (i = 0; c != NULL && i < c->ndisks; i++)
		if (strcmp(c->disks[i].name, name) == 0)
			return 1;
	return 0;
}

/*
 * A new one; or, with all in use, one that neither configuration names, which
 * there is, as both together name only half of them.  It begins anew, but for
 * the seats of workers that are still in it from long ago.
 */
static unsigned int
take(const char *name, const struct conf *c, const struct conf *old)
{
	unsigned int i = 0, lane;

	if (used < DEVICES_MAX) {
		i = used++;
	} else {
		while (is_named(c, names[i]) || is_named(old, names[i]))
			i++;
		devices->v[i].arrivals = 0;
		devices->v[i].reads = devices->v[i].failed = 0;
		devices->v[i].waited = 0;
		memset(&devices->v[i].latency, 0, sizeof(struct histogram));
		device_force(i, 0, 0);
		for (lane = 0; lane < CONF_LANES_MAX; lane++)
			devices->v[i].free[lane] = 0;
	}
	strlcpy(names[i], name, sizeof(names[i]));
	return i;
}

static void
describe(const struct conf_disk *d)
{
	struct device_about *a = &devices->v[d->device].about;
	size_t i;

	strlcpy(a->name, d->name, sizeof(a->name));
	a->lanes = d->lanes;
	a->limit = d->limit;
	for (i = 0; i < d->nmodels; i++)
		strlcpy(a->conditions[i], d->models[i].name,
		    sizeof(a->conditions[i]));
	a->n = (unsigned int)d->nmodels;
	a->current = 1;
}

void
device_assign(struct conf *c, const struct conf *old)
{
	size_t i;
	int n;

	_Static_assert(2 * CONF_DISK_MAX < DEVICES_MAX, "one is always left");
	for (i = 0; i < c->ndisks; i++) {
		n = device_find(c->disks[i].name);
		c->disks[i].device = n != -1 ? (unsigned int)n :
		    take(c->disks[i].name, c, old);
	}
	for (i = 0; i < used; i++)
		devices->v[i].about.current = 0;
	for (i = 0; i < c->ndisks; i++)
		describe(&c->disks[i]);
	devices->used = used;
}

uint64_t
device_arrival(unsigned int device)
{
	return atomic_fetch_add_explicit(&devices->v[device].arrivals, 1,
	    memory_order_relaxed);
}

/* The lane that is free first, and when. */
static size_t
first_free(_Atomic int64_t *lanes, int64_t n, int64_t *when)
{
	size_t i, best = 0;
	int64_t t;

	*when = lanes[0];
	for (i = 1; i < (size_t)n; i++) {
		t = lanes[i];
		if (t < *when) {
			*when = t;
			best = i;
		}
	}
	return best;
}

/*
 * The clock is read between the look at the lanes and the exchange, which
 * fails if anybody has been faster: so times and places have the same order.
 * That holds over several lanes too.  They are taken for longer and longer,
 * never for less; so who takes another lane than the one before has seen that
 * one taken, and reads the clock after that.
 */
int64_t
device_queue(unsigned int device, int64_t lanes, int64_t service,
    int64_t *arrival, unsigned int *lane)
{
	_Atomic int64_t *v = devices->v[device].free;
	int64_t when, begin, end;
	size_t i;

	do {
		i = first_free(v, lanes, &when);
		*arrival = clock_mono();
		begin = when > *arrival ? when : *arrival;
		if (__builtin_add_overflow(begin, service, &end))
			end = DIST_FOREVER;
	} while (!atomic_compare_exchange_strong(&v[i], &when, end));
	*lane = (unsigned int)i;
	return begin;
}

/*
 * One word has the lower halves of an id and of the time at which its read
 * ends.  The lane was taken before this, so others may come between, and be
 * here first.  But who follows begins when the other ends: by that it knows
 * whether this is the one.
 */
uint64_t
device_follow(unsigned int device, unsigned int lane, int64_t begin,
    int64_t end, uint64_t id)
{
	const uint64_t its = atomic_exchange_explicit(
	    &devices->v[device].holders[lane],
	    id << 32 | (uint32_t)end, memory_order_relaxed);

	if (its == 0 || (uint32_t)its != (uint32_t)begin)
		return 0;
	/* Ids are near each other. */
	return id - (uint32_t)((uint32_t)id - (uint32_t)(its >> 32));
}

void
device_count(unsigned int device, int64_t ns, int waited, int failed)
{
	struct device *d = &devices->v[device];

	atomic_fetch_add_explicit(&d->reads, 1, memory_order_relaxed);
	if (waited)
		atomic_fetch_add_explicit(&d->waited, 1, memory_order_relaxed);
	if (failed)
		atomic_fetch_add_explicit(&d->failed, 1, memory_order_relaxed);
	histogram_add_shared(&d->latency, ns);
}

/* What is in force is not touched: the other one is changed, and takes over. */
void
device_force(unsigned int device, uint64_t hash, int64_t until)
{
	struct device *d = &devices->v[device];
	struct force *next = &d->forces[(d->version + 1) % 2];

	next->hash = hash;
	next->until = until;
	d->version++;
}

uint64_t
device_forced(unsigned int device, int64_t now, int64_t *until)
{
	const struct device *d = &devices->v[device];
	uint64_t version, hash;
	int64_t end;

	/* Who is overtaken twice looks again. */
	do {
		version = d->version;
		hash = d->forces[version % 2].hash;
		end = d->forces[version % 2].until;
	} while (version != d->version);
	if (until != NULL)
		*until = end;
	return now < end ? hash : 0;
}

/*
 * The seat is told of before it is taken, and taken in one step.  So whenever
 * the worker is killed, device_bury finds what it has, or finds that the seat
 * that it was after is somebody else's.
 */
int
device_enter(unsigned int device, int64_t limit, unsigned int slot)
{
	unsigned int n = (unsigned int)limit, i, seat, nobody;

	/* With a limit that is no limit, each finds its own at once. */
	for (i = 0; i < n; i++) {
		seat = (slot + i) % n;
		nobody = devices->v[device].seats[seat];
		if (nobody != 0)
			continue;
		devices->seats[slot] = SEAT(device, seat);
		if (atomic_compare_exchange_strong(
		    &devices->v[device].seats[seat], &nobody, slot + 1))
			return (int)seat;
	}
	return -1;
}

void
device_leave(unsigned int device, int seat)
{
	devices->v[device].seats[seat] = 0;
}

void
device_bury(unsigned int slot)
{
	/* Workers may write all of this: the word may be anything. */
	uint32_t word = devices->seats[slot] %
	    SEAT((uint32_t)DEVICES_MAX, 0);
	unsigned int its = slot + 1;

	atomic_compare_exchange_strong(&devices->v[word / BOARD_SLOTS].seats[
	    word % BOARD_SLOTS], &its, 0);
}

unsigned int
device_inside(unsigned int device)
{
	unsigned int i, n = 0;

	for (i = 0; i < BOARD_SLOTS; i++)
		n += devices->v[device].seats[i] != 0;
	return n;
}

const char *
device_name(unsigned int device)
{
	/* Workers may write whatever they like to the board. */
	return device < used ? names[device] : "?";
}

unsigned int
device_lanes_busy(unsigned int device, int64_t lanes, int64_t now)
{
	unsigned int n = 0;
	int64_t i;

	for (i = 0; i < lanes && i < CONF_LANES_MAX; i++)
		n += devices->v[device].free[i] > now;
	return n;
}

unsigned int
device_used(void)
{
	unsigned int n = devices->used;

	return n < DEVICES_MAX ? n : DEVICES_MAX;
}

/* Workers may write all of this, and the master changes it in a reload. */
void
device_about(unsigned int device, struct device_about *a)
{
	const struct device *d = &devices->v[device];
	size_t i;

	memcpy(a, &d->about, sizeof(*a));
	a->name[sizeof(a->name) - 1] = '\0';
	if (a->n > CONF_CONDITION_MAX)
		a->n = CONF_CONDITION_MAX;
	for (i = 0; i < CONF_CONDITION_MAX; i++)
		a->conditions[i][sizeof(a->conditions[i]) - 1] = '\0';
	a->reads = d->reads;
	a->failed = d->failed;
	a->waited = d->waited;
}

void
device_merge(unsigned int device, struct histogram *h)
{
	histogram_merge(h, &devices->v[device].latency);
}

const char *
device_condition(const struct device_about *a, uint64_t hash)
{
	unsigned int i;

	for (i = 0; i < a->n; i++)
		if (model_hash(a->conditions[i]) == hash)
			return a->conditions[i];
	return NULL;
}
