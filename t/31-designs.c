/*
 * The servers of blocking-servers(7), t/problem/NAME.c: each serves what all of
 * them serve, and does with a read that blocks what its design does.
 *
 * Arguments name those that are wanted.
 */
#include <sys/resource.h>
#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "t/check.h"
#include "t/client.h"
#include "t/design.h"
#include "t/stuck.h"
#include "t/text.h"

#define MANY	50		/* requests at once */
#define CROWD	100		/* clients, where descriptors are few */
#define FEW	40		/* descriptors */
#define THOUSAND	1044	/* clients, where there is room for 1024 */

/* Nobody waits for such a read: it is there while something else happens. */
#define FOREVER	"/200,60000,forever"

static const struct design designs[] = {
	{ "fork", 0, 0 },
	{ "thread", 0, 0 },
	{ "pool", 1, 0 },
	{ "nonblock", 0, 1 },
	{ "select", 0, 1 },
	{ "poll", 0, 1 },
	{ "epoll", 0, 1 },
	{ "sigio", 0, 1 },
	{ "epoll-pool", 1, 0 },
	{ "aio", 1, 0 },
	{ "uring", 0, 0 },
};

static const struct limit none = { .n = 0 };
static struct response r;

static void
say(int fd, const char *text)
{
	client_send(fd, text, strlen(text));
}

/* Takes the reply, up to its end.  Gives its status. */
static int
answer(int fd)
{
	client_receive(fd, &r, 1);
	close(fd);
	return r.status;
}

static void
test_usage(const struct design *d)
{
	struct server s;
	char log[2048], usage[128];
	int status = design_start(&s, d, d->has_workers ? "0" : "2", none);

	snprintf(usage, sizeof(usage), "usage: %s port\n", d->name);
	is_int(status, 2, "%s: -w %s is refused", d->name,
	    d->has_workers ? "0" : "2");
	text_read(s.log, log, sizeof(log));
	has_string(log, d->has_workers ? "expected 1 to 10000" : usage,
	    "%s: and it says why", d->name);
}

static void
test_replies(const struct server *s)
{
	const char *name = s->design->name;
	int total;

	is_int(client_get(s->port, "/200,30,some/file", &r), 200,
	    "%s: a good read", name);
	total = atoi(r.body);
	ok(total >= 30, "%s: TOTAL is at least the read's time", name);
	is_string(strchr(r.body, ','), ",some/file", "%s: and PATH", name);
	has_string(r.head, "\r\nConnection: close\r\n", "%s: Connection", name);
	client_get(s->port, "/200,0,f?size=1024", &r);
	has_string(r.head, "\r\nContent-Length: 1024\r\n", "%s: a size", name);
	is_int((long long)r.body_len, 1024, "%s: its body", name);
	is_int(client_get(s->port, "/200,,f?delay=20ms&size=0", &r), 200,
	    "%s: a delay in the query", name);
	is_int(client_get(s->port, "/503,10,f", &r), 503,
	    "%s: a read that fails", name);
	is_string(r.body, "the read failed\n", "%s: and why", name);
	is_int(client_get(s->port, "/200,x,f", &r), 400, "%s: a bad request",
	    name);
	is_string(r.body, "MS in /RC,MS,PATH is whole milliseconds, -1 or "
	    "nothing\n", "%s: what is bad", name);
}

static void
test_pieces(const struct server *s)
{
	static const char *const pieces[] = {
		"G", "ET /200,5,pieces HT", "TP/1.1\r\nHost: t\r", "\n\r", "\n"
	};
	int fd = client_connect(s->port), taken = 1;
	size_t i;

	for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		say(fd, pieces[i]);
		if (i < sizeof(pieces) / sizeof(pieces[0]) - 1)
			taken = design_await_read(s, fd) && taken;
	}
	ok(taken, "%s: each piece of a request is read at once",
	    s->design->name);
	is_int(answer(fd), 200, "%s: a request in pieces", s->design->name);
}

/* A client with so little room that its reply does not leave at once. */
static int
small_client(const struct server *s)
{
	const int room = 1, segment = 88;
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons((in_port_t)s->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room,
	    sizeof(room)) == -1 || setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG,
	    &segment, sizeof(segment)) == -1 ||
	    connect(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1)
		err(1, "a small client");
	return fd;
}

