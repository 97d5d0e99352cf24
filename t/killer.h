/*
 * Kills workers, one after the other.  Each is stopped first, so that it can
 * be seen what it holds; now and then it stays so for a while, and connections
 * queue up behind it.
 */
#ifndef T_KILLER_H
#define T_KILLER_H

#include "t/daemon.h"

/*
 * What may befall somebody beside the request in a victim's hands, for some
 * microseconds of its life: the kernel resets a handshake that completes while
 * its listener is closed; and the line of the access log is written when the
 * connection has ended.  Of 72728 kills, 4 and 16 did that.
 */
#define KILLER_RARE(kills)	((kills) / 1000 + 1)

struct killer_sum {
	unsigned long kills;
	unsigned long queued;	/* connections in the queues of the killed */
};

/*
 * Does what is due: a kill every so often, in ns.  Calls held with the port of
 * each connection that dies with a worker.
 */
void	killer_step(const struct daemon *, int64_t every, void (*held)(int));

/* Whoever is stopped is killed now.  The next step begins anew. */
struct killer_sum	killer_finish(const struct daemon *,
			    void (*held)(int));

#endif
