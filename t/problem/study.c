#include <sys/param.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/timerfd.h>

#include <netinet/in.h>

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/ask.h"
#include "common/clock.h"
#include "common/draw.h"
#include "common/wire.h"
#include "common/writer.h"
#include "t/problem/study.h"

#define BACKLOG		4096
#define WORKERS		64
#define WORKERS_MAX	10000
#define MAX_DELAY	(3600 * CLOCK_S)

/* How long to wait for something to end when the system has run out of it. */
#define PAUSE		(10 * CLOCK_MS)

/* Descriptors that are not for connections. */
#define SPARE		16

/* A body that has a size. */
static char filler[STUDY_SIZE];

_Noreturn static void
usage(int has_workers)
{
	fprintf(stderr, "usage: %s %sport\n", getprogname(),
	    has_workers ? "[-w workers] " : "");
	exit(2);
}

static int
number(const char *text, int min, int max, const char *what)
{
	const char *wrong;
	int n = (int)strtonum(text, min, max, &wrong);

	if (wrong != NULL)
		errx(2, "%s %s is %s: expected %d to %d", what, text, wrong,
		    min, max);
	return n;
}

static void
raise_limit(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1)
		err(1, "getrlimit");
	rl.rlim_cur = rl.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &rl) == -1)
		err(1, "setrlimit");
}

int
study_options(int argc, char **argv, unsigned int *workers)
{
	int c;

	if (workers != NULL)
		*workers = WORKERS;
	while ((c = getopt(argc, argv, workers != NULL ? "w:" : "")) != -1) {
		if (c != 'w' || workers == NULL)
			usage(workers != NULL);
		*workers = (unsigned int)number(optarg, 1, WORKERS_MAX,
		    "workers");
	}
	if (argc - optind != 1)
		usage(workers != NULL);
	raise_limit();
	/* A sleep ends when it should, not up to 50 us later. */
	prctl(PR_SET_TIMERSLACK, 1UL);
	memset(filler, 'x', sizeof(filler));
	return number(argv[optind], 0, 65535, "port");
}

int
study_listen(int port, int flags)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons((in_port_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
	int on = 1;

	if (fd == -1 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on,
	    sizeof(on)) == -1 ||
	    bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    listen(fd, BACKLOG) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1)
		err(1, "port %d", port);
	printf("port %d\n", ntohs(sin.sin_port));
	fflush(stdout);
	return fd;
}

size_t
study_room(unsigned int each)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1)
		err(1, "getrlimit");
	if (rl.rlim_cur < SPARE + each)
		errx(1, "too few descriptors");
	return (size_t)(rl.rlim_cur - SPARE) / each;
}

void
study_pause(void)
{
	clock_sleep_until(clock_mono() + PAUSE);
}

struct study_conn *
study_open(int fd)
{
	struct study_conn *c = malloc(sizeof(*c));

	if (c == NULL) {
		close(fd);
		return NULL;
	}
	c->state = STUDY_RECEIVE;
	c->fd = fd;
	c->disk = -1;
	c->len = 0;
	http_init(&c->http);
	return c;
}

struct study_conn *
study_accept(int l, int flags)
{
	int fd;

	/* An error that is none of these is that of a connection, now gone. */
	while ((fd = accept4(l, NULL, NULL, SOCK_CLOEXEC | flags)) == -1) {
		if (errno == EAGAIN)
			return NULL;
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM) {
			study_pause();
			return NULL;
		}
	}
	return study_open(fd);
}

static void
fail(struct study_conn *c, int status, const char *why)
{
	c->status = status;
	c->why = why;
	study_reply(c);
}

void
study_refuse(struct study_conn *c, const char *why)
{
	/* A close with bytes unread is a reset, which overtakes the reply. */
	if (c->state == STUDY_RECEIVE)
		recv(c->fd, c->head, sizeof(c->head), MSG_DONTWAIT);
	fail(c, 503, why);
}

/* What the request wants of the disk. */
static void
judge(struct study_conn *c)
{
	const struct http_request *h = &c->http;
	struct wire wire;
	struct ask ask;
	double u;

	if (h->method != HTTP_GET && h->method != HTTP_HEAD) {
		fail(c, 405, "only GET and HEAD are served here");
		return;
	}
	if ((c->why = wire_parse(h->path.p, h->path.len, MAX_DELAY,
	    &wire)) != NULL || (c->why = ask_parse(h->query.p, h->query.len,
	    MAX_DELAY, STUDY_SIZE, &ask)) != NULL) {
		fail(c, 400, c->why);
		return;
	}
	c->start = clock_mono();
	u = draw_unit((uint64_t)c->start, 0);
	c->delay = ask.delay.n > 0 ? ask_delay(&ask, u) : MAX(wire.delay, 0);
	c->status = ask.status.n > 0 ? ask_status(&ask, u) : wire.status;
	c->size = ask_size(&ask, u);
	c->name = wire.name;
	c->name_len = wire.name_len;
	if (c->status != 200)
		c->why = "the read failed";
	c->state = STUDY_DISK;
}

