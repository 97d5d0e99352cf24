#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/draw.h"
#include "t/client.h"
#include "t/daemon.h"
#include "t/mix.h"
#include "t/traffic/reply.h"

#define CLIENTS_MAX	64
#define KEPT		16	/* requests of a kept connection, at most */

const char *const mix_names[MIX_KINDS] = {
	"one", "kept", "objects", "files", "bad", "bad path", "failed",
	"no file", "method", "narrow", "reset"
};

/* A connection of each kind: how often, and what is asked and answered. */
static const struct kind {
	unsigned int share;	/* of SHARES connections */
	int status;
	const char *request;
	int64_t body;		/* bytes of it; -1: any */
} kinds[MIX_KINDS] = {
	[MIX_ONE] = { 40, 200, "GET /200,0,x HTTP/1.1\r\nHost: t\r\n"
	    "Connection: close\r\n\r\n", -1 },
	[MIX_KEPT] = { 8, 200, "GET /200,0,x HTTP/1.1\r\nHost: t\r\n\r\n", -1 },
	[MIX_OBJECTS] = { 10, 200, "GET /200,0,objects/x HTTP/1.0\r\n\r\n",
	    MIX_OBJECT },
	[MIX_FILES] = { 4, 200, "GET /200,0,files/f HTTP/1.0\r\n\r\n",
	    MIX_FILE },
	[MIX_BAD] = { 4, 400, "GET\r\n\r\n", -1 },
	[MIX_BAD_PATH] = { 4, 400, "GET /999,0,x HTTP/1.0\r\n\r\n", -1 },
	[MIX_FAILED] = { 6, 404, "GET /404,0,x HTTP/1.0\r\n\r\n", -1 },
	[MIX_NO_FILE] = { 6, 404, "GET /200,0,files/none HTTP/1.0\r\n\r\n",
	    -1 },
	[MIX_METHOD] = { 4, 405, "DELETE /200,0,x HTTP/1.0\r\n\r\n", -1 },
	[MIX_NARROW] = { 8, 200, "GET /200,1,narrow/x HTTP/1.0\r\n\r\n", -1 },
	[MIX_RESET] = { 6, 0, "GET /200,1,x HTTP/1.0\r\n\r\n", -1 },
};

#define SHARES	100

static pid_t pids[CLIENTS_MAX];
static unsigned int clients;

/* What the clients and the test share. */
static struct book {
	uint64_t most;		/* requests */
	_Atomic uint64_t begun;
	_Atomic uint64_t asked[MIX_KINDS];
	_Atomic uint64_t right, refused, given_up, lost, wrong, again, unmet;
} *book;

/* The clients' side. */

/* The number of the next request; 0: there are enough. */
static uint64_t
next_number(void)
{
	uint64_t n = atomic_fetch_add(&book->begun, 1);

	return n < book->most ? n + 1 : 0;
}

static enum mix_kind
draw_kind(double unit)
{
	unsigned int share = (unsigned int)(unit * SHARES);
	int k;

	for (k = 0; k < MIX_KINDS - 1 && share >= kinds[k].share; k++)
		share -= kinds[k].share;
	return (enum mix_kind)k;
}

/* Gives REPLY_DONE, or what is wrong; *any: something has come. */
static enum reply_state
receive(int fd, struct reply *r, int *any)
{
	static char buf[65536];
	enum reply_state state = REPLY_MORE;
	ssize_t n;

	reply_start(r);
	*any = 0;
	while (state == REPLY_MORE) {
		if ((n = recv(fd, buf, sizeof(buf), 0)) == -1)
			return REPLY_BAD;
		if (n == 0)
			return reply_end(r);
		*any = 1;
		state = reply_feed(r, buf, (size_t)n);
	}
	return state;
}

static void
judge(enum mix_kind k, const struct reply *r)
{
	if (k == MIX_NARROW && r->status == 503) {
		book->refused++;
		book->right++;
	} else if (r->status == kinds[k].status &&
	    (kinds[k].body == -1 || r->body == kinds[k].body)) {
		book->right++;
	} else {
		if (book->wrong++ == 0)
			warnx("%s: %.*s", mix_names[k],
			    (int)strcspn(r->head, "\r"), r->head);
	}
}

static void
lose(enum mix_kind k, const char *when)
{
	book->lost++;
	warn("%s: lost %s, number %llu or so", mix_names[k], when,
	    (unsigned long long)book->begun);
}

