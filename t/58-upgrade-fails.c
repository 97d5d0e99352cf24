/*
 * Upgrades that fail, whatever is wrong with the new program: the old master
 * serves on, says why, and no request is lost.  And signals, to either master,
 * while an upgrade is under way.  The long form has each bad program three
 * times, and `hash' too.
 */
#include <sys/socket.h>
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
#include "t/heir.h"
#include "t/network.h"
#include "t/torture.h"
#include "t/work.h"

#define HANGS "#!/bin/sh\nexec sleep 1000\n"
/*
 * It ends as soon as it is ready, and the master hears of both at once.  The
 * master is who runs what starts it.
 */
#define READY_AND_GONE "#!/usr/bin/perl\n" \
    "$ENV{SPINDLED_UPGRADE} =~ /channel=(\\d+)/ and open F, '>&=', $1 or die;\n" \
    "$ppid = getppid;\n" \
    "($master) = `cat /proc/$ppid/status` =~ /PPid:\\s*(\\d+)/ or die;\n" \
    "kill 'STOP', $master;\n" \
    "syswrite F, 'ready';\nsyswrite F, 'exit 1';\n" \
    "kill 'CONT', $master;\n" \
    "exit 1;\n"
#define BRIEF "workers 16\nupgrade-timeout 1500ms\n"

static const char *const expected[] = {
	"upgrade: ", "reload: ", "unknown keyword", "in use",
	"killed by signal", "only a restart", NULL
};

static struct daemon d;
static struct response r;

/* Asks for an upgrade that fails, which the log explains so. */
static void
test_failure(const char *why, const char *what)
{
	size_t from = daemon_log_length(&d);
	pid_t before = d.pid;

	daemon_signal(&d, SIGUSR2);
	daemon_await_log(&d, why, from);
	daemon_await_log(&d, "; this one serves on", from);
	daemon_await_notify(&d, "RELOADING=1");
	daemon_await_notify(&d, "READY=1");
	ok(kill(before, 0) == 0 && heir_pid(&d) == before,
	    "%s: the old master is the master", what);
	is_int(client_get(d.port, "/200,0,x", &r), 200, "%s: serves on", what);
}

/* With the real program, and a configuration that it cannot use. */
static void
test_configurations(const char *policy)
{
	char extra[256], link[128];
	int fd, port;

	heir_rewrite(&d, policy, "workerz 2\n");
	test_failure("exited with status 2 (bad configuration) before it was "
	    "ready", "bad configuration");

	fd = network_port(INADDR_LOOPBACK, 1, &port);
	snprintf(extra, sizeof(extra), "listen 127.0.0.1:%d\n", port);
	heir_rewrite(&d, policy, extra);
	test_failure(" (bad configuration)", "an address in use");
	close(fd);

	/* Ours, in another form. */
	snprintf(extra, sizeof(extra), "listen 0.0.0.0:%d\n", d.port);
	heir_rewrite(&d, policy, extra);
	test_failure(" (bad configuration)", "our own address, in another form");

	/* What fails when the listeners are there already. */
	daemon_path(&d, "log-file", link, sizeof(link));
	if (symlink("none/none", link) == -1)
		err(1, "%s", link);
	snprintf(extra, sizeof(extra), "access-log %s combined\n", link);
	heir_rewrite(&d, policy, extra);
	test_failure(" (bad configuration)", "a log that cannot be opened");
	heir_rewrite(&d, policy, BRIEF);
}

static void
test_programs(const char *policy)
{
	static const struct {
		const char *what, *script, *why;
	} programs[] = {
		{ "missing", NULL, "/program: No such file or directory" },
		{ "no program", "\x7f" "ELF", "/program: Exec format error" },
		{ "ends at once", "#!/bin/sh\nexit 0\n",
		    "exited with status 0 before it was ready" },
		{ "ends, and says why", "#!/bin/sh\necho MY REASON >&2\nexit 1\n",
		    "exited with status 1 (cannot start) before" },
		{ "crashes", "#!/bin/sh\nkill -SEGV $$\n", "was killed by "
		    "signal 11 (Segmentation fault) before it was ready" },
		{ "is ready, and ends", READY_AND_GONE,
		    "exited with status 1 (cannot start) before" },
		{ "hangs", HANGS, "was not ready within 1500ms "
		    "(upgrade-timeout)" },
	};
	const int rounds = torture_pick(1, 3);
	struct work_sum l;
	struct work w;
	pid_t before[64], after[64];
	size_t i, n;
	int turn;

	if (heir_start(&d, policy, BRIEF) == -1)
		return;
	work_start(&w, d.port);
	n = daemon_workers(&d, before, 64);
	for (turn = 0; turn < rounds; turn++)
		for (i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
			heir_program(&d, programs[i].script);
			test_failure(programs[i].why, programs[i].what);
		}
	ok(daemon_has_logged(&d, "MY REASON"), "what it says is in the log");
	daemon_await_notify(&d, "; the last upgrade failed");
	ok(1, "and the status says that it failed");
	heir_real_program(&d);
	test_configurations(policy);
	work_end(&w, &l);
	diag("%s: %llu requests", policy, (unsigned long long)l.sent);
	is_int((long long)(l.sent - l.answered), 0, "%s: none is lost", policy);
	is_int((long long)daemon_workers(&d, after, 64), (long long)n,
	    "%s: as many workers", policy);
	is_int(memcmp(before, after, n * sizeof(*before)), 0,
	    "%s: and the same", policy);
	is_int((long long)heir_children(), 1, "%s: nobody else is left",
	    policy);
	/* And then it goes well. */
	heir_rewrite(&d, policy, "workers 2\n");
	is_int(heir_wait(heir_upgrade(&d)), 0, "%s: the next one succeeds",
	    policy);
	daemon_finish(&d, expected);
}

