/*
 * The master: opens what workers share, forks them, watches and replaces
 * them.  It never touches a client's bytes.
 */
#ifndef SERVER_MASTER_H
#define SERVER_MASTER_H

#include "server/conf.h"

/* What the process gives its parent in the end. */
enum master_exit {
	MASTER_STOPPED = 0,	/* as asked */
	MASTER_FAILED = 1,	/* could not start or run */
	MASTER_BAD_CONF = 2,	/* bad configuration */
	MASTER_CRASHED = 3	/* gave up: crash-limit */
};

/*
 * Opens everything that the configuration names; reports all that fails.  No
 * port and no pid file is held then.
 */
enum master_exit	master_open(struct conf *, conf_report *);

/*
 * Runs until asked to stop.  Does not die of anything but that, once it has
 * begun.  verbose: log more, also after a reload.
 */
enum master_exit	master_run(int verbose);

#endif
