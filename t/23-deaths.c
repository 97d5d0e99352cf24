/*
 * The book of deaths, on a clock of the test's own: what the log says of them,
 * how they are counted, and how many are too many.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "server/deaths.h"
#include "t/check.h"
#include "t/ear.h"

#define S CLOCK_S

/* What waitpid(2) says. */
#define EXITED(n)	((n) << 8)
#define KILLED(sig)	(sig)
#define DUMPED(sig)	((sig) | 0x80)

static struct heard h;

static void
die(enum slot_end end, int64_t backoff, int status, int64_t now)
{
	const struct slot_report r = { .end = end, .slot = 7, .backoff =
	    backoff };

	deaths_note(&r, 77, status, now);
}

/* One of each kind, each in a spell of its own. */
static void
say_each(void)
{
	int64_t now = S;

	log_open(LOG_TO_STDERR, 0);
	die(SLOT_IN_SERVICE, 0, KILLED(SIGTERM), now);
	deaths_tick(now += 10 * S);
	die(SLOT_IN_SERVICE, 0, DUMPED(SIGSEGV), now);
	deaths_tick(now += 10 * S);
	die(SLOT_IN_SERVICE, 2 * S, EXITED(3), now);
	deaths_tick(now += 10 * S);
	die(SLOT_AT_START, 4 * S, EXITED(1), now);
	deaths_tick(now += 10 * S);
	die(SLOT_AT_START, 0, EXITED(1), now);
	deaths_tick(now += 10 * S);
	die(SLOT_AS_ASKED, 0, EXITED(0), now);
}

static void
say_spell(void)
{
	int64_t now = S;
	int i;

	log_open(LOG_TO_STDERR, 0);
	for (i = 0; i < 5; i++)
		die(SLOT_IN_SERVICE, 0, KILLED(SIGKILL), now += S);
	die(SLOT_IN_SERVICE, 0, EXITED(1), now += S);
	deaths_tick(now + 10 * S - 1);
	deaths_tick(now += 10 * S);
	/* The next one begins another spell. */
	die(SLOT_IN_SERVICE, 0, EXITED(2), now);
	deaths_tick(now += 10 * S);
	deaths_tick(now + 100 * S);
}

/* More ways than a line tells of, and a spell of more than a minute. */
static void
say_long(void)
{
	int64_t now = S;
	int i;

	log_open(LOG_TO_STDERR, 0);
	for (i = 0; i <= 70; i++) {
		die(SLOT_IN_SERVICE, 0, EXITED(i % 10), now += S);
		deaths_tick(now);
	}
	deaths_tick(now + 10 * S);
}

static void
is_line(unsigned int i, const char *want)
{
	const char *line = i < h.n ? h.lines[i] : "", *text;

	text = strstr(line, "]: ") != NULL ? strstr(line, "]: ") + 3 :
	    strstr(line, "warning: ");
	is_string(text, want, "line %u", i);
}

static void
test_log(void)
{
	ear_hear(&h, say_each, IS_UNSET);
	is_int(h.n, 5, "a line for each but what was asked for");
	is_line(0, "warning: worker 7 (pid 77) was killed by signal 15 "
	    "(Terminated); it is replaced\n");
	is_line(1, "warning: worker 7 (pid 77) was killed by signal 11 "
	    "(Segmentation fault), core dumped; it is replaced\n");
	is_line(2, "warning: worker 7 (pid 77) exited with status 3 before it "
	    "served anybody; its slot rests for 2 s\n");
	is_line(3, "warning: worker 7 (pid 77) exited with status 1 before it "
	    "was ready; its slot rests for 4 s\n");
	is_line(4, "warning: worker 7 (pid 77) exited with status 1 before it "
	    "was ready\n");

	ear_hear(&h, say_spell, IS_UNSET);
	is_int(h.n, 3, "a spell: its first, its sum, and the next one's first");
	is_line(1, "warning: 5 more workers died within 5 s: 4 was killed by "
	    "signal 9 (Killed), 1 exited with status 1\n");
	is_line(2, "warning: worker 7 (pid 77) exited with status 2; it is "
	    "replaced\n");

	ear_hear(&h, say_long, IS_UNSET);
	is_int(h.n, 3, "a long one is told of every minute, and at its end");
	is_line(1, "warning: 60 more workers died within 60 s: 6 exited with "
	    "status 1, 6 exited with status 2, 6 exited with status 3, 6 "
	    "exited with status 4, 6 exited with status 5, 6 exited with "
	    "status 6, the rest in other ways\n");
	is_line(2, "warning: 10 more workers died within 10 s: 1 exited with "
	    "status 1, 1 exited with status 2, 1 exited with status 3, 1 "
	    "exited with status 4, 1 exited with status 5, 1 exited with "
	    "status 6, the rest in other ways\n");
}

static void
test_deadline(void)
{
	is_int(deaths_deadline(), INT64_MAX, "nothing is due before a death");
	die(SLOT_IN_SERVICE, 0, KILLED(SIGTERM), 100 * S);
	is_int(deaths_deadline(), 110 * S, "then the end of its spell");
	die(SLOT_IN_SERVICE, 0, KILLED(SIGTERM), 155 * S);
	is_int(deaths_deadline(), 160 * S, "or a minute, if that is sooner");
	deaths_tick(200 * S);
	is_int(deaths_deadline(), INT64_MAX, "and nothing behind it");
}

static void
test_counts(void)
{
	const struct slot_report late = { .end = SLOT_AS_ASKED, .overdue = 1 };
	uint64_t before = deaths_count(DEATH_SIGNAL);

	die(SLOT_IN_SERVICE, 0, EXITED(1), 300 * S);
	die(SLOT_AT_START, S, EXITED(1), 300 * S);
	die(SLOT_IN_SERVICE, 0, DUMPED(SIGABRT), 300 * S);
	die(SLOT_AS_ASKED, 0, EXITED(0), 300 * S);
	deaths_note(&late, 77, KILLED(SIGKILL), 300 * S);
	is_int((long long)deaths_count(DEATH_STATUS), 2, "by their status");
	is_int((long long)deaths_count(DEATH_CORE), 1, "with a core");
	is_int((long long)deaths_count(DEATH_TIMEOUT), 1, "by the master");
	is_int((long long)(deaths_count(DEATH_SIGNAL) - before), 0,
	    "which is no other signal's");
	is_int((long long)deaths_count(DEATH_MEMORY), 0, "none by memory");
}

static void
test_limit(void)
{
	int64_t now = 1000 * S;
	int i;

	for (i = 0; i < 3; i++)
		die(SLOT_IN_SERVICE, 0, EXITED(1), now + i * S);
	is_int(deaths_reached(3, 3 * S, now + 2 * S), 1, "three within 3 s");
	is_int(deaths_reached(3, 2 * S, now + 2 * S), 0, "not within 2 s");
	is_int(deaths_reached(4, 3 * S, now + 2 * S), 0, "nor four");
	is_int(deaths_reached(3, 3 * S, now + 3 * S), 0, "nor later");
	for (i = 0; i < DEATHS_LIMIT_MAX; i++)
		die(SLOT_IN_SERVICE, 0, EXITED(1), now + 10 * S);
	is_int(deaths_reached(DEATHS_LIMIT_MAX, S, now + 10 * S), 1,
	    "as many as can be counted");
}

int
main(void)
{
	plan_no_plan();
	log_open(LOG_TO_STDERR, 0);
	test_log();
	is_int(deaths_reached(1, S, 0), 0, "nobody has died here");
	test_deadline();
	test_counts();
	test_limit();
	return exit_status();
}
