#include <sys/socket.h>
#include <sys/time.h>

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/addr.h"
#include "t/client.h"

static struct addr
address(const char *host, int port)
{
	const int six = strchr(host, ':') != NULL;
	struct addr a;
	char text[ADDR_TEXT];

	snprintf(text, sizeof(text), "%s%s%s:%d", six ? "[" : "", host,
	    six ? "]" : "", port);
	if (addr_parse(text, &a) == -1)
		errx(1, "%s is no address", text);
	return a;
}

static int
is_bound(int fd, const char *from)
{
	struct addr a;

	if (from == NULL)
		return 1;
	a = address(from, 0);
	return bind(fd, (struct sockaddr *)&a.ss, a.len) == 0;
}

int
client_connect_from(const char *from, const char *to, int port)
{
	const struct timeval patience = { .tv_sec = 30 };
	const struct addr a = address(to, port);
	int fd;

	if ((fd = socket(a.ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0)) == -1)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (!is_bound(fd, from) ||
	    connect(fd, (const struct sockaddr *)&a.ss, a.len) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

int
client_connect(int port)
{
	return client_connect_from(NULL, "127.0.0.1", port);
}

int
client_is_refused(void *port)
{
	int fd = client_connect(*(int *)port);

	if (fd != -1)
		close(fd);
	return fd == -1;
}

void
client_send(int fd, const void *buf, size_t len)
{
	const char *p = buf;
	ssize_t n;

	while (len > 0 && (n = send(fd, p, len, MSG_NOSIGNAL)) > 0) {
		p += n;
		len -= (size_t)n;
	}
}

static int
receive_byte(int fd, struct response *r, char *c)
{
	ssize_t n = recv(fd, c, 1, 0);

	if (n == -1 && errno == ECONNRESET)
		r->reset = 1;
	return n == 1;
}

static void
receive_head(int fd, struct response *r)
{
	size_t len = 0;

	while (len < sizeof(r->head) - 1 &&
	    receive_byte(fd, r, &r->head[len])) {
		r->head[++len] = '\0';
		if (len >= 4 && strcmp(r->head + len - 4, "\r\n\r\n") == 0) {
			r->status = atoi(r->head + strlen("HTTP/1.1 "));
			return;
		}
	}
}

void
client_receive(int fd, struct response *r, int until_end)
{
	const char *field;
	size_t want = sizeof(r->body) - 1;
	ssize_t n;

	r->status = r->reset = 0;
	r->head[0] = r->body[0] = '\0';
	r->body_len = 0;
	receive_head(fd, r);
	if (!until_end) {
		field = strstr(r->head, "\r\nContent-Length: ");
		want = field == NULL ? 0 : (size_t)atoi(strchr(field, ':') + 2);
	}
	while (r->body_len < want && (n = recv(fd, r->body + r->body_len,
	    want - r->body_len, 0)) > 0)
		r->body_len += (size_t)n;
	r->body[r->body_len] = '\0';
}

int
client_get(int port, const char *path, struct response *r)
{
	struct response local;
	char request[512];
	int fd, n;

	if (r == NULL)
		r = &local;
	r->status = 0;
	if ((fd = client_connect(port)) == -1)
		return 0;
	n = snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\n"
	    "Host: t\r\nConnection: close\r\n\r\n", path);
	client_send(fd, request, (size_t)n);
	client_receive(fd, r, 1);
	close(fd);
	return r->status;
}

int
client_closed(int fd)
{
	ssize_t n;
	char c;

	/* An orderly end leaves errno as it was. */
	n = recv(fd, &c, 1, 0);
	return n == 0 || (n == -1 && errno != EAGAIN);
}
