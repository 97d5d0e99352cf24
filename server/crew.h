/*
 * The master's hands: it forks workers into slots, hears when they are ready,
 * and reaps them.
 */
#ifndef SERVER_CREW_H
#define SERVER_CREW_H

#include <stdint.h>

#include "server/worker.h"

/* Once, before the first worker.  Gives 0, or -1 and errno. */
int	crew_open(void);

/* Readable when crew_hear has something to hear. */
int	crew_fd(void);

/*
 * Makes this generation wanted workers strong, at time now: forks who is
 * missing, retires who is too many, and one of an older generation for each
 * that is ready.  In the child, in_child closes what is the master's alone.
 * Does what can be done now; crew_deadline says when to call it again.
 */
void	crew_staff(const struct worker_setup *, unsigned int wanted,
	    int64_t now, void (*in_child)(void));

/* Takes the messages of workers that have become ready, or leave. */
void	crew_hear(void);

/*
 * Who is told of a worker's slot: that the worker is dead, before the slot can
 * be anybody else's; and that it is stopped.
 */
struct crew_ends {
	void (*buried)(unsigned int slot);
	void (*stopped)(unsigned int slot);
};

/* Reaps the child that a SIGCHLD names, if it is dead. */
void	crew_reap(pid_t, int64_t now, const struct crew_ends *);

/*
 * Reaps whoever has died until now: one SIGCHLD may stand for several deaths.
 * The kernel looks at every child for it, a millisecond for 10,000.
 */
void	crew_reap_all(int64_t now, const struct crew_ends *);

/* When crew_staff has something to do although nothing happened. */
int64_t	crew_deadline(void);

#endif
