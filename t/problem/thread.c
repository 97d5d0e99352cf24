/*
 * thread: a thread for each request.
 *
 * Stevens' blocking I/O, as `fork', with a thread in place of the process: a
 * read that blocks stops its own thread alone.  It costs a stack, and a place
 * in the kernel's tables, for as long as it takes; a thread is made faster than
 * a process, but one that goes astray takes all of them along.
 *
 * MySQL is built like that, with a thread for each connection, and so are the
 * servers of the study that did not have the problem.
 */
#include <err.h>
#include <pthread.h>

#include "t/problem/study.h"

/* The steps need little of it, and there may be thousands. */
#define STACK	65536		/* bytes */

static void *
serve(void *arg)
{
	struct study_conn *c = arg;

	while (c->state == STUDY_RECEIVE)
		study_receive(c);
	if (c->state == STUDY_DISK)
		study_disk(c);
	while (c->state == STUDY_SEND)
		study_send(c);
	study_close(c);
	return NULL;
}

static void
refuse(struct study_conn *c)
{
	study_refuse(c, "no thread is left for the request");
	study_send(c);
	study_close(c);
}

int
main(int argc, char *argv[])
{
	int fd = study_listen(study_options(argc, argv, NULL), 0);
	struct study_conn *c;
	pthread_attr_t attr;
	pthread_t thread;

	if (pthread_attr_init(&attr) != 0 ||
	    pthread_attr_setstacksize(&attr, STACK) != 0 ||
	    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED) != 0)
		errx(1, "no threads of this kind");
	for (;;) {
		if ((c = study_accept(fd, 0)) != NULL &&
		    pthread_create(&thread, &attr, serve, c) != 0)
			refuse(c);
	}
}
