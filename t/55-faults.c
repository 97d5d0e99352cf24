/* What runs out, and clients that do what they should not. */

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"

static struct daemon d;
static struct response r;

static size_t
count_in_log(const char *text)
{
	char line[2048];
	size_t n = 0;
	FILE *f = fopen(d.log, "r");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		n += strstr(line, text) != NULL;
	if (f != NULL)
		fclose(f);
	return n;
}

static int
is_logged_twice(void *unused)
{
	(void)unused;
	return count_in_log("accept, which") >= 2;
}

/* CPU time that a process has used so far, in clock ticks. */
static long
ticks(pid_t pid)
{
	char path[64];
	long user = 0, sys = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if ((f = fopen(path, "r")) == NULL)
		return -1;
	if (fscanf(f, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*d %*d %*d %*d "
	    "%*d %ld %ld", &user, &sys) != 2)
		user = -1;
	fclose(f);
	return user + sys;
}

/*
 * Lets the worker have so many descriptors.  Root may not be allowed to limit
 * somebody else's process, but who the worker is may.
 */
static void
limit_descriptors(pid_t worker, rlim_t n)
{
	struct rlimit limit;
	struct passwd *pw = getpwnam("nobody");
	int status;
	pid_t pid;

	fflush(stdout);
	if ((pid = fork()) == 0) {
		if (geteuid() == 0 && (setresgid(pw->pw_gid, pw->pw_gid,
		    pw->pw_gid) == -1 || setresuid(pw->pw_uid, pw->pw_uid,
		    pw->pw_uid) == -1))
			_exit(1);
		if (prlimit(worker, RLIMIT_NOFILE, NULL, &limit) == -1)
			_exit(1);
		limit.rlim_cur = n;
		_exit(prlimit(worker, RLIMIT_NOFILE, &limit, NULL) == -1);
	}
	waitpid(pid, &status, 0);
	is_int(status, 0, "the worker may have %d descriptors", (int)n);
}

#define WAITING	40	/* clients, more than a worker has descriptors */

/*
 * A worker that has no descriptor for a connection leaves it where it is, says
 * so once, and serves all of them when it has.
 */
static void
test_descriptors(const char *policy)
{
	static const char *const expected[] = {
		"accept, which", "shared is in force", NULL
	};
	int fds[WAITING], i, good = 0;
	pid_t pids[2];
	long before;

	daemon_configure(&d, "workers 1\nbalance %s\nqueue-timeout off\n",
	    policy);
	daemon_start(&d);
	daemon_workers(&d, pids, 2);
	limit_descriptors(pids[0], 3);
	for (i = 0; i < WAITING; i++) {
		fds[i] = client_connect(d.port);
		client_send(fds[i], "GET /200,0,x HTTP/1.0\r\n\r\n", 25);
	}
	daemon_await_log(&d, "accept, which is retried: Too many open files",
	    0);
	before = ticks(pids[0]);
	/* Some tries: the second of them must not be logged, nor spin. */
	poll(NULL, 0, 550);
	is_int((long long)count_in_log("accept, which"), 1,
	    "%s: no descriptor is left: logged once", policy);
	ok(ticks(pids[0]) - before < 20, "without spinning");
	limit_descriptors(pids[0], 64);
	for (i = 0; i < WAITING; i++) {
		client_receive(fds[i], &r, 1);
		good += r.status == 200;
		close(fds[i]);
	}
	is_int(good, WAITING, "and then all who waited are served");

	/* Another spell is news again. */
	limit_descriptors(pids[0], 3);
	fds[0] = client_connect(d.port);
	client_send(fds[0], "GET /200,0,x HTTP/1.0\r\n\r\n", 25);
	daemon_until(is_logged_twice, NULL);
	is_int((long long)count_in_log("accept, which"), 2,
	    "the next time is logged");
	limit_descriptors(pids[0], 64);
	client_receive(fds[0], &r, 1);
	is_int(r.status, 200, "and over as well");
	close(fds[0]);
	daemon_finish(&d, expected);
}

