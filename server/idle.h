/*
 * The policy `idle', the worker's side: join-idle-queue without a dispatcher.
 *
 * The kernel program (steer.bpf.c) sends each new connection to a worker that
 * has said that it is idle, and to the shared listener when there is none.
 * What a worker has to do for that is in idle.c, step by step;
 * spindled-balance(7) says why it is right.
 */
#ifndef SERVER_IDLE_H
#define SERVER_IDLE_H

#include "server/board.h"
#include "server/listener.h"
#include "server/own.h"
#include "server/steering.h"
#include "server/waiter.h"

struct idle {
	const struct steering *steering;
	struct steer_group groups[CONF_LISTEN_MAX];
	struct own own;			/* this worker's listeners */
	int shared[CONF_LISTEN_MAX];
	size_t n;
	int backlog;			/* of own */
	int64_t forget;			/* when nothing comes of a claim, ns */
	unsigned int slot;
	struct board_slot *board;

	int shut;			/* own do not listen */
	int failing;			/* that they would not has been logged */
	int64_t reopen_at;		/* no earlier, clock_mono(); 0: any time */
	int armed;			/* we set the bit, and did not clear it */
	int hurried;			/* it has served without a wait before */
};

/*
 * Binds this worker's own listeners, which needs the user that opened the
 * shared ones.  They listen only once the worker accepts.  Gives 0, or -1 and
 * errno.
 */
int	idle_open(struct idle *, struct waiter *, const struct listeners *,
	    const struct steering *, unsigned int slot, int backlog);

/*
 * Waits for the next connection.  Gives its descriptor, and the client's
 * address; or -1 when the worker shall retire: no connection waits for it or
 * will come to it any more then.
 */
int	idle_accept(struct idle *, struct waiter *, struct addr *peer);

/* For who retires without being asked: the same end.  Gives -1. */
int	idle_leave(struct idle *, struct waiter *);

#endif
