/*
 * The master's book of slots, of processes that do not exist: no signal leaves
 * this program, and no process has a number as large as these.
 */
#include <err.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "server/board.h"
#include "server/slots.h"
#include "t/check.h"

#define PID_FIRST	((pid_t)1 << 24)	/* above any system's largest */

/* What slots.c has sent, in kill(2)'s place. */
static struct sent {
	pid_t pid;
	int sig;
} sent[BOARD_SLOTS];
static unsigned int nsent;

static pid_t next_pid = PID_FIRST;
static int64_t now = 1000 * CLOCK_S;

int
kill(pid_t pid, int sig)
{
	if (nsent < BOARD_SLOTS) {
		sent[nsent].pid = pid;
		sent[nsent].sig = sig;
	}
	nsent++;
	return 0;
}

/* Whether these, ended by 0, were sent sig, in this order, and nobody else. */
static int
were_sent(int sig, const pid_t *pids)
{
	unsigned int i;

	for (i = 0; pids[i] != 0; i++)
		if (i >= nsent || sent[i].pid != pids[i] || sent[i].sig != sig)
			return 0;
	if (i != nsent)
		return 0;
	nsent = 0;
	return 1;
}

#define SENT(sig, ...) were_sent(sig, (const pid_t[]){ __VA_ARGS__, 0 })
#define NONE_SENT() were_sent(0, (const pid_t[]){ 0 })

static pid_t
start_in(unsigned int slot)
{
	slots_started(slot, next_pid);
	return next_pid++;
}

/* A worker in a slot of its own, which is not ready yet; or is. */
static pid_t
start(void)
{
	int slot = slots_take(now, 1);

	return slot == -1 ? -1 : start_in((unsigned int)slot);
}

static pid_t
start_ready(void)
{
	unsigned int slot = (unsigned int)slots_take(now, 1);
	pid_t pid = start_in(slot);

	slots_ready(slot, pid);
	board_set(board_slot(slot), BOARD_IDLE, 0);
	return pid;
}

/* The present generation, the older ones, and who lives: all at once. */
static void
is_book(unsigned int starting, unsigned int ready, unsigned int retiring,
    unsigned int waiting, unsigned int old, const char *what)
{
	unsigned int got[] = {
		slots_count(SLOT_STARTING), slots_count(SLOT_READY),
		slots_count(SLOT_RETIRING), slots_count(SLOT_WAITING),
		slots_old(SLOT_STARTING) + slots_old(SLOT_READY) +
		    slots_old(SLOT_RETIRING)
	};
	unsigned int want[] = { starting, ready, retiring, waiting, old };

	if (!ok(memcmp(got, want, sizeof(got)) == 0 &&
	    slots_old(SLOT_WAITING) == 0 &&
	    slots_alive() == starting + ready + retiring + old, "%s", what))
		diag("  got: %u starting, %u ready, %u retiring, %u waiting, "
		    "%u old, %u alive", got[0], got[1], got[2], got[3], got[4],
		    slots_alive());
}

static void
ends(pid_t pid, enum slot_end end, unsigned int slot, const char *what)
{
	struct slot_report r = slots_ended(pid, now, 0);

	ok(r.end == end && r.slot == slot, "%s (end %d, slot %u)", what, r.end,
	    r.slot);
	if (end == SLOT_AT_START)
		return;
	is_int(r.backoff, 0, "%s: no back-off", what);
	now += CLOCK_S;		/* its slot has rested */
}

/* Nobody is left: for the next test. */
static void
clear(void)
{
	pid_t pid;

	slots_retire_all();
	for (pid = PID_FIRST; pid < next_pid && slots_alive() > 0; pid++)
		slots_ended(pid, now, 0);
	now += CLOCK_S;
	nsent = 0;
	is_book(0, 0, 0, 0, 0, "nobody is left");
}

static void
test_empty(void)
{
	is_book(0, 0, 0, 0, 0, "an empty book");
	is_int(slots_take(now, 0), -1, "nobody's back-off is over");
	is_int(slots_take(now, 1), 0, "the first slot is free");
	is_int(slots_take(now, 1), 0, "it is not taken until a fork");
	ok(slots_deadline() == INT64_MAX, "nobody waits");
	ends(PID_FIRST, SLOT_UNKNOWN, 0, "an unknown process ends");
	slots_ready(0, PID_FIRST);
	slots_ready(BOARD_SLOTS - 1, PID_FIRST);
	slots_retire(1);
	slots_retire_old(1);
	slots_retire_all();
	slots_kill_all();
	ok(NONE_SENT(), "there is nobody to tell");
	is_book(0, 0, 0, 0, 0, "still empty");
}