/* Under `idle', who has none does not keep what another worker could serve. */
static void
test_one_without(void)
{
	static const char *const expected[] = {
		"accept, which", "shared is in force", NULL
	};
	int i, good = 0;
	pid_t pids[2];

	daemon_configure(&d, "workers 2\nbalance idle\n");
	daemon_start(&d);
	if (daemon_has_logged(&d, expected[1])) {
		skip(2, "no program can be loaded");
		daemon_finish(&d, expected);
		return;
	}
	daemon_workers(&d, pids, 2);
	limit_descriptors(pids[0], 3);
	for (i = 0; i < WAITING; i++)
		good += client_get(d.port, "/200,0,x", &r) == 200;
	is_int(good, WAITING, "one of two has no descriptor: the other serves");
	daemon_finish(&d, expected);
}

static void
test_full_disk(void)
{
	static const char *const expected[] = { "lines are lost", NULL };
	struct stat st;

	if (stat("/dev/full", &st) == -1) {
		skip(5, "there is no /dev/full");
		return;
	}
	daemon_configure(&d, "workers 1\nbalance shared\n"
	    "access-log /dev/full logfmt\n");
	daemon_start(&d);
	is_int(client_get(d.port, "/200,0,x", &r), 200, "the log is full");
	is_int(client_get(d.port, "/200,0,x", &r), 200, "still");
	is_int((long long)count_in_log("access-log: lines are lost: No space "
	    "left on device"), 1, "which is logged once");
	daemon_finish(&d, expected);
}

/* A close with data unread, or with no time to linger: a reset. */
static void
reset(int fd)
{
	const struct linger now = { .l_onoff = 1, .l_linger = 0 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

static void
test_clients(void)
{
	static const char get[] = "GET /200,30,x HTTP/1.1\r\nHost: t\r\n\r\n";
	static const char endless[] = "POST / HTTP/1.1\r\nHost: t\r\n"
	    "Content-Length: 99999999999\r\n\r\n";
	size_t i;
	int fd;

	daemon_configure(&d, "workers 2\nbalance shared\n"
	    "request-timeout 3s\n");
	daemon_start(&d);
	for (i = 0; i < 60; i++) {
		/* At every point of a request, and in the read. */
		fd = client_connect(d.port);
		client_send(fd, get, i % sizeof(get));
		if (i % 2 == 0)
			reset(fd);
		else
			close(fd);
	}
	is_int(client_get(d.port, "/200,0,x", &r), 200,
	    "clients that go away leave no trace");

	/* Half-closed: it has said all, and still listens. */
	fd = client_connect(d.port);
	client_send(fd, get, strlen(get));
	shutdown(fd, SHUT_WR);
	client_receive(fd, &r, 1);
	is_int(r.status, 200, "a half-closed one gets its reply");
	close(fd);

	/* Who sends for ever is not listened to for ever. */
	fd = client_connect(d.port);
	client_send(fd, endless, strlen(endless));
	client_receive(fd, &r, 0);
	is_int(r.status, 405, "an endless body is answered");
	ok(client_closed(fd), "and cut off");
	close(fd);
	daemon_finish(&d, NULL);
}

/* A client that never reads costs a worker request-timeout, not more. */
static void
test_never_reads(void)
{
	static const char one[] = "GET /404,0,x HTTP/1.1\r\nHost: t\r\n\r\n";
	const struct timeval short_time = { .tv_usec = 100000 };
	const int small = 1;
	int fd, i;

	daemon_configure(&d, "workers 1\nbalance shared\n"
	    "keepalive-timeout 20s\nrequest-timeout 500ms\n");
	daemon_start(&d);
	fd = client_connect(d.port);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &short_time,
	    sizeof(short_time));
	/* Requests, until the server cannot reply to any more of them. */
	for (i = 0; i < 200000; i++)
		if (send(fd, one, strlen(one), MSG_NOSIGNAL) == -1)
			break;
	is_int(client_get(d.port, "/200,0,x", &r), 200,
	    "who does not read does not hold a worker");
	close(fd);
	daemon_finish(&d, NULL);
}

int
main(void)
{
	plan_no_plan();
	test_descriptors("shared");
	test_descriptors("idle");
	test_descriptors("hash");
	test_one_without();
	test_full_disk();
	test_clients();
	test_never_reads();
	return exit_status();
}
