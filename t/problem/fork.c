/*
 * fork: a process for each request.
 *
 * Stevens' blocking I/O.  Each step waits until it is done, and so does the
 * process that makes it, which has nothing else to do: a read that blocks costs
 * nobody but its own client.  What it does cost is a process for as long as it
 * takes, and a fork(2) for each request, long or short.
 *
 * inetd(8) and the first web servers were built like that; PostgreSQL is, with
 * a process for each connection.
 */
#include <sys/prctl.h>

#include <signal.h>
#include <unistd.h>

#include "t/problem/study.h"

static void
serve(struct study_conn *c)
{
	while (c->state == STUDY_RECEIVE)
		study_receive(c);
	if (c->state == STUDY_DISK)
		study_disk(c);
	while (c->state == STUDY_SEND)
		study_send(c);
}

/* The child's life, which is not to be longer than its parent's. */
_Noreturn static void
child(struct study_conn *c, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == parent)
		serve(c);
	_exit(0);
}

static void
refuse(struct study_conn *c)
{
	study_refuse(c, "no process is left for the request");
	study_send(c);
}

int
main(int argc, char *argv[])
{
	int fd = study_listen(study_options(argc, argv, NULL), 0);
	pid_t parent = getpid();
	struct study_conn *c;

	/* Nobody asks how a child has ended, so the kernel need not keep it. */
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		if ((c = study_accept(fd, 0)) == NULL)
			continue;
		switch (fork()) {
		case -1:
			refuse(c);
			break;
		case 0:
			child(c, parent);
		}
		study_close(c);
	}
}
