#include <inttypes.h>
#include <stdio.h>

#include "t/test/verdict.h"

/* Fewer healthy requests than this in a part say nothing. */
#define LEAST	5

const char *
verdict_name(enum problem p)
{
	static const char *const names[] = { "no", "yes", "unknown" };

	return names[p];
}

static uint64_t
failures(const struct verdict_part *p)
{
	return p->timed_out + p->failed;
}

static bool
too_many(const struct verdict_part *p, int64_t tolerate)
{
	return (double)failures(p) * 1e6 > (double)tolerate * (double)p->sent;
}

/* Why nothing can be concluded, whatever the server did. */
static bool
no_evidence(const struct verdict_case *c, char *text, size_t size)
{
	const struct verdict_part *b = &c->before, *d = &c->during;

	if (b->sent < LEAST || d->sent < LEAST)
		snprintf(text, size, "%" PRIu64 " healthy requests %s are too "
		    "few: more time or a higher rate is needed",
		    b->sent < LEAST ? b->sent : d->sent,
		    b->sent < LEAST ? "before" : "during");
	else if (b->local + d->local > 0)
		snprintf(text, size, "%" PRIu64 " healthy requests could not "
		    "be sent: descriptors, ports or memory ran out here",
		    b->local + d->local);
	else if (too_many(b, c->tolerate))
		snprintf(text, size, "%" PRIu64 " of %" PRIu64 " healthy "
		    "requests failed before any long read was asked for: a "
		    "lower rate is needed, or a longer timeout",
		    failures(b), b->sent);
	else
		return false;
	return true;
}

/*
 * The long reads that were to disturb the healthy ones did not take place, as
 * they were not asked for in the right way.  Too many requests (429) is what a
 * server with a limit says.
 */
static bool
no_long_reads(const struct verdict_case *c, char *text, size_t size)
{
	if (c->status >= 300 && c->status < 500 && c->status != 429)
		snprintf(text, size, "long reads were answered with %d",
		    c->status);
	else if (c->quick > 0)
		snprintf(text, size, "%" PRIu64 " long reads were answered too "
		    "soon to be long ones", c->quick);
	else
		return false;
	return true;
}

/* They did not, though they would disturb nobody who was there. */
static void
no_long_read_left(const struct verdict_case *c, char *text, size_t size)
{
	if (c->status != 0)
		snprintf(text, size, "no long read was under way: the server "
		    "answered with %d", c->status);
	else if (c->broken > 0)
		snprintf(text, size, "no long read was under way at the end: "
		    "%" PRIu64 " were cut off, or not accepted", c->broken);
	else
		snprintf(text, size, "no long read was under way at the end: "
		    "they were over before");
}

/* Healthy requests failed. */
static void
harm(const struct verdict_case *c, char *text, size_t size)
{
	const struct verdict_part *b = &c->before, *d = &c->during;
	char otherwise[64] = "";

	if (d->failed > 0)
		snprintf(otherwise, sizeof(otherwise), " and %" PRIu64
		    " failed otherwise", d->failed);
	snprintf(text, size, "%" PRIu64 " of %" PRIu64 " healthy requests timed "
	    "out%s (%.3g %%) while %" PRIu64 " long reads were under way; "
	    "before, %" PRIu64 " of %" PRIu64, d->timed_out, d->sent, otherwise,
	    100 * (double)failures(d) / (double)d->sent, c->under_way,
	    failures(b), b->sent);
}

static void
no_harm(const struct verdict_case *c, char *text, size_t size)
{
	const struct verdict_part *d = &c->during;
	char refused[48] = "";

	if (c->under_way < c->wanted && c->status != 0)
		snprintf(refused, sizeof(refused), "; others got %d at once",
		    c->status);
	if (failures(d) == 0)
		snprintf(text, size, "all of %" PRIu64 " healthy requests were "
		    "answered in time while %" PRIu64 " of %" PRIu64 " long "
		    "reads were under way%s", d->sent, c->under_way, c->wanted,
		    refused);
	else
		snprintf(text, size, "%" PRIu64 " of %" PRIu64 " healthy "
		    "requests failed while %" PRIu64 " of %" PRIu64 " long "
		    "reads were under way, which is tolerated%s", failures(d),
		    d->sent, c->under_way, c->wanted, refused);
}

enum problem
verdict_reach(const struct verdict_case *c, char *text, size_t size)
{
	const struct verdict_part *d = &c->during;

	if (no_evidence(c, text, size) || no_long_reads(c, text, size))
		return PROBLEM_UNKNOWN;
	if (failures(d) > 0 && failures(d) <= d->late) {
		snprintf(text, size, "%" PRIu64 " healthy requests failed, but "
		    "the client began %" PRIu64 " too late", failures(d),
		    d->late);
		return PROBLEM_UNKNOWN;
	}
	/* More than were late: that is not the client's doing, behind or not. */
	if (too_many(&c->during, c->tolerate)) {
		harm(c, text, size);
		return PROBLEM_YES;
	}
	if (c->before.behind || d->behind) {
		snprintf(text, size, "the client fell behind its own schedule: "
		    "a lower rate or a quieter machine is needed");
		return PROBLEM_UNKNOWN;
	}
	if (c->under_way == 0) {
		no_long_read_left(c, text, size);
		return PROBLEM_UNKNOWN;
	}
	no_harm(c, text, size);
	return PROBLEM_NO;
}
