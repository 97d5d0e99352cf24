#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "server/balance.h"
#include "server/board.h"

/* How long accept rests when the system has run out of something. */
#define PAUSE (100 * CLOCK_MS)

/*
 * How long an idle worker has to take a connection that a worker with a kept
 * one has seen too.
 */
#define YIELD CLOCK_MS

/*
 * Both signals stay blocked for good: no request is interrupted, and none
 * comes too early or too late to be seen.
 */
static int
open_signals(struct balance *b)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		return -1;
	b->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return b->signals == -1 ? -1 : 0;
}

static int
watch(const struct balance *b, int fd, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.fd = fd };

	return epoll_ctl(b->epoll, EPOLL_CTL_ADD, fd, &ev);
}

int
balance_in_force(const struct conf *c)
{
	return c->balance == BALANCE_HASH ? BALANCE_HASH : BALANCE_SHARED;
}

int
balance_open(struct balance *b, const struct conf *c, struct listeners *ls,
    int lifeline)
{
	struct listener *l;

	memset(b, 0, sizeof(*b));
	b->policy = balance_in_force(c);
	b->own = b->policy == BALANCE_HASH;
	b->lifeline = lifeline;
	if (open_signals(b) == -1 ||
	    (b->epoll = epoll_create1(EPOLL_CLOEXEC)) == -1)
		return -1;
	for (l = ls->v; l < ls->v + ls->n; l++) {
		if (b->own) {
			close(l->fd);
			l->fd = listener_own(l, (int)c->backlog);
		}
		/* One connection wakes one worker, not all that are idle. */
		if (l->fd == -1 || watch(b, l->fd,
		    EPOLLIN | (b->own ? 0 : EPOLLEXCLUSIVE)) == -1)
			return -1;
		b->fds[b->n++] = l->fd;
	}
	/* No event is asked for: that nobody reads it any more is an error. */
	if (watch(b, b->signals, EPOLLIN) == -1)
		return -1;
	return watch(b, lifeline, 0);
}

/* The kernel has run out of something that others will give back. */
static void
pause_accept(struct balance *b)
{
	if (!b->failing)
		log_warn_errno("accept, which is retried");
	b->failing = 1;
	b->pause_until = clock_mono() + PAUSE;
}

/*
 * A worker has been woken for one of several listeners, and anybody may have
 * been faster: it asks all of them before it sleeps again, or the wake-up
 * that was another connection's would be lost.
 */
static int
accept_any(struct balance *b, struct addr *peer)
{
	size_t i;
	int fd;

	for (i = 0; i < b->n; i++) {
		peer->len = sizeof(peer->ss);
		fd = accept4(b->fds[i], (struct sockaddr *)&peer->ss,
		    &peer->len, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd != -1) {
			b->failing = 0;
			return fd;
		}
		switch (errno) {
		case EMFILE:
		case ENFILE:
		case ENOBUFS:
		case ENOMEM:
			pause_accept(b);
			return -1;
		default:
			/* None is there, or it died in the queue. */
			continue;
		}
	}
	return -1;
}

/*
 * No new connection is this worker's from now on.  But what waits in a queue
 * of its own is nobody else's to serve; what comes later, it cannot wait for.
 */
static void
begin_retiring(struct balance *b)
{
	struct tcp_info info;
	socklen_t len;
	size_t i;

	b->retiring = 1;
	for (i = 0; b->own && i < b->n; i++) {
		len = sizeof(info);
		/* Of a listener, this is how many wait to be accepted. */
		if (getsockopt(b->fds[i], IPPROTO_TCP, TCP_INFO, &info,
		    &len) == 0)
			b->drain += info.tcpi_unacked;
	}
}

/* Waits for a signal or the master's death, and for nothing else. */
static void
rest(struct balance *b)
{
	struct pollfd p[] = {
		{ .fd = b->signals, .events = POLLIN },
		{ .fd = b->lifeline },
	};
	int64_t now = clock_mono();

	if (poll(p, 2, clock_poll_ms(now, b->pause_until)) > 0)
		begin_retiring(b);
	else if (clock_mono() >= b->pause_until)
		b->pause_until = 0;
}

/* Waits until there is something to accept, or to retire for. */
static void
wait_any(struct balance *b)
{
	struct epoll_event ev[CONF_LISTEN_MAX + 2];
	int i, n;

	/* Readable listeners would end this wait at once, again and again. */
	if (b->pause_until != 0) {
		rest(b);
		return;
	}
	n = epoll_wait(b->epoll, ev, CONF_LISTEN_MAX + 2, -1);
	for (i = 0; i < n; i++)
		/* A listener hangs up when the master has shut it. */
		if (ev[i].data.fd == b->lifeline ||
		    ev[i].data.fd == b->signals || ev[i].events & EPOLLHUP)
			begin_retiring(b);
}

enum balance_event
balance_accept(struct balance *b, int *fd, struct addr *peer)
{
	while (!b->retiring) {
		wait_any(b);
		if (!b->retiring && b->pause_until == 0 &&
		    (*fd = accept_any(b, peer)) != -1)
			return BALANCE_CONNECTION;
	}
	if (b->drain > 0) {
		b->drain--;
		if ((*fd = accept_any(b, peer)) != -1)
			return BALANCE_CONNECTION;
	}
	return BALANCE_RETIRE;
}

int
balance_wanted(const struct balance *b)
{
	struct pollfd p[CONF_LISTEN_MAX];
	size_t i;

	for (i = 0; i < b->n; i++)
		p[i] = (struct pollfd){ .fd = b->fds[i], .events = POLLIN };
	if (poll(p, b->n, 0) <= 0)
		return 0;
	return b->own || !board_any_idle();
}

/*
 * What ends the next poll(2) although nothing came: the deadline, the moment
 * from which others count, or that an idle worker has had its chance.
 */
static int64_t
keep_until(int64_t now, int64_t selfless_from, int64_t deadline, int yield)
{
	int64_t until = deadline;

	if (now < selfless_from && selfless_from < until)
		until = selfless_from;
	if (yield && now + YIELD < until)
		until = now + YIELD;
	return until;
}

enum balance_event
balance_keep(struct balance *b, int fd, int64_t selfless_from,
    int64_t deadline)
{
	struct pollfd p[CONF_LISTEN_MAX + 3];
	int64_t now, until;
	int yield = 0;
	nfds_t i, n;

	for (;;) {
		if ((now = clock_mono()) >= deadline)
			return BALANCE_TIMEOUT;
		p[0] = (struct pollfd){ .fd = fd, .events = POLLIN };
		p[1] = (struct pollfd){ .fd = b->signals, .events = POLLIN };
		p[2] = (struct pollfd){ .fd = b->lifeline };
		n = 3;
		for (i = 0; i < b->n && !yield && now >= selfless_from; i++)
			p[n++] = (struct pollfd){
			    .fd = b->fds[i], .events = POLLIN };
		until = keep_until(now, selfless_from, deadline, yield);
		if (poll(p, n, clock_poll_ms(now, until)) == -1)
			return BALANCE_TIMEOUT;
		if (p[1].revents != 0 || p[2].revents != 0) {
			begin_retiring(b);
			return BALANCE_RETIRE;
		}
		if (p[0].revents != 0)
			return BALANCE_READY;
		for (yield = 0, i = 3; i < n; i++)
			yield |= p[i].revents != 0;
		if (yield && balance_wanted(b))
			return BALANCE_WANTED;
	}
}
