#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "t/insides.h"
#include "t/killer.h"
#include "t/storm.h"
#include "t/witness.h"

#define WORKERS_MAX	256
#define HOLD_MS		4	/* a worker stays stopped for less than that */

static struct killer_sum sum;
static pid_t victim;		/* 0: nobody is stopped */
static int64_t kill_at;		/* of the victim, or the next one */
static int64_t due;		/* the next one, were nobody ever late */

static int
has_stopped(pid_t pid)
{
	char path[64], line[256] = "";
	const char *state;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if ((f = fopen(path, "r")) == NULL)
		return 1;
	if (fgets(line, sizeof(line), f) == NULL)
		line[0] = '\0';
	fclose(f);
	state = strrchr(line, ')');
	return state == NULL || strncmp(state, ") T", 3) == 0;
}

/* Anybody, or (bait) who gets the next connection, as long as it is idle. */
static pid_t
choose(const struct daemon *d, int bait)
{
	pid_t pids[WORKERS_MAX];
	size_t n;

	if (bait)
		return witness_in_slot(insides_lowest(d->pid));
	n = daemon_workers(d, pids, WORKERS_MAX);
	return n == 0 ? 0 : pids[storm_draw(n)];
}

static void
stop_one(const struct daemon *d, int64_t now, int64_t every)
{
	int bait = (int)storm_draw(2);
	pid_t pid = choose(d, bait);

	if (pid == 0 || witness_condemn(pid) == -1 || kill(pid, SIGSTOP) == -1)
		return;
	victim = pid;
	due += every;
	kill_at = now;
	if (storm_draw(2) == 0)
		kill_at += (int64_t)storm_draw(HOLD_MS * CLOCK_MS);
	if (bait)
		(void)storm_ask();
}

static void
kill_victim(const struct daemon *d, void (*held)(int))
{
	sum.queued += insides_connections(victim, d->pid, held);
	kill(victim, SIGKILL);
	sum.kills++;
	victim = 0;
	kill_at = due;
}

void
killer_step(const struct daemon *d, int64_t every, void (*held)(int))
{
	int64_t now = clock_mono();

	if (due == 0)
		due = now;
	if (now < kill_at)
		return;
	if (victim == 0)
		stop_one(d, now, every);
	if (victim != 0 && now >= kill_at && has_stopped(victim))
		kill_victim(d, held);
}

struct killer_sum
killer_finish(const struct daemon *d, void (*held)(int))
{
	struct killer_sum all;

	if (victim != 0)
		kill_victim(d, held);
	all = sum;
	memset(&sum, 0, sizeof(sum));
	kill_at = due = 0;
	return all;
}
