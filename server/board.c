#include <sys/mman.h>

#include <stddef.h>

#include "server/board.h"

static struct board {
	struct board_slot slots[BOARD_SLOTS];
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
	p = mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return -1;
	board = p;
	return 0;
}

struct board_slot *
board_slot(unsigned int slot)
{
	return &board->slots[slot];
}

void
board_enter(unsigned int slot)
{
	board->slots[slot].before = board->slots[slot].requests;
	board_end(&board->slots[slot]);
	board_set(&board->slots[slot], BOARD_STARTING);
	board->slots[slot].refused = BOARD_NONE_REFUSED;
	if (slot >= board->used)
		board->used = slot + 1;
}

uint64_t
board_served(unsigned int slot)
{
	return board->slots[slot].requests - board->slots[slot].before;
}

void
board_leave(unsigned int slot)
{
	board_set(&board->slots[slot], BOARD_EMPTY);
}

void
board_set(struct board_slot *s, enum board_state state)
{
	atomic_store_explicit(&s->state, state, memory_order_relaxed);
}

static void
set_time(_Atomic int64_t *at, int64_t t)
{
	atomic_store_explicit(at, t, memory_order_relaxed);
}

void
board_begin(struct board_slot *s, int64_t now)
{
	set_time(&s->begun, now);
}

/* Who reads the time reads the device behind it. */
void
board_read(struct board_slot *s, unsigned int device, int64_t now)
{
	atomic_store_explicit(&s->device, device, memory_order_relaxed);
	atomic_store_explicit(&s->read_at, now, memory_order_release);
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
}

void
board_count(_Atomic uint64_t *n)
{
	/* There is one writer: no locked instruction is needed. */
	atomic_store_explicit(n,
	    atomic_load_explicit(n, memory_order_relaxed) + 1,
	    memory_order_relaxed);
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
		sum.requests += s->requests;
		sum.errors += s->errors;
		sum.aborted += s->aborted;
		sum.steered += s->steered;
		sum.shared += s->shared;
		sum.shut += s->shut;
		sum.expired += s->expired;
		sum.empty += s->empty;
	}
	return sum;
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
