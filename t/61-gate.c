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
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/own.h"
#include "server/steer.h"
#include "t/check.h"
#include "t/network.h"
#include "t/place.h"

static struct steer steer;
static struct place p;

/* In memory that children share. */
static struct own *own;
static int *done;

/* Slot 1 has a listener and is idle.  Gives it. */
static int
open_own(int family, int deferral)
{
	int fd;

	place_open(&p, &steer, family, 0);
	fd = place_own(&p, 1);
	setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &deferral,
	    sizeof(deferral));
	memset(own, 0, sizeof(*own));
	if (own_add(own, &steer.gates, fd, deferral) == -1)
		err(1, "own_add");
	steer_idle(&steer, 1);
	return fd;
}

static void
close_own(void)
{
	steer_busy(&steer, 1);
	gate_free(&own->gates[0]);
	close(own->fds[0]);
	place_close(&p);
}

static long long
passed(void)
{
	return (long long)(*own->gates[0].word & GATE_COUNT);
}

/* A connection whose client has said something; *to is its other end. */
static int
speak(int listener, int *to)
{
	int from;

	steer_idle(&steer, 1);
	from = place_client(&p);
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
	is_int((long long)gate_close(&own->gates[0]), 2,
	    "%s: who closes it is told", name);
	gate_reset(&own->gates[0]);
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

	gate_close(&own->gates[0]);
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

/* Those that have passed inherit the filter. */
static void
test_connection(void)
{
	int fd = open_own(AF_INET, 0), from, to;
	char text[5] = "";

	from = speak(fd, &to);
	recv(to, text, 4, MSG_WAITALL);
	gate_close(&own->gates[0]);
	is_int(send(from, "more", 4, 0), 4, "a connection with more to read");
	recv(to, text, 4, MSG_WAITALL);
	is_string(text, "more", "is none of the gate's");
	close(from);
	close(to);
	close_own();
}

/*
 * A segment has passed, as it seems, and the kernel is still at work on it when
 * the gate is closed.
 */
static void
test_between(void)
{
	const struct timespec halt = clock_timespec(2 * CLOCK_MS);
	int status = 1;
	pid_t pid;

	open_own(AF_INET, 0);
	(*own->gates[0].word)++;
	own->owed = 2;
	*done = 0;
	if ((pid = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while ((*own->gates[0].word & GATE_CLOSED) == 0)
			continue;
		clock_nanosleep(CLOCK_MONOTONIC, 0, &halt, NULL);
		*done = 1;
		__atomic_fetch_add(&own->taken, 1, __ATOMIC_SEQ_CST);
		_exit(0);
	}
	own_shut(own);
	is_int(*done, 1, "who is between the gate and the queue is waited for");
	is_int(own->owed, 0, "and nothing is owed any more");
	is_int(passed(), 0, "nor has anybody passed");
	waitpid(pid, &status, 0);
	is_int(status, 0, "there was somebody");
	close_own();
}

/* It passed, and nothing will come of it. */
static void
test_stray(void)
{
	int fd = open_own(AF_INET, 0);
	int64_t begin = clock_mono();

	(*own->gates[0].word)++;
	own->owed = 2;
	own_shut(own);
	ok(clock_mono() - begin >= 20 * CLOCK_MS,
	    "who never comes is waited for, too");
	is_int(accept(fd, NULL, NULL) == -1 && errno == EINVAL, 1,
	    "but not for ever");
	close_own();
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
	to[0] = place_accepted(fd);
	own_took(own);
	own->owed = 2;
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
	is_int(passed() | (long long)own->taken, 0, "with nobody counted");
	return begin;
}

static void
test_queue(void)
{
	int64_t least = INT64_MAX, took;
	int fd = open_own(AF_INET, 0), from, to, i;

	/* Whoever is waited for in vain is waited for each time. */
	for (i = 0; i < 20 && least >= 20 * CLOCK_MS; i++)
		if ((took = shut_with_queue(fd)) < least)
			least = took;
	ok(least < 20 * CLOCK_MS, "nobody is waited for");
	from = speak(fd, &to);
	ok(to != -1, "who comes now is let in");
	close(from);
	close(to);
	close_own();
}

/* What nobody counts is shut all the same. */
static void
test_shared(void)
{
	int from, to, heir;
	char text[5] = "";

	open_own(AF_INET, 0);
	steer_busy(&steer, 1);
	from = place_client(&p);
	send(from, "move", 4, 0);
	heir = place_listener(&p);
	is_int(steer_group_put(&p.group, 0, heir), 0, "another listener");
	own_shut_shared(&steer.gates, p.shared);
	gate_free(&own->gates[0]);
	close(own->fds[0]);
	to = place_accepted(heir);
	recv(to, text, 4, MSG_WAITALL);
	is_string(text, "move", "has what was queued on the shared one");
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
	test_connection();
	test_between();
	test_stray();
	test_queue();
	test_shared();
	steer_close(&steer);
	return exit_status();
}
