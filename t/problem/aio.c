/*
 * aio: the disk's reads are POSIX AIO.
 *
 * Stevens' asynchronous I/O: aio_read(3) starts a read and returns, and a
 * signal says that it is over.  The loop waits for that as for its clients, by
 * signalfd(2).  The kernel has no part in it, though: glibc makes the reads in
 * threads, as many as aio_init(3) allows.  A read that blocks stops one of
 * them, and when all are in a read the next one waits: this is `epoll-pool'
 * with somebody else's pool, and has the limit of that.  It bears fewer
 * threads, too: for each signal the kernel looks through all of them for one
 * that does not block it, which takes 0.3 ms where there are 10,000.
 *
 * lighttpd 1.5, which was never finished, could be built like that.
 */
#include <sys/epoll.h>
#include <sys/signalfd.h>

#include <aio.h>
#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "t/problem/study.h"

#define EVENTS	256
#define SIGNALS	64

/* A read that glibc has, or may get. */
struct slot {
	struct aiocb cb;
	struct study_conn *c;
	struct slot *next;		/* free */
};

static int epoll, listener;
static int completions;			/* a signalfd */
static size_t room;
static struct slot *slots;		/* free; a thread for each */
static struct study_conn *waiting, **waiting_end = &waiting;

/* One event, and no other before the next watch: its read may run then. */
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

/* The client is ready, or refused, or its read is over. */
static void	serve(struct study_conn *);

static int
start_read(struct slot *s, struct study_conn *c)
{
	if (study_open_disk(c) == -1)
		return -1;
	s->c = c;
	s->cb = (struct aiocb){
		.aio_fildes = c->disk,
		.aio_buf = &c->block,
		.aio_nbytes = sizeof(c->block),
		.aio_sigevent = {
			.sigev_notify = SIGEV_SIGNAL,
			.sigev_signo = SIGRTMIN,
			.sigev_value.sival_ptr = s,
		},
	};
	if (aio_read(&s->cb) == 0)
		return 0;
	close(c->disk);
	study_refuse(c, "no memory is left for the read");
	return -1;
}

/*
 * A thread is free.  glibc would queue reads for it as well, but their time
 * would run meanwhile, which is that of the timer behind the descriptor.
 */
static void
give(struct slot *s)
{
	struct study_conn *c;

	while ((c = waiting) != NULL) {
		if ((waiting = c->next) == NULL)
			waiting_end = &waiting;
		if (start_read(s, c) == 0)
			return;
		serve(c);
	}
	s->next = slots;
	slots = s;
}

static void
read_disk(struct study_conn *c)
{
	struct slot *s = slots;

	c->next = NULL;
	*waiting_end = c;
	waiting_end = &c->next;
	if (s != NULL) {
		slots = s->next;
		give(s);
	}
}

static void
serve(struct study_conn *c)
{
	if (c->state == STUDY_RECEIVE)
		study_receive(c);
	if (c->state == STUDY_DISK) {
		read_disk(c);
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
end_read(struct slot *s)
{
	struct study_conn *c = s->c;

	close(c->disk);
	if (aio_return(&s->cb) == -1)
		study_refuse(c, "the read could not be made");
	else
		study_reply(c);
	give(s);
	serve(c);
}

static void
serve_done(void)
{
	struct signalfd_siginfo si[SIGNALS];
	ssize_t i, n = read(completions, si, sizeof(si));

	for (i = 0; i < n / (ssize_t)sizeof(si[0]); i++)
		if (si[i].ssi_code == SI_ASYNCIO)
			end_read((struct slot *)(uintptr_t)si[i].ssi_ptr);
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
start_aio(unsigned int workers)
{
	const struct aioinit init = {
		.aio_threads = (int)workers,
		.aio_num = (int)workers,
	};
	struct slot *s = calloc(workers, sizeof(*s));

	if (s == NULL)
		err(1, NULL);
	for (; workers > 0; workers--, s++) {
		s->next = slots;
		slots = s;
	}
	aio_init(&init);
}

static void
start(unsigned int workers)
{
	sigset_t set;

	/* A descriptor for each connection, and for each read. */
	if ((room = study_room(1)) <= workers)
		errx(1, "too few descriptors for so many workers");
	room -= workers;
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1 ||
	    (completions = signalfd(-1, &set, SFD_CLOEXEC |
	    SFD_NONBLOCK)) == -1 ||
	    (epoll = epoll_create1(EPOLL_CLOEXEC)) == -1 ||
	    watch(EPOLL_CTL_ADD, completions, EPOLLIN, &completions) == -1)
		err(1, "epoll");
	start_aio(workers);
}

int
main(int argc, char *argv[])
{
	struct epoll_event ev[EVENTS];
	unsigned int workers;
	int i, n, port = study_options(argc, argv, &workers);

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
