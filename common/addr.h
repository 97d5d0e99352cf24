/*
 * Addresses to listen on, as text: 127.0.0.1:7000, [::1]:7000.
 */
#ifndef COMMON_ADDR_H
#define COMMON_ADDR_H

#include <sys/socket.h>

/* Room for any text that addr_text makes, its NUL included. */
#define ADDR_TEXT 64

struct addr {
	struct sockaddr_storage ss;
	socklen_t len;
};

/*
 * Reads a numeric IPv4 address or an IPv6 address in brackets, a colon and a
 * port from 0 (the kernel chooses) to 65535.  No name is looked up: a server
 * must start when the resolver does not.  Gives 0, or -1 for anything else.
 */
int	addr_parse(const char *, struct addr *);

/* The text of a socket address, in buf of at least ADDR_TEXT.  Gives buf. */
char	*addr_text(const struct addr *, char *buf, size_t size);

/* As addr_text, the port left out and no brackets: for access logs. */
char	*addr_host_text(const struct addr *, char *buf, size_t size);

/* Host byte order. */
unsigned int	addr_port(const struct addr *);

int	addr_equal(const struct addr *, const struct addr *);

#endif
