/*
 * The master's book of slots in random steps: whoever lives has a slot alone,
 * and the counts are right.  The processes do not exist; kill(2) is ours.
 */
#include <err.h>
#include <signal.h>
#include <stdint.h>

#include "common/clock.h"
#include "server/slots.h"
#include "t/check.h"

#define PID_FIRST	((pid_t)1 << 24)	/* above any system's largest */
#define ROUNDS		20000

static pid_t next_pid = PID_FIRST;
static int64_t now = 1000 * CLOCK_S;

static struct life {
	pid_t pid;		/* 0: nobody is in this slot */
	int ready, retiring;
} lives[64];
#define LIVES (sizeof(lives) / sizeof(lives[0]))

/* Only the book sends signals, and only to those who are to retire. */
int
kill(pid_t pid, int sig)
{
	size_t i;

	(void)sig;
	for (i = 0; i < LIVES; i++)
		if (lives[i].pid == pid)
			lives[i].retiring = 1;
	return 0;
}

static uint64_t
next_random(void)
{
	static uint64_t x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

static int
step_start(void)
{
	int slot = slots_take(now, next_random() % 2 == 0);

	if (slot == -1 || (size_t)slot >= LIVES)
		return slot < 0;
	if (lives[slot].pid != 0)
		return 0;
	lives[slot].pid = next_pid++;
	slots_started((unsigned int)slot, lives[slot].pid);
	lives[slot].ready = lives[slot].retiring = 0;
	return 1;
}

static int
step_end(struct life *l)
{
	struct slot_report r = slots_ended(l->pid, now, 0);
	enum slot_end want = l->retiring ? SLOT_AS_ASKED :
	    l->ready ? SLOT_IN_SERVICE : SLOT_AT_START;

	l->pid = 0;
	return r.end == want && r.slot == (unsigned int)(l - lives);
}

static int
step(void)
{
	struct life *l = &lives[next_random() % LIVES];

	now += (int64_t)(next_random() % (uint64_t)CLOCK_S);
	switch (next_random() % 32) {
	case 0:
		slots_new_generation();
		return 1;
	case 1:
		slots_retire((unsigned int)(next_random() % 4));
		return 1;
	case 2:
		slots_retire_old((unsigned int)(next_random() % 4));
		return 1;
	case 3: case 4: case 5: case 6: case 7: case 8:
		return l->pid == 0 || step_end(l);
	case 9: case 10: case 11: case 12: case 13: case 14:
		slots_ready((unsigned int)(l - lives), l->pid == 0 ? -1 :
		    l->pid);
		l->ready = 1;
		return 1;
	default:
		return slots_alive() >= LIVES / 2 || step_start();
	}
}

static int
counts_are_right(void)
{
	unsigned int states[SLOT_STATES] = { 0 }, s;
	size_t i;

	for (i = 0; i < LIVES; i++)
		if (lives[i].pid != 0)
			states[lives[i].retiring ? SLOT_RETIRING :
			    lives[i].ready ? SLOT_READY : SLOT_STARTING]++;
	for (s = SLOT_STARTING; s <= SLOT_RETIRING; s++)
		if (slots_count((enum slot_state)s) +
		    slots_old((enum slot_state)s) != states[s])
			return 0;
	return (slots_deadline() == INT64_MAX) ==
	    (slots_count(SLOT_WAITING) == 0);
}

static void
test_random(void)
{
	unsigned int i;

	for (i = 0; i < ROUNDS; i++)
		if (!step() || !counts_are_right())
			break;
	is_int(i, ROUNDS, "random steps keep the book right");
}

int
main(void)
{
	plan_no_plan();
	if (slots_open() == -1 || board_open() == -1)
		err(1, "slots_open");
	test_random();
	return exit_status();
}
