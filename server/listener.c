#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/param.h>
#include <sys/socket.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "server/charge.h"
#include "server/listener.h"
#include "server/own.h"

/*
 * The most that the kernel keeps a silent connection, s.  By default it sends a
 * SYN-ACK again for as long to who does not answer it; longer, and the claims
 * of the silent would be the last to be forgotten (idle.c).
 */
#define DEFERRAL_MAX	31

int
listener_deferral(const struct conf *c)
{
	const int64_t s = howmany(c->request_timeout, CLOCK_S);

	return c->defer_accept ? (int)MIN(s, DEFERRAL_MAX) : 0;
}

/*
 * A listener may be given another value while it listens, and keeps it when it
 * is shut and listens again.
 */
static int
defer(int fd, int s)
{
	return setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &s, sizeof(s));
}

/* IPv4 addresses have sockets of their own, whatever the system's default. */
static int
set_options(int fd, int family)
{
	static const struct {
		int level, name;
	} options[] = {
		/* After a restart, old connections must not hold the port. */
		{ SOL_SOCKET, SO_REUSEADDR },
		{ SOL_SOCKET, SO_REUSEPORT },
		/* The arrival time of a request's bytes is its queue time. */
		{ SOL_SOCKET, SO_TIMESTAMPNS },
		/* A reply is one send: there is nothing to wait for. */
		{ IPPROTO_TCP, TCP_NODELAY },
	};
	const int on = 1;
	size_t i;

	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (setsockopt(fd, options[i].level, options[i].name, &on,
		    sizeof(on)) == -1)
			return -1;
	return family != AF_INET6 ? 0 :
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
}

/* A socket in addr's group; it does not listen yet. */
static int
open_bound(const struct addr *addr, int deferral)
{
	int family = addr->ss.ss_family;
	int fd;

	fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	if (set_options(fd, family) == -1 || defer(fd, deferral) == -1 ||
	    bind(fd, (const struct sockaddr *)&addr->ss, addr->len) == -1)
		return fd_drop(&fd);
	return fd;
}

/*
 * SO_REUSEPORT lets a second daemon of the same user join the port unnoticed,
 * and take half of the connections.  A bind without it does not: it fails
 * where anybody listens.
 */
static int
probe(const struct addr *addr)
{
	const int on = 1;
	int fd;

	fd = socket(addr->ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1 ||
	    (addr->ss.ss_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6,
	    IPV6_V6ONLY, &on, sizeof(on)) == -1) ||
	    bind(fd, (const struct sockaddr *)&addr->ss, addr->len) == -1)
		return fd_drop(&fd);
	close(fd);
	return 0;
}

const char *
listener_why(int error)
{
	switch (error) {
	case EADDRINUSE:
		return "the address is in use, by another spindled or another "
		    "program";
	case EACCES:
		return "permission denied: a port below 1024 needs root or "
		    "CAP_NET_BIND_SERVICE";
	case EADDRNOTAVAIL:
		return "this machine has no such address";
	case EAFNOSUPPORT:
		return "this machine does not have this kind of address";
	default:
		return strerror(error);
	}
}

static const struct listener *
find(const struct listeners *ls, const struct addr *wanted)
{
	size_t i;

	for (i = 0; i < ls->n; i++)
		if (addr_equal(&ls->v[i].wanted, wanted))
			return &ls->v[i];
	return NULL;
}

static int
open_shared(struct listener *l, const struct conf *c, const struct steer *s)
{
	l->addr = l->wanted;
	if (probe(&l->addr) == -1 ||
	    (l->fd = open_bound(&l->addr, listener_deferral(c))) == -1)
		return -1;
	/* With `hash', a listener of the master's would get its share. */
	if (c->balance != BALANCE_HASH && listen(l->fd, (int)c->backlog) == -1)
		return fd_drop(&l->fd);
	if (getsockname(l->fd, (struct sockaddr *)&l->addr.ss,
	    &l->addr.len) == -1)
		return fd_drop(&l->fd);
	if (s != NULL && steer_group_open(&l->group, s, l->fd) == -1)
		return fd_drop(&l->fd);
	return 0;
}

/*
 * A listener of our own beside the predecessor's, in its group, whose program
 * sends nothing there.  The predecessor's cannot be taken over: it is in a map
 * of listeners, and cannot be in ours as well.
 */
static int
open_beside(struct listener *l, const struct listener *had,
    const struct conf *c, const struct steer *s)
{
	l->addr = had->addr;
	if ((l->fd = open_bound(&l->addr, listener_deferral(c))) == -1)
		return -1;
	if (listen(l->fd, (int)c->backlog) == -1 ||
	    steer_group_prepare(&l->group, s, l->fd) == -1)
		return fd_drop(&l->fd);
	return 0;
}

static void
shut(struct listener *l, int for_all)
{
	if (for_all && charge_is_ours())
		shutdown(l->fd, SHUT_RD);
	close(l->fd);
	steer_group_close(&l->group);
}

/*
 * One address: opened, or where it is had by a predecessor, beside that.
 * Gives whether it counts as an error.
 */
