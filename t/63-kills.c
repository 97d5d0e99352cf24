/*
 * A worker is killed every 50 ms, under each policy, while 60 % of the workers
 * are busy on average.  What is lost was in the hands of a worker that was
 * killed, and nothing else; under `hash', what waited behind it as well, and
 * that is counted.
 */
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"
#include "t/killer.h"
#include "t/storm.h"
#include "t/torture.h"
#include "t/visits.h"
#include "t/witness.h"

#define WORKERS		16
#define KILL_EVERY	(50 * CLOCK_MS)

/*
 * Reads take 0 to 40 ms, 20 on average: 480 of them in a second are 9.6
 * workers' time, of 16.
 */
#define READ_MOST	40		/* ms */
#define LOAD		60		/* percent */
#define RATE		(LOAD * WORKERS * 1000 / 100 / (READ_MOST / 2))

static const char *const expected[] = { "was killed by", "was stopped by", NULL };

static struct daemon d;

static void
work(int64_t begin, int64_t seconds)
{
	while (clock_mono() < begin + seconds * CLOCK_S) {
		storm_step(1, -1);
		killer_step(&d, KILL_EVERY, storm_held);
	}
}

static int
is_over(void *arg)
{
	(void)arg;
	storm_step(0, -1);
	return storm_busy() == 0;
}

/* Of the workers' time, what was asked for. */
static long long
load(const struct visits_sum *s, int64_t took)
{
	return s->asked_for * 100 / (took * WORKERS);
}

static void
check(const char *policy, const struct killer_sum *k, int64_t took)
{
	const struct visits_sum s = visits_sum();
	/* The listener of all workers is never closed. */
	const unsigned long rare = strcmp(policy, "idle") == 0 ?
	    KILLER_RARE(k->kills) : 0;

	diag("%s: %lu requests, %lld %% of the workers' time, %lu answered, "
	    "%lu lost; %lu kills, %lu queued behind the killed; %lu lost were "
	    "in nobody's hands", policy, s.sent, load(&s, took), s.answered,
	    s.lost, k->kills, k->queued, s.stolen);
	is_int(storm_busy(), 0, "%s: each request comes to an end", policy);
	ok(load(&s, took) >= LOAD - 10 && load(&s, took) <= LOAD + 10,
	    "%s: the load is about %d %%", policy, LOAD);
	ok(k->kills > 0 && s.lost > 0, "%s: it was felt", policy);
	if (strcmp(policy, "hash") == 0)
		return;
	ok(s.lost <= k->kills, "%s: at most one is lost for each kill", policy);
	ok(s.stolen <= rare, "%s: who is lost was in the hands of a worker "
	    "that was killed, but for %lu", policy, s.stolen);
}

static void
test_policy(const char *policy)
{
	const int seconds = torture_pick(4, 60);
	struct killer_sum kills;
	struct witness w;
	int64_t begin, took;

	daemon_configure(&d, "workers %d\nbalance %s\nqueue-timeout off\n",
	    WORKERS, policy);
	daemon_start(&d);
	if (strcmp(policy, "idle") == 0 &&
	    daemon_has_logged(&d, "; shared is in force")) {
		skip(1, "the policy is not to be had");
		daemon_finish(&d, expected);
		return;
	}
	visits_clear();
	storm_open(d.port, 1);
	storm_steady(RATE, READ_MOST);
	witness_start(&d);
	begin = clock_mono();
	work(begin, seconds);
	took = clock_mono() - begin;
	kills = killer_finish(&d, storm_held);
	daemon_until(is_over, NULL);
	witness_stop(&w);
	spans_free(&w.stalls);
	spans_free(&w.deaths);
	spans_free(&w.there);
	check(policy, &kills, took);
	daemon_await_workers(&d, WORKERS);
	is_int(client_get(d.port, "/200,0,x", NULL), 200, "%s: serves", policy);
	daemon_finish(&d, expected);
}

int
main(void)
{
	if (geteuid() != 0)
		plan_skip_all("only root may see what workers hold");
	plan_no_plan();
	test_policy("idle");
	test_policy("shared");
	test_policy("hash");
	return exit_status();
}
