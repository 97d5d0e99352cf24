/*
 * The disks of a running daemon: which one a request reads, what is drawn for
 * it, who may be inside, and that the truth log tells the truth.
 */
#include <sys/stat.h>

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/dist.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"
#include "t/reader.h"
#include "t/scratch.h"
#include "t/text.h"
#include "t/truths.h"

#define READS	200		/* of a run that is repeated */
#define WORKERS	64
#define LIMIT	8		/* of them, in a disk that hangs */
#define OTHERS	300		/* reads of another disk meanwhile */

static struct daemon d;
static struct response r;
static struct truth_read reads[1024];

/* The field of Server-Timing, cut to the microsecond as it is; us. */
static int64_t
timing(const char *name)
{
	char field[64];
	const char *p;
	int64_t us;

	snprintf(field, sizeof(field), "%s;dur=", name);
	if ((p = strstr(r.head, field)) == NULL)
		return -1;
	us = strtoll(p + strlen(field), (char **)(uintptr_t)&p, 10) * 1000;
	return *p == '.' ? us + atoi(p + 1) : -1;
}

/* Disks, and what is in them. */

static void
test_disks(void)
{
	char statements[512];

	scratch_write("a", "", 0);
	snprintf(statements, sizeof(statements), "max-delay 1m\n"
	    "disk default { read fixed 0 }\ndisk one { read fixed 3ms }\n"
	    "disk real {\n read fixed 5ms\n path %s\n}\n"
	    "disk sized {\n read none\n object-size 1000\n bandwidth 100000\n}"
	    "\n", scratch_dir());
	if (chmod(scratch_dir(), 0755) == -1)
		err(1, "%s", scratch_dir());
	truths_start(&d, 4, statements);
	client_get(d.port, "/one/a", &r);
	ok(timing("disk") >= 3000, "the first segment names the disk");
	client_get(d.port, "/two/one/a", &r);
	ok(timing("disk") >= 0, "no other one does");
	is_int(client_get(d.port, "/real/a", &r), 200, "a file of a disk");
	is_int((long long)r.body_len, 0, "which is empty");
	ok(timing("disk") >= 5000, "takes its time");
	is_int(client_get(d.port, "/real/b", &r), 404, "there is no other");
	is_int((long long)timing("disk"), 0, "which is known at once");
	is_int(client_get(d.port, "/real/real/a", &r), 404,
	    "the disk's name is no part of the file's");
	is_int(client_get(d.port, "/sized", &r), 200, "a disk with objects");
	is_int((long long)r.body_len, 1000, "has them");
	ok(timing("disk") >= 10000, "and they take as long as it says");
	is_int(client_get(d.port, "/one/a?delay=2m", &r), 400, "max-delay");
	has_string(r.body, "1m", "is named");
	is_int(client_get(d.port, "/one/a?size=17g", &r), 400,
	    "there is a largest size, too");
	is_int((long long)truths_await(&d, NULL, 4, reads, 1024), 4,
	    "nothing that was no read is logged as one");
	daemon_finish(&d, NULL);
}

