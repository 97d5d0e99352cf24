/*
 * Kills workers, one after the other.  Each is stopped first, so that it can
 * be seen what it holds; now and then it stays so for a while, and connections
 * queue up behind it.
 */
#ifndef T_KILLER_H
#define T_KILLER_H

#include "t/daemon.h"

struct killer_sum {
	unsigned long kills;
	unsigned long queued;	/* connections in the queues of the killed */
};

/*
 * Does what is due: a kill every so often, in ns.  Calls held with the port of
 * each connection that dies with a worker.
 */
void	killer_step(const struct daemon *, int64_t every, void (*held)(int));

/* Whoever is stopped is killed now. */
struct killer_sum	killer_finish(const struct daemon *,
			    void (*held)(int));

#endif
