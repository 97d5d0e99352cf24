/*
 * The gate before a listener, on real sockets in a network of the test's own:
 * what it counts, what it loses when it is closed, and for whom own_shut waits.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/own.h"
#include "server/steer.h"
#include "t/check.h"
#include "t/network.h"
#include "t/place.h"

#define ROUNDS	20

static struct steer steer;
static struct place p;

/* In memory that children share. */
static struct own *own;
static int *done;

static volatile uint64_t *
word(unsigned int slot)
{
	return &steer.words[steer_gate(slot)];
}

static long long
passed(void)
{
	return (long long)(*word(1) & GATE_COUNT);
}

/* A listener of the slot's, which has a gate.  Gives it. */
static int
gated(struct own *o, unsigned int slot, int deferral)
{
	int fd = place_own(&p, slot);

	setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &deferral,
	    sizeof(deferral));
	own_init(o, &steer, slot, deferral);
	if (own_add(o, fd) == -1)
		err(1, "own_add");
	own_open(o);
	return fd;
}

/* Slot 1 has a listener and is idle.  Gives it. */
static int
open_own(int family, int deferral)
{
	int fd;

	place_open(&p, &steer, family, 0);
	fd = gated(own, 1, deferral);
	steer_idle(&steer, 1);
	return fd;
}

static void
close_own(void)
{
	steer_busy(&steer, 1);
	close(own->fds[0]);
	place_close(&p);
}

/*
 * A connection whose client has said something; *to is its other end.  Where
 * the ACK completes it, that is over before anything is said: on two processors
 * the kernel may be at work on both, and both pass.
 */
static int
speak(int listener, int *to)
{
	struct pollfd ready = { .fd = listener, .events = POLLIN };
	int from;

	steer_idle(&steer, 1);
	from = place_client(&p);
	if (own->deferral == 0)
		poll(&ready, 1, PLACE_PATIENCE_MS);
	send(from, "some", 4, 0);
	*to = place_accepted(listener);
	return from;
}

static void
test_count(int family, int deferral, const char *name)
{
	int fd = open_own(family, deferral), from[2], to[2];

	is_int(passed(), 0, "%s: nobody has passed", name);
	from[0] = speak(fd, &to[0]);
	ok(to[0] != -1, "%s: a connection", name);
	is_int(passed(), 1, "%s: is counted once", name);
	from[1] = speak(fd, &to[1]);
	send(from[0], "more", 4, 0);
	is_int(passed(), 2, "%s: and so is the next, whatever they send", name);
	close(from[0]);
	close(from[1]);
	close(to[0]);
	close(to[1]);
	is_int(passed(), 2, "%s: their end is not counted", name);
	is_int((long long)gate_close(word(1)), 2,
	    "%s: who closes it is told", name);
	own_open(own);
	is_int(passed(), 0, "%s: it counts anew", name);
	from[0] = speak(fd, &to[0]);
	ok(to[0] != -1, "%s: and lets pass again", name);
	is_int(passed(), 1, "%s: as it did before", name);
	close(from[0]);
	close(to[0]);
	close_own();
}

static void
test_closed(int family, int deferral, const char *name)
{
	int fd = open_own(family, deferral), from, to;
	char text[5] = "";

	gate_close(word(1));
	from = place_client(&p);
	ok(from != -1, "%s: a closed gate lets a SYN pass", name);
	is_int(steer_busy(&steer, 1), 0, "%s: which has claimed it", name);
	is_int(send(from, "late", 4, 0), 4,
	    "%s: the client thinks it is through", name);
	is_int(accept(fd, NULL, NULL), -1,
	    "%s: the listener has not heard of it", name);
	is_int(shutdown(fd, SHUT_RD), 0, "%s: it is shut", name);
	to = place_accepted(p.shared);
	recv(to, text, 4, MSG_WAITALL);
	is_string(text, "late", "%s: the connection comes to the shared one",
	    name);
	close(from);
	close(to);
	close_own();
}

/* Listeners take data with a SYN, and clients send it without a cookie. */
#define FAST_OPEN	0x607

