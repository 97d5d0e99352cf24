#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <poll.h>
#include <time.h>

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

/* Where nobody counts; who comes meanwhile has to send again. */
#define SETTLE CLOCK_MS

int
own_add(struct own *o, const struct gates *gates, int fd, int deferral)
{
	o->fds[o->n] = fd;
	if (gate_open(&o->gates[o->n], gates, fd, deferral) == -1)
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
own_took(struct own *o)
{
	o->taken++;
	if (o->owed > 0)
		o->owed--;
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

static void
pause_for(int64_t ns)
{
	const struct timespec ts = clock_timespec(ns);

	nanosleep(&ts, NULL);
}

/*
 * From now on handshakes cannot complete; those that were about to, have.  A
 * segment that passed a gate and completed nothing, a wrong one or one too
 * many, is waited for in vain.
 */
static void
settle(const struct own *o)
{
	const int64_t begin = clock_mono();
	uint64_t passed = 0;
	int64_t waited = 0;
	size_t i;

	for (i = 0; i < o->n; i++)
		passed += gate_close(&o->gates[i]);
	while (passed != completed(o) && waited < STALL) {
		if (waited > BRISK)
			pause_for(LOOK_AGAIN);
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
	for (i = 0; i < o->n; i++) {
		shutdown(o->fds[i], SHUT_RD);
		gate_reset(&o->gates[i]);
	}
	o->owed = 0;
	o->taken = 0;
}

void
own_shut_shared(const struct gates *gates, int fd)
{
	struct gate gate;

	if (gate_open(&gate, gates, fd, 0) == 0) {
		gate_close(&gate);
		pause_for(SETTLE);
		gate_free(&gate);
	}
	shutdown(fd, SHUT_RD);
}
