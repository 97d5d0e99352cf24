/*
 * A flood of SYNs, from addresses that never answer: a process in a network of
 * its own, wired to the test's, sends so many of them.  Nothing leaves the two
 * networks, which go with their processes.
 */
#ifndef T_FLOOD_H
#define T_FLOOD_H

#include <sys/types.h>

#include "common/addr.h"

/* The test's own address at the wire; where it listens is to be flooded. */
#define FLOOD_ADDRESS	"192.0.2.1"

struct flood {
	pid_t pid;
	int orders, reports;	/* pipes */
};

/*
 * Makes both networks; this process is in one of them from then on.  Gives 0,
 * or -1: root is needed, and ip(8) and nsenter(1).
 */
int	flood_open(struct flood *);

/* From now on so many SYNs go to the address, so many a second. */
void	flood_begin(struct flood *, const struct addr *, unsigned int count,
	    unsigned int rate);

/* Waits for their end.  Gives how many have been sent. */
unsigned int	flood_end(struct flood *);

void	flood_close(struct flood *);

#endif