/* A client whose SYN brings what it has to say. */
static int
hasten(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	steer_idle(&steer, 1);
	(void)sendto(fd, "fast", 4, MSG_FASTOPEN,
	    (struct sockaddr *)&p.ss, p.len);
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
	fd = open_own(AF_INET, 0);
	from = hasten();
	to = accept(fd, NULL, NULL);
	ok(to != -1, "fast open: is in the queue with its SYN");
	recv(to, text, 4, MSG_WAITALL);
	is_string(text, "fast", "fast open: and so is what it says");
	is_int(passed(), 0, "fast open: which is not counted");
	close(from);
	close(to);
	gate_close(word(1));
	from = hasten();
	to = accept(fd, NULL, NULL);
	ok(to == -1 && errno == EAGAIN, "fast open: a closed gate loses it");
	close(from);
	close_own();
	network_set("ipv4/tcp_fastopen", 1);
}

/* Those that have passed inherit the filter. */
static void
test_connection(void)
{
	int fd = open_own(AF_INET, 0), from, to;
	char text[5] = "";

	from = speak(fd, &to);
	recv(to, text, 4, MSG_WAITALL);
	gate_close(word(1));
	is_int(send(from, "more", 4, 0), 4, "a connection with more to read");
	recv(to, text, 4, MSG_WAITALL);
	is_string(text, "more", "is none of the gate's");
	close(from);
	close(to);
	close_own();
}

/*
 * A segment has passed, as it seems, and the kernel is still at work on it when
 * the gate is closed.  Gives whether that was waited for.
 */
static int
between(void)
{
	int status = 1;
	pid_t pid;

	open_own(AF_INET, 0);
	(*word(1))++;
	own->owed = 2;
	*done = 0;
	if ((pid = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while ((*word(1) & GATE_CLOSED) == 0)
			continue;
		clock_sleep_until(clock_mono() + 2 * CLOCK_MS);
		*done = 1;
		__atomic_fetch_add(&own->taken, 1, __ATOMIC_SEQ_CST);
		_exit(0);
	}
	own_shut(own);
	is_int(own->owed, 0, "nothing is owed any more");
	ok((*word(1) & GATE_CLOSED) != 0, "and nobody can pass");
	status = *done;
	waitpid(pid, NULL, 0);
	close_own();
	return status;
}

static void
test_between(void)
{
	int i, waited = 0;

	/* A child that is not run for 20 ms has waited too long itself. */
	for (i = 0; i < 20 && !waited; i++)
		waited = between();
	ok(waited, "who is between the gate and the queue is waited for");
}

/* It passed, and nothing will come of it. */
static void
test_stray(void)
{
	int fd = open_own(AF_INET, 0);
	int64_t begin = clock_mono();

	(*word(1))++;
	own->owed = 2;
	own_shut(own);
	ok(clock_mono() - begin >= 20 * CLOCK_MS,
	    "who never comes is waited for, too");
	is_int(accept(fd, NULL, NULL) == -1 && errno == EINVAL, 1,
	    "but not for ever");
	close_own();
}

/* It passed, but all that were owed have come. */
static void
test_forgotten(void)
{
	open_own(AF_INET, 0);
	*word(1) += 3;
	own->owed = 2;
	own_took(own);
	is_int(passed(), 3, "while one is owed, strays are not told apart");
	own_took(own);
	is_int(passed() | (long long)own->taken, 0, "then they are forgotten");
	own_took(own);
	is_int((long long)own->taken, 1, "who comes unasked is counted");
	close_own();
}

/* Several rounds of something: how many of them took no 20 ms. */
static int
brief_ones(int64_t (*round)(int), int fd)
{
	int i, n = 0;

	for (i = 0; i < ROUNDS; i++)
		n += round(fd) < 20 * CLOCK_MS;
	return n;
}

/*
 * What is queued counts like what has been accepted.  Three connections, of
 * which one is accepted and two are moved; gives what the shut took, ns.
 */
static int64_t
shut_with_queue(int fd)
{
	int from[3], to[3], i;
	int64_t begin;

	for (i = 0; i < 3; i++) {
		steer_idle(&steer, 1);
		from[i] = place_client(&p);
	}
	own->owed = 3;
	to[0] = place_accepted(fd);
	own_took(own);
	is_int(passed(), 3, "three have passed");
	begin = clock_mono();
	own_shut(own);
	begin = clock_mono() - begin;
	to[1] = place_accepted(p.shared);
	to[2] = place_accepted(p.shared);
	ok(to[1] != -1 && to[2] != -1, "and two have moved");
	for (i = 0; i < 3; i++) {
		close(from[i]);
		close(to[i]);
	}
	is_int(own_listen(own, 0, 100), 0, "it listens again");
	is_int(steer_group_put(&p.group, 1, fd), 0, "and is in its group");
	own_open(own);
	is_int(passed() | (long long)own->taken, 0, "with nobody counted");
	return begin;
}

static void
test_queue(void)
{
	int fd = open_own(AF_INET, 0), from, to;

	/* Whoever is waited for in vain is waited for each time. */
	is_int(brief_ones(shut_with_queue, fd) > ROUNDS / 2, 1,
	    "nobody is waited for");
	from = speak(fd, &to);
	ok(to != -1, "who comes now is let in");
	close(from);
	close(to);
	close_own();
}

/* One more has completed than was counted. */
static int64_t
shut_uncounted(int fd)
{
	int64_t begin = clock_mono();

	(void)fd;
	own->owed = 2;
	own->taken = 1;
	own_shut(own);
	begin = clock_mono() - begin;
	ok(begin >= CLOCK_MS, "who may hide behind that is waited for");
	own_open(own);
	return begin;
}

static void
test_uncounted(void)
{
	int fd = open_own(AF_INET, 5);

	is_int(brief_ones(shut_uncounted, fd) > ROUNDS / 2, 1,
	    "but not for longer");
	close_own();
}

/* Two slots have nothing to do with each other. */
static void
test_neighbours(void)
{
	static struct own other;
	int fd = open_own(AF_INET, 0), theirs = gated(&other, 2, 0);
	int from, to;

	ok(steer_gate(1) / 8 != steer_gate(2) / 8,
	    "neighbours' gates have a cache line each");
	gate_close(word(2));
	from = speak(fd, &to);
	ok(to != -1, "a neighbour's gate is closed: this one is not");
	is_int(passed(), 1, "it counts");
	is_int((long long)(*word(2) & GATE_COUNT), 0, "the other one does not");
	close(from);
	close(to);
	close(theirs);
	close_own();
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
	int fd = open_own(AF_INET, 0), from, to, next;

	*word(1) += 7;
	gate_remove(&steer.gates, 1, 0);
	own_init(own, &steer, 1, 0);
	ok((*word(1) & GATE_CLOSED) != 0,
	    "a successor's gate is closed until it listens");
	next = gated(own, 1, 0);
	is_int(passed(), 0, "a successor counts from 0");
	from = speak(next, &to);
	ok(to != -1, "and lets in");
	is_int(passed(), 1, "and counts");
	close(from);
	close(to);
	/* Its listener's entry is gone, though the listener is not. */
	gate_close(word(1));
	is_int(steer_group_put(&p.group, 3, fd), 0, "the old listener");
	steer_idle(&steer, 3);
	from = place_client(&p);
	to = place_accepted(fd);
	ok(to != -1, "has no gate any more");
	close(from);
	close(to);
	close(fd);
	close_own();
}

/* Whether the listener has a filter: the kernel does not show one of BPF. */
static int
has_filter(int fd)
{
	socklen_t len = 0;

	return getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, NULL, &len) == -1 &&
	    errno == EACCES;
}

