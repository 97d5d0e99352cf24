/*
 * A worker's way to its next connection, under the policy in force.
 *
 *   idle    The kernel sends each connection to a worker that is idle; when
 *           there is none, it waits for the first that becomes so (idle.c).
 *   shared  All workers wait for the shared listeners, and the kernel wakes
 *           one of them for each connection.
 *   hash    Each worker has listeners of its own, and the kernel picks one by
 *           a hash of the connection, whether or not its worker is asleep.
 */
#ifndef SERVER_BALANCE_H
#define SERVER_BALANCE_H

#include "server/idle.h"
#include "server/listener.h"
#include "server/steering.h"
#include "server/waiter.h"

struct balance {
	int policy;			/* enum conf_balance, the one in force */
	struct waiter waiter;
	struct board_slot *board;
	struct idle idle;		/* under `idle' */
	int fds[CONF_LISTEN_MAX];	/* `shared', `hash': to accept from */
	size_t n;
	int retiring;			/* takes nothing new */
	int leaving;			/* of its own accord */
	unsigned int drain;		/* `hash': connections that waited in
					   the own queues when that began */
};

/* What came first. */
enum balance_event {
	BALANCE_CONNECTION,	/* a connection to serve */
	BALANCE_READY,		/* balance_keep: bytes on the kept one */
	BALANCE_WANTED,		/* balance_keep: somebody waits for a worker */
	BALANCE_TIMEOUT,	/* balance_keep: the deadline */
	BALANCE_RETIRE		/* asked to, or the master is gone */
};

/* What a worker inherits of the balancing. */
struct balance_setup {
	int policy;			/* enum conf_balance, the one in force */
	struct listeners *listeners;
	const struct steering *steering;	/* under `idle' */
	int backlog;
	unsigned int slot;
	int lifeline;
};

/*
 * Takes over the listeners that the policy calls for, and closes the others.
 * Needs the privileges that opened the listeners.  Gives 0, or -1 and errno.
 */
int	balance_open(struct balance *, const struct balance_setup *);

/*
 * Waits for the next connection: BALANCE_CONNECTION with its descriptor,
 * which is non-blocking, and the client's address; or BALANCE_RETIRE.
 */
enum balance_event	balance_accept(struct balance *, int *fd,
			    struct addr *peer);

/*
 * Waits, until the deadline, for more bytes on the connection in hand; from
 * selfless_from on only as long as nobody else waits for a worker.  Both are
 * times of clock_mono().
 */
enum balance_event	balance_keep(struct balance *, int fd,
			    int64_t selfless_from, int64_t deadline);

/*
 * The connection in hand is the last but those that wait in queues of its own:
 * balance_accept ends behind them, with BALANCE_RETIRE.
 */
void	balance_retire(struct balance *);

/* Whether a connection waits that no idle worker will take. */
int	balance_wanted(const struct balance *);

#endif
