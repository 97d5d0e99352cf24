/*
 * The truth log: its lines to the byte, for whatever can become of a read, and
 * its file.
 */
#include <sys/socket.h>
#include <sys/stat.h>

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/truth.h"
#include "t/check.h"
#include "t/load.h"
#include "t/scratch.h"

#define WHEN	(1700000000 * CLOCK_S + 123456789)

static const struct conf_disk sda = { .name = "sda" };
static const struct model dying = { .name = "dying" };

/* A good read of 8 ms that waited for 50 us, 5 s after the start. */
static struct exchange
an_exchange(void)
{
	struct exchange x = {
		.disk = &sda,
		.read = {
			.number = 41,
			.model = &dying,
			.draw = { .service = 8 * CLOCK_MS, .status = 200 },
			.arrival = 105 * CLOCK_S + 1,
			.lane = 50 * CLOCK_US,
			.end = 105 * CLOCK_S + 1 + 8123456,
			.how = DISK_READ,
		},
		.status = 200,
	};

	return x;
}

static const char *
line_of(const struct exchange *x, unsigned int slot, int64_t when)
{
	const struct truth t = { .fd = -1, .loaded_at = 100 * CLOCK_S };
	static char buf[512];
	size_t len;

	memset(buf, 0x55, sizeof(buf));
	len = truth_line(&t, x, slot, when, buf, sizeof(buf));
	return len < sizeof(buf) && strlen(buf) == len ? buf : "(a bad length)";
}

static void
test_line(void)
{
	struct exchange x = an_exchange();

	is_string(line_of(&x, 7, WHEN), "arrival=1700000000.123456789 "
	    "at_ms=5000.000001 slot=7 disk=sda condition=dying number=41 "
	    "service_ms=8.000000 lane_ms=0.050000 actual_ms=8.123456 "
	    "outcome=ok status=200 fault=none\n", "a good read");
	x.read.draw.service = 0;
	x.read.how = DISK_FULL;
	x.read.end = x.read.lane = 0;
	x.status = 503;
	is_string(line_of(&x, 0, CLOCK_S), "arrival=1.000000000 "
	    "at_ms=5000.000001 slot=0 disk=sda condition=dying number=41 "
	    "service_ms=0.000000 lane_ms=0.000000 actual_ms=0.000000 "
	    "outcome=full status=503 fault=none\n",
	    "one for which there was no room");
	x.fault = FAULT_STALL;
	has_string(line_of(&x, 0, 0), " fault=stall\n",
	    "what was done to the reply");
	x.read.draw.service = DIST_FOREVER;
	has_string(line_of(&x, 0, 0), " service_ms=forever ",
	    "a read that does not end");
}

static void
test_outcomes(void)
{
	static const struct {
		enum disk_end how;
		int drawn, status;
		const char *outcome;
	} cases[] = {
		{ DISK_READ, 200, 200, "ok" },
		{ DISK_READ, 500, 500, "fail" },
		{ DISK_READ, 404, 404, "fail" },
		{ DISK_READ, 504, 504, "fail" },
		{ DISK_READ, 200, 504, "timeout" },
		{ DISK_READ, 500, 504, "timeout" },
		{ DISK_READ, 200, 500, "error" },
		{ DISK_GONE, 200, 499, "gone" },
		{ DISK_FULL, 500, 503, "full" },
		{ DISK_FULL, 503, 503, "full" },
	};
	struct exchange x = an_exchange();
	char want[64];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		x.read.how = cases[i].how;
		x.read.draw.status = cases[i].drawn;
		x.status = cases[i].status;
		snprintf(want, sizeof(want), " outcome=%s status=%d "
		    "fault=none\n",
		    cases[i].outcome, cases[i].status);
		has_string(line_of(&x, 0, 0), want, "drawn %d, came to %d",
		    cases[i].drawn, cases[i].status);
	}
}