static void
test_life(void)
{
	pid_t a = start(), b;

	is_book(1, 0, 0, 0, 0, "one starts");
	is_int(slots_take(now, 1), 1, "the next slot is free");
	is_int(slots_take(now, 0), -1, "nobody waits");
	slots_ready(0, a + 1);
	slots_ready(1, a);
	slots_ready(BOARD_SLOTS, a);
	is_book(1, 0, 0, 0, 0, "another's message makes nobody ready");
	slots_ready(0, a);
	is_book(0, 1, 0, 0, 0, "it is ready");
	slots_ready(0, a);
	is_book(0, 1, 0, 0, 0, "it is ready once");
	b = start_ready();
	is_book(0, 2, 0, 0, 0, "another is ready");
	ends(a, SLOT_IN_SERVICE, 0, "the first dies in service");
	is_book(0, 1, 0, 0, 0, "and is gone");
	ends(a, SLOT_UNKNOWN, 0, "nobody dies twice");
	slots_ready(0, a);
	is_book(0, 1, 0, 0, 0, "nor is ready when dead");
	is_int(slots_take(now, 0), -1, "its slot waits for nothing");
	is_int(slots_take(now, 1), 0, "and is free at once");
	ends(b, SLOT_IN_SERVICE, 1, "the other dies, too");
	ok(NONE_SENT(), "no signal was sent");
	is_book(0, 0, 0, 0, 0, "all are gone");
}

/* Dies before it is ready, in a slot that it has taken. */
static int64_t
die_at_start(unsigned int slot)
{
	return slots_ended(start_in(slot), now, 0).backoff;
}

static void
test_backoff(void)
{
	static const int waits[] = { 1, 2, 4, 8, 16, 30, 30, 30 };
	int64_t backoff;
	size_t i;

	for (i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		backoff = die_at_start(0);
		is_int(backoff, waits[i] * CLOCK_S, "start %zu fails: %d s",
		    i + 1, waits[i]);
		is_book(0, 0, 0, 1, 0, "the slot waits");
		is_int(slots_deadline(), now + backoff, "until then");
		now += backoff - 1;
		is_int(slots_take(now, 0), -1, "a nanosecond before");
		is_int(slots_take(now, 1), 1, "it is not free then");
		now++;
		is_int(slots_take(now, 0), 0, "and then");
		is_int(slots_take(now, 1), 0, "before a free one");
	}
	clear();
}

static void
test_backoff_ends(void)
{
	struct slot_report r;
	pid_t a;

	is_int(die_at_start(0), CLOCK_S, "a start fails");
	now += CLOCK_S;
	is_int(die_at_start(0), 2 * CLOCK_S, "and another");
	now += 2 * CLOCK_S;
	a = start_in(0);
	is_book(1, 0, 0, 0, 0, "the third");
	ok(slots_deadline() == INT64_MAX, "nobody waits any more");
	slots_ready(0, a);
	ends(a, SLOT_IN_SERVICE, 0, "is ready, and dies in service");
	is_int(slots_take(now, 1), 0, "it is replaced at once");
	a = start_in(0);
	r = slots_ended(a, now, 0);
	is_int(r.end, SLOT_AT_START, "that one is never ready");
	is_int(r.slot, 0, "in the same slot");
	is_int(r.backoff, CLOCK_S, "the back-off is the first again");
	clear();
	is_int(die_at_start(0), CLOCK_S,
	    "as it is in a slot that was given up while it waited");
	clear();
}

