/*
 * The witness of noise, and of who was there.  While it watches, it notes
 *
 *  - when a processor was not to be had: a thread on each sleeps for 1 ms
 *    again and again, at a real-time priority where it may, and notes how
 *    much too late it wakes;
 *  - when a process of the daemon could have run, and had to wait for a
 *    processor: the kernel adds this up for each, in /proc/PID/schedstat;
 *  - from when until when each worker was there.
 *
 * Times are clock_mono()'s.
 */
#ifndef T_WITNESS_H
#define T_WITNESS_H

#include "t/daemon.h"
#include "t/idleness.h"

struct witness {
	struct spans stalls;	/* no processor, for anybody or for one of the
				   daemon's processes */
	struct spans deaths;	/* from the sentence until the burial */
	struct spans there;	/* a worker was ready, and not sentenced */
	int64_t begin, end;
	int64_t longest;	/* of the stalls, ns */
	int realtime;		/* it had a real-time priority */
};

/* Begins to watch; the daemon is ready. */
void	witness_start(const struct daemon *);

/*
 * The test is about to stop or kill a worker: from now on it is not there.
 * Gives 0, or -1 for a worker that is sentenced already, or is not known yet.
 */
int	witness_condemn(pid_t);

/* The worker in the slot; 0: nobody that is known to be ready. */
pid_t	witness_in_slot(int slot);

/* Ends, and gives what it has seen, whose spans are to be freed. */
void	witness_stop(struct witness *);

#endif
