/*
 * sigio: the kernel says by a signal that a client is ready.
 *
 * Stevens' signal-driven I/O, with Linux' real-time signals, which queue and
 * carry the descriptor: nobody has to ask, or to look through sets.  A file on
 * a disk has no such signal, O_ASYNC or not.  So the loop makes the read, and a
 * read that blocks stops everybody; what the clients do meanwhile is queued.
 *
 * The queue has an end, RLIMIT_SIGPENDING.  When it is full the kernel sends a
 * plain SIGIO: something was lost, and all have to be looked at.
 *
 * phhttpd was built like that, before there was epoll(7).
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "t/problem/study.h"

static struct study_conn **conns;	/* by descriptor */
static int nconns;
static int listener;
static size_t room;
static int unaccepted;		/* clients whose signal was taken may be left */

/* What came before this raises no signal. */
static int
watch(int fd)
{
	if (fcntl(fd, F_SETOWN, getpid()) == -1 ||
	    fcntl(fd, F_SETSIG, SIGRTMIN) == -1)
		return -1;
	return fcntl(fd, F_SETFL, O_ASYNC | O_NONBLOCK);
}

/* All that is there: it is signalled once. */
static void
receive_all(struct study_conn *c)
{
	size_t len;

	do {
		len = c->len;
		study_receive(c);
	} while (c->state == STUDY_RECEIVE && c->len > len);
}

/* The client may be ready, or the signal that of one who had its number. */
static void
serve(struct study_conn *c)
{
	if (c == NULL)
		return;
	if (c->state == STUDY_RECEIVE)
		receive_all(c);
	if (c->state == STUDY_DISK)
		study_disk(c);		/* and everybody waits */
	if (c->state == STUDY_SEND)
		study_send(c);
	if (c->state == STUDY_CLOSE) {
		conns[c->fd] = NULL;
		study_close(c);
		room++;
	}
}

static void
accept_all(void)
{
	struct study_conn *c;

	unaccepted = 1;
	while (room > 0 && (c = study_accept(listener,
	    SOCK_NONBLOCK)) != NULL) {
		room--;
		conns[c->fd] = c;
		if (watch(c->fd) == -1)
			c->state = STUDY_CLOSE;
		serve(c);
	}
	if (room > 0 && errno == EAGAIN)
		unaccepted = 0;
	else if (room > 0)
		raise(SIGIO);
}

static void
look_at_all(void)
{
	int i;

	for (i = 0; i < nconns; i++)
		serve(conns[i]);
	accept_all();
}

static void
start(sigset_t *set)
{
	nconns = (int)sysconf(_SC_OPEN_MAX);
	conns = calloc((size_t)nconns, sizeof(struct study_conn *));
	if (conns == NULL)
		err(1, NULL);
	sigemptyset(set);
	sigaddset(set, SIGRTMIN);
	sigaddset(set, SIGIO);
	if (sigprocmask(SIG_BLOCK, set, NULL) == -1 || watch(listener) == -1)
		err(1, "signals");
}

int
main(int argc, char *argv[])
{
	siginfo_t si;
	sigset_t set;
	int sig;

	listener = study_listen(study_options(argc, argv, NULL),
	    SOCK_NONBLOCK);
	room = study_room(1);
	start(&set);
	/* Who came before there were signals. */
	accept_all();
	for (;;) {
		sig = sigwaitinfo(&set, &si);
		if (sig == SIGIO)
			look_at_all();
		else if (sig != -1 && si.si_fd == listener)
			accept_all();
		else if (sig != -1 && si.si_fd >= 0 && si.si_fd < nconns)
			serve(conns[si.si_fd]);
		if (unaccepted && room > 0)
			accept_all();
	}
}
