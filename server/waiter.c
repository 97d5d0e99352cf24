#include <sys/epoll.h>
#include <sys/signalfd.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "server/charge.h"
#include "server/conf.h"
#include "server/waiter.h"

/* How long accept rests when the system has run out of something. */
#define PAUSE (100 * CLOCK_MS)

/* Listeners, shared and own; signals, lifeline and baton. */
#define EVENTS_MAX (2 * CONF_LISTEN_MAX + 3)

/*
 * Both signals stay blocked for good: no request is interrupted, and none
 * comes too early or too late to be seen.
 */
static int
open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1)
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int
waiter_open(struct waiter *w, int lifeline)
{
	memset(w, 0, sizeof(*w));
	w->lifeline = lifeline;
	if ((w->signals = open_signals()) == -1 ||
	    (w->epoll = epoll_create1(EPOLL_CLOEXEC)) == -1 ||
	    waiter_add(w, w->signals, EPOLLIN, WAITER_RETIRE) == -1)
		return -1;
	/* No event is asked for: that nobody reads it any more is an error. */
	return waiter_add(w, lifeline, 0, WAITER_RETIRE | WAITER_ORPHANED);
}

int
waiter_add(struct waiter *w, int fd, uint32_t events, int what)
{
	struct epoll_event ev = { .events = events, .data.u32 = (uint32_t)what };

	return epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &ev);
}

void
waiter_remove(struct waiter *w, int fd)
{
	epoll_ctl(w->epoll, EPOLL_CTL_DEL, fd, NULL);
}

/* Waits out the pause: readable listeners would end any other wait at once. */
static int
rest(struct waiter *w)
{
	struct pollfd p[] = {
		{ .fd = w->signals, .events = POLLIN },
		{ .fd = w->lifeline },
	};

	if (poll(p, 2, clock_poll_ms(clock_mono(), w->pause_until)) > 0)
		return WAITER_RETIRE;
	if (clock_mono() >= w->pause_until)
		w->pause_until = 0;
	return 0;
}

int
waiter_wait(struct waiter *w, int timeout_ms)
{
	struct epoll_event ev[EVENTS_MAX];
	int i, n, what = 0;

	if (w->pause_until != 0)
		return rest(w);
	/* All at once: an event that is left behind may be a lost wake-up. */
	n = epoll_wait(w->epoll, ev, EVENTS_MAX, timeout_ms);
	/* Stopped and continued: whatever it was woken for is not reported. */
	if (n == -1)
		what = WAITER_SHARED;
	for (i = 0; i < n; i++) {
		what |= (int)ev[i].data.u32;
		if (ev[i].data.u32 == WAITER_SHARED &&
		    ev[i].events & EPOLLHUP)
			what |= WAITER_RETIRE;
	}
	return what;
}

int
waiter_retiring(const struct waiter *w)
{
	struct pollfd p[] = {
		{ .fd = w->signals, .events = POLLIN },
		{ .fd = w->lifeline },
	};

	return poll(p, 2, 0) > 0;
}

int
waiter_wait_for(const struct waiter *w, int fd, const int *fds, size_t n,
    int timeout_ms)
{
	struct pollfd p[CONF_LISTEN_MAX + 3] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = w->signals, .events = POLLIN },
		{ .fd = w->lifeline },
	};
	int what = 0;
	nfds_t i;

	for (i = 0; i < n; i++)
		p[3 + i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
	if (poll(p, 3 + n, timeout_ms) == -1)
		return 0;
	if (p[0].revents != 0)
		what |= WAITER_BYTES;
	if (p[1].revents != 0 || p[2].revents != 0)
		what |= WAITER_RETIRE;
	for (i = 0; i < n; i++)
		if (p[3 + i].revents != 0)
			what |= WAITER_SHARED;
	return what;
}

void
waiter_pause(struct waiter *w, const char *what)
{
	if (!w->failing)
		log_warn_errno("%s, which is retried", what);
	w->failing = 1;
	w->pause_until = clock_mono() + PAUSE;
}

/*
 * A worker that was woken for one of several listeners asks all of them, as
 * anybody may have been faster: else the wake-up that was another's is lost.
 */
int
waiter_accept(struct waiter *w, const int *fds, size_t n, struct addr *peer)
{
	size_t i;
	int fd;

	if (w->pause_until != 0)
		return -1;
	for (i = 0; i < n; i++) {
		peer->len = sizeof(peer->ss);
		fd = accept4(fds[i], (struct sockaddr *)&peer->ss, &peer->len,
		    SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd != -1) {
			w->failing = 0;
			return fd;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM) {
			waiter_pause(w, "accept");
			return -1;
		}
		/* None is there, or it died in the queue. */
	}
	return -1;
}

void
waiter_shut(const int *fds, size_t n)
{
	size_t i;

	if (!charge_is_ours())
		return;
	for (i = 0; i < n; i++)
		shutdown(fds[i], SHUT_RD);
}

int
waiter_pending(const int *fds, size_t n)
{
	struct pollfd p[CONF_LISTEN_MAX];
	size_t i;

	for (i = 0; i < n; i++)
		p[i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
	return poll(p, n, 0) > 0;
}
