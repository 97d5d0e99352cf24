/*
 * The moment of an upgrade at which the charge of the addresses goes from one
 * master to the other: what each of them does then, and in which order.
 */
#ifndef SERVER_HANDOVER_H
#define SERVER_HANDOVER_H

#include "server/admin/hall.h"
#include "server/inherit.h"
#include "server/listener.h"
#include "server/steering.h"

/* What a master has to do with it. */
struct handover {
	int policy;		/* enum conf_balance, the one in force */
	struct steering *steering;	/* under `idle' */
	struct listeners *listeners;
	struct listeners *doomed;	/* see master_state.h */
	struct hall *hall;
};

/*
 * The old master's part, when the new one is ready.  Gives 0, and its process
 * id: this one is to drain, and nothing that it does is seen outside of it any
 * more.  Or -1: the new one has gone, which is logged, and nothing has changed.
 */
int	handover_give(const struct handover *, pid_t *heir);

/*
 * The new master's part.  Gives 0, or -1 and errno: it cannot serve.
 */
int	handover_take(const struct handover *, struct inherit *);

#endif
