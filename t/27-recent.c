/*
 * The ring of recent requests: what is found, what is gone, and what readers
 * see while writers write, are overtaken, and are killed.
 */
#include <sys/wait.h>

#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/draw.h"
#include "server/recent.h"
#include "t/check.h"

#define WRITERS	3
#define KILLS	60

/* Everything in it follows from its id. */
static struct recent
an_entry(uint64_t id)
{
	struct recent r = { .id = id };

	r.arrived = (int64_t)(draw_key(id, 1) >> 4);
	r.total = (int64_t)(draw_key(id, 2) >> 1);
	r.queue = (int64_t)draw_key(id, 3);
	r.lane = (int64_t)draw_key(id, 4);
	r.disk = (int64_t)draw_key(id, 5);
	r.reply = (int64_t)draw_key(id, 6);
	r.behind_queue = draw_key(id, 7);
	r.behind_lane = draw_key(id, 8);
	r.condition = draw_key(id, 9);
	r.bytes = draw_key(id, 10);
	r.slot = (unsigned int)id;
	r.len = (unsigned int)(id % (RECENT_LINE + 1));
	memset(r.line, 'a' + (int)(id % 26), r.len);
	return r;
}

static int
is_whole(const struct recent *r)
{
	struct recent want = an_entry(r->id);
	const int64_t ago = clock_real() - clock_mono();

	/* It is shown by the other clock. */
	if (llabs(r->arrived - ago - want.arrived) > CLOCK_S)
		return 0;
	want.arrived = r->arrived;
	/* It has no gaps. */
	return memcmp((const void *)r, (const void *)&want,
	    sizeof(want)) == 0;
}

static void
test_ids(void)
{
	uint64_t first = recent_id(), second = recent_id();

	ok(first != 0 && first >> 32 != 0, "an id has an upper half");
	is_int((long long)(first & UINT32_MAX), 0, "the lower one counts");
	is_int((long long)(second - first), 1, "by one each time");
	if (recent_open() == -1)
		err(1, "recent_open");
	ok(recent_id() >> 32 != first >> 32,
	    "another master has another upper half");
}

static void
test_ring(void)
{
	struct recent r, put;
	uint64_t id, slowest = 0;
	int64_t longest = -1;
	size_t i, wrong = 0;

	is_int(recent_last(&r), -1, "at first there is no last one");
	is_int(recent_slowest(&r), -1, "no slowest one");
	is_int(recent_find(0, &r), -1, "and none without an id");
	for (id = 1; id <= RECENT_MAX + 100; id++) {
		put = an_entry(id);
		recent_put(&put);
		if (id > 100 && put.total > longest) {
			longest = put.total;
			slowest = id;
		}
	}
	is_int(recent_last(&r), 0, "then there is");
	is_int((long long)r.id, RECENT_MAX + 100, "it is the last one");
	ok(is_whole(&r), "as it was put there");
	is_int(recent_slowest(&r), 0, "one was the slowest");
	is_int((long long)r.id, (long long)slowest, "of those that are left");
	for (i = 101; i <= RECENT_MAX + 100; i++)
		wrong += recent_find(i, &r) == -1 || !is_whole(&r);
	is_int((long long)wrong, 0, "%d requests are found", RECENT_MAX);
	is_int(recent_find(100, &r), -1, "one before them is not");
	is_int(recent_find(RECENT_MAX + 101, &r), -1, "nor one behind them");
}

/* Whether a reader can see a mix of two, which a sequence alone would hide. */
static pid_t
start_writer(void)
{
	struct recent put;
	pid_t pid = fork();

	if (pid == -1)
		err(1, "fork");
	if (pid > 0)
		return pid;
	for (;;) {
		put = an_entry(recent_id());
		recent_put(&put);
	}
}

static void
test_kills(void)
{
	pid_t pids[WRITERS];
	struct recent r, last;
	size_t i, k, found = 0, torn = 0, lost = 0;
	int64_t until;

	for (i = 0; i < WRITERS; i++)
		pids[i] = start_writer();
	for (k = 0; k < KILLS; k++) {
		until = clock_mono() + 5 * CLOCK_MS;
		while (clock_mono() < until) {
			if (recent_last(&last) == 0) {
				found++;
				torn += !is_whole(&last);
				if (recent_find(last.id, &r) == 0)
					torn += !is_whole(&r);
			}
			if (recent_slowest(&r) == 0)
				torn += !is_whole(&r);
			else
				lost++;
		}
		i = k % WRITERS;
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
		pids[i] = start_writer();
	}
	for (i = 0; i < WRITERS; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	ok(found > KILLS, "entries are found while they are written (%zu)",
	    found);
	is_int((long long)torn, 0, "none of them is a mix of two");
	is_int((long long)lost, 0, "and there is always one");
	for (i = 0, found = 0; i < RECENT_MAX; i++) {
		last = an_entry(recent_id());
		recent_put(&last);
		found += recent_find(last.id, &r) == 0 && is_whole(&r);
	}
	is_int((long long)found, RECENT_MAX,
	    "after %d kills, every entry can be used", KILLS);
}

int
main(void)
{
	plan_no_plan();
	if (recent_open() == -1)
		err(1, "recent_open");
	test_ids();
	test_ring();
	test_kills();
	return exit_status();
}