static int
open_one(struct listener *l, const struct conf_listen *want,
    const struct listener *had, const struct conf *c,
    const struct steer *steer, conf_report *report)
{
	char text[ADDR_TEXT];
	int error, optional;

	l->group.fd = l->group.prog = -1;
	if ((had != NULL ? open_beside(l, had, c, steer) :
	    open_shared(l, c, steer)) == 0)
		return 0;
	/* Nobody asked for a default: a machine without IPv6 will do. */
	error = errno;
	l->fd = -1;
	optional = want->line == 0 &&
	    (error == EADDRNOTAVAIL || error == EAFNOSUPPORT);
	conf_error(c, want->line, report, "listen %s: %s%s",
	    addr_text(&want->addr, text, sizeof(text)), listener_why(error),
	    optional ? "; this default is left out" : "");
	return !optional;
}

/* A new backlog is in force at once, and a new deferral for who comes now. */
static void
adjust(struct listeners *ls, const struct conf *c)
{
	struct listener *l;

	for (l = ls->v; l < ls->v + ls->n; l++) {
		l->deferral = listener_deferral(c);
		(void)defer(l->fd, l->deferral);
		if (c->balance != BALANCE_HASH)
			(void)listen(l->fd, (int)c->backlog);
	}
}

unsigned int
listeners_open(struct listeners *ls, const struct conf *c,
    const struct listeners *old, const struct listeners *doomed,
    const struct steer *steer, conf_report *report)
{
	const struct conf_listen *want;
	const struct listener *had;
	struct listeners fresh = { .n = 0 };
	struct listener *l;
	unsigned int errors = 0;
	size_t i;

	memset(ls, 0, sizeof(*ls));
	for (want = c->listens; want < c->listens + c->nlistens; want++) {
		l = &ls->v[ls->n];
		l->wanted = want->addr;
		if ((had = find(old, &want->addr)) == NULL)
			had = find(doomed, &want->addr);
		/* Steered, but not by us: this is a predecessor's. */
		if (had != NULL && (steer == NULL || had->group.fd != -1)) {
			*l = *had;
			ls->n++;
			continue;
		}
		errors += (unsigned int)open_one(l, want, had, c, steer,
		    report);
		if (l->fd != -1) {
			fresh.v[fresh.n++] = *l;
			ls->n++;
		}
	}
	if (errors == 0 && ls->n == 0) {
		conf_error(c, 0, report, "listen: no address is left");
		errors++;
	}
	if (errors == 0) {
		adjust(ls, c);
		return 0;
	}
	for (i = 0; i < fresh.n; i++)
		shut(&fresh.v[i], 1);
	ls->n = 0;
	return errors;
}

static void
drop(struct listeners *old, const struct listeners *new, int for_all)
{
	struct listener *l;

	for (l = old->v; l < old->v + old->n; l++)
		if (new == NULL || find(new, &l->wanted) == NULL)
			shut(l, for_all);
	/* What no child writes is one page for all of them. */
	if (old->n > 0)
		old->n = 0;
}

void
listeners_doom(struct listeners *doomed, const struct listeners *old,
    const struct listeners *new)
{
	const struct listeners *sources[] = { doomed, old };
	struct listeners all = { .n = 0 };
	struct listener l;
	size_t i, s;

	for (s = 0; s < 2; s++) {
		for (i = 0; i < sources[s]->n; i++) {
			l = sources[s]->v[i];
			if (find(new, &l.wanted) != NULL)
				continue;
			if (all.n < LISTENERS_MAX)
				all.v[all.n++] = l;
			else
				shut(&l, 1);
		}
	}
	*doomed = all;
}

void
listeners_shut(struct listeners *old, const struct listeners *new)
{
	drop(old, new, 1);
}

void
listeners_forget(struct listeners *old, const struct listeners *new)
{
	drop(old, new, 0);
}

/* Whether one of ls is this very socket. */
static int
uses(const struct listeners *ls, int fd)
{
	size_t i;

	for (i = 0; i < ls->n && ls->v[i].fd != fd; i++)
		;
	return i < ls->n;
}

/*
 * The program first: what the kernel moves from a listener that is shut goes
 * where the program in force says.
 */
int
listeners_take_over(struct listeners *ls, struct listeners *left,
    const struct steer *s)
{
	int fds[LISTENERS_MAX];
	struct listener *l;
	size_t n = 0;

	for (l = ls->v; l < ls->v + ls->n; l++)
		if (l->group.prog != -1 &&
		    steer_group_attach(&l->group, l->fd) == -1)
			return -1;
	for (l = left->v; l < left->v + left->n; l++)
		if (!uses(ls, l->fd))
			fds[n++] = l->fd;
	if (s != NULL && own_shut_shared(s, fds, n) == -1)
		log_warn_errno("no gate before the predecessor's listeners");
	for (l = left->v; l < left->v + left->n; l++)
		if (!uses(ls, l->fd))
			shut(l, 1);
	left->n = 0;
	return 0;
}

void
listeners_leave(struct listeners *ls, struct listeners *left)
{
	struct listener *l;

	for (l = ls->v; l < ls->v + ls->n; l++)
		steer_group_leave(&l->group);
	for (l = left->v; l < left->v + left->n; l++)
		if (!uses(ls, l->fd))
			close(l->fd);
}

int
listener_own(const struct listener *l)
{
	return open_bound(&l->addr, l->deferral);
}

unsigned int
listeners_queued(const struct listeners *ls)
{
	struct tcp_info info;
	unsigned int n = 0;
	socklen_t len;
	size_t i;

	for (i = 0; i < ls->n; i++) {
		len = sizeof(info);
		/* Of a listener, this is how many wait to be accepted. */
		if (getsockopt(ls->v[i].fd, IPPROTO_TCP, TCP_INFO, &info,
		    &len) == 0)
			n += info.tcpi_unacked;
	}
	return n;
}
