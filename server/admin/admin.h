/*
 * The master's hands for the status process: forks it, hears what it asks, sees
 * to it that there is one, and to the end of those before it.
 */
#ifndef SERVER_ADMIN_ADMIN_H
#define SERVER_ADMIN_ADMIN_H

#include <poll.h>
#include <stdint.h>
#include <sys/types.h>

#include "server/admin/channel.h"
#include "server/admin/hall.h"
#include "server/listener.h"

/* Processes at a time: the one in force, and those that finish. */
#define ADMIN_MAX	4

/* Once, before the first fork.  Gives 0, or -1 and errno. */
int	admin_open(void);

/*
 * Sees to it, at time now, that there is one that serves this hall with this
 * configuration, unless the hall is empty.  admin_deadline says when to call it
 * again.
 */
void	admin_keep(const struct conf *, const struct hall *,
	    const struct listeners *, int64_t now);
int64_t	admin_deadline(void);

/* What it serves with has changed: another one is to take over. */
void	admin_renew(void);

/* There is to be none: the one that is there answers, and ends. */
void	admin_finish(int64_t now);

/* Writes what is waited for to p, of ADMIN_MAX.  Gives how many there are. */
nfds_t	admin_wait(struct pollfd *p);

/* Takes what they ask; answer is called for each, and gives the answer. */
void	admin_hear(void (*answer)(const struct channel_request *,
	    struct channel_reply *));

/*
 * Reaps the process, if it is one of them and is dead; or all that are.  Gives
 * whether it is one.
 */
int	admin_reap(pid_t, int64_t now);
void	admin_reap_all(int64_t now);

/* Closes in a child what it has inherited and must not have. */
void	admin_leave(void);

#endif
