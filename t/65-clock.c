/*
 * A clock that is set while requests wait: queue times must not be what it was
 * set by.  And a monotonic clock that is not the machine's, which must not
 * matter at all.
 *
 * Nobody sets the machine's clock for a test.  This program is the daemon, with
 * a clock_gettime(2) and a recvmsg(2) that step the real-time clock when the
 * test says so: what is stamped later is, and what was stamped before is not.
 */
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"
#include "t/heir.h"
#include "t/reader.h"
#include "t/scratch.h"
#include "t/standin.h"
#include "t/torture.h"
#include "t/work.h"

#define STEPS_MAX	1024
#define HOUR		(3600 * CLOCK_S)
#define READ		(300 * CLOCK_MS)

/* What TCP's count of time may be wrong by: two ticks of 10 ms. */
#define TICKS		(20 * CLOCK_MS)

static struct steps {
	_Atomic int n;
	struct {
		int64_t at, by;		/* of the machine's clock; ns */
	} v[STEPS_MAX];
} *steps;				/* NULL: the clock is what it is */

static struct daemon d;
static struct work work;
static struct response r;

/* The daemon's side. */

static int64_t
stepped(int64_t t)
{
	const int64_t before = t;
	int i;

	for (i = 0; steps != NULL && i < steps->n; i++)
		if (steps->v[i].at <= before)
			t += steps->v[i].by;
	return t;
}

int
clock_gettime(clockid_t id, struct timespec *ts)
{
	int result = (int)syscall(SYS_clock_gettime, id, ts);

	if (result == 0 && id == CLOCK_REALTIME)
		*ts = clock_timespec(stepped(clock_ns(ts)));
	return result;
}

ssize_t
recvmsg(int fd, struct msghdr *m, int flags)
{
	ssize_t n = syscall(SYS_recvmsg, fd, m, flags);
	struct timespec ts;
	struct cmsghdr *c;

	if (n <= 0)
		return n;
	for (c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET ||
		    c->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&ts, CMSG_DATA(c), sizeof(ts));
		ts = clock_timespec(stepped(clock_ns(&ts)));
		memcpy(CMSG_DATA(c), &ts, sizeof(ts));
	}
	return n;
}

static struct steps *
map_steps(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	void *p;

	p = mmap(NULL, sizeof(*steps), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
	    0);
	if (fd == -1 || p == MAP_FAILED)
		err(1, "%s", path);
	close(fd);
	return p;
}

/* The test's. */

static struct steps *theirs;

static void
step(int64_t by)
{
	int n = theirs->n;

	if (n == STEPS_MAX)
		errx(1, "more than %d steps", STEPS_MAX);
	theirs->v[n].at = clock_real();
	theirs->v[n].by = by;
	theirs->n = n + 1;
}

static void
start(const char *conf)
{
	theirs->n = 0;
	standin_begin();
	daemon_configure(&d, "%s", conf);
	daemon_start(&d);
	standin_end();
}

/* The queue time of a reply, ns. */
static int64_t
queue_time(void)
{
	const char *p = strstr(r.head, "queue;dur=");

	return p == NULL ? -1 : (int64_t)(atof(p + 10) * 1e6);
}

/*
 * A request waits behind another one while the clock is stepped.  What it has
 * waited for is known from outside, within what the test itself has seen.
 */
static void
test_wait(int64_t by, const char *what)
{
	int64_t begun, asked, end, most, least, queue;
	int fd, other;

	begun = clock_mono();
	fd = reader_ask(&d, "/200,300,x");
	daemon_await_reading(&d, 1);
	most = clock_mono();
	other = reader_ask(&d, "/200,0,x");
	asked = clock_mono();
	step(by);
	client_receive(other, &r, 1);
	end = clock_mono();
	least = begun + READ - asked - TICKS;
	most = end - most + TICKS;
	queue = queue_time();
	is_int(r.status, 200, "%s: a request that waits meanwhile is served",
	    what);
	ok(queue >= least && queue <= most, "%s: its queue time is right", what);
	diag("%s: %.1f ms, which must be within %.1f and %.1f", what,
	    (double)queue / 1e6, (double)least / 1e6, (double)most / 1e6);
	client_receive(fd, &r, 1);
	is_int(r.status, 200, "%s: the read takes its time", what);
	ok(clock_mono() - begun >= READ, "%s: no less", what);
	close(other);
	close(fd);
}

