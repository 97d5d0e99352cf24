/*
 * epoll-pool: one loop for the clients, and a pool of threads for the disk.
 *
 * Stevens' I/O multiplexing for what can be waited for, and blocking I/O for
 * what cannot.  The loop hands a read to a thread, and goes on; the thread says
 * by an eventfd(2) that it is done.  A read that blocks stops its thread, and
 * clients that are slow stop none.  When all threads are in a read, the next
 * reads wait, for whatever disk they are; requests that need no disk do not.
 *
 * nginx with `aio threads' is built like that, with 32 threads unless told
 * otherwise, and so is libuv, below Node.js, with 4.
 */
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <err.h>
#include <pthread.h>
#include <unistd.h>

#include "t/problem/study.h"

#define EVENTS	256

/* First in, first out, by their next. */
struct queue {
	struct study_conn *first, **end;
};

static int epoll, listener;
static size_t room;

/* Shared with the pool. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER;
static struct queue todo = { .end = &todo.first };
static struct queue done = { .end = &done.first };
static int completions;		/* an eventfd: done is not empty */

/* Gives whether it was empty. */
static int
put(struct queue *q, struct study_conn *c)
{
	int was_empty;

	pthread_mutex_lock(&lock);
	was_empty = q->first == NULL;
	c->next = NULL;
	*q->end = c;
	q->end = &c->next;
	pthread_mutex_unlock(&lock);
	return was_empty;
}

/* A read, which is waited for. */
static struct study_conn *
take(struct queue *q)
{
	struct study_conn *c;

	pthread_mutex_lock(&lock);
	while ((c = q->first) == NULL)
		pthread_cond_wait(&not_empty, &lock);
	if ((q->first = c->next) == NULL)
		q->end = &q->first;
	pthread_mutex_unlock(&lock);
	return c;
}

/* All of them, by their next; or NULL. */
static struct study_conn *
take_all(struct queue *q)
{
	struct study_conn *c;

	pthread_mutex_lock(&lock);
	c = q->first;
	q->first = NULL;
	q->end = &q->first;
	pthread_mutex_unlock(&lock);
	return c;
}

/* The pool: nothing but the read is made here. */
static void *
worker(void *unused)
{
	struct study_conn *c;

	for (;;) {
		c = take(&todo);
		study_disk(c);
		if (put(&done, c))
			eventfd_write(completions, 1);
	}
	return unused;
}

/* One event, and no other before the next watch: the pool may have it then. */
static int
watch(int op, int fd, uint32_t events, void *p)
{
	struct epoll_event ev = { .events = events, .data.ptr = p };

	return epoll_ctl(epoll, op, fd, &ev);
}

static void
end(struct study_conn *c)
{
	study_close(c);
	if (room++ == 0)
		watch(EPOLL_CTL_MOD, listener, EPOLLIN, NULL);
}

/* The client is ready, or its read is done. */
static void
serve(struct study_conn *c)
{
	if (c->state == STUDY_RECEIVE)
		study_receive(c);
	if (c->state == STUDY_DISK) {
		put(&todo, c);
		pthread_cond_signal(&not_empty);
		return;
	}
	if (c->state == STUDY_SEND)
		study_send(c);
	if (c->state == STUDY_CLOSE)
		end(c);
	else
		watch(EPOLL_CTL_MOD, c->fd, EPOLLONESHOT |
		    (c->state == STUDY_SEND ? EPOLLOUT : EPOLLIN), c);
}

static void
serve_done(void)
{
	struct study_conn *c, *next;
	eventfd_t n;

	eventfd_read(completions, &n);
	for (c = take_all(&done); c != NULL; c = next) {
		next = c->next;
		serve(c);
	}
}

static void
accept_all(void)
{
	struct study_conn *c;

	while (room > 0 && (c = study_accept(listener,
	    SOCK_NONBLOCK)) != NULL) {
		if (--room == 0)
			watch(EPOLL_CTL_MOD, listener, 0, NULL);
		if (watch(EPOLL_CTL_ADD, c->fd, EPOLLIN | EPOLLONESHOT,
		    c) == -1)
			end(c);
	}
}

static void
start(unsigned int workers)
{
	pthread_t thread;

	if ((epoll = epoll_create1(EPOLL_CLOEXEC)) == -1 ||
	    (completions = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) == -1 ||
	    watch(EPOLL_CTL_ADD, completions, EPOLLIN, &completions) == -1)
		err(1, "epoll");
	for (; workers > 0; workers--)
		if (pthread_create(&thread, NULL, worker, NULL) != 0)
			errx(1, "no thread for each of the workers");
}

int
main(int argc, char *argv[])
{
	struct epoll_event ev[EVENTS];
	unsigned int workers;
	int i, n, port = study_options(argc, argv, &workers);

	room = study_room(1);
	start(workers);
	listener = study_listen(port, SOCK_NONBLOCK);
	if (watch(EPOLL_CTL_ADD, listener, EPOLLIN, NULL) == -1)
		err(1, "epoll");
	for (;;) {
		n = epoll_wait(epoll, ev, EVENTS, -1);
		for (i = 0; i < n; i++) {
			if (ev[i].data.ptr == NULL)
				accept_all();
			else if (ev[i].data.ptr == &completions)
				serve_done();
			else
				serve(ev[i].data.ptr);
		}
	}
}
