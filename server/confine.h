/*
 * The confinement of workers: what a worker that a client has taken over can
 * still do.
 *
 *   no-new-privs  it gains nothing by execve(2)
 *   rlimits       it makes no process, locks no memory, has no queue
 *   landlock      it reaches the files of its disks (landlock.h)
 *   seccomp       it makes the calls that its loop needs (seccomp.h)
 *
 * Which of them are in force is for `confine' to say, for the build, and for
 * the kernel.  What the kernel does not have is told, and done without; what
 * it has must not fail.
 */
#ifndef SERVER_CONFINE_H
#define SERVER_CONFINE_H

#include <sys/types.h>

#include <stddef.h>

#include "server/board.h"
#include "server/conf.h"

/*
 * The master's part: decides by what workers of conf are confined that are
 * forked from now on, so many of them, under the policy in force; and makes it
 * ready, so that they share it.
 */
void	confine_prepare(const struct conf *, int policy, unsigned int workers);

/* What that is; and for each part that is not in force, why.  Gives buf. */
char	*confine_text(char *buf, size_t size);

/*
 * Confines this process, for good: after the drop of privileges, and when
 * nothing is left to open.  Gives 0, or -1 and a static text that says what
 * failed, with errno.
 */
int	confine_enter(struct board_slot *, const char **what);

/* The same for the status process, which has a filter of its own. */
int	confine_enter_status(_Atomic int *refused, const char **what);

/* Logs why a dead worker was killed, if its filter has done it. */
void	confine_bury(unsigned int slot, pid_t, int status);
void	confine_bury_status(int call, pid_t, int status);

#endif
