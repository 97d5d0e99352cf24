#include <sys/param.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/admin/client.h"
#include "server/admin/route.h"
#include "server/admin/sending.h"

#define HEAD_MAX	8192	/* bytes of a request */

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

/* From one door at a time, so that no other waits for its flood to end. */
#define ACCEPT_MAX	16

/* Who has said nothing by then had time to. */
#define NEW_TIME	(100 * CLOCK_MS)

/* What is missing for one more connection is there by then, or is not. */
#define ACCEPT_PAUSE	(100 * CLOCK_MS)

enum client_state {
	CLIENT_NONE,
	CLIENT_READING,
	CLIENT_ASKING,
	CLIENT_SENDING,
	CLIENT_STREAMING,
	CLIENT_CLOSING		/* what it still sends is read away */
};

static struct client {
	enum client_state state;
	int fd;
	enum guard_way way;
	pid_t pid;		/* of a Unix socket's; 0: not known */
	uid_t uid;
	uint32_t number;	/* of what the master was asked */
	char from[CHANNEL_FROM];

	char in[HEAD_MAX];
	size_t len;		/* bytes of it */
	struct http_request http;

	struct route_reply reply;
	struct sending out;	/* of the reply, or of an event */

	int64_t since;		/* of its state */
	int64_t deadline;
	size_t lingered;	/* bytes that were read away */
} clients[CLIENTS_MAX];

static uint32_t numbers;	/* of requests to the master */
static int64_t accept_at;	/* nobody is let in before */

#define EACH(c)	((c) = clients; (c) < clients + CLIENTS_MAX; (c)++)

static void
enter(struct client *c, enum client_state state, int64_t now, int64_t limit)
{
	c->state = state;
	c->since = now;
	c->deadline = now + limit;
}

static void
drop_body(struct client *c)
{
	sheet_drop(c->reply.body);
	c->reply.body = NULL;
	sending_none(&c->out);
}

static void
end(struct client *c)
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
		end(c);
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
		end(c);
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
		end(c);
}

/* Places. */

/*
 * Whose place a new client gets, by this order, and of several whoever has been
 * so for longest: who has not said what it wants, though it had time to, or has
 * what it wanted; who reads its reply, which anybody may do slowly; who gets
 * events; who has just come.  Who waits for the master keeps its place: it has
 * a deadline.
 */
enum hurry {
	HURRY_NONE,
	HURRY_REPLY,
	HURRY_EVENTS,
	HURRY_NEW,
	HURRY_MASTER
};

static enum hurry
hurry(const struct client *c, int64_t now)
{
	switch (c->state) {
	case CLIENT_READING:
		return now - c->since < NEW_TIME ? HURRY_NEW : HURRY_NONE;
	case CLIENT_SENDING:
		return HURRY_REPLY;
	case CLIENT_STREAMING:
		return HURRY_EVENTS;
	case CLIENT_ASKING:
		return HURRY_MASTER;
	default:
		return HURRY_NONE;
	}
}

static struct client *
find_place(int64_t now)
{
	enum hurry least = HURRY_MASTER, h;
	struct client *c, *found = NULL;

	for EACH(c) {
		if (c->state == CLIENT_NONE)
			return c;
		h = hurry(c, now);
		if (h < least || (h == least && found != NULL &&
		    c->since < found->since)) {
			least = h;
			found = c;
		}
	}
	return found;
}

int
clients_have_room(int64_t now)
{
	return now >= accept_at && find_place(now) != NULL;
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

static void
admit(struct client *c, int fd, const struct hall_door *d,
    const struct addr *peer, int64_t now)
{
	const int bytes = KERNEL_BYTES;

	if (c->state != CLIENT_NONE)
		end(c);
	c->fd = fd;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	identify(c, d, peer);
	c->len = 0;
	sending_none(&c->out);
	memset(&c->reply, 0, sizeof(c->reply));
	http_init(&c->http);
	enter(c, CLIENT_READING, now, READ_TIME);
}

void
clients_accept(const struct hall_door *d, int64_t now)
{
	struct client *c;
	struct addr peer;
	int fd, i;

	for (i = 0; i < ACCEPT_MAX && (c = find_place(now)) != NULL; i++) {
		peer.len = sizeof(peer.ss);
		fd = accept4(d->fd, (struct sockaddr *)&peer.ss, &peer.len,
		    SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd == -1) {
			/* The connection waits on, and would wake us. */
			if (errno != EAGAIN && errno != ECONNABORTED)
				accept_at = now + ACCEPT_PAUSE;
			return;
		}
		admit(c, fd, d, &peer, now);
	}
}

/* The loop. */

static short
wanted(const struct client *c)
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

nfds_t
clients_wait(struct pollfd *p)
{
	const struct client *c;

	for EACH(c)
		*p++ = (struct pollfd){
			.fd = c->state == CLIENT_NONE ? -1 : c->fd,
			.events = wanted(c),
		};
	return CLIENTS_MAX;
}

static void
serve(struct client *c, short events, struct look *look, int master,
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
			end(c);
		else
			send_event(c, now);
		break;
	case CLIENT_CLOSING:
		read_away(c);
		break;
	default:
		/* It has gone, and what it asked of the master is done. */
		end(c);
	}
}

void
clients_serve(const struct pollfd *p, nfds_t n, struct look *look, int master,
    int64_t now)
{
	nfds_t i;

	for (i = 0; i < n; i++)
		if (p[i].revents != 0 && p[i].fd == clients[i].fd &&
		    clients[i].state != CLIENT_NONE)
			serve(&clients[i], p[i].revents, look, master, now);
}

void
clients_conclude(const struct channel_reply *m, int64_t now)
{
	struct client *c;

	for EACH(c) {
		if (c->state != CLIENT_ASKING || c->number != m->number)
			continue;
		route_conclude(m, &c->reply);
		begin_reply(c, now);
	}
}

int
clients_want_event(void)
{
	const struct client *c;

	for EACH(c)
		if (c->state == CLIENT_STREAMING && sending_is_over(&c->out))
			return 1;
	return 0;
}

/* Who has not taken the last one loses this one. */
void
clients_event(struct sheet *s, int64_t now)
{
	struct client *c;

	for EACH(c) {
		if (c->state != CLIENT_STREAMING || !sending_is_over(&c->out))
			continue;
		c->reply.body = sheet_hold(s);
		sending_event(&c->out, s);
		c->since = now;
		c->deadline = now + STALL_TIME;
		send_event(c, now);
	}
}

void
clients_end_streams(void)
{
	struct client *c;

	for EACH(c)
		if (c->state == CLIENT_STREAMING)
			end(c);
}

void
clients_expire(int64_t now)
{
	struct client *c;

	for EACH(c) {
		if (c->state == CLIENT_NONE || now < c->deadline)
			continue;
		if (c->state == CLIENT_ASKING)
			refuse(c, 504, "the master has not answered within 5 "
			    "seconds", now);
		else if (c->state == CLIENT_READING && c->len > 0) {
			c->reply.text = 1;
			refuse(c, 408, "the request was not complete within 5 "
			    "seconds", now);
		} else
			end(c);
	}
}

int64_t
clients_deadline(int64_t now)
{
	int64_t at = accept_at > now ? accept_at : INT64_MAX;
	const struct client *c;

	for EACH(c)
		if (c->state != CLIENT_NONE)
			at = MIN(at, c->deadline);
	return at;
}

unsigned int
clients_count(void)
{
	const struct client *c;
	unsigned int n = 0;

	for EACH(c)
		n += c->state != CLIENT_NONE;
	return n;
}
