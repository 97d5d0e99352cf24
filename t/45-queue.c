/*
 * The queue of a device, through the running server: M/D/1, M/M/1 and M/M/c.
 *
 * The test makes Poisson arrivals, open loop.  When each read came, what it
 * drew, and how long it waited for its lane is in the truth log, to the
 * nanosecond.  So the waits are compared with what they have to be after the
 * arrivals that really were, exactly, and their mean with queueing theory.
 */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/draw.h"
#include "server/model.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"
#include "t/dists.h"
#include "t/reader.h"
#include "t/truths.h"

#define WORKERS		48
#define READS_MAX	4096	/* of a disk */
#define PENDING		512	/* connections that are waited for */
#define SEED		45

/* A queue, and what theory says of it. */
struct system {
	const char *disk;
	const char *read;	/* its service times */
	int lanes;
	double service;		/* their mean, ms */
	double load;		/* of each lane */
	size_t reads;
	double spread;		/* of the mean wait: a standard deviation, as
				   a part of it */
};

/*
 * The spread for one lane is from the variance of the mean of n waits, as in
 * W. Whitt, "Planning queueing simulations", Management Science 35 (1989);
 * for three lanes it is that of M/M/1 at the same load, which is more.
 */
static const struct system systems[] = {
	{ "md1", "fixed 2500us", 1, 2.5, 0.6, 2880, 0.09 },
	{ "mm1", "exponential 4ms", 1, 4, 0.5, 1500, 0.14 },
	{ "mm3", "exponential 8ms", 3, 8, 0.7, 3150, 0.16 },
};

#define SYSTEMS (sizeof(systems) / sizeof(systems[0]))

struct arrival {
	int64_t at;		/* ns since the first one could have been */
	size_t system;
};

static struct daemon d;
static struct truth_read reads[READS_MAX];
static struct arrival arrivals[SYSTEMS * READS_MAX];
static size_t narrivals;

