#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "server/recent.h"
#include "server/shared.h"

#define WORDS	(sizeof(struct recent) / sizeof(uint64_t))

_Static_assert(sizeof(struct recent) % sizeof(uint64_t) == 0, "whole words");

/*
 * The words of a request, and their sum.  An entry that somebody writes while
 * somebody else reads, or writes too, has words of two, and a sum that is
 * neither's: so it needs no lock, and nobody can leave one locked.
 */
struct entry {
	_Alignas(64) _Atomic uint64_t sum;	/* 0: nothing is there */
	_Atomic uint64_t words[WORDS];
};

static struct ring {
	_Alignas(64) _Atomic uint64_t next_id;
	_Atomic uint64_t ended;		/* requests, and the next one's place */
	struct entry entries[RECENT_MAX];
} *ring;

int
recent_open(void)
{
	void *p;

	if ((p = shared_map(sizeof(*ring))) == NULL)
		return -1;
	ring = p;
	/* Not 0 in the upper half, so that an id never is. */
	ring->next_id = (uint64_t)(arc4random_uniform(UINT32_MAX) + 1) << 32;
	return 0;
}

uint64_t
recent_id(void)
{
	return atomic_fetch_add_explicit(&ring->next_id, 1,
	    memory_order_relaxed);
}

/* Two chains, for the processor has time for both. */
static uint64_t
sum_of(const uint64_t *words)
{
	const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t a = odd, b = ~odd;
	size_t i;

	for (i = 0; i + 1 < WORDS; i += 2) {
		a = (a ^ words[i]) * odd;
		a ^= a >> 29;
		b = (b ^ words[i + 1]) * odd;
		b ^= b >> 31;
	}
	if (i < WORDS)
		a = (a ^ words[i]) * odd;
	return (a ^ b * odd) | 1;
}

void
recent_put(const struct recent *r)
{
	uint64_t words[WORDS];
	struct entry *e;
	uint64_t place;
	size_t i;

	memcpy(words, r, sizeof(words));
	place = atomic_fetch_add_explicit(&ring->ended, 1,
	    memory_order_relaxed);
	e = &ring->entries[place % RECENT_MAX];
	for (i = 0; i < WORDS; i++)
		atomic_store_explicit(&e->words[i], words[i],
		    memory_order_relaxed);
	atomic_store_explicit(&e->sum, sum_of(words), memory_order_release);
}

/* Gives 0, or -1: nothing is there, or it is not whole. */
static int
get(uint64_t place, struct recent *r)
{
	struct entry *e = &ring->entries[place % RECENT_MAX];
	uint64_t words[WORDS], sum;
	size_t i;

	sum = atomic_load_explicit(&e->sum, memory_order_acquire);
	if (sum == 0)
		return -1;
	for (i = 0; i < WORDS; i++)
		words[i] = atomic_load_explicit(&e->words[i],
		    memory_order_relaxed);
	if (sum != sum_of(words))
		return -1;
	memcpy(r, words, sizeof(words));
	/* Workers may write all of this. */
	return r->len <= RECENT_LINE ? 0 : -1;
}

int
recent_find(uint64_t id, struct recent *r)
{
	uint64_t i;

	if (id == 0)
		return -1;
	for (i = 0; i < RECENT_MAX; i++)
		if (ring->entries[i].words[0] == id && get(i, r) == 0 &&
		    r->id == id)
			return 0;
	return -1;
}

/* The one before that, where the last is just being written. */
int
recent_last(struct recent *r)
{
	const uint64_t ended = ring->ended;
	uint64_t i;

	for (i = 1; i <= RECENT_MAX && i <= ended; i++)
		if (get(ended - i, r) == 0)
			return 0;
	return -1;
}

int
recent_slowest(struct recent *r)
{
	struct recent one;
	int found = -1;
	uint64_t i;

	for (i = 0; i < RECENT_MAX; i++)
		if (get(i, &one) == 0 &&
		    (found == -1 || one.total > r->total)) {
			*r = one;
			found = 0;
		}
	return found;
}
