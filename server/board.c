#include <stddef.h>
#include <string.h>

#include "common/clock.h"
#include "server/board.h"
#include "server/shared.h"

/* The process in a slot, by the master's word. */
struct owner {
	_Atomic int pid;		/* 0: nobody */
	_Atomic int retiring;
	_Atomic int64_t killed_at;	/* clock_mono(); 0: it was not */
};

/* Who was killed is gone by then, unless the kernel holds it in a call. */
#define DYING		(5 * INT64_C(1000000000))

static struct board {
	struct board_slot slots[BOARD_SLOTS];
	struct owner owners[BOARD_SLOTS];
	struct histogram times[BOARD_SLOTS][BOARD_TIMES];
	_Atomic unsigned int used;	/* no slot from here on was ever taken */
} *board;

/* Workers may write all of this: nobody takes their word for where it ends. */
unsigned int
board_used(void)
{
	unsigned int n = board->used;

	return n < BOARD_SLOTS ? n : BOARD_SLOTS;
}

int
board_open(void)
{
	void *p;

	/* Pages of slots that nobody ever takes cost nothing. */
	if ((p = shared_map(sizeof(*board))) == NULL)
		return -1;
	board = p;
	return 0;
}

struct board_slot *
board_slot(unsigned int slot)
{
	return &board->slots[slot];
}

struct histogram *
board_times(unsigned int slot)
{
	return board->times[slot];
}

static void
set_time(_Atomic int64_t *at, int64_t t)
{
	atomic_store_explicit(at, t, memory_order_relaxed);
}

static uint64_t
get(const _Atomic uint64_t *n)
{
	return atomic_load_explicit(n, memory_order_relaxed);
}

void
board_enter(unsigned int slot)
{
	struct board_slot *s = &board->slots[slot];

	s->before = s->requests;
	board_end(s);
	board_set(s, BOARD_STARTING, clock_mono());
	s->refused = BOARD_NONE_REFUSED;
	if (slot >= board->used)
		board->used = slot + 1;
}

void
board_own(unsigned int slot, pid_t pid, int retiring, int64_t killed_at)
{
	struct owner *o = &board->owners[slot];

	atomic_store_explicit(&o->pid, pid, memory_order_relaxed);
	atomic_store_explicit(&o->retiring, retiring, memory_order_relaxed);
	set_time(&o->killed_at, killed_at);
}

uint64_t
board_served(unsigned int slot)
{
	return board->slots[slot].requests - board->slots[slot].before;
}

void
board_leave(unsigned int slot)
{
	board_end(&board->slots[slot]);
	board_set(&board->slots[slot], BOARD_EMPTY, clock_mono());
}

/* Who reads the state reads a time that is no older. */
void
board_set(struct board_slot *s, enum board_state state, int64_t now)
{
	set_time(&s->since, now);
	atomic_store_explicit(&s->state, state, memory_order_release);
}

void
board_begin(struct board_slot *s, int64_t now)
{
	set_time(&s->begun, now);
	set_time(&s->taken, now);
	board_set(s, BOARD_READING, now);
}

void
board_name(struct board_slot *s, uint64_t request)
{
	atomic_store_explicit(&s->request, request, memory_order_relaxed);
}

/* Who reads the time reads what is behind it. */
void
board_read(struct board_slot *s, unsigned int device, uint64_t condition,
    int64_t now, int64_t lane_until)
{
	atomic_store_explicit(&s->device, device, memory_order_relaxed);
	atomic_store_explicit(&s->condition, condition, memory_order_relaxed);
	set_time(&s->lane_until, lane_until);
	atomic_store_explicit(&s->read_at, now, memory_order_release);
	board_set(s, BOARD_IN_DISK, now);
}

void
board_read_over(struct board_slot *s)
{
	set_time(&s->read_at, 0);
}

void
board_end(struct board_slot *s)
{
	set_time(&s->read_at, 0);
	set_time(&s->begun, 0);
	board_name(s, 0);
}

void
board_add(_Atomic uint64_t *n, uint64_t more)
{
	/* There is one writer: no locked instruction is needed. */
	atomic_store_explicit(n, get(n) + more, memory_order_relaxed);
}

void
board_count(_Atomic uint64_t *n)
{
	board_add(n, 1);
}

static void
add(uint64_t *sums, const _Atomic uint64_t *counts, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		sums[i] += get(&counts[i]);
}

