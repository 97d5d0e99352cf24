/*
 * What the master can run out of: processes, by a limit of a control group of
 * the test's own, and descriptors.  Whoever is there serves on; what cannot be
 * done changes nothing, or is done as soon as it can be.
 */
#include <sys/resource.h>

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "t/cgroup.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"
#include "t/heir.h"
#include "t/standin.h"
#include "t/text.h"
#include "t/torture.h"
#include "t/work.h"

#define WORKERS	12
#define KILLED	3

static struct daemon d;
static struct work work;
static struct cgroup group;
static pid_t pids[2 * WORKERS];

static size_t
count_in_log(const char *text)
{
	char line[2048];
	size_t n = 0;
	FILE *f = fopen(d.log, "r");

	if (f == NULL)
		err(1, "%s", d.log);
	while (fgets(line, sizeof(line), f) != NULL)
		n += strstr(line, text) != NULL;
	fclose(f);
	return n;
}

static void
kill_some(void)
{
	size_t i;

	daemon_workers(&d, pids, WORKERS);
	for (i = 0; i < KILLED; i++)
		kill(pids[i], SIGKILL);
}

/* Forks that the group's limit has refused so far. */
static unsigned long
refused(void)
{
	char path[300], text[128];
	unsigned long n = 0;

	snprintf(path, sizeof(path), "%s/pids.events", group.dir);
	text_read(path, text, sizeof(text));
	if (sscanf(text, "max %lu", &n) != 1)
		errx(1, "%s: %s", path, text);
	return n;
}

static int
is_refused_again(void *before)
{
	return refused() >= *(unsigned long *)before + 2;
}

static void
test_forks(size_t rounds)
{
	static const char *const expected[] = {
		"was killed by", "more worker", "fork, which is retried",
		"upgrade: fork: ", HEIR_FALLBACK, NULL
	};
	unsigned long before;
	size_t i, from;

	setenv("T_CGROUP", group.dir, 1);
	standin_begin();
	daemon_configure(&d, "balance idle\nworkers %d\n", WORKERS);
	daemon_start(&d);
	standin_end();
	work_start(&work, d.port);
	for (i = 0; i < rounds; i++) {
		from = daemon_log_length(&d);
		cgroup_limit(&group, 1);
		before = refused();
		kill_some();
		daemon_await_log(&d, "warning: fork, which is retried: "
		    "Resource temporarily unavailable", from);
		if (!daemon_until(is_refused_again, &before))
			break;
		daemon_signal(&d, SIGUSR2);
		daemon_await_log(&d, "error: upgrade: fork: Resource "
		    "temporarily unavailable", from);
		if (client_get(d.port, "/200,0,x", NULL) != 200)
			break;
		cgroup_limit(&group, -1);
		daemon_await_workers(&d, WORKERS);
		/* The last of them is a worker's, not the midwife's. */
		daemon_await_idle(&d, 1);
	}
	is_int((long long)i, (long long)rounds,
	    "no fork: retried, served by the others, and over");
	is_int((long long)count_in_log("fork, which is retried"),
	    (long long)rounds, "and told of once each time");
	work_judge(&work, KILLED * rounds, "no process");
	daemon_finish(&d, expected);
}

static void
limit(rlim_t n, struct rlimit *old)
{
	struct rlimit new;

	if (prlimit(d.pid, RLIMIT_NOFILE, NULL, old) == -1)
		err(1, "prlimit");
	new = *old;
	new.rlim_cur = n;
	if (prlimit(d.pid, RLIMIT_NOFILE, &new, NULL) == -1)
		err(1, "prlimit");
}

static void
test_descriptors(size_t rounds)
{
	static const char *const expected[] = {
		"was killed by", "more worker", "Too many open files",
		"before it was ready", "nothing has changed", HEIR_FALLBACK,
		NULL
	};
	struct rlimit old;
	size_t i, k, from, alike = 0;
	pid_t then[WORKERS];
	char path[128];

	daemon_configure(&d, "workers %d\n", WORKERS);
	daemon_rewrite(&d, "balance idle\nworkers %d\naccess-log %s\n", WORKERS,
	    daemon_path(&d, "access", path, sizeof(path)));
	daemon_start(&d);
	work_start(&work, d.port);
	for (i = 0; i < rounds; i++) {
		from = daemon_log_length(&d);
		daemon_workers(&d, then, WORKERS);
		/* poll(2) wants as many as it is asked about. */
		limit(4, &old);
		daemon_signal(&d, SIGHUP);
		daemon_await_log(&d, "; nothing has changed", from);
		daemon_signal(&d, SIGUSR1);
		daemon_await_log(&d, "access-log: cannot open ", from);
		daemon_signal(&d, SIGUSR2);
		daemon_await_log(&d, "error: upgrade: socketpair: Too many "
		    "open files", from);
		k = daemon_workers(&d, pids, (size_t)2 * WORKERS);
		alike += k == WORKERS && memcmp(then, pids, sizeof(then)) == 0;
		kill_some();
		daemon_await_log(&d, ": its listeners: Too many open files",
		    from);
		daemon_await_log(&d, " before it was ready; its slot rests",
		    from);
		if (client_get(d.port, "/200,0,x", NULL) != 200)
			break;
		if (prlimit(d.pid, RLIMIT_NOFILE, &old, NULL) == -1)
			err(1, "prlimit");
		from = daemon_log_length(&d);
		daemon_signal(&d, SIGHUP);
		daemon_await_log(&d, "notice: reload: ", from);
		daemon_await_log(&d, "notice: ready: ", from);
		daemon_await_workers(&d, WORKERS);
	}
	is_int((long long)i, (long long)rounds,
	    "no descriptor: said, served by the others, and over");
	is_int((long long)alike, (long long)rounds,
	    "reload, logs, upgrade: nothing has changed");
	work_judge(&work, KILLED * rounds, "no descriptor");
	daemon_finish(&d, expected);
}

int
main(int argc, char *argv[])
{
	const char *why = "only root may make control groups";

	(void)argc;
	if (standin_is_called(argv)) {
		if (cgroup_enter(standin_variable("T_CGROUP"), getpid()) == -1)
			err(126, "its control group");
		execv(standin_variable("T_PROGRAM"), argv);
		err(126, "%s", standin_variable("T_PROGRAM"));
	}
	plan_no_plan();
	heir_open();
	if (geteuid() == 0)
		why = cgroup_make(&group, "pids");
	if (why == NULL)
		test_forks((size_t)torture_pick(1, 10));
	else
		skip(1, "%s", why);
	test_descriptors((size_t)torture_pick(1, 10));
	return exit_status();
}
