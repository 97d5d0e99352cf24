/*
 * Handshakes that complete late: while their listener is being shut, when it
 * has been, or when it listens again.  In networks of the test's own, which go
 * with its processes.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/own.h"
#include "server/steer.h"
#include "t/check.h"
#include "t/network.h"

#define DEADLINE 20000		/* ms; a client may send again after seconds */

#define SERVER "192.0.2.1"
#define CLIENT "192.0.2.2"

#define ROUNDS 800		/* of the race; shutdown(2) alone loses 30 */
#define SPREAD (40 * CLOCK_US)	/* after the claim, the listener is shut */
#define PATIENCE 500		/* ms; how long a lost one is waited for */

static struct steer steer;
static struct steer_group group;
static struct sockaddr_in address;
static int shared;
static int deferral;		/* of listeners, s */

static int
listener(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	socklen_t len = sizeof(address);
	const int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) == -1 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &deferral,
	    sizeof(deferral)) == -1 ||
	    bind(fd, (struct sockaddr *)&address, len) == -1 ||
	    listen(fd, 100) == -1 ||
	    getsockname(fd, (struct sockaddr *)&address, &len) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Steers an address of this machine, at a free port. */
static int
group_open(const char *host)
{
	memset(&address, 0, sizeof(address));
	address.sin_family = AF_INET;
	inet_pton(AF_INET, host, &address.sin_addr);
	if ((shared = listener()) == -1)
		return -1;
	return steer_group_open(&group, &steer, shared);
}

static void
group_close(void)
{
	close(shared);
	steer_group_close(&group);
}

/* Slot 0 has a listener, and is idle. */
static int
open_own(struct own *own)
{
	int fd = listener();

	own_init(own, &steer, 0, deferral);
	if (own_add(own, fd) == -1 || steer_group_put(&group, 0, fd) == -1)
		return -1;
	own_open(own);
	steer_idle(&steer, 0);
	return fd;
}

/* One is owed to it, and it is shut. */
static void
shut_own(struct own *own, int64_t claimed_at)
{
	own->owed = 1;
	own->claimed_at = claimed_at;
	own_shut(own);
}

/* Slot 0's listens again. */
static int
again(struct own *own)
{
	if (own_listen(own, 0, 100) == -1 ||
	    steer_group_put(&group, 0, own->fds[0]) == -1)
		return -1;
	own_open(own);
	return 0;
}

