/*
 * What the service manager is told: readiness, reloads, the stop, and every
 * few seconds how things are.
 */
#ifndef SERVER_TELL_H
#define SERVER_TELL_H

#include <stdint.h>

/* Finds out whether there is a manager.  Once, before the first message. */
void	tell_open(void);

/* Closes what a worker has inherited. */
void	tell_close(void);

/*
 * Sends state, lines of sd_notify(3) or "", and how things are under this
 * policy, enum conf_balance.
 */
void	tell_send(const char *state, int policy);

/* Sends that a reload or an upgrade begins; READY=1 will be its end. */
void	tell_reloading(int policy);

/* Nothing is told from now on: another master tells. */
void	tell_end(void);

/* Whether the last upgrade failed, to be told from now on. */
void	tell_upgrade(int failed);

/* How many errors the last reload met, to be told from now on; 0: none. */
void	tell_reload(unsigned int errors);

/* When the next message is due, or is worth while; INT64_MAX: never. */
int64_t	tell_deadline(void);

/*
 * Whether the last message spoke of retiring workers, and none is left; or of
 * fewer that are stopped, or more.
 */
int	tell_is_stale(void);

#endif
