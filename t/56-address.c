/*
 * How many connections of one client address are served at a time: whom that
 * stops, whom it does not, and how soon it is over.
 */
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"
#include "t/network.h"
#include "t/reader.h"
#include "t/text.h"
#include "t/truths.h"

#define FALLBACK "shared is in force"
#define WHY "this address has max-per-address connections already\n"
#define GET "GET /200,0,x HTTP/1.0\r\n\r\n"

#define HERE	"127.0.0.1"
#define THERE	"127.0.0.2"

/* Of the load. */
#define CLIENTS		8	/* at HERE */
#define OTHERS		2	/* at THERE */
#define WORKERS		16
#define MOST		3
#define GOOD		12	/* replies that each client wants */
#define READS_HERE	((long long)CLIENTS * GOOD)
#define READS_THERE	((long long)OTHERS * GOOD)
#define READS_MAX	((size_t)(READS_HERE + READS_THERE))

#define IN_A_ROW	200
#define SILENT		12
#define ATTEMPTS	20

static struct daemon d;
static struct response r;

/* What the clients of the load were told. */
static struct told {
	_Atomic int good, refused, other;
} *told;

/* One request from an address.  Gives the status. */
static int
get_from(const char *from, const char *to, const char *request)
{
	int fd = client_connect_from(from, to, d.port);

	r.status = 0;
	if (fd == -1)
		return -1;
	client_send(fd, request, strlen(request));
	client_receive(fd, &r, 1);
	close(fd);
	return r.status;
}

static int
is_served(void *unused)
{
	(void)unused;
	return get_from(HERE, HERE, GET) == 200;
}

/* Reads that last until their workers are killed. */
static void
begin_reads(int fds[], int n)
{
	int i;

	for (i = 0; i < n; i++) {
		fds[i] = reader_ask(&d, "/200,3600000,x");
		daemon_await_reading(&d, (size_t)i + 1);
	}
}

static void
kill_reader(void)
{
	size_t from = daemon_log_length(&d);

	kill(reader_pid(&d, -1), SIGKILL);
	daemon_await_log(&d, "was killed by signal 9", from);
}

static void
finish(int fds[], int n)
{
	static const char *const expected[] = {
		FALLBACK, "was killed by", "stop: workers are killed", NULL
	};

	while (n-- > 0)
		close(fds[n]);
	daemon_finish(&d, expected);
}

static void
test_off(void)
{
	int fds[5];

	daemon_configure(&d, "workers 6\nbalance shared\nstop-timeout 0\n");
	daemon_start(&d);
	begin_reads(fds, 5);
	is_int(get_from(HERE, HERE, GET), 200,
	    "off: a client may have all workers");
	finish(fds, 5);
}

/* The reply, the logs, who is not meant, and a holder's death. */
static void
test_refused(void)
{
	static struct truth_read reads[8];
	char log[128], text[8192], conf[256];
	int fds[2];

	daemon_configure(&d, "workers 4\n");
	snprintf(conf, sizeof(conf), "max-per-address 2\nstop-timeout 0\n"
	    "access-log %s logfmt\n", daemon_path(&d, "access", log, sizeof(log)));
	truths_start(&d, 4, conf);
	begin_reads(fds, 2);
	is_int(get_from(HERE, HERE, GET), 429, "a third of two is refused");
	has_string(r.head, "\r\nRetry-After: 1\r\n", "for the moment");
	has_string(r.head, "\r\nConnection: close\r\n", "and closed");
	is_string(r.body, WHY, "and told why");
	is_int(r.reset, 0, "without a reset");
	is_int(get_from(HERE, HERE, "HEAD ,, HTTP/9"), 429,
	    "whatever it asks for: that is not read");
	is_int(get_from(THERE, HERE, GET), 200, "another address is served");
	is_int((long long)truths_await(&d, NULL, 1, reads, 8), 1,
	    "the disk has seen that");
	is_int((long long)reads[0].number, 2, "and no other since the two");

	kill_reader();
	is_int(get_from(HERE, HERE, GET), 200,
	    "the place of a worker that was killed is free");
	text_read(log, text, sizeof(text));
	has_string(text, " client=127.0.0.1 request=\"-\" status=429 bytes=53 ",
	    "the refused are in the access log");
	daemon_signal(&d, SIGTERM);
	daemon_wait(&d);
	ok(daemon_has_logged(&d, "served 4 requests, 2 errors"),
	    "and are counted");
	finish(fds, 2);
}

