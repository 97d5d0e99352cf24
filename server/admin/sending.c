#include <sys/param.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "server/admin/sending.h"

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

/* A stream has no length, but an end. */
static void
put_head(struct sending *s, const struct route_reply *r)
{
	char length[48] = "";
	int n;

	if (r->then != ROUTE_STREAM)
		snprintf(length, sizeof(length), "Content-Length: %zu\r\n",
		    s->body_len);
	n = snprintf(s->head, sizeof(s->head),
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
	s->head_len = MIN((size_t)n, sizeof(s->head) - 1);
}

void
sending_reply(struct sending *s, const struct route_reply *r, int head_only)
{
	static const char none[] = "no memory for this reply, at this moment\n";

	s->body = r->body != NULL ? r->body->p : none;
	s->body_len = r->body != NULL ? r->body->len : strlen(none);
	s->sent = 0;
	put_head(s, r);
	if (head_only)
		s->body_len = 0;
}

void
sending_event(struct sending *s, const struct sheet *event)
{
	s->body = event->p;
	s->body_len = event->len;
	s->head_len = s->sent = 0;
}

void
sending_none(struct sending *s)
{
	s->body = NULL;
	s->head_len = s->body_len = s->sent = 0;
}

int
sending_is_over(const struct sending *s)
{
	return s->sent == s->head_len + s->body_len;
}

int
sending_more(struct sending *s, int fd)
{
	struct iovec iov[2];
	struct msghdr m = { .msg_iov = iov };
	size_t skip;
	ssize_t n;

	while (!sending_is_over(s)) {
		m.msg_iovlen = 0;
		if (s->sent < s->head_len)
			iov[m.msg_iovlen++] = (struct iovec){
			    s->head + s->sent, s->head_len - s->sent };
		skip = s->sent > s->head_len ? s->sent - s->head_len : 0;
		if (skip < s->body_len)
			iov[m.msg_iovlen++] = (struct iovec){
			    (void *)(uintptr_t)(s->body + skip),
			    s->body_len - skip };
		n = sendmsg(fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n == -1 && errno == EAGAIN)
			return 0;
		if (n <= 0)
			return -1;
		s->sent += (size_t)n;
	}
	return 1;
}
