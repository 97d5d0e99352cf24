/*
 * Every line of spindled(8)'s table of signals, and the worker's own.  USR2 has
 * a test of its own, 57-upgrade.
 */

#include <sys/wait.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"

/* Where `idle' is not to be had, it says so, and the rest is the same. */
#define FALLBACK "shared is in force"
static const char *const fallback[] = { FALLBACK, NULL };

static struct daemon d;
static struct response r;

static char conf[128];

/* The lines that every configuration here begins with. */
static void
set_policy(const char *policy)
{
	snprintf(conf, sizeof(conf), "balance %s\nworkers 3\n"
	    "stop-timeout 10s\ndisk default { read fixed 0 }\n", policy);
	diag("balance %s", policy);
}

static void
start(const char *extra)
{
	daemon_configure(&d, "%s%s", conf, extra);
	daemon_start(&d);
}

/* A request of ms that is being read; gives its connection. */
static int
begin(int ms)
{
	char request[64];
	int fd = client_connect(d.port);

	snprintf(request, sizeof(request),
	    "GET /200,%d,x HTTP/1.1\r\nHost: t\r\n\r\n", ms);
	client_send(fd, request, strlen(request));
	daemon_await_reading(&d, 1);
	return fd;
}

static void
test_stop(int sig, const char *name)
{
	int fd, status;

	start("");
	fd = begin(2000);
	daemon_signal(&d, sig);
	daemon_await_notify(&d, "STOPPING=1");
	ok(daemon_until(client_is_refused, &d.port), "%s: the port refuses",
	    name);
	client_receive(fd, &r, 1);
	is_int(r.status, 200, "%s: a request in hand is finished", name);
	status = daemon_wait(&d);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0,
	    "%s: exit status 0", name);
	close(fd);
	daemon_finish(&d, fallback);
}

static void
test_stop_timeout(void)
{
	static const char *const expected[] = { "workers are killed", NULL };
	int fd;

	daemon_configure(&d, "workers 3\nbalance shared\n"
	    "stop-timeout 300ms\n");
	daemon_start(&d);
	fd = begin(60000);
	daemon_signal(&d, SIGTERM);
	client_receive(fd, &r, 1);
	is_int(r.status, 0, "stop-timeout ends a request that takes longer");
	is_int(daemon_wait(&d), 0, "and the status is 0 all the same");
	/* Else the read may have come to its own end, a minute later. */
	ok(daemon_has_logged(&d, "workers are killed, 1 of them"),
	    "its worker was killed");
	close(fd);
	daemon_finish(&d, expected);
}

static void
test_twice(void)
{
	static const char *const expected[] = { "workers are killed", NULL };
	int fd;

	start("");
	fd = begin(60000);
	daemon_signal(&d, SIGINT);
	daemon_await_notify(&d, "STOPPING=1");
	/* As a person, not as timeout(1), which signals twice at once. */
	daemon_signal(&d, SIGINT);
	poll(NULL, 0, 1100);
	ok(kill(d.pid, 0) == 0, "a second INT at once is one with the first");
	daemon_signal(&d, SIGINT);
	is_int(daemon_wait(&d), 0, "a later one does not wait");
	close(fd);
	daemon_finish(&d, expected);

	start("");
	fd = begin(60000);
	daemon_signal(&d, SIGQUIT);
	daemon_await_notify(&d, "STOPPING=1");
	daemon_signal(&d, SIGTERM);
	poll(NULL, 0, 1100);
	daemon_signal(&d, SIGTERM);
	is_int(daemon_wait(&d), 0, "QUIT can be cut short with TERM");
	close(fd);
	daemon_finish(&d, expected);
}

