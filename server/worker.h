/*
 * A worker: a child of the master in a numbered slot, which serves one
 * connection at a time, blocking.
 */
#ifndef SERVER_WORKER_H
#define SERVER_WORKER_H

#include "server/balance.h"
#include "server/conf.h"
#include "server/logs.h"

/* What a worker inherits. */
struct worker_setup {
	const struct conf *conf;
	const struct logs *logs;
	struct balance_setup balance;	/* less the slot and the lifeline */
};

/* What a worker writes to the lifeline. */
enum worker_news {
	WORKER_READY,		/* it can accept: once */
	WORKER_LEAVES		/* it has served enough, and takes no more */
};

struct worker_message {
	enum worker_news news;
	unsigned int slot;
	pid_t pid;
};

/*
 * The worker's life.  Called in the child, with nothing open that is not in
 * the setup.  Ends the process: status 0 when asked to retire, when it has
 * served max-requests, or when the master is gone, 1 when it could not start.
 */
_Noreturn void	worker_run(const struct worker_setup *, unsigned int slot,
		    int lifeline);

#endif
