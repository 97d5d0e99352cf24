/* Workers that die, at any time, and a master that does. */

#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"

/* Where `idle' is not to be had, it says so, and the rest is the same. */
#define FALLBACK "shared is in force"

static struct daemon d;
static struct response r;

static void
start(const char *conf)
{
	daemon_configure(&d, "%s", conf);
	daemon_start(&d);
}

static int
begin(int ms, size_t reading)
{
	char request[64];
	int fd = client_connect(d.port);

	snprintf(request, sizeof(request),
	    "GET /200,%d,x HTTP/1.1\r\nHost: t\r\n\r\n", ms);
	client_send(fd, request, strlen(request));
	daemon_await_reading(&d, reading);
	return fd;
}

/* Waits until the pid is no worker any more, and there are n again. */
static void
await_replacement(pid_t gone, size_t n)
{
	int64_t deadline = clock_mono() + DAEMON_PATIENCE_MS * CLOCK_MS;
	pid_t pids[16];
	size_t i, alive;

	do {
		alive = daemon_workers(&d, pids, 16);
		for (i = 0; i < alive; i++)
			if (pids[i] == gone)
				alive = 0;
	} while (alive != n && clock_mono() < deadline);
	is_int((long long)alive, (long long)n, "there are %zu workers again",
	    n);
}

static void
test_respawn(const char *conf)
{
	static const char *const expected[] = { "was killed by", FALLBACK, NULL };
	pid_t pids[4];
	int fd, i;

	start(conf);
	fd = begin(400, 1);
	for (i = 0; i < 4; i++) {
		daemon_workers(&d, pids, 4);
		kill(pids[3], SIGKILL);
		await_replacement(pids[3], 4);
	}
	ok(daemon_has_logged(&d, "was killed by signal 9 (Killed); it is "
	    "replaced"), "the death is logged, with its cause");
	client_receive(fd, &r, 1);
	is_int(client_get(d.port, "/200,0,x", &r), 200, "it serves");
	close(fd);
	daemon_finish(&d, expected);
}

/* Only the request in the worker's hands is lost. */
static void
test_kill_in_read(void)
{
	static const char *const expected[] = { "was killed by", NULL };
	pid_t pids[2];
	int fd, other;

	start("workers 1\nbalance shared\n");
	fd = begin(60000, 1);
	other = client_connect(d.port);
	client_send(other, "GET /200,0,x HTTP/1.0\r\n\r\n", 25);
	daemon_workers(&d, pids, 2);
	kill(pids[0], SIGKILL);
	client_receive(fd, &r, 1);
	is_int(r.status, 0, "the request in a killed worker's hands is lost");
	client_receive(other, &r, 1);
	is_int(r.status, 200, "the one that waited is not");
	close(fd);
	close(other);
	daemon_finish(&d, expected);
}

static void
limit(int resource, rlim_t soft, struct rlimit *old)
{
	struct rlimit new;

	if (prlimit(d.pid, (enum __rlimit_resource)resource, NULL, old) == -1)
		diag("prlimit: %s", strerror(errno));
	new = *old;
	new.rlim_cur = soft;
	prlimit(d.pid, (enum __rlimit_resource)resource, &new, NULL);
}

/* Workers that cannot start, because they may not open anything. */
static void
test_backoff(void)
{
	static const char *const expected[] = {
		"was killed by", "its listeners", "before it was ready", NULL
	};
	struct rlimit old;
	pid_t pids[4];
	int64_t first, second;

	start("workers 2\nbalance shared\n");
	limit(RLIMIT_NOFILE, 4, &old);
	daemon_workers(&d, pids, 4);
	kill(pids[0], SIGKILL);
	daemon_await_log(&d, "before it was ready; its slot rests for 1 s", 0);
	first = clock_mono();
	is_int(client_get(d.port, "/200,0,x", &r), 200, "the other one serves");
	daemon_await_log(&d, "before it was ready; its slot rests for 2 s", 0);
	second = clock_mono();
	ok(second - first > CLOCK_S / 2, "the next try had to wait");
	prlimit(d.pid, RLIMIT_NOFILE, &old, NULL);
	daemon_await_workers(&d, 2);
	ok(clock_mono() - second > CLOCK_S, "and the one after longer");
	daemon_finish(&d, expected);
}

/* No process can be had.  Root is exempt from the limit. */
static void
test_fork_fails(void)
{
	static const char *const expected[] = {
		"was killed by", "fork, which is retried", NULL
	};
	struct rlimit old;
	pid_t pids[4];

	if (geteuid() == 0) {
		skip(4, "root may always fork: see 53-privileges");
		return;
	}
	start("workers 2\nbalance shared\n");
	limit(RLIMIT_NPROC, 1, &old);
	daemon_workers(&d, pids, 4);
	kill(pids[0], SIGKILL);
	daemon_await_log(&d, "fork, which is retried: Resource temporarily "
	    "unavailable", 0);
	is_int(client_get(d.port, "/200,0,x", &r), 200, "the other one serves");
	prlimit(d.pid, RLIMIT_NPROC, &old, NULL);
	daemon_await_workers(&d, 2);
	ok(1, "and is joined again when it can be");
	daemon_finish(&d, expected);
}

static int
is_gone(void *pid)
{
	return kill(*(pid_t *)pid, 0) == -1 && errno == ESRCH;
}

static void
test_orphans(const char *conf)
{
	static const char *const expected[] = { FALLBACK, NULL };
	pid_t pids[4];
	size_t i, n;
	int fd, gone = 0;

	start(conf);
	n = daemon_workers(&d, pids, 4);
	fd = begin(2000, 1);
	daemon_signal(&d, SIGKILL);
	daemon_wait(&d);
	ok(strstr(conf, "hash") != NULL ||
	    daemon_until(client_is_refused, &d.port),
	    "without a master, the port refuses although a request is in hand");
	client_receive(fd, &r, 1);
	is_int(r.status, 200, "without a master, a request is finished");
	for (i = 0; i < n; i++)
		gone += daemon_until(is_gone, &pids[i]);
	is_int(gone, (long long)n, "and then every worker is gone");
	ok(client_connect(d.port) == -1, "and the port is free");
	close(fd);
	daemon_finish(&d, expected);
}

int
main(void)
{
	plan_no_plan();
	test_respawn("workers 4\nbalance shared\n");
	test_respawn("workers 4\nbalance idle\n");
	test_respawn("workers 4\nbalance hash\n");
	test_kill_in_read();
	test_backoff();
	test_fork_fails();
	test_orphans("workers 3\nbalance shared\n");
	test_orphans("workers 3\nbalance idle\n");
	test_orphans("workers 3\nbalance hash\n");
	return exit_status();
}
