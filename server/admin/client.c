#include <sys/param.h>
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/admin/client.h"

/* For a request; the master's answer; a reply that does not get on, and one
   that does, slowly; an event that is not taken; and what comes behind. */
#define READ_TIME	(5 * CLOCK_S)
#define MASTER_TIME	(5 * CLOCK_S)
#define STALL_TIME	(10 * CLOCK_S)
#define SEND_TIME	(60 * CLOCK_S)
#define EVENT_TIME	(30 * CLOCK_S)
#define LINGER_TIME	(2 * CLOCK_S)
#define LINGER_BYTES	65536

/* What the kernel keeps of a reply, for each: a slow reader's ticks get lost
   here rather than late there. */
#define KERNEL_BYTES	65536

static uint32_t numbers;	/* of requests to the master */

static void
enter(struct client *c, enum client_state state, int64_t now, int64_t limit)
{
	c->state = state;
	c->since = now;
	c->deadline = now + limit;
}

/* Who it is: a Unix socket's peer is known to the kernel. */
static void
identify(struct client *c, const struct hall_door *d, const struct addr *peer)
{
	struct ucred cred = { .pid = 0, .uid = LOOK_NO_USER };
	socklen_t len = sizeof(cred);
	char text[ADDR_TEXT];

	c->pid = 0;
	if (door_file(&d->addr) == NULL) {
		c->way = door_is_remote(&d->addr) ? GUARD_REMOTE : GUARD_LOCAL;
		snprintf(c->from, sizeof(c->from), "%s",
		    addr_text(peer, text, sizeof(text)));
		return;
	}
	c->way = GUARD_FILE;
	if (getsockopt(c->fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == -1)
		snprintf(c->from, sizeof(c->from), "nobody known");
	else
		snprintf(c->from, sizeof(c->from), "uid %u, process %d",
		    (unsigned int)cred.uid, (int)cred.pid);
	c->pid = cred.pid;
	c->uid = cred.uid;
}

void
client_begin(struct client *c, int fd, const struct hall_door *d,
    const struct addr *peer, int64_t now)
{
	const int bytes = KERNEL_BYTES;

	c->fd = fd;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	identify(c, d, peer);
	c->len = 0;
	sending_none(&c->out);
	memset(&c->reply, 0, sizeof(c->reply));
	http_init(&c->http);
	enter(c, CLIENT_READING, now, READ_TIME);
}

static void
drop_body(struct client *c)
{
	sheet_drop(c->reply.body);
	c->reply.body = NULL;
	sending_none(&c->out);
}

void
client_end(struct client *c)
{
	drop_body(c);
	close(c->fd);
	c->state = CLIENT_NONE;
}

/* The reply's end is said; bytes on their way must not reset it. */
static void
finish(struct client *c, int64_t now)
{
	drop_body(c);
	shutdown(c->fd, SHUT_WR);
	c->lingered = 0;
	enter(c, CLIENT_CLOSING, now, LINGER_TIME);
}

/* Sends what can be sent.  Gives whether nothing is left. */
static int
send_more(struct client *c, int64_t now)
{
	const int64_t limit = c->state == CLIENT_STREAMING ? EVENT_TIME :
	    SEND_TIME;
	const size_t before = c->out.sent;
	const int all = sending_more(&c->out, c->fd);

	if (all == -1) {
		client_end(c);
		return 0;
	}
	if (c->out.sent > before)
		c->deadline = MIN(now + STALL_TIME, c->since + limit);
	return all;
}

/* An event, or the history, is out: the next one may come. */
static void
send_event(struct client *c, int64_t now)
{
	if (!send_more(c, now))
		return;
	drop_body(c);
	c->deadline = INT64_MAX;
}

static void
send_reply(struct client *c, int64_t now)
{
	if (send_more(c, now))
		finish(c, now);
}

/* Begins to send the reply, whatever it has become. */
static void
begin_reply(struct client *c, int64_t now)
{
	const int head_only = c->http.method == HTTP_HEAD;
	struct route_reply *r = &c->reply;

	if (r->body == NULL) {
		r->then = ROUTE_REPLY;
		r->status = 503;
		r->type = "text/plain; charset=utf-8";
		r->fields = NULL;
	}
	sending_reply(&c->out, r, head_only);
	if (r->then == ROUTE_STREAM && !head_only) {
		enter(c, CLIENT_STREAMING, now, STALL_TIME);
		send_event(c, now);
	} else {
		enter(c, CLIENT_SENDING, now, STALL_TIME);
		send_reply(c, now);
	}
}

static void
refuse(struct client *c, int status, const char *why, int64_t now)
{
	route_refuse(&c->reply, status, why, c->reply.text);
	begin_reply(c, now);
}

static void
ask_master(struct client *c, int master, int64_t now)
{
	c->number = c->reply.request.number = ++numbers;
	sheet_drop(c->reply.body);
	c->reply.body = NULL;
	enter(c, CLIENT_ASKING, now, MASTER_TIME);
	if (channel_ask(master, &c->reply.request) == -1)
		refuse(c, 503, "the master cannot be asked now", now);
}

/* Its user may be theirs. */
static int
is_workers(const struct client *c, const struct look *look)
{
	return look->workers != LOOK_NO_USER &&
	    (c->uid == look->workers || c->uid == LOOK_NO_USER);
}

static void
answer(struct client *c, struct look *look, int master, int64_t now)
{
	const struct route_ask a = {
		&c->http, c->way == GUARD_FILE && is_workers(c, look) ?
		    GUARD_WORKER : c->way, c->pid, c->from
	};

	route_answer(&a, look, &c->reply);
	if (c->reply.then == ROUTE_MASTER)
		ask_master(c, master, now);
	else
		begin_reply(c, now);
}

static void
read_request(struct client *c, struct look *look, int master, int64_t now)
{
	ssize_t n = recv(c->fd, c->in + c->len, sizeof(c->in) - c->len,
	    MSG_DONTWAIT);

	if (n == -1 && errno == EAGAIN)
		return;
	if (n <= 0) {
		client_end(c);
		return;
	}
	c->len += (size_t)n;
	switch (http_parse(&c->http, c->in, c->len, sizeof(c->in))) {
	case HTTP_MORE:
		break;
	case HTTP_DONE:
		answer(c, look, master, now);
		break;
	case HTTP_BAD:
		c->reply.text = 1;
		refuse(c, c->http.status, c->http.why, now);
		break;
	}
}

static void
read_away(struct client *c)
{
	char bytes[4096];
	ssize_t n = recv(c->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n == -1 && errno == EAGAIN)
		return;
	if (n > 0)
		c->lingered += (size_t)n;
	if (n <= 0 || c->lingered > LINGER_BYTES)
		client_end(c);
}

short
client_wants(const struct client *c)
{
	switch (c->state) {
	case CLIENT_READING:
	case CLIENT_CLOSING:
		return POLLIN;
	case CLIENT_SENDING:
		return POLLOUT;
	case CLIENT_STREAMING:
		return sending_is_over(&c->out) ? POLLRDHUP :
		    POLLOUT | POLLRDHUP;
	default:
		return 0;
	}
}

void
client_serve(struct client *c, short events, struct look *look, int master,
    int64_t now)
{
	switch (c->state) {
	case CLIENT_READING:
		read_request(c, look, master, now);
		break;
	case CLIENT_SENDING:
		send_reply(c, now);
		break;
	case CLIENT_STREAMING:
		if (events & (POLLRDHUP | POLLHUP | POLLERR))
			client_end(c);
		else
			send_event(c, now);
		break;
	case CLIENT_CLOSING:
		read_away(c);
		break;
	default:
		/* It has gone, and what it asked of the master is done. */
		client_end(c);
	}
}

int
client_conclude(struct client *c, const struct channel_reply *m, int64_t now)
{
	if (c->state != CLIENT_ASKING || c->number != m->number)
		return 0;
	route_conclude(m, &c->reply);
	begin_reply(c, now);
	return 1;
}

int
client_takes_event(const struct client *c)
{
	return c->state == CLIENT_STREAMING && sending_is_over(&c->out);
}

void
client_event(struct client *c, struct sheet *s, int64_t now)
{
	c->reply.body = sheet_hold(s);
	sending_event(&c->out, s);
	enter(c, CLIENT_STREAMING, now, STALL_TIME);
	send_event(c, now);
}

void
client_expire(struct client *c, int64_t now)
{
	if (c->state == CLIENT_ASKING)
		refuse(c, 504, "the master has not answered within 5 seconds",
		    now);
	else if (c->state == CLIENT_READING && c->len > 0) {
		c->reply.text = 1;
		refuse(c, 408, "the request was not complete within 5 seconds",
		    now);
	} else
		client_end(c);
}
