#include <sys/prctl.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "t/witness.h"

#define NAP		CLOCK_MS
#define LOOK		2		/* naps from look to look */
#define WORTH		(CLOCK_MS / 4)	/* a shorter stall is not noted */
#define CPUS_MAX	64
#define WATCHED_MAX	256

/* A process of the daemon. */
struct watched {
	_Atomic int64_t condemned;	/* 0: no */
	int64_t ready;			/* 0: not yet seen to be */
	int64_t delay;			/* its schedstat's second field, ns */
	int schedstat;
	_Atomic pid_t pid;		/* 0: nobody */
	_Atomic int slot;		/* -1: not known yet */
};

/* One for each processor; the first one watches the daemon, too. */
struct napper {
	pthread_t thread;
	int cpu;
	int realtime;
	struct spans late;
};

static struct napper nappers[CPUS_MAX];
static int cpus;
static struct watched watched[WATCHED_MAX];
static const struct daemon *daemon_seen;
static struct witness seen;		/* the first napper's, until the end */
static _Atomic int ending;
static int64_t looked_at;

static ssize_t
read_proc(int fd, char *buf, size_t size)
{
	ssize_t n = pread(fd, buf, size - 1, 0);

	buf[n > 0 ? n : 0] = '\0';
	return n;
}

static int
open_proc(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* From its title, which says `idle' when it is ready; -1: it is not. */
static int
ready_in_slot(pid_t pid)
{
	char title[256];
	const char *worker;
	int slot = -1, fd = open_proc(pid, "cmdline");

	if (fd == -1)
		return -1;
	read_proc(fd, title, sizeof(title));
	close(fd);
	worker = strstr(title, "worker ");
	if (worker == NULL || sscanf(worker, "worker %d, ", &slot) != 1)
		return -1;
	return slot;
}

/* It has been reaped, or the watch ends. */
static void
forget(struct watched *w, int64_t now, int reaped)
{
	int64_t condemned = w->condemned;

	if (w->ready != 0)
		spans_add(&seen.there, w->ready,
		    condemned != 0 ? condemned : now);
	if (condemned != 0 && reaped)
		spans_add(&seen.deaths, condemned, now);
	close(w->schedstat);
	w->pid = 0;
}

/*
 * A wait for a processor is added up when it ends.  It has ended since the
 * last look, so it was under way, all of it, before now.
 */
static void
look_at(struct watched *w, int64_t now)
{
	long long ran, delay;
	char text[128];
	int slot;

	if (read_proc(w->schedstat, text, sizeof(text)) <= 0) {
		forget(w, now, 1);
		return;
	}
	if (sscanf(text, "%lld %lld", &ran, &delay) != 2)
		return;
	if (delay - w->delay > WORTH)
		spans_add(&seen.stalls, looked_at - (delay - w->delay), now);
	w->delay = delay;
	if (w->ready == 0 && w->pid != daemon_seen->pid) {
		w->slot = slot = ready_in_slot(w->pid);
		if (slot != -1)
			w->ready = now;
	}
}

static struct watched *
find(pid_t pid)
{
	size_t i;

	for (i = 0; i < WATCHED_MAX; i++)
		if (watched[i].pid == pid)
			return &watched[i];
	return NULL;
}

static void
meet(pid_t pid)
{
	struct watched *w;
	long long ran, delay = 0;
	char text[128];
	int fd;

	if (find(pid) != NULL || (w = find(0)) == NULL ||
	    (fd = open_proc(pid, "schedstat")) == -1)
		return;
	read_proc(fd, text, sizeof(text));
	if (sscanf(text, "%lld %lld", &ran, &delay) != 2)
		delay = 0;
	w->condemned = w->ready = 0;
	w->slot = -1;
	w->delay = delay;
	w->schedstat = fd;
	w->pid = pid;
}

static void
look(void)
{
	pid_t pids[WATCHED_MAX];
	int64_t now = clock_mono();
	size_t i, n;

	for (i = 0; i < WATCHED_MAX; i++)
		if (watched[i].pid != 0)
			look_at(&watched[i], now);
	looked_at = now;
	n = daemon_workers(daemon_seen, pids, WATCHED_MAX);
	for (i = 0; i < n; i++)
		meet(pids[i]);
}

static void
become_punctual(struct napper *me)
{
	const struct sched_param first = { .sched_priority = 1 };
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)me->cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	me->realtime = sched_setscheduler(0, SCHED_FIFO, &first) == 0;
	prctl(PR_SET_TIMERSLACK, 1UL);
}

static void *
nap(void *arg)
{
	struct napper *me = arg;
	int64_t until, woke;
	unsigned int n = 0;

	become_punctual(me);
	while (!ending) {
		until = clock_mono() + NAP;
		woke = clock_sleep_until(until);
		if (woke - until > WORTH)
			spans_add(&me->late, until, woke);
		if (me == nappers && ++n % LOOK == 0)
			look();
	}
	return NULL;
}

/* Processors that this process may use. */
static void
count_cpus(void)
{
	cpu_set_t set;
	int cpu;

	if (sched_getaffinity(0, sizeof(set), &set) == -1)
		err(1, "sched_getaffinity");
	for (cpu = 0; cpu < CPU_SETSIZE && cpus < CPUS_MAX; cpu++)
		if (CPU_ISSET((size_t)cpu, &set))
			nappers[cpus++].cpu = cpu;
}

void
witness_start(const struct daemon *d)
{
	int i;

	daemon_seen = d;
	memset(&seen, 0, sizeof(seen));
	ending = cpus = 0;
	count_cpus();
	meet(d->pid);
	looked_at = clock_mono();
	look();
	seen.begin = clock_mono();
	for (i = 0; i < cpus; i++)
		if ((errno = pthread_create(&nappers[i].thread, NULL, nap,
		    &nappers[i])) != 0)
			err(1, "pthread_create");
}

int
witness_condemn(pid_t pid)
{
	struct watched *w = find(pid);

	if (w == NULL || w->condemned != 0)
		return -1;
	w->condemned = clock_mono();
	return 0;
}

pid_t
witness_in_slot(int slot)
{
	size_t i;

	for (i = 0; slot >= 0 && i < WATCHED_MAX; i++)
		if (watched[i].pid != 0 && watched[i].slot == slot &&
		    watched[i].condemned == 0)
			return watched[i].pid;
	return 0;
}

void
witness_stop(struct witness *w)
{
	size_t i;
	int n;

	ending = 1;
	seen.realtime = 1;
	for (n = 0; n < cpus; n++) {
		pthread_join(nappers[n].thread, NULL);
		seen.realtime &= nappers[n].realtime;
		spans_append(&seen.stalls, &nappers[n].late);
		spans_free(&nappers[n].late);
	}
	seen.end = clock_mono();
	for (i = 0; i < WATCHED_MAX; i++)
		if (watched[i].pid != 0)
			forget(&watched[i], seen.end, 0);
	for (i = 0; i < seen.stalls.n; i++)
		if (seen.stalls.v[i].to - seen.stalls.v[i].from > seen.longest)
			seen.longest = seen.stalls.v[i].to -
			    seen.stalls.v[i].from;
	*w = seen;
}
