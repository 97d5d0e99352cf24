#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "t/traffic/reply.h"
#include "t/traffic/request.h"

/* Descriptors that are not for connections. */
#define SPARE		16

struct request {
	struct stream *stream;
	struct request *older, *newer;	/* by deadline; free list: newer */
	int fd;
	size_t sent;			/* bytes of the request */
	int64_t due;			/* ns since the run began */
	struct reply reply;
};

/* There is one run at a time. */
static const struct addr *server;
static int epfd;
static int64_t epoch;		/* clock_mono() when the run began */
static struct request *unused;	/* free list */
static unsigned int room;	/* requests that may still be allocated */

int64_t
request_now(void)
{
	return clock_mono() - epoch;
}

void
request_open(const struct addr *addr)
{
	struct rlimit rl;

	server = addr;
	if (getrlimit(RLIMIT_NOFILE, &rl) == -1)
		err(2, "getrlimit");
	rl.rlim_cur = rl.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &rl) == -1)
		err(2, "setrlimit");
	room = (unsigned int)rl.rlim_cur - SPARE;
	if ((epfd = epoll_create1(EPOLL_CLOEXEC)) == -1)
		err(2, "epoll_create1");
	epoch = clock_mono();
}

void
request_close(void)
{
	struct request *r;

	while ((r = unused) != NULL) {
		unused = r->newer;
		free(r);
	}
	close(epfd);
}

/*
 * How much of a request lies within the counted time.  The requests of a
 * closed stream go in step, and to count answers alone would make the rate a
 * matter of whether one wave more of them fits in.
 */
static double
share(const struct stream *s, int64_t due, int64_t end)
{
	int64_t from = due > s->count_from ? due : s->count_from;
	int64_t to = end < s->end ? end : s->end;

	if (to <= from)
		return 0;
	return (double)(to - from) / (double)(end - due);
}

static void
account(struct stream *s, int64_t due, int64_t end, enum outcome outcome)
{
	int64_t took = end - due;

	if (due < s->count_from) {
		s->warmups++;
		return;
	}
	s->outcomes[outcome]++;
	if (outcome != OUTCOME_CUT)
		samples_add(&s->latency,
		    outcome == OUTCOME_OK ? took : SAMPLES_NEVER);
	if (s->over != NULL)
		s->over(s, due, took, outcome);
}

/* What a good answer brought. */
static void
credit(struct stream *s, const struct request *r, int64_t t)
{
	s->answers += share(s, r->due, t);
	s->bytes += share(s, r->due, t) * (double)r->reply.body;
	s->last = t;
	if (r->due < s->count_from)
		return;
	if (r->reply.queue >= 0)
		samples_add(&s->queue, r->reply.queue);
	if (r->reply.disk >= 0 && s->asked >= 0)
		samples_add(&s->late, r->reply.disk - s->asked);
}

static struct request *
request_new(struct stream *s, int64_t due)
{
	struct request *r = unused;

	if (r != NULL)
		unused = r->newer;
	else if (room == 0 || (r = malloc(sizeof(*r))) == NULL)
		return NULL;
	else
		room--;
	r->stream = s;
	r->due = due;
	r->sent = 0;
	r->fd = -1;
	reply_start(&r->reply);

	r->newer = NULL;
	r->older = s->newest;
	*(s->newest != NULL ? &s->newest->newer : &s->oldest) = r;
	s->newest = r;
	s->busy++;
	return r;
}

/* One of a closed stream's, which does not ask again at once. */
static void
pause_client(struct stream *s, int64_t t)
{
	if (s->rate == 0)
		s->pauses[(s->first + s->paused++) % s->clients] =
		    t + s->pause;
}

void
request_over(struct request *r, enum outcome outcome)
{
	struct stream *s = r->stream;
	int64_t t = request_now();

	account(s, r->due, t, outcome);
	if (outcome == OUTCOME_OK)
		credit(s, r, t);
	if (outcome == OUTCOME_STATUS)
		s->status = r->reply.status;
	if (outcome != OUTCOME_OK)
		pause_client(s, t);
	if (r->fd != -1)
		close(r->fd);

	*(r->older != NULL ? &r->older->newer : &s->oldest) = r->newer;
	*(r->newer != NULL ? &r->newer->older : &s->newest) = r->older;
	s->busy--;
	r->newer = unused;
	unused = r;
}