/* An upgrade that hangs until it is told otherwise.  Gives 0, or -1: skipped. */
static int
begin_hanging(const char *policy)
{
	if (heir_start(&d, policy, "workers 2\n") == -1)
		return -1;
	heir_program(&d, HANGS);
	daemon_signal(&d, SIGUSR2);
	daemon_await_notify(&d, "RELOADING=1");
	/* The workers, and who starts it. */
	daemon_await_workers(&d, 3);
	return 0;
}

static int
is_alone(void *arg)
{
	(void)arg;
	return heir_children() == 0;
}

static void
test_signals(const char *policy)
{
	size_t from;
	pid_t pids[8];
	int status;

	if (begin_hanging(policy) == -1)
		return;
	from = daemon_log_length(&d);
	daemon_signal(&d, SIGUSR2);
	daemon_await_log(&d, "upgrade: refused: one is under way", from);
	daemon_signal(&d, SIGHUP);
	daemon_signal(&d, SIGUSR1);
	is_int(client_get(d.port, "/200,0,x", &r), 200, "%s: serves meanwhile",
	    policy);
	ok(!daemon_has_logged(&d, "reload: "), "%s: HUP is put off", policy);
	/* Who starts it is the youngest child. */
	is_int((long long)daemon_workers(&d, pids, 8), 3, "%s: a child more",
	    policy);
	kill(pids[2], SIGKILL);
	daemon_await_log(&d, "has ended without a word; this one serves on",
	    from);
	daemon_await_log(&d, "reload: 2 workers to take over", from);
	daemon_await_log(&d, "log files reopened", from);
	ok(1, "%s: HUP and USR1 come when it has failed", policy);
	daemon_finish(&d, expected);

	begin_hanging(policy);
	daemon_signal(&d, SIGTERM);
	is_int(daemon_wait(&d), 0, "%s: TERM stops the old master", policy);
	ok(daemon_has_logged(&d, "upgrade: given up"), "%s: and the upgrade",
	    policy);
	ok(daemon_until(is_alone, NULL), "%s: nobody is left", policy);
	ok(client_is_refused(&d.port), "%s: the port refuses", policy);
	daemon_finish(&d, expected);

	begin_hanging(policy);
	kill(d.pid, SIGKILL);
	status = daemon_wait(&d);
	ok(WIFSIGNALED(status), "%s: the old master is killed", policy);
	ok(daemon_until(client_is_refused, &d.port), "%s: the port refuses",
	    policy);
	ok(daemon_until(is_alone, NULL), "%s: what it has started ends with it", policy);
	daemon_finish(&d, expected);
}

/* Signals that were put off are for the new master, when there is one. */
static void
test_forward(void)
{
	size_t from;
	pid_t old;

	heir_start(&d, "shared", "workers 200\n");
	from = daemon_log_length(&d);
	old = d.pid;
	/* Two hundred workers take longer than this. */
	daemon_signal(&d, SIGUSR2);
	daemon_await_log(&d, "upgrade: starts", from);
	daemon_signal(&d, SIGHUP);
	daemon_await_notify(&d, "MAINPID=");
	daemon_await_notify(&d, "READY=1");
	d.pid = heir_pid(&d);
	ok(d.pid != old, "there is a new master");
	is_int(heir_wait(old), 0, "the old one ends");
	daemon_await_log(&d, "reload: 200 workers to take over", from);
	ok(1, "and a reload");
	daemon_await_notify(&d, "READY=1");
	daemon_finish(&d, expected);
}

int
main(void)
{
	setenv("SPINDLED", daemon_program(), 0);
	plan_no_plan();
	heir_open();
	test_programs("idle");
	test_programs("shared");
	if (torture_pick(0, 1))
		test_programs("hash");
	test_signals("shared");
	test_signals("idle");
	test_forward();
	return exit_status();
}
