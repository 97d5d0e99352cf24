/*
 * The kernel's side of steering: picks the listener for each new connection.
 *
 * What is here is not linked into the daemon.  clang makes instructions of it
 * (`make bpf-code`), which are kept in steer_code.h; steer.c loads them.
 *
 * The bitmap has two levels.  A worker sets its bit in a word, then the word's
 * bit in the summary.  The program finds a summary bit, a bit in that word,
 * and claims it.  Whether the two levels agree matters to speed alone, but for
 * one thing: a word that is not 0 must not lack its summary bit for long, or
 * its idle workers would not be found while they wait.  Hence:
 *
 *  - only the program ever clears a bit of the summary.  A worker could be
 *    killed or put aside halfway through; a program in the kernel cannot;
 *  - having cleared one, it looks at the word again, and sets the bit again
 *    unless the word is 0.  What a worker has set is there by now, or else
 *    the worker has yet to set the bit of the summary, and will;
 *  - a bit of the summary whose word is 0, which workers leave behind when
 *    they clear their own bits, is cleared by the program that meets it.
 *
 * The lowest bit goes first, so that few workers serve a light load: those
 * whose memory is still in the caches.
 *
 * The verifier follows every path, and the master waits meanwhile: branches
 * are few, one loop does it all, and bits are counted rather than searched
 * for.  Words are looked up by number, because CAP_BPF alone does not permit
 * to compute with pointers into a map.
 */
#include <linux/bpf.h>

#include "server/steer.h"

/*
 * How often a SYN looks: again when another processor was faster, when a slot
 * has no listener, when a bit of the summary was out of date.  Each costs the
 * verifier a millisecond's fifth; to find nobody costs no more than a wake-up.
 */
#define TRIES	4

/* Of the 14th byte of a TCP header. */
#define TCP_FIN	0x01
#define TCP_SYN	0x02
#define TCP_RST	0x04
#define TCP_ACK	0x10

/* The maps.  Their addresses stand for them until steer.c puts them in. */
extern char steer_words, steer_group;

static void *(*const map_lookup)(void *, const uint32_t *) =
    (void *)BPF_FUNC_map_lookup_elem;
static long (*const select_listener)(struct sk_reuseport_md *, void *,
    const uint32_t *, uint64_t) = (void *)BPF_FUNC_sk_select_reuseport;

#define INLINE	static inline __attribute__((always_inline))

/* In the kernel's terms, an atomic is fully ordered only if it fetches. */
#define FETCHED(x)	__asm__ volatile("" : : "r"(x))

INLINE volatile uint64_t *
word(uint32_t number)
{
	return map_lookup(&steer_words, &number);
}

INLINE uint64_t
lowest(uint64_t x)
{
	return x & -x;
}

/* The number of a bit: how many there are below it. */
INLINE uint32_t
number(uint64_t bit)
{
	uint64_t x = bit - 1;

	x -= x >> 1 & 0x5555555555555555;
	x = (x & 0x3333333333333333) + (x >> 2 & 0x3333333333333333);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0f;
	return x * 0x0101010101010101 >> 56;
}

/* 1 for 0, else 0, without a branch, which clang would make of x == 0. */
INLINE uint64_t
is_zero(uint64_t x)
{
	x |= -x;
	__asm__("" : "+r"(x));
	return (x >> 63) ^ 1;
}

/* Clears a word's bit in the summary, unless the word is in use again. */
INLINE void
summary_clear(volatile uint64_t *summary, uint64_t bit,
    volatile uint64_t *slots)
{
	FETCHED(__sync_fetch_and_and(summary, ~bit));
	if (*slots != 0)
		FETCHED(__sync_fetch_and_or(summary, bit));
}

INLINE int
is_syn(struct sk_reuseport_md *md)
{
	const unsigned char *tcp = md->data;

	return (void *)(tcp + 14) <= md->data_end &&
	    (tcp[13] & (TCP_FIN | TCP_SYN | TCP_RST | TCP_ACK)) == TCP_SYN;
}

/* The first word of the summary that is not 0, or else the last. */
INLINE uint32_t
first_summary(void)
{
	volatile uint64_t *a = word(STEER_SUMMARY);
	volatile uint64_t *b = word(STEER_SUMMARY + 1);
	volatile uint64_t *c = word(STEER_SUMMARY + 2);

	if (a == NULL || b == NULL || c == NULL)
		return 0;
	_Static_assert(STEER_SUMMARY == 4 * 64, "four words of summary");
	return is_zero(*a) * (1 + is_zero(*b) * (1 + is_zero(*c)));
}

/* Claims an idle worker and selects its listener; what became of it. */
INLINE enum steer_count
claim(struct sk_reuseport_md *md)
{
	volatile uint64_t *summary, *slots;
	uint64_t some, bit, had;
	uint32_t s, w, slot;
	unsigned int tries;

#pragma clang loop unroll(disable)
	for (tries = 0; tries < TRIES; tries++) {
		s = first_summary();
		if ((summary = word(STEER_SUMMARY + s)) == NULL)
			break;
		if ((some = lowest(*summary)) == 0)
			break;
		w = s * 64 + number(some);
		if ((slots = word(w)) == NULL)
			break;
		/* Of a word that is 0, no bit is cleared, and none was had. */
		bit = lowest(*slots);
		had = __sync_fetch_and_and(slots, ~bit);
		if ((had & ~bit) == 0)
			summary_clear(summary, some, slots);
		if ((had & bit) == 0)
			continue;
		slot = w * 64 + number(bit);
		if (select_listener(md, &steer_group, &slot, 0) == 0)
			return STEER_TO_IDLE;
	}
	return STEER_TO_SHARED;
}

/*
 * Runs for each segment that belongs to no connection, and for each connection
 * whose listener is gone.  Only a SYN may claim: what completes a handshake by
 * a SYN cookie, or is left of an old connection, would keep the worker from
 * the connections to come.
 *
 * Without the shared listener, the address is being given up: who comes now
 * is refused, as by any port that nobody listens on.  Else the kernel's hash
 * would choose the listener of a worker that will not accept any more.  What
 * is moved, from worker to worker, is left to the hash: it would be lost.
 */
__attribute__((section("sk_reuseport/migrate"), used))
int
steer(struct sk_reuseport_md *md)
{
	const uint32_t shared = STEER_SHARED;
	volatile uint64_t *counter;
	enum steer_count n;

	if (md->migrating_sk != NULL)
		n = STEER_MIGRATED;
	else if (!is_syn(md))
		n = STEER_STRAY;
	else
		n = claim(md);
	if (n != STEER_TO_IDLE &&
	    select_listener(md, &steer_group, &shared, 0) != 0 &&
	    n != STEER_MIGRATED)
		return SK_DROP;
	if ((counter = word(STEER_COUNTS + n)) != NULL)
		__sync_fetch_and_add(counter, 1);
	return SK_PASS;
}
