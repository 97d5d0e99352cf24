#include <sys/prctl.h>
#include <sys/wait.h>

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "t/check.h"
#include "t/run.h"
#include "t/text.h"

#define READY "ready: "

/* What is waited for, and where it speaks. */
struct waited {
	struct run *run;
	const char *err;	/* file name */
};

_Noreturn static void
execute(const char *const *args, const char *out, const char *error)
{
	char *argv[8] = { (char *)(uintptr_t)"spindled" };
	size_t i;
	int o, e;

	for (i = 0; args[i] != NULL; i++)
		argv[i + 1] = (char *)(uintptr_t)args[i];
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	o = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	e = open(error, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (o == -1 || e == -1 || dup2(o, STDOUT_FILENO) == -1 ||
	    dup2(e, STDERR_FILENO) == -1)
		_exit(126);
	execv(daemon_program(), argv);
	_exit(127);
}

/* It has ended, or it serves, which it will do for ever. */
static int
has_come_to_something(void *arg)
{
	const struct waited *w = arg;
	siginfo_t si = { .si_pid = 0 };

	waitid(P_PID, (id_t)w->run->pid, &si, WEXITED | WNOHANG | WNOWAIT);
	text_read(w->err, w->run->err, sizeof(w->run->err));
	return si.si_pid == w->run->pid || strstr(w->run->err, READY) != NULL;
}

void
run_args(struct run *r, const struct daemon *d, const char *const *args)
{
	char out[128], error[128];
	struct waited w = { r, error };
	int status;

	daemon_path(d, "out", out, sizeof(out));
	daemon_path(d, "err", error, sizeof(error));
	fflush(stdout);
	if ((r->pid = fork()) == -1)
		err(1, "fork");
	if (r->pid == 0)
		execute(args, out, error);
	if (!daemon_until(has_come_to_something, &w) ||
	    strstr(r->err, READY) != NULL)
		kill(r->pid, SIGKILL);
	waitpid(r->pid, &status, 0);
	r->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	text_read(out, r->out, sizeof(r->out));
	text_read(error, r->err, sizeof(r->err));
}

void
run_conf(struct run *r, const struct daemon *d, const char *option)
{
	const char *const args[] = { "-f", d->conf, option, NULL };

	run_args(r, d, args);
}

void
run_reason(const struct daemon *d, char *reasons, size_t size, int line,
    const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (line > 0)
		text_add(reasons, size, "%s:%d: %s\n", d->conf, line, text);
	else
		text_add(reasons, size, "%s: %s\n", d->conf, text);
}

void
run_is_refused(const struct daemon *d, const char *reasons, const char *what)
{
	static struct run r;

	run_conf(&r, d, NULL);
	is_int(r.status, 2, "%s: exit status", what);
	is_string(r.err, reasons, "%s: the reason", what);
	is_string(r.out, "", "%s: nothing else", what);
}