static void
test_hup(void)
{
	pid_t before[8], after[8];
	size_t i, j, n, same = 0;

	start("");
	n = daemon_workers(&d, before, 8);
	daemon_rewrite(&d, "workers 5\nbalance %s\n",
	    strstr(conf, "idle") != NULL ? "idle" : "shared");
	daemon_signal(&d, SIGHUP);
	daemon_await_notify(&d, "RELOADING=1");
	daemon_await_notify(&d, "READY=1");
	daemon_await_workers(&d, 5);
	is_int((long long)daemon_workers(&d, after, 8), 5,
	    "HUP: the new number of workers");
	for (i = 0; i < n; i++)
		for (j = 0; j < 5; j++)
			same += before[i] == after[j];
	is_int((long long)same, 0, "HUP: all of them new");
	daemon_finish(&d, fallback);
}

/* The log is written behind the reply's end. */
static int
is_written(void *path)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_size > 0;
}

static void
test_usr1(void)
{
	char log[128], moved[128], extra[256];

	daemon_configure(&d, "%s", conf);
	snprintf(log, sizeof(log), "%s/access", d.dir);
	snprintf(moved, sizeof(moved), "%s/access.1", d.dir);
	snprintf(extra, sizeof(extra), "access-log %s logfmt\n", log);
	daemon_rewrite(&d, "%s%s", conf, extra);
	daemon_start(&d);
	client_get(d.port, "/200,0,before", &r);
	is_int(rename(log, moved), 0, "the access log is moved away");
	daemon_signal(&d, SIGUSR1);
	daemon_await_log(&d, "log files reopened", 0);
	daemon_await_notify(&d, "READY=1");
	/* An old worker may still take what it has been woken for. */
	daemon_await_workers(&d, 3);
	client_get(d.port, "/200,0,after", &r);
	ok(daemon_until(is_written, log),
	    "USR1: a new one takes the next line");
	ok(daemon_until(is_written, moved), "and the old is complete");
	daemon_finish(&d, NULL);
}

static void
test_ttin_ttou(void)
{
	static const char *const expected[] = { "is the fewest", FALLBACK, NULL };
	int i;

	start("");
	daemon_signal(&d, SIGTTIN);
	daemon_await_workers(&d, 4);
	ok(1, "TTIN: one more");
	for (i = 3; i >= 1; i--) {
		daemon_signal(&d, SIGTTOU);
		daemon_await_workers(&d, (size_t)i);
	}
	ok(1, "TTOU: one fewer, three times");
	daemon_signal(&d, SIGTTOU);
	daemon_await_log(&d, "workers: 1 is the fewest", 0);
	is_int(client_get(d.port, "/200,0,x", &r), 200, "the last one stays");
	daemon_finish(&d, expected);
}

/* ^C and ^\ in a terminal go to everybody in the process group. */
static void
test_worker_signals(void)
{
	static const int ignored[] = {
		SIGINT, SIGHUP, SIGPIPE, SIGUSR1, SIGUSR2
	};
	static const char *const expected[] = { "exited with status 0", FALLBACK,
	    NULL };
	pid_t before[4], after[4];
	size_t i;

	start("");
	daemon_workers(&d, before, 4);
	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		kill(before[0], ignored[i]);
	is_int(client_get(d.port, "/200,0,x", &r), 200, "a request");
	daemon_workers(&d, after, 4);
	is_int(after[0], before[0], "a worker ignores the master's signals");
	kill(before[0], SIGTERM);
	daemon_await_log(&d, "exited with status 0; it is replaced", 0);
	daemon_await_workers(&d, 3);
	ok(1, "TERM ends one worker, which is replaced");
	daemon_finish(&d, expected);
}

int
main(void)
{
	plan_no_plan();
	set_policy("idle");
	test_stop(SIGTERM, "TERM");
	test_stop(SIGQUIT, "QUIT");
	test_hup();
	test_ttin_ttou();
	test_worker_signals();
	set_policy("shared");
	test_stop(SIGTERM, "TERM");
	test_stop(SIGINT, "INT");
	test_stop(SIGQUIT, "QUIT");
	test_stop_timeout();
	test_twice();
	test_hup();
	test_usr1();
	test_ttin_ttou();
	test_worker_signals();
	return exit_status();
}
