/*
 * poll: one loop, which waits by poll(2) for whichever client is ready.
 *
 * Stevens' I/O multiplexing, as `select', without its limit: but each wait
 * hands all descriptors to the kernel, and looks at all of them afterwards.
 * poll(2) says of a file on a disk that it is ready, always.  So the loop makes
 * the read, and a read that blocks stops everybody.
 *
 * thttpd was built like that where a system had poll(2).
 */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "t/problem/study.h"

/* The first is the listening socket's; conns[i] is watched by watched[i]. */
static struct pollfd *watched;
static struct study_conn **conns;
static nfds_t n;

static void
add(struct study_conn *c)
{
	conns[n] = c;
	watched[n++] = (struct pollfd){ .fd = c->fd, .events = POLLIN };
}

/* The client is ready.  Gives whether this was its end. */
static int
serve(nfds_t i)
{
	struct study_conn *c = conns[i];

	if (c->state == STUDY_RECEIVE)
		study_receive(c);
	if (c->state == STUDY_DISK)
		study_disk(c);		/* and everybody waits */
	if (c->state == STUDY_SEND)
		study_send(c);
	if (c->state == STUDY_CLOSE) {
		study_close(c);
		conns[i] = conns[--n];
		watched[i] = watched[n];
		return 1;
	}
	watched[i].events = c->state == STUDY_SEND ? POLLOUT : POLLIN;
	return 0;
}

int
main(int argc, char *argv[])
{
	int port = study_options(argc, argv, NULL);
	int fd = study_listen(port, SOCK_NONBLOCK);
	size_t room = study_room(1);
	struct study_conn *c;
	nfds_t i;

	watched = calloc(room + 1, sizeof(*watched));
	conns = reallocarray(NULL, room + 1, sizeof(struct study_conn *));
	if (watched == NULL || conns == NULL)
		err(1, NULL);
	watched[n++].fd = fd;
	for (;;) {
		watched[0].events = n <= room ? POLLIN : 0;
		if (poll(watched, n, -1) == -1) {
			if (errno != EINTR)
				err(1, "poll");
			continue;
		}
		/* The last takes the place of one that has ended. */
		for (i = 1; i < n; i++)
			if (watched[i].revents != 0 && serve(i))
				i--;
		if (watched[0].revents != 0)
			while (n <= room && (c = study_accept(fd,
			    SOCK_NONBLOCK)) != NULL)
				add(c);
	}
}
