/*
 * The master's eye on its workers: who is stuck in a read, who is too long
 * with a request, and who cannot even be killed.
 */
#ifndef SERVER_WATCH_H
#define SERVER_WATCH_H

#include <stdint.h>

#include "server/conf.h"

/*
 * Looks at all of them, at time now: tells of those that have become stuck,
 * and kills those that are overdue, who are no workers any more then.
 */
void	watch_look(const struct conf *, int64_t now);

/* When it is to look again; INT64_MAX: never, as nothing is asked of it. */
int64_t	watch_deadline(const struct conf *);

/* Workers that were stuck at the last look; and that would not die. */
unsigned int	watch_stuck(void);
unsigned int	watch_undead(void);

#endif
