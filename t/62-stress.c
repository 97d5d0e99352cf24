/*
 * `balance idle' under everything at once: reads with a heavy tail, clients
 * that say nothing, handshakes that never complete, resets, and a worker that
 * is killed every 50 ms.  Half of the workers at most are busy at a time, so
 * that nobody ever has to wait; whoever waits all the same waits behind a
 * sleeper, whose read takes far longer than any noise of the machine.
 *
 * The random numbers are seeded: SEED=n repeats a run, SECONDS=n prolongs it.
 */
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"

#define WORKERS		16
#define CLIENTS		8	/* at a time */
#define KILL_EVERY	(50 * CLOCK_MS)
#define LONG_READ	8000	/* ms; the tail's end */
#define TOO_LONG	4000.0	/* ms in a queue: behind a sleeper */

/*
 * Client ports whose handshakes the packet filter never lets complete: below
 * those that the kernel gives to anybody (ip(7), ip_local_port_range).
 */
#define HALF_OPEN_FROM	20000
#define HALF_OPEN_TO	20999

enum kind { REQUEST, SILENT, RESET };

struct client {
	enum kind kind;
	int fd;			/* -1: not in use */
	int64_t until;		/* SILENT, RESET: when it goes away */
	size_t got;		/* bytes of the reply */
	char reply[1024];
};

static struct daemon d;
static struct client clients[CLIENTS];
static uint64_t random_state;
static unsigned int kills, sent, answered, lost, half_open;
static double longest;		/* queue time, ms */

/* Marsaglia's xorshift64*: the same numbers everywhere. */
static uint64_t
draw(uint64_t below)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * UINT64_C(0x2545f4914f6cdd1d) >> 32) % below;
}

/* Milliseconds: mostly few, now and then seconds. */
static int
read_time(void)
{
	uint64_t p = draw(1000);

	if (p < 900)
		return (int)draw(20);
	return p < 998 ? (int)draw(300) : LONG_READ;
}

static int
connect_to(int port, int from_port)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);

	if (from_port != 0) {
		sin.sin_port = htons((in_port_t)from_port);
		(void)bind(fd, (struct sockaddr *)&sin, sizeof(sin));
	}
	sin.sin_port = htons((in_port_t)port);
	/* How it went, the reply will tell, or that there is none. */
	(void)connect(fd, (struct sockaddr *)&sin, sizeof(sin));
	return fd;
}

static void
start_client(struct client *c)
{
	char request[64];
	uint64_t p = draw(100);
	int64_t now = clock_mono();

	memset(c, 0, sizeof(*c));
	c->kind = p < 90 ? REQUEST : p < 95 ? SILENT : RESET;
	c->fd = connect_to(d.port, 0);
	c->until = now + (int64_t)draw(100) * CLOCK_MS;
	if (c->kind == SILENT)
		return;
	snprintf(request, sizeof(request), "GET /200,%d,x HTTP/1.0\r\n\r\n",
	    read_time());
	client_send(c->fd, request, strlen(request));
	sent += c->kind == REQUEST;
}

static void
end_client(struct client *c)
{
	const struct linger at_once = { .l_onoff = 1 };

	if (c->kind == RESET)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once,
		    sizeof(at_once));
	close(c->fd);
	c->fd = -1;
}

/* The reply is complete, or the connection has ended without one. */
static void
judge(struct client *c)
{
	const char *queue;

	c->reply[c->got] = '\0';
	if (strncmp(c->reply, "HTTP/1.1 200 ", 13) != 0) {
		lost++;
		return;
	}
	answered++;
	queue = strstr(c->reply, "queue;dur=");
	if (queue != NULL && atof(queue + 10) > longest)
		longest = atof(queue + 10);
}

static void
serve_client(struct client *c)
{
	ssize_t n;

	if (c->kind != REQUEST) {
		if (clock_mono() >= c->until)
			end_client(c);
		return;
	}
	n = recv(c->fd, c->reply + c->got, sizeof(c->reply) - 1 - c->got, 0);
	if (n > 0) {
		c->got += (size_t)n;
		return;
	}
	if (n == -1 && errno == EAGAIN)
		return;
	judge(c);
	end_client(c);
}

static void
kill_one(void)
{
	pid_t pids[WORKERS];
	size_t n = daemon_workers(&d, pids, WORKERS);

	if (n > 0 && kill(pids[draw(n)], SIGKILL) == 0)
		kills++;
}

/* A SYN, and then nothing; the socket is closed at once. */
static void
half_open_one(void)
{
	int fd = connect_to(d.port, HALF_OPEN_FROM +
	    (int)draw(HALF_OPEN_TO - HALF_OPEN_FROM + 1));

	close(fd);
	half_open++;
}

static int
busy_clients(void)
{
	int i, n = 0;

	for (i = 0; i < CLIENTS; i++)
		n += clients[i].fd != -1;
	return n;
}

