/*
 * The table of requests through a running daemon, whose workers are confined:
 * sent whole, byte by byte, and cut off at every length.
 */

#include <sys/socket.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"
#include "t/privileges.h"
#include "t/requests.h"
#include "t/stuck.h"

/* Longer ones are cut at as many places from both ends. */
#define CUTS	160

#define WORKERS	4

static struct daemon d;
static struct response r;

static int
answer_to_whole(const struct request_case *c)
{
	int fd = client_connect(d.port);

	client_send(fd, c->bytes, c->len);
	client_receive(fd, &r, 0);
	close(fd);
	return r.status;
}

/* Each byte in a segment of its own, until the server has had enough. */
static int
answer_to_bytes(const struct request_case *c)
{
	const int on = 1;
	int fd = client_connect(d.port);
	size_t i;
	char peek;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	for (i = 0; i < c->len; i++) {
		client_send(fd, c->bytes + i, 1);
		if (recv(fd, &peek, 1, MSG_PEEK | MSG_DONTWAIT) != -1)
			break;
	}
	client_receive(fd, &r, 0);
	close(fd);
	return r.status;
}

/*
 * The first len bytes, and then nothing more: an answer may come early, when
 * it is the one that the whole would get, or not at all.
 */
static int
cut_is_answered_well(const struct request_case *c, size_t len)
{
	int fd = client_connect(d.port);

	client_send(fd, c->bytes, len);
	shutdown(fd, SHUT_WR);
	client_receive(fd, &r, 0);
	close(fd);
	if (r.status == 0 || r.status == c->status)
		return 1;
	diag("%s, cut at %zu of %zu: %d", c->name, len, c->len, r.status);
	return 0;
}

static int
all_cuts_are_answered_well(const struct request_case *c)
{
	int good = 1;
	size_t len;

	for (len = 0; len < c->len; len++)
		if (len < CUTS || len + CUTS > c->len)
			good &= cut_is_answered_well(c, len);
	return good;
}

/* What the kernel cannot do is told, and is 57-confine's to judge. */
static void
workers_are_confined(void)
{
	char text[64];
	pid_t pids[WORKERS];
	size_t i;

	is_int((long long)daemon_workers(&d, pids, WORKERS), WORKERS,
	    "workers");
	for (i = 0; i < WORKERS; i++) {
		is_string(privileges_field(pids[i], "NoNewPrivs", text,
		    sizeof(text)), " 1", "worker %zu has no_new_privs", i);
		is_string(privileges_field(pids[i], "Seccomp", text,
		    sizeof(text)), daemon_has_logged(&d, "seccomp (") ?
		    " 2" : " 0", "worker %zu has a filter", i);
	}
}

int
main(void)
{
	const struct request_case *c;
	size_t i, n = request_cases_count();

	plan_tests((unsigned int)(3 * n + 5) + 4 * WORKERS);
	daemon_configure(&d, "workers %d\nbalance shared\nrequest-limit %d\n"
	    "%sdisk default { read fixed 0 }\n", WORKERS, REQUESTS_LIMIT,
	    stuck_kernel() ? "" : "confine all\n");
	daemon_start(&d);
	workers_are_confined();
	for (i = 0; i < n; i++) {
		c = &request_cases[i];
		is_int(answer_to_whole(c), c->status, "%s", c->name);
		is_int(answer_to_bytes(c), c->status, "%s, byte by byte",
		    c->name);
		ok(all_cuts_are_answered_well(c), "%s, cut at every length",
		    c->name);
	}
	is_int(client_get(d.port, "/200,0,x", &r), 200, "and it still serves");
	workers_are_confined();
	daemon_finish(&d, NULL);
	return exit_status();
}
