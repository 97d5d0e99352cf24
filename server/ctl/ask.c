#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/ctl/ask.h"

/* The status process answers at once; the master takes a reload's time. */
#define PATIENCE	10	/* seconds */

/* A daemon with 16,384 slots answers with less. */
#define ANSWER_MAX	((size_t)16 << 20)

static int
connect_to(const char *path)
{
	const struct timeval patience = { .tv_sec = PATIENCE };
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd, saved;

	if (strlcpy(sun.sun_path, path, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
	    sizeof(patience)) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience,
	    sizeof(patience)) == 0 &&
	    connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static int
send_request(int fd, const char *method, const char *target)
{
	char *head;
	ssize_t n;
	int len;

	/* An empty body is said, for a POST without one is odd. */
	len = asprintf(&head, "%s %s HTTP/1.1\r\nHost: localhost\r\n"
	    "%sConnection: close\r\n\r\n", method, target,
	    strcmp(method, "POST") == 0 ? "Content-Length: 0\r\n" : "");
	if (len == -1)
		return -1;
	n = send(fd, head, (size_t)len, MSG_NOSIGNAL);
	free(head);
	return n == (ssize_t)len ? 0 : -1;
}

/* Until the daemon closes: it does so behind its answer. */
static int
receive(int fd, struct answer *a)
{
	size_t size = 0, len = 0;
	ssize_t n;
	char *p;

	do {
		if (size - len < 4096) {
			size = size == 0 ? 16384 : 2 * size;
			if (size > ANSWER_MAX) {
				errno = EMSGSIZE;
				return -1;
			}
			if ((p = realloc(a->all, size)) == NULL)
				return -1;
			a->all = p;
		}
		n = recv(fd, a->all + len, size - len - 1, 0);
		if (n == -1)
			return -1;
		len += (size_t)n;
	} while (n > 0);
	a->all[len] = '\0';
	a->len = len;
	return 0;
}

/*
 * Names in it were in memory that workers may write: nothing of that is to be
 * obeyed by a terminal.
 */
static void
make_plain(struct answer *a)
{
	size_t i;

	for (i = 0; i < a->len; i++)
		if (iscntrl((unsigned char)a->body[i]) && a->body[i] != '\n')
			a->body[i] = '?';
}

/* What a field of the head is, or NULL: as the daemon writes it. */
static const char *
find_field(const struct answer *a, const char *name)
{
	const char *p = strstr(a->all, name);

	return p != NULL && p < a->body ? p + strlen(name) : NULL;
}

/*
 * Finds the status and the body in all that came.  Gives NULL, or what is wrong
 * with it.
 */
static const char *
take_apart(struct answer *a)
{
	static const char line[] = "HTTP/1.1 ";
	char *body = strstr(a->all, "\r\n\r\n");
	const char *length;

	if (strncmp(a->all, line, strlen(line)) != 0 || body == NULL)
		return "what answers there is not spindled";
	a->status = atoi(a->all + strlen(line));
	a->body = body + 4;
	a->len -= (size_t)(a->body - a->all);
	length = find_field(a, "\r\nContent-Length: ");
	if (a->status < 200 || a->status > 599 || length == NULL)
		return "what answers there is not spindled";
	if (strtoull(length, NULL, 10) != a->len)
		return "the answer was cut off";
	make_plain(a);
	return NULL;
}

int
ask_daemon(const char *socket, const char *method, const char *target,
    struct answer *a, char *why, size_t size)
{
	const int fd = connect_to(socket);
	const char *wrong;

	memset(a, 0, sizeof(*a));
	if (fd == -1) {
		snprintf(why, size, "%s: %s", socket, errno == ENOENT ||
		    errno == ECONNREFUSED ? "nobody listens there; is spindled "
		    "running, with an admin socket?" : strerror(errno));
		return -1;
	}
	if (send_request(fd, method, target) == -1 || receive(fd, a) == -1) {
		snprintf(why, size, "%s: %s", socket, errno == EAGAIN ?
		    "no answer within 10 seconds" : strerror(errno));
		close(fd);
		ask_free(a);
		return -1;
	}
	close(fd);
	if ((wrong = take_apart(a)) != NULL) {
		snprintf(why, size, "%s: %s", socket, wrong);
		ask_free(a);
		return -1;
	}
	return 0;
}

void
ask_free(struct answer *a)
{
	free(a->all);
	memset(a, 0, sizeof(*a));
}

void
ask_encode(const char *text, char *target, size_t size)
{
	size_t len = strlen(target);

	for (; *text != '\0' && len + 4 < size; text++)
		if (isalnum((unsigned char)*text) ||
		    strchr("-._~", *text) != NULL)
			target[len++] = *text;
		else
			len += (size_t)snprintf(target + len, 4, "%%%02X",
			    (unsigned char)*text);
	target[len] = '\0';
}
