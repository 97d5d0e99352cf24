/*
 * The service manager's side of things: sd_notify(3)'s protocol, a datagram
 * of VARIABLE=value lines to the socket that $NOTIFY_SOCKET names.
 */
#ifndef COMMON_SDNOTIFY_H
#define COMMON_SDNOTIFY_H

#include <stdint.h>

/*
 * Opens the way to the service manager.  Gives a descriptor, or -1: with
 * errno 0 where there is no service manager, else what went wrong.
 */
int	sdnotify_open(void);

/*
 * Sends the lines, which printf(3) makes.  Never blocks: a service manager
 * that does not read loses the message.  Nothing happens when fd is -1.
 * Gives 0, or -1 and errno.
 */
int	sdnotify_send(int fd, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/*
 * How long the service manager waits between two WATCHDOG=1 before it acts,
 * in nanoseconds; 0 when it does not watch this process.
 */
int64_t	sdnotify_watchdog(void);

#endif