/* What nobody counts is shut all the same. */
static void
test_shared(void)
{
	int from, to, heir, filtered;
	char text[5] = "";
	int64_t begin;

	open_own(AF_INET, 0);
	steer_busy(&steer, 1);
	from = place_client(&p);
	send(from, "move", 4, 0);
	heir = place_listener(&p);
	is_int(steer_group_put(&p.group, 0, heir), 0, "another listener");
	filtered = has_filter(p.shared);
	begin = clock_mono();
	is_int(own_shut_shared(&steer, &p.shared, 1), 0, "shared is shut");
	ok(clock_mono() - begin >= CLOCK_MS, "in no hurry");
	ok(!filtered && has_filter(p.shared), "behind a gate");
	ok((*word(STEER_SHARED) & GATE_CLOSED) != 0, "which was closed");
	close(own->fds[0]);
	to = place_accepted(heir);
	recv(to, text, 4, MSG_WAITALL);
	is_string(text, "move", "another one has what was queued there");
	close(from);
	close(to);
	close(heir);
	place_close(&p);
}

int
main(void)
{
	if (network_own() == -1)
		plan_skip_all("no network of its own: only root may");
	if (steer_open(&steer) == -1)
		plan_skip_all("no CAP_BPF, or a kernel without steering");
	plan_no_plan();
	alarm(120);
	own = mmap(NULL, sizeof(*own) + sizeof(*done), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (own == MAP_FAILED)
		err(1, "mmap");
	done = (int *)(own + 1);
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
	test_between();
	test_stray();
	test_forgotten();
	test_queue();
	test_uncounted();
	test_words();
	test_neighbours();
	test_successor();
	test_shared();
	steer_close(&steer);
	return exit_status();
}