static time_t
date(void)
{
	const char *p;
	struct tm tm;

	memset(&tm, 0, sizeof(tm));
	is_int(client_get(d.port, "/200,0,x", &r), 200, "a reply");
	p = strstr(r.head, "Date: ");
	if (p == NULL || strptime(p, "Date: %a, %d %b %Y %H:%M:%S GMT",
	    &tm) == NULL)
		errx(1, "no date in %s", r.head);
	return timegm(&tm);
}

/* What people read is by the clock as it is. */
static void
test_date(void)
{
	const time_t before = date();

	step(HOUR);
	ok(date() >= before + 3600, "the date goes by the clock");
	step(-HOUR);
	ok(date() < before + 3600, "and back");
}

static void
is_well(const char *what)
{
	struct work_sum l;

	work_end(&work, &l);
	diag("%s: %llu requests, the longest queue time %.1f ms", what,
	    (unsigned long long)l.sent, (double)l.worst / 1e6);
	is_int((long long)l.answered, (long long)l.sent,
	    "%s: each request is answered, 200", what);
	ok(l.worst < 10 * CLOCK_S,
	    "%s: no queue time is longer than clients wait", what);
}

static int
has_gone_on(void *arg)
{
	/* Requests of this process beside the load: time goes by. */
	return client_get(d.port, "/200,20,x", &r) != 200 ||
	    ++*(int *)arg % 5 == 0;
}

static void
test_load(int rounds)
{
	int i, turns = 0;

	for (i = 0; i < rounds; i++) {
		step(i % 2 == 0 ? HOUR : -HOUR);
		if (!daemon_until(has_gone_on, &turns) || r.status != 200)
			break;
	}
	is_int(i, rounds, "clients are served after each step");
}

/* A monotonic clock that is 400 days ahead. */
static void
test_namespace(void)
{
	char daemons[64], ours[64], path[64];
	static const char offsets[] = "monotonic 34560000 0\n"
	    "boottime 34560000 0\n";
	ssize_t n, k;
	int fd;

	if (unshare(CLONE_NEWTIME) == -1) {
		skip(1, "no time namespace");
		return;
	}
	fd = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
	if (fd == -1 || write(fd, offsets, strlen(offsets)) == -1)
		err(1, "timens_offsets");
	close(fd);
	daemon_configure(&d, "balance idle\nworkers 12\n"
	    "queue-timeout 10s\n");
	daemon_start(&d);
	snprintf(path, sizeof(path), "/proc/%d/ns/time", (int)d.pid);
	n = readlink(path, daemons, sizeof(daemons));
	k = readlink("/proc/self/ns/time", ours, sizeof(ours));
	ok(n > 0 && (n != k || memcmp(daemons, ours, (size_t)n) != 0),
	    "the daemon's time is another");
	work_start(&work, d.port);
	is_int(client_get(d.port, "/200,100,x", &r), 200, "a read");
	is_well("in its time namespace");
	daemon_finish(&d, NULL);
}

int
main(int argc, char *argv[])
{
	static const struct steps none;
	const char *path;

	if (argc > 3 && standin_is_called(argv)) {
		steps = map_steps(standin_variable("T_CLOCK"));
		return standin_serve(argv[3]);
	}
	plan_no_plan();
	path = scratch_write("clock", &none, sizeof(none));
	setenv("T_CLOCK", path, 1);
	theirs = map_steps(path);
	heir_open();

	start("balance shared\nworkers 1\nqueue-timeout 10s\n");
	test_wait(HOUR, "an hour ahead");
	test_wait(-HOUR, "an hour back");
	test_wait(CLOCK_S / 2, "half a second ahead");
	test_wait(-CLOCK_S / 10, "a tenth of a second back");
	test_wait(0, "not at all");
	test_date();
	daemon_finish(&d, NULL);

	start("balance idle\nworkers 12\nqueue-timeout 10s\n");
	work_start(&work, d.port);
	test_load(torture_pick(10, 400));
	is_well("stepped again and again");
	daemon_finish(&d, NULL);

	test_namespace();
	return exit_status();
}
