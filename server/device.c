#include <sys/mman.h>

#include <stdatomic.h>
#include <string.h>

#include "common/clock.h"
#include "common/dist.h"
#include "server/board.h"
#include "server/device.h"

/*
 * Pages that nobody uses are never touched, and cost nothing: the first word
 * of each array is what most devices have.
 */
struct device {
	_Alignas(64) _Atomic uint64_t arrivals;
	_Alignas(64) _Atomic int64_t free[CONF_LANES_MAX];	/* when, ns */
	_Atomic unsigned int seats[BOARD_SLOTS];	/* slot + 1; 0: free */
};

static struct devices {
	struct device v[DEVICES_MAX];

	/* The seat that the worker in the slot tries, or has. */
	_Atomic uint32_t seats[BOARD_SLOTS];
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

	p = mmap(NULL, sizeof(*devices), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return -1;
	devices = p;
	return 0;
}

/* The device of that name, or -1. */
static int
find(const char *name)
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
		for (lane = 0; lane < CONF_LANES_MAX; lane++)
			devices->v[i].free[lane] = 0;
	}
	strlcpy(names[i], name, sizeof(names[i]));
	return i;
}

void
device_assign(struct conf *c, const struct conf *old)
{
	size_t i;
	int n;

	_Static_assert(2 * CONF_DISK_MAX < DEVICES_MAX, "one is always left");
	for (i = 0; i < c->ndisks; i++) {
		n = find(c->disks[i].name);
		c->disks[i].device = n != -1 ? (unsigned int)n :
		    take(c->disks[i].name, c, old);
	}
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
    int64_t *arrival)
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
	return begin;
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
