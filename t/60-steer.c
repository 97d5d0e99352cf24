/*
 * Steering on real sockets, in a network of its own: who gets a connection,
 * and what becomes of it when a listener goes.  Design section 4 relies on each
 * of these facts about the kernel; which privileges all this takes is
 * 60-steer-privileges.c's.
 */
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/steer.h"
#include "t/check.h"
#include "t/network.h"
#include "t/place.h"

static struct steer steer;

static void
test_code(const char *program)
{
	char command[64];
	int status;

	snprintf(command, sizeof(command), "sh t/bpf-code.sh -c %s", program);
	status = system(command);
	if (WEXITSTATUS(status) == 77)
		skip(1, "no clang of the right version");
	else
		is_int(status, 0, "%s_code.h is what %s.bpf.c says", program,
		    program);
}

static void
test_steering(void)
{
	static const unsigned int slots[] = { 0, 63, 64, 4095, 4096, 8192,
	    12287, 16383 };
	struct place p;
	int64_t begin = clock_mono();
	char log[4096];
	int fd, fds[8];
	size_t i;

	is_int(place_open(&p, &steer, AF_INET, 0), 0, "a group");
	diag("a group opens in %.2f ms",
	    (double)(clock_mono() - begin) / (double)CLOCK_MS);
	is_int(steer_explain(&steer, log, sizeof(log)), 0, "the verifier");
	has_string(log, "processed", "tells what the program costs");
	diag("%.*s", (int)strcspn(strstr(log, "processed"), "\n"),
	    strstr(log, "processed"));

	ok(place_lands(&p, p.shared), "nobody is there: shared");
	fd = place_own(&p, 7);
	ok(place_lands(&p, p.shared), "nobody is idle: shared");
	steer_idle(&steer, 7);
	ok(place_lands(&p, fd), "one is idle: its own listener");
	is_int(steer_busy(&steer, 7), 0, "its bit was claimed");
	ok(place_lands(&p, p.shared), "it is claimed once");
	steer_idle(&steer, 7);
	is_int(steer_busy(&steer, 7), 1, "a bit that nobody claimed");
	is_int(steer_busy(&steer, 7), 0, "is cleared once");
	ok(place_lands(&p, p.shared), "a worker that is busy: shared");
	close(fd);
	is_int((long long)steer_count(&steer, STEER_TO_IDLE), 1, "count: idle");
	is_int((long long)steer_count(&steer, STEER_TO_SHARED), 4,
	    "count: shared");

	for (i = 0; i < 8; i++)
		fds[i] = place_own(&p, slots[i]);
	for (i = 0; i < 8; i++) {
		steer_idle(&steer, slots[i]);
		ok(place_lands(&p, fds[i]), "slot %u alone is found", slots[i]);
	}
	for (i = 0; i < 8; i++)
		steer_idle(&steer, slots[i]);
	for (i = 0; i < 8; i++)
		ok(place_lands(&p, fds[i]), "slot %u is found in its turn",
		    slots[i]);
	for (i = 0; i < 4; i++)
		is_int((long long)steer.words[STEER_SUMMARY + i], 0,
		    "word %zu of the summary is clear", i);
	for (i = 0; i < 8; i++)
		close(fds[i]);
	place_close(&p);
}

/* What a worker may leave behind when it is killed, or clears its own bit. */
static void
test_leftovers(void)
{
	struct place p;
	int fd;

	place_open(&p, &steer, AF_INET, 0);
	fd = place_own(&p, 300);
	steer_idle(&steer, 0);
	steer_busy(&steer, 0);
	steer_idle(&steer, 300);
	ok(place_lands(&p, fd), "a word without bits does not hide the next");
	is_int((long long)steer.words[STEER_SUMMARY], 0,
	    "and leaves the summary");

	steer_idle(&steer, 5);
	steer_idle(&steer, 300);
	ok(place_lands(&p, fd), "a slot without a listener does not, either");
	is_int(steer_busy(&steer, 5), 0, "and loses its bit");

	steer_idle(&steer, 300);
	close(fd);
	ok(place_lands(&p, p.shared), "nobody else: shared");
	place_close(&p);
}

