/*
 * What a worker waits with: one epoll set of everything that can end its wait.
 *
 * Two things are always in it: that the worker shall retire (SIGQUIT or
 * SIGTERM, which are read as a descriptor, so that they never interrupt a
 * request), and that the master is gone (nobody holds the other end of the
 * lifeline).
 */
#ifndef SERVER_WAITER_H
#define SERVER_WAITER_H

#include <stddef.h>
#include <stdint.h>

#include "common/addr.h"

/* What a descriptor is to the worker; the bits that waiter_wait gives. */
enum {
	WAITER_RETIRE = 1,	/* a signal, or the master's death */
	WAITER_SHARED = 2,	/* a shared listener */
	WAITER_OWN = 4,		/* a listener of its own */
	WAITER_BATON = 8,	/* somebody passed the baton (idle.c) */
	WAITER_BYTES = 16,	/* the connection in hand */
	WAITER_ORPHANED = 32	/* with RETIRE: the master is gone */
};

struct waiter {
	int epoll;
	int signals;			/* readable: asked to retire */
	int lifeline;
	int64_t pause_until;		/* no accept before this time; 0: none */
	int failing;			/* a spell of errors has been logged */
};

/* Gives 0, or -1 and errno. */
int	waiter_open(struct waiter *, int lifeline);

/* Adds a descriptor; events are epoll_ctl(2)'s.  Gives 0, or -1 and errno. */
int	waiter_add(struct waiter *, int fd, uint32_t events, int what);

/* Takes it out, if it is in. */
void	waiter_remove(struct waiter *, int fd);

/*
 * Waits for timeout_ms, or for ever when that is negative.  Gives the bits of
 * all that is ready.  A shared listener that hangs up, because the master has
 * shut it, is the same as being asked to retire.
 */
int	waiter_wait(struct waiter *, int timeout_ms);

/* Whether the worker shall retire, at this moment. */
int	waiter_retiring(const struct waiter *);

/*
 * Waits until fd, or one of n listeners, is readable or timeout_ms are over;
 * gives the same bits, and WAITER_BYTES for fd.
 */
int	waiter_wait_for(const struct waiter *, int fd, const int *fds,
	    size_t n, int timeout_ms);

/*
 * Accepts from any of n listeners, without waiting.  Gives a descriptor, which
 * is non-blocking, and the client's address, or -1.  When the system has run
 * out of something that others will give back, the waiter pauses: it says so
 * once, and until then waiter_wait waits for nothing but the end.
 */
int	waiter_accept(struct waiter *, const int *fds, size_t n,
	    struct addr *peer);

/*
 * Lets nothing new come for a while, because of errno.  Logs what could not be
 * done, once until an accept succeeds.
 */
void	waiter_pause(struct waiter *, const char *what);

/*
 * Shuts n listeners for everybody: without a master, nobody will serve who
 * connects now, and the next master wants the port.  Not where another master
 * has them by an upgrade.
 */
void	waiter_shut(const int *fds, size_t n);

/* Whether any of n listeners has a connection, at this moment. */
int	waiter_pending(const int *fds, size_t n);

#endif