static void
test_queries(void)
{
	size_t n, ones = 0, i;

	truths_start(&d, 2, "max-delay 1m\nkeepalive-timeout 1m\ndisk default {\n"
	    " read fixed 1ms\n fail 100% fixed 2ms 507\n}\n");
	is_int(client_get(d.port, "/x", &r), 507, "a disk that fails always");
	is_int(client_get(d.port, "/x?delay=10ms", &r), 200,
	    "a delay that is asked for is all there is");
	is_int(client_get(d.port, "/x?status=200", &r), 200, "and a status");
	is_int(client_get(d.port, "/200,3,x", &r), 200, "by the path as well");
	is_int(client_get(d.port, "/404,-1,x", &r), 404, "a status there");
	is_int(client_get(d.port, "/404,3,x?status=503&delay=4ms", &r), 503,
	    "the query is stronger");
	is_int(client_get(d.port, "/x?status=200&size=10", &r), 200, "a size");
	is_int((long long)r.body_len, 10, "is what comes");
	n = truths_await(&d, NULL, 7, reads, 1024);
	is_int((long long)n, 7, "these are the reads:");
	is_int((long long)reads[0].service, 2 * CLOCK_MS, "as drawn");
	is_int((long long)reads[1].service, 10 * CLOCK_MS, "as asked");
	is_int((long long)reads[2].service, 2 * CLOCK_MS, "as drawn, but well");
	is_int((long long)reads[3].service, 3 * CLOCK_MS, "as the path says");
	is_int((long long)reads[5].service, 4 * CLOCK_MS, "as the query does");
	is_string(reads[2].outcome, "ok", "well is ok");
	is_string(reads[4].outcome, "fail", "asked to fail is fail");
	for (i = 0; i < READS; i++)
		client_get(d.port, "/x?delay=0:3,1ms:1&status=200", &r);
	truths_await(&d, NULL, n + READS, reads, 1024);
	for (i = n; i < n + READS; i++)
		ones += reads[i].service == CLOCK_MS;
	ok(ones > READS / 8 && ones < READS * 3 / 8,
	    "weights: %zu of %d, one in four", ones, READS);
	daemon_finish(&d, NULL);
}

static void
ask_and_keep(int fd, const char *path, const char *field, const char *what)
{
	char request[128];

	snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: t\r\n\r\n",
	    path);
	client_send(fd, request, strlen(request));
	client_receive(fd, &r, 0);
	ok((strstr(r.head, "\r\nConnection: close\r\n") != NULL) ==
	    (field != NULL), "%s", what);
}

static void
test_close(void)
{
	int fd;

	truths_start(&d, 2, "keepalive-timeout 1m\ndisk default { read none }\n");
	fd = client_connect(d.port);
	ask_and_keep(fd, "/x", NULL, "a connection is kept");
	ask_and_keep(fd, "/x?close=false", NULL, "close=false keeps it too");
	ask_and_keep(fd, "/x?close=true", "close", "close=true ends it");
	ok(client_closed(fd), "indeed");
	close(fd);
	daemon_finish(&d, NULL);
}

/* Draws. */

static const char ladder[] = "disk a {\n seed %d\n read uniform 0 2ms\n"
    " slow 20%% fixed 3ms\n slow 10%% uniform 3ms 4ms\n"
    " fail 10%% fixed 1ms 502\n fail 20%% fixed 2ms\n}\n"
    "disk b {\n seed %d\n seed-by path\n read uniform 0 2ms\n}\n";

static void
start_ladder(int workers, int seed)
{
	char text[512];

	snprintf(text, sizeof(text), ladder, seed, seed);
	truths_start(&d, workers, text);
}

/* Reads that come one after the other; v gets what is logged of them. */
static void
run_ladder(int workers, int seed, struct truth_read *v)
{
	int i;

	start_ladder(workers, seed);
	for (i = 0; i < READS; i++)
		client_get(d.port, "/a/x", &r);
	is_int((long long)truths_await(&d, "a", READS, v, READS), READS,
	    "seed %d, %d workers: all is logged", seed, workers);
	daemon_finish(&d, NULL);
}

static size_t
count_same(const struct truth_read *a, const struct truth_read *b)
{
	size_t i, n = 0;

	for (i = 0; i < READS; i++)
		n += a[i].number == i && b[i].number == i &&
		    a[i].service == b[i].service &&
		    a[i].status == b[i].status;
	return n;
}

static void
test_seeds(void)
{
	static struct truth_read first[READS], again[READS], other[READS];
	size_t i, failed = 0;

	run_ladder(3, 7, first);
	run_ladder(5, 7, again);
	run_ladder(3, 8, other);
	is_int((long long)count_same(first, again), READS,
	    "the same arrivals draw the same, whoever serves them");
	ok(count_same(first, other) < READS / 2, "another seed, other draws");
	for (i = 0; i < READS; i++)
		failed += first[i].status != 200;
	ok(failed > READS / 5 && failed < READS * 2 / 5,
	    "%zu of %d failed, 30 %%", failed, READS);
}

