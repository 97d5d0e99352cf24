/*
 * The gate before a listener, on real sockets in a network of the test's own:
 * what it counts, what it loses when it is closed, and for whom it is none.
 */
#include <sys/socket.h>

#include <errno.h>
#include <unistd.h>

#include "t/check.h"
#include "t/gated.h"
#include "t/network.h"

static struct gated *g;

static void
test_count(int family, int deferral, const char *name)
{
	int fd = gated_open(g, family, deferral), from[2], to[2];

	is_int(gated_passed(g), 0, "%s: nobody has passed", name);
	from[0] = gated_speak(g, fd, &to[0]);
	ok(to[0] != -1, "%s: a connection", name);
	is_int(gated_passed(g), 1, "%s: is counted once", name);
	from[1] = gated_speak(g, fd, &to[1]);
	send(from[0], "more", 4, 0);
	is_int(gated_passed(g), 2,
	    "%s: and so is the next, whatever they send", name);
	close(from[0]);
	close(from[1]);
	close(to[0]);
	close(to[1]);
	is_int(gated_passed(g), 2, "%s: their end is not counted", name);
	is_int((long long)gate_close(gated_word(g, 1)), 2,
	    "%s: who closes it is told", name);
	own_open(&g->own);
	is_int(gated_passed(g), 0, "%s: it counts anew", name);
	from[0] = gated_speak(g, fd, &to[0]);
	ok(to[0] != -1, "%s: and lets pass again", name);
	is_int(gated_passed(g), 1, "%s: as it did before", name);
	close(from[0]);
	close(to[0]);
	gated_close(g);
}

static void
test_closed(int family, int deferral, const char *name)
{
	int fd = gated_open(g, family, deferral), from, to;
	char text[5] = "";

	gate_close(gated_word(g, 1));
	from = place_client(&g->place);
	ok(from != -1, "%s: a closed gate lets a SYN pass", name);
	is_int(steer_busy(&g->steer, 1), 0, "%s: which has claimed it", name);
	is_int(send(from, "late", 4, 0), 4,
	    "%s: the client thinks it is through", name);
	is_int(accept(fd, NULL, NULL), -1,
	    "%s: the listener has not heard of it", name);
	is_int(shutdown(fd, SHUT_RD), 0, "%s: it is shut", name);
	to = place_accepted(g->place.shared);
	recv(to, text, 4, MSG_WAITALL);
	is_string(text, "late", "%s: the connection comes to the shared one",
	    name);
	close(from);
	close(to);
	gated_close(g);
}

/* Listeners take data with a SYN, and clients send it without a cookie. */
#define FAST_OPEN	0x607

/* A client whose SYN brings what it has to say. */
static int
hasten(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	steer_idle(&g->steer, 1);
	(void)sendto(fd, "fast", 4, MSG_FASTOPEN,
	    (struct sockaddr *)&g->place.ss, g->place.len);
	return fd;
}

/* A SYN that is a connection already. */
static void
test_fast_open(void)
{
	int fd, from, to;
	char text[5] = "";

	if (network_set("ipv4/tcp_fastopen", FAST_OPEN) == -1) {
		skip(4, "no TCP Fast Open here");
		return;
	}
	fd = gated_open(g, AF_INET, 0);
	from = hasten();
	to = accept(fd, NULL, NULL);
	ok(to != -1, "fast open: is in the queue with its SYN");
	recv(to, text, 4, MSG_WAITALL);
	is_string(text, "fast", "fast open: and so is what it says");
	is_int(gated_passed(g), 0, "fast open: which is not counted");
	close(from);
	close(to);
	gate_close(gated_word(g, 1));
	from = hasten();
	to = accept(fd, NULL, NULL);
	ok(to == -1 && errno == EAGAIN, "fast open: a closed gate loses it");
	close(from);
	gated_close(g);
	network_set("ipv4/tcp_fastopen", 1);
}

/* Those that have passed inherit the filter. */
static void
test_connection(void)
{
	int fd = gated_open(g, AF_INET, 0), from, to;
	char text[5] = "";

	from = gated_speak(g, fd, &to);
	recv(to, text, 4, MSG_WAITALL);
	gate_close(gated_word(g, 1));
	is_int(send(from, "more", 4, 0), 4, "a connection with more to read");
	recv(to, text, 4, MSG_WAITALL);
	is_string(text, "more", "is none of the gate's");
	close(from);
	close(to);
	gated_close(g);
}

/* Two slots have nothing to do with each other. */
static void
test_neighbours(void)
{
	static struct own other;
	int fd = gated_open(g, AF_INET, 0);
	int theirs = gated_listener(g, &other, 2, 0);
	int from, to;

	ok(steer_gate(1) / 8 != steer_gate(2) / 8,
	    "neighbours' gates have a cache line each");
	gate_close(gated_word(g, 2));
	from = gated_speak(g, fd, &to);
	ok(to != -1, "a neighbour's gate is closed: this one is not");
	is_int(gated_passed(g), 1, "it counts");
	is_int((long long)(*gated_word(g, 2) & GATE_COUNT), 0,
	    "the other one does not");
	close(from);
	close(to);
	close(theirs);
	gated_close(g);
}

/* Every gate is another word, within its part. */
static void
test_words(void)
{
	static unsigned char had[STEER_WORDS];
	unsigned int slot, n, outside = 0, twice = 0;

	for (slot = 0; slot <= STEER_SHARED; slot++) {
		n = steer_gate(slot);
		outside += n < STEER_GATES || n >= STEER_WORDS;
		twice += n < STEER_WORDS && had[n]++;
	}
	is_int(outside, 0, "no gate's word is anything else");
	is_int(twice, 0, "nor another gate's");
}

/* A worker has been killed behind its closed gate; another has its slot. */
static void
test_successor(void)
{
	int fd = gated_open(g, AF_INET, 0), from, to, next;

	*gated_word(g, 1) += 7;
	gate_remove(&g->steer.gates, 1, 0);
	own_init(&g->own, &g->steer, 1, 0);
	ok((*gated_word(g, 1) & GATE_CLOSED) != 0,
	    "a successor's gate is closed until it listens");
	next = gated_listener(g, &g->own, 1, 0);
	is_int(gated_passed(g), 0, "a successor counts from 0");
	from = gated_speak(g, next, &to);
	ok(to != -1, "and lets in");
	is_int(gated_passed(g), 1, "and counts");
	close(from);
	close(to);
	/* Its listener's entry is gone, though the listener is not. */
	gate_close(gated_word(g, 1));
	is_int(steer_group_put(&g->place.group, 3, fd), 0, "the old listener");
	steer_idle(&g->steer, 3);
	from = place_client(&g->place);
	to = place_accepted(fd);
	ok(to != -1, "has no gate any more");
	close(from);
	close(to);
	close(fd);
	gated_close(g);
}

int
main(void)
{
	g = gated_start();
	test_count(AF_INET, 0, "at once");
	test_count(AF_INET, 5, "deferred");
	test_count(AF_INET6, 0, "IPv6");
	test_count(AF_INET6, 5, "IPv6, deferred");
	test_closed(AF_INET, 0, "at once");
	test_closed(AF_INET, 5, "deferred");
	test_closed(AF_INET6, 0, "IPv6");
	test_closed(AF_INET6, 5, "IPv6, deferred");
	test_fast_open();
	test_connection();
	test_words();
	test_neighbours();
	test_successor();
	gated_end(g);
	return exit_status();
}
