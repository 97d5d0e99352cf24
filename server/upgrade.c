#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/units.h"
#include "server/steering.h"
#include "server/upgrade.h"

static char program[PATH_MAX];		/* its file; empty: not known */
static char name[PATH_MAX];		/* as which it was called */
static char **arguments;		/* the title takes the first one's place */

static int channel = -1;		/* to the new master; -1: there is none */
static pid_t midwife;
static pid_t heir;			/* the new master; 0: not heard of yet */
static int64_t began_at, deadline;	/* clock_mono() */
static int64_t limit;			/* what lies between them */
static int baton;			/* the new one's; -1: it has none */
static sigset_t deferred;

void
upgrade_init(char *argv[])
{
	const char *file = (const char *)getauxval(AT_EXECFN);
	char cwd[PATH_MAX];
	ssize_t n;

	arguments = argv;
	strlcpy(name, argv[0], sizeof(name));
	sigemptyset(&deferred);
	/* Executed by a descriptor, its name is none later. */
	if (file == NULL || strncmp(file, "/dev/fd/", 8) == 0 ||
	    strncmp(file, "/proc/", 6) == 0) {
		n = readlink("/proc/self/exe", program, sizeof(program) - 1);
		program[n > 0 ? n : 0] = '\0';
		return;
	}
	if (file[0] == '/') {
		strlcpy(program, file, sizeof(program));
		return;
	}
	if (getcwd(cwd, sizeof(cwd)) == NULL ||
	    (size_t)snprintf(program, sizeof(program), "%s/%s", cwd, file) >=
	    sizeof(program))
		program[0] = '\0';
}

/* The watchdog that is meant for the master is meant for the new one. */
static void
pass_watchdog(pid_t old)
{
	const char *pid = getenv("WATCHDOG_PID");
	char text[16];

	if (pid == NULL || strtol(pid, NULL, 10) != old)
		return;
	snprintf(text, sizeof(text), "%d", (int)getpid());
	setenv("WATCHDOG_PID", text, 1);
}

/* Signals are as at any start. */
static void
reset_signals(void)
{
	sigset_t none;

	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static int
say(int fd, const char *what, int n)
{
	char text[32];
	int len = snprintf(text, sizeof(text), "%s %d", what, n);

	return send(fd, text, (size_t)len, MSG_NOSIGNAL) == -1 ? -1 : 0;
}

/* A process that ends with its parent, even if it hangs. */
static void
end_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
}

_Noreturn static void
become_heir(const struct inherit *h, pid_t master, pid_t parent)
{
	end_with(parent);
	pass_watchdog(master);
	if (say(h->channel, "pid", getpid()) == -1 ||
	    inherit_export(h) == -1) {
		log_warn_errno("upgrade: what is inherited");
		_exit(1);
	}
	reset_signals();
	arguments[0] = name;
	execv(program, arguments);
	log_error("upgrade: cannot execute %s: %s", program, strerror(errno));
	_exit(127);
}

/*
 * Keeps nothing open but the channel and the log.  The new master stays
 * unreaped, so that its process id is nobody else's.
 */
_Noreturn static void
become_midwife(const struct inherit *h, pid_t master)
{
	siginfo_t si = { .si_pid = 0 };
	pid_t self = getpid(), pid;

	end_with(master);
	setproctitle("upgrade, %s", program);
	if ((pid = fork()) == 0)
		become_heir(h, master, self);
	if (pid == -1) {
		log_warn_errno("upgrade: fork");
		_exit(1);
	}
	if (h->channel > STDERR_FILENO + 1)
		close_range(STDERR_FILENO + 1, (unsigned int)h->channel - 1, 0);
	close_range((unsigned int)h->channel + 1, ~0U, 0);
	while (waitid(P_PID, (id_t)pid, &si, WEXITED | WNOWAIT) == -1)
		continue;
	say(h->channel, si.si_code == CLD_EXITED ? "exit" : "signal",
	    si.si_status);
	for (;;)
		pause();
}

int
upgrade_begin(struct inherit *h, int64_t now, int64_t timeout)
{
	pid_t self = getpid();
	int pair[2];

	/* With the first process, all others of its container would end. */
	if (self == 1 || program[0] == '\0') {
		log_error("upgrade: %s; restart instead", self == 1 ?
		    "process 1 cannot hand over" : "the program's file is not "
		    "known");
		return -1;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1) {
		log_error("upgrade: socketpair: %s", strerror(errno));
		return -1;
	}
	h->channel = pair[1];
	h->baton = h->policy == BALANCE_IDLE ? steering_baton() : -1;
	if ((midwife = fork()) == 0)
		become_midwife(h, self);
	close(pair[1]);
	channel = pair[0];
	baton = h->baton;
	if (midwife == -1) {
		log_error("upgrade: fork: %s", strerror(errno));
		upgrade_leave();
		return -1;
	}
	heir = 0;
	began_at = now;
	limit = timeout;
	deadline = now + timeout;
	log_notice("upgrade: starts %s", program);
	return 0;
}

