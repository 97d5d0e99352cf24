/* Reloads, good and bad, with requests under way. */

#include <sys/socket.h>
#include <sys/wait.h>

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"

static struct daemon d;
static struct response r;

static void
test_values(void)
{
	is_int(client_get(d.port, "/200,3000,x", &r), 400, "max-delay is 2s");
	daemon_rewrite(&d, "workers 2\nbalance shared\nmax-delay 5s\n");
	daemon_reload(&d);
	/* An old worker may take one more, until it hears of it. */
	daemon_await_workers(&d, 2);
	is_int(client_get(d.port, "/200,3000,x", &r), 200, "and then 5s");
}

static void
test_bad(void)
{
	pid_t before[8], after[8];
	char text[256];
	size_t from = daemon_log_length(&d);

	daemon_workers(&d, before, 8);
	daemon_rewrite(&d, "workers 0\nbalance shared\nmax-delya 1s\n");
	daemon_reload(&d);
	snprintf(text, sizeof(text), "%s:%d: workers: expected a number from "
	    "1 to 16384", d.conf, geteuid() == 0 ? 3 : 2);
	daemon_await_log(&d, text, from);
	daemon_await_log(&d, "did you mean `max-delay'?", from);
	daemon_await_log(&d, "reload: 2 errors in ", from);
	/* Not only once, for systemctl shows nothing but the last status. */
	daemon_await_notify(&d, "; the last reload failed: 2 errors");
	daemon_await_notify(&d, "; the last reload failed: 2 errors");
	daemon_workers(&d, after, 8);
	is_int(after[0], before[0], "a bad file changes nothing");
	is_int(client_get(d.port, "/200,3000,x", &r), 200,
	    "the old configuration is in force");
	unlink(d.conf);
	from = daemon_log_length(&d);
	daemon_reload(&d);
	daemon_await_log(&d, "cannot read the configuration: No such file",
	    from);
	is_int(client_get(d.port, "/200,3000,x", &r), 200,
	    "not even one that is gone");
}

/* A port that is free now. */
static int
free_port(int *fd)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(sin);

	*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(*fd, (struct sockaddr *)&sin, len) == -1 ||
	    getsockname(*fd, (struct sockaddr *)&sin, &len) == -1)
		exit(1);
	return ntohs(sin.sin_port);
}

static void
test_listen(void)
{
	int fd, port = free_port(&fd);
	char text[128];
	size_t from;

	/* Held by somebody: the reload must fail as a whole. */
	listen(fd, 1);
	from = daemon_log_length(&d);
	daemon_rewrite(&d, "listen 127.0.0.1:0\nlisten 127.0.0.1:%d\n"
	    "workers 1\nbalance shared\n", port);
	daemon_reload(&d);
	snprintf(text, sizeof(text), "listen 127.0.0.1:%d: the address is in "
	    "use", port);
	daemon_await_log(&d, text, from);
	daemon_await_workers(&d, 2);
	ok(1, "an address in use changes nothing either");

	close(fd);
	daemon_reload(&d);
	is_int(client_get(port, "/200,0,x", &r), 200, "an address is added");
	is_int(client_get(d.port, "/200,0,x", &r), 200, "the first one stays");

	daemon_rewrite(&d, "listen 127.0.0.1:0\nworkers 1\n"
	    "balance shared\n");
	daemon_reload(&d);
	ok(client_connect(port) == -1, "an address is removed");
	is_int(client_get(d.port, "/200,0,x", &r), 200, "the first one stays");
}

static void
test_fixed(void)
{
	size_t from = daemon_log_length(&d);

	daemon_rewrite(&d, "workers 1\nbalance hash\n");
	daemon_reload(&d);
	daemon_await_log(&d, "balance: only a restart puts `hash' in force; "
	    "`shared' stays", from);
	is_int(client_get(d.port, "/200,0,x", &r), 200,
	    "what needs a restart says so");
}

/* The client's half: asks one by one, and fails with the first failure. */
static void
ask_many(int n)
{
	static struct response mine;
	int i;

	for (i = 0; i < n; i++)
		if (client_get(d.port, "/200,2,x", &mine) != 200)
			_exit(1);
	_exit(0);
}

#define CLIENTS 4

static void
test_load(void)
{
	pid_t clients[CLIENTS];
	int i, status, lost = 0;

	daemon_rewrite(&d, "workers 8\nbalance shared\n");
	daemon_reload(&d);
	fflush(stdout);
	for (i = 0; i < CLIENTS; i++)
		if ((clients[i] = fork()) == 0)
			ask_many(300);
	for (i = 0; i < 10; i++) {
		if (i % 3 == 2)
			daemon_rewrite(&d, "workers no\n");
		else
			daemon_rewrite(&d, "workers %d\nbalance shared\n",
			    4 + i);
		daemon_reload(&d);
	}
	for (i = 0; i < CLIENTS; i++) {
		waitpid(clients[i], &status, 0);
		lost += status != 0;
	}
	is_int(lost, 0, "ten reloads under load lose no request");
}

static void
test_long_read(void)
{
	int fd = client_connect(d.port);

	daemon_rewrite(&d, "workers 1\nbalance shared\n");
	client_send(fd, "GET /200,1500,x HTTP/1.0\r\n\r\n", 28);
	daemon_await_reading(&d, 1);
	daemon_reload(&d);
	is_int(client_get(d.port, "/200,0,x", &r), 200,
	    "new workers do not wait for an old one's read");
	client_receive(fd, &r, 1);
	is_int(r.status, 200, "which ends in its own time");
	close(fd);
}

int
main(void)
{
	static const char *const expected[] = {
		"expected", "reload: ", "unknown keyword", "cannot read",
		"in use", "only a restart", NULL
	};

	plan_no_plan();
	daemon_configure(&d, "workers 2\nbalance shared\nmax-delay 2s\n");
	daemon_start(&d);
	test_values();
	test_bad();
	test_listen();
	test_fixed();
	test_load();
	test_long_read();
	daemon_finish(&d, expected);
	return exit_status();
}
