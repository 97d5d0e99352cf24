/*
 * The status process' look at the daemon: a snapshot when somebody asks, and a
 * tick each second.
 */
#ifndef SERVER_ADMIN_LOOK_H
#define SERVER_ADMIN_LOOK_H

#include <sys/types.h>

#include <stdint.h>

#include "server/admin/sheet.h"
#include "server/admin/snapshot.h"
#include "server/admin/tick.h"

#define LOOK_NO_USER	((uid_t)-1)

struct look {
	const struct conf *conf;
	const struct listeners *listeners;	/* of the clients */
	const struct token *token;	/* NULL: there is none */
	uid_t workers;		/* their user, where it is not the master's;
				   else LOOK_NO_USER */
	struct snapshot *snapshot;	/* the latest */
	struct tick_history *history;	/* shared, for the next process too */
	struct tick_base *base;
	struct tick *tick;		/* the latest */
	int ticked;			/* there is one */
	unsigned int ticks;		/* that were written */
};

/* Makes what it needs.  Gives 0, or -1 and errno. */
int	look_open(struct look *);

/* What is so at this moment. */
const struct snapshot	*look_now(struct look *);

/*
 * A second has passed.  Gives the event of it, NULL: there is none, or it was
 * not wanted.
 */
struct sheet	*look_tick(struct look *, int wanted);

#endif
