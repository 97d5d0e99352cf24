/* The snapshot for people, in 80 columns, as Apache shows its scoreboard. */
#ifndef SERVER_ADMIN_STATUS_TEXT_H
#define SERVER_ADMIN_STATUS_TEXT_H

#include <stdio.h>

#include "server/admin/snapshot.h"
#include "server/admin/tick.h"

/*
 * All of it; with what the last tick says, unless that is NULL; and with all
 * slots, or those that have been busy for longest.
 */
void	status_text_write(const struct snapshot *, const struct tick *,
	    int all, FILE *);

/* One disk of it. */
void	status_text_disk(const struct snapshot_disk *,
	    const struct snapshot *, FILE *);

#endif
