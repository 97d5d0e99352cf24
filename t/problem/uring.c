/*
 * uring: all that could wait goes to the kernel, by io_uring(7).
 *
 * Stevens' asynchronous I/O, of sockets and the disk alike: the loop puts what
 * is to be done into one ring and takes what has been done from another, and
 * makes no call that waits for a client or a disk.  A read that blocks is an
 * entry in the kernel's books, of which there may be as many as there are
 * descriptors.
 *
 * That holds for what the kernel can begin and leave alone, such as a read of
 * this timer, or of an open file where its file system knows how.  The rest,
 * say an open(2) on a disk that hangs, it gives to threads of its own, at most
 * four for each processor: io_uring_register_iowq_max_workers(3).  When all of
 * these are in a read, the next one waits, as in a pool.
 *
 * TigerBeetle, a database, is built like that.
 */
#include <err.h>
#include <errno.h>
#include <liburing.h>
#include <stdlib.h>
#include <string.h>

#include "t/problem/study.h"

/* More may be under way; at worst the kernel keeps them until there is room. */
#define SUBMISSIONS	4096
#define COMPLETIONS	65536

static struct io_uring ring;
static int listener;
static int accepting;		/* whether the ring has an accept */
static size_t room;

static struct io_uring_sqe *
entry(void)
{
	struct io_uring_sqe *e;

	while ((e = io_uring_get_sqe(&ring)) == NULL)
		io_uring_submit(&ring);
	return e;
}

/* One at a time: else there could be more connections than room. */
static void
start_accept(void)
{
	struct io_uring_sqe *e;

	if (accepting || room == 0)
		return;
	e = entry();
	io_uring_prep_accept(e, listener, NULL, NULL, SOCK_CLOEXEC);
	io_uring_sqe_set_data(e, &listener);
	accepting = 1;
}

/* Nobody needs to hear of it. */
static void
start_close(int fd)
{
	struct io_uring_sqe *e = entry();

	io_uring_prep_close(e, fd);
	io_uring_sqe_set_flags(e, IOSQE_CQE_SKIP_SUCCESS);
	io_uring_sqe_set_data(e, NULL);
}

/* What the connection needs next. */
static void
start(struct study_conn *c)
{
	struct io_uring_sqe *e;

	if (c->state == STUDY_CLOSE) {
		start_close(c->fd);
		free(c);
		room++;
		return;
	}
	e = entry();
	if (c->state == STUDY_RECEIVE)
		io_uring_prep_recv(e, c->fd, c->head + c->len,
		    sizeof(c->head) - c->len, 0);
	else if (c->state == STUDY_DISK && study_open_disk(c) == 0)
		io_uring_prep_read(e, c->disk, &c->block, sizeof(c->block), 0);
	else
		io_uring_prep_sendmsg(e, c->fd, &c->reply,
		    MSG_NOSIGNAL | MSG_MORE);
	io_uring_sqe_set_data(e, c);
}

/* One thing is under way for a connection at a time: its state says which. */
static void
end(struct study_conn *c, int result)
{
	if (c->state == STUDY_RECEIVE) {
		study_received(c, result);
	} else if (c->state == STUDY_SEND) {
		study_sent(c, result);
	} else {
		start_close(c->disk);
		if (result < 0)
			study_refuse(c, "the read could not be made");
		else
			study_reply(c);
	}
	start(c);
}

static void
end_accept(int result)
{
	struct study_conn *c;

	accepting = 0;
	if (result == -EMFILE || result == -ENFILE || result == -ENOBUFS ||
	    result == -ENOMEM)
		study_pause();
	else if (result >= 0 && (c = study_open(result)) != NULL) {
		room--;
		start(c);
	}
}

static void
take_all(void)
{
	struct io_uring_cqe *cqe;
	unsigned int head, n = 0;
	void *done;

	io_uring_for_each_cqe(&ring, head, cqe) {
		done = io_uring_cqe_get_data(cqe);
		if (done == &listener)
			end_accept(cqe->res);
		else if (done != NULL)
			end(done, cqe->res);
		n++;
	}
	io_uring_cq_advance(&ring, n);
}

int
main(int argc, char *argv[])
{
	struct io_uring_params p = {
		.flags = IORING_SETUP_CQSIZE,
		.cq_entries = COMPLETIONS,
	};
	int error, port = study_options(argc, argv, NULL);

	/* A descriptor for each connection, and for its read. */
	room = study_room(2);
	if ((error = io_uring_queue_init_params(SUBMISSIONS, &ring, &p)) < 0)
		errx(1, "io_uring: %s", strerror(-error));
	/* The ring waits in its own way only for descriptors that block. */
	listener = study_listen(port, 0);
	for (;;) {
		start_accept();
		io_uring_submit_and_wait(&ring, 1);
		take_all();
	}
}
