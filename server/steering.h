/*
 * What all workers share under the policy `idle': the bitmap of idle workers,
 * and the baton.  The master opens both before the first fork.
 */
#ifndef SERVER_STEERING_H
#define SERVER_STEERING_H

#include "server/steer.h"

struct steering {
	struct steer steer;
	int baton;		/* an eventfd that is written, and never read */
	int retries;		/* how often a SYN-ACK is sent again */
};

/*
 * Opens it, and tries the program.  baton is one that somebody else has made
 * for us and passes too, or -1.  Gives 0, or -1 and in why, of size bytes,
 * what the kernel would not do.
 */
int	steering_open(struct steering *, int baton, char *why, size_t size);

/*
 * How long after its SYN a handshake may still complete, ns, on a listener that
 * defers those of the silent by so many seconds, or by 0.
 */
int64_t	steering_forget(const struct steering *, int deferral);

/* A baton: its descriptor, or -1 and errno. */
int	steering_baton(void);

/*
 * Passes the baton: one worker that waits, if there is one, wakes up and looks
 * at the shared listeners.
 */
void	steering_pass(const struct steering *);

/* Nobody is idle any more, as far as the program knows: at a stop. */
void	steering_stop(const struct steering *);

/*
 * The worker in slot has stopped: its bit is cleared, and the baton passed, for
 * it may have been woken for a connection.
 */
void	steering_halt(const struct steering *, unsigned int slot);

/*
 * The worker in slot has died, and has been reaped.  The same, and nothing is
 * known of its listeners any more.  What was in their queues has moved to the
 * shared ones, which not every kernel tells those who wait for them.
 */
void	steering_bury(const struct steering *, unsigned int slot);

#endif
