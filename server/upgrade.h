/*
 * The upgrade, the old master's side: another program takes over the addresses
 * without a moment in which nobody serves.
 *
 *   master -- fork --> midwife -- fork --> new master, executed
 *      '----------------- channel ----------------'
 *
 *   1  The new master starts on the inherited addresses (inherit.h).  Whatever
 *      becomes of it until `ready' changes nothing here: the old one logs why,
 *      and serves on.
 *   2  `ready': the midwife is dismissed, and the new master is a child of the
 *      service manager from then on.  That learns its process id.
 *   3  `go': the new master is in charge.  The old one drains, and ends.
 *
 * The midwife is there for its status: it tells how the new master ended.  All
 * three end with the old one until it has said `go'.
 */
#ifndef SERVER_UPGRADE_H
#define SERVER_UPGRADE_H

#include <stdint.h>
#include <sys/types.h>

#include "server/inherit.h"

enum upgrade_event {
	UPGRADE_NOTHING,
	UPGRADE_READY,		/* the new master waits for upgrade_go */
	UPGRADE_FAILED		/* it is gone, and why has been logged */
};

/*
 * Remembers how this program was started, and from where.  A name that was
 * looked up is looked up once: an install puts the new program there.
 */
void	upgrade_init(char *argv[]);

/*
 * Starts the new master with what it shall inherit; the channel and its baton
 * are made here.  It has timeout ns from now on.  Gives 0, or -1 and has
 * logged why.
 */
int	upgrade_begin(struct inherit *, int64_t now, int64_t timeout);

/* Whether one has begun that has neither failed nor taken over. */
int	upgrade_is_under_way(void);

/* The channel, readable when upgrade_hear has something to hear; or -1. */
int	upgrade_fd(void);

/* When upgrade_hear has something to do although nothing came. */
int64_t	upgrade_deadline(void);

/* What has become of it. */
enum upgrade_event	upgrade_hear(int64_t now);

/*
 * Makes the new master independent of this one, and gives its process id, for
 * the service manager.
 */
pid_t	upgrade_release(void);

/*
 * Lets it take over.  Gives 0, and under `idle' the baton of its workers; or
 * -1: it has gone, which is logged.
 */
int	upgrade_go(int *baton);

/* Ends it, because the master shall stop. */
void	upgrade_cancel(void);

/*
 * Puts a signal off until it is known who is in charge, and sends what was put
 * off to that process.
 */
void	upgrade_defer(int sig);
void	upgrade_forward(pid_t);

/* Closes what a worker has inherited. */
void	upgrade_leave(void);

#endif
