#include <sys/wait.h>

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "server/deaths.h"
#include "server/memory.h"

/* A spell is over when nobody has died for so long. */
#define QUIET		(10 * CLOCK_S)

/* One that lasts is told of so often. */
#define EVERY		(60 * CLOCK_S)

/* Different ways to die that one line tells of. */
#define WAYS		6

#define HOW		DEATH_TEXT

static uint64_t counts[DEATH_CAUSES];

/* The latest deaths, when: a ring. */
static int64_t times[DEATHS_LIMIT_MAX];
static uint64_t ndeaths;

/* The spell. */
static int64_t latest;			/* death of it; 0: there is none */
static int64_t told_at;			/* what came until then is in the log */
static struct way {
	char how[HOW];
	unsigned int n;
} ways[WAYS];
static unsigned int nways, untold;

static enum death_cause
cause_of(const struct slot_report *r, int status, enum memory_verdict memory)
{
	if (r->overdue)
		return DEATH_TIMEOUT;
	if (!WIFSIGNALED(status))
		return DEATH_STATUS;
	if (WCOREDUMP(status))
		return DEATH_CORE;
	return memory == MEMORY_YES ? DEATH_MEMORY : DEATH_SIGNAL;
}

char *
deaths_how(int status, char how[DEATH_TEXT])
{
	if (WIFSIGNALED(status))
		snprintf(how, DEATH_TEXT, "was killed by signal %d (%s)",
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		snprintf(how, DEATH_TEXT, "exited with status %d",
		    WEXITSTATUS(status));
	return how;
}

static void
describe(enum death_cause cause, int status, enum memory_verdict memory,
    char how[HOW])
{
	static const char *const more[DEATH_CAUSES] = {
		[DEATH_CORE] = ", core dumped",
		[DEATH_MEMORY] = ", as memory had run out",
		[DEATH_TIMEOUT] = ", by worker-timeout",
	};
	const char *why = more[cause];

	if (cause == DEATH_SIGNAL && memory == MEMORY_PERHAPS)
		why = ", perhaps as memory had run out";
	deaths_how(status, how);
	if (WIFSIGNALED(status) && why != NULL)
		strlcat(how, why, HOW);
}

/* What becomes of its slot. */
static void
describe_end(const struct slot_report *r, char *text, size_t size)
{
	const char *when = r->end == SLOT_AT_START ? " before it was ready" :
	    r->backoff > 0 ? " before it served anybody" : "";

	if (r->backoff > 0)
		snprintf(text, size, "%s; its slot rests for %" PRId64 " s",
		    when, r->backoff / CLOCK_S);
	else
		snprintf(text, size, "%s%s", when,
		    r->end == SLOT_IN_SERVICE ? "; it is replaced" : "");
}

/* Its way to die is one that is known, or new, or one of the others. */
static void
fold(const char *how)
{
	unsigned int i;

	untold++;
	for (i = 0; i < nways; i++)
		if (strcmp(ways[i].how, how) == 0)
			break;
	if (i == WAYS)
		return;
	if (i == nways) {
		nways++;
		strlcpy(ways[i].how, how, HOW);
		ways[i].n = 0;
	}
	ways[i].n++;
}

static void
tell(int64_t now)
{
	char text[WAYS * (HOW + 16)] = "", one[HOW + 16];
	unsigned int i, rest = untold;

	for (i = 0; i < nways; i++) {
		rest -= ways[i].n;
		snprintf(one, sizeof(one), "%s%u %.*s", i == 0 ? "" : ", ",
		    ways[i].n, HOW - 1, ways[i].how);
		strlcat(text, one, sizeof(text));
	}
	log_warn("%u more worker%s died within %" PRId64 " s: %s%s", untold,
	    untold == 1 ? "" : "s", (now - told_at) / CLOCK_S, text,
	    rest > 0 ? ", the rest in other ways" : "");
	untold = nways = 0;
	told_at = now;
}

void
deaths_note(const struct slot_report *r, pid_t pid, int status, int64_t now)
{
	enum memory_verdict memory = MEMORY_NO;
	enum death_cause cause;
	char how[HOW], end[HOW];

	/* Whoever it was, and whatever for: each is accounted for. */
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		memory = memory_judge();
	if (r->end == SLOT_AS_ASKED && !r->overdue) {
		describe(DEATH_STATUS, status, memory, how);
		log_debug("worker %u (pid %d) %s, as asked", r->slot, (int)pid,
		    how);
		return;
	}
	cause = cause_of(r, status, memory);
	counts[cause]++;
	times[ndeaths++ % DEATHS_LIMIT_MAX] = now;
	describe(cause, status, memory, how);
	describe_end(r, end, sizeof(end));
	if (latest == 0) {
		log_warn("worker %u (pid %d) %s%s", r->slot, (int)pid, how,
		    end);
		told_at = now;
	} else {
		log_debug("worker %u (pid %d) %s%s", r->slot, (int)pid, how,
		    end);
		fold(how);
	}
	latest = now;
}

void
deaths_tick(int64_t now)
{
	if (latest == 0 || now < deaths_deadline())
		return;
	if (untold > 0)
		tell(latest + QUIET <= now ? latest : now);
	else
		told_at = now;
	if (now >= latest + QUIET)
		latest = 0;
}

int64_t
deaths_deadline(void)
{
	if (latest == 0)
		return INT64_MAX;
	return latest + QUIET < told_at + EVERY ? latest + QUIET :
	    told_at + EVERY;
}

int
deaths_reached(int64_t limit, int64_t within, int64_t now)
{
	return ndeaths >= (uint64_t)limit && now -
	    times[(ndeaths - (uint64_t)limit) % DEATHS_LIMIT_MAX] < within;
}

uint64_t
deaths_count(enum death_cause cause)
{
	return counts[cause];
}

const char *
deaths_name(enum death_cause c)
{
	static const char *const names[DEATH_CAUSES] = {
		[DEATH_STATUS] = "status", [DEATH_SIGNAL] = "signal",
		[DEATH_CORE] = "core", [DEATH_MEMORY] = "memory",
		[DEATH_TIMEOUT] = "timeout",
	};

	return names[c];
}