/* Each slot waits for itself, and the lowest is served first. */
static void
test_several_wait(void)
{
	pid_t a = start(), b = start(), c = start();
	int64_t begin = now;

	ends(c, SLOT_AT_START, 2, "the third fails");
	now += 200 * CLOCK_MS;
	ends(a, SLOT_AT_START, 0, "the first fails later");
	now += 200 * CLOCK_MS;
	ends(b, SLOT_AT_START, 1, "the second still later");
	is_book(0, 0, 0, 3, 0, "all three wait");
	is_int(slots_deadline(), begin + CLOCK_S, "the third will be first");
	is_int(slots_take(begin + CLOCK_S, 0), 2, "it is");
	is_int(slots_take(begin + CLOCK_S + 400 * CLOCK_MS, 0), 0,
	    "of several, the lowest slot");
	now = begin + CLOCK_S;
	is_int(die_at_start(2), 2 * CLOCK_S, "the third fails again");
	is_int(slots_deadline(), begin + 1200 * CLOCK_MS,
	    "the first will be next");
	is_int(slots_take(now, 1), 3, "until then there are other slots");
	clear();
}

static void
test_retire(void)
{
	pid_t a = start_ready(), b = start_ready(), c = start(),
	    d = start_ready(), e = start();

	slots_retire(0);
	ok(NONE_SENT(), "nobody is to retire");
	slots_retire(2);
	ok(SENT(SIGQUIT, e, d), "two retire: the newest");
	is_book(1, 2, 2, 0, 0, "they live until they are done");
	slots_retire(1);
	ok(SENT(SIGQUIT, c), "one more: nobody is asked twice");
	slots_ready(4, e);
	slots_ready(2, c);
	is_book(0, 2, 3, 0, 0, "who retires does not get ready any more");
	is_int(slots_take(now, 1), 5, "their slots are not free yet");
	ends(d, SLOT_AS_ASKED, 3, "one ends, as asked");
	is_book(0, 2, 2, 0, 0, "and is gone");
	is_int(slots_take(now, 1), 3, "its slot is free");
	ends(c, SLOT_AS_ASKED, 2, "one ends that was never ready");
	is_int(slots_take(now, 0), -1, "that is no back-off");
	is_int(slots_take(now, 1), 2, "the lowest free slot is next");
	slots_retire(100);
	ok(SENT(SIGQUIT, b, a), "all that are left");
	slots_retire(100);
	ok(NONE_SENT(), "and no more");
	is_book(0, 0, 3, 0, 0, "all retire");
	clear();
}

/* The newest first, wherever it is; but who has nothing to do before all. */
static void
test_retire_newest(void)
{
	pid_t a = start_ready(), b = start_ready(), c = start_ready();

	ends(a, SLOT_IN_SERVICE, 0, "one dies");
	now += CLOCK_S;
	a = start_ready();
	slots_retire(1);
	ok(SENT(SIGQUIT, a), "its successor came last, and goes first");
	board_set(board_slot(2), BOARD_IN_DISK, 0);
	slots_retire(1);
	ok(SENT(SIGQUIT, b), "who is busy goes behind who is not");
	slots_retire(1);
	ok(SENT(SIGQUIT, c), "and goes");
	clear();
}

/* A worker that leaves by itself, and one that has to be killed. */
static void
test_leave(void)
{
	pid_t a = start_ready(), b = start_ready();
	struct slot_report r;

	slots_leaving(0, b);
	is_book(0, 2, 0, 0, 0, "nobody leaves for somebody else");
	slots_leaving(0, a);
	is_book(0, 1, 1, 0, 0, "one leaves, and is missing at once");
	ok(NONE_SENT(), "nobody had to tell it");
	ends(a, SLOT_AS_ASKED, 0, "its end is in order");
	is_int(slots_killed_at(1), 0, "nobody was killed");
	slots_kill(1, now);
	ok(SENT(SIGKILL, b), "one is killed");
	is_int(slots_killed_at(1), now, "then");
	is_book(0, 0, 1, 0, 0, "and is missing before it is dead");
	r = slots_ended(b, now, 0);
	ok(r.end == SLOT_AS_ASKED && r.overdue, "it was overdue");
	start_in(1);
	is_int(slots_killed_at(1), 0, "its successor is not");
	clear();
}