static int
compare(const void *a, const void *b)
{
	const struct arrival *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

/* All of them, as a Poisson process for each system, the same in each run. */
static void
plan_arrivals(void)
{
	const struct system *s;
	size_t i, k;
	double at;

	for (i = 0; i < SYSTEMS; i++) {
		s = &systems[i];
		for (at = 0, k = 0; k < s->reads; k++) {
			at -= s->service / (s->load * s->lanes) *
			    log(draw_unit(draw_key(SEED + i, k), 0));
			arrivals[narrivals].at = (int64_t)(at * 1e6);
			arrivals[narrivals++].system = i;
		}
	}
	qsort(arrivals, narrivals, sizeof(arrivals[0]), compare);
}

/* Sends them all, each at its time, whatever has become of those before. */
static void
send_all(void)
{
	int fds[PENDING], fd;
	char path[32];
	int64_t start;
	size_t i;

	memset(fds, 0xff, sizeof(fds));
	start = clock_mono();
	for (i = 0; i < narrivals; i++) {
		clock_sleep_until(start + arrivals[i].at);
		snprintf(path, sizeof(path), "/%s/x",
		    systems[arrivals[i].system].disk);
		fd = reader_ask(&d, path);
		if (fds[i % PENDING] != -1)
			close(fds[i % PENDING]);
		fds[i % PENDING] = fd;
	}
	for (i = 0; i < PENDING; i++)
		if (fds[i] != -1)
			close(fds[i]);
}

/*
 * What theory has for the mean wait, in the unit of service: with one lane,
 * Pollaczek and Khinchine's; with more, Erlang's C.
 */
static double
theory(const struct system *s, double service, double load)
{
	double term = 1, sum = 0, c = s->lanes;
	int k;

	if (strncmp(s->read, "fixed", 5) == 0)
		return load * service / (2 * (1 - load));
	for (k = 0; k < s->lanes; k++) {
		sum += term;
		term *= c * load / (k + 1);
	}
	term /= 1 - load;
	return term / (sum + term) * service / (c * (1 - load));
}

/*
 * The mean wait, ms, had these customers, who are sorted, come when the test
 * meant to send them.
 */
static double
undisturbed(size_t system, const struct customer *v, size_t n)
{
	static struct customer planned[READS_MAX];
	size_t i, k;

	for (i = k = 0; i < narrivals && k < n; i++)
		if (arrivals[i].system == system) {
			planned[k] = v[k];
			planned[k++].arrival = arrivals[i].at;
		}
	queue_serve(planned, n, (size_t)systems[system].lanes);
	return queue_mean_wait(planned, n) / 1e6;
}

/* The mean, unless the machine has made something else of the arrivals. */
static void
test_mean(size_t system, const struct customer *v, size_t n)
{
	const struct system *s = &systems[system];
	double wait = queue_mean_wait(v, n) / 1e6, service = 0, load, want;
	double meant = undisturbed(system, v, n);
	size_t i;

	if (fabs(wait / meant - 1) >= 4 * s->spread) {
		skip(1, "%s: the machine held arrivals up: mean wait %.3f ms, "
		    "not %.3f", s->disk, wait, meant);
		return;
	}
	for (i = 0; i < n; i++)
		service += (double)v[i].service / 1e6 / (double)n;
	load = service * (double)(n - 1) /
	    ((double)(v[n - 1].arrival - v[0].arrival) / 1e6) / s->lanes;
	want = theory(s, service, load);
	ok(fabs(wait / want - 1) < 4 * s->spread,
	    "%s: load %.3f, mean wait %.3f ms, %.3f in theory, %.3f as sent",
	    s->disk, load, wait, want, meant);
}

/* What a read with this number draws is known to everybody. */
static size_t
wrong_draws(const struct system *s, const struct truth_read *v, size_t n)
{
	struct dist dist = dists_of(s->read, &dists_times);
	uint64_t key = draw_hash(SEED, s->disk, strlen(s->disk));
	size_t i, wrong = 0;

	for (i = 0; i < n; i++)
		wrong += v[i].number != i || v[i].service !=
		    dist_value(&dist, draw_unit(draw_key(key, i), MODEL_TIME),
		    i);
	return wrong;
}

static void
test_system(size_t system)
{
	static struct customer customers[READS_MAX];
	const struct system *s = &systems[system];
	size_t n, i, waited = 0, early = 0;

	n = truths_await(&d, s->disk, s->reads, reads, READS_MAX);
	is_int((long long)n, (long long)s->reads, "%s: all reads are logged",
	    s->disk);
	is_int((long long)wrong_draws(s, reads, n), 0,
	    "%s: each took what its number draws", s->disk);
	truths_customers(reads, n, customers);
	is_int((long long)queue_serve(customers, n, (size_t)s->lanes), 0,
	    "%s: each waited for as long as the arrivals say, to the ns",
	    s->disk);
	for (i = 0; i < n; i++) {
		waited += reads[i].lane > 0;
		early += reads[i].actual < reads[i].lane + reads[i].service;
	}
	ok(waited > n / 5 && waited < n, "%s: %zu of %zu waited", s->disk,
	    waited, n);
	is_int((long long)early, 0, "%s: none ended before its time", s->disk);
	test_mean(system, customers, n);
}

/*
 * One in service, one behind it that is killed, and a third behind that: the
 * device goes on with what it has begun.
 */
static void
test_killed(void)
{
	int64_t second, third, end;
	int fds[3], i;
	pid_t first;
	size_t n;

	fds[0] = reader_ask(&d, "/200,1000,kill/first");
	daemon_await_reading(&d, 1);
	first = reader_pid(&d, -1);
	fds[1] = reader_ask(&d, "/200,2000,kill/second");
	daemon_await_reading(&d, 2);
	kill(reader_pid(&d, first), SIGKILL);
	ok(client_closed(fds[1]), "a worker is killed in its lane's queue");
	fds[2] = reader_ask(&d, "/200,10,kill/third");
	n = truths_await(&d, "kill", 2, reads, READS_MAX);
	for (i = 0; i < 3; i++)
		close(fds[i]);
	if (!is_int((long long)n, 2, "the others' reads are logged"))
		return;
	second = reads[0].at + reads[0].lane + reads[0].service;
	end = second + 2000 * CLOCK_MS;
	is_int((long long)reads[0].lane, 0, "the first found the lane free");
	third = reads[1].at + reads[1].lane;
	is_int(third, reads[1].at > end ? reads[1].at : end,
	    "the third waited for the end of the second all the same");
	ok(reads[1].lane > 0, "%lld ns", (long long)reads[1].lane);
	daemon_await_idle(&d, WORKERS);
}

int
main(void)
{
	static const char *const expected[] = {
		"was killed by signal 9", NULL
	};
	char statements[512] = "queue-timeout off\n";
	size_t i, len;

	plan_no_plan();
	for (i = 0; i < SYSTEMS; i++) {
		len = strlen(statements);
		snprintf(statements + len, sizeof(statements) - len,
		    "disk %s {\n read %s\n lanes %d\n seed %d\n}\n",
		    systems[i].disk, systems[i].read, systems[i].lanes, SEED);
	}
	strlcat(statements, "disk kill {\n lanes 1\n}\n", sizeof(statements));
	truths_start(&d, WORKERS, statements);
	plan_arrivals();
	send_all();
	for (i = 0; i < SYSTEMS; i++)
		test_system(i);
	test_killed();
	daemon_finish(&d, expected);
	return exit_status();
}