/* Whether the other end is no process' any more: it has reset what came. */
static int
is_left(void *fd)
{
	send(*(int *)fd, "x", 1, MSG_NOSIGNAL);
	return send(*(int *)fd, "x", 1, MSG_NOSIGNAL) == -1;
}

/*
 * A client that says a part of what it wants, hears that it is refused, and
 * goes on.  Gives whether nothing was reset.  A worker waits for two seconds,
 * and a machine that stands still for that long is none of its faults.
 */
static int
may_go_on(const char *first, size_t rest)
{
	static char body[1 << 19];
	int attempt, fd, whole = 0;

	for (attempt = 0; attempt < ATTEMPTS && !whole; attempt++) {
		fd = client_connect(d.port);
		client_send(fd, first, strlen(first));
		client_receive(fd, &r, 1);
		whole = r.status == 429 && strcmp(r.body, WHY) == 0 &&
		    !r.reset && send(fd, body, rest, MSG_NOSIGNAL) ==
		    (ssize_t)rest && !is_left(&fd);
		close(fd);
	}
	return whole;
}

static void
test_no_reset(void)
{
	int fds[1];

	daemon_configure(&d, "workers 4\nbalance shared\nmax-per-address 1\n"
	    "defer-accept no\nstop-timeout 0\n");
	daemon_start(&d);
	begin_reads(fds, 1);
	ok(may_go_on("", strlen(GET)), "who says what it wants too late "
	    "hears why, and no reset");
	ok(may_go_on("POST / HTTP/1.1\r\nHost: t\r\n"
	    "Content-Length: 524288\r\n\r\n", 1 << 19),
	    "nor does who has a long body");
	finish(fds, 1);
}

/* Who is answered has its place back, as soon as it knows. */
static void
test_in_a_row(const char *policy)
{
	int i, good = 0, fd;

	daemon_configure(&d, "workers 4\nbalance %s\nmax-per-address 1\n",
	    policy);
	daemon_start(&d);
	for (i = 0; i < IN_A_ROW; i++) {
		fd = client_connect(d.port);
		client_send(fd, GET, strlen(GET));
		/* As soon as the last byte is there. */
		client_receive(fd, &r, 0);
		good += r.status == 200;
		close(fd);
	}
	is_int(good, IN_A_ROW, "%s: one after the other is one at a time",
	    policy);
	finish(NULL, 0);
}

/* Kept ones count, until they end. */
static void
test_kept(void)
{
	static const char get[] = "GET /200,0,x HTTP/1.1\r\nHost: t\r\n\r\n";
	int fds[2], i, good = 0;

	daemon_configure(&d, "workers 4\nbalance shared\nmax-per-address 2\n"
	    "keepalive-timeout 60s\n");
	daemon_start(&d);
	for (i = 0; i < 4; i++) {
		if (i < 2)
			fds[i] = client_connect(d.port);
		client_send(fds[i % 2], get, strlen(get));
		client_receive(fds[i % 2], &r, 0);
		good += r.status == 200;
	}
	is_int(good, 4, "two requests on each of two connections");
	is_int(get_from(HERE, HERE, GET), 429, "no third, while they are kept");
	is_int(get_from(THERE, HERE, GET), 200, "but from elsewhere");
	close(fds[0]);
	ok(daemon_until(is_served, NULL), "one ends, and its place is free");
	close(fds[1]);
	daemon_finish(&d, NULL);
}

