/*
 * `balance idle' under everything at once: storm.h's clients, and a worker
 * that is killed every 50 ms.  Afterwards the access log says of each request
 * when it waited, and of each worker when it was busy: nobody may have waited
 * while a worker was idle.  What the log does not say is decided in the
 * daemon's favour, and so is time in which the machine stood still (witness.h).
 *
 * The random numbers are seeded: SEED=n repeats a run, SECONDS=n prolongs it
 * beyond the minute of the long form, and KILL_EVERY=ms makes more of the same
 * time.
 */
#include <netinet/in.h>
#include <sys/socket.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"
#include "t/holdings.h"
#include "t/idleness.h"
#include "t/killer.h"
#include "t/network.h"
#include "t/records.h"
#include "t/storm.h"
#include "t/torture.h"
#include "t/visits.h"
#include "t/witness.h"

#define WORKERS		16
#define KILL_EVERY	50		/* ms */

#define SHOWN		10	/* waits that are too long, one by one */

/* Nobody waits longer while a worker is idle. */
#define TOO_LONG	(5 * CLOCK_MS)

/* Of all the time, so much at least has to prove something. */
#define WATCHED_LEAST	10		/* percent */

struct verdict {
	unsigned long long_waits;	/* beyond TOO_LONG, whoever was idle */
	unsigned long broken;		/* of them, while a worker was idle */
	unsigned long excused;		/* it may have been the machine */
	int64_t worst;			/* ns, of what cannot be excused */
};

static struct daemon d;
static int fifo;			/* the access log */
static int64_t kill_every;		/* ns */

static void
storm(int seconds)
{
	int64_t end = clock_mono() + seconds * CLOCK_S;

	while (clock_mono() < end) {
		storm_step(1, fifo);
		killer_step(&d, kill_every, storm_held);
		records_read(visits_record);
	}
}

/* Whoever has been asked has to answer, and to say so in the log. */
static int
is_over(void *arg)
{
	const struct killer_sum *k = arg;

	storm_step(0, fifo);
	records_read(visits_record);
	return storm_busy() == 0 &&
	    visits_sum().unlogged <= KILLER_RARE(k->kills);
}

/* A network of our own: its packet filter concerns nobody else. */
static const char *
private_network(void)
{
	char rules[512];

	if (network_own() == -1)
		return "no network of its own: only root may";
	if (network_forgetful(0) == -1)
		return "tcp_synack_retries cannot be set here";
	snprintf(rules, sizeof(rules), "nft 'table inet t { chain in { "
	    "type filter hook input priority 0; "
	    "tcp sport %d-%d tcp flags & syn == 0 drop; "
	    "tcp sport %d-%d tcp flags & (fin | syn | rst | psh | ack) == ack "
	    "drop; }; }' 2>/dev/null",
	    STORM_HALF, STORM_HALF + STORM_PORTS - 1,
	    STORM_LATE, STORM_LATE + STORM_PORTS - 1);
	return system(rules) == 0 ? NULL : "no nft(8) here";
}

static int
number(const char *name, int otherwise)
{
	const char *s = getenv(name);

	return s == NULL ? otherwise : atoi(s);
}

static void
start_daemon(void)
{
	char path[sizeof(d.dir) + 16];

	/* The log's place is in a directory that is made here. */
	daemon_configure(&d, "workers %d\n", WORKERS);
	snprintf(path, sizeof(path), "%s/access", d.dir);
	fifo = records_open(path);
	daemon_rewrite(&d, "workers %d\nbalance idle\nqueue-timeout off\n"
	    "request-timeout 1s\naccess-log %s logfmt\n", WORKERS, path);
	daemon_start(&d);
}

static void
check_clients(const struct killer_sum *k)
{
	struct visits_sum s = visits_sum();

	diag("%lu requests (%lu of them late), %lu answered, %lu lost; %lu "
	    "kills, %lu queued behind the killed; %lu half-open", s.sent,
	    s.late, s.answered, s.lost, k->kills, k->queued,
	    storm_half_open());
	is_int(storm_busy(), 0, "nobody is left without an end");
	ok(s.answered > 0 && s.late > 0 && storm_half_open() > 0 &&
	    k->kills > 0 && k->queued > 0, "it was a storm");
	ok(s.stolen <= KILLER_RARE(k->kills), "who is lost was in the hands of "
	    "a worker that was killed, but for %lu", s.stolen);
	ok(s.lost <= k->kills, "at most one is lost for each kill");
	ok(s.unlogged <= KILLER_RARE(k->kills), "the access log has everybody "
	    "who was answered, but for %lu", s.unlogged);
	is_int(records_bad(), 0, "and nothing else");
}

