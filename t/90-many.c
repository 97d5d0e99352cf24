/*
 * Ten thousand workers: they start, they serve, they end, and what one of them
 * costs is reported.  The plain build is run, as the sanitizers' takes several
 * times the memory; SPINDLED_PLAIN names another.
 */

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <err.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"

#define WORKERS		10000
#define CLIENTS		200
#define SAMPLES		100

/* What all of this takes, with the kernel's part, and room for others. */
#define MEMORY_KB	(INT64_C(4) << 20)
#define PROCESSES	(WORKERS + 200)

static struct daemon d;
static pid_t workers[WORKERS + 2];

/* Whether this machine has room. */

/* The number in a file: behind the key where there is one; -1: none. */
static int64_t
number_in(const char *path, const char *key)
{
	char line[256];
	int64_t n = -1;
	FILE *f;

	if ((f = fopen(path, "r")) == NULL)
		return -1;
	while (n == -1 && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, key, strlen(key)) == 0 &&
		    sscanf(line + strlen(key), "%" SCNd64, &n) != 1)
			n = -1;
	fclose(f);
	return n;
}

/* The lowest limit in a control group and those around it; -1: none. */
static int64_t
lowest_limit(const char *hierarchy, const char *group, const char *file)
{
	char dir[512], path[600];
	int64_t n, lowest = -1;
	char *slash;

	snprintf(dir, sizeof(dir), "/sys/fs/cgroup/%s%s", hierarchy, group);
	for (;;) {
		snprintf(path, sizeof(path), "%s/%s", dir, file);
		/* "max" is no number, and no limit. */
		n = number_in(path, "");
		if (n != -1 && (lowest == -1 || n < lowest))
			lowest = n;
		slash = strrchr(dir, '/');
		if (slash <= dir + strlen("/sys/fs"))
			return lowest;
		*slash = '\0';
	}
}