/* Each path once, then in the other direction. */
static void
test_seed_by_path(void)
{
	size_t i, same = 0, differ = 0;
	char path[32];

	start_ladder(3, 7);
	for (i = 0; i < READS; i++) {
		snprintf(path, sizeof(path), "/b/%zu",
		    i < READS / 2 ? i : READS - 1 - i);
		client_get(d.port, path, &r);
	}
	truths_await(&d, "b", READS, reads, READS);
	for (i = 0; i < READS / 2; i++) {
		same += reads[i].service == reads[READS - 1 - i].service;
		differ += i > 0 && reads[i].service != reads[i - 1].service;
	}
	is_int((long long)same, READS / 2, "a path always draws the same");
	is_int((long long)differ, READS / 2 - 1, "and another one another");
	daemon_finish(&d, NULL);
}

/* The log and the client are told the same. */
static void
test_truth(void)
{
	int64_t lane[READS], disk[READS];
	size_t i, same = 0, in_time = 0;
	int64_t now = clock_real();

	truths_start(&d, 3, "disk default {\n lanes 2\n read uniform 0 3ms\n"
	    " fail 10% fixed 1ms\n}\nread-timeout 500ms\n");
	for (i = 0; i < READS; i++) {
		client_get(d.port, "/x", &r);
		lane[i] = timing("lane");
		disk[i] = timing("disk");
	}
	client_get(d.port, "/x?delay=600ms", &r);
	client_get(d.port, "/x?delay=0", &r);
	truths_await(&d, NULL, READS + 2, reads, READS + 2);
	for (i = 0; i < READS; i++) {
		same += reads[i].lane / CLOCK_US == lane[i] &&
		    reads[i].actual / CLOCK_US == disk[i] &&
		    reads[i].actual >= reads[i].lane + reads[i].service;
		in_time += reads[i].arrival >= now &&
		    reads[i].arrival <= clock_real();
	}
	is_int((long long)same, READS, "Server-Timing says what the log does");
	is_int((long long)in_time, READS, "times are of today");
	is_string(reads[READS].outcome, "timeout", "read-timeout is told apart");
	is_int(reads[READS].status, 504, "by its status too");
	is_int((long long)reads[READS + 1].service, 1,
	    "a lane is taken for a nanosecond at least");
	daemon_finish(&d, NULL);
}

/* A reload goes on counting, and so does a new file. */
static void
test_reload(void)
{
	char moved[160];

	truths_start(&d, 2, "disk default { read fixed 1ms }\n");
	client_get(d.port, "/x", &r);
	daemon_reload(&d);
	client_get(d.port, "/x", &r);
	is_int((long long)truths_await(&d, NULL, 2, reads, 8), 2,
	    "a reload goes on in the same log");
	is_int((long long)reads[1].number, 1, "and with the same device");
	snprintf(moved, sizeof(moved), "%s.1", truths_path(&d));
	if (rename(truths_path(&d), moved) == -1)
		err(1, "%s", moved);
	daemon_signal(&d, SIGUSR1);
	daemon_await_notify(&d, "READY=1");
	daemon_await_workers(&d, 2);
	client_get(d.port, "/x", &r);
	is_int((long long)truths_await(&d, NULL, 1, reads, 8), 1,
	    "USR1 takes a new one");
	is_int((long long)reads[0].number, 2, "for the reads from then on");
	daemon_finish(&d, NULL);
}

/* Limits. */

/* The other disk's reads; how many were not well. */
static int
read_other(int n)
{
	int failed = 0;

	while (n-- > 0)
		failed += client_get(d.port, "/well/x", &r) != 200;
	return failed;
}

