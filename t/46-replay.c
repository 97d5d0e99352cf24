/*
 * A log of fio's, replayed.  In sequence, through the running server, each
 * read takes what the log says in its place; at random, the log's quantiles
 * come out again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/dist.h"
#include "common/draw.h"
#include "server/disk.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"
#include "t/dists.h"
#include "t/load.h"
#include "t/scratch.h"
#include "t/truths.h"

#define LOGGED	401		/* reads in the log */
#define READS	(LOGGED + 20)	/* so that it begins again */
#define DRAWS	400000		/* at random */

static struct daemon d;
static int64_t logged[LOGGED];
static struct truth_read reads[READS];
static int64_t drawn[DRAWS];
static char text[128 * LOGGED];

/* Latencies around 1 ms with a tail, and a write behind every other read. */
static const char *
make_log(void)
{
	struct dist like = dists_of("lognormal 1ms p99 9ms", &dists_times);
	size_t i, len = 0;

	for (i = 0; i < LOGGED; i++) {
		logged[i] = dist_value(&like, draw_unit(draw_key(1, i), 0), 0);
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "%zu, %" PRId64 ", 0, 4096, %zu, 0\n", i, logged[i],
		    i * 4096);
		if (i % 2 == 0)
			len += (size_t)snprintf(text + len, sizeof(text) - len,
			    "%zu, %d, 1, 4096, 0, 0\n", i, 77);
	}
	return scratch_write("fio_clat.1.log", text, len);
}

static void
test_sequence(const char *log)
{
	char statements[512];
	int failed = 0, wrong = 0, i;

	snprintf(statements, sizeof(statements),
	    "disk replay {\n read trace %s\n}\n", log);
	truths_start(&d, 2, statements);
	for (i = 0; i < READS; i++)
		failed += client_get(d.port, "/replay/x", NULL) != 200;
	is_int(failed, 0, "%d reads", READS);
	is_int((long long)truths_await(&d, "replay", READS, reads, READS),
	    READS, "are logged");
	for (i = 0; i < READS; i++)
		wrong += reads[i].service != logged[i % LOGGED] ||
		    reads[i].actual < reads[i].service;
	is_int(wrong, 0, "each took what the log says, and then from its start");
	daemon_finish(&d, NULL);
}

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The value that a fraction p of n sorted ones do not exceed. */
static int64_t
quantile(const int64_t *v, size_t n, double p)
{
	return v[(size_t)((double)(n - 1) * p)];
}

static void
test_sampled(const char *log)
{
	static const double fractions[] = {
		0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99
	};
	static struct conf c;
	const struct conf_disk *disk = &c.disks[0];
	struct model_draw one;
	int64_t want, got;
	size_t i;

	is_int(load_format(&c, "user nobody\n"
	    "disk default {\n read trace %s sampled\n}\n", log), 0,
	    "the log at random%s", load_messages());
	for (i = 0; i < DRAWS; i++) {
		disk_draw(disk, &disk->models[0], disk_key(disk, i, "", 0), i,
		    0, &one);
		drawn[i] = one.service;
	}
	qsort(drawn, DRAWS, sizeof(drawn[0]), compare);
	qsort(logged, LOGGED, sizeof(logged[0]), compare);
	for (i = 0; i < sizeof(fractions) / sizeof(fractions[0]); i++) {
		want = quantile(logged, LOGGED, fractions[i]);
		got = quantile(drawn, DRAWS, fractions[i]);
		ok(llabs(got - want) * 100 <= want,
		    "p%g: %" PRId64 " ns of %" PRId64, fractions[i] * 100, got,
		    want);
	}
	conf_close(&c);
}

int
main(void)
{
	char log[256];

	plan_no_plan();
	snprintf(log, sizeof(log), "%s", make_log());
	test_sequence(log);
	load_here();
	test_sampled(log);
	return exit_status();
}
