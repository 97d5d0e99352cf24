/*
 * The master's end.  From its first moment nobody new is served, and workers
 * end when they are done; stops differ in how long that may take.
 *
 *   RUNNING -> DRAINING -> STOPPING -> KILLED
 *        `------------------^
 *
 * DRAINING has no limit, and the old master of an upgrade is in it as well;
 * STOPPING has stop-timeout.
 */
#ifndef SERVER_STOP_H
#define SERVER_STOP_H

#include <stdint.h>

enum stop {
	STOP_SOON,		/* within stop-timeout */
	STOP_DRAIN		/* whenever everybody is done */
};

/*
 * why goes to the log.  STOP_SOON once more, a second or more after the first,
 * waits for nobody.  Other than that, who asks for no more than what is being
 * done already changes nothing.
 */
void	stop_ask(enum stop, const char *why);

/* Stops, if too many workers have died until now (crash-limit). */
void	stop_if_crashed(int64_t now);

/*
 * Kills those who are left when stop-timeout is over; when that will be, or
 * INT64_MAX.
 */
void	stop_enforce(int64_t now);
int64_t	stop_deadline(void);

#endif
