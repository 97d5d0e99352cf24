/*
 * The verdict: yes, no, and when nothing can be said; and its evidence.
 */
#include "t/check.h"
#include "t/test/verdict.h"

/* A quiet server: each test changes what it is about. */
static const struct verdict_case quiet = {
	.before = { .sent = 1188 },
	.during = { .sent = 1792 },
	.wanted = 16,
	.under_way = 16,
};

static char evidence[VERDICT_EVIDENCE];

static void
is_verdict(const struct verdict_case *c, enum problem want, const char *text)
{
	is_int(verdict_reach(c, evidence, sizeof(evidence)), want, "%s",
	    verdict_name(want));
	is_string(evidence, text, "why");
}

static void
test_no(void)
{
	struct verdict_case c = quiet;

	is_verdict(&c, PROBLEM_NO, "all of 1792 healthy requests were answered "
	    "in time while 16 of 16 long reads were under way");
	c.under_way = 8;
	c.status = 503;
	is_verdict(&c, PROBLEM_NO, "all of 1792 healthy requests were answered "
	    "in time while 8 of 16 long reads were under way; others got 503 "
	    "at once");
}

static void
test_yes(void)
{
	struct verdict_case c = quiet;

	c.during.timed_out = 1;
	is_verdict(&c, PROBLEM_YES, "1 of 1792 healthy requests timed out "
	    "(0.0558 %) while 16 long reads were under way; before, 0 of 1188");
	c.during.timed_out = 448;
	c.during.failed = 2;
	is_verdict(&c, PROBLEM_YES, "448 of 1792 healthy requests timed out "
	    "and 2 failed otherwise (25.1 %) while 16 long reads were under "
	    "way; before, 0 of 1188");
	/* A server that breaks down under long reads has none left. */
	c = quiet;
	c.during.failed = 1792;
	c.under_way = 0;
	is_verdict(&c, PROBLEM_YES, "0 of 1792 healthy requests timed out and "
	    "1792 failed otherwise (100 %) while 0 long reads were under way; "
	    "before, 0 of 1188");
}

static void
test_tolerance(void)
{
	struct verdict_case c = quiet;

	c.tolerate = 1000;		/* 0.1 % of 1792 is 1.79 */
	c.during.timed_out = 1;
	is_verdict(&c, PROBLEM_NO, "1 of 1792 healthy requests failed while 16 "
	    "of 16 long reads were under way, which is tolerated");
	c.during.failed = 1;
	is_int(verdict_reach(&c, evidence, sizeof(evidence)), PROBLEM_YES,
	    "two are more than 0.1 %%");
	c = quiet;
	c.tolerate = 1000;
	c.before.failed = 1;
	is_int(verdict_reach(&c, evidence, sizeof(evidence)), PROBLEM_NO,
	    "one before is tolerated too");
}

static void
test_unknown(void)
{
	struct verdict_case c = quiet;

	c.before.timed_out = 1;
	c.during.timed_out = 1792;
	is_verdict(&c, PROBLEM_UNKNOWN, "1 of 1188 healthy requests failed "
	    "before any long read was asked for: a lower rate is needed, or a "
	    "longer timeout");
	c = quiet;
	c.during.behind = true;
	is_verdict(&c, PROBLEM_UNKNOWN, "the client fell behind its own "
	    "schedule: a lower rate or a quieter machine is needed");
	c = quiet;
	c.before.behind = true;
	is_int(verdict_reach(&c, evidence, sizeof(evidence)), PROBLEM_UNKNOWN,
	    "behind before");
	c = quiet;
	c.during.local = 3;
	c.during.timed_out = 9;
	is_verdict(&c, PROBLEM_UNKNOWN, "3 healthy requests could not be sent: "
	    "descriptors, ports or memory ran out here");
	c = quiet;
	c.under_way = 0;
	is_verdict(&c, PROBLEM_UNKNOWN, "no long read was under way at the "
	    "end: they were over before");
	c.broken = 5;
	is_verdict(&c, PROBLEM_UNKNOWN, "no long read was under way at the "
	    "end: 5 were cut off, or not accepted");
	c.status = 503;
	is_verdict(&c, PROBLEM_UNKNOWN, "no long read was under way: the "
	    "server answered with 503");
	/* A wrong path, and one healthy request that failed for its own sake. */
	c.status = 404;
	c.during.timed_out = 1;
	is_verdict(&c, PROBLEM_UNKNOWN, "long reads were answered with 404");
	/* Some that the server has not let in yet are none either. */
	c = quiet;
	c.status = 404;
	c.under_way = 3;
	is_verdict(&c, PROBLEM_UNKNOWN, "long reads were answered with 404");
	c.status = 429;
	is_int(verdict_reach(&c, evidence, sizeof(evidence)), PROBLEM_NO,
	    "a limit is another matter");
	/* Reads that are no long ones: the server may have the problem. */
	c = quiet;
	c.quick = 18000;
	is_verdict(&c, PROBLEM_UNKNOWN, "18000 long reads were answered too "
	    "soon to be long ones");
	/* The client's own stall. */
	c = quiet;
	c.during.timed_out = 2;
	c.during.late = 2;
	is_verdict(&c, PROBLEM_UNKNOWN, "2 healthy requests failed, but the "
	    "client began 2 too late");
	c.during.late = 1;
	c.during.behind = true;
	is_int(verdict_reach(&c, evidence, sizeof(evidence)), PROBLEM_YES,
	    "more failed than were late");
	c = quiet;
	c.during.sent = 0;
	is_verdict(&c, PROBLEM_UNKNOWN, "0 healthy requests during are too "
	    "few: more time or a higher rate is needed");
	c.before.sent = 4;
	is_verdict(&c, PROBLEM_UNKNOWN, "4 healthy requests before are too "
	    "few: more time or a higher rate is needed");
}

int
main(void)
{
	plan_no_plan();
	test_no();
	test_yes();
	test_tolerance();
	test_unknown();
	return exit_status();
}