static void
test_large(const struct server *s)
{
	int fd = small_client(s);

	say(fd, "GET /200,0,f?size=64k HTTP/1.0\r\n\r\n");
	design_await_read(s, fd);
	is_int(client_get(s->port, "/200,1,f", &r), 200,
	    "%s: who takes no reply holds up nobody", s->design->name);
	is_int(answer(fd), 200, "%s: a large reply", s->design->name);
	is_int((long long)r.body_len, 65536, "%s: all of it", s->design->name);
}

/*
 * Goes away: in order, by a reset, or by a reset behind the end of what it has
 * to say, when the server's next send(2) is a SIGPIPE.
 */
static void
leave(int fd, int how)
{
	const struct linger now = { .l_onoff = 1 };

	if (how == 2)
		shutdown(fd, SHUT_WR);
	if (how >= 1)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

static void
test_leavers(const struct server *s)
{
	const char *const name = s->design->name;
	int how, fd, read = 1;

	for (how = 0; how <= 2; how++) {
		leave(client_connect(s->port), how);
		fd = client_connect(s->port);
		say(fd, "GET /200,5,f HTTP");
		read = design_await_read(s, fd) && read;
		leave(fd, how);
		fd = design_ask(s, "/200,50,f");
		read = design_await_read(s, fd) && read;
		leave(fd, how);
		leave(design_ask(s, "/200,0,f?size=64k"), how);
	}
	ok(read, "%s: it reads what clients have sent that leave", name);
	is_int(client_get(s->port, "/200,1,f", &r), 200,
	    "%s: and serves the next one", name);
}

/* n at once.  Gives how many were answered right until one was not. */
static int
crowd(const struct server *s, int n, int ms)
{
	char path[64];
	int fds[CROWD], i, good = 0;

	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "/200,%d,%d", ms, i);
		fds[i] = design_ask(s, path);
	}
	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), ",%d", i);
		if (good < i)
			close(fds[i]);
		else if (answer(fds[i]) == 200 && atoi(r.body) >= ms &&
		    strcmp(r.body + strcspn(r.body, ","), path) == 0)
			good++;
	}
	return good;
}

static void
test_silent(const struct server *s)
{
	int silent = client_connect(s->port);

	is_int(client_get(s->port, "/200,1,f", &r), 200,
	    "%s: who asks nothing holds up nobody", s->design->name);
	close(silent);
}

/*
 * Whether a read that takes no time is answered before one that takes ms, and
 * that the server had when it was asked for; -1: neither is.
 */
static int
is_overtaken(const struct server *s, int ms)
{
	char path[64], byte;
	int fd, overtaken = -1;

	snprintf(path, sizeof(path), "/200,%d,slow", ms);
	fd = design_ask(s, path);
	if (design_await_read(s, fd) &&
	    client_get(s->port, "/200,0,f", &r) == 200)
		overtaken = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 1;
	close(fd);
	return overtaken;
}

static void
test_design(const struct design *d)
{
	struct server s;
	int fd;

	design_must_start(&s, d, NULL, none);
	test_replies(&s);
	test_pieces(&s);
	test_large(&s);
	test_leavers(&s);
	is_int(crowd(&s, MANY, 50), MANY, "%s: %d at once", d->name, MANY);
	test_silent(&s);
	if (d->stops)
		is_int(is_overtaken(&s, 300), 0,
		    "%s: a read that blocks stops everybody", d->name);
	else
		is_int(is_overtaken(&s, 10000), 1,
		    "%s: a read that blocks stops nobody else", d->name);
	fd = design_ask(&s, FOREVER);
	ok(design_await_read(&s, fd), "%s: it is in a read", d->name);
	design_stop(&s, "in a read");
	close(fd);
}

/* A read stops a thread, and nobody waits who finds another. */
static void
test_workers(const struct design *d)
{
	struct server s;

	design_must_start(&s, d, "1", none);
	is_int(is_overtaken(&s, 300), 0, "%s: a read stops the only worker",
	    d->name);
	design_stop(&s, "-w 1");
	design_must_start(&s, d, "2", none);
	is_int(is_overtaken(&s, 10000), 1, "%s: a read stops one worker of two",
	    d->name);
	design_stop(&s, "-w 2");
}

/*
 * Somebody comes when others, n of them, are more than it has room for, and
 * then these go.  It has room for so many at least.
 */
