/*
 * nonblock: every descriptor is asked again and again, and none ever waited
 * for.
 *
 * Stevens' nonblocking I/O.  What a client has not sent yet is EAGAIN, and the
 * loop asks the next one; it takes a whole processor, idle or not.  All the
 * same a read that blocks stops everybody: O_NONBLOCK means nothing to a file
 * on a disk, whose read(2) and open(2) wait for the disk, and never fail with
 * EAGAIN.
 *
 * Nobody builds a server like that.  It is here to show that descriptors which
 * do not block are no remedy.
 */
#include <err.h>
#include <stdlib.h>

#include "t/problem/study.h"

static void
ask(struct study_conn *c)
{
	if (c->state == STUDY_RECEIVE)
		study_receive(c);
	if (c->state == STUDY_DISK)
		study_disk(c);		/* and everybody waits */
	if (c->state == STUDY_SEND)
		study_send(c);
}

int
main(int argc, char *argv[])
{
	int port = study_options(argc, argv, NULL);
	int fd = study_listen(port, SOCK_NONBLOCK);
	size_t i, n = 0, room = study_room(1);
	struct study_conn **conns = calloc(room, sizeof(struct study_conn *));

	if (conns == NULL)
		err(1, NULL);
	for (;;) {
		while (n < room && (conns[n] = study_accept(fd,
		    SOCK_NONBLOCK)) != NULL)
			n++;
		for (i = 0; i < n; i++) {
			ask(conns[i]);
			if (conns[i]->state == STUDY_CLOSE) {
				study_close(conns[i]);
				conns[i--] = conns[--n];
			}
		}
	}
}
