/*
 * A day's requests: at the end the daemon has what it had at the beginning, of
 * memory, descriptors, mappings, entries in the kernel's maps and idle bits.
 *
 * In the long form it is the day of a server that answers PER_SECOND requests
 * in each second of 24 hours, asked as fast as they can be answered: a count,
 * and no time; REQUESTS=n is another count.  The plain build is run, for a
 * sanitizer keeps what is freed; SPINDLED_PLAIN names another.
 *
 * A worker that leaks is as good as new when it has been replaced.  So there
 * are four parts: the warm-up, with reloads and retirements; workers that are
 * young, of whom the first measure is taken; most of the day, with reloads and
 * retirements again, for the master has to bear them; and workers that grow
 * old, of whom the second measure is taken.
 */
#include <sys/stat.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "t/check.h"
#include "t/daemon.h"
#include "t/footprint.h"
#include "t/holdings.h"
#include "t/mix.h"
#include "t/network.h"
#include "t/torture.h"

#define WORKERS		8
#define CLIENTS		8
#define PER_SECOND	40
#define DAY		(24 * 60 * 60 * PER_SECOND)
#define SHORT		24000

/* The parts: all of them together are the day. */
#define WARM_UP		(count() / 10)
#define YOUNG		4000
#define OLD		(count() * 4 / 10)
#define MOST		(count() - WARM_UP - YOUNG - OLD)

/* In each of the parts that have any. */
#define RELOADS		torture_pick(10, 100)
#define RETIREMENTS	(uint64_t)torture_pick(400, 2000)
#define RETIREMENTS_LEAST 200	/* in all: a reload ends many a life early */

/*
 * What pages may come and go: kB of the master, and of all workers together.
 * A word that is lost with each request, or with each worker that leaves, is
 * more even in the short form.
 */
#define MASTER_MAY	8
#define WORKERS_MAY	64

#define SHARED_MAY	256

/* Pages that all share count for each that has touched them: histograms, and
   the ring of the last requests. */
#define TOUCHED_MAY	(SHARED_MAY + WORKERS * 1400)

static struct daemon d;
static struct mix_sum sum;
static char directory[96];

static uint64_t
count(void)
{
	const char *requests = getenv("REQUESTS");

	return requests != NULL ? strtoull(requests, NULL, 10) :
	    (uint64_t)torture_pick(SHORT, DAY);
}

static void
make_file(void)
{
	char path[128], bytes[MIX_FILE];
	FILE *f;

	snprintf(directory, sizeof(directory), "%s/files", d.dir);
	snprintf(path, sizeof(path), "%s/f", directory);
	memset(bytes, 'f', sizeof(bytes));
	if (mkdir(directory, 0755) == -1 || (f = fopen(path, "w")) == NULL ||
	    fwrite(bytes, sizeof(bytes), 1, f) != 1 || fclose(f) == EOF)
		err(1, "%s", path);
}

/*
 * A worker leaves after so many requests; 0: never.  Without deferral, what
 * clients that reset have claimed is forgotten while the test waits for it.
 */
static void
configure(uint64_t leaves)
{
	char lifetime[64] = "";

	if (leaves > 0)
		snprintf(lifetime, sizeof(lifetime),
		    "max-requests %llu jitter 20%%\n",
		    (unsigned long long)leaves);
	daemon_rewrite(&d, "workers %d\nbalance idle\nkeepalive-timeout 5s\n"
	    "queue-timeout off\ndefer-accept no\n%s" MIX_DISKS, WORKERS,
	    lifetime, directory);
}

/* A part of the day; reloads are spread over it, at counts of requests. */
static void
spend(uint64_t requests, int reloads, uint64_t seed)
{
	int i;

	mix_start(d.port, CLIENTS, requests, seed);
	for (i = 1; i <= reloads; i++) {
		mix_await(requests * (uint64_t)i / (uint64_t)(reloads + 1));
		daemon_reload(&d);
	}
	mix_end(&sum);
	daemon_await_workers(&d, WORKERS);
	daemon_await_idle(&d, WORKERS);
}

static void
measure(struct footprint *f, struct holdings *h)
{
	holdings_wake(&d, WORKERS);
	*h = holdings_of(&d, WORKERS);
	*f = footprint_of(&d);
}

