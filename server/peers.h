/*
 * Which client each worker has to do with: words for each slot, in memory that
 * all processes share, so that no client has more than its share of workers.
 *
 * Nobody holds a lock, and nothing is counted up or down: how many connections
 * a client has is how many slots say that they have one of its.  So a worker
 * that is killed, at whatever instruction, leaves nothing behind but its own
 * slot's words, which the master clears when it buries it.
 */
#ifndef SERVER_PEERS_H
#define SERVER_PEERS_H

#include <stdint.h>

#include "common/addr.h"

/* What a worker does for a client; it has one word for each. */
enum peers_part {
	PEERS_SERVED,		/* it serves a connection, or keeps it */
	PEERS_ENDING,		/* the last reply is sent, the end is not seen */
	PEERS_PARTS
};

/* Makes the memory, before the first fork.  Gives 0, or -1 and errno. */
int	peers_open(void);

/*
 * The client behind an address, never 0: an IPv4 address, also where it stands
 * in one of IPv6; or the first half of an IPv6 address, as a host has all of
 * these; or the second half, where that is all that tells hosts from each
 * other, which is on a link.
 */
uint64_t	peers_key(const struct addr *);

/*
 * The worker in slot, which has none, takes a connection of the client, unless
 * max workers have one already; with CONF_OFF it always does.  Gives 0, or -1.
 * Of those who try at the same time for the last place, one gets it.
 */
int	peers_enter(enum peers_part, unsigned int slot, uint64_t key,
	    int64_t max);

/* It has none any more. */
void	peers_leave(enum peers_part, unsigned int slot);

/* The worker in slot is dead and reaped: it has none.  For the master. */
void	peers_bury(unsigned int slot);

/* How many workers have one of the client; no more than max are counted. */
int64_t	peers_count(enum peers_part, uint64_t key, int64_t max);

#endif
