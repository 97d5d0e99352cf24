/*
 * Clients that do what they should not, one at a time, against two workers:
 * whatever one of them does costs one worker request-timeout at the most, and
 * as long as the other is there, costs nobody else anything.  Of a reply, the
 * time begins anew with each 64 kB that the client's system has taken, which
 * are some even if the client does not read.
 *
 * 55-faults has clients that go at each byte of a request, 24-reply-clients
 * those that take a reply slowly, and 64-silent those that say nothing.
 */
#include <sys/socket.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"

#define TIMEOUT_S	1		/* request-timeout */

/* What ends at all ends far sooner, and what is in time as well. */
#define TOO_LONG	(8 * CLOCK_S * TIMEOUT_S)

/* So many are served at least while request-timeout passes, and not sooner. */
#define MEANWHILE	10

/* What it does behind what it sends. */
enum manner { WAITS, DRIPS, HALF_CLOSES, RESETS, RESETS_IN_DISK,
    RESETS_IN_REPLY, SIPS };

/* How its end is seen. */
enum sign { BY_CLIENT, BY_LOG };

/* How long it holds a worker: not at all, for its read, for request-timeout. */
enum cost { NOTHING, A_READ, A_TIMEOUT };

#define FIELDS		" HTTP/1.1\r\nHost: t\r\nConnection: close\r\n"
#define MANY		"?size=64M"

static const struct kind {
	const char *name, *sends;
	enum manner manner;
	enum sign sign;
	enum cost cost;
	const char *logged;	/* BY_LOG: what the line has */
} kinds[] = {
	{ "silent", "", WAITS, BY_CLIENT, A_TIMEOUT, NULL },
	{ "half a head", "GET /200,0,half" FIELDS, WAITS, BY_CLIENT, A_TIMEOUT,
	    NULL },
	{ "a head byte by byte", "G", DRIPS, BY_CLIENT, A_TIMEOUT, NULL },
	{ "half-closed at once", "", HALF_CLOSES, BY_CLIENT, NOTHING, NULL },
	{ "half-closed in the head", "GET /200,0,x" FIELDS, HALF_CLOSES,
	    BY_CLIENT, NOTHING, NULL },
	{ "half-closed behind the head", "GET /200,0,behind" FIELDS "\r\n",
	    HALF_CLOSES, BY_LOG, A_READ, ",behind" },
	{ "reset behind the head", "GET /200,0,reset" FIELDS "\r\n", RESETS,
	    BY_CLIENT, NOTHING, NULL },
	{ "reset in the disk", "GET /200,300,disk" FIELDS "\r\n",
	    RESETS_IN_DISK, BY_LOG, A_READ, ",disk" },
	{ "reset in the reply", "GET /200,0,reply" MANY FIELDS "\r\n",
	    RESETS_IN_REPLY, BY_LOG, A_READ, ",reply" },
	{ "a body that nobody takes", "GET /200,0,never" MANY FIELDS "\r\n",
	    WAITS, BY_LOG, A_TIMEOUT, ",never" },
	{ "a body byte by byte", "GET /200,0,sips" MANY FIELDS "\r\n", SIPS,
	    BY_LOG, A_TIMEOUT, ",sips" },
};

static struct daemon d;
static struct response r;

/* A close that resets. */
static void
reset(int *fd)
{
	const struct linger now = { .l_onoff = 1 };

	setsockopt(*fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(*fd);
	*fd = -1;
}

static int
begin(const struct kind *k)
{
	int fd = client_connect(d.port);
	char c;

	client_send(fd, k->sends, strlen(k->sends));
	switch (k->manner) {
	case HALF_CLOSES:
		shutdown(fd, SHUT_WR);
		break;
	case RESETS_IN_DISK:
		daemon_await_reading(&d, 1);
		reset(&fd);
		break;
	case RESETS_IN_REPLY:
		is_int(recv(fd, &c, 1, 0), 1, "%s: it has begun", k->name);
		reset(&fd);
		break;
	case RESETS:
		reset(&fd);
		break;
	default:
		break;
	}
	return fd;
}

/* Between two healthy requests. */
static void
go_on(const struct kind *k, int fd)
{
	char c;

	if (k->manner == DRIPS)
		client_send(fd, "E", 1);
	if (k->manner == SIPS)
		recv(fd, &c, 1, MSG_DONTWAIT);
}

static int
is_over(const struct kind *k, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLRDHUP };

	if (k->sign == BY_LOG)
		return daemon_has_logged(&d, k->logged);
	return fd == -1 || poll(&p, 1, 0) == 1;
}

static void
test_kind(const struct kind *k)
{
	const int64_t begun = clock_mono();
	int fd = begin(k), asked = 0, good = 0;
	int64_t took = 0;

	do {
		good += client_get(d.port, "/200,5,x", &r) == 200;
		asked++;
		go_on(k, fd);
		took = clock_mono() - begun;
	} while (!is_over(k, fd) && took < TOO_LONG);
	is_int(good, asked, "%s: whoever else asks is served", k->name);
	if (k->cost == A_TIMEOUT)
		ok(asked >= MEANWHILE, "%s: and does not wait for its end: "
		    "%d requests", k->name, asked);
	if (k->cost == NOTHING)
		ok(asked < MEANWHILE, "%s: it holds nobody: %d requests",
		    k->name, asked);
	ok(took < TOO_LONG, "%s: it is over: %.2f s", k->name,
	    (double)took / CLOCK_S);
	if (k->cost == A_TIMEOUT)
		ok(took >= CLOCK_S * TIMEOUT_S, "%s: but has its time",
		    k->name);
	if (fd != -1)
		close(fd);
}

static void
test_policy(const char *policy)
{
	static const char *const expected[] = { "shared is in force", NULL };
	pid_t before[3], after[3];
	size_t i;

	diag("balance %s", policy);
	daemon_configure(&d, "balance %s\nworkers 2\nrequest-timeout %ds\n"
	    "defer-accept no\naccess-log stderr logfmt\n", policy, TIMEOUT_S);
	daemon_start(&d);
	is_int((long long)daemon_workers(&d, before, 3), 2, "two workers");
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		test_kind(&kinds[i]);
	is_int((long long)daemon_workers(&d, after, 3), 2, "still two");
	ok(memcmp(before, after, 2 * sizeof(before[0])) == 0, "the same ones");
	daemon_finish(&d, expected);
}

int
main(void)
{
	plan_no_plan();
	alarm(120);
	test_policy("idle");
	test_policy("shared");
	return exit_status();
}
