/*
 * The status process: a child of the master that shows how the daemon is, and
 * passes on what an operator wants of it, while every worker may be stuck.
 *
 * It is one loop that never blocks, has no privileges, reads what workers and
 * the master share without being able to write it, and holds no lock of it.
 */
#ifndef SERVER_ADMIN_STATUS_H
#define SERVER_ADMIN_STATUS_H

#include <stdatomic.h>

#include "server/admin/hall.h"
#include "server/admin/tick.h"
#include "server/conf.h"
#include "server/listener.h"

/* What all processes of this kind share: it outlives each of them. */
struct status_shared {
	struct tick_history history;
	_Atomic int refused;	/* the system call that ended one (seccomp.h) */
};

/* What it inherits. */
struct status_setup {
	const struct conf *conf;
	const struct hall *hall;
	const struct listeners *listeners;	/* of clients: their queues */
	struct status_shared *shared;
	int channel;		/* to the master */
	pid_t master;
};

/*
 * Its life.  Called in the child, and closes everything there that is not in
 * the setup.  Ends the process: status 0 when the master is gone, or wants
 * another one to take over; 1 when it could not start.
 */
_Noreturn void	status_run(const struct status_setup *);

#endif
