#include <netinet/in.h>
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "t/client.h"
#include "t/storm.h"
#include "t/visits.h"

#define CLIENTS		512	/* at a time, at most */
#define CLIENTS_MOST	24	/* of a wave */
#define CLIENTS_LEAST	2
#define WAVE		(250 * CLOCK_MS)	/* for so long at most that */
#define LONG_READ	4000	/* ms; the tail's end */
#define VOLLEY		(50 * CLOCK_MS)	/* the late ones ask then */
#define LATE_BY		300	/* ms; a half-open handshake lives for 1 s */
#define GONE_BY		100	/* ms; who does not wait for an answer */

struct client {
	int fd;			/* -1: not in use */
	int port;		/* its own */
	size_t visit;		/* its number */
	int64_t until;		/* when it asks, if it is late, or goes away
				   without an answer */
	size_t got;		/* bytes of the reply */
	char reply[1024];
};

static struct client clients[CLIENTS];
static struct sockaddr_in server;
static uint64_t random_state;
static unsigned long half_open;
static unsigned int next_late, next_half;
static int wave;
static int64_t wave_until, half_at;
static int asked_late;		/* in this step */
static int64_t gap;		/* steady: between requests, on average */
static int64_t next_at;		/* and when the next one begins */
static int read_most;		/* ms */

/* Marsaglia's xorshift64*: the same numbers everywhere. */
uint64_t
storm_draw(uint64_t below)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * UINT64_C(0x2545f4914f6cdd1d) >> 32) % below;
}

void
storm_open(int port, uint64_t seed)
{
	int i;

	random_state = UINT64_C(0x9e3779b97f4a7c15) * (seed + 1);
	gap = 0;
	server.sin_family = AF_INET;
	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server.sin_port = htons((in_port_t)port);
	for (i = 0; i < CLIENTS; i++)
		clients[i].fd = -1;
}

void
storm_steady(unsigned int rate, int most)
{
	gap = CLOCK_S / rate;
	next_at = clock_mono();
	read_most = most;
}

/* Milliseconds: mostly few, now and then seconds; or any up to a bound. */
static int
read_time(void)
{
	uint64_t p = storm_draw(1000);

	if (gap != 0)
		return (int)storm_draw((uint64_t)read_most + 1);
	if (p < 900)
		return (int)storm_draw(20);
	return p < 998 ? (int)storm_draw(300) : LONG_READ;
}

/* Binds to a port of those that begin with base, each in its turn. */
static void
bind_from(int fd, int base, unsigned int *turn)
{
	struct sockaddr_in sin = server;
	int i;

	for (i = 0; i < STORM_PORTS; i++) {
		sin.sin_port = htons((in_port_t)(base +
		    (int)((*turn)++ % STORM_PORTS)));
		if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == 0)
			return;
	}
	err(1, "no port from %d on", base);
}

/*
 * From a port of base's in its turn, or of any (0).  Gives a descriptor; how
 * it goes, the reply will tell, or its absence.
 */
static int
start_connection(int base, unsigned int *turn)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);

	if (fd == -1)
		err(1, "socket");
	if (base != 0)
		bind_from(fd, base, turn);
	(void)connect(fd, (struct sockaddr *)&server, sizeof(server));
	return fd;
}

/* A port is free at once; whoever is at the other end may get a reset. */
static void
reset(int fd)
{
	const struct linger at_once = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
}

static int
own_port(int fd)
{
	struct sockaddr_in sin = { .sin_port = 0 };
	socklen_t len = sizeof(sin);

	getsockname(fd, (struct sockaddr *)&sin, &len);
	return ntohs(sin.sin_port);
}

static enum visit_kind
draw_kind(void)
{
	uint64_t p = storm_draw(100);

	return p < 80 ? VISIT_REQUEST : p < 90 ? VISIT_LATE :
	    p < 95 ? VISIT_SILENT : VISIT_RESET;
}

static void
ask(struct client *c)
{
	struct visit *v = visits_get(c->visit);
	char request[64];

	snprintf(request, sizeof(request), "GET /200,%d,%zu HTTP/1.0\r\n\r\n",
	    v->read_time, c->visit);
	v->asked = clock_mono();
	client_send(c->fd, request, strlen(request));
}