/* The shared listener is gone: the address is being given up. */
static void
test_given_up(void)
{
	int from, to, one, two;
	struct place p;

	place_open(&p, &steer, AF_INET, 0);
	one = place_own(&p, 1);
	two = place_own(&p, 2);
	steer_idle(&steer, 1);
	from = place_client(&p);
	shutdown(p.shared, SHUT_RD);
	errno = 0;
	is_int(place_client(&p), -1, "without a shared listener");
	is_int(errno, ECONNREFUSED, "who finds nobody idle is refused");
	steer_idle(&steer, 2);
	ok(place_lands(&p, two), "who finds somebody is not");
	shutdown(one, SHUT_RD);
	to = place_accepted(two);
	ok(to != -1, "what is moved goes to any other listener");
	close(to);
	close(from);
	close(one);
	close(two);
	place_close(&p);
}

#define CROWD 128

static int
crowd(void *arg)
{
	int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (i = 0; i < CROWD / 2; i++)
		if (place_client(arg) == -1)
			return 1;
	pause();
	return 1;
}

/* Four clients at once, twice as many connections as workers. */
static void
test_once(void)
{
	int fds[CROWD], i, once = 0, more = 0, rest = 0;
	uint64_t found = steer_count(&steer, STEER_TO_IDLE);
	struct place p;
	pid_t pids[4];

	place_open(&p, &steer, AF_INET, 0);
	for (i = 0; i < CROWD; i++) {
		fds[i] = place_own(&p, (unsigned int)i);
		steer_idle(&steer, (unsigned int)i);
	}
	for (i = 0; i < 4; i++)
		if ((pids[i] = fork()) == 0)
			_exit(crowd(&p));
	for (i = 0; i < CROWD; i++)
		once += place_accepted(fds[i]) != -1;
	for (i = 0; i < CROWD; i++)
		rest += place_accepted(p.shared) != -1;
	for (i = 0; i < CROWD; i++)
		more += accept(fds[i], NULL, NULL) != -1;
	is_int(once, CROWD, "each worker got a connection");
	is_int(more, 0, "none got two");
	is_int(rest, CROWD, "the others are at the shared listener");
	is_int((long long)(steer_count(&steer, STEER_TO_IDLE) - found), CROWD,
	    "as many were steered");
	for (i = 0; i < 4; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	for (i = 0; i < CROWD; i++)
		close(fds[i]);
	place_close(&p);
}

static void
test_groups(void)
{
	struct place a, b;
	int in_a, in_b;

	is_int(place_open(&a, &steer, AF_INET, 0), 0, "a group for IPv4");
	is_int(place_open(&b, &steer, AF_INET6, 0), 0, "and one for IPv6");
	in_a = place_own(&a, 1);
	in_b = place_own(&b, 1);
	steer_idle(&steer, 1);
	ok(place_lands(&b, in_b), "an idle worker is found by one");
	ok(place_lands(&a, a.shared), "and then by no other");
	steer_idle(&steer, 1);
	ok(place_lands(&a, in_a), "or the other way");
	ok(place_lands(&b, b.shared), "round");

	errno = 0;
	is_int(steer_group_put(&a.group, 2, in_a), -1, "in a group already");
	is_int(errno, EBUSY, "EBUSY");
	shutdown(in_a, SHUT_RD);
	steer_idle(&steer, 1);
	ok(place_lands(&a, a.shared), "shut, it is no longer found");
	is_int(listen(in_a, 1000), 0, "it listens again");
	is_int(steer_group_put(&a.group, 2, in_a), 0, "put in elsewhere");
	steer_idle(&steer, 2);
	ok(place_lands(&a, in_a), "found there");
	close(in_a);
	close(in_b);
	place_close(&a);
	place_close(&b);
}

/* A SYN cookie's ACK is not in the group's SYNs: it must claim nobody. */
static void
test_cookies(void)
{
	int fd = open("/proc/sys/net/ipv4/tcp_syncookies", O_WRONLY);
	struct place p;
	int a, b;

	place_open(&p, &steer, AF_INET, 0);
	a = place_own(&p, 1);
	b = place_own(&p, 2);
	steer_idle(&steer, 1);
	steer_idle(&steer, 2);
	is_int(write(fd, "2", 1), 1, "SYN cookies for everybody");
	ok(place_lands(&p, p.shared), "completed by a cookie: shared");
	is_int(steer_busy(&steer, 1), 0, "the SYN claimed a worker");
	is_int(steer_busy(&steer, 2), 1, "the ACK did not");
	is_int(write(fd, "1", 1), 1, "back to normal");
	close(fd);
	close(a);
	close(b);
	place_close(&p);
}

enum departure { SHUTDOWN, CLOSE, KILL };

/* Holds the slot's listener until it is killed; says so when it is there. */
static pid_t
holder(struct place *p, int *fd, enum departure how)
{
	int ready[2];
	pid_t pid;
	char c;

	if (how != KILL) {
		*fd = place_own(p, 3);
		steer_idle(&steer, 3);
		return 0;
	}
	if (pipe(ready) == -1 || (pid = fork()) == -1)
		return -1;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		place_own(p, 3);
		steer_idle(&steer, 3);
		if (write(ready[1], "r", 1) == 1)
			pause();
		_exit(1);
	}
	if (read(ready[0], &c, 1) != 1)
		return -1;
	close(ready[0]);
	close(ready[1]);
	return pid;
}

