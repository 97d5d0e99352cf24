/*
 * epoll: one loop, which waits by epoll(7) for whichever client is ready.
 *
 * Stevens' I/O multiplexing, as `select' and `poll', at a cost that does not
 * grow with the number of clients.  A file on a disk is always ready to poll(2)
 * and epoll(7) takes none at all: EPERM.  So the loop makes the read, and a
 * read that blocks stops everybody, be there one client or ten thousand.
 *
 * This is the design that has the problem of the study, that of Swift's object
 * server on eventlet.  nginx without `aio' is built like that, in each of its
 * workers, and so is what runs on one loop of Python's or of JavaScript's and
 * reads its files there.
 */
#include <sys/epoll.h>

#include <err.h>

#include "t/problem/study.h"

#define EVENTS	256

static int epoll, listener;
static size_t room;

/* The listening socket is what has no connection. */
static int
watch(int op, int fd, uint32_t events, struct study_conn *c)
{
	struct epoll_event ev = { .events = events, .data.ptr = c };

	return epoll_ctl(epoll, op, fd, &ev);
}

static void
end(struct study_conn *c)
{
	study_close(c);
	if (room++ == 0)
		watch(EPOLL_CTL_MOD, listener, EPOLLIN, NULL);
}

/* The client is ready. */
static void
serve(struct study_conn *c)
{
	if (c->state == STUDY_RECEIVE)
		study_receive(c);
	if (c->state == STUDY_DISK)
		study_disk(c);		/* and everybody waits */
	if (c->state == STUDY_SEND)
		study_send(c);
	if (c->state == STUDY_CLOSE)
		end(c);
	else if (c->state == STUDY_SEND)
		watch(EPOLL_CTL_MOD, c->fd, EPOLLOUT, c);
}

static void
accept_all(void)
{
	struct study_conn *c;

	while (room > 0 && (c = study_accept(listener,
	    SOCK_NONBLOCK)) != NULL) {
		if (--room == 0)
			watch(EPOLL_CTL_MOD, listener, 0, NULL);
		if (watch(EPOLL_CTL_ADD, c->fd, EPOLLIN, c) == -1)
			end(c);
	}
}

int
main(int argc, char *argv[])
{
	struct epoll_event ev[EVENTS];
	int i, n;

	listener = study_listen(study_options(argc, argv, NULL),
	    SOCK_NONBLOCK);
	room = study_room(1);
	if ((epoll = epoll_create1(EPOLL_CLOEXEC)) == -1 ||
	    watch(EPOLL_CTL_ADD, listener, EPOLLIN, NULL) == -1)
		err(1, "epoll");
	for (;;) {
		n = epoll_wait(epoll, ev, EVENTS, -1);
		for (i = 0; i < n; i++) {
			if (ev[i].data.ptr != NULL)
				serve(ev[i].data.ptr);
			else
				accept_all();
		}
	}
}