static struct verdict
judge(const struct idleness *idle, const struct spans *waits,
    const struct span *all)
{
	struct verdict v = { .broken = 0 };
	const struct span *w;
	int64_t longest, proven;

	for (w = waits->v; w < waits->v + waits->n; w++) {
		if (w->to - w->from <= TOO_LONG)
			continue;
		v.long_waits++;
		longest = idleness_longest(idle, w, &proven);
		if (proven > v.worst)
			v.worst = proven;
		if (proven <= TOO_LONG) {
			v.excused += longest > TOO_LONG;
			continue;
		}
		if (v.broken++ < SHOWN && all != NULL)
			diag("%.3f s after the start: a wait of %.1f ms, and "
			    "a worker was idle for %.1f ms of it",
			    (double)(w->from - all->from) / 1e9,
			    (double)(w->to - w->from) / 1e6,
			    (double)proven / 1e6);
	}
	return v;
}

/* The judge, before it is trusted: one wait, and what is known of it. */
static void
test_judge(void)
{
	static const struct {
		const char *what;
		struct span busy[2], excused;	/* ms */
		int broken;
	} cases[] = {
		{ "15 ms beside an idle worker are too long",
		    { { 0, 25 } }, { 0, 0 }, 1 },
		{ "not if 10 of them were the machine's fault",
		    { { 0, 25 } }, { 28, 38 }, 0 },
		{ "but if only 9 were", { { 0, 25 } }, { 28, 37 }, 1 },
		{ "beside one that was busy all the time they are not",
		    { { 5, 50 } }, { 0, 0 }, 0 },
		{ "nor beside one that was idle twice, for 5 ms each",
		    { { 0, 15 }, { 20, 35 } }, { 0, 0 }, 0 },
	};
	struct spans there = { .n = 0 }, waits = there, busy, excused;
	struct idleness idle;
	size_t i, k;

	spans_add(&there, 0, 60 * CLOCK_MS);
	spans_add(&waits, 10 * CLOCK_MS, 40 * CLOCK_MS);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		busy = excused = (struct spans){ .n = 0 };
		for (k = 0; k < 2; k++)
			spans_add(&busy, cases[i].busy[k].from * CLOCK_MS,
			    cases[i].busy[k].to * CLOCK_MS);
		spans_add(&excused, cases[i].excused.from * CLOCK_MS,
		    cases[i].excused.to * CLOCK_MS);
		idleness_open(&idle, &there, &busy, &excused);
		is_int((long long)judge(&idle, &waits, NULL).broken,
		    cases[i].broken, "%s", cases[i].what);
		idleness_free(&idle);
		spans_free(&busy);
		spans_free(&excused);
	}
	spans_free(&there);
	spans_free(&waits);
}

static void
check_waits(struct witness *w)
{
	struct span all = { w->begin, w->end };
	struct spans busy = { .n = 0 }, waits = { .n = 0 };
	struct idleness idle;
	struct verdict v;
	int64_t watched;

	visits_spans(&busy, &waits);
	spans_append(&w->stalls, &w->deaths);
	idleness_open(&idle, &w->there, &busy, &w->stalls);
	v = judge(&idle, &waits, &all);
	watched = idleness_watched(&idle, &all) * 100 / (all.to - all.from);
	diag("%lu waits above 5 ms: %lu beside an idle worker, and %lu that "
	    "may be the machine's fault; at most %.1f ms beside an idle worker",
	    v.long_waits, v.broken, v.excused, (double)v.worst / 1e6);
	diag("for %d %% of the time a worker was idle, and the machine well; "
	    "its longest stall: %.1f ms%s", (int)watched,
	    (double)w->longest / 1e6,
	    w->realtime ? "" : "; no real-time priority");
	if (v.broken == 0 && watched < WATCHED_LEAST)
		skip(1, "the machine stood still too often to prove anything");
	else
		is_int((long long)v.broken, 0,
		    "nobody waited 5 ms while a worker was idle");
	idleness_free(&idle);
	spans_free(&busy);
	spans_free(&waits);
	spans_free(&w->stalls);
	spans_free(&w->deaths);
	spans_free(&w->there);
}

int
main(void)
{
	static const char *const expected[] = {
		"was killed by", "was stopped by", NULL
	};
	const char *why = private_network();
	int seed = number("SEED", 1);
	struct holdings before;
	struct killer_sum kills;
	struct witness w;

	if (why != NULL)
		plan_skip_all(why);
	plan_no_plan();
	test_judge();
	start_daemon();
	if (daemon_has_logged(&d, "; shared is in force")) {
		skip(1, "the policy is not to be had");
		daemon_finish(&d, expected);
		return exit_status();
	}
	before = holdings_of(&d, WORKERS);
	storm_open(d.port, (uint64_t)seed);
	witness_start(&d);
	kill_every = number("KILL_EVERY", KILL_EVERY) * CLOCK_MS;
	storm(number("SECONDS", torture_pick(14, 60)));
	kills = killer_finish(&d, storm_held);
	daemon_until(is_over, &kills);
	witness_stop(&w);
	diag("SEED=%d", seed);
	check_clients(&kills);
	check_waits(&w);
	daemon_await_workers(&d, WORKERS);
	daemon_await_idle(&d, WORKERS);
	holdings_check(&before, &d, WORKERS);
	daemon_finish(&d, expected);
	return exit_status();
}
