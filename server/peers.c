/*
 * Who wants a place
 *
 *   1  reads how often the group of its client has changed
 *   2  counts the slots that have the client's key; as many as may be
 *      -> refused
 *   3  writes the key into its own slot
 *   4  adds one to the changes, unless they are not what they were;
 *      then it clears its slot -> 1
 *
 * So between 1 and 4 nobody else has got a place, or 4 fails; and who begins
 * after 4 sees the key.  There are never more than may be.
 *
 * One that is between 3 and 4 is counted by others at 2, who may be refused
 * for that.  It comes back from 4 to 1 only because somebody else has got a
 * place; of a crowd, the last who is not refused gets one.  They cannot all be
 * refused on account of each other, for nobody counts who is refused: its slot
 * is clear from before 2.
 *
 * Who is killed between 3 and 4, or any time later, is counted until it is
 * buried, as its connection is until then.
 */
#include <sys/param.h>

#include <netinet/in.h>
#include <stdatomic.h>
#include <string.h>

#include "common/draw.h"
#include "server/board.h"
#include "server/peers.h"
#include "server/shared.h"

/* Clients in different groups do not make each other's step 4 fail. */
#define GROUPS	256

/*
 * The keys are beside each other: eight in a cache line, which is read to
 * count them far more often than it is written.
 */
static struct peers {
	_Atomic uint64_t keys[PEERS_PARTS][BOARD_SLOTS];	/* 0: none */
	_Atomic uint64_t changes[GROUPS];
} *peers;

int
peers_open(void)
{
	peers = shared_map(sizeof(*peers));
	return peers == NULL ? -1 : 0;
}

/* Big-endian. */
static uint64_t
number(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | *p++;
	return v;
}

/*
 * Prefixes that no client has by itself (RFC 4291, 2.5): 0:1::/32 is where
 * IPv4 addresses are, and the unspecified address and ::1 are one client.
 */
#define KEY_LOOPBACK	UINT64_C(1)
#define KEY_IPV4	(UINT64_C(1) << 32)
#define KEY_LINK	(UINT64_C(0xfe80) << 48)

/* The prefixes of IPv4 addresses: mapped ones, and RFC 6052's. */
static const uint8_t with_ipv4[][12] = {
	{ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff },
	{ 0, 0x64, 0xff, 0x9b },
};

static uint64_t
key_of_ipv6(const uint8_t *a)
{
	const uint64_t prefix = number(a, 8);
	size_t i;

	for (i = 0; i < sizeof(with_ipv4) / sizeof(with_ipv4[0]); i++)
		if (memcmp(a, with_ipv4[i], sizeof(with_ipv4[i])) == 0)
			return KEY_IPV4 | number(a + 12, 4);
	/* On a link all hosts share one prefix: 48 of the other bits do. */
	if (prefix >> 54 == KEY_LINK >> 54)
		return KEY_LINK | number(a + 10, 6);
	return prefix == 0 ? KEY_LOOPBACK : prefix;
}

uint64_t
peers_key(const struct addr *a)
{
	const struct sockaddr_in6 *six = (const void *)&a->ss;
	const struct sockaddr_in *four = (const void *)&a->ss;

	if (a->ss.ss_family == AF_INET6)
		return key_of_ipv6(six->sin6_addr.s6_addr);
	return KEY_IPV4 | ntohl(four->sin_addr.s_addr);
}

int64_t
peers_count(enum peers_part part, uint64_t key, int64_t max)
{
	const unsigned int used = board_used();
	unsigned int i = 0, end;
	int64_t n = 0;

	/* Whether that is enough is not asked for each. */
	while (i < used && n < max)
		for (end = MIN(i + 64, used); i < end; i++)
			n += atomic_load_explicit(&peers->keys[part][i],
			    memory_order_relaxed) == key;
	return MIN(n, max);
}

static void
set(enum peers_part part, unsigned int slot, uint64_t key)
{
	atomic_store_explicit(&peers->keys[part][slot], key,
	    memory_order_release);
}

int
peers_enter(enum peers_part part, unsigned int slot, uint64_t key, int64_t max)
{
	_Atomic uint64_t *changes = &peers->changes[draw_key(0, key) % GROUPS];
	uint64_t before;

	/* Without a limit it is still told: workers of a reload may have one. */
	if (max == CONF_OFF) {
		set(part, slot, key);
		return 0;
	}
	for (;;) {
		before = atomic_load_explicit(changes, memory_order_acquire);
		if (peers_count(part, key, max) >= max)
			return -1;
		set(part, slot, key);
		if (atomic_compare_exchange_strong(changes, &before,
		    before + 1))
			return 0;
		set(part, slot, 0);
	}
}

void
peers_leave(enum peers_part part, unsigned int slot)
{
	set(part, slot, 0);
}

void
peers_bury(unsigned int slot)
{
	int part;

	for (part = 0; part < PEERS_PARTS; part++)
		set((enum peers_part)part, slot, 0);
}