static int
connect_to(int port, enum mix_kind k)
{
	int fd = client_connect(port), why = errno;

	if (fd == -1)
		warn("%s: cannot connect", mix_names[k]);
	if (fd != -1 || why != ECONNRESET)
		return fd;
	book->unmet++;
	return client_connect(port);
}

/*
 * One request.  Gives whether the connection stays; *gone: it has ended without
 * a byte of the reply.
 */
static int
ask(int fd, enum mix_kind k, int *gone)
{
	static struct reply r;
	int any;

	*gone = errno = 0;
	client_send(fd, kinds[k].request, strlen(kinds[k].request));
	if (receive(fd, &r, &any) != REPLY_DONE) {
		*gone = !any;
		if (any)
			lose(k, "in its reply");
		return 0;
	}
	judge(k, &r);
	return strstr(r.head, "\r\nConnection: close\r\n") == NULL;
}

static int
reset(int fd)
{
	const struct linger at_once = { .l_onoff = 1 };

	client_send(fd, kinds[MIX_RESET].request,
	    strlen(kinds[MIX_RESET].request));
	book->given_up++;
	return setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once,
	    sizeof(at_once));
}

/*
 * A server may close a connection that it keeps at any time, and a request that
 * has met this is asked again: the first one of a connection may not.
 */
static void
visit_kept(int port)
{
	int fd = connect_to(port, MIX_KEPT), gone;
	int turns, stays = 1, answered = 0;

	for (turns = 0; turns < KEPT && stays; turns++) {
		if (turns > 0 && next_number() == 0)
			break;
		book->asked[MIX_KEPT]++;
		stays = ask(fd, MIX_KEPT, &gone);
		if (gone && answered > 0) {
			close(fd);
			fd = connect_to(port, MIX_KEPT);
			book->again++;
			answered = 0;
			stays = ask(fd, MIX_KEPT, &gone);
		}
		if (gone)
			lose(MIX_KEPT, turns > 0 ? "when asked again" :
			    "at once");
		answered++;
	}
	close(fd);
}

static void
visit(int port, enum mix_kind k)
{
	int fd, gone = 0;

	if (k == MIX_KEPT) {
		visit_kept(port);
		return;
	}
	book->asked[k]++;
	fd = connect_to(port, k);
	if (k == MIX_RESET)
		reset(fd);
	else
		ask(fd, k, &gone);
	if (gone)
		lose(k, "at once");
	close(fd);
}

_Noreturn static void
work(int port, uint64_t seed)
{
	uint64_t n;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while ((n = next_number()) != 0)
		visit(port, draw_kind(draw_unit(draw_key(seed, n), 0)));
	_exit(0);
}

/* The test's side. */

void
mix_start(int port, unsigned int n, uint64_t requests, uint64_t seed)
{
	if (n > CLIENTS_MAX)
		errx(1, "%u clients", n);
	book = mmap(NULL, sizeof(*book), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (book == MAP_FAILED)
		err(1, "mmap");
	book->most = requests;
	fflush(stdout);
	for (clients = 0; clients < n; clients++)
		switch (pids[clients] = fork()) {
		case -1:
			err(1, "fork");
		case 0:
			work(port, seed);
		default:
			break;
		}
}

void
mix_await(uint64_t requests)
{
	int64_t now, deadline = 0;
	uint64_t begun, before = 0;

	while ((begun = book->begun) < requests) {
		now = clock_mono();
		if (deadline == 0 || begun != before)
			deadline = now + DAEMON_PATIENCE_MS * CLOCK_MS;
		else if (now > deadline)
			errx(1, "the clients stand still");
		before = begun;
		poll(NULL, 0, 2);
	}
}

void
mix_end(struct mix_sum *s)
{
	unsigned int i;
	int status, k;

	mix_await(book->most);
	for (i = 0; i < clients; i++)
		if (waitpid(pids[i], &status, 0) != pids[i] || status != 0)
			errx(1, "a client has failed");
	for (k = 0; k < MIX_KINDS; k++)
		s->asked[k] += book->asked[k];
	s->right += book->right;
	s->refused += book->refused;
	s->given_up += book->given_up;
	s->lost += book->lost;
	s->wrong += book->wrong;
	s->again += book->again;
	s->unmet += book->unmet;
	munmap(book, sizeof(*book));
}