/* What has become more; what has become less is no leak. */
static void
check_growth(long long before, long long after, long long may,
    const char *what, const char *unit)
{
	diag("%s: %lld %s, and then %lld", what, before, unit, after);
	ok(after - before <= may, "%s: at most %lld %s more", what, may, unit);
}

static void
check_footprint(const struct footprint *a, const struct footprint *b)
{
	/* Whoever forks or ends makes pages of it its alone, or not. */
	diag("the master's private memory: %lld kB, and then %lld",
	    a->master_private, b->master_private);
	check_growth(a->master_shared, b->master_shared, SHARED_MAY,
	    "the master's shared memory", "kB");
	check_growth(a->master_own, b->master_own, MASTER_MAY,
	    "what is the master's own, workers share it or not", "kB");
	diag("the workers' private memory: %lld kB, and then %lld",
	    a->workers_private, b->workers_private);
	check_growth(a->workers_own, b->workers_own, WORKERS_MAY,
	    "what is the workers' own, others share it or not", "kB");
	check_growth(a->workers_shared, b->workers_shared, TOUCHED_MAY,
	    "the workers' shared memory", "kB");
	check_growth(a->master_mappings, b->master_mappings, 0,
	    "the master's mappings", "of them");
	check_growth(a->workers_mappings, b->workers_mappings, 0,
	    "the workers' mappings", "of them");
}

static void
check_requests(int64_t took)
{
	const uint64_t ended = sum.right + sum.given_up;
	uint64_t all = 0;
	int k;

	for (k = 0; k < MIX_KINDS; k++) {
		all += sum.asked[k];
		ok(sum.asked[k] > 0, "there were requests: %s, %llu",
		    mix_names[k], (unsigned long long)sum.asked[k]);
	}
	diag("%llu requests in %.1f s, %.0f in a second: as many as %.1f a "
	    "second for 24 hours", (unsigned long long)all,
	    (double)took / 1e9, (double)all * 1e9 / (double)took,
	    (double)all / 86400);
	diag("%llu refused by the limit, %llu given up by the client, %llu "
	    "asked again on another connection",
	    (unsigned long long)sum.refused, (unsigned long long)sum.given_up,
	    (unsigned long long)sum.again);
	is_int((long long)all, (long long)count(), "all of them were asked");
	is_int((long long)ended, (long long)all,
	    "each is answered as it has to be, or given up by its client");
	is_int((long long)sum.lost, 0, "none is lost");
	is_int((long long)sum.wrong, 0, "none has another answer");
	is_int((long long)sum.unmet, 0, "no handshake is reset");
	ok(sum.refused > 0, "some met a disk at its limit");
}

/* Beside those that every reload replaced. */
static void
check_retirements(void)
{
	const long long ends = (long long)daemon_count_logged(&d, ": ends\n");
	const long long replaced = (2LL * RELOADS + 3) * WORKERS;

	diag("%lld workers have ended, %lld of them replaced by reloads", ends,
	    replaced);
	ok(ends >= replaced + RETIREMENTS_LEAST,
	    "workers left by max-requests, now and then");
}

static void
spend_the_day(void)
{
	struct footprint young, old;
	struct holdings before;
	int64_t begin = clock_mono();

	spend(WARM_UP, RELOADS, 1);
	configure(0);
	daemon_reload(&d);
	spend(YOUNG, 0, 2);
	measure(&young, &before);
	configure(MOST / RETIREMENTS);
	daemon_reload(&d);
	spend(MOST, RELOADS, 3);
	configure(0);
	daemon_reload(&d);
	spend(OLD, 0, 4);
	check_requests(clock_mono() - begin);
	check_retirements();
	holdings_check(&before, &d, WORKERS);
	measure(&old, &before);
	check_footprint(&young, &old);
}

int
main(void)
{
	const char *plain = getenv("SPINDLED_PLAIN");

	if (network_own() == -1)
		plan_skip_all("no network of its own: only root may");
	if (network_forgetful(1) == -1)
		plan_skip_all("tcp_synack_retries cannot be set here");
	plan_no_plan();
	setenv("SPINDLED", plain != NULL ? plain : "build/spindled", 1);
	daemon_configure(&d, "workers %d\n", WORKERS);
	make_file();
	configure(WARM_UP / RETIREMENTS);
	daemon_start(&d);
	if (daemon_has_logged(&d, "; shared is in force"))
		skip(1, "the policy is not to be had");
	else
		spend_the_day();
	daemon_finish(&d, NULL);
	return exit_status();
}