static void
step(int start)
{
	struct pollfd p[CLIENTS];
	int i;

	for (i = 0; i < CLIENTS; i++) {
		if (clients[i].fd == -1 && start)
			start_client(&clients[i]);
		p[i] = (struct pollfd){ .fd = clients[i].fd,
		    .events = POLLIN };
	}
	poll(p, CLIENTS, 2);
	for (i = 0; i < CLIENTS; i++)
		if (clients[i].fd != -1)
			serve_client(&clients[i]);
}

static void
storm(int seconds)
{
	int64_t now = clock_mono(), end = now + seconds * CLOCK_S;
	int64_t kill_at = now, half_at = now;

	while ((now = clock_mono()) < end) {
		step(1);
		if (now >= kill_at) {
			kill_one();
			kill_at += KILL_EVERY;
		}
		if (now >= half_at) {
			half_open_one();
			half_at = now + (int64_t)draw(200) * CLOCK_MS;
		}
	}
	/* Whoever has been asked has to answer. */
	end = now + DAEMON_PATIENCE_MS * CLOCK_MS;
	while (busy_clients() > 0 && clock_mono() < end)
		step(0);
}

/* A network of our own: its packet filter concerns nobody else. */
static const char *
private_network(void)
{
	struct ifreq ifr = { .ifr_flags = IFF_UP };
	char rule[512];
	int fd;

	if (geteuid() != 0)
		return "only root has networks of its own";
	if (unshare(CLONE_NEWNET) == -1)
		return "no network namespaces here";
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	strlcpy(ifr.ifr_name, "lo", sizeof(ifr.ifr_name));
	if (ioctl(fd, SIOCSIFFLAGS, &ifr) == -1)
		return "no loopback here";
	close(fd);
	snprintf(rule, sizeof(rule), "nft 'table inet t { chain in { "
	    "type filter hook input priority 0; tcp sport %d-%d "
	    "tcp flags & (syn | ack) == ack drop; "
	    "tcp sport %d-%d tcp flags & rst == rst drop; }; }' 2>/dev/null",
	    HALF_OPEN_FROM, HALF_OPEN_TO, HALF_OPEN_FROM, HALF_OPEN_TO);
	return system(rule) == 0 ? NULL : "no nft(8) here";
}

/* Sockets that listen in this network. */
static unsigned int
listeners(void)
{
	char line[256];
	unsigned int state, n = 0;
	FILE *f = fopen("/proc/net/tcp", "r");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "%*d: %*s %*s %x", &state) == 1)
			n += state == 0x0a;
	if (f != NULL)
		fclose(f);
	return n;
}

static size_t
descriptors(pid_t pid)
{
	char path[64];
	size_t n;

	for (n = 0; n < 1000; n++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%zu", (int)pid, n);
		if (access(path, F_OK) == -1)
			break;
	}
	return n;
}

static int
number(const char *name, int otherwise)
{
	const char *s = getenv(name);

	return s == NULL ? otherwise : atoi(s);
}

int
main(void)
{
	static const char *const expected[] = { "was killed by", NULL };
	const char *why = private_network();
	size_t before;
	int i, seed = number("SEED", 1);

	if (why != NULL)
		plan_skip_all(why);
	plan_no_plan();
	random_state = UINT64_C(0x9e3779b97f4a7c15) * (uint64_t)(seed + 1);
	for (i = 0; i < CLIENTS; i++)
		clients[i].fd = -1;
	daemon_configure(&d, "workers %d\nbalance idle\nqueue-timeout off\n"
	    "request-timeout 1s\n", WORKERS);
	daemon_start(&d);
	if (!daemon_has_logged(&d, "balance idle")) {
		diag("no CAP_BPF");
		skip(1, "the policy is not to be had");
		daemon_finish(&d, expected);
		return exit_status();
	}
	before = descriptors(d.pid);

	storm(number("SECONDS", 15));
	diag("seed %d: %u requests, %u answered, %u lost; %u kills, %u "
	    "half-open; longest queue %.1f ms", seed, sent, answered, lost,
	    kills, half_open, longest);
	is_int(busy_clients(), 0, "nobody is left without an end");
	is_int(answered + lost, sent, "every request is accounted for");
	ok(answered > 0 && kills > 0 && half_open > 0, "it was a storm");
	ok(lost <= kills, "at most one request is lost for each kill");
	ok(longest < TOO_LONG, "nobody waited behind a sleeper");
	daemon_await_workers(&d, WORKERS);
	is_int(client_get(d.port, "/200,0,x", NULL), 200, "it serves");
	ok(listeners() >= 1 && listeners() <= WORKERS + 1,
	    "no listener is left over (%u)", listeners());
	is_int((long long)descriptors(d.pid), (long long)before,
	    "nor a descriptor of the master's");
	daemon_finish(&d, expected);
	return exit_status();
}
