#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <err.h>
#include <poll.h>
#include <unistd.h>

#include "t/check.h"
#include "t/gated.h"
#include "t/network.h"

struct gated *
gated_start(void)
{
	struct gated *g = mmap(NULL, sizeof(*g), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (g == MAP_FAILED)
		err(1, "mmap");
	if (network_own() == -1)
		plan_skip_all("no network of its own: only root may");
	if (steer_open(&g->steer) == -1)
		plan_skip_all("no CAP_BPF, or a kernel without steering");
	plan_no_plan();
	alarm(120);
	return g;
}

void
gated_end(struct gated *g)
{
	steer_close(&g->steer);
	munmap(g, sizeof(*g));
}

int
gated_listener(struct gated *g, struct own *o, unsigned int slot, int deferral)
{
	int fd = place_own(&g->place, slot);

	setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &deferral,
	    sizeof(deferral));
	own_init(o, &g->steer, slot, deferral);
	if (own_add(o, fd) == -1)
		err(1, "own_add");
	own_open(o);
	return fd;
}

int
gated_open(struct gated *g, int family, int deferral)
{
	int fd;

	if (place_open(&g->place, &g->steer, family, 0) == -1)
		err(1, "place_open");
	fd = gated_listener(g, &g->own, 1, deferral);
	steer_idle(&g->steer, 1);
	return fd;
}

void
gated_close(struct gated *g)
{
	steer_busy(&g->steer, 1);
	close(g->own.fds[0]);
	place_close(&g->place);
}

/*
 * Where the ACK completes it, that is over before anything is said: on two
 * processors the kernel may be at work on both, and both pass.
 */
int
gated_speak(struct gated *g, int listener, int *to)
{
	struct pollfd ready = { .fd = listener, .events = POLLIN };
	int from;

	steer_idle(&g->steer, 1);
	from = place_client(&g->place);
	if (g->own.deferral == 0)
		poll(&ready, 1, PLACE_PATIENCE_MS);
	send(from, "some", 4, 0);
	*to = place_accepted(listener);
	return from;
}

volatile uint64_t *
gated_word(struct gated *g, unsigned int slot)
{
	return &g->steer.words[steer_gate(slot)];
}

long long
gated_passed(struct gated *g)
{
	return (long long)(*gated_word(g, 1) & GATE_COUNT);
}
