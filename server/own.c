#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "common/clock.h"
#include "server/own.h"

/* How long a handshake may take that is waited for: a neighbour's. */
#define GRACE (250 * CLOCK_US)

/*
 * How long the kernel works on one segment: 3 us, unless somebody takes its
 * processor away, as another machine under the same hypervisor does for some
 * milliseconds.
 */
#define BRISK (20 * CLOCK_US)
#define STALL (20 * CLOCK_MS)
#define LOOK_AGAIN (50 * CLOCK_US)

/* Where it is not known who is counted and has not completed. */
#define SETTLE CLOCK_MS

static volatile uint64_t *
gate_of(const struct steer *s, unsigned int slot)
{
	return &s->words[steer_gate(slot)];
}

/* The gate is closed whenever they do not listen. */
void
own_init(struct own *o, const struct steer *s, unsigned int slot, int deferral)
{
	memset(o, 0, sizeof(*o));
	o->steer = s;
	o->slot = slot;
	o->deferral = deferral;
	gate_close(gate_of(s, slot));
}

int
own_add(struct own *o, int fd)
{
	o->fds[o->n] = fd;
	if (gate_place(&o->steer->gates, o->slot, o->n, fd) == -1)
		return -1;
	o->n++;
	return 0;
}

int
own_listen(const struct own *o, size_t n, int backlog)
{
	return listen(o->fds[n], backlog);
}

void
own_open(struct own *o)
{
	gate_open(gate_of(o->steer, o->slot), o->deferral > 0);
	o->taken = 0;
}

/*
 * When all have come that were owed, nobody else is on the way: what has passed
 * and completed nothing is forgotten.
 */
void
own_took(struct own *o)
{
	o->taken++;
	if (o->owed > 0 && --o->owed == 0)
		own_open(o);
}

/* Whether one of them has a connection, or gets one in time. */
static int
arrives(const struct own *o, int64_t deadline)
{
	struct pollfd p[STEER_GROUPS];
	struct timespec left;
	int64_t now = clock_mono();
	size_t i;

	for (i = 0; i < o->n; i++)
		p[i] = (struct pollfd){ .fd = o->fds[i], .events = POLLIN };
	left = clock_timespec(now < deadline ? deadline - now : 0);
	return ppoll(p, o->n, &left, NULL) > 0;
}

/* Handshakes that have completed since they were shut. */
static uint64_t
completed(const struct own *o)
{
	struct tcp_info info;
	uint64_t n = o->taken;
	socklen_t len;
	size_t i;

	for (i = 0; i < o->n; i++) {
		len = sizeof(info);
		/* Of a listener, this is how many wait to be accepted. */
		if (getsockopt(o->fds[i], IPPROTO_TCP, TCP_INFO, &info,
		    &len) == 0)
			n += info.tcpi_unacked;
	}
	return n;
}

/*
 * For how long somebody may be between the gate and the queue, ns.  Who has
 * completed uncounted hides somebody who is counted and has not.  While they
 * defer, somebody may complete uncounted.
 */
static int64_t
patience(const struct own *o, uint64_t passed)
{
	const uint64_t n = completed(o);

	if (n < passed)
		return STALL;
	if (n > passed)
		return SETTLE;
	return o->deferral > 0 ? BRISK : 0;
}

/* From now on none can complete; those that were about to, have. */
static void
settle(const struct own *o)
{
	const uint64_t passed = gate_close(gate_of(o->steer, o->slot));
	const int64_t begin = clock_mono();
	int64_t waited = 0;

	while (waited < patience(o, passed)) {
		if (waited > BRISK)
			(void)clock_sleep_until(clock_mono() + LOOK_AGAIN);
		waited = clock_mono() - begin;
	}
}

/*
 * Those that are owed one connection, and have it in a queue, have none under
 * way.  Otherwise one may complete at any moment.
 */
void
own_shut(struct own *o)
{
	size_t i;

	if (o->owed > 0 && (!arrives(o, o->claimed_at + GRACE) || o->owed > 1))
		settle(o);
	gate_close(gate_of(o->steer, o->slot));
	for (i = 0; i < o->n; i++)
		shutdown(o->fds[i], SHUT_RD);
	o->owed = 0;
}

int
own_shut_shared(const struct steer *s, const int *fds, size_t n)
{
	int error = 0;
	size_t i;

	gate_close(gate_of(s, STEER_SHARED));
	for (i = 0; i < n; i++)
		if (gate_place(&s->gates, STEER_SHARED, i, fds[i]) == -1)
			error = errno;
	(void)clock_sleep_until(clock_mono() + SETTLE);
	for (i = 0; i < n; i++) {
		shutdown(fds[i], SHUT_RD);
		gate_remove(&s->gates, STEER_SHARED, i);
	}
	errno = error;
	return error == 0 ? 0 : -1;
}