static void
start_client(struct client *c, enum visit_kind kind)
{
	uint64_t most = kind == VISIT_LATE ? LATE_BY : GONE_BY;

	memset(c, 0, sizeof(*c));
	c->visit = visits_new(kind, read_time());
	if (kind == VISIT_LATE)
		c->fd = start_connection(STORM_LATE, &next_late);
	else
		c->fd = start_connection(0, NULL);
	c->port = own_port(c->fd);
	c->until = clock_mono() + (int64_t)storm_draw(most) * CLOCK_MS;
	/* Several late ones at once, and new ones at the same moment. */
	if (kind == VISIT_LATE)
		c->until += VOLLEY - c->until % VOLLEY;
	if (kind == VISIT_REQUEST || kind == VISIT_RESET)
		ask(c);
}

static void
end_client(struct client *c)
{
	struct visit *v = visits_get(c->visit);

	if (v->kind == VISIT_RESET)
		reset(c->fd);
	else
		close(c->fd);
	c->fd = -1;
	v->end = clock_mono();
	/* A read that has begun goes on: who reset it is not heard. */
	if (v->kind == VISIT_RESET)
		v->end += v->read_time * CLOCK_MS;
}

static void
serve_client(struct client *c)
{
	struct visit *v = visits_get(c->visit);
	ssize_t n;

	if (v->kind == VISIT_LATE && v->asked == 0 &&
	    clock_mono() >= c->until) {
		ask(c);
		asked_late++;
	}
	if (v->kind == VISIT_SILENT || v->kind == VISIT_RESET) {
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
	v->answered = strncmp(c->reply, "HTTP/1.1 200 ", 13) == 0;
	end_client(c);
}

static void
start_some(void)
{
	int64_t now = clock_mono();
	int i, n = storm_busy();

	if (now >= wave_until) {
		wave = CLIENTS_LEAST +
		    (int)storm_draw(CLIENTS_MOST - CLIENTS_LEAST + 1);
		wave_until = now + (int64_t)storm_draw(WAVE);
	}
	for (i = 0; i < CLIENTS_MOST && n < wave; i++)
		if (clients[i].fd == -1) {
			start_client(&clients[i], draw_kind());
			n++;
		}
	if (now >= half_at) {
		/* A SYN, and then nothing: the reset is lost, too. */
		reset(start_connection(STORM_HALF, &next_half));
		half_open++;
		half_at = now + (int64_t)storm_draw(200) * CLOCK_MS;
	}
}

/* Whatever has become of those before: who waits makes nobody come later. */
static void
start_due(void)
{
	int64_t now = clock_mono();

	while (next_at <= now && storm_ask() == 0)
		next_at += (int64_t)storm_draw(2 * (uint64_t)gap + 1);
}

void
storm_step(int start, int fd)
{
	struct pollfd p[CLIENTS + 1];
	int i;

	if (start && gap != 0)
		start_due();
	else if (start)
		start_some();
	for (i = 0; i < CLIENTS; i++)
		p[i] = (struct pollfd){ .fd = clients[i].fd,
		    .events = POLLIN };
	p[CLIENTS] = (struct pollfd){ .fd = fd, .events = POLLIN };
	poll(p, CLIENTS + 1, 1);
	for (i = 0; i < CLIENTS; i++)
		if (clients[i].fd != -1)
			serve_client(&clients[i]);
	for (; asked_late > 0; asked_late--)
		if (start)
			(void)storm_ask();
}

int
storm_ask(void)
{
	int i;

	for (i = 0; i < CLIENTS; i++)
		if (clients[i].fd == -1) {
			start_client(&clients[i], VISIT_REQUEST);
			return 0;
		}
	return -1;
}

int
storm_busy(void)
{
	int i, n = 0;

	for (i = 0; i < CLIENTS; i++)
		n += clients[i].fd != -1;
	return n;
}

void
storm_held(int port)
{
	int i;

	for (i = 0; i < CLIENTS; i++)
		if (clients[i].fd != -1 && clients[i].port == port)
			visits_get(clients[i].visit)->held = 1;
}

unsigned long
storm_half_open(void)
{
	return half_open;
}
