/*
 * Thousands of clients that say nothing, or one byte a second, against workers
 * of whom some are spare: whoever asks properly meanwhile is served as fast as
 * ever.  `make torture' has 5000 of them, `make check' a tenth.
 *
 * Times are measured, and there are thousands of workers: so it is the plain
 * build that is run; SPINDLED_PLAIN names another.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "t/check.h"
#include "t/daemon.h"
#include "t/healthy.h"
#include "t/loiter.h"
#include "t/torture.h"

#define WORKERS	64

/* What an operator would set, who expects so many; spindled(8) says why. */
struct form {
	int silent, slow;
	int rate;		/* they come, a second */
	int timeout;		/* request-timeout, s */
	int spare;
	int64_t quiet, attacked, between;
};

static const struct form brief = {
	.silent = 250, .slow = 250, .rate = 500, .timeout = 2, .spare = 96,
	.quiet = 1250 * CLOCK_MS, .attacked = 2750 * CLOCK_MS,
	.between = 250 * CLOCK_MS,
}, lengthy = {
	.silent = 2500, .slow = 2500, .rate = 500, .timeout = 10, .spare = 160,
	.quiet = 15 * CLOCK_S, .attacked = 40 * CLOCK_S, .between = 2 * CLOCK_S,
};

static struct daemon d;
static struct loiter loiter;

static void
attack(int on)
{
	loiter_order(&loiter, on);
}

/* The silent ones must not need a worker: there is none for them. */
static void
start(const struct form *f, const char *policy)
{
	const char *plain = getenv("SPINDLED_PLAIN");

	setenv("SPINDLED", plain != NULL ? plain : "build/spindled", 1);
	daemon_configure(&d, "balance %s\nworkers %d max %d spare %d\n"
	    "request-timeout %ds\n", policy, WORKERS,
	    WORKERS + f->slow + f->spare, f->spare, f->timeout);
	daemon_start(&d);
}

static void
tell(const char *name, const struct loiter_sum *s)
{
	diag("%s: %lu connections, %d at the same time; %lu with a 408, %lu "
	    "closed, %lu reset, %lu other; the longest took %.1f s", name,
	    s->begun, s->most, s->late, s->closed, s->reset, s->others,
	    (double)s->longest / CLOCK_S);
}

static void
check_loiterers(const struct form *f, const struct loiter_sum *s)
{
	const struct loiter_sum *silent = &s[LOITER_SILENT];
	const struct loiter_sum *slow = &s[LOITER_SLOW];

	tell("silent", silent);
	tell("slow", slow);
	ok(silent->failed + slow->failed == 0, "every loiterer gets in");
	/* They come more slowly on a machine that is slow. */
	ok(silent->most * 10 >= f->silent * 9, "9 in 10 of the silent were "
	    "there at once");
	ok(slow->most * 10 >= f->slow * 9, "and of the slow");
	ok(slow->late > 0, "slow ones are told that they are late");
	ok(slow->closed + slow->others == 0, "each of them that is ended");
	/* Its next byte has met the end, and the answer to that was faster. */
	ok(slow->reset * 100 <= slow->late, "but for those that are reset");
	ok(silent->late + silent->reset + silent->others == 0,
	    "the silent are not told anything");
	ok(slow->longest < 2 * CLOCK_S * f->timeout,
	    "nobody is listened to for longer than request-timeout");
}

static void
test(const char *policy)
{
	static const char *const expected[] = { "shared is in force", NULL };
	const struct form *f = torture_pick(0, 1) ? &lengthy : &brief;
	struct healthy h = {
		.rate = 100, .read_ms = 20, .turns = 2, .attack = attack,
		.quiet = f->quiet, .attacked = f->attacked,
		.between = f->between,
	};
	struct loiter_plan plan = {
		.silent = f->silent, .slow = f->slow, .rate = f->rate,
	};
	struct loiter_sum sums[LOITER_KINDS];
	struct healthy_sum sum;
	char text[ADDR_TEXT];

	start(f, policy);
	snprintf(text, sizeof(text), "127.0.0.1:%d", d.port);
	if (addr_parse(text, &plan.server) == -1)
		return;
	loiter_open(&loiter, &plan);
	healthy_run(&h, &plan.server, &sum);
	loiter_close(&loiter, sums);
	healthy_check(&sum, policy);
	check_loiterers(f, sums);
	healthy_free(&sum);
	daemon_finish(&d, expected);
}

int
main(void)
{
	plan_no_plan();
	test("idle");
	if (torture_pick(0, 1))
		test("shared");
	return exit_status();
}
