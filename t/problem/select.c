/*
 * select: one loop, which waits by select(2) for whichever client is ready.
 *
 * Stevens' I/O multiplexing.  The wait is for all clients at once, so that none
 * who is slow holds up another.  A disk cannot be waited for like that:
 * select(2) says of any file that it is ready.  So the loop makes the read,
 * and a read that blocks stops everybody.
 *
 * The sets have room for the descriptors below FD_SETSIZE, 1024.  Connections
 * beyond wait in the kernel's queue until others have ended.
 *
 * Boa was built like that.
 */
#include <sys/param.h>
#include <sys/resource.h>
#include <sys/select.h>

#include <err.h>
#include <errno.h>

#include "t/problem/study.h"

static struct study_conn *conns[FD_SETSIZE];
static fd_set to_read, to_write;
static int highest;

/* The kernel gives no descriptor that the sets have no room for. */
static void
lower_limit(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) == -1)
		err(1, "getrlimit");
	rl.rlim_cur = MIN(rl.rlim_cur, FD_SETSIZE);
	if (setrlimit(RLIMIT_NOFILE, &rl) == -1)
		err(1, "setrlimit");
}

static void
add(struct study_conn *c)
{
	conns[c->fd] = c;
	FD_SET(c->fd, &to_read);
	highest = MAX(highest, c->fd);
}

/* The client is ready.  Gives whether this was its end. */
static int
serve(struct study_conn *c)
{
	if (c->state == STUDY_RECEIVE)
		study_receive(c);
	if (c->state == STUDY_DISK)
		study_disk(c);		/* and everybody waits */
	if (c->state == STUDY_SEND)
		study_send(c);
	if (c->state == STUDY_RECEIVE)
		return 0;
	FD_CLR(c->fd, &to_read);
	if (c->state == STUDY_SEND) {
		FD_SET(c->fd, &to_write);
		return 0;
	}
	FD_CLR(c->fd, &to_write);
	conns[c->fd] = NULL;
	study_close(c);
	return 1;
}

int
main(int argc, char *argv[])
{
	int i, fd, port = study_options(argc, argv, NULL);
	struct study_conn *c;
	fd_set r, w;
	size_t room;

	lower_limit();
	room = study_room(1);
	highest = fd = study_listen(port, SOCK_NONBLOCK);
	for (;;) {
		r = to_read;
		w = to_write;
		if (room > 0)
			FD_SET(fd, &r);
		if (select(highest + 1, &r, &w, NULL, NULL) == -1) {
			if (errno != EINTR)
				err(1, "select");
			continue;
		}
		for (i = 0; i <= highest; i++)
			if (conns[i] != NULL &&
			    (FD_ISSET(i, &r) || FD_ISSET(i, &w)))
				room += (size_t)serve(conns[i]);
		if (FD_ISSET(fd, &r))
			for (; room > 0 && (c = study_accept(fd,
			    SOCK_NONBLOCK)) != NULL; room--)
				add(c);
	}
}
