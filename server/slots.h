/*
 * The master's book of slots: who is in which, and since which configuration.
 *
 * A slot is one worker's, from its fork until it is reaped.  A reload starts
 * a new generation in slots of its own; the old one retires worker by worker
 * as the new one becomes ready, so that no request ever finds fewer workers.
 *
 *   FREE -> STARTING -> READY -> RETIRING -> FREE
 *                |        `-> FREE (died in service)
 *                `-> WAITING (died before it was ready) -> STARTING
 *
 * Once it is open, no function here makes a system call other than kill(2).
 */
#ifndef SERVER_SLOTS_H
#define SERVER_SLOTS_H

#include <sys/types.h>

#include <stdint.h>

#include "server/board.h"

enum slot_state {
	SLOT_FREE,
	SLOT_STARTING,		/* forked, not ready yet */
	SLOT_READY,		/* serves */
	SLOT_RETIRING,		/* asked to end after what is in its hands */
	SLOT_WAITING,		/* empty, until its back-off is over */
	SLOT_STATES
};

/* How a process that was reaped had stood. */
enum slot_end {
	SLOT_UNKNOWN,		/* no worker of ours */
	SLOT_AS_ASKED,		/* it was retiring */
	SLOT_IN_SERVICE,	/* it was ready: it can be replaced at once,
				   unless it was of no use */
	SLOT_AT_START		/* it never became ready: the slot waits */
};

struct slot_report {
	enum slot_end end;
	unsigned int slot;
	int64_t backoff;	/* how long the slot waits, ns; 0: it does not,
				   or nobody will follow */
	int overdue;		/* slots_kill had killed it */
};

/* Makes the book, for this process alone.  Gives 0, or -1 and errno. */
int	slots_open(void);

/* Slots of the present generation, or of older ones, in a state. */
unsigned int	slots_count(enum slot_state);
unsigned int	slots_old(enum slot_state);

/* Processes that live, of any generation. */
unsigned int	slots_alive(void);

/* The number of the present generation, from 0. */
unsigned int	slots_generation(void);

/* From now on, everybody who is there is of an older generation. */
void	slots_new_generation(void);

/*
 * A slot for one worker more: one whose back-off is over at now, or when
 * fresh, a free one, preferably not one that has been left within the last
 * second.  Gives -1 when there is none.
 */
int	slots_take(int64_t now, int fresh);

/* A worker was forked into the slot that was taken. */
void	slots_started(unsigned int slot, pid_t);

/*
 * The worker says that it is ready; or that it leaves, as if it had been asked
 * to.  Ignored when it is no longer there.
 */
void	slots_ready(unsigned int slot, pid_t);
void	slots_leaving(unsigned int slot, pid_t);

/* The slot of a worker, or -1. */
int	slots_find(pid_t);

/*
 * The process has been reaped, at time now.  useless: it came to its end by
 * itself before it had served anybody; then its slot waits, ready or not, for
 * the next one would fare no better.
 */
struct slot_report	slots_ended(pid_t, int64_t now, int useless);

/*
 * Kills the worker in the slot, which from now on is none: somebody else takes
 * its place, whether or not it ends.  When that was; 0: never.
 */
void	slots_kill(unsigned int slot, int64_t now);
int64_t	slots_killed_at(unsigned int slot);

/* No slot from here on was ever taken. */
unsigned int	slots_used(void);

/* The process in the slot; 0: there is none. */
pid_t	slots_pid(unsigned int slot);

/* What the ready workers of this generation do, by the board. */
void	slots_census(unsigned int *idle, unsigned int *busy);

/*
 * Asks up to n workers to retire: of older generations, or of the present
 * one, those first that only wait for a back-off, then those that were started
 * last, and of these whoever has nothing to do.
 */
void	slots_retire_old(unsigned int n);
void	slots_retire(unsigned int n);

/* Asks everybody to retire; or kills everybody. */
void	slots_retire_all(void);
void	slots_kill_all(void);

/* When the first back-off is over; INT64_MAX: nobody waits. */
int64_t	slots_deadline(void);

#endif
