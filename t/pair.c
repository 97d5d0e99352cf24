#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <err.h>
#include <unistd.h>

#include "t/pair.h"

void
pair_open(struct pair *p)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct addr peer = { .len = sizeof(sin) };
	socklen_t len = sizeof(sin);
	int fd, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	p->client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener == -1 || p->client == -1 ||
	    bind(listener, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    listen(listener, 1) == -1 ||
	    getsockname(listener, (struct sockaddr *)&sin, &len) == -1 ||
	    connect(p->client, (struct sockaddr *)&sin, sizeof(sin)) == -1)
		err(1, "loopback");
	fd = accept4(listener, (struct sockaddr *)&peer.ss, &peer.len,
	    SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd == -1)
		err(1, "accept");
	close(listener);
	conn_open(&p->conn, fd, &peer, 0);
}

void
pair_close(struct pair *p)
{
	close(p->client);
	close(p->conn.fd);
}
