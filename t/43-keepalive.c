/* Connections that are kept: how long, and at whose expense. */

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"

static struct daemon d;
static struct response r;

static int
ask_on(int fd, const char *request)
{
	client_send(fd, request, strlen(request));
	client_receive(fd, &r, 0);
	return r.status;
}

static const char get[] = "GET /200,0,x HTTP/1.1\r\nHost: t\r\n\r\n";

static void
test_versions(void)
{
	int fd = client_connect(d.port);

	is_int(ask_on(fd, get), 200, "1.1: a first request");
	ok(strstr(r.head, "Connection:") == NULL, "is kept without a word");
	is_int(ask_on(fd, get), 200, "a second on the same connection");
	is_int(ask_on(fd, "HEAD /200,0,x HTTP/1.1\r\nHost: t\r\n\r\n"), 200,
	    "HEAD leaves no bytes behind");
	close(fd);

	fd = client_connect(d.port);
	ask_on(fd, "GET / HTTP/1.0\r\n\r\n");
	has_string(r.head, "Connection: close\r\n", "1.0 is closed");
	ok(client_closed(fd), "and it is");
	close(fd);

	fd = client_connect(d.port);
	ask_on(fd, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	has_string(r.head, "Connection: keep-alive\r\n", "1.0 may ask");
	is_int(ask_on(fd, get), 200, "and gets it");
	close(fd);

	fd = client_connect(d.port);
	ask_on(fd, "GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
	ok(client_closed(fd), "1.1 may ask for the end");
	close(fd);
}

static void
test_pipeline(void)
{
	static const char two[] =
	    "GET /200,0,first HTTP/1.1\r\nHost: t\r\n\r\n"
	    "GET /200,0,second HTTP/1.1\r\nHost: t\r\n\r\n";
	int fd = client_connect(d.port);

	ask_on(fd, two);
	has_string(r.body, ",first", "the first of two sent at once");
	client_receive(fd, &r, 0);
	has_string(r.body, ",second", "the second");
	close(fd);
}

/* The only worker keeps a connection, and somebody else comes. */
static void
test_wanted(void)
{
	int fd = client_connect(d.port);

	ask_on(fd, get);
	is_int(client_get(d.port, "/200,0,x", &r), 200,
	    "a kept connection keeps nobody waiting");
	ok(client_closed(fd), "it had to go for that");
	close(fd);
}

/*
 * Somebody comes, but another worker is idle: of two, one always is, while
 * the other is still busy with the end of the request before.
 */
static void
test_not_wanted(void)
{
	size_t from;
	int fd, i;

	/* One by one: of equal signals that wait, one is enough. */
	daemon_signal(&d, SIGTTIN);
	daemon_await_log(&d, "workers: 2 wanted", 0);
	daemon_signal(&d, SIGTTIN);
	daemon_await_log(&d, "workers: 3 wanted", 0);
	daemon_await_workers(&d, 3);
	daemon_await_idle(&d, 3);
	fd = client_connect(d.port);
	ask_on(fd, get);
	for (i = 0; i < 20; i++)
		client_get(d.port, "/200,0,x", NULL);
	is_int(ask_on(fd, get), 200, "an idle worker leaves it alone");
	close(fd);
	from = daemon_log_length(&d);
	daemon_signal(&d, SIGTTOU);
	daemon_await_log(&d, "workers: 2 wanted", from);
	daemon_signal(&d, SIGTTOU);
	daemon_await_workers(&d, 1);
}

static void
test_timeout(void)
{
	int fd = client_connect(d.port);

	ask_on(fd, get);
	ok(client_closed(fd), "a kept connection ends at its timeout");
	close(fd);
}

static void
test_retire(void)
{
	size_t from = daemon_log_length(&d);
	int fd = client_connect(d.port);

	ask_on(fd, get);
	daemon_signal(&d, SIGHUP);
	ok(client_closed(fd), "a retiring worker keeps nothing");
	daemon_await_log(&d, "ready:", from);
	close(fd);
}

int
main(void)
{
	plan_no_plan();
	daemon_configure(&d, "workers 1\nbalance shared\n"
	    "keepalive-timeout 3s\ndisk default { read fixed 0 }\n");
	daemon_start(&d);
	test_versions();
	test_pipeline();
	test_wanted();
	test_not_wanted();
	test_timeout();
	test_retire();
	daemon_finish(&d, NULL);
	return exit_status();
}
