#include <sys/mman.h>

#include <signal.h>
#include <stdlib.h>

#include "common/clock.h"
#include "server/slots.h"

/*
 * What a slot rests after a death, where there are others.  The kernel's
 * program may have claimed the dead worker, and be about to select whatever
 * listener it finds in the slot: for microseconds, but a successor would not
 * know that it is owed a connection.
 */
#define REST		CLOCK_S

/* What a slot waits whose worker died before it was ready; doubles. */
#define BACKOFF_FIRST	CLOCK_S
#define BACKOFF_LAST	(30 * CLOCK_S)

struct slot {
	pid_t pid;		/* of the worker; 0: there is none */
	enum slot_state state;
	unsigned int generation;
	int64_t backoff;	/* of the latest failed start, ns; 0: none */
	int64_t retry_at;	/* WAITING: until when, clock_mono() */
	int64_t left_at;	/* when its latest worker was reaped */
	int64_t killed_at;	/* its worker, by slots_kill; 0: it was not */
	uint64_t started;	/* the how manieth start this one was */
};

/* One who may be asked to leave. */
struct leaver {
	unsigned int slot;
	int busy;
	uint64_t started;
};

static struct slot *slots;		/* BOARD_SLOTS of them */

static unsigned int generation;		/* the present one */
static unsigned int used;		/* no slot from here on was ever taken */
static unsigned int lowest;		/* no slot below is free */
static uint64_t starts;			/* of workers, so far */

/* How many slots are in a state: [0] of the present generation, [1] older. */
static unsigned int counts[2][SLOT_STATES];

static unsigned int *
count_of(const struct slot *s, enum slot_state state)
{
	return &counts[s->generation != generation][state];
}

static void
set_state(struct slot *s, enum slot_state state)
{
	unsigned int i = (unsigned int)(s - slots);

	if (s->state != SLOT_FREE)
		--*count_of(s, s->state);
	s->state = state;
	if (state != SLOT_FREE)
		++*count_of(s, state);
	else if (i < lowest)
		lowest = i;
	board_own(i, s->pid, state == SLOT_RETIRING, s->killed_at);
}

/*
 * Workers do not inherit the book: each would keep a copy of every page of it
 * that the master writes to later.
 */
int
slots_open(void)
{
	size_t size = BOARD_SLOTS * sizeof(*slots);
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || madvise(p, size, MADV_DONTFORK) == -1)
		return -1;
	slots = p;
	return 0;
}

unsigned int
slots_count(enum slot_state state)
{
	return counts[0][state];
}

unsigned int
slots_old(enum slot_state state)
{
	return counts[1][state];
}

unsigned int
slots_alive(void)
{
	unsigned int g, n = 0;

	for (g = 0; g < 2; g++)
		n += counts[g][SLOT_STARTING] + counts[g][SLOT_READY] +
		    counts[g][SLOT_RETIRING];
	return n;
}

unsigned int
slots_generation(void)
{
	return generation;
}

void
slots_new_generation(void)
{
	unsigned int i;

	/* A back-off was for the old configuration. */
	for (i = 0; i < used; i++) {
		slots[i].backoff = 0;
		if (slots[i].state == SLOT_WAITING)
			set_state(&slots[i], SLOT_FREE);
	}
	for (i = 0; i < SLOT_STATES; i++) {
		counts[1][i] += counts[0][i];
		counts[0][i] = 0;
	}
	generation++;
}

int
slots_take(int64_t now, int fresh)
{
	unsigned int i;

	for (i = 0; counts[0][SLOT_WAITING] > 0 && i < used; i++)
		if (slots[i].state == SLOT_WAITING && slots[i].retry_at <= now)
			return (int)i;
	if (!fresh)
		return -1;
	while (lowest < BOARD_SLOTS && slots[lowest].state != SLOT_FREE)
		lowest++;
	for (i = lowest; i < used; i++)
		if (slots[i].state == SLOT_FREE &&
		    now - slots[i].left_at >= REST)
			return (int)i;
	/* One that nobody has ever had, or else one that has not rested. */
	if (used < BOARD_SLOTS)
		return (int)used;
	return lowest < BOARD_SLOTS ? (int)lowest : -1;
}

void
slots_started(unsigned int slot, pid_t pid)
{
	struct slot *s = &slots[slot];

	if (s->state == SLOT_FREE)
		s->backoff = 0;
	else
		set_state(s, SLOT_FREE);
	s->generation = generation;
	s->pid = pid;
	s->killed_at = 0;
	s->started = ++starts;
	set_state(s, SLOT_STARTING);
	if (slot >= used)
		used = slot + 1;
}

void
slots_ready(unsigned int slot, pid_t pid)
{
	struct slot *s = &slots[slot];

	if (slot >= used || s->pid != pid)
		return;
	if (s->state == SLOT_STARTING)
		set_state(s, SLOT_READY);
}

int
slots_find(pid_t pid)
{
	unsigned int i;

	for (i = 0; i < used; i++)
		if (slots[i].pid == pid)
			return (int)i;
	return -1;
}

