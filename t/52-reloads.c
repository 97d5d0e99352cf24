/*
 * A reload every 500 ms under load, of configurations that are good, and then
 * of good and broken ones in turn: no request is lost, and each error is told.
 * There is a daemon for each policy, all at the same time.  Under `hash' a
 * connection that comes to a worker in the moment in which it leaves is reset,
 * and these are counted.
 */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"
#include "t/torture.h"
#include "t/work.h"

#define EVERY	(500 * CLOCK_MS)
#define LEAST	6		/* workers */

static struct subject {
	const char *policy;
	struct daemon d;
	struct work w;
	unsigned int workers;	/* of the configuration in force */
} subjects[] = {
	{ .policy = "idle" }, { .policy = "shared" }, { .policy = "hash" }
};

#define SUBJECTS (sizeof(subjects) / sizeof(subjects[0]))

/* How a configuration can be broken, and what the log says of that. */
static const struct broken {
	const char *text, *error;
} broken[] = {
	{ "workers no\n", ": workers: expected a number from 1 to 16384" },
	{ "workerz 8\n", ": unknown keyword `workerz'" },
	{ "disk sda {\n", ": the block is not closed" },
	{ NULL, "cannot read the configuration: No such file" }
};

#define BROKEN (sizeof(broken) / sizeof(broken[0]))

static void
write_good(struct subject *s, unsigned int turn)
{
	s->workers = LEAST + turn % 4;
	daemon_rewrite(&s->d, "workers %u\nbalance %s\n", s->workers,
	    s->policy);
}

static void
write_broken(struct subject *s, const struct broken *b)
{
	if (b->text == NULL)
		unlink(s->d.conf);
	else
		daemon_rewrite(&s->d, "%s", b->text);
}

/* All of them at once, and then they are waited for. */
static void
reload_all(void)
{
	size_t i;

	for (i = 0; i < SUBJECTS; i++)
		daemon_signal(&subjects[i].d, SIGHUP);
	for (i = 0; i < SUBJECTS; i++) {
		daemon_await_notify(&subjects[i].d, "RELOADING=1");
		daemon_await_notify(&subjects[i].d, "READY=1");
	}
}

/* Who waits for a daemon that is late does not hurry afterwards. */
static int64_t
wait_for_turn(int64_t due)
{
	int64_t now = clock_mono();

	if (now > due)
		return now + EVERY;
	clock_sleep_until(due);
	return due + EVERY;
}

static void
reload_many(unsigned int n, int alternating)
{
	int64_t begin = clock_mono(), due = begin;
	unsigned int turn;
	size_t i;

	for (turn = 0; turn < n; turn++) {
		for (i = 0; i < SUBJECTS; i++)
			if (alternating && turn % 2 == 1)
				write_broken(&subjects[i],
				    &broken[turn / 2 % BROKEN]);
			else
				write_good(&subjects[i], turn);
		due = wait_for_turn(due);
		reload_all();
	}
	diag("%u reloads%s in %.1f s", n, alternating ?
	    ", every second one of a broken configuration," : "",
	    (double)(clock_mono() - begin) / 1e9);
}

static void
check_log(struct subject *s, unsigned int n)
{
	unsigned int good = n + (n + 1) / 2, bad = n / 2, i;

	is_int((long long)daemon_count_logged(&s->d, "reload: 1 error in "),
	    bad, "%s: each broken one is told of", s->policy);
	is_int((long long)daemon_count_logged(&s->d, " to take over"), good,
	    "%s: each good one is in force", s->policy);
	for (i = 0; i < BROKEN; i++)
		is_int((long long)daemon_count_logged(&s->d, broken[i].error),
		    (int)((bad + BROKEN - 1 - i) / BROKEN),
		    "%s: each time in words: %s", s->policy, broken[i].error);
}

static void
check_requests(struct subject *s)
{
	struct work_sum sum;

	work_end(&s->w, &sum);
	diag("%s: %llu requests, %llu reset; the longest wait for a worker "
	    "took %.1f ms", s->policy, (unsigned long long)sum.sent,
	    (unsigned long long)sum.reset, (double)sum.worst / 1e6);
	is_int((long long)sum.others, 0, "%s: each request is accounted for",
	    s->policy);
	if (strcmp(s->policy, "hash") != 0)
		is_int((long long)(sum.sent - sum.answered), 0,
		    "%s: none is lost", s->policy);
}

static void
finish(struct subject *s, unsigned int n)
{
	static const char *const expected[] = {
		"expected ", "unknown keyword", "cannot read",
		"reload: 1 error", NULL
	};

	check_requests(s);
	check_log(s, n);
	daemon_await_workers(&s->d, s->workers);
	is_int(client_get(s->d.port, "/200,0,x", NULL), 200, "%s: serves",
	    s->policy);
	daemon_finish(&s->d, expected);
}

int
main(void)
{
	/* Two in a second. */
	const unsigned int n = (unsigned int)torture_pick(6, 120);
	size_t i;

	plan_no_plan();
	for (i = 0; i < SUBJECTS; i++) {
		daemon_configure(&subjects[i].d, "workers %d\nbalance %s\n",
		    LEAST, subjects[i].policy);
		daemon_start(&subjects[i].d);
		work_start(&subjects[i].w, subjects[i].d.port);
	}
	reload_many(n, 0);
	reload_many(n, 1);
	for (i = 0; i < SUBJECTS; i++)
		finish(&subjects[i], n);
	return exit_status();
}
