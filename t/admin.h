/*
 * A running daemon with admin addresses, and requests to them: a Unix socket
 * in its directory, and TCP.
 */
#ifndef T_ADMIN_H
#define T_ADMIN_H

#include "t/client.h"
#include "t/daemon.h"

/*
 * Starts a daemon with this configuration, and `admin' for a Unix socket and a
 * port of 127.0.0.1 that the kernel chooses.  admin_rewrite is for a reload.
 */
void	admin_start(struct daemon *, const char *conf);
void	admin_rewrite(struct daemon *, const char *conf);

/* The port, as the log has it. */
int	admin_port(const struct daemon *);

/* The status process, which is waited for. */
pid_t	admin_status_process(const struct daemon *);

/* For daemon_until, with a pid_t: that process has ended. */
int	admin_status_is_gone(void *);

/* A connection to the Unix socket, or -1. */
int	admin_connect(const struct daemon *);

/*
 * Asks on a connection, with further fields, each with its CRLF; or "".  Reads
 * all that comes, and closes.  Gives the status, 0 for none.
 */
int	admin_ask_on(int fd, const char *method, const char *target,
	    const char *fields, struct response *);

/* The same on a new one, to the Unix socket; or to a port, with a Host. */
int	admin_ask(const struct daemon *, const char *method,
	    const char *target, struct response *);
int	admin_ask_port(int port, const char *method, const char *target,
	    const char *fields, struct response *);

/* GET of the Unix socket's: the status is 200, and the body has this. */
void	admin_shows(const struct daemon *, const char *target,
	    const char *part, const char *name);

/* POST there: the status, and the text of the answer. */
void	admin_does(const struct daemon *, const char *target, int status,
	    const char *text, const char *name);

#endif
