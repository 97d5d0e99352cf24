/*
 * How own listeners are shut, on real sockets in a network of the test's own:
 * for whom own_shut waits, for how long, and for whom it does not.
 */
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "common/clock.h"
#include "t/check.h"
#include "t/gated.h"

#define ROUNDS	20

static struct gated *g;

/*
 * A segment has passed, as it seems, and the kernel is still at work on it when
 * the gate is closed.  Gives whether that was waited for.
 */
static int
between(void)
{
	int status = 1;
	pid_t pid;

	gated_open(g, AF_INET, 0);
	(*gated_word(g, 1))++;
	g->own.owed = 2;
	g->done = 0;
	if ((pid = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while ((*gated_word(g, 1) & GATE_CLOSED) == 0)
			continue;
		clock_sleep_until(clock_mono() + 2 * CLOCK_MS);
		g->done = 1;
		__atomic_fetch_add(&g->own.taken, 1, __ATOMIC_SEQ_CST);
		_exit(0);
	}
	own_shut(&g->own);
	is_int(g->own.owed, 0, "nothing is owed any more");
	ok((*gated_word(g, 1) & GATE_CLOSED) != 0, "and nobody can pass");
	status = g->done;
	waitpid(pid, NULL, 0);
	gated_close(g);
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
	int fd = gated_open(g, AF_INET, 0);
	int64_t begin = clock_mono();

	(*gated_word(g, 1))++;
	g->own.owed = 2;
	own_shut(&g->own);
	ok(clock_mono() - begin >= 20 * CLOCK_MS,
	    "who never comes is waited for, too");
	is_int(accept(fd, NULL, NULL) == -1 && errno == EINVAL, 1,
	    "but not for ever");
	gated_close(g);
}

/* It passed, but all that were owed have come. */
static void
test_forgotten(void)
{
	gated_open(g, AF_INET, 0);
	*gated_word(g, 1) += 3;
	g->own.owed = 2;
	own_took(&g->own);
	is_int(gated_passed(g), 3,
	    "while one is owed, strays are not told apart");
	own_took(&g->own);
	is_int(gated_passed(g) | (long long)g->own.taken, 0,
	    "then they are forgotten");
	own_took(&g->own);
	is_int((long long)g->own.taken, 1, "who comes unasked is counted");
	gated_close(g);
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
		steer_idle(&g->steer, 1);
		from[i] = place_client(&g->place);
	}
	g->own.owed = 3;
	to[0] = place_accepted(fd);
	own_took(&g->own);
	is_int(gated_passed(g), 3, "three have passed");
	begin = clock_mono();
	own_shut(&g->own);
	begin = clock_mono() - begin;
	to[1] = place_accepted(g->place.shared);
	to[2] = place_accepted(g->place.shared);
	ok(to[1] != -1 && to[2] != -1, "and two have moved");
	for (i = 0; i < 3; i++) {
		close(from[i]);
		close(to[i]);
	}
	is_int(own_listen(&g->own, 0, 100), 0, "it listens again");
	is_int(steer_group_put(&g->place.group, 1, fd), 0,
	    "and is in its group");
	own_open(&g->own);
	is_int(gated_passed(g) | (long long)g->own.taken, 0,
	    "with nobody counted");
	return begin;
}

static void
test_queue(void)
{
	int fd = gated_open(g, AF_INET, 0), from, to;

	/* Whoever is waited for in vain is waited for each time. */
	is_int(brief_ones(shut_with_queue, fd) > ROUNDS / 2, 1,
	    "nobody is waited for");
	from = gated_speak(g, fd, &to);
	ok(to != -1, "who comes now is let in");
	close(from);
	close(to);
	gated_close(g);
}

/* One more has completed than was counted. */
static int64_t
shut_uncounted(int fd)
{
	int64_t begin = clock_mono();

	(void)fd;
	g->own.owed = 2;
	g->own.taken = 1;
	own_shut(&g->own);
	begin = clock_mono() - begin;
	ok(begin >= CLOCK_MS, "who may hide behind that is waited for");
	own_open(&g->own);
	return begin;
}

static void
test_uncounted(void)
{
	int fd = gated_open(g, AF_INET, 5);

	is_int(brief_ones(shut_uncounted, fd) > ROUNDS / 2, 1,
	    "but not for longer");
	gated_close(g);
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

	gated_open(g, AF_INET, 0);
	steer_busy(&g->steer, 1);
	from = place_client(&g->place);
	send(from, "move", 4, 0);
	heir = place_listener(&g->place);
	is_int(steer_group_put(&g->place.group, 0, heir), 0,
	    "another listener");
	filtered = has_filter(g->place.shared);
	begin = clock_mono();
	is_int(own_shut_shared(&g->steer, &g->place.shared, 1), 0,
	    "shared is shut");
	ok(clock_mono() - begin >= CLOCK_MS, "in no hurry");
	ok(!filtered && has_filter(g->place.shared), "behind a gate");
	ok((*gated_word(g, STEER_SHARED) & GATE_CLOSED) != 0,
	    "which was closed");
	close(g->own.fds[0]);
	to = place_accepted(heir);
	recv(to, text, 4, MSG_WAITALL);
	is_string(text, "move", "another one has what was queued there");
	close(from);
	close(to);
	close(heir);
	place_close(&g->place);
}

int
main(void)
{
	g = gated_start();
	test_between();
	test_stray();
	test_forgotten();
	test_queue();
	test_uncounted();
	test_shared();
	gated_end(g);
	return exit_status();
}