/* Of the control groups of this process, in either version. */
static int64_t
group_limit(const char *file)
{
	char line[512], *rest, *names, *group;
	int64_t n, lowest = -1;
	FILE *f;

	if ((f = fopen("/proc/self/cgroup", "r")) == NULL)
		return -1;
	while (fgets(line, sizeof(line), f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		rest = line;
		strsep(&rest, ":");
		if ((names = strsep(&rest, ":")) == NULL ||
		    (group = rest) == NULL)
			continue;
		n = lowest_limit(names, group, file);
		if (n != -1 && (lowest == -1 || n < lowest))
			lowest = n;
	}
	fclose(f);
	return lowest;
}

/* Threads of the whole machine. */
static int64_t
threads(void)
{
	int running, all = 0;
	FILE *f;

	if ((f = fopen("/proc/loadavg", "r")) == NULL)
		return 0;
	if (fscanf(f, "%*f %*f %*f %d/%d", &running, &all) != 2)
		all = 0;
	fclose(f);
	return all;
}

static void
skip_without(const char *what, int64_t have, int64_t want)
{
	static char reason[128];

	if (have == -1 || have >= want)
		return;
	snprintf(reason, sizeof(reason), "%s: %" PRId64 ", and %" PRId64
	    " are needed", what, have, want);
	plan_skip_all(reason);
}

static void
need_room(void)
{
	int64_t limit, used = threads();
	struct rlimit rl;

	skip_without("memory that is available, kB",
	    number_in("/proc/meminfo", "MemAvailable:"), MEMORY_KB);
	if ((limit = group_limit("memory.max")) == -1)
		limit = group_limit("memory.limit_in_bytes");
	skip_without("memory of the control group, kB",
	    limit == -1 ? -1 : limit / 1024, MEMORY_KB);
	skip_without("process ids", number_in("/proc/sys/kernel/pid_max", ""),
	    used + PROCESSES);
	skip_without("threads", number_in("/proc/sys/kernel/threads-max", ""),
	    used + PROCESSES);
	skip_without("processes of the control group",
	    group_limit("pids.max"), PROCESSES);
	/* Of a user, and root's are not counted. */
	if (geteuid() != 0 && getrlimit(RLIMIT_NPROC, &rl) == 0 &&
	    rl.rlim_cur != RLIM_INFINITY)
		skip_without("processes of this user", (int64_t)rl.rlim_cur,
		    used + PROCESSES);
}

/* Waiting: so many take longer than what the harness has patience for. */

static int
soon(int (*is_true)(void *), void *arg)
{
	int i;

	for (i = 0; i < 6; i++)
		if (daemon_until(is_true, arg))
			return 1;
	return 0;
}

static int
logged(void *text)
{
	return daemon_has_logged(&d, text);
}

static size_t
count_workers(void)
{
	return daemon_workers(&d, workers, WORKERS + 2);
}

static int
are_as_many(void *n)
{
	return count_workers() == *(size_t *)n;
}

static int
has_ended(void *arg)
{
	siginfo_t si = { .si_pid = 0 };

	(void)arg;
	return waitid(P_PID, (id_t)d.pid, &si, WEXITED | WNOHANG | WNOWAIT) ==
	    0 && si.si_pid == d.pid;
}

/* The tests. */

static void
test_start(void)
{
	char ready[] = "ready: 10000 workers\n", line[256], *p;
	int64_t begun = clock_mono();
	FILE *f;

	daemon_launch(&d);
	if (!ok(soon(logged, ready), "%d workers are ready", WORKERS))
		exit(exit_status());
	diag("%d workers ready after %.1f s", WORKERS,
	    (double)(clock_mono() - begun) / CLOCK_S);
	is_int((long long)count_workers(), WORKERS, "and no more");

	if ((f = fopen(d.log, "r")) == NULL)
		err(1, "%s", d.log);
	while (fgets(line, sizeof(line), f) != NULL)
		if ((p = strstr(line, "listening on 127.0.0.1:")) != NULL)
			d.port = atoi(strrchr(p, ':') + 1);
	fclose(f);
}

static void
test_serve(void)
{
	static const char request[] =
	    "GET /200,200,x HTTP/1.1\r\nHost: t\r\n\r\n";
	static struct response r;
	int fds[CLIENTS], i, good = 0;

	for (i = 0; i < CLIENTS; i++)
		if ((fds[i] = client_connect(d.port)) != -1)
			client_send(fds[i], request, strlen(request));
	for (i = 0; i < CLIENTS; i++) {
		if (fds[i] == -1)
			continue;
		client_receive(fds[i], &r, 1);
		good += r.status == 200;
		close(fds[i]);
	}
	is_int(good, CLIENTS, "they serve %d requests at once", CLIENTS);
}

/* What is a worker's alone; the kernel's part of it is not in there. */
static void
report_memory(void)
{
	int64_t kb, sum = 0;
	char path[64];
	int i, n = 0;

	for (i = 0; i < WORKERS; i += WORKERS / SAMPLES) {
		snprintf(path, sizeof(path), "/proc/%d/smaps_rollup",
		    (int)workers[i]);
		if ((kb = number_in(path, "Private_Dirty:")) == -1)
			continue;
		sum += kb;
		n++;
	}
	if (n == 0)
		skip(1, "smaps_rollup may not be read");
	else if (ok(sum > 0, "the memory of %d of them is known", n))
		diag("private memory of a worker: %.1f kB",
		    (double)sum / n);
}

static void
test_one_more(void)
{
	size_t n = WORKERS + 1;

	daemon_signal(&d, SIGTTIN);
	ok(soon(are_as_many, &n), "TTIN: one worker more");
}

static void
test_stop(void)
{
	int64_t begun = clock_mono();

	daemon_signal(&d, SIGTERM);
	ok(soon(has_ended, NULL), "TERM ends all of them");
	diag("stopped after %.1f s", (double)(clock_mono() - begun) / CLOCK_S);
	is_int(daemon_wait(&d), 0, "as asked");
	is_int(waitpid(-1, NULL, WNOHANG), -1, "no process is left");
	daemon_finish(&d, NULL);
}

int
main(void)
{
	const char *plain = getenv("SPINDLED_PLAIN");

	need_room();
	plan_no_plan();
	/* Whoever loses its parent becomes our child. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) == -1)
		err(1, "PR_SET_CHILD_SUBREAPER");
	setenv("SPINDLED", plain != NULL ? plain : "build/spindled", 1);
	daemon_configure(&d, "balance shared\nworkers %d\n", WORKERS);
	test_start();
	test_serve();
	report_memory();
	test_one_more();
	test_stop();
	return exit_status();
}
