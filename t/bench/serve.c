/*
 * serve: runs a server for as long as a measurement needs it, and no longer.
 *
 *	serve [-e patience] [-p port] [-t timeout] command argument ...
 *
 * Prints "pid milliseconds" when the server is ready: when it says so to
 * $NOTIFY_SOCKET (sd_notify(3)), or with -p when that port of the loopback
 * accepts a connection.  Ends when it gets SIGTERM or SIGINT, when its parent
 * does, or when the server has ended; and then there is no process left that
 * descends from it, however it may have detached itself; one that takes longer
 * over its end than patience (10 s) is killed.  Exits 1 when the server was
 * not ready in time or ended by itself.
 *
 *	serve -f
 *
 * Prints a port that is free now, below those that the kernel chooses from,
 * so that it likely still is when a server binds it.
 */
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <netinet/in.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/units.h"

/* How long those who were killed may take to be gone. */
#define DYING (10 * CLOCK_S)

static struct sockaddr_in
loopback(int port)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons((in_port_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};

	return sin;
}

static int
free_port(void)
{
	struct sockaddr_in sin;
	int fd, port, i;

	for (i = 0; i < 1000; i++) {
		port = 10000 + (int)arc4random_uniform(20000);
		sin = loopback(port);
		if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1)
			err(2, "socket");
		if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == 0)
			return port;
		close(fd);
	}
	errx(2, "no free port");
}

static bool
accepts(int port)
{
	struct sockaddr_in sin = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool yes;

	if (fd == -1)
		err(2, "socket");
	yes = connect(fd, (struct sockaddr *)&sin, sizeof(sin)) == 0;
	close(fd);
	return yes;
}

/* A socket in the abstract name space: nothing to remove. */
static int
notify_socket(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	socklen_t len = sizeof(sun);
	char name[2 + sizeof(sun.sun_path)];
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || bind(fd, (struct sockaddr *)&sun,
	    sizeof(sun.sun_family)) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sun, &len) == -1)
		err(2, "notify socket");
	snprintf(name, sizeof(name), "@%.*s",
	    (int)(len - offsetof(struct sockaddr_un, sun_path) - 1),
	    sun.sun_path + 1);
	setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

/* Takes one message.  Gives whether it says that the server is ready. */
static bool
said_ready(int fd)
{
	char buf[4096];
	ssize_t n;

	if ((n = recv(fd, buf, sizeof(buf) - 1, MSG_DONTWAIT)) <= 0)
		return false;
	buf[n] = '\0';
	return strncmp(buf, "READY=1", 7) == 0 ||
	    strstr(buf, "\nREADY=1") != NULL;
}

static pid_t
start(char **argv, const sigset_t *mask)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == -1)
		err(2, "fork");
	if (pid > 0)
		return pid;
	sigprocmask(SIG_SETMASK, mask, NULL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(2);
	/* What the server prints is for people; ours is for a program. */
	dup2(STDERR_FILENO, STDOUT_FILENO);
	/* Apache ends by a signal to its whole process group. */
	setpgid(0, 0);
	execvp(argv[0], argv);
	err(2, "%s", argv[0]);
}

/* Reaps what has ended.  Gives whether the server itself has. */
static bool
reap(pid_t server)
{
	bool ended = false;
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		if (pid == server)
			ended = true;
	return ended;
}

/*
 * One turn: waits for a signal or for fd, at most until deadline.  Gives
 * whether we are to end, because we were told or the server is no more.
 */
static bool
told_to_end(int sigfd, int fd, pid_t *server, int64_t deadline)
{
	struct pollfd p[] = {
		{ .fd = sigfd, .events = POLLIN }, { .fd = fd, .events = POLLIN }
	};
	struct signalfd_siginfo si;

	poll(p, 2, clock_poll_ms(clock_mono(), deadline));
	if (!(p[0].revents & POLLIN) ||
	    read(sigfd, &si, sizeof(si)) != sizeof(si))
		return false;
	if (si.ssi_signo != SIGCHLD)
		return true;
	if (!reap(*server))
		return false;
	*server = -1;
	return true;
}

/* Waits until the server is ready.  Gives whether it became so. */
static bool
ready(int sigfd, int notify, int port, pid_t *server, int64_t deadline)
{
	int64_t t, next;

	while ((t = clock_mono()) < deadline) {
		if (port != 0 ? accepts(port) : said_ready(notify))
			return true;
		/* A port cannot be waited for, but asked about often. */
		next = port != 0 ? t + CLOCK_MS : deadline;
		if (told_to_end(sigfd, notify, server, next))
			return false;
	}
	return false;
}

/* Ends the children that are left, whoever begot them.  Gives whether any. */
static bool
kill_children(void)
{
	bool any = false;
	FILE *f = fopen("/proc/thread-self/children", "r");
	int pid;

	while (f != NULL && fscanf(f, "%d", &pid) == 1) {
		kill(pid, SIGKILL);
		any = true;
	}
	if (f != NULL)
		fclose(f);
	return any;
}

static void
stop(int sigfd, pid_t server, int64_t patience)
{
	int64_t deadline = clock_mono() + patience;

	if (server != -1)
		kill(server, SIGTERM);
	while (server != -1 && clock_mono() < deadline)
		told_to_end(sigfd, -1, &server, deadline);
	if (server != -1)
		warnx("the server did not end when told; killing it");
	/*
	 * We are the subreaper: the orphans' children become ours in turn.  One
	 * that the kernel does not let die is nothing to wait for.
	 */
	deadline = clock_mono() + DYING;
	server = -1;
	while (kill_children() && clock_mono() < deadline)
		told_to_end(sigfd, -1, &server, clock_mono() + CLOCK_S / 10);
}

int
main(int argc, char **argv)
{
	int64_t begun, took, timeout = 60 * CLOCK_S, patience = 10 * CLOCK_S;
	int c, port = 0, notify = -1, sigfd;
	sigset_t mask, old;
	pid_t server;
	bool ok;

	while ((c = getopt(argc, argv, "+e:fp:t:")) != -1)
		if (c == 'f') {
			printf("%d\n", free_port());
			return 0;
		} else if (c == 'p') {
			port = (int)strtonum(optarg, 1, 65535, NULL);
		} else if ((c != 't' && c != 'e') || units_time(optarg,
		    c == 't' ? &timeout : &patience) == -1) {
			errx(2, "usage: serve -f | [-e patience] [-p port] "
			    "[-t timeout] command ...");
		}
	if (optind == argc)
		errx(2, "no command");

	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_BLOCK, &mask, &old);
	sigfd = signalfd(-1, &mask, SFD_CLOEXEC);
	prctl(PR_SET_CHILD_SUBREAPER, 1UL);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (port == 0)
		notify = notify_socket();
	else
		unsetenv("NOTIFY_SOCKET");

	begun = clock_mono();
	server = start(argv + optind, &old);
	ok = ready(sigfd, notify, port, &server, begun + timeout);
	if (ok) {
		took = clock_mono() - begun;
		printf("%d %.3f\n", (int)server, (double)took / 1e6);
		fflush(stdout);
		/* What the server says next does not matter, but must not
		   pile up either. */
		while (!told_to_end(sigfd, notify, &server, INT64_MAX))
			said_ready(notify);
		ok = server != -1;
	} else {
		warnx("%s: not ready", argv[optind]);
	}
	stop(sigfd, server, patience);
	return ok ? 0 : 1;
}