/* Gives how long the slot waits; nobody follows in an older generation. */
static int64_t
back_off(struct slot *s, int64_t now)
{
	if (s->generation != generation) {
		s->backoff = 0;
		set_state(s, SLOT_FREE);
		return 0;
	}
	s->backoff = s->backoff == 0 ? BACKOFF_FIRST :
	    s->backoff * 2 < BACKOFF_LAST ? s->backoff * 2 : BACKOFF_LAST;
	s->retry_at = now + s->backoff;
	set_state(s, SLOT_WAITING);
	return s->backoff;
}

void
slots_leaving(unsigned int slot, pid_t pid)
{
	struct slot *s = &slots[slot];

	if (slot < used && s->pid == pid && s->state == SLOT_READY)
		set_state(s, SLOT_RETIRING);
}

struct slot_report
slots_ended(pid_t pid, int64_t now, int useless)
{
	struct slot_report r = { .end = SLOT_UNKNOWN };
	int i = slots_find(pid);
	struct slot *s;

	if (i == -1)
		return r;
	s = &slots[i];
	r.slot = (unsigned int)i;
	r.overdue = s->killed_at != 0;
	s->pid = 0;
	s->left_at = now;
	if (s->state == SLOT_RETIRING) {
		r.end = SLOT_AS_ASKED;
		set_state(s, SLOT_FREE);
		return r;
	}
	r.end = s->state == SLOT_READY ? SLOT_IN_SERVICE : SLOT_AT_START;
	if (r.end == SLOT_AT_START || useless)
		r.backoff = back_off(s, now);
	else
		set_state(s, SLOT_FREE);
	return r;
}

void
slots_kill(unsigned int slot, int64_t now)
{
	struct slot *s = &slots[slot];

	kill(s->pid, SIGKILL);
	s->killed_at = now;
	set_state(s, SLOT_RETIRING);
}

int64_t
slots_killed_at(unsigned int slot)
{
	return slots[slot].killed_at;
}

unsigned int
slots_used(void)
{
	return used;
}

pid_t
slots_pid(unsigned int slot)
{
	return slots[slot].pid;
}

void
slots_census(unsigned int *idle, unsigned int *busy)
{
	unsigned int i;

	*idle = *busy = 0;
	for (i = 0; i < used; i++) {
		if (slots[i].state != SLOT_READY ||
		    slots[i].generation != generation)
			continue;
		if (board_is_idle(i))
			++*idle;
		else
			++*busy;
	}
}

static void
retire(struct slot *s)
{
	kill(s->pid, SIGQUIT);
	set_state(s, SLOT_RETIRING);
}

static int
is_up(const struct slot *s)
{
	return s->state == SLOT_STARTING || s->state == SLOT_READY;
}

static int
is_busy(const struct slot *s)
{
	return s->state == SLOT_READY &&
	    board_slot((unsigned int)(s - slots))->state != BOARD_IDLE;
}

void
slots_retire_old(unsigned int n)
{
	unsigned int i;

	for (i = 0; i < used && n > 0; i++)
		if (slots[i].generation != generation && is_up(&slots[i])) {
			retire(&slots[i]);
			n--;
		}
}

/* Who has something to do comes behind all who have not. */
static int
compare(const void *a, const void *b)
{
	const struct leaver *x = a, *y = b;

	if (x->busy != y->busy)
		return x->busy - y->busy;
	return (x->started < y->started) - (x->started > y->started);
}

static void
retire_newest(unsigned int n)
{
	static struct leaver leavers[BOARD_SLOTS];
	unsigned int i, count = 0;

	for (i = 0; i < used; i++)
		if (slots[i].generation == generation && is_up(&slots[i]))
			leavers[count++] = (struct leaver){ i,
			    is_busy(&slots[i]), slots[i].started };
	qsort(leavers, count, sizeof(leavers[0]), compare);
	for (i = 0; i < count && i < n; i++)
		retire(&slots[leavers[i].slot]);
}

void
slots_retire(unsigned int n)
{
	unsigned int i;

	/* Whoever only waits is the one to spare. */
	for (i = used; i-- > 0 && n > 0;) {
		if (slots[i].generation == generation &&
		    slots[i].state == SLOT_WAITING) {
			set_state(&slots[i], SLOT_FREE);
			n--;
		}
	}
	if (n > 0)
		retire_newest(n);
}

void
slots_retire_all(void)
{
	slots_retire_old(BOARD_SLOTS);
	slots_retire(BOARD_SLOTS);
}

void
slots_kill_all(void)
{
	struct slot *s;

	for (s = slots; s < slots + used; s++)
		if (s->pid > 0) {
			kill(s->pid, SIGKILL);
			set_state(s, SLOT_RETIRING);
		}
}

int64_t
slots_deadline(void)
{
	int64_t first = INT64_MAX;
	unsigned int i;

	for (i = 0; counts[0][SLOT_WAITING] > 0 && i < used; i++)
		if (slots[i].state == SLOT_WAITING && slots[i].retry_at < first)
			first = slots[i].retry_at;
	return first;
}
