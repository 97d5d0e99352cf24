/*
 * A timetable, through the running server: which condition each read met is in
 * the truth log, beside its time since the configuration was loaded.
 */
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"
#include "t/truths.h"

#define READS	4096
#define LONG	(2 * EVERY + AFTER)	/* that the reads go on for */

/* `sick' from 200 ms on, for 150 ms of every 400 ms. */
#define AFTER	(200 * CLOCK_MS)
#define FOR	(150 * CLOCK_MS)
#define EVERY	(400 * CLOCK_MS)

static const char statements[] = "disk default {\n read fixed 1ms\n"
    " condition sick {\n  read fixed 3ms\n }\n"
    " schedule sick after 200ms for 150ms every 400ms\n}\n";

static struct daemon d;
static struct truth_read reads[READS];

/* How many changes of condition there have been until a time. */
static int64_t
changes(int64_t t)
{
	if (t < AFTER)
		return 0;
	return 1 + (t - AFTER) / EVERY * 2 + ((t - AFTER) % EVERY >= FOR);
}

/* One after the other, until the log has seen the last change. */
static size_t
read_on(void)
{
	size_t n = 0;

	do {
		client_get(d.port, "/x", NULL);
		n = truths_await(&d, NULL, n + 1, reads, READS);
	} while (n < READS && reads[n - 1].at < LONG);
	return n;
}

/*
 * A read asks for its condition between the end of the read before it and its
 * own place in the queue.  So where no change lies between these, it is known.
 */
static void
test_timetable(void)
{
	size_t n = read_on(), i, known = 0, wrong = 0, sick = 0;
	int64_t since = 0, now;
	int want;

	for (i = 0; i < n; i++) {
		now = changes(reads[i].at);
		want = now % 2 == 1;
		if (now == changes(since)) {
			known++;
			sick += want;
			wrong += (strcmp(reads[i].condition, "sick") == 0) !=
			    want;
		}
		wrong += reads[i].service != (strcmp(reads[i].condition,
		    "healthy") == 0 ? CLOCK_MS : 3 * CLOCK_MS);
		since = reads[i].at + reads[i].actual;
	}
	ok(known > n / 2, "of %zu of %zu reads the condition is known", known,
	    n);
	ok(sick > 0 && sick < known, "%zu should be sick", sick);
	is_int((long long)wrong, 0, "all are what they should be");
}

/* Time 0 is when the configuration was loaded, also by a reload. */
static void
test_reload(void)
{
	int64_t last, before = clock_mono();
	size_t n;

	n = truths_await(&d, NULL, 0, reads, READS);
	last = reads[n - 1].at;
	daemon_reload(&d);
	daemon_await_workers(&d, 2);
	client_get(d.port, "/x", NULL);
	is_int((long long)truths_await(&d, NULL, n + 1, reads, READS),
	    (long long)n + 1, "a read after a reload");
	ok(reads[n].at <= clock_mono() - before,
	    "time has begun anew: %.3f s, not %.3f s and more",
	    (double)reads[n].at / 1e9, (double)last / 1e9);
}

int
main(void)
{
	plan_no_plan();
	truths_start(&d, 2, statements);
	test_timetable();
	test_reload();
	daemon_finish(&d, NULL);
	return exit_status();
}
