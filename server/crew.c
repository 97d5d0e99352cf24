#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "server/board.h"
#include "server/crew.h"
#include "server/slots.h"

/* A pipe keeps such a message whole. */
_Static_assert(sizeof(struct worker_ready) <= PIPE_BUF, "a short message");

/* Forked and not ready yet, at most: what a reload adds to the memory. */
#define STARTING_MAX	256

/*
 * Messages that are read at once, at most: more than a pipe ever holds, so
 * that none waits from before a death; but who does nothing but write cannot
 * keep the master here.
 */
#define HEAR_MAX	256

/* A fork that failed is tried again after this, doubled each time. */
#define FORK_FIRST	CLOCK_S
#define FORK_LAST	(30 * CLOCK_S)

/*
 * Workers hold [1]: each says on it that it is ready, and each sees there when
 * nobody holds [0] any more, because the master is gone.
 */
static int lifeline[2];

static int64_t fork_at;			/* no fork before, after one failed */
static int64_t fork_backoff;		/* 0: forks are well */
static int crowded;			/* logged: no slot is free */

int
crew_open(void)
{
	/*
	 * Workers' ends block: a full pipe must not lose a message.  In a pipe
	 * of packets, none can be shifted by what another has written.
	 */
	return slots_open() == -1 ||
	    pipe2(lifeline, O_CLOEXEC | O_DIRECT) == -1 ||
	    fcntl(lifeline[0], F_SETFL, O_NONBLOCK) == -1 ? -1 : 0;
}

int
crew_fd(void)
{
	return lifeline[0];
}

static int
fork_worker(const struct worker_setup *setup, unsigned int slot,
    void (*in_child)(void))
{
	pid_t pid;

	board_enter(slot);
	switch (pid = fork()) {
	case -1:
		board_leave(slot);
		return -1;
	case 0:
		close(lifeline[0]);
		in_child();
		worker_run(setup, slot, lifeline[1]);
	default:
		slots_started(slot, pid);
		return 0;
	}
}

static void
fork_failed(int64_t now)
{
	/* Once a spell: it ends with the first fork that succeeds. */
	if (fork_backoff == 0)
		log_warn_errno("fork, which is retried");
	fork_backoff = fork_backoff == 0 ? FORK_FIRST :
	    fork_backoff * 2 < FORK_LAST ? fork_backoff * 2 : FORK_LAST;
	fork_at = now + fork_backoff;
}

/* Workers that this generation has, or will have once a back-off is over. */
static unsigned int
present(void)
{
	return slots_count(SLOT_STARTING) + slots_count(SLOT_READY) +
	    slots_count(SLOT_WAITING);
}

/* Workers of older generations that still take connections. */
static unsigned int
old(void)
{
	return slots_old(SLOT_STARTING) + slots_old(SLOT_READY);
}

/* Every slot is taken, by workers that have not finished yet. */
static void
make_room(void)
{
	if (!crowded)
		log_warn("all %d slots are taken: new workers wait for old "
		    "ones to end", BOARD_SLOTS);
	crowded = 1;
	/* Where it is the old generation that fills them, some go first. */
	if (slots_old(SLOT_RETIRING) == 0)
		slots_retire_old(old() / 64 + 1);
}

/*
 * The one function behind start, respawn, reload, and one worker more: it
 * knows nothing of the reason why a worker is missing.
 */
static void
spawn_missing(const struct worker_setup *setup, unsigned int wanted,
    int64_t now, void (*in_child)(void))
{
	int slot;

	while (slots_count(SLOT_STARTING) < STARTING_MAX && now >= fork_at) {
		slot = slots_take(now, present() < wanted);
		if (slot == -1) {
			fork_backoff = 0;
			if (present() < wanted)
				make_room();
			return;
		}
		if (fork_worker(setup, (unsigned int)slot, in_child) == -1) {
			fork_failed(now);
			return;
		}
		fork_backoff = 0;
		crowded = 0;
	}
}

void
crew_staff(const struct worker_setup *setup, unsigned int wanted, int64_t now,
    void (*in_child)(void))
{
	unsigned int ready;

	spawn_missing(setup, wanted, now, in_child);
	if (present() > wanted)
		slots_retire(present() - wanted);
	ready = slots_count(SLOT_READY);
	if (old() > 0 && ready + old() > wanted)
		slots_retire_old(ready + old() - wanted);
}

void
crew_hear(void)
{
	struct worker_ready ready;
	unsigned int i;
	ssize_t n;

	for (i = 0; i < HEAR_MAX; i++) {
		if ((n = read(lifeline[0], &ready, sizeof(ready))) <= 0)
			return;
		if (n == (ssize_t)sizeof(ready))
			slots_ready(ready.slot, ready.pid);
	}
}

static const char *
death(int status, char *buf, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(buf, size, "was killed by signal %d (%s)",
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(buf, size, "exited with status %d",
		    WEXITSTATUS(status));
	return buf;
}

static void
log_death(const struct slot_report *r, pid_t pid, int status)
{
	char how[64];

	death(status, how, sizeof(how));
	switch (r->end) {
	case SLOT_AT_START:
		if (r->backoff == 0) {
			log_warn("worker %u (pid %d) %s before it was ready",
			    r->slot, (int)pid, how);
			break;
		}
		log_warn("worker %u (pid %d) %s before it was ready; its slot "
		    "rests for %" PRId64 " s", r->slot, (int)pid, how,
		    r->backoff / CLOCK_S);
		break;
	case SLOT_IN_SERVICE:
		log_warn("worker %u (pid %d) %s; it is replaced", r->slot,
		    (int)pid, how);
		break;
	default:
		log_debug("worker %u (pid %d) %s, as asked", r->slot,
		    (int)pid, how);
	}
}

static void
bury(pid_t pid, int status, int64_t now, void (*buried)(unsigned int slot))
{
	struct slot_report r = slots_ended(pid, now);

	if (r.end == SLOT_UNKNOWN)
		return;
	board_leave(r.slot);
	buried(r.slot);
	log_death(&r, pid, status);
}

void
crew_reap(pid_t pid, int64_t now, void (*buried)(unsigned int slot))
{
	int status;

	/* A message that was written before the death is read before it. */
	crew_hear();
	if (pid > 0 && waitpid(pid, &status, WNOHANG) == pid)
		bury(pid, status, now, buried);
}

void
crew_reap_all(int64_t now, void (*buried)(unsigned int slot))
{
	int status;
	pid_t pid;

	crew_hear();
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		bury(pid, status, now, buried);
}

int64_t
crew_deadline(void)
{
	/* Full: a starter's message or its death comes first. */
	if (slots_count(SLOT_STARTING) >= STARTING_MAX)
		return INT64_MAX;
	return fork_backoff > 0 ? fork_at : slots_deadline();
}
