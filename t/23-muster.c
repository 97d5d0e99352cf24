/* How many workers are wanted, on a clock of the test's own. */
#include "common/clock.h"
#include "server/muster.h"
#include "t/check.h"

#define MIN	4
#define MAX	20
#define SPARE	2
#define CALM	(10 * CLOCK_S)

static struct muster m;
static int64_t now = CLOCK_S;

static void
begin(void)
{
	m = (struct muster){ .wanted = MIN };
	muster_configure(&m, MIN, MAX, SPARE, CALM, now);
}

static void
is_wanted(unsigned int busy, unsigned int queued, unsigned int want,
    const char *what)
{
	const struct muster_census c = { .busy = busy, .queued = queued };

	muster_decide(&m, &c, now);
	is_int(m.wanted, want, "%s", what);
}

static void
test_growth(void)
{
	begin();
	is_wanted(0, 0, MIN, "as few as there are in any case");
	is_wanted(MIN - SPARE, 0, MIN, "while enough of them are idle");
	is_wanted(MIN - SPARE + 1, 0, MIN + 1, "then one more");
	is_wanted(5, 3, 5 + 3 + SPARE, "those who wait are to be served");
	is_wanted(MAX - SPARE, 0, MAX, "as many as there may be");
	is_wanted(1000, 60000, MAX, "and no more");
}

static void
test_calm(void)
{
	begin();
	is_wanted(10, 0, 12, "ten are busy");
	now += CALM;
	is_wanted(10, 0, 12, "for long, until now");
	now += CALM - 1;
	is_wanted(3, 0, 12, "nobody goes before it was calm for long");
	now += 1;
	is_wanted(1, 0, 3 + SPARE, "as many go as were too many all the time");
	now += CALM - 1;
	is_wanted(1, 0, 5, "it begins anew");
	is_wanted(3, 0, 5, "whoever is needed now");
	now += 1;
	is_wanted(0, 0, 5, "was needed");
	now += CALM;
	is_wanted(0, 0, MIN, "and at last as few as there are in any case");
	now += CALM;
	is_wanted(0, 0, MIN, "never fewer");
}

static void
test_fixed(void)
{
	begin();
	is_wanted(10, 0, 12, "ten are busy");
	muster_configure(&m, MIN, 8, SPARE, CALM, now);
	is_int(m.wanted, 8, "a reload, to fewer");
	muster_configure(&m, 16, MAX, SPARE, CALM, now);
	is_int(m.wanted, 16, "to more");
	muster_configure(&m, 3, 3, 0, CALM, now);
	is_int(m.wanted, 3, "to a number that does not change");
	is_wanted(3, 100, 3, "whoever waits");
}

int
main(void)
{
	plan_no_plan();
	test_growth();
	test_calm();
	test_fixed();
	return exit_status();
}
