/*
 * The start: what keeps the daemon from it, several things at once, in its own
 * words, and how it ends; and a stop that comes before it is ready.  Addresses
 * are 54-listen.c's, options 54-options.c's.
 *
 * One daemon, d, runs.  Others, configured by x, are started beside it, mostly
 * to fail.  The test is the parent of every process that they might leave.
 */
#include <sys/prctl.h>
#include <sys/wait.h>

#include <err.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"
#include "t/network.h"
#include "t/run.h"
#include "t/standin.h"
#include "t/text.h"

#define IN_USE "the address is in use, by another spindled or another program"

static struct daemon d, x;

static void
test_several(void)
{
	char reasons[2048] = "", log[128], pid_file[128];
	int fds[3], ports[3], line = 2;

	fds[0] = network_port(INADDR_LOOPBACK, 1, &ports[0]);
	fds[1] = network_port(INADDR_LOOPBACK, 1, &ports[1]);
	fds[2] = network_port(INADDR_LOOPBACK, 0, &ports[2]);
	daemon_path(&x, "loop", log, sizeof(log));
	daemon_path(&x, "pid", pid_file, sizeof(pid_file));
	if (symlink("loop", log) == -1)
		err(1, "%s", log);
	daemon_rewrite(&x, "user nobody\n"
	    "access-log %s\n"
	    "listen 127.0.0.1:%d\n"
	    "listen 127.0.0.1:%d\n"
	    "listen 127.0.0.1:%d\n"
	    "pid-file %s\nbalance shared\n", log, ports[0], ports[2],
	    ports[1], pid_file);
	run_reason(&x, reasons, sizeof(reasons), line + 1,
	    "listen 127.0.0.1:%d: " IN_USE, ports[0]);
	run_reason(&x, reasons, sizeof(reasons), line + 3,
	    "listen 127.0.0.1:%d: " IN_USE, ports[1]);
	run_reason(&x, reasons, sizeof(reasons), line,
	    "access-log: cannot open %s: Too many levels of symbolic links",
	    log);
	run_is_refused(&x, reasons, "three errors");
	ok(access(pid_file, F_OK) == -1, "three errors: no pid file is left");
	ok(client_is_refused(&ports[2]), "three errors: the good port is not open");
	is_int(waitpid(-1, NULL, WNOHANG), -1,
	    "three errors: no process is left");
	unlink(log);

	/* The same without the errors, so that these were the only ones. */
	close(fds[0]);
	close(fds[1]);
	daemon_rewrite(&x, "user nobody\nbalance shared\nworkers 1\n"
	    "access-log %s\nlisten 127.0.0.1:%d\npid-file %s\n", log,
	    ports[2], pid_file);
	daemon_start(&x);
	is_int(client_get(x.port, "/200,0,x", NULL), 200,
	    "no error: it serves");
	ok(access(pid_file, F_OK) == 0, "no error: there is a pid file");
	daemon_signal(&x, SIGTERM);
	is_int(daemon_wait(&x), 0, "no error: it stops");
	ok(access(pid_file, F_OK) == -1, "no error: the pid file is gone");
	close(fds[2]);
}

static void
test_pid_file(void)
{
	char reasons[512] = "", pid_file[128], got[64], want[64];
	FILE *f;

	daemon_configure(&d, "workers 1\n");
	daemon_path(&d, "pid", pid_file, sizeof(pid_file));
	/* What a daemon that died has left holds nobody up. */
	if ((f = fopen(pid_file, "w")) == NULL)
		err(1, "%s", pid_file);
	fprintf(f, "1\n");
	fclose(f);
	daemon_rewrite(&d, "balance shared\nworkers 1\npid-file %s\n",
	    pid_file);
	daemon_start(&d);
	text_read(pid_file, got, sizeof(got));
	is_int(atoi(got), d.pid, "a stale pid file is taken over");

	snprintf(want, sizeof(want), "%s", got);
	daemon_rewrite(&x, "listen 127.0.0.1:0\nuser nobody\npid-file %s\n"
	    "balance shared\n", pid_file);
	run_reason(&x, reasons, sizeof(reasons), 3,
	    "pid-file: %s is held by process %d", pid_file, (int)d.pid);
	run_is_refused(&x, reasons, "a pid file that is held");
	text_read(pid_file, got, sizeof(got));
	is_string(got, want, "a pid file that is held stays as it is");
	daemon_finish(&d, NULL);
}

static void
test_user(void)
{
	char reasons[256] = "";

	if (geteuid() != 0) {
		skip(3, "not root");
		return;
	}
	/* The comment keeps the harness from writing one. */
	daemon_rewrite(&x, "# no user here\nbalance shared\n");
	run_reason(&x, reasons, sizeof(reasons), 0,
	    "user: is missing: started as root, expected an unprivileged "
	    "user for the workers, such as nobody");
	run_is_refused(&x, reasons, "root without user");
}

/* A stop that is asked for while workers are forked. */

/* As the daemon's program: a signal waits for what is executed. */
_Noreturn static void
launch(char *argv[])
{
	int sig = atoi(standin_variable("T_SIGNAL"));
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1 || raise(sig) != 0)
		err(126, "signal %d", sig);
	execv(standin_variable("T_PROGRAM"), argv);
	err(126, "%s", standin_variable("T_PROGRAM"));
}

static void
test_stop_at_once(int sig)
{
	char text[16], pid_file[128];

	snprintf(text, sizeof(text), "%d", sig);
	setenv("T_SIGNAL", text, 1);
	standin_begin();
	daemon_configure(&d, "workers 1\n");
	daemon_path(&d, "pid", pid_file, sizeof(pid_file));
	daemon_rewrite(&d, "user nobody\nbalance shared\nworkers 40\n"
	    "pid-file %s\n", pid_file);
	daemon_launch(&d);
	is_int(daemon_wait(&d), 0, "%s before it is ready: exit status",
	    strsignal(sig));
	ok(!daemon_has_logged(&d, "ready: "), "it never was");
	snprintf(text, sizeof(text), "stop: %s", strsignal(sig));
	ok(daemon_has_logged(&d, text), "it says why it stops");
	is_int(waitpid(-1, NULL, WNOHANG), -1, "no process is left");
	ok(access(pid_file, F_OK) == -1, "no pid file is left");
	daemon_finish(&d, NULL);
	standin_end();
}

int
main(int argc, char *argv[])
{
	(void)argc;
	if (standin_is_called(argv))
		launch(argv);

	plan_no_plan();
	/* Whoever loses its parent becomes our child. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) == -1)
		err(1, "PR_SET_CHILD_SUBREAPER");
	daemon_configure(&x, "user nobody\n");
	test_several();
	test_pid_file();
	test_user();
	test_stop_at_once(SIGTERM);
	test_stop_at_once(SIGINT);
	test_stop_at_once(SIGQUIT);
	daemon_finish(&x, NULL);
	return exit_status();
}
