/*
 * The listeners that a worker has for itself under the policy `idle', one for
 * each address, and what is on its way to them.
 */
#ifndef SERVER_OWN_H
#define SERVER_OWN_H

#include <stddef.h>
#include <stdint.h>

#include "server/gate.h"
#include "server/steer.h"

struct own {
	int fds[STEER_GROUPS];
	struct gate gates[STEER_GROUPS];
	size_t n;
	unsigned int owed;	/* claims seen, less what they brought */
	int64_t claimed_at;	/* the latest claim seen; clock_mono() */
	uint64_t taken;		/* accepted, since they were shut */
};

/*
 * Takes over a listener that is bound and does not listen yet, whose handshakes
 * are deferred by so many seconds.  Gives 0, or -1 and errno.
 */
int	own_add(struct own *, const struct gates *, int fd, int deferral);

/* The nth listens from now on.  Gives 0, or -1 and errno. */
int	own_listen(const struct own *, size_t n, int backlog);

/* One has been accepted from them. */
void	own_took(struct own *);

/*
 * Shuts them, and resets nobody: it is what is owed, which may arrive at this
 * very moment, that takes up to 0.3 ms; a segment that the kernel has put aside
 * halfway is waited for, for up to 20 ms.  They may listen again.
 */
void	own_shut(struct own *);

/*
 * Shuts a listener of which others accept, so that nobody knows how many that
 * were.  Takes 1 ms.
 */
void	own_shut_shared(const struct gates *, int fd);

#endif
