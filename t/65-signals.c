/*
 * Signals that nobody wants: workers and the master that are stopped, workers
 * that crash.  Clients ask meanwhile, and each request is accounted for.
 */
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <err.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "t/become.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"
#include "t/heir.h"
#include "t/reader.h"
#include "t/scratch.h"
#include "t/text.h"
#include "t/torture.h"
#include "t/work.h"

#define WORKERS 12

static struct daemon d;
static struct work work;
static struct response r;
static pid_t pids[2 * WORKERS];

/* Lines of the log that have both texts. */
static size_t
count_in_log(const char *a, const char *b)
{
	char line[2048];
	size_t n = 0;
	FILE *f = fopen(d.log, "r");

	if (f == NULL)
		err(1, "%s", d.log);
	while (fgets(line, sizeof(line), f) != NULL)
		n += strstr(line, a) != NULL && strstr(line, b) != NULL;
	fclose(f);
	return n;
}

static void
signal_some(size_t n, int sig)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (kill(pids[i], sig) == -1)
			err(1, "kill %d", (int)pids[i]);
}

/* Whether the master is stopped. */
static int
is_stopped(void *arg)
{
	char path[64], text[512];
	const char *state;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)*(pid_t *)arg);
	text_read(path, text, sizeof(text));
	state = strrchr(text, ')');
	return state != NULL && strncmp(state, ") T", 3) == 0;
}

static void
stop_and_wait(pid_t pid)
{
	if (kill(pid, SIGSTOP) == -1 || !daemon_until(is_stopped, &pid))
		errx(1, "process %d does not stop", (int)pid);
}

/* All workers but one are stopped, and were idle. */
static void
test_idle_stopped(const char *policy)
{
	static const char *const expected[] = { "was stopped by", NULL };
	size_t i, good = 0;

	daemon_configure(&d, "balance %s\nworkers 4\n", policy);
	daemon_start(&d);
	daemon_await_idle(&d, 4);
	is_int((long long)daemon_workers(&d, pids, 4), 4, "%s: all are there",
	    policy);
	signal_some(3, SIGSTOP);
	daemon_await_log(&d, ") was stopped by signal 19 (Stopped (signal)), "
	    "and so were 2 more", 0);
	ok(1, "%s: workers that are stopped are told of, in a line", policy);
	daemon_await_notify(&d, "4 workers: 1 idle, 0 busy, 3 stopped; ");
	ok(1, "%s: and the service manager hears of it", policy);
	for (i = 0; i < 20; i++)
		good += client_get(d.port, "/200,1,x", NULL) == 200;
	is_int((long long)good, 20, "%s: nobody waits behind one", policy);
	signal_some(3, SIGCONT);
	daemon_await_log(&d, "notice: no worker is stopped any more", 0);
	daemon_await_notify(&d, "4 workers: 4 idle, 0 busy; ");
	ok(1, "%s: they go on", policy);
	daemon_finish(&d, expected);
}

/*
 * Connections that were sent to them before the master could know: with
 * worker-timeout, they are served by others.
 */
static void
test_queue_of_stopped(void)
{
	static const char *const expected[] = {
		"was stopped by", "has been stopped for", "by worker-timeout",
		HEIR_FALLBACK, NULL
	};
	char text[96];
	int fds[6];
	size_t i;

	daemon_configure(&d, "balance idle\nworkers 4\n"
	    "worker-timeout 300ms\n");
	daemon_start(&d);
	daemon_await_idle(&d, 4);
	daemon_workers(&d, pids, 4);
	stop_and_wait(d.pid);
	for (i = 0; i < 4; i++)
		stop_and_wait(pids[i]);
	for (i = 0; i < 6; i++)
		fds[i] = reader_ask(&d, "/200,1,x");
	kill(d.pid, SIGCONT);
	for (i = 0; i < 6; i++) {
		client_receive(fds[i], &r, 1);
		is_int(r.status, 200, "a client of a stopped worker is served");
		close(fds[i]);
	}
	daemon_await_log(&d, ": killed, and replaced", 0);
	for (i = 0; i < 4; i++) {
		snprintf(text, sizeof(text), "(pid %d) was killed by signal 9 "
		    "(Killed), by worker-timeout", (int)pids[i]);
		daemon_await_log(&d, text, 0);
	}
	ok(1, "all that were stopped have been killed");
	daemon_await_workers(&d, 4);
	daemon_finish(&d, expected);
}

/* Who holds on to a connection does so only while somebody else is idle. */
static void
test_kept(void)
{
	static const char get[] = "GET /200,150,x HTTP/1.1\r\nHost: t\r\n\r\n";
	static const char *const expected[] = { "was stopped by", NULL };
	pid_t busy;
	int fd;

	daemon_configure(&d, "balance shared\nworkers 2\n"
	    "keepalive-timeout 10m\n");
	daemon_start(&d);
	daemon_await_idle(&d, 2);
	daemon_workers(&d, pids, 2);
	fd = client_connect(d.port);
	client_send(fd, get, strlen(get));
	daemon_await_reading(&d, 1);
	busy = reader_pid(&d, 0);
	client_receive(fd, &r, 0);
	is_int(r.status, 200, "a connection is kept");
	kill(pids[busy == pids[0]], SIGSTOP);
	daemon_await_log(&d, "was stopped by", 0);
	is_int(client_get(d.port, "/200,1,x", NULL), 200,
	    "it ends for another client when the other worker is stopped");
	kill(pids[busy == pids[0]], SIGCONT);
	close(fd);
	daemon_finish(&d, expected);
}