/* Under load. */

static pid_t
start_client(const char *from, const char *request, struct told *mine)
{
	pid_t pid = fork();
	int good = 0;

	if (pid != 0)
		return pid;

	while (good < GOOD) {
		switch (get_from(from, HERE, request)) {
		case 200:
			good++;
			mine->good++;
			break;
		case 429:
			mine->refused += !r.reset &&
			    strcmp(r.body, WHY) == 0;
			break;
		default:
			mine->other++;
			_exit(1);
		}
	}
	_exit(0);
}

static int
by_time(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return x[0] != y[0] ? (x[0] > y[0]) - (x[0] < y[0]) :
	    (x[1] > y[1]) - (x[1] < y[1]);
}

/* The most reads at once; one that ends when another begins is before it. */
static int
overlap(const struct truth_read *v, size_t n)
{
	static int64_t edges[2 * READS_MAX][2];	/* when; -1 or 1 */
	int now = 0, most = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		edges[2 * i][0] = v[i].at;
		edges[2 * i][1] = 1;
		edges[2 * i + 1][0] = v[i].at + v[i].actual;
		edges[2 * i + 1][1] = -1;
	}
	qsort(edges, 2 * n, sizeof(edges[0]), by_time);
	for (i = 0; i < 2 * n; i++) {
		now += (int)edges[i][1];
		most = now > most ? now : most;
	}
	return most;
}

static void
test_load(const char *policy)
{
	static struct truth_read reads[READS_MAX];
	pid_t pids[CLIENTS + OTHERS];
	size_t n;
	int i;

	diag("balance %s", policy);
	daemon_configure(&d, "workers %d\n", WORKERS);
	daemon_rewrite(&d, "workers %d\nbalance %s\nmax-per-address %d\n"
	    "truth-log %s\nqueue-timeout off\ndisk a { read fixed 20ms }\n"
	    "disk b { read fixed 20ms }\n", WORKERS, policy, MOST,
	    truths_path(&d));
	daemon_start(&d);
	memset(told, 0, 2 * sizeof(*told));
	fflush(stdout);
	for (i = 0; i < CLIENTS + OTHERS; i++)
		pids[i] = i < CLIENTS ?
		    start_client(HERE, "GET /a/x HTTP/1.0\r\n\r\n", &told[0]) :
		    start_client(THERE, "GET /b/x HTTP/1.0\r\n\r\n", &told[1]);
	for (i = 0; i < CLIENTS + OTHERS; i++)
		waitpid(pids[i], NULL, 0);
	is_int(told->good, READS_HERE, "%d clients come to their replies",
	    CLIENTS);
	ok(told->refused > 0, "although they were refused %d times",
	    told->refused);
	is_int(told->other, 0, "nothing else has become of a request");
	is_int(told[1].good, READS_THERE, "others come to theirs");
	is_int(told[1].refused + told[1].other, 0,
	    "and nothing else has become of any");
	n = truths_await(&d, "a", (size_t)READS_HERE, reads, READS_MAX);
	is_int((long long)n, READS_HERE, "no more than these were read");
	is_int(overlap(reads, n), MOST, "%d at a time, not more, nor less",
	    MOST);
	finish(NULL, 0);
}

/* Whether it is there for a while. */
static int
stays(int fd)
{
	int i;

	for (i = 0; i < 100 && !is_left(&fd); i++)
		poll(NULL, 0, 1);
	return i == 100;
}

/*
 * Refused ones that stay have as many workers as served ones, at the most: of
 * two, the second is left at once, and not after the first.
 */
