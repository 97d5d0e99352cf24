/* A running daemon: what it replies, and when. */

#include <sys/socket.h>

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"

static struct daemon d;
static struct response r;

static double
timing(const char *name)
{
	char field[64];
	const char *p;

	snprintf(field, sizeof(field), "%s;dur=", name);
	p = strstr(r.head, field);
	return p == NULL ? -1.0 : atof(p + strlen(field));
}

static int
ask(const char *request)
{
	int fd = client_connect(d.port);

	client_send(fd, request, strlen(request));
	client_receive(fd, &r, 1);
	close(fd);
	return r.status;
}

static void
test_reply(void)
{
	const char *p;
	int total;

	is_int(client_get(d.port, "/200,30,some_file", &r), 200, "a good read");
	p = strchr(r.body, ',');
	is_string(p, ",some_file", "the body ends in the path");
	total = atoi(r.body);
	ok(total >= 30 && total < 4000, "TOTAL is at least the read's time");
	ok(timing("disk") >= 30.0, "so is the disk's time");
	ok(timing("disk") <= total + 1.0, "which is part of TOTAL");
	ok(timing("lane") == 0.0 && timing("queue") >= 0.0,
	    "queue and lane are there");
	has_string(r.head, "\r\nDate: ", "Date");
	has_string(r.head, "\r\nServer: spindled/", "Server");
	has_string(r.head, "\r\nConnection: close\r\n", "Connection");
	has_string(r.head, "\r\nContent-Length: 12\r\n", "Content-Length");
}

static void
test_disk(void)
{
	client_get(d.port, "/slow/a/b", &r);
	ok(timing("disk") >= 40.0, "the first segment names the disk");
	has_string(r.body, ",slow/a/b", "a plain path is echoed less its /");
	client_get(d.port, "/200,-1,slow/x", &r);
	ok(timing("disk") >= 40.0, "-1 is the model's time");
	client_get(d.port, "/200,,slow/x", &r);
	ok(timing("disk") >= 40.0, "so is nothing");
	client_get(d.port, "/200,1,slow/x", &r);
	ok(timing("disk") >= 1.0, "a time overrides the model");
	client_get(d.port, "/slower", &r);
	ok(timing("disk") >= 0.0 && timing("disk") < 40.0,
	    "a longer name is no such disk");
}

static void
test_errors(void)
{
	is_int(client_get(d.port, "/503,5,x", &r), 503, "a failing read");
	ok(timing("disk") >= 5.0, "fails after its time");
	is_int(client_get(d.port, "/200,60001,x", &r), 400,
	    "more than max-delay is refused");
	is_string(r.body, "MS in /RC,MS,PATH is more than max-delay allows\n",
	    "with the reason");
	ok(timing("disk") == 0.0, "and costs no read");
	is_int(client_get(d.port, "/200,2200,x", &r), 504,
	    "read-timeout is a 504");
	ok(timing("disk") >= 2200.0, "after the read's full time");
	is_int(ask("PUT / HTTP/1.1\r\nHost: t\r\n\r\n"), 405, "a method");
	has_string(r.head, "\r\nAllow: GET, HEAD\r\n", "Allow");
	is_int(ask("GET / HTTP/2.0\r\n\r\n"), 505, "a version");
	is_int(ask("GET / HTTP/1.1\r\n\r\n"), 400, "no Host");
	has_string(r.head, "Server-Timing: queue", "errors are timed too");
}

/* Leaves nothing of a field whose value is another each time. */
static void
cut(char *head, const char *field)
{
	char *p = strstr(head, field);
	const char *end = p == NULL ? NULL : strchr(p, '\n');

	ok(end != NULL, "there is %s", field);
	if (end != NULL)
		memmove(p, end + 1, strlen(end + 1) + 1);
}

static void
test_head(void)
{
	static const char *const varying[] = {
		"Server-Timing: ", "Date: ", "Request-Id: "
	};
	static struct response get;
	size_t i;

	ask("GET /200,0,x HTTP/1.1\r\nHost: t\r\n\r\n");
	get = r;
	ask("HEAD /200,0,x HTTP/1.1\r\nHost: t\r\n\r\n");
	for (i = 0; i < sizeof(varying) / sizeof(varying[0]); i++) {
		cut(get.head, varying[i]);
		cut(r.head, varying[i]);
	}
	is_string(r.head, get.head, "HEAD has GET's head");
	is_int((long long)r.body_len, 0, "and no body");
}

static void
test_body(void)
{
	static char chunk[65536];
	static const char head[] = "GET /200,0,x HTTP/1.1\r\nHost: t\r\n"
	    "Content-Length: 983040\r\n\r\n";
	int fd = client_connect(d.port), i;

	/* More than socket buffers hold: the client is still sending. */
	client_send(fd, head, strlen(head));
	for (i = 0; i < 15; i++)
		client_send(fd, chunk, sizeof(chunk));
	client_receive(fd, &r, 1);
	is_int(r.status, 200, "a request's body is read away");
	ok(!r.reset, "and costs no reply");
	close(fd);

	is_int(ask("POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked"
	    "\r\n\r\n5\r\nhello\r\n0\r\n\r\n"), 405, "a chunked body");
	ok(!r.reset, "neither does a chunked one");
}

static void
test_late(void)
{
	int fd = client_connect(d.port);

	client_send(fd, "GET /200,0,x HTT", 16);
	client_receive(fd, &r, 1);
	is_int(r.status, 408, "a request that is never complete");
	close(fd);
	fd = client_connect(d.port);
	client_receive(fd, &r, 1);
	is_int(r.status, 0, "who says nothing gets no reply");
	ok(!r.reset, "but a plain close");
	close(fd);
}

/* Two workers are busy; a third request waits longer than queue-timeout. */
static void
test_queue(void)
{
	static const char stuck[] =
	    "GET /200,2500,x HTTP/1.1\r\nHost: t\r\n\r\n";
	int fds[2], i;

	for (i = 0; i < 2; i++) {
		fds[i] = client_connect(d.port);
		client_send(fds[i], stuck, strlen(stuck));
	}
	is_int(client_get(d.port, "/200,0,x", &r), 429,
	    "queue-timeout, with its status");
	ok(timing("queue") >= 1000.0, "the kernel knows how long it waited");
	for (i = 0; i < 2; i++) {
		client_receive(fds[i], &r, 1);
		is_int(r.status, 504, "the read in front is not disturbed");
		close(fds[i]);
	}
}

int
main(void)
{
	plan_no_plan();
	daemon_configure(&d, "workers 2\nbalance shared\nmax-delay 1m\n"
	    "read-timeout 2s\nrequest-timeout 2s\nqueue-timeout 1s\n"
	    "queue-timeout-status 429\n"
	    "disk default { read fixed 0 }\ndisk slow { read fixed 40ms }\n");
	daemon_start(&d);
	test_reply();
	test_disk();
	test_errors();
	test_head();
	test_body();
	test_late();
	test_queue();
	daemon_finish(&d, NULL);
	return exit_status();
}
