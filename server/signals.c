#include <sys/signalfd.h>

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/admin/admin.h"
#include "server/master_state.h"
#include "server/reload.h"
#include "server/signals.h"
#include "server/staff.h"
#include "server/stop.h"
#include "server/succession.h"
#include "server/upgrade.h"

static int fd = -1;

int
signals_open(void)
{
	static const int wanted[] = {
		SIGHUP, SIGTERM, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGTTIN,
		SIGTTOU, SIGCHLD
	};
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		sigaddset(&set, wanted[i]);
	/* A client that is gone, or a log that is full, ends nobody's life. */
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1 ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
	    signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
		return -1;
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd == -1 ? -1 : 0;
}

int
signals_fd(void)
{
	return fd;
}

void
signals_leave(void)
{
	close(fd);
}

static void
take(int sig, pid_t sender)
{
	switch (sig) {
	case SIGCHLD:
		if (!admin_reap(sender, clock_mono()))
			staff_reap(sender);
		master.bereaved = 1;
		return;
	case SIGTERM:
	case SIGINT:
		stop_ask(STOP_SOON, strsignal(sig));
		return;
	case SIGQUIT:
		stop_ask(STOP_DRAIN, strsignal(sig));
		return;
	case SIGUSR2:
		succession_begin();
		return;
	}
	if (upgrade_is_under_way())
		upgrade_defer(sig);
	/* Whoever put it off has said `go' before. */
	if (master.inherited.channel != -1)
		succession_hear();
	if (master.phase != PHASE_RUNNING || succession_is_open())
		return;
	switch (sig) {
	case SIGHUP:
		reload_conf(master_report_error);
		break;
	case SIGUSR1:
		reload_logs(master_report_error);
		break;
	case SIGTTIN:
		staff_change(1);
		break;
	case SIGTTOU:
		staff_change(-1);
		break;
	}
}

void
signals_take(void)
{
	struct signalfd_siginfo si;

	while (read(fd, &si, sizeof(si)) == (ssize_t)sizeof(si))
		take((int)si.ssi_signo, (pid_t)si.ssi_pid);
}
