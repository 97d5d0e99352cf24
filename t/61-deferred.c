/*
 * Handshakes that the kernel keeps to itself until the client has said
 * something (TCP_DEFER_ACCEPT), on real sockets in a network of the test's own:
 * when they complete, and where, whatever has become of their listener.  What
 * server/idle.c and server/conn.c rely on is here, a test for each.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/own.h"
#include "server/steering.h"
#include "t/check.h"
#include "t/network.h"
#include "t/place.h"

/* The shortest deferral, s: one SYN-ACK. */
#define DEFERRAL 1

static struct steer steer;

/* How long the worker has to count upon a claim; the kernel's part in s. */
static void
test_forget(void)
{
	static const struct {
		int retries, deferral, life;
	} cases[] = {
		{ 5, 0, 63 }, { 0, 0, 1 }, { 1, 0, 3 }, { 2, 0, 7 },
		/* The deferral is over before the last SYN-ACK. */
		{ 5, 10, 63 }, { 5, 31, 63 }, { 2, 3, 7 },
		/* It outlives the others: rounded up, and one step more. */
		{ 0, 1, 3 }, { 0, 2, 7 }, { 0, 3, 7 }, { 1, 4, 15 },
		{ 2, 10, 31 }, { 0, 31, 63 },
		/* No step is longer than 2 minutes. */
		{ 7, 0, 247 }, { 8, 0, 367 },
	};
	struct steering s = { .baton = -1 };
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		s.retries = cases[i].retries;
		is_int(steering_forget(&s, cases[i].deferral),
		    cases[i].life * (CLOCK_S + CLOCK_S / 4),
		    "%d retries, deferred for %d s: %d s, and a quarter",
		    cases[i].retries, cases[i].deferral, cases[i].life);
	}
}

static int
defer(int fd, int s)
{
	return setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &s, sizeof(s));
}

static int
deferral(int fd)
{
	int s = -1;
	socklen_t len = sizeof(s);

	getsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &s, &len);
	return s;
}

/* How often something was sent again, of a connection that has sent nothing. */
static unsigned int
resent(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == -1)
		return 99;
	return info.tcpi_total_retrans;
}

/* Both listeners of a place defer, and slot 1 is idle.  Gives its own. */
static int
open_place(struct place *p)
{
	int fd;

	if (place_open(p, &steer, AF_INET, 0) == -1)
		return -1;
	fd = place_own(p, 1);
	defer(p->shared, DEFERRAL);
	defer(fd, DEFERRAL);
	steer_idle(&steer, 1);
	return fd;
}

/* A client whose ACK the kernel has seen, and dropped. */
static int
silent(const struct place *p)
{
	long long before = network_count("TCPDeferAcceptDrop");
	int64_t end = clock_mono() + PLACE_PATIENCE_MS * CLOCK_MS;
	int fd = place_client(p);

	while (network_count("TCPDeferAcceptDrop") == before)
		if (clock_mono() >= end)
			break;
	return fd;
}

static int
is_empty(int fd)
{
	int got = accept(fd, NULL, NULL);

	if (got != -1)
		close(got);
	return got == -1 && errno == EAGAIN;
}

