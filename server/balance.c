#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/balance.h"
#include "server/board.h"

/*
 * How long an idle worker has to take a connection that a worker with a kept
 * one has seen too.
 */
#define YIELD CLOCK_MS

/*
 * How often a worker that leaves looks whether somebody has come to its own
 * queue, at the least: whoever comes later is lost.
 */
#define LAST_LOOKS 64

/* `shared': one connection wakes one worker, not all that are idle. */
static int
open_shared(struct balance *b, const struct balance_setup *setup)
{
	struct listeners *ls = setup->listeners;

	for (b->n = 0; b->n < ls->n; b->n++) {
		b->fds[b->n] = ls->v[b->n].fd;
		if (waiter_add(&b->waiter, b->fds[b->n],
		    EPOLLIN | EPOLLEXCLUSIVE, WAITER_SHARED) == -1)
			return -1;
	}
	return 0;
}

/* `hash': listeners of its own, in the place of the master's. */
static int
open_hash(struct balance *b, const struct balance_setup *setup)
{
	struct listeners *ls = setup->listeners;
	int fd;

	for (b->n = 0; b->n < ls->n; b->n++) {
		close(ls->v[b->n].fd);
		if ((fd = listener_own(&ls->v[b->n])) == -1)
			return -1;
		b->fds[b->n] = fd;
		if (listen(fd, setup->backlog) == -1 ||
		    waiter_add(&b->waiter, fd, EPOLLIN, WAITER_OWN) == -1)
			return -1;
	}
	return 0;
}

int
balance_open(struct balance *b, const struct balance_setup *setup)
{
	memset(b, 0, sizeof(*b));
	b->policy = setup->policy;
	if (waiter_open(&b->waiter, setup->lifeline) == -1)
		return -1;
	switch (b->policy) {
	case BALANCE_IDLE:
		return idle_open(&b->idle, &b->waiter, setup->listeners,
		    setup->steering, setup->slot, setup->backlog);
	case BALANCE_HASH:
		return open_hash(b, setup);
	default:
		return open_shared(b, setup);
	}
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

	if (b->retiring)
		return;
	b->retiring = 1;
	for (i = 0; b->policy == BALANCE_HASH && i < b->n; i++) {
		len = sizeof(info);
		/* Of a listener, this is how many wait to be accepted. */
		if (getsockopt(b->fds[i], IPPROTO_TCP, TCP_INFO, &info,
		    &len) == 0)
			b->drain += info.tcpi_unacked;
	}
}

void
balance_retire(struct balance *b)
{
	begin_retiring(b);
	b->leaving = 1;
	/* Who has just been answered may be back before this worker is gone. */
	if (b->policy == BALANCE_HASH)
		b->drain += LAST_LOOKS;
}

/*
 * `shared' and `hash': the next connection, or -1 to retire.  Who was woken for
 * one takes it even so: the kernel would wake nobody else for it.
 */
static int
accept_next(struct balance *b, struct addr *peer)
{
	int fd, what;
	size_t i;

	while (!b->retiring) {
		what = waiter_wait(&b->waiter, -1);
		if (what & WAITER_ORPHANED && b->policy == BALANCE_SHARED)
			waiter_shut(b->fds, b->n);
		if (what & WAITER_RETIRE)
			begin_retiring(b);
		if (b->retiring && !(what & WAITER_SHARED))
			break;
		if ((fd = waiter_accept(&b->waiter, b->fds, b->n,
		    peer)) != -1)
			return fd;
	}
	while (b->drain > 0) {
		b->drain--;
		/* A pause would end only after this worker. */
		b->waiter.pause_until = 0;
		if ((fd = waiter_accept(&b->waiter, b->fds, b->n,
		    peer)) != -1)
			return fd;
	}
	/* Not only when the process is gone, which takes far longer. */
	for (i = 0; b->policy == BALANCE_HASH && i < b->n; i++)
		close(b->fds[i]);
	b->n = 0;
	return -1;
}

enum balance_event
balance_accept(struct balance *b, int *fd, struct addr *peer)
{
	if (b->policy != BALANCE_IDLE)
		*fd = accept_next(b, peer);
	else if (b->leaving)
		*fd = idle_leave(&b->idle, &b->waiter);
	else
		*fd = idle_accept(&b->idle, &b->waiter, peer);
	return *fd == -1 ? BALANCE_RETIRE : BALANCE_CONNECTION;
}

/* Where a connection is queued that this worker could take. */
static const int *
queues(const struct balance *b, size_t *n)
{
	*n = b->policy == BALANCE_IDLE ? b->idle.n : b->n;
	return b->policy == BALANCE_IDLE ? b->idle.shared : b->fds;
}

int
balance_wanted(const struct balance *b)
{
	const int *fds;
	size_t n;

	fds = queues(b, &n);
	return waiter_pending(fds, n) &&
	    (b->policy == BALANCE_HASH || !board_any_idle());
}

/*
 * What ends the next wait although nothing came: the deadline, the moment
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
	const int *fds;
	int yield = 0, what;
	int64_t now, until;
	size_t n;

	fds = queues(b, &n);
	while ((now = clock_mono()) < deadline) {
		until = keep_until(now, selfless_from, deadline, yield);
		what = waiter_wait_for(&b->waiter, fd, fds,
		    yield || now < selfless_from ? 0 : n,
		    clock_poll_ms(now, until));
		if (what & WAITER_RETIRE)
			begin_retiring(b);
		/* What has come already is still answered. */
		if (what & WAITER_BYTES)
			return BALANCE_READY;
		if (what & WAITER_RETIRE)
			return BALANCE_RETIRE;
		yield = (what & WAITER_SHARED) != 0;
		if (yield && balance_wanted(b))
			return BALANCE_WANTED;
	}
	return BALANCE_TIMEOUT;
}
