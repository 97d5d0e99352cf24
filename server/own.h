/*
 * The listeners that a worker has for itself under the policy `idle', one for
 * each address, and what is on its way to them.
 */
#ifndef SERVER_OWN_H
#define SERVER_OWN_H

#include <stddef.h>
#include <stdint.h>

#include "server/steer.h"

struct own {
	const struct steer *steer;
	unsigned int slot;
	int deferral;		/* of their handshakes, s */
	int fds[STEER_GROUPS];
	size_t n;
	unsigned int owed;	/* claims seen, less what they brought */
	int64_t claimed_at;	/* the latest claim seen; clock_mono() */
	uint64_t taken;		/* accepted, since the gate counts */
};

/* None yet. */
void	own_init(struct own *, const struct steer *, unsigned int slot,
	    int deferral);

/*
 * Takes over a listener that is bound and does not listen yet.  Gives 0, or -1
 * and errno.
 */
int	own_add(struct own *, int fd);

/* The nth listens from now on.  Gives 0, or -1 and errno. */
int	own_listen(const struct own *, size_t n, int backlog);

/* All do: clients are let in, and counted from now on. */
void	own_open(struct own *);

/* One has been accepted from them. */
void	own_took(struct own *);

/*
 * Shuts them; they may listen again.  No handshake that completes is reset,
 * unless the kernel is at work on its segment for longer than is waited:
 *
 *	0	nearly always
 *	0.3 ms	for what is owed, and may arrive at this very moment
 *	1 ms	where one has completed that is not counted (gate.h)
 *	20 ms	for a segment that has passed, and did not complete one: it was
 *		wrong, came twice, or was put aside halfway
 *
 * Who completes one meanwhile sends again what was lost, after 200 ms or more.
 */
void	own_shut(struct own *);

/*
 * Shuts listeners, at most STEER_GROUPS, of which others accept, so that nobody
 * knows how many that were: 1 ms is waited.  Gives 0, or -1 and errno: they are
 * shut, but had no gate.
 */
int	own_shut_shared(const struct steer *, const int *fds, size_t n);

#endif
