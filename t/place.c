#include <netinet/in.h>
#include <sys/socket.h>

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "t/place.h"

int
place_listener(struct place *p)
{
	const int on = 1;
	int fd;

	fd = socket(p->ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) == -1 ||
	    bind(fd, (struct sockaddr *)&p->ss, p->len) == -1 ||
	    listen(fd, 1000) == -1 ||
	    getsockname(fd, (struct sockaddr *)&p->ss, &p->len) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

static void
address(struct place *p, int family, int port)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&p->ss;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&p->ss;

	memset(p, 0, sizeof(*p));
	p->ss.ss_family = (sa_family_t)family;
	if (family == AF_INET) {
		p->len = sizeof(*v4);
		v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		v4->sin_port = htons((uint16_t)port);
	} else {
		p->len = sizeof(*v6);
		v6->sin6_addr = in6addr_loopback;
		v6->sin6_port = htons((uint16_t)port);
	}
}

int
place_open(struct place *p, struct steer *steer, int family, int port)
{
	address(p, family, port);
	if ((p->shared = place_listener(p)) == -1)
		return -1;
	return steer_group_open(&p->group, steer, p->shared);
}

void
place_close(struct place *p)
{
	close(p->shared);
	steer_group_close(&p->group);
}

int
place_own(struct place *p, unsigned int slot)
{
	int fd = place_listener(p);

	if (fd != -1 && steer_group_put(&p->group, slot, fd) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

int
place_client(const struct place *p)
{
	int fd = socket(p->ss.ss_family, SOCK_STREAM, 0);

	if (connect(fd, (const struct sockaddr *)&p->ss, p->len) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

int
place_accepted(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	poll(&pfd, 1, PLACE_PATIENCE_MS);
	return accept(fd, NULL, NULL);
}

int
place_lands(const struct place *p, int listener)
{
	int from = place_client(p), to = place_accepted(listener);
	char c = 0;

	if (from != -1 && to != -1 && send(from, "x", 1, MSG_NOSIGNAL) == 1)
		recv(to, &c, 1, 0);
	close(from);
	close(to);
	return c == 'x';
}
