#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <netinet/in.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"
#include "t/design.h"
#include "t/scratch.h"
#include "t/text.h"

/* The server's end of a connection. */
struct end {
	unsigned int server, client;	/* ports */
	unsigned int unread;		/* bytes that wait there */
	unsigned long inode;
};

/* The server itself: never returns. */
_Noreturn static void
execute(const struct server *s, const char *workers, struct limit l, int out)
{
	const char *dir = getenv("DESIGN_DIR");
	const struct rlimit rl = { l.n, l.n };
	char path[PATH_MAX];
	int log = open(s->log, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	snprintf(path, sizeof(path), "%s/%s",
	    dir != NULL ? dir : "build/san/problem", s->design->name);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (log == -1 || dup2(log, STDERR_FILENO) == -1 ||
	    dup2(out, STDOUT_FILENO) == -1 ||
	    (l.n > 0 && setrlimit(l.resource, &rl) == -1))
		_exit(126);
	if (workers != NULL)
		execl(path, s->design->name, "-w", workers, "0", NULL);
	else
		execl(path, s->design->name, "0", NULL);
	_exit(127);
}

int
design_start(struct server *s, const struct design *d, const char *workers,
    struct limit l)
{
	int out[2], status, n;
	FILE *f;

	s->design = d;
	s->log = scratch_path("log");
	fflush(stdout);
	if (pipe2(out, O_CLOEXEC) == -1 || (s->pid = fork()) == -1)
		err(1, "%s", d->name);
	if (s->pid == 0)
		execute(s, workers, l, out[1]);
	close(out[1]);
	if ((f = fdopen(out[0], "r")) == NULL)
		err(1, "%s", d->name);
	n = fscanf(f, "port %d", &s->port);
	fclose(f);
	if (n == 1)
		return 0;
	waitpid(s->pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void
design_must_start(struct server *s, const struct design *d,
    const char *workers, struct limit l)
{
	char log[2048];
	int status = design_start(s, d, workers, l);

	if (status == 0)
		return;
	text_read(s->log, log, sizeof(log));
	errx(1, "%s: exit status %d, and says: %s", d->name, status, log);
}

static int
is_childless(void *unused)
{
	(void)unused;
	return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD;
}

void
design_stop(struct server *s, const char *what)
{
	const char *name = s->design->name;
	char log[2048];
	int status;

	/* The children that it leaves behind become ours. */
	prctl(PR_SET_CHILD_SUBREAPER, 1UL);
	kill(s->pid, SIGTERM);
	waitpid(s->pid, &status, 0);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM,
	    "%s, %s: SIGTERM ends it", name, what);
	ok(daemon_until(is_childless, NULL), "%s, %s: and all of its children",
	    name, what);
	text_read(s->log, log, sizeof(log));
	is_string(log, "", "%s, %s: it has said nothing", name, what);
}

int
design_ask(const struct server *s, const char *path)
{
	char request[256];
	int fd = client_connect(s->port);

	snprintf(request, sizeof(request),
	    "GET %s HTTP/1.1\r\nHost: t\r\n\r\n", path);
	client_send(fd, request, strlen(request));
	return fd;
}

/* What the kernel's table says of the server's end; 0: it has none. */
static int
look(struct end *e)
{
	unsigned int local, remote;
	char line[256];
	int found = 0;
	FILE *f = fopen("/proc/net/tcp", "r");

	if (f == NULL)
		err(1, "/proc/net/tcp");
	while (!found && fgets(line, sizeof(line), f) != NULL)
		found = sscanf(line, "%*d: %*x:%x %*x:%x %*x %*x:%x %*x:%*x "
		    "%*x %*u %*u %lu", &local, &remote, &e->unread,
		    &e->inode) == 4 &&
		    local == e->server && remote == e->client;
	fclose(f);
	return found;
}

static int
is_read(void *e)
{
	return look(e) && ((struct end *)e)->unread == 0;
}

/* Who has not been accepted yet has no file. */
static int
is_accepted(void *e)
{
	return look(e) && ((struct end *)e)->inode != 0;
}

static int
await(const struct server *s, int fd, int (*is_true)(void *))
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct end e = { .server = (unsigned int)s->port };
	socklen_t len = sizeof(sin);

	if (getsockname(fd, (struct sockaddr *)&sin, &len) == -1)
		return 0;
	e.client = ntohs(sin.sin_port);
	return daemon_until(is_true, &e);
}

int
design_await_read(const struct server *s, int fd)
{
	return await(s, fd, is_read);
}

int
design_await_accepted(const struct server *s, int fd)
{
	return await(s, fd, is_accepted);
}
