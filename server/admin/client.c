#include <sys/param.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/admin/client.h"
#include "server/admin/route.h"

#define HEAD_MAX	8192	/* bytes of a request */
#define FIELDS_MAX	1024	/* of a reply's head */

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
	pid_t pid;		/* 0: not known */
	char from[CHANNEL_FROM];

	char in[HEAD_MAX];
	size_t len;		/* bytes of it */
	struct http_request http;

	struct route_reply reply;
	uint32_t number;	/* of what the master was asked */
	char out[FIELDS_MAX];	/* head of the reply */
	size_t out_len;
	const char *body;	/* what follows it: of the sheet, or short */
	size_t body_len;
	size_t sent;		/* bytes of both */

	int64_t since;		/* of its state */
	int64_t deadline;
	size_t lingered;	/* bytes that were read away */
} clients[CLIENTS_MAX];

static uint32_t numbers;	/* of requests to the master */

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
	c->body = NULL;
	c->body_len = 0;
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

static const char *
reason(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 400:
		return "Bad Request";
	case 401:
		return "Unauthorized";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 408:
		return "Request Timeout";
	case 409:
		return "Conflict";
	case 503:
		return "Service Unavailable";
	case 504:
		return "Gateway Timeout";
	default:
		return "Error";
	}
}

/* Sends what can be sent.  Gives whether nothing is left. */
static int
send_more(struct client *c, int64_t now)
{
	struct iovec iov[2];
	struct msghdr m = { .msg_iov = iov };
	const size_t all = c->out_len + c->body_len;
	const int64_t limit = c->state == CLIENT_STREAMING ? EVENT_TIME :
	    SEND_TIME;
	size_t skip;
	ssize_t n;

	while (c->sent < all) {
		m.msg_iovlen = 0;
		if (c->sent < c->out_len)
			iov[m.msg_iovlen++] = (struct iovec){
			    c->out + c->sent, c->out_len - c->sent };
		skip = c->sent > c->out_len ? c->sent - c->out_len : 0;
		if (skip < c->body_len)
			iov[m.msg_iovlen++] = (struct iovec){
			    (void *)(uintptr_t)(c->body + skip),
			    c->body_len - skip };
		n = sendmsg(c->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n == -1 && errno == EAGAIN)
			break;
		if (n <= 0) {
			end(c);
			return 0;
		}
		c->sent += (size_t)n;
		c->deadline = MIN(now + STALL_TIME, c->since + limit);
	}
	return c->sent == all;
}

/* An event, or the history, is out: the next one may come. */
static void
send_event(struct client *c, int64_t now)
{
	if (!send_more(c, now))
		return;
	drop_body(c);
	c->out_len = c->sent = 0;
	c->deadline = INT64_MAX;
}

static void
send_reply(struct client *c, int64_t now)
{
	if (send_more(c, now))
		finish(c, now);
}

/* The head of a reply; a stream has no length, but an end. */
static void
put_head(struct client *c)
{
	const struct route_reply *r = &c->reply;
	char length[48] = "";

	if (r->then != ROUTE_STREAM)
		snprintf(length, sizeof(length), "Content-Length: %zu\r\n",
		    c->body_len);
	c->out_len = (size_t)snprintf(c->out, sizeof(c->out),
	    "HTTP/1.1 %d %s\r\n"
	    "Server: spindled/" VERSION "\r\n"
	    "Content-Type: %s\r\n"
	    "%sCache-Control: no-store\r\n"
	    "X-Content-Type-Options: nosniff\r\n"
	    "Cross-Origin-Resource-Policy: same-origin\r\n"
	    "Referrer-Policy: no-referrer\r\n"
	    "%sConnection: close\r\n\r\n",
	    r->status, reason(r->status), r->type, length,
	    r->fields != NULL ? r->fields : "");
}

/* Begins to send the reply, whatever it has become. */
static void
begin_reply(struct client *c, int64_t now)
{
	static const char none[] = "no memory for this reply, at this moment\n";
	struct route_reply *r = &c->reply;

	if (r->body == NULL) {
		r->then = ROUTE_REPLY;
		r->status = 503;
		r->type = "text/plain; charset=utf-8";
		r->fields = NULL;
	}
	c->body = r->body != NULL ? r->body->p : none;
	c->body_len = r->body != NULL ? r->body->len : strlen(none);
	c->sent = 0;
	put_head(c);
	if (c->http.method == HTTP_HEAD)
		c->body_len = 0;
	if (r->then == ROUTE_STREAM && c->http.method != HTTP_HEAD) {
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

static void
answer(struct client *c, struct look *look, int master, int64_t now)
{
	const struct route_ask a = { &c->http, c->way, c->pid, c->from };

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
 * Whose place a new client gets: of those who have not said what they want, or
 * have what they wanted, who has been so for longest; else the same of those
 * who get events.  Who waits for a reply keeps its place: it has a deadline.
 */
static struct client *
find_place(void)
{
	struct client *c, *idle = NULL, *stream = NULL;

	for EACH(c) {
		if (c->state == CLIENT_NONE)
			return c;
		if ((c->state == CLIENT_READING ||
		    c->state == CLIENT_CLOSING) &&
		    (idle == NULL || c->since < idle->since))
			idle = c;
		if (c->state == CLIENT_STREAMING &&
		    (stream == NULL || c->since < stream->since))
			stream = c;
	}
	return idle != NULL ? idle : stream;
}

int
clients_have_room(void)
{
	return find_place() != NULL;
}

/* Who it is: a Unix socket's peer is known to the kernel. */
static void
identify(struct client *c, const struct hall_door *d, const struct addr *peer)
{
	struct ucred cred = { .pid = 0 };
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
	c->len = c->out_len = 0;
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

	for (i = 0; i < ACCEPT_MAX && (c = find_place()) != NULL; i++) {
		peer.len = sizeof(peer.ss);
		fd = accept4(d->fd, (struct sockaddr *)&peer.ss, &peer.len,
		    SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd == -1)
			return;
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
		return c->body != NULL ? POLLOUT | POLLRDHUP : POLLRDHUP;
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
		if (c->state == CLIENT_STREAMING && c->body == NULL)
			return 1;
	return 0;
}

/* Who has not taken the last one loses this one. */
void
clients_event(struct sheet *s, int64_t now)
{
	struct client *c;

	for EACH(c) {
		if (c->state != CLIENT_STREAMING || c->body != NULL)
			continue;
		c->reply.body = sheet_hold(s);
		c->body = s->p;
		c->body_len = s->len;
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
clients_deadline(void)
{
	int64_t at = INT64_MAX;
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
