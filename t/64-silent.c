/*
 * Clients that connect and say nothing: whom they cost a worker, for how long,
 * and whom they do not, under each policy.
 */
#include <sys/socket.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"
#include "t/network.h"

#define CROWD	20

static const char *const policies[] = { "idle", "shared", "hash" };
static const char *const expected[] = { "shared is in force", NULL };

static const char request[] =
    "GET /200,0,x HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n";

static struct daemon d;
static struct response r;

static int
is_gone(void *pid)
{
	return kill(*(pid_t *)pid, 0) == -1;
}

static void
connect_all(int *fds, int n)
{
	int i;

	for (i = 0; i < n; i++)
		fds[i] = client_connect(d.port);
}

/* How many of them the server has ended, by now or within ms. */
static int
ended(const int *fds, int n, int ms)
{
	struct pollfd p[CROWD];
	int i;

	for (i = 0; i < n; i++)
		p[i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
	return poll(p, (nfds_t)n, ms);
}

/* Without a word, as they have said none. */
static int
all_end(const int *fds, int n)
{
	int i, silently = 0;
	char c;

	for (i = 0; i < n; i++) {
		silently += recv(fds[i], &c, 1, 0) == 0;
		close(fds[i]);
	}
	return silently;
}

/*
 * One worker, and twenty silent clients.  If each cost it request-timeout, the
 * last would end after twenty of them.
 */
static void
test_deferred(const char *policy)
{
	int64_t begun = clock_mono(), took;
	int fds[CROWD], good = 0, asked = 0;

	daemon_configure(&d, "balance %s\nworkers 1\nrequest-timeout 1s\n",
	    policy);
	daemon_start(&d);
	connect_all(fds, CROWD);
	is_int(client_get(d.port, "/200,0,x", &r), 200,
	    "%s: the one worker serves whoever asks", policy);
	if (clock_mono() - begun < CLOCK_S)
		is_int(ended(fds, CROWD, 0), 0,
		    "%s: before any that is silent ends", policy);
	else
		skip(1, "the machine stood still for a second");
	while (ended(fds, CROWD, 0) < CROWD &&
	    clock_mono() - begun < 2 * CLOCK_S * CROWD) {
		good += client_get(d.port, "/200,0,x", &r) == 200;
		asked++;
	}
	took = clock_mono() - begun;
	is_int(good, asked, "%s: and whoever asks meanwhile", policy);
	is_int(all_end(fds, CROWD), CROWD, "%s: all silent ones are ended",
	    policy);
	diag("%s: %d silent ones took %.2f s, and %d requests were served",
	    policy, CROWD, (double)took / CLOCK_S, asked);
	ok(took < CLOCK_S * CROWD / 2,
	    "%s: and have cost the worker next to nothing", policy);
	daemon_finish(&d, expected);
}

/* Without the deferral, one costs a worker all of request-timeout. */
static void
test_not_deferred(const char *policy)
{
	int fd;

	daemon_configure(&d, "balance %s\nworkers 1\nrequest-timeout 1s\n"
	    "defer-accept no\nqueue-timeout off\n", policy);
	daemon_start(&d);
	fd = client_connect(d.port);
	is_int(client_get(d.port, "/200,0,x", &r), 200,
	    "%s: not deferred: whoever asks is served", policy);
	is_int(ended(&fd, 1, 0), 1, "%s: after the silent one has ended",
	    policy);
	is_int(all_end(&fd, 1), 1, "%s: without a word", policy);

	/* A reload puts it in force, for who comes then. */
	daemon_rewrite(&d, "balance %s\nworkers 1\nrequest-timeout 3s\n",
	    policy);
	daemon_reload(&d);
	daemon_await_workers(&d, 1);
	fd = client_connect(d.port);
	is_int(client_get(d.port, "/200,0,x", &r), 200,
	    "%s: after a reload, deferred: whoever asks is served", policy);
	is_int(ended(&fd, 1, 0), 0, "%s: before the silent one ends", policy);
	close(fd);
	daemon_finish(&d, expected);
}

/*
 * What befalls the worker that its SYN was for, while it is silent, costs a
 * client nothing.
 */
static void
test_moved(const char *policy, int killed)
{
	static const char *const deaths[] = {
		"shared is in force", "was killed by", NULL
	};
	const char *what = killed ? "death" : "reload";
	pid_t old[2];
	int fd;

	daemon_configure(&d, "balance %s\nworkers 1\n", policy);
	daemon_start(&d);
	fd = client_connect(d.port);
	daemon_workers(&d, old, 2);
	if (killed)
		kill(old[0], SIGKILL);
	else
		daemon_signal(&d, SIGHUP);
	ok(daemon_until(is_gone, &old[0]), "%s, %s: its worker is gone",
	    policy, what);
	client_send(fd, request, strlen(request));
	client_receive(fd, &r, 1);
	is_int(r.status, 200, "%s, %s: who asks after it is served", policy,
	    what);
	close(fd);
	daemon_finish(&d, deaths);
}

/* The queue time begins with the request, not with the connection. */
static void
test_queue_time(void)
{
	double queue = -1;
	char *p;
	int fd;

	daemon_configure(&d, "workers 1\n");
	daemon_start(&d);
	fd = client_connect(d.port);
	ok(ended(&fd, 1, 700) == 0, "silent for 0.7 s");
	client_send(fd, request, strlen(request));
	client_receive(fd, &r, 1);
	close(fd);
	is_int(r.status, 200, "then it asks, and is served");
	if ((p = strstr(r.head, "queue;dur=")) != NULL)
		sscanf(p, "queue;dur=%lf", &queue);
	diag("its queue time: %.3f ms", queue);
	ok(queue >= 0 && queue < 600, "its silence is not in its queue time");
	daemon_finish(&d, expected);
}

/*
 * A client that has got a SYN cookie is there at once: the kernel could not
 * keep it, and it may be about to ask.
 */
static void
test_cookies(const char *policy)
{
	long long used = network_count("SyncookiesRecv");
	int fd;

	is_int(network_set("ipv4/tcp_syncookies", 2), 0,
	    "SYN cookies for everybody");
	daemon_configure(&d, "balance %s\nworkers 2\nrequest-timeout 20s\n",
	    policy);
	daemon_start(&d);
	fd = client_connect(d.port);
	is_int(client_get(d.port, "/200,0,x", &r), 200,
	    "%s: with a cookie: a spare worker serves whoever asks", policy);
	is_int(ended(&fd, 1, 300), 0, "%s: who is silent is not ended", policy);
	client_send(fd, request, strlen(request));
	client_receive(fd, &r, 1);
	is_int(r.status, 200, "%s: nor when it asks at last", policy);
	close(fd);
	is_int(network_count("SyncookiesRecv") - used, 2,
	    "%s: both had cookies", policy);
	daemon_finish(&d, expected);
	is_int(network_set("ipv4/tcp_syncookies", 1), 0, "back to normal");
}

/*
 * More silent clients than the backlog holds: those beyond have got cookies,
 * and cost the worker request-timeout each, but no more.
 */
static void
test_overflow(const char *policy)
{
	long long cookies = network_count("SyncookiesRecv");
	int fds[CROWD];

	daemon_configure(&d, "balance %s\nworkers 1\nrequest-timeout 100ms\n"
	    "backlog %d\nqueue-timeout off\n", policy, CROWD / 2);
	daemon_start(&d);
	connect_all(fds, CROWD);
	is_int(client_get(d.port, "/200,0,x", &r), 200,
	    "%s: beyond the backlog: whoever asks is served", policy);
	cookies = network_count("SyncookiesRecv") - cookies;
	ok(cookies > 1 && cookies < CROWD, "%s: some had cookies, not all",
	    policy);
	is_int(all_end(fds, CROWD), CROWD, "%s: and all silent ones are ended",
	    policy);
	daemon_finish(&d, expected);
}

int
main(void)
{
	size_t i, n = sizeof(policies) / sizeof(policies[0]);

	plan_no_plan();
	for (i = 0; i < n; i++) {
		test_deferred(policies[i]);
		test_not_deferred(policies[i]);
	}
	/* Under `hash', it is lost with the listener that it was for. */
	for (i = 0; i < 2; i++) {
		test_moved(policies[i], 0);
		test_moved(policies[i], 1);
	}
	test_queue_time();
	if (network_own() == -1) {
		skip(1, "only root has networks of its own");
		return exit_status();
	}
	/* Under `hash', both may come to the same worker. */
	for (i = 0; i < 2; i++) {
		test_cookies(policies[i]);
		test_overflow(policies[i]);
	}
	return exit_status();
}
