/*
 * Workers that come and go: as many as are needed, and those that have served
 * enough.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"

#define READS	12

static const char *const policies[] = { "idle", "shared", "hash" };
static const char *const expected[] = {
	"shared is in force", "workers are killed", NULL
};

static struct daemon d;
static struct response r;

/* A read that takes a minute, and is not waited for. */
static int
begin(void)
{
	static const char request[] =
	    "GET /200,60000,x HTTP/1.1\r\nHost: t\r\n\r\n";
	int fd = client_connect(d.port);

	client_send(fd, request, sizeof(request) - 1);
	return fd;
}

/* More workers come while others are stuck, and go when it is calm. */
static void
test_spare(const char *policy)
{
	int fds[READS], i;

	daemon_configure(&d, "balance %s\nstop-timeout 0\n"
	    "workers 2 max 10 spare 2 calm 500ms\n"
	    "disk default {\n\tread fixed 0\n\tinterruptible yes\n}\n", policy);
	daemon_start(&d);
	daemon_await_workers(&d, 2);
	for (i = 0; i < READS; i++)
		fds[i] = begin();
	daemon_await_workers(&d, 10);
	daemon_await_reading(&d, 10);
	ok(1, "%s: as many workers come as there may be", policy);
	for (i = 0; i < READS; i++)
		close(fds[i]);
	daemon_await_workers(&d, 2);
	ok(1, "%s: when it is calm, those that came go", policy);
	is_int(client_get(d.port, "/200,0,x", &r), 200, "%s: it serves",
	    policy);
	daemon_finish(&d, expected);
}

/* With one that is spare there is always somebody. */
static void
test_ready(void)
{
	int fds[4], i;

	daemon_configure(&d, "balance shared\nstop-timeout 0\n"
	    "workers 1 max 8 spare 1\n");
	daemon_start(&d);
	for (i = 0; i < 4; i++) {
		fds[i] = begin();
		daemon_await_reading(&d, (size_t)i + 1);
		is_int(client_get(d.port, "/200,0,x", &r), 200,
		    "%d are stuck, and it serves", i + 1);
	}
	for (i = 0; i < 4; i++)
		close(fds[i]);
	daemon_finish(&d, expected);
}

/* Nobody loses a request because a worker has served enough. */
static void
test_max_requests(const char *policy)
{
	pid_t before[4], after[4];
	int i, good = 0;

	daemon_configure(&d, "balance %s\nworkers 4\n"
	    "max-requests 5 jitter 50%%\nkeepalive-timeout 1s\n", policy);
	daemon_start(&d);
	daemon_workers(&d, before, 4);
	for (i = 0; i < 200; i++)
		good += client_get(d.port, "/200,0,x", &r) == 200;
	/* The kernel sends somebody to a listener until it is closed. */
	if (strcmp(policy, "hash") == 0)
		diag("hash: %d of 200 requests were lost", 200 - good);
	else
		is_int(good, 200, "%s: none of 200 requests is lost", policy);
	daemon_await_workers(&d, 4);
	daemon_workers(&d, after, 4);
	ok(memcmp(before, after, sizeof(before)) != 0,
	    "%s: others have taken the workers' places", policy);
	ok(!daemon_has_logged(&d, "warning: worker"),
	    "%s: which is no news", policy);
	daemon_finish(&d, expected);
}

int
main(void)
{
	size_t i;

	plan_no_plan();
	for (i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		/* Under `hash' not every worker gets one of a few reads. */
		if (strcmp(policies[i], "hash") != 0)
			test_spare(policies[i]);
		test_max_requests(policies[i]);
	}
	test_ready();
	return exit_status();
}
