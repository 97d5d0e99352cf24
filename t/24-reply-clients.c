/*
 * Replies to clients that take them slowly, or not at all, or are not there
 * any more when the reply is.
 */
#include <sys/socket.h>
#include <sys/wait.h>

#include <err.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/reply.h"
#include "t/check.h"
#include "t/pair.h"

/* No test waits longer than this for what has to come. */
#define PATIENCE	(20 * CLOCK_S)

/* More than the kernel takes for a client that does not read. */
#define LARGE		((size_t)16 << 20)

static char *
a_large_name(void)
{
	static char *name;
	size_t i;

	if (name != NULL)
		return name;
	if ((name = malloc(LARGE)) == NULL)
		err(1, "malloc");
	for (i = 0; i < LARGE; i++)
		name[i] = (char)('a' + i % 23);
	return name;
}

static struct exchange
a_large_read(void)
{
	struct exchange x = {
		.http = { .method = HTTP_GET, .minor = 1 },
		.wire = { .name = a_large_name(), .name_len = LARGE },
		.status = 200,
	};

	return x;
}

static void
test_deaf_client(void)
{
	struct exchange x = a_large_read();
	int64_t deadline;
	struct pair p;

	pair_open(&p);
	deadline = clock_mono() + 50 * CLOCK_MS;
	is_int(reply_send(&x, &p.conn, 50 * CLOCK_MS), -1,
	    "a client that does not read is given up");
	ok(clock_mono() >= deadline, "not before the deadline");
	ok(clock_mono() < deadline + PATIENCE, "and soon behind it");
	ok(x.sent > 0 && x.sent < LARGE, "a part was sent (%zu)", x.sent);
	x.sent = 0;
	is_int(reply_send(&x, &p.conn, 0), -1, "no time at all is one too");
	pair_close(&p);
}

static void
test_gone_client(void)
{
	const struct linger reset = { .l_onoff = 1, .l_linger = 0 };
	struct exchange x = a_large_read();
	struct pair p;

	pair_open(&p);
	setsockopt(p.client, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(p.client);
	is_int(reply_send(&x, &p.conn, PATIENCE), -1, "a reset ends the reply");
	is_int((long long)x.sent, 0, "nothing was sent");
	is_int(reply_send(&x, &p.conn, PATIENCE), -1, "again, and no signal");
	close(p.conn.fd);
}

/* Reads a head and a body of this many bytes, pattern and all. */
_Noreturn static void
be_client(int fd, size_t want)
{
	static char buf[65536];
	const char *body = NULL;
	size_t at = 0, have = 0, i;
	ssize_t n;

	/* The head comes first, and whole. */
	while (body == NULL) {
		if ((n = recv(fd, buf + have, sizeof(buf) - 1 - have, 0)) <= 0)
			_exit(1);
		have += (size_t)n;
		buf[have] = '\0';
		if ((body = strstr(buf, "\r\n\r\n0,")) != NULL)
			body += 6;
	}
	n = (ssize_t)have - (body - buf);
	memmove(buf, body, (size_t)n);
	do {
		for (i = 0; i < (size_t)n; i++, at++)
			if (buf[i] != (char)('a' + at % 23))
				_exit(2);
	} while ((n = recv(fd, buf, sizeof(buf), 0)) > 0);
	_exit(n == 0 && at == want ? 0 : 3);
}

/* Whatever the pieces in which the kernel takes it. */
static void
test_large_reply(void)
{
	struct exchange x = a_large_read();
	int status = -1;
	struct pair p;
	pid_t pid;

	pair_open(&p);
	if ((pid = fork()) == -1)
		err(1, "fork");
	if (pid == 0) {
		close(p.conn.fd);
		be_client(p.client, LARGE);
	}
	is_int(reply_send(&x, &p.conn, PATIENCE), 0, "a large reply is sent");
	is_int((long long)x.sent, LARGE + 2, "all of it");
	pair_close(&p);
	waitpid(pid, &status, 0);
	is_int(status, 0, "the client has every byte in its place");
}

/*
 * One that takes far less within a timeout than what the kernel holds for it,
 * but always more than a piece; and everything, once two timeouts are over.
 */
_Noreturn static void
be_slow(int fd, int64_t timeout)
{
	static char buf[40960];
	int64_t start = clock_mono(), at = start;

	while (at < start + 5 * timeout / 2) {
		clock_sleep_until(at += timeout / 10);
		if (recv(fd, buf, sizeof(buf), MSG_WAITALL) <= 0)
			_exit(1);
	}
	while (recv(fd, buf, sizeof(buf), 0) > 0)
		;
	_exit(0);
}

static void
test_slow_client(void)
{
	const int64_t timeout = CLOCK_S;
	const int room = 65536;
	struct exchange x = a_large_read();
	struct pair p;
	pid_t pid;

	pair_open(&p);
	/* What waits in the client's kernel would look as if it were taken. */
	setsockopt(p.client, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	if ((pid = fork()) == -1)
		err(1, "fork");
	if (pid == 0) {
		close(p.conn.fd);
		be_slow(p.client, timeout);
	}
	is_int(reply_send(&x, &p.conn, timeout), 0,
	    "a client that reads slowly gets all of it");
	pair_close(&p);
	waitpid(pid, NULL, 0);
}

int
main(void)
{
	plan_no_plan();
	/* The daemon ignores it, but no send relies on that. */
	signal(SIGPIPE, SIG_DFL);
	test_deaf_client();
	test_gone_client();
	test_large_reply();
	test_slow_client();
	free(a_large_name());
	return exit_status();
}
