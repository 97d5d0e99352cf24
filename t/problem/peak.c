/*
 * peak: the most processes, threads and memory that a server has at once.
 *
 *	peak pid
 *
 * Looks at the process and all that descend from it again and again, and when
 * it gets SIGTERM prints "processes threads kB", the most of each.  Memory is
 * what the processes have of their own and their share of the rest (Pss); of
 * many processes some are asked, and stand for the others.  Looking takes a
 * quarter of a processor at the most.
 */
#include <sys/prctl.h>
#include <sys/signalfd.h>

#include <err.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"

#define EVERY	(50 * CLOCK_MS)
#define ASKED	32		/* processes whose memory is asked for */
#define MOST	65536		/* processes */

struct figures {
	size_t processes, threads;
	double kb;
};

static int pids[MOST];		/* a process behind its parent */
static size_t n;

/* A process that has ended meanwhile has none. */
static void
add_children(int pid, int tid)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, tid);
	if ((f = fopen(path, "re")) == NULL)
		return;
	while (n < MOST && fscanf(f, "%d", &pids[n]) == 1)
		n++;
	fclose(f);
}

/* A number that a line of a file in /proc begins with a name for; else 0. */
static long
number(int pid, const char *file, const char *name)
{
	char path[64], line[256];
	size_t len = strlen(name);
	long value = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	if ((f = fopen(path, "re")) == NULL)
		return 0;
	while (value == 0 && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, name, len) == 0)
			value = strtol(line + len, NULL, 10);
	fclose(f);
	return value;
}

static struct figures
look(int server)
{
	struct figures now = { 0, 0, 0 };
	double sum = 0;
	size_t i, threads, step, asked = 0;

	pids[0] = server;
	n = 1;
	for (i = 0; i < n; i++) {
		/* Nobody here forks in a thread but the first. */
		add_children(pids[i], pids[i]);
		threads = (size_t)number(pids[i], "status", "Threads:");
		now.threads += threads;
		now.processes += threads > 0;
	}
	/* The first is like no other. */
	now.kb = (double)number(server, "smaps_rollup", "Pss:");
	step = n / ASKED + 1;
	for (i = 1; i < n; i += step, asked++)
		sum += (double)number(pids[i], "smaps_rollup", "Pss:");
	if (asked > 0 && now.processes > 1)
		now.kb += sum / (double)asked * (double)(now.processes - 1);
	return now;
}

static void
raise_to(struct figures *most, const struct figures *now)
{
	if (now->processes > most->processes)
		most->processes = now->processes;
	if (now->threads > most->threads)
		most->threads = now->threads;
	if (now->kb > most->kb)
		most->kb = now->kb;
}

int
main(int argc, char *argv[])
{
	struct figures most = { 0, 0, 0 }, now;
	struct pollfd p = { .events = POLLIN };
	int64_t begun, took;
	const char *why;
	sigset_t mask;
	int pid;

	if (argc != 2)
		errx(2, "usage: peak pid");
	pid = (int)strtonum(argv[1], 1, INT32_MAX, &why);
	if (why != NULL)
		errx(2, "%s: %s", argv[1], why);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	if ((p.fd = signalfd(-1, &mask, SFD_CLOEXEC)) == -1)
		err(2, "signalfd");
	do {
		begun = clock_mono();
		now = look(pid);
		raise_to(&most, &now);
		took = clock_mono() - begun;
	} while (poll(&p, 1, (int)((3 * took > EVERY ? 3 * took : EVERY) /
	    CLOCK_MS)) == 0);
	printf("%zu %zu %.0f\n", most.processes, most.threads, most.kb);
	return 0;
}
