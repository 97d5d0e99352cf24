#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "server/board.h"
#include "server/confine.h"
#include "server/crew.h"
#include "server/deaths.h"
#include "server/slots.h"
#include "server/halts.h"

/* A pipe keeps such a message whole. */
_Static_assert(sizeof(struct worker_message) <= PIPE_BUF, "a short message");

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
 * Workers hold [1]: each says on it that it is ready, or leaves, and sees there
 * when nobody holds [0] any more, because the master is gone.
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

/*
 * What the master writes between two forks is a page more for each worker: it
 * keeps the one before.
 */
static void
fork_recovered(void)
{
	if (fork_backoff != 0)
		fork_backoff = 0;
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
			fork_recovered();
			if (present() < wanted)
				make_room();
			return;
		}
		if (fork_worker(setup, (unsigned int)slot, in_child) == -1) {
			fork_failed(now);
			return;
		}
		fork_recovered();
		if (crowded)
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
	struct worker_message m;
	unsigned int i;
	ssize_t n;

	for (i = 0; i < HEAR_MAX; i++) {
		if ((n = read(lifeline[0], &m, sizeof(m))) <= 0)
			return;
		if (n != (ssize_t)sizeof(m))
			continue;
		if (m.news == WORKER_READY)
			slots_ready(m.slot, m.pid);
		else
			slots_leaving(m.slot, m.pid);
	}
}

/*
 * Whoever dies by itself before it has served anybody would do so again.  Who
 * was killed, or asked to end, has been a victim: its successor need not be.
 */
static int
is_useless(unsigned int slot, int status)
{
	if (WIFSIGNALED(status) ? WTERMSIG(status) == SIGKILL :
	    WEXITSTATUS(status) == 0)
		return 0;
	return board_served(slot) == 0;
}

static void
bury(pid_t pid, int status, int64_t now, const struct crew_ends *ends)
{
	struct slot_report r;
	int slot;

	/* What it has said before its death is heard before that. */
	crew_hear();
	if ((slot = slots_find(pid)) == -1)
		return;
	r = slots_ended(pid, now, is_useless((unsigned int)slot, status));
	board_leave(r.slot);
	halts_bury(r.slot);
	ends->buried(r.slot);
	confine_bury(r.slot, pid, status);
	deaths_note(&r, pid, status, now);
}

/* It has died, or stopped, or goes on. */
static void
hear_of(pid_t pid, int status, int64_t now, const struct crew_ends *ends)
{
	int slot;

	if (!WIFSTOPPED(status) && !WIFCONTINUED(status)) {
		bury(pid, status, now, ends);
		return;
	}
	if ((slot = slots_find(pid)) == -1)
		return;
	halts_note((unsigned int)slot, pid, status, now);
	if (WIFSTOPPED(status))
		ends->stopped((unsigned int)slot);
}

/* Gives its process id, or 0 or -1 for nobody. */
static pid_t
reap(pid_t pid, int64_t now, const struct crew_ends *ends)
{
	int status;

	pid = waitpid(pid, &status, WNOHANG | WUNTRACED | WCONTINUED);
	if (pid > 0)
		hear_of(pid, status, now, ends);
	return pid;
}

void
crew_reap(pid_t pid, int64_t now, const struct crew_ends *ends)
{
	if (pid > 0)
		reap(pid, now, ends);
}

void
crew_reap_all(int64_t now, const struct crew_ends *ends)
{
	while (reap(-1, now, ends) > 0)
		continue;
}

int64_t
crew_deadline(void)
{
	/* Full: a starter's message or its death comes first. */
	if (slots_count(SLOT_STARTING) >= STARTING_MAX)
		return INT64_MAX;
	return fork_backoff > 0 ? fork_at : slots_deadline();
}