struct board_sum
board_sum(void)
{
	struct board_sum sum = { .idle = 0 };
	struct board_slot *s;
	unsigned int i, n = board_used();

	for (i = 0; i < n; i++) {
		s = &board->slots[i];
		switch (atomic_load_explicit(&s->state, memory_order_relaxed)) {
		case BOARD_EMPTY:
		case BOARD_STARTING:
			break;
		case BOARD_IDLE:
			sum.idle++;
			break;
		default:
			sum.busy++;
		}
		sum.requests += get(&s->requests);
		sum.bytes += get(&s->bytes);
		sum.errors += get(&s->errors);
		sum.aborted += get(&s->aborted);
		add(sum.ways, s->ways, BOARD_WAYS);
		add(sum.classes, s->classes, BOARD_CLASSES);
		add(sum.kinds, s->kinds, ERROR_KINDS);
		add(sum.faults, s->faults, FAULT_KINDS);
		sum.shut += get(&s->shut);
		sum.expired += get(&s->expired);
		sum.empty += get(&s->empty);
	}
	return sum;
}

/* The histograms of who has never had a request are pages not there yet. */
void
board_merge(struct histogram *times)
{
	unsigned int i, k, n = board_used();

	for (i = 0; i < n; i++)
		if (board->slots[i].taken != 0)
			for (k = 0; k < BOARD_TIMES; k++)
				histogram_merge(&times[k], &board->times[i][k]);
}

int
board_any_idle(void)
{
	unsigned int i, n = board_used();

	for (i = 0; i < n; i++)
		if (atomic_load_explicit(&board->slots[i].state,
		    memory_order_relaxed) == BOARD_IDLE)
			return 1;
	return 0;
}

/* What its worker says of it. */
static enum board_seen
own_word(const struct board_slot *s, int64_t now, struct board_view *v)
{
	int state = atomic_load_explicit(&s->state, memory_order_acquire);

	v->since = s->since;
	v->request = s->request;
	switch (state) {
	case BOARD_STARTING:
		return BOARD_SEEN_STARTING;
	case BOARD_IDLE:
		return BOARD_SEEN_IDLE;
	case BOARD_READING:
		return BOARD_SEEN_READING;
	case BOARD_REPLYING:
		return BOARD_SEEN_REPLYING;
	case BOARD_KEPT:
		return BOARD_SEEN_KEPT;
	case BOARD_IN_DISK:
		break;
	default:
		return BOARD_SEEN_EMPTY;
	}
	v->device = (int)(s->device & INT_MAX);
	v->condition = s->condition;
	v->waits = now < s->lane_until;
	if (!v->waits && s->lane_until > v->since)
		v->since = s->lane_until;
	return v->waits ? BOARD_SEEN_QUEUED : BOARD_SEEN_DISK;
}

void
board_look(unsigned int slot, int64_t now, int64_t stuck_after,
    struct board_view *v)
{
	const struct board_slot *s = &board->slots[slot];
	const struct owner *o = &board->owners[slot];
	const int64_t killed_at = o->killed_at;
	int64_t read_at;

	memset(v, 0, sizeof(*v));
	v->device = -1;
	v->pid = o->pid;
	v->requests = s->requests;
	v->errors = s->errors;
	v->bytes = s->bytes;
	v->seen = own_word(s, now, v);
	if (v->seen == BOARD_SEEN_EMPTY)
		return;
	read_at = s->read_at;
	if (killed_at != 0 && now - killed_at >= DYING) {
		v->seen = BOARD_SEEN_STUCK;
		v->since = killed_at;
	} else if (v->device != -1 && stuck_after != CONF_OFF &&
	    read_at != 0 && now - read_at >= stuck_after) {
		v->seen = BOARD_SEEN_STUCK;
		v->since = read_at;
	} else if (o->retiring) {
		v->seen = BOARD_SEEN_DRAINING;
	}
}

char
board_letter(enum board_seen seen)
{
	return ".S_RQDWKG!"[seen];
}

const char *
board_word(enum board_seen seen)
{
	static const char *const words[BOARD_SEEN] = {
		[BOARD_SEEN_EMPTY] = "empty",
		[BOARD_SEEN_STARTING] = "starting",
		[BOARD_SEEN_IDLE] = "idle",
		[BOARD_SEEN_READING] = "reading",
		[BOARD_SEEN_QUEUED] = "queued",
		[BOARD_SEEN_DISK] = "disk",
		[BOARD_SEEN_REPLYING] = "replying",
		[BOARD_SEEN_KEPT] = "kept",
		[BOARD_SEEN_DRAINING] = "draining",
		[BOARD_SEEN_STUCK] = "stuck",
	};

	return words[seen];
}

const char *
board_time_name(enum board_time time)
{
	static const char *const names[BOARD_TIMES] = {
		[BOARD_QUEUE] = "queue",
		[BOARD_LANE] = "lane",
		[BOARD_DISK] = "disk",
		[BOARD_LATENESS] = "lateness",
		[BOARD_TOTAL] = "total",
	};

	return names[time];
}

const char *
board_way_name(enum board_way way)
{
	static const char *const names[BOARD_WAYS] = {
		[BOARD_STEERED] = "steered",
		[BOARD_SHARED] = "shared",
		[BOARD_HASH] = "hash",
		[BOARD_STAYED] = "kept",
	};

	return names[way];
}
