/*
 * pool: a fixed number of threads, which take connections from a queue.
 *
 * Stevens' blocking I/O.  A read that blocks stops its thread, and there are so
 * many of them.  While fewer reads block, nobody notices; when all threads are
 * in one, every request waits, whatever it is for: a disk that hangs has taken
 * the server, only later.  So does a client that sends no request.  It costs no
 * more than its threads, however many clients there are.
 *
 * The workers of Apache's MPM `worker' are built like that, with a thread that
 * accepts and a queue of connections.
 */
#include <err.h>
#include <pthread.h>

#include "t/problem/study.h"

#define QUEUE	1024		/* connections */

static struct study_conn *queue[QUEUE];	/* a ring */
static unsigned int first, length;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER;
static pthread_cond_t not_full = PTHREAD_COND_INITIALIZER;

/* When the queue is full, connections wait in the kernel's. */
static void
put(struct study_conn *c)
{
	pthread_mutex_lock(&lock);
	while (length == QUEUE)
		pthread_cond_wait(&not_full, &lock);
	queue[(first + length++) % QUEUE] = c;
	pthread_cond_signal(&not_empty);
	pthread_mutex_unlock(&lock);
}

static struct study_conn *
take(void)
{
	struct study_conn *c;

	pthread_mutex_lock(&lock);
	while (length == 0)
		pthread_cond_wait(&not_empty, &lock);
	c = queue[first];
	first = (first + 1) % QUEUE;
	if (length-- == QUEUE)
		pthread_cond_signal(&not_full);
	pthread_mutex_unlock(&lock);
	return c;
}

static void
serve(struct study_conn *c)
{
	while (c->state == STUDY_RECEIVE)
		study_receive(c);
	if (c->state == STUDY_DISK)
		study_disk(c);
	while (c->state == STUDY_SEND)
		study_send(c);
	study_close(c);
}

static void *
worker(void *unused)
{
	for (;;)
		serve(take());
	return unused;
}

int
main(int argc, char *argv[])
{
	unsigned int workers;
	int fd, port = study_options(argc, argv, &workers);
	struct study_conn *c;
	pthread_t thread;

	for (; workers > 0; workers--)
		if (pthread_create(&thread, NULL, worker, NULL) != 0)
			errx(1, "no thread for each of the workers");
	fd = study_listen(port, 0);
	for (;;)
		if ((c = study_accept(fd, 0)) != NULL)
			put(c);
}
