/*
 * The master's book of workers that are stopped, by SIGSTOP or its like: each
 * is there, and does nothing until it is continued.
 *
 * The kernel says at once when a child stops, or goes on.  One that is stopped
 * is not idle, whatever it has written to the board: nobody may wait for it.
 */
#ifndef SERVER_HALTS_H
#define SERVER_HALTS_H

#include <sys/types.h>

#include <stdint.h>

#include "server/conf.h"

/* The worker in slot has stopped, or goes on: status is what waitpid(2) gave. */
void	halts_note(unsigned int slot, pid_t, int status, int64_t now);

/* It has died. */
void	halts_bury(unsigned int slot);

/*
 * Tells what has changed, at time now.  With worker-timeout, kills whoever has
 * been stopped for so long with nothing in its hands: what waits in its own
 * queue moves on then.  Those with a request are overdue as any other is.
 */
void	halts_look(const struct conf *, int64_t now);

/* When it is to look again; INT64_MAX: not before something happens. */
int64_t	halts_deadline(const struct conf *);

unsigned int	halts_count(void);

#endif