void
study_received(struct study_conn *c, ssize_t n)
{
	if (n == -EAGAIN || n == -EINTR)
		return;
	if (n <= 0) {
		c->state = STUDY_CLOSE;
		return;
	}
	c->len += (size_t)n;
	switch (http_parse(&c->http, c->head, c->len, sizeof(c->head))) {
	case HTTP_MORE:
		break;
	case HTTP_BAD:
		fail(c, c->http.status, c->http.why);
		break;
	case HTTP_DONE:
		judge(c);
		break;
	}
}

void
study_receive(struct study_conn *c)
{
	ssize_t n = recv(c->fd, c->head + c->len, sizeof(c->head) - c->len, 0);

	study_received(c, n == -1 ? -errno : n);
}

void
study_disk(struct study_conn *c)
{
	clock_sleep_until(clock_mono() + c->delay);
	study_reply(c);
}

int
study_open_disk(struct study_conn *c)
{
	const struct itimerspec end = {
		.it_value = clock_timespec(clock_mono() + c->delay),
	};

	c->disk = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	if (c->disk == -1) {
		study_refuse(c, "no descriptor is left for the read");
		return -1;
	}
	timerfd_settime(c->disk, TFD_TIMER_ABSTIME, &end, NULL);
	return 0;
}

/* The line that why is; a body of that size; or TOTAL,PATH. */
static void
make_body(struct study_conn *c)
{
	struct writer w = { c->text, c->text + sizeof(c->text) };
	struct iovec *rest = &c->pieces[2];

	*rest = (struct iovec){ filler, 0 };
	if (c->why != NULL) {
		writer_text(&w, c->why);
		writer_text(&w, "\n");
	} else if (c->size >= 0) {
		rest->iov_len = (size_t)c->size;
	} else {
		writer_number(&w,
		    (uint64_t)((clock_mono() - c->start) / CLOCK_MS));
		writer_text(&w, ",");
		*rest = (struct iovec){ (char *)(uintptr_t)c->name,
		    c->name_len };
	}
	c->pieces[1] = (struct iovec){ c->text, (size_t)(w.p - c->text) };
}

static void
make_head(struct study_conn *c)
{
	struct writer w = { c->fields, c->fields + sizeof(c->fields) };

	writer_text(&w, "HTTP/1.1 ");
	writer_number(&w, (uint64_t)c->status);
	writer_text(&w, c->status == 200 ? " OK" :
	    c->status < 500 ? " Client Error" : " Server Error");
	writer_text(&w, c->status == 405 ? "\r\nAllow: GET, HEAD" : "");
	writer_text(&w, c->why == NULL && c->size >= 0 ?
	    "\r\nContent-Type: application/octet-stream" :
	    "\r\nContent-Type: text/plain");
	writer_text(&w, "\r\nContent-Length: ");
	writer_number(&w, c->pieces[1].iov_len + c->pieces[2].iov_len);
	writer_text(&w, "\r\nConnection: close\r\n\r\n");
	c->pieces[0] = (struct iovec){ c->fields, (size_t)(w.p - c->fields) };
}

void
study_reply(struct study_conn *c)
{
	make_body(c);
	make_head(c);
	c->reply = (struct msghdr){
		.msg_iov = c->pieces,
		.msg_iovlen = c->http.method == HTTP_HEAD ? 1 : 3,
	};
	c->state = STUDY_SEND;
}

void
study_sent(struct study_conn *c, ssize_t n)
{
	struct msghdr *m = &c->reply;
	size_t step;

	if (n == -EAGAIN || n == -EINTR)
		return;
	for (; n >= 0 && m->msg_iovlen > 0; m->msg_iov++, m->msg_iovlen--) {
		step = MIN((size_t)n, m->msg_iov->iov_len);
		m->msg_iov->iov_base = (char *)m->msg_iov->iov_base + step;
		m->msg_iov->iov_len -= step;
		n -= (ssize_t)step;
		if (m->msg_iov->iov_len > 0)
			return;
	}
	c->state = STUDY_CLOSE;
}

void
study_send(struct study_conn *c)
{
	/* The last bytes leave with the end of the connection. */
	ssize_t n = sendmsg(c->fd, &c->reply, MSG_NOSIGNAL | MSG_MORE);

	study_sent(c, n == -1 ? -errno : n);
}

void
study_close(struct study_conn *c)
{
	close(c->fd);
	free(c);
}
