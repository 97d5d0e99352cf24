#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/chars.h"
#include "server/admin/channel.h"

int
channel_open(int pair[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0, pair);
}

static int
put(int fd, const void *p, size_t size)
{
	return send(fd, p, size, MSG_DONTWAIT | MSG_NOSIGNAL) ==
	    (ssize_t)size ? 0 : -1;
}

/* As channel_take_request; what has another size is of no use. */
static int
take(int fd, void *p, size_t size)
{
	ssize_t n = recv(fd, p, size, MSG_DONTWAIT | MSG_TRUNC);

	if (n == -1)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if (n == 0)
		return -1;
	return n == (ssize_t)size;
}

int
channel_ask(int fd, const struct channel_request *r)
{
	return put(fd, r, sizeof(*r));
}

int
channel_answer(int fd, const struct channel_reply *r)
{
	return put(fd, r, sizeof(*r));
}

/* A name, or nothing. */
static int
is_name(const char *s, size_t size)
{
	return memchr(s, '\0', size) != NULL &&
	    (s[0] == '\0' || chars_is_name(s, size - 1));
}

static int
is_visible(const char *s, size_t size)
{
	const char *p, *end = memchr(s, '\0', size);

	for (p = s; end != NULL && p < end; p++)
		if (*p < ' ' || *p > '~')
			return 0;
	return end != NULL;
}

int
channel_take_request(int fd, struct channel_request *r)
{
	const int n = take(fd, r, sizeof(*r));

	if (n != 1)
		return n;
	return r->verb < CHANNEL_VERBS &&
	    is_name(r->name, sizeof(r->name)) &&
	    is_name(r->condition, sizeof(r->condition)) &&
	    is_visible(r->from, sizeof(r->from));
}

int
channel_take_reply(int fd, struct channel_reply *r)
{
	const int n = take(fd, r, sizeof(*r));

	r->text[sizeof(r->text) - 1] = '\0';
	return n;
}