static void
test_full(const struct server *s, int n, int room)
{
	static int fds[THOUSAND];
	int i, fd;

	for (i = 0; i < n; i++) {
		fds[i] = client_connect(s->port);
		say(fds[i], "GET");
	}
	ok(design_await_accepted(s, fds[room - 1]), "%s: it takes %d clients",
	    s->design->name, room);
	fd = design_ask(s, "/200,1,f");
	for (i = 0; i < n; i++)
		close(fds[i]);
	is_int(answer(fd), 200, "%s: and who comes behind %d",
	    s->design->name, n);
}

static void
test_few(const struct design *d)
{
	const struct limit l = { RLIMIT_NOFILE, FEW };
	struct server s;

	design_must_start(&s, d, d->has_workers ? "8" : NULL, l);
	test_full(&s, CROWD, FEW / 4);
	is_int(crowd(&s, CROWD, 1), CROWD, "%s: %d clients, %d descriptors",
	    d->name, CROWD, FEW);
	design_stop(&s, "few descriptors");
}

/*
 * select gets no descriptor that its sets have no room for, and pool takes no
 * connection that its queue has none for.
 */
static void
test_thousand(const struct design *d, int room)
{
	struct rlimit rl;
	struct server s;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1)
		err(1, "getrlimit");
	rl.rlim_cur = THOUSAND + 100;
	if (setrlimit(RLIMIT_NOFILE, &rl) == -1) {
		skip(1, "%s: too few descriptors for a thousand clients",
		    d->name);
		return;
	}
	design_must_start(&s, d, d->has_workers ? "1" : NULL, none);
	test_full(&s, THOUSAND, room);
	design_stop(&s, "a thousand");
}

/* All go on at once while it reads: most signals are lost, and no client is. */
static void
test_sigio(const struct design *d)
{
	const struct limit l = { RLIMIT_SIGPENDING, 2 };
	int fds[MANY], slow, i, good = 0;
	struct server s;

	design_must_start(&s, d, NULL, l);
	for (i = 0; i < MANY; i++) {
		fds[i] = client_connect(s.port);
		say(fds[i], "GET /200,0,");
		design_await_read(&s, fds[i]);
	}
	slow = design_ask(&s, "/200,300,slow");
	design_await_read(&s, slow);
	for (i = 0; i < MANY; i++)
		say(fds[i], "f HTTP/1.0\r\n\r\n");
	for (i = 0; i < MANY && good == i; i++)
		good += answer(fds[i]) == 200;
	is_int(good, MANY, "%s: a queue of signals that is full", d->name);
	is_int(answer(slow), 200, "%s: and what filled it", d->name);
	design_stop(&s, "lost signals");
}

static void
test(const struct design *d)
{
	test_usage(d);
	test_design(d);
	test_few(d);
	if (d->has_workers)
		test_workers(d);
	if (strcmp(d->name, "select") == 0)
		test_thousand(d, 1000);
	if (strcmp(d->name, "pool") == 0)
		test_thousand(d, 1026);	/* one is served, one is in hand */
	if (strcmp(d->name, "sigio") == 0)
		test_sigio(d);
}

/*
 * A kernel may lack it, and who runs containers may forbid it; and a kernel
 * whose work queues are stuck does not let a process that has a ring end.
 */
static int
is_there(const struct design *d)
{
	struct server s;
	char log[2048];

	if (strcmp(d->name, "uring") == 0 && stuck_kernel())
		return 0;
	if (design_start(&s, d, NULL, none) == 0) {
		design_stop(&s, "at once");
		return 1;
	}
	text_read(s.log, log, sizeof(log));
	return strstr(log, "io_uring: ") == NULL;
}

static int
is_wanted(const struct design *d, char **names)
{
	if (*names == NULL)
		return 1;
	for (; *names != NULL; names++)
		if (strcmp(*names, d->name) == 0)
			return 1;
	return 0;
}

int
main(int argc, char **argv)
{
	size_t i;

	(void)argc;
	plan_no_plan();
	for (i = 0; i < sizeof(designs) / sizeof(designs[0]); i++) {
		if (!is_wanted(&designs[i], argv + 1))
			continue;
		if (is_there(&designs[i]))
			test(&designs[i]);
		else
			skip(1, "%s: no io_uring here", designs[i].name);
	}
	return exit_status();
}