static void
start_work(const char *policy, const char *extra)
{
	daemon_configure(&d, "balance %s\nworkers %d\n%s", policy, WORKERS,
	    extra);
	daemon_start(&d);
	work_start(&work, d.port);
}

static void
test_stops(const char *policy, size_t rounds)
{
	static const char *const expected[] = { "was stopped by", NULL };
	size_t i, from;

	start_work(policy, "");
	for (i = 0; i < rounds; i++) {
		from = daemon_log_length(&d);
		daemon_workers(&d, pids, WORKERS);
		signal_some(1 + i % (WORKERS / 2), SIGSTOP);
		daemon_await_log(&d, "was stopped by", from);
		signal_some(1 + i % (WORKERS / 2), SIGCONT);
		daemon_await_log(&d, "no worker is stopped any more", from);
	}
	is_int((long long)daemon_workers(&d, pids, (size_t)2 * WORKERS), WORKERS,
	    "%s: all workers live on", policy);
	work_judge(&work, 0, "workers that are stopped and go on");
	daemon_finish(&d, expected);
}

static void
test_master(size_t rounds)
{
	static const char *const expected[] = { "worker", NULL };
	size_t i, k, from, good, served = 0;

	setenv("WATCHDOG_USEC", "2000000", 1);
	start_work("idle", "");
	for (i = 0; i < rounds; i++) {
		from = daemon_log_length(&d);
		daemon_workers(&d, pids, WORKERS);
		stop_and_wait(d.pid);
		daemon_signal(&d, SIGHUP);
		kill(pids[0], SIGKILL);
		kill(pids[1], SIGKILL);
		for (k = good = 0; k < 50; k++)
			good += client_get(d.port, "/200,0,x", NULL) == 200;
		served += good == 50;
		kill(d.pid, SIGCONT);
		daemon_await_log(&d, "notice: reload: ", from);
		daemon_await_notify(&d, "RELOADING=1");
		daemon_await_notify(&d, "WATCHDOG=1");
		daemon_await_log(&d, "notice: ready: ", from);
		daemon_await_workers(&d, WORKERS);
	}
	is_int((long long)served, (long long)rounds,
	    "the master is stopped: its workers serve");
	unsetenv("WATCHDOG_USEC");
	work_judge(&work, 2 * rounds,
	    "the master is stopped, and two workers die");
	daemon_finish(&d, expected);
}

/* Whether the kernel would leave a core in the daemon's directory. */
static int
leaves_core(void)
{
	const struct rlimit any = { RLIM_INFINITY, RLIM_INFINITY };
	char pattern[128];

	text_read("/proc/sys/kernel/core_pattern", pattern, sizeof(pattern));
	return geteuid() == 0 && pattern[0] != '|' && pattern[0] != '/' &&
	    pattern[0] != '\n' && pattern[0] != '\0' &&
	    setrlimit(RLIMIT_CORE, &any) == 0;
}

static void
test_crashes(int sig, const char *name, int core, size_t rounds)
{
	static const char *const expected[] = { "worker", HEIR_FALLBACK, NULL };
	char text[64];
	size_t killed = 0, from;
	pid_t pid;

	become(core ? "nobody" : NULL);
	/* Landlock keeps a worker from making any file, its core too. */
	start_work(core ? "shared" : "idle", core ? "confine off\n" : "");
	while (killed < rounds) {
		/* One in a read has been of use: it is replaced at once. */
		daemon_await_reading(&d, 1);
		if ((pid = reader_pid(&d, 0)) == -1)
			continue;
		from = daemon_log_length(&d);
		kill(pid, sig);
		killed++;
		snprintf(text, sizeof(text), "(pid %d) was killed by signal %d",
		    (int)pid, sig);
		daemon_await_log(&d, text, from);
		daemon_await_workers(&d, WORKERS);
	}
	snprintf(text, sizeof(text), ") was killed by signal %d (%s)%s", sig,
	    name, core ? ", core dumped" : "");
	is_int((long long)count_in_log(text, "(pid "), (long long)killed,
	    "each death is noted: %s", text);
	become(NULL);
	work_judge(&work, killed, name);
	daemon_finish(&d, expected);
}

/* Cores go to a directory of the test's own, which its end removes. */
static void
enter_scratch(void)
{
	static char real[PATH_MAX];

	if (realpath(daemon_program(), real) == NULL)
		err(1, "%s", daemon_program());
	setenv("SPINDLED", real, 1);
	if (chmod(scratch_dir(), 0777) == -1 || chdir(scratch_dir()) == -1)
		err(1, "%s", scratch_dir());
	/* The signals are to do what they do to the daemon as installed. */
	setenv("ASAN_OPTIONS", "handle_segv=0:disable_coredump=0", 1);
}

int
main(int argc, char *argv[])
{
	(void)argc;
	become_launch(argv);
	plan_no_plan();
	enter_scratch();
	heir_open();
	test_idle_stopped("idle");
	test_idle_stopped("shared");
	test_queue_of_stopped();
	test_kept();
	test_stops("idle", (size_t)torture_pick(4, 60));
	test_stops("shared", (size_t)torture_pick(4, 60));
	test_master((size_t)torture_pick(1, 15));
	test_crashes(SIGABRT, "Aborted", 0, (size_t)torture_pick(4, 100));
	test_crashes(SIGSEGV, "Segmentation fault", 0,
	    (size_t)torture_pick(4, 100));
	if (leaves_core())
		test_crashes(SIGABRT, "Aborted", 1, (size_t)torture_pick(2, 8));
	else
		skip(1, "a core: not root, or none goes where a process is");
	return exit_status();
}
