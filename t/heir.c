#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "t/check.h"
#include "t/heir.h"
#include "t/text.h"

static const char *const fallback[] = { HEIR_FALLBACK, NULL };

static char real[PATH_MAX];		/* the program */

/* Children that no signal ends: they were left by a kernel that is stuck. */
static size_t stuck;

/* All children that there are. */
static size_t
children(pid_t *pids, size_t max)
{
	struct daemon self = { .pid = getpid() };

	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
	return daemon_workers(&self, pids, max);
}

/* Whoever is left over is a child of ours. */
static void
end_all(void)
{
	pid_t pids[1024];
	size_t n, i;
	int turns;

	for (turns = 0; turns < 100; turns++) {
		if ((n = children(pids, 1024)) <= stuck)
			return;
		for (i = 0; i < n; i++)
			kill(pids[i], SIGKILL);
		poll(NULL, 0, 5);
	}
}

void
heir_open(void)
{
	if (realpath(daemon_program(), real) == NULL)
		err(1, "%s", daemon_program());
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) == -1)
		err(1, "prctl");
	atexit(end_all);
}

static char *
program_path(const struct daemon *d, char *buf, size_t size)
{
	return daemon_path(d, "program", buf, size);
}

void
heir_rewrite(struct daemon *d, const char *policy, const char *extra)
{
	char file[128], listen[64] = "listen 127.0.0.1:0\n";

	daemon_path(d, "pid", file, sizeof(file));
	daemon_rewrite(d, "%sbalance %s\npid-file %s\n%s", listen, policy, file,
	    extra);
}

int
heir_start(struct daemon *d, const char *policy, const char *extra)
{
	pid_t pids[1024];
	char path[128];

	stuck = children(pids, 1024);
	daemon_configure(d, "balance %s\n", policy);
	heir_rewrite(d, policy, extra);
	heir_real_program(d);
	setenv("SPINDLED", program_path(d, path, sizeof(path)), 1);
	daemon_start(d);
	if (!daemon_has_logged(d, HEIR_FALLBACK))
		return 0;
	skip(1, "balance %s is not to be had here", policy);
	daemon_finish(d, fallback);
	return -1;
}

void
heir_program(const struct daemon *d, const char *script)
{
	char path[128];
	FILE *f;

	program_path(d, path, sizeof(path));
	unlink(path);
	if (script == NULL)
		return;
	if ((f = fopen(path, "w")) == NULL || fputs(script, f) == EOF ||
	    fclose(f) == EOF || chmod(path, 0755) == -1)
		err(1, "%s", path);
}

void
heir_real_program(const struct daemon *d)
{
	char path[128];

	program_path(d, path, sizeof(path));
	unlink(path);
	if (symlink(real, path) == -1)
		err(1, "%s", path);
}

pid_t
heir_pid(const struct daemon *d)
{
	char path[128], text[32];

	text_read(daemon_path(d, "pid", path, sizeof(path)), text,
	    sizeof(text));
	return (pid_t)atoi(text);
}

pid_t
heir_upgrade(struct daemon *d)
{
	pid_t old = d->pid;

	daemon_signal(d, SIGUSR2);
	daemon_await_notify(d, "RELOADING=1");
	daemon_await_notify(d, "MAINPID=");
	daemon_await_notify(d, "READY=1");
	if ((d->pid = heir_pid(d)) <= 1)
		errx(1, "no process in the pid file");
	return old;
}

static int
has_ended(void *arg)
{
	siginfo_t si = { .si_pid = 0 };

	return waitid(P_PID, (id_t)*(pid_t *)arg, &si,
	    WEXITED | WNOHANG | WNOWAIT) == -1 || si.si_pid != 0;
}

int
heir_wait(pid_t pid)
{
	int status;

	if (!daemon_until(has_ended, &pid))
		errx(1, "process %d does not end", (int)pid);
	return waitpid(pid, &status, 0) == pid ? status : -1;
}

size_t
heir_children(void)
{
	pid_t pids[1024];
	size_t n = children(pids, 1024);

	return n > stuck ? n - stuck : 0;
}