/* What an error of connect, send or recv says about the request. */
static enum outcome
outcome_of_errno(void)
{
	switch (errno) {
	case ECONNREFUSED:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EHOSTDOWN:
		return OUTCOME_REFUSED;
	case ECONNRESET:
	case EPIPE:
		return OUTCOME_RESET;
	case ETIMEDOUT:
		return OUTCOME_TIMEOUT;
	default:
		return OUTCOME_LOCAL;
	}
}

/* Sends what is left.  Gives 0, or -1 and the request is over. */
static int
request_send(struct request *r)
{
	const char *p = r->stream->request + r->sent;
	size_t left = strlen(p);
	ssize_t n;

	if (left == 0)
		return 0;
	n = send(r->fd, p, left, MSG_NOSIGNAL);
	if (n >= 0) {
		r->sent += (size_t)n;
	} else if (errno != EAGAIN) {
		request_over(r, outcome_of_errno());
		return -1;
	}
	return 0;
}

/*
 * Waits for what comes next: an answer, and room to send where that is owed.
 * Gives 0, or -1 and the request is over.
 */
static int
request_watch(struct request *r, int op)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = r };

	if (r->stream->request[r->sent] != '\0')
		ev.events |= EPOLLOUT;
	if (epoll_ctl(epfd, op, r->fd, &ev) == -1) {
		request_over(r, OUTCOME_LOCAL);
		return -1;
	}
	return 0;
}

void
request_start(struct stream *s, int64_t due)
{
	struct request *r = request_new(s, due);

	if (r == NULL) {
		account(s, due, request_now(), OUTCOME_LOCAL);
		pause_client(s, due);
		return;
	}
	r->fd = socket(server->ss.ss_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (r->fd == -1) {
		request_over(r, OUTCOME_LOCAL);
		return;
	}
	if (connect(r->fd, (const struct sockaddr *)&server->ss,
	    server->len) == -1 && errno != EINPROGRESS) {
		request_over(r, outcome_of_errno());
		return;
	}
	/* A handshake over loopback is complete by now: save a wait. */
	if (request_send(r) == 0)
		request_watch(r, EPOLL_CTL_ADD);
}

static void
request_receive(struct request *r)
{
	static char buf[65536];
	enum reply_state state;
	ssize_t n = recv(r->fd, buf, sizeof(buf), 0);

	if (n == -1 && errno == EAGAIN)
		return;
	if (n == -1) {
		request_over(r, outcome_of_errno());
		return;
	}
	state = n == 0 ? reply_end(&r->reply) :
	    reply_feed(&r->reply, buf, (size_t)n);
	if (state == REPLY_BAD)
		request_over(r, OUTCOME_RESET);
	else if (state == REPLY_DONE)
		request_over(r, r->reply.status / 100 == 2 ?
		    OUTCOME_OK : OUTCOME_STATUS);
}

static void
request_event(struct request *r, uint32_t events)
{
	if (events & EPOLLOUT && (request_send(r) == -1 ||
	    request_watch(r, EPOLL_CTL_MOD) == -1))
		return;
	if (events & (EPOLLIN | EPOLLERR | EPOLLHUP))
		request_receive(r);
}

void
request_expire(struct stream *s, int64_t t)
{
	struct request *r;

	while ((r = s->oldest) != NULL && t >= r->due + s->timeout) {
		/* What came while we were late did come. */
		request_receive(r);
		if (s->oldest == r)
			request_over(r, OUTCOME_TIMEOUT);
	}
}

int64_t
request_deadline(const struct stream *s)
{
	return s->oldest != NULL ? s->oldest->due + s->timeout : INT64_MAX;
}

void
request_wait(int64_t until)
{
	struct epoll_event ev[256];
	int64_t t = request_now();
	struct timespec ts = clock_timespec(until > t ? until - t : 0);
	int i, n = epoll_pwait2(epfd, ev, 256, &ts, NULL);

	if (n == -1 && errno != EINTR)
		err(2, "epoll_pwait2");
	for (i = 0; i < n; i++)
		request_event(ev[i].data.ptr, ev[i].events);
}