/* What it has received by now, at most 7 bytes. */
static const char *
text_of(int fd)
{
	static char text[8];
	ssize_t n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void
test_first_byte(void)
{
	struct place p;
	int own = open_place(&p), from, to;

	from = silent(&p);
	is_int(network_count("TCPDeferAcceptDrop"), 1,
	    "the ACK of a handshake alone is dropped");
	is_int(steer_busy(&steer, 1), 0, "its SYN has claimed the worker");
	ok(is_empty(own) && is_empty(p.shared), "which has nothing");
	send(from, "first", 5, 0);
	to = place_accepted(own);
	is_string(text_of(to), "first", "the first bytes complete it");
	is_int(resent(to), 0, "and nothing was sent again");
	close(from);
	close(to);

	steer_idle(&steer, 1);
	from = silent(&p);
	shutdown(from, SHUT_WR);
	to = place_accepted(own);
	ok(to != -1, "so does its end");
	is_int(recv(to, &(char){ 0 }, 1, 0), 0, "which comes along");
	close(from);
	close(to);

	defer(own, 0);
	steer_idle(&steer, 1);
	from = place_client(&p);
	to = place_accepted(own);
	ok(to != -1, "a listener that listens may be told to defer no longer");
	close(from);
	close(to);
	close(own);
	place_close(&p);
}

static void
test_reset(void)
{
	const struct linger now = { .l_onoff = 1 };
	struct place p;
	int own = open_place(&p), from, to;

	from = silent(&p);
	setsockopt(from, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(from);
	steer_busy(&steer, 1);
	steer_idle(&steer, 1);
	from = place_client(&p);
	send(from, "next", 4, 0);
	to = place_accepted(own);
	is_string(text_of(to), "next", "who is reset was never there");
	ok(is_empty(own) && is_empty(p.shared), "not behind the next, either");
	close(from);
	close(to);
	close(own);
	place_close(&p);
}

enum fate { SHUT, SHUT_AND_AGAIN, CLOSED, FATES };

/*
 * What befalls the listener while the client says nothing.  own_shut has
 * nothing to wait for: the claim is old.  Gives where the client comes then.
 */
static int
befall(struct place *p, int fd, enum fate fate)
{
	struct own own;
	int heir = p->shared;

	if (fate == CLOSED) {
		close(fd);
		return heir;
	}
	own_init(&own, &steer, 1, DEFERRAL);
	if (own_add(&own, fd) == -1)
		return -1;
	own_open(&own);
	own.owed = 1;
	own_shut(&own);
	if (fate != SHUT_AND_AGAIN)
		return heir;
	if (own_listen(&own, 0, 100) == -1 ||
	    steer_group_put(&p->group, 1, fd) == -1)
		return -1;
	own_open(&own);
	return fd;
}

static void
test_fate(enum fate fate, const char *name)
{
	struct place p;
	int own = open_place(&p), from, heir, to;

	from = silent(&p);
	steer_busy(&steer, 1);
	heir = befall(&p, own, fate);
	if (fate != CLOSED)
		is_int(deferral(own), DEFERRAL, "%s: it defers still", name);
	ok(is_empty(heir), "%s: nothing has moved", name);
	send(from, "late", 4, 0);
	to = place_accepted(heir);
	is_string(text_of(to), "late", "%s: the first bytes complete it on %s",
	    name, heir == own ? "own" : "shared");
	close(from);
	close(to);
	if (fate != CLOSED)
		close(own);
	place_close(&p);
}

/* The end of the deferral: the SYN-ACK once more, and then a connection. */
static void
test_end(enum fate fate, const char *name)
{
	struct place p;
	int own = open_place(&p), from, heir = own, to;

	from = silent(&p);
	steer_busy(&steer, 1);
	if (fate != FATES)
		heir = befall(&p, own, fate);
	to = place_accepted(heir);
	ok(to != -1, "%s: who is silent gets through in the end, on %s", name,
	    heir == own ? "own" : "shared");
	is_string(text_of(to), "", "%s: and has said nothing", name);
	ok(resent(to) > 0, "%s: its SYN-ACK was sent again", name);
	close(from);
	close(to);
	if (fate != CLOSED)
		close(own);
	place_close(&p);
}

static void
test_cookies(void)
{
	struct place p;
	int own = open_place(&p), from, to;

	is_int(network_set("ipv4/tcp_syncookies", 2), 0,
	    "SYN cookies for everybody");
	from = place_client(&p);
	to = place_accepted(p.shared);
	ok(to != -1, "who is silent and has a cookie gets through at once");
	is_int(resent(to), 0, "and its SYN-ACK was not sent again");
	is_int(network_set("ipv4/tcp_syncookies", 1), 0, "back to normal");
	steer_busy(&steer, 1);
	close(from);
	close(to);
	close(own);
	place_close(&p);
}

/* Half-open handshakes in this network. */
static int
half_open(void)
{
	char line[256];
	unsigned int state;
	int n = 0;
	FILE *f;

	if ((f = fopen("/proc/net/tcp", "re")) == NULL)
		return -1;
	while (fgets(line, sizeof(line), f) != NULL)
		n += sscanf(line, " %*d: %*s %*s %x", &state) == 1 &&
		    state == TCP_SYN_RECV;
	fclose(f);
	return n;
}

/* Who has answered once, and then never again. */
static void
test_gone(void)
{
	struct steering s = { .retries = 0 };
	const int64_t forget = steering_forget(&s, DEFERRAL);
	struct place p;
	char rule[256];
	int64_t begun, life, look;
	int own, from;

	if (system("command -v nft >/dev/null") != 0) {
		skip(1, "needs nft(8)");
		return;
	}
	is_int(network_set("ipv4/tcp_synack_retries", s.retries), 0,
	    "no SYN-ACK is sent again");
	own = open_place(&p);
	begun = clock_mono();
	from = silent(&p);
	snprintf(rule, sizeof(rule), "nft 'table ip gone { chain in { "
	    "type filter hook input priority 0; tcp sport %d drop; }; }'",
	    ntohs(((struct sockaddr_in *)&p.ss)->sin_port));
	is_int(system(rule), 0, "the client is gone");
	is_int(half_open(), 1, "its handshake is not");
	/* It was there at a look, however long that took. */
	for (life = look = 0; half_open() > 0 && look < 2 * forget;
	    look = clock_mono() - begun) {
		life = look;
		poll(NULL, 0, 10);
	}
	diag("it was there for %.2f s", (double)life / CLOCK_S);
	ok(life > steering_forget(&s, 0),
	    "the deferral prolongs its life, by more than timers are late");
	ok(life < forget, "and it is over when a worker forgets the claim");
	ok(is_empty(own), "nothing has come of it");
	is_int(system("nft delete table ip gone"), 0, "the filter goes");
	is_int(network_set("ipv4/tcp_synack_retries", 5), 0, "back to normal");
	close(from);
	close(own);
	place_close(&p);
}

int
main(void)
{
	plan_no_plan();
	alarm(120);
	test_forget();
	if (geteuid() != 0 || network_own() == -1) {
		skip(1, "needs root, and a network of its own");
		return exit_status();
	}
	if (steer_open(&steer) == -1) {
		skip(1, "no bitmap: %s", strerror(errno));
		return exit_status();
	}
	test_first_byte();
	test_reset();
	test_fate(SHUT, "shut");
	test_fate(SHUT_AND_AGAIN, "again");
	test_fate(CLOSED, "closed");
	test_end(FATES, "kept");
	test_end(SHUT, "shut");
	test_end(SHUT_AND_AGAIN, "again");
	test_end(CLOSED, "closed");
	test_cookies();
	test_gone();
	steer_close(&steer);
	return exit_status();
}
