/*
 * The pid file: it holds the master's process id, and is locked as long as
 * that lives, so that a second master with the same file does not start.
 *
 * The lock, flock(2)'s, is on the open file, and whoever inherits the
 * descriptor has it too: at an upgrade the file is never without it.
 *
 * There is one at most.  Where none is open, nothing happens.
 */
#ifndef SERVER_PIDFILE_H
#define SERVER_PIDFILE_H

#include "server/conf.h"
#include "server/inherit.h"

/*
 * Opens and locks the file that conf names, and writes our process id; or takes
 * what is inherited for it, which says that the old master is it, until
 * pidfile_put.  Gives 0, or 1: it has reported why not.
 */
unsigned int	pidfile_open_for(const struct conf *, const struct inherit *,
		    conf_report *);

/* Writes this process' id.  Gives 0, or -1 and errno. */
int	pidfile_put(void);

/* The descriptor, or -1. */
int	pidfile_fd(void);

/* Gives it up: removes the file, unless somebody else has it as well. */
void	pidfile_drop(void);

/* Closes it in this process alone. */
void	pidfile_forget(void);

#endif