static int
client(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

/* What waits at a listener, or comes in time; else -1. */
static int
accepted(int fd, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	poll(&pfd, 1, ms);
	return accept(fd, NULL, NULL);
}

/* What is received, up to len bytes of text. */
static const char *
received(int fd, size_t len)
{
	static char text[16];
	ssize_t n = recv(fd, text, len, MSG_WAITALL);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

/* Keeps this process on the nth of the processors that it may use. */
static void
pin(int n)
{
	cpu_set_t may, one;
	int cpu;

	sched_getaffinity(0, sizeof(may), &may);
	CPU_ZERO(&one);
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &may) && n-- == 0)
			CPU_SET(cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

/*
 * Shuts its listener a moment after each claim, and serves what comes.  Every
 * other time the claim is said to be old, so that there is no grace.
 */
static void
race_worker(void)
{
	struct own own;
	unsigned int seed = 1;
	int64_t until;
	int conn;

	open_own(&own);
	for (;;) {
		while ((steer.words[0] & 1) != 0)
			continue;	/* to yield would be to come too late */
		seed = seed * 1103515245 + 12345;
		until = clock_mono() + (seed >> 8) % SPREAD;
		while (clock_mono() < until)
			continue;
		shut_own(&own, (seed >> 16) % 2 == 0 ? clock_mono() : 0);
		if ((conn = accepted(shared, PATIENCE)) != -1) {
			send(conn, received(conn, 1), 1, MSG_NOSIGNAL);
			close(conn);
		}
		if (again(&own) == -1)
			_exit(1);
		steer_idle(&steer, 0);
	}
}

/*
 * Sends a byte again and again until one comes back: what the closed gate has
 * lost need not wait for the kernel to send it again.
 */
static int
race_client(void)
{
	struct pollfd pfd = { .events = POLLIN };
	const int on = 1;
	int good = 0;

	while ((steer.words[0] & 1) == 0)
		continue;
	if ((pfd.fd = client()) == -1)
		return 0;
	setsockopt(pfd.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	do {
		if (send(pfd.fd, "x", 1, MSG_NOSIGNAL) == -1)
			break;
	} while (poll(&pfd, 1, 1) == 0);
	good = received(pfd.fd, 1)[0] == 'x';
	close(pfd.fd);
	return good;
}

/* With a deferral, it is the first byte that completes a handshake. */
static void
test_race(int s)
{
	int i, lost = 0, status;
	pid_t worker, clients;
	cpu_set_t may;

	sched_getaffinity(0, sizeof(may), &may);
	if (CPU_COUNT(&may) < 2) {
		skip(1, "one processor: nothing can come in between");
		return;
	}
	deferral = s;
	group_open("127.0.0.1");
	if ((worker = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pin(1);
		race_worker();
	}
	if ((clients = fork()) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pin(0);
		for (i = 0; i < ROUNDS && lost < 254; i++)
			lost += !race_client();
		_exit(lost);
	}
	waitpid(clients, &status, 0);
	lost = WEXITSTATUS(status);
	diag("%d of %d connections lost to a listener that is being shut%s",
	    lost, ROUNDS, s > 0 ? ", and defers" : "");
	is_int(lost, 0, "a listener that is being shut loses none%s",
	    s > 0 ? ", when it defers" : "");
	kill(worker, SIGKILL);
	waitpid(worker, NULL, 0);
	steer_busy(&steer, 0);
	group_close();
	deferral = 0;
}

static int __attribute__((format(printf, 1, 2)))
run(const char *fmt, ...)
{
	char command[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	return system(command);
}

/* Drops what would complete a handshake, when it comes in; or no longer. */
static int
hold(int on)
{
	if (!on)
		return run("nft flush chain ip late in");
	return run("nft add rule ip late in tcp flags '&' "
	    "'(fin|syn|rst|ack)' == ack drop");
}

/* The client's machine: connects each time that it gets a port on the pipe. */
static void
remote(int orders, int reports)
{
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (unshare(CLONE_NEWNET) == -1 || write(reports, "u", 1) != 1)
		_exit(1);
	inet_pton(AF_INET, SERVER, &address.sin_addr);
	while (read(orders, &address, sizeof(address)) == sizeof(address)) {
		if ((fd = client()) == -1 ||
		    send(fd, "late", 4, MSG_NOSIGNAL) != 4)
			_exit(1);
		if (write(reports, "c", 1) != 1)
			_exit(1);
	}
	_exit(0);
}

/* What happens to the listener while the client's ACK is held back. */
enum fate { KEPT, SHUT, SHUT_AND_AGAIN, CLOSED };

static void
test_late(int orders, int reports, enum fate fate, const char *name)
{
	int fd, to, on_own = fate == KEPT || fate == SHUT_AND_AGAIN;
	struct own own;
	char c = 0;

	is_int(group_open(SERVER), 0, "%s: a group", name);
	fd = open_own(&own);
	is_int(hold(1), 0, "%s: the ACK is held back", name);
	if (write(orders, &address, sizeof(address)) != sizeof(address) ||
	    read(reports, &c, 1) != 1)
		diag("the client is gone");
	is_int(c, 'c', "%s: the client thinks it is through", name);
	is_int(steer_busy(&steer, 0), 0, "%s: its SYN claimed the worker",
	    name);
	is_int(accept(fd, NULL, NULL), -1, "%s: which has nothing yet", name);
	if (fate == SHUT || fate == SHUT_AND_AGAIN)
		shut_own(&own, clock_mono());
	if (fate == SHUT_AND_AGAIN)
		is_int(again(&own), 0, "%s: it listens again", name);
	if (fate == CLOSED)
		close(fd);
	is_int(hold(0), 0, "%s: the ACK comes", name);
	to = accepted(on_own ? fd : shared, DEADLINE);
	is_string(received(to, 4), "late", "%s: and completes on %s", name,
	    on_own ? "own" : "shared");
	close(to);
	if (fate != CLOSED)
		close(fd);
	group_close();
}

static int
wire(pid_t pid)
{
	return run("exec 2>&1; ip link add late0 type veth peer name late1 "
	    "netns %d && ip addr add " SERVER "/24 dev late0 && "
	    "ip link set late0 up && "
	    "nsenter -t %d -n ip addr add " CLIENT "/24 dev late1 && "
	    "nsenter -t %d -n ip link set late1 up && "
	    "nft add table ip late && nft add chain ip late in "
	    "'{ type filter hook input priority 0; }'", (int)pid, (int)pid,
	    (int)pid);
}

static void
test_networks(void)
{
	int orders[2], reports[2];
	pid_t pid;
	char c;

	if (run("command -v nft ip nsenter >/dev/null") != 0) {
		skip(1, "needs nft(8), ip(8) and nsenter(1)");
		return;
	}
	if (pipe(orders) == -1 || pipe(reports) == -1 ||
	    (pid = fork()) == -1) {
		ok(0, "a client");
		return;
	}
	if (pid == 0) {
		close(orders[1]);
		remote(orders[0], reports[1]);
	}
	close(orders[0]);
	close(reports[1]);
	if (read(reports[0], &c, 1) == 1 && wire(pid) == 0) {
		test_late(orders[1], reports[0], KEPT, "kept");
		test_late(orders[1], reports[0], SHUT, "shut");
		test_late(orders[1], reports[0], SHUT_AND_AGAIN, "again");
		test_late(orders[1], reports[0], CLOSED, "closed");
	} else
		skip(1, "two networks cannot be wired here");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int
main(void)
{
	if (geteuid() != 0)
		plan_skip_all("needs root, for networks of its own");
	if (network_own() == -1)
		plan_skip_all("cannot have a network of its own");
	if (steer_open(&steer) == -1)
		plan_skip_all("no CAP_BPF, or a kernel without steering");
	plan_no_plan();
	alarm(120);
	signal(SIGPIPE, SIG_IGN);
	test_race(0);
	test_race(5);
	test_networks();
	steer_close(&steer);
	return exit_status();
}
