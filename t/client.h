/* A client for tests: one connection, blocking, with a deadline. */
#ifndef T_CLIENT_H
#define T_CLIENT_H

#include <stddef.h>

struct response {
	int status;		/* 0: the connection ended without a reply */
	char head[4096];	/* status line and fields, NUL-terminated */
	char body[70000];	/* NUL-terminated */
	size_t body_len;
	int reset;		/* the connection was reset */
};

/* Connects to the port of 127.0.0.1.  Gives a descriptor, or -1. */
int	client_connect(int port);

/*
 * The same to an address in numbers, from one of this machine's; either may be
 * of IPv6, both of one kind.  from may be NULL: the kernel chooses.
 */
int	client_connect_from(const char *from, const char *to, int port);

/* Whether nobody listens on a port, an int: for daemon_until, too. */
int	client_is_refused(void *port);

/* Sends bytes; no signal when the server is gone. */
void	client_send(int fd, const void *, size_t);

/* Reads one reply; or, until_end, everything until the server closes. */
void	client_receive(int fd, struct response *, int until_end);

/*
 * One request on a connection of its own.  Gives the status, 0 for none.
 */
int	client_get(int port, const char *path, struct response *);

/* Whether the server has closed: waits for that. */
int	client_closed(int fd);

#endif