static void
test_silent(void)
{
	int fds[SILENT], busy[1], i, refused = 0, before = 0;

	daemon_configure(&d, "workers 4\nbalance shared\nmax-per-address 1\n"
	    "defer-accept no\nstop-timeout 0\n");
	daemon_start(&d);
	begin_reads(busy, 1);
	for (i = 0; i < SILENT; i++) {
		fds[i] = client_connect(d.port);
		client_receive(fds[i], &r, 1);
		refused += r.status == 429 && !r.reset &&
		    strcmp(r.body, WHY) == 0;
	}
	is_int(refused, SILENT, "silent clients are told, and stay");
	is_int(get_from(THERE, HERE, GET), 200, "others are served");
	for (i = 0; i < SILENT; i++)
		close(fds[i]);
	/* Again, where the machine stood still for longer than that. */
	for (i = 0; i < ATTEMPTS && !before; i++) {
		fds[0] = client_connect(d.port);
		client_receive(fds[0], &r, 1);
		fds[1] = client_connect(d.port);
		client_receive(fds[1], &r, 1);
		before = daemon_until(is_left, &fds[1]) && stays(fds[0]);
		close(fds[0]);
		close(fds[1]);
	}
	ok(before, "the second of two is left before the first");
	finish(busy, 1);
}

/* Workers from before a reload count, also those that knew no limit. */
static void
test_reload(void)
{
	int fds[2];

	daemon_configure(&d, "workers 4\nbalance shared\n");
	daemon_start(&d);
	begin_reads(fds, 2);
	daemon_rewrite(&d, "workers 4\nbalance shared\nmax-per-address 2\n"
	    "stop-timeout 0\n");
	daemon_reload(&d);
	/* An old worker that is idle knows no limit, and may take one more. */
	daemon_await_workers(&d, 6);
	is_int(get_from(HERE, HERE, GET), 429,
	    "reload: what was begun before it counts");
	is_int(get_from(THERE, HERE, GET), 200, "reload: others are served");
	kill_reader();
	is_int(get_from(HERE, HERE, GET), 200, "reload: until it is over");
	finish(fds, 2);
}

/* A command of the shell; its status. */
static int
run(const char *command)
{
	fflush(stdout);
	return system(command);
}

/* A network is one client; its neighbour is another. */
static void
test_ipv6(void)
{
	int fd;

	if (network_own() == -1 || run("command -v ip >/dev/null && "
	    "for a in ::7 :0:1::1 :0:1:ffff::2 :0:2::1; do "
	    "ip addr add 2001:db8$a dev lo nodad || exit 1; done") != 0) {
		skip(6, "needs ip(8), IPv6, and a network of its own: root");
		return;
	}
	daemon_configure(&d, "listen [::]:0\nworkers 4\nbalance shared\n"
	    "max-per-address 1\nstop-timeout 0\n");
	daemon_start(&d);
	fd = client_connect_from("2001:db8:0:1::1", "2001:db8::7", d.port);
	client_send(fd, "GET /200,3600000,x HTTP/1.0\r\n\r\n", 31);
	daemon_await_reading(&d, 1);
	is_int(get_from("2001:db8:0:1::1", "2001:db8::7", GET), 429,
	    "IPv6: the same address");
	is_int(get_from("2001:db8:0:1:ffff::2", "2001:db8::7", GET), 429,
	    "IPv6: another in its /64");
	is_int(get_from("2001:db8:0:2::1", "2001:db8::7", GET), 200,
	    "IPv6: another /64");
	is_int(get_from("::1", "::1", GET), 200, "IPv6: ::1");
	finish(&fd, 1);
}

int
main(void)
{
	plan_no_plan();
	told = mmap(NULL, 2 * sizeof(*told), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (told == MAP_FAILED)
		return 1;
	test_off();
	test_refused();
	test_no_reset();
	test_in_a_row("shared");
	test_in_a_row("idle");
	test_in_a_row("hash");
	test_kept();
	test_load("shared");
	test_load("idle");
	test_load("hash");
	test_silent();
	test_reload();
	test_ipv6();
	return exit_status();
}