/* The longest line that there can be. */
static void
test_longest(void)
{
	struct conf_disk disk;
	struct model model;
	struct exchange x = an_exchange();
	const char *line;

	memset(disk.name, 'x', CONF_NAME_MAX);
	memset(model.name, 'y', SCHEDULE_NAME_MAX);
	disk.name[CONF_NAME_MAX] = model.name[SCHEDULE_NAME_MAX] = '\0';
	x.disk = &disk;
	x.read.model = &model;
	x.read.number = UINT64_MAX;
	x.read.draw.service = x.read.lane = x.read.end = INT64_MAX - 1;
	x.read.arrival = 100 * CLOCK_S;
	x.status = INT32_MAX;
	line = line_of(&x, UINT32_MAX, INT64_MAX);
	has_string(line, " status=2147483647 fault=none\n",
	    "the longest line: %zu bytes", strlen(line));
}

static void
test_write(void)
{
	struct exchange x = an_exchange();
	struct truth t = { .loaded_at = 0 };
	char got[512] = "", want[64];
	int64_t before, after;
	double arrival = 0;
	int pair[2];
	ssize_t n;

	/* This keeps apart what is written apart. */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == -1)
		err(1, "socketpair");
	t.fd = pair[1];
	before = clock_real();
	x.read.arrival = clock_mono();
	after = clock_real();
	truth_write(&t, &x, 7);
	if ((n = recv(pair[0], got, sizeof(got) - 1, MSG_DONTWAIT)) > 0)
		got[n] = '\0';
	ok(n > 0 && got[n - 1] == '\n', "a line is one write: %s", got);
	sscanf(got, "arrival=%lf", &arrival);
	ok(arrival > (double)before / 1e9 - 1 &&
	    arrival < (double)after / 1e9 + 1, "of the time that it was");
	snprintf(want, sizeof(want), " at_ms=%lld.%06lld ",
	    (long long)(x.read.arrival / CLOCK_MS),
	    (long long)(x.read.arrival % CLOCK_MS));
	has_string(got, want, "and of the time since time 0");
	x.read.how = DISK_NONE;
	truth_write(&t, &x, 7);
	t.fd = -1;
	x.read.how = DISK_READ;
	truth_write(&t, &x, 7);
	ok(recv(pair[0], got, sizeof(got), MSG_DONTWAIT) == -1,
	    "no read, no line; no log, no line");
	close(pair[0]);
	close(pair[1]);
}

static void
test_open(void)
{
	static struct conf c;
	struct truth t = { .fd = 77 };
	char want[PATH_MAX + 128];

	load_text(&c, "truth-log off\n");
	c.loaded_at = 5;
	is_int(truth_open(&t, &c, load_report), 0, "off opens");
	is_int(t.fd, -1, "nothing");
	is_int((long long)t.loaded_at, 5, "but knows time 0");
	truth_close(&t);
	load_format(&c, "\ntruth-log %s\n", scratch_path("truth"));
	is_int(truth_open(&t, &c, load_report), 0, "a file opens");
	ok(fcntl(t.fd, F_GETFD) & FD_CLOEXEC, "for us alone");
	ok(fcntl(t.fd, F_GETFL) & O_APPEND, "to append");
	truth_close(&t);
	is_int(t.fd, -1, "it is closed");
	snprintf(c.truth_file, sizeof(c.truth_file), "%s/truth",
	    scratch_path("nowhere"));
	load_forget();
	is_int(truth_open(&t, &c, load_report), 1, "no directory: an error");
	snprintf(want, sizeof(want), "conf:2: truth-log: cannot open %s: No "
	    "such file or directory\n", c.truth_file);
	is_string(load_messages(), want, "which says what and where");
	is_int(t.fd, -1, "nothing is open");
}

int
main(void)
{
	plan_no_plan();
	load_here();
	test_line();
	test_outcomes();
	test_longest();
	test_write();
	test_open();
	return exit_status();
}
