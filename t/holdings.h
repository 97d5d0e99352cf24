/*
 * What a daemon under `balance idle' holds when all of its workers are idle,
 * and found by the program.  The daemon has one address, in a network of the
 * test's own (network.h).
 */
#ifndef T_HOLDINGS_H
#define T_HOLDINGS_H

#include <stddef.h>

#include "t/daemon.h"

#define HOLDINGS_WORKERS	64	/* at most */

struct holdings {
	size_t master;			/* descriptors */
	size_t worker;			/* of all workers */
	size_t listeners;		/* in the network */
	int bits;
	int entries;
	int gated;
};

/* When so many workers are idle; waits for that. */
struct holdings	holdings_of(const struct daemon *, int workers);

/*
 * Each of the workers is given something to do: one whose claim came to nothing
 * learns of that when it is woken.
 */
void		holdings_wake(const struct daemon *, int workers);

/* Whether there is now what there was before, nothing less or more: 6 tests. */
void		holdings_check(const struct holdings *before,
		    const struct daemon *, int workers);

#endif