/* Who is of no use is not followed at once, and ever later. */
static void
test_useless(void)
{
	struct slot_report r = slots_ended(start_ready(), now, 1);

	ok(r.end == SLOT_IN_SERVICE && r.backoff == CLOCK_S,
	    "one was ready, and of no use: its slot waits");
	now += CLOCK_S;
	is_int(slots_take(now, 0), 0, "until then");
	start_in(0);
	slots_ready(0, next_pid - 1);
	r = slots_ended(next_pid - 1, now, 1);
	is_int(r.backoff, 2 * CLOCK_S, "the next one was not better");
	now += 2 * CLOCK_S;
	start_in(0);
	slots_ready(0, next_pid - 1);
	r = slots_ended(next_pid - 1, now, 0);
	is_int(r.backoff, 0, "one that was of use");
	r = slots_ended(start_ready(), now, 1);
	is_int(r.backoff, CLOCK_S, "after which all begins anew");
	clear();
}

/* Who waits for a slot retires by not coming. */
static void
test_retire_waiting(void)
{
	pid_t a = start_ready(), b = start(), c = start_ready();

	ends(b, SLOT_AT_START, 1, "one fails");
	slots_retire(2);
	ok(SENT(SIGQUIT, c), "two retire: one of them only waited");
	is_book(0, 1, 1, 0, 0, "it waits no more");
	ok(slots_deadline() == INT64_MAX, "there is no deadline");
	now += CLOCK_S;
	is_int(slots_take(now, 1), 1, "its slot is free");
	ends(c, SLOT_AS_ASKED, 2, "the other ends");
	ends(a, SLOT_IN_SERVICE, 0, "the third was not asked");
	is_book(0, 0, 0, 0, 0, "all are gone");
}

static void
test_generation(void)
{
	pid_t a = start_ready(), b = start(), c = start_ready(), d = start(),
	    e, f;

	slots_retire(1);
	ok(SENT(SIGQUIT, d), "one retires");
	d = start();
	ends(d, SLOT_AT_START, 4, "one fails");
	slots_new_generation();
	is_book(0, 0, 0, 0, 4, "a new generation: all are old");
	ok(slots_old(SLOT_READY) == 2 && slots_old(SLOT_STARTING) == 1 &&
	    slots_old(SLOT_RETIRING) == 1, "as what they were");
	ok(slots_deadline() == INT64_MAX, "nobody waits for the old one");
	now += CLOCK_S;
	is_int(slots_take(now, 1), 4, "who had waited left a free slot");
	e = start_ready();
	f = start();
	is_book(1, 1, 0, 0, 4, "the new are beside the old");
	slots_ready(1, b);
	is_book(1, 1, 0, 0, 4, "one of the old gets ready late");
	is_int(slots_old(SLOT_READY), 3, "and is old");
	slots_retire(100);
	ok(SENT(SIGQUIT, f, e), "of the present one, only its own retire");
	slots_retire_old(2);
	ok(SENT(SIGQUIT, a, b), "of the old, the lowest slots");
	slots_retire_old(100);
	ok(SENT(SIGQUIT, c), "and the rest, each once");
	is_book(0, 0, 2, 0, 4, "all retire");
	ends(b, SLOT_AS_ASKED, 1, "an old one ends");
	is_book(0, 0, 2, 0, 3, "it is gone");
	ends(e, SLOT_AS_ASKED, 4, "a new one ends");
	is_book(0, 0, 1, 0, 3, "it is gone, too");
	clear();
}

/* What dies of an old generation is not replaced. */
static void
test_old_die(void)
{
	pid_t a = start_ready(), b = start(), c;
	struct slot_report r;

	slots_new_generation();
	ends(a, SLOT_IN_SERVICE, 0, "an old one dies in service");
	r = slots_ended(b, now, 0);
	is_int(r.end, SLOT_AT_START, "another before it was ready");
	is_int(r.backoff, 0, "nobody waits for its successor");
	is_book(0, 0, 0, 0, 0, "both are gone");
	ok(slots_deadline() == INT64_MAX, "there is no deadline");
	is_int(slots_take(now + 100 * CLOCK_S, 0), -1, "nor a back-off");

	/* A back-off that was for the old generation is not for the new. */
	die_at_start(0);
	now += CLOCK_S;
	die_at_start(0);
	now += 2 * CLOCK_S;
	c = start_in(0);
	slots_new_generation();
	ends(c, SLOT_AT_START, 0, "an old one that had failed before");
	is_int(die_at_start(0), CLOCK_S, "the new generation begins anew");
	clear();
}