/* Sleeps at the shared listener, as an idle worker does. */
static int
sleeper(void *arg)
{
	struct pollfd pfd = { .fd = ((struct place *)arg)->shared,
	    .events = POLLIN };

	return poll(&pfd, 1, PLACE_PATIENCE_MS) == 1 ? 0 : 1;
}

/* Returns when the process sleeps; that it is about to is not enough. */
static void
await_sleep(pid_t pid)
{
	char path[64], line[256] = "", *state;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	do {
		if ((f = fopen(path, "r")) == NULL)
			return;
		if (fgets(line, sizeof(line), f) == NULL)
			line[0] = '\0';
		fclose(f);
		state = strrchr(line, ')');
	} while (state == NULL || strncmp(state, ") S", 3) != 0);
}

static void
test_departure(enum departure how, const char *name)
{
	uint64_t moved = steer_count(&steer, STEER_MIGRATED);
	int from, to, status, idle, fd = -1;
	char data[8] = "";
	struct place p;
	pid_t pid, waiter;

	place_open(&p, &steer, AF_INET, 0);
	idle = place_own(&p, 4);
	pid = holder(&p, &fd, how);
	from = place_client(&p);
	is_int(send(from, "hello", 5, 0), 5, "%s: a request is queued", name);
	is_int(accept(p.shared, NULL, NULL), -1, "%s: not on shared", name);
	if ((waiter = fork()) == 0) {
		close(fd);
		_exit(sleeper(&p));
	}
	await_sleep(waiter);
	steer_idle(&steer, 4);
	if (how == SHUTDOWN) {
		shutdown(fd, SHUT_RD);
	} else if (how == CLOSE) {
		close(fd);
	} else {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	waitpid(waiter, &status, 0);
	if (status == 0)
		ok(1, "%s: who sleeps at shared wakes", name);
	else
		skip(1, "this kernel wakes nobody; the daemon's baton does");
	to = place_accepted(p.shared);
	ok(to != -1, "%s: the connection is on shared", name);
	recv(to, data, 5, MSG_WAITALL);
	is_string(data, "hello", "%s: with what it has sent", name);
	is_int((long long)(steer_count(&steer, STEER_MIGRATED) - moved), 1,
	    "%s: it was counted", name);
	is_int(steer_busy(&steer, 4), 1, "%s: it has claimed nobody", name);
	steer_idle(&steer, 3);
	ok(place_lands(&p, p.shared), "%s: and so is the next", name);

	if (how == SHUTDOWN) {
		is_int(listen(fd, 1000), 0, "it listens again");
		is_int(steer_group_put(&p.group, 3, fd), 0, "is put again");
		steer_idle(&steer, 3);
		ok(place_lands(&p, fd), "and is steered to");
		close(fd);
	}
	close(idle);
	close(from);
	close(to);
	place_close(&p);
}

int
main(void)
{
	char migrate = 0;
	int fd;

	plan_no_plan();
	alarm(120);
	test_code("steer");
	test_code("gate");
	if (geteuid() != 0 || network_own() == -1) {
		skip(1, "needs root, and a network of its own");
		return exit_status();
	}
	if (steer_open(&steer) == -1) {
		skip(1, "no bitmap: %s", strerror(errno));
		return exit_status();
	}
	fd = open("/proc/sys/net/ipv4/tcp_migrate_req", O_RDONLY);
	ok(read(fd, &migrate, 1) == 1 && migrate == '0',
	    "the kernel moves connections for steering alone");
	close(fd);
	test_steering();
	test_leftovers();
	test_given_up();
	test_once();
	test_groups();
	test_cookies();
	test_departure(SHUTDOWN, "shutdown");
	test_departure(CLOSE, "close");
	test_departure(KILL, "death");
	steer_close(&steer);
	return exit_status();
}