int
upgrade_is_under_way(void)
{
	return channel != -1;
}

int
upgrade_fd(void)
{
	return channel;
}

int64_t
upgrade_deadline(void)
{
	return channel == -1 ? INT64_MAX : deadline;
}

void
upgrade_leave(void)
{
	if (channel == -1)
		return;
	close(channel);
	if (baton != -1)
		close(baton);
	channel = baton = -1;
}

/* The midwife first: it would tell of the other's end. */
static void
end(void)
{
	if (midwife > 0)
		kill(midwife, SIGKILL);
	/* Unreaped by the midwife, it is there, be it dead. */
	if (heir > 0)
		kill(heir, SIGKILL);
	upgrade_leave();
}

static enum upgrade_event
fail(const char *why)
{
	if (heir > 0)
		log_error("upgrade: the new master (pid %d) %s; this one "
		    "serves on", (int)heir, why);
	else
		log_error("upgrade: the new master %s; this one serves on",
		    why);
	end();
	return UPGRADE_FAILED;
}

/* What the exit statuses of a master mean (master.h), and a shell's. */
static const char *
status_text(int status)
{
	switch (status) {
	case 1:
		return " (cannot start)";
	case 2:
		return " (bad configuration)";
	default:
		return "";
	}
}

static enum upgrade_event
take_message(const char *text)
{
	char why[96];
	int n;

	if (strcmp(text, INHERIT_READY) == 0)
		return heir > 0 ? UPGRADE_READY : fail("did not say who it is");
	if (sscanf(text, "pid %d", &n) == 1) {
		heir = n;
	} else if (sscanf(text, "exit %d", &n) == 1) {
		snprintf(why, sizeof(why), "exited with status %d%s before it "
		    "was ready", n, status_text(n));
		return fail(why);
	} else if (sscanf(text, "signal %d", &n) == 1) {
		snprintf(why, sizeof(why), "was killed by signal %d (%s) "
		    "before it was ready", n, strsignal(n));
		return fail(why);
	}
	return UPGRADE_NOTHING;
}

enum upgrade_event
upgrade_hear(int64_t now)
{
	enum upgrade_event e;
	char text[64], why[96], time[UNITS_TEXT];
	int ready = 0;
	ssize_t n;

	if (channel == -1)
		return UPGRADE_NOTHING;
	while ((n = recv(channel, text, sizeof(text) - 1, MSG_DONTWAIT)) > 0) {
		text[n] = '\0';
		/* It may be ready, and then have ended. */
		if ((e = take_message(text)) == UPGRADE_READY)
			ready = 1;
		else if (e != UPGRADE_NOTHING)
			return e;
	}
	if (n == 0)
		return fail("has ended without a word");
	if (ready)
		return UPGRADE_READY;
	if (now < deadline)
		return UPGRADE_NOTHING;
	snprintf(why, sizeof(why), "was not ready within %s (upgrade-timeout)",
	    units_time_text(limit, time, sizeof(time)));
	return fail(why);
}

pid_t
upgrade_release(void)
{
	pid_t pid = heir;

	kill(midwife, SIGKILL);
	while (waitpid(midwife, NULL, 0) == -1 && errno == EINTR)
		continue;
	/* From now on, these numbers may be anybody's. */
	midwife = heir = 0;
	return pid;
}

int
upgrade_go(int *heirs_baton)
{
	if (send(channel, INHERIT_GO, strlen(INHERIT_GO), MSG_NOSIGNAL) == -1) {
		fail("ended just before it took over");
		return -1;
	}
	log_info("upgrade: the new master took %.1f ms to be ready",
	    (double)(clock_mono() - began_at) / CLOCK_MS);
	*heirs_baton = baton;
	baton = -1;
	upgrade_leave();
	return 0;
}

void
upgrade_cancel(void)
{
	if (channel == -1)
		return;
	log_warn("upgrade: given up, because this master stops");
	end();
}

void
upgrade_defer(int sig)
{
	sigaddset(&deferred, sig);
}

void
upgrade_forward(pid_t to)
{
	int sig;

	for (sig = 1; sig < SIGRTMIN; sig++)
		if (sigismember(&deferred, sig) == 1)
			kill(to, sig);
	sigemptyset(&deferred);
}