static void
test_generations(void)
{
	pid_t a = start_ready(), b, c;

	slots_new_generation();
	b = start_ready();
	slots_new_generation();
	c = start_ready();
	is_book(0, 1, 0, 0, 2, "two old generations");
	slots_retire_old(100);
	ok(SENT(SIGQUIT, a, b), "retire together");
	slots_retire_all();
	ok(SENT(SIGQUIT, c), "the present one with everybody");
	slots_kill_all();
	ok(SENT(SIGKILL, a, b, c), "those who retire are killed as well");
	is_book(0, 0, 1, 0, 2, "they live until they are reaped");
	ends(a, SLOT_AS_ASKED, 0, "a death as asked");
	clear();
}

static void
test_all(void)
{
	pid_t a = start_ready(), b, c, d, e;

	slots_new_generation();
	b = start();
	c = start_ready();
	d = start();
	ends(d, SLOT_AT_START, 3, "one fails");
	slots_retire_all();
	ok(SENT(SIGQUIT, a, c, b), "everybody retires, once");
	is_book(0, 0, 2, 0, 1, "nobody waits any more");
	now += CLOCK_S;
	e = start_ready();
	slots_kill_all();
	ok(SENT(SIGKILL, a, b, c, e), "everybody is killed");
	is_book(0, 0, 3, 0, 1, "which is a way to retire");
	ends(e, SLOT_AS_ASKED, 3, "a death as asked");
	clear();
}

/* Whom the kernel had claimed may leave a connection to its successor. */
static void
test_rest(void)
{
	pid_t a = start_ready(), b = start_ready();

	is_int(slots_ended(a, now, 0).slot, 0, "one ends");
	is_int(slots_take(now, 1), 2, "its slot rests where there is another");
	is_int(slots_take(now + CLOCK_S - 1, 1), 2, "for almost a second");
	is_int(slots_take(now + CLOCK_S, 1), 0, "and then it is the next");
	slots_ended(b, now, 0);
	clear();
}

/* All slots that there are. */
static void
test_full(void)
{
	static pid_t pids[BOARD_SLOTS];
	unsigned int i, astray = 0;
	struct slot_report r;

	for (i = 0; i < BOARD_SLOTS; i++) {
		astray += slots_take(now, 1) != (int)i;
		pids[i] = start_ready();
	}
	is_int(astray, 0, "slots are taken from the lowest to the highest");
	is_book(0, BOARD_SLOTS, 0, 0, 0, "all of them are taken");
	is_int(slots_take(now, 1), -1, "there is no other");
	ends(pids[5000], SLOT_IN_SERVICE, 5000, "one in the middle is gone");
	ends(pids[BOARD_SLOTS - 1], SLOT_IN_SERVICE, BOARD_SLOTS - 1,
	    "and the last");
	is_int(slots_take(now, 1), 5000, "the lower one is free");
	pids[5000] = start_ready();
	is_int(slots_take(now, 1), BOARD_SLOTS - 1, "and then the last");
	r = slots_ended(start(), now, 0);
	is_int(r.slot, BOARD_SLOTS - 1, "whoever is in there fails");
	is_int(slots_take(now, 1), -1, "until it has waited");
	is_int(slots_take(now + CLOCK_S, 0), BOARD_SLOTS - 1, "it has");
	slots_new_generation();
	is_int(slots_take(now, 1), BOARD_SLOTS - 1, "nobody waits any more");
	pids[BOARD_SLOTS - 1] = start();
	is_int(slots_take(now, 1), -1, "a reload finds no room");
	slots_retire_old(1);
	ok(SENT(SIGQUIT, pids[0]), "until an old one retires");
	ends(pids[0], SLOT_AS_ASKED, 0, "and ends");
	is_int(slots_take(now, 1), 0, "there it is");
	for (i = 1; i < BOARD_SLOTS; i++)
		slots_ended(pids[i], now, 0);
	clear();
}

int
main(void)
{
	plan_no_plan();
	if (slots_open() == -1 || board_open() == -1)
		err(1, "slots_open");
	test_empty();
	test_life();
	test_backoff();
	test_backoff_ends();
	test_several_wait();
	test_retire();
	test_retire_newest();
	test_leave();
	test_useless();
	test_retire_waiting();
	test_generation();
	test_old_die();
	test_generations();
	test_all();
	test_rest();
	test_full();
	return exit_status();
}