static void
test_limit(void)
{
	static const char *const expected[] = {
		"was killed by signal 9", "workers are killed", NULL
	};
	size_t i, n, full = 0;
	int fds[LIMIT], failed = 0;
	pid_t pid;

	truths_start(&d, WORKERS, "stop-timeout 0\ndisk well { read fixed 1ms }\n"
	    "disk stuck {\n read hang\n limit 8\n lanes 1\n}\n");
	for (i = 0; i < LIMIT; i++)
		fds[i] = reader_ask(&d, "/stuck/x");
	daemon_await_reading(&d, LIMIT);
	is_int(client_get(d.port, "/stuck/x", &r), 503, "the disk is full");
	has_string(r.head, "\r\nRetry-After: 1\r\n", "the client may retry");
	is_int((long long)timing("disk"), 0, "it did not have to wait for that");
	for (i = 0; i < OTHERS / 10; i++) {
		full += client_get(d.port, "/stuck/x", &r) == 503;
		failed += read_other(10);
	}
	is_int((long long)full, OTHERS / 10, "full stays full");
	is_int(failed, 0, "another disk is served all the time");
	n = truths_await(&d, "stuck", OTHERS / 10 + 1, reads, 1024);
	is_string(reads[0].outcome, "full", "the log says so");
	is_int((long long)reads[0].number, LIMIT, "the arrival is counted");
	is_int((long long)reads[0].service, 0, "and nothing was drawn");
	is_int((long long)n, OTHERS / 10 + 1, "those that hang have no line");

	/* Whoever is killed gives the seat back. */
	if ((pid = reader_pid(&d, -1)) > 0)
		kill(pid, SIGKILL);	/* -1 would be everybody */
	daemon_await_log(&d, "was killed by signal 9", 0);
	close(reader_ask(&d, "/stuck/x"));
	daemon_await_reading(&d, LIMIT);
	is_int(client_get(d.port, "/stuck/x", &r), 503,
	    "one more, and no more than that");
	for (i = 0; i < LIMIT; i++)
		close(fds[i]);
	is_int(read_other(10), 0, "clients that have gone change nothing");
	is_int(client_get(d.port, "/stuck/x", &r), 503, "nor make room");
	daemon_finish(&d, expected);
}

static void
test_interruptible(void)
{
	char log[128], text[4096], statements[256];
	size_t n;
	int fd;

	snprintf(log, sizeof(log), "%s", scratch_write("access", "", 0));
	snprintf(statements, sizeof(statements), "access-log %s logfmt\n"
	    "disk a {\n read hang\n interruptible yes\n limit 1\n}\n", log);
	truths_start(&d, 2, statements);
	fd = reader_ask(&d, "/a/x");
	daemon_await_reading(&d, 1);
	close(fd);
	n = truths_await(&d, NULL, 1, reads, 8);
	if (!is_int((long long)n, 1, "the client goes, and the read ends"))
		exit(1);
	is_string(reads[0].outcome, "gone", "which is logged");
	is_int(reads[0].status, 499, "as a status that no reply has");
	is_int((long long)reads[0].service, DIST_FOREVER, "and not its time");
	text_read(log, text, sizeof(text));
	has_string(text, " status=499 bytes=0 ", "in the access log as well");
	fd = reader_ask(&d, "/a/y");
	daemon_await_reading(&d, 1);
	close(fd);
	truths_await(&d, NULL, 2, reads, 8);
	is_string(reads[1].outcome, "gone", "its seat was free again");
	is_int(client_get(d.port, "/a/z?delay=20ms", &r), 200,
	    "who stays is served");
	ok(timing("disk") >= 20000, "after the whole time");
	daemon_signal(&d, SIGTERM);
	daemon_await_log(&d, "served 3 requests, 2 errors, 2 clients gone", 0);
	daemon_finish(&d, NULL);
}

int
main(void)
{
	plan_no_plan();
	test_disks();
	test_queries();
	test_close();
	test_seeds();
	test_seed_by_path();
	test_truth();
	test_reload();
	test_limit();
	test_interruptible();
	return exit_status();
}
