/*
 * The access log: its lines to the byte, what of a client's bytes gets into
 * them, and its file.
 */
#include <sys/socket.h>
#include <sys/stat.h>

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/access.h"
#include "t/check.h"
#include "t/load.h"
#include "t/scratch.h"

/* As much of each text of the client's as is logged, and the longest line. */
#define TEXT_BYTES	((size_t)1200)
#define LINE_BYTES	(TEXT_BYTES * 3 * 4 + 1024)

/* 2023-11-14 22:13:20.123456789 UTC */
#define WHEN	(1700000000 * CLOCK_S + 123456789)

static const struct conf_disk sda = { .name = "sda" };

static struct http_slice
slice(const char *s)
{
	struct http_slice l = { s, s == NULL ? 0 : strlen(s) };

	return l;
}

/* A good read of 200 ms and 51.999 us, which waited 1.234567 ms before. */
static struct exchange
an_exchange(void)
{
	struct exchange x = {
		.http = {
			.line = slice("GET /200,200,some_file HTTP/1.1"),
			.user_agent = slice("curl/7.88.1"),
		},
		.id = 0x0123456789abcdef,
		.queue = 1234567,
		.disk = &sda,
		.read = {
			.lane = 50 * CLOCK_US,
			.arrival = 5 * CLOCK_S,
			.end = 5 * CLOCK_S + 200 * CLOCK_MS + 51999,
		},
		.status = 200,
		.sent = 13,
	};

	return x;
}

static struct addr
an_address(const char *text)
{
	struct addr a;

	memset(&a, 0, sizeof(a));
	if (text != NULL && addr_parse(text, &a) == -1)
		errx(1, "%s", text);
	return a;
}

/* The line, in as much room as the daemon has for it. */
static const char *
line_of(int format, const struct exchange *x, const char *peer,
    unsigned int slot)
{
	static char buf[LINE_BYTES];
	struct addr a = an_address(peer);
	size_t len;

	memset(buf, 0x55, sizeof(buf));
	len = access_line(format, x, &a, slot, WHEN, buf, sizeof(buf));
	return len < sizeof(buf) && strlen(buf) == len ? buf : "(a bad length)";
}

static void
test_lines(void)
{
	struct exchange x = an_exchange();

	is_string(line_of(FORMAT_COMBINED, &x, "127.0.0.1:1234", 7),
	    "127.0.0.1 - - [15/Nov/2023:03:43:20 +0530] "
	    "\"GET /200,200,some_file HTTP/1.1\" 200 13 \"-\" \"curl/7.88.1\" "
	    "queue_ms=1.234 lane_ms=0.050 disk_ms=200.051 slot=7 disk=sda "
	    "id=0123456789abcdef\n",
	    "combined");
	is_string(line_of(FORMAT_LOGFMT, &x, "127.0.0.1:1234", 7),
	    "time=2023-11-14T22:13:20.123Z client=127.0.0.1 "
	    "request=\"GET /200,200,some_file HTTP/1.1\" status=200 bytes=13 "
	    "referer=\"-\" agent=\"curl/7.88.1\" "
	    "queue_ms=1.234 lane_ms=0.050 disk_ms=200.051 slot=7 disk=sda "
	    "id=0123456789abcdef\n",
	    "logfmt");
}

/* A request that never came to the disk, and of which little is known. */
static void
test_poor_lines(void)
{
	struct exchange x = { .status = 408 };

	is_string(line_of(FORMAT_COMBINED, &x, "[2001:db8::1]:1234", 16383),
	    "2001:db8::1 - - [15/Nov/2023:03:43:20 +0530] \"-\" 408 0 \"-\" "
	    "\"-\" queue_ms=0.000 lane_ms=0.000 disk_ms=0.000 slot=16383 "
	    "disk=- id=0000000000000000\n", "combined, nothing known");
	is_string(line_of(FORMAT_LOGFMT, &x, NULL, 0),
	    "time=2023-11-14T22:13:20.123Z client=- request=\"-\" status=408 "
	    "bytes=0 referer=\"-\" agent=\"-\" queue_ms=0.000 lane_ms=0.000 "
	    "disk_ms=0.000 slot=0 disk=- id=0000000000000000\n", "logfmt, not even the client");
}

static void
test_referer(void)
{
	struct exchange x = an_exchange();

	x.http.referer = slice("http://example.com/a?b");
	x.http.user_agent = slice("");
	has_string(line_of(FORMAT_COMBINED, &x, NULL, 7),
	    " 200 13 \"http://example.com/a?b\" \"-\" queue_ms=",
	    "combined, a referer and an empty agent");
	has_string(line_of(FORMAT_LOGFMT, &x, NULL, 7),
	    " referer=\"http://example.com/a?b\" agent=\"-\" queue_ms=",
	    "logfmt, the same");
}

/* Milliseconds, cut off behind the microseconds. */
static void
test_times(void)
{
	static const struct {
		int64_t ns;
		const char *ms;
	} cases[] = {
		{ 0, "0.000" },
		{ 1, "0.000" },
		{ 999, "0.000" },
		{ CLOCK_US, "0.001" },
		{ CLOCK_MS - 1, "0.999" },
		{ CLOCK_MS, "1.000" },
		{ 10 * CLOCK_MS + 20 * CLOCK_US, "10.020" },
		{ 86400 * CLOCK_S, "86400000.000" },
		{ INT64_MAX, "9223372036854.775" },
	};
	struct exchange x = an_exchange();
	char want[128];
	size_t i;

	x.read.arrival = 0;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		x.queue = x.read.lane = x.read.end = cases[i].ns;
		snprintf(want, sizeof(want),
		    " queue_ms=%s lane_ms=%s disk_ms=%s slot=7 ", cases[i].ms,
		    cases[i].ms, cases[i].ms);
		has_string(line_of(FORMAT_LOGFMT, &x, NULL, 7), want,
		    "%lld ns", (long long)cases[i].ns);
	}
}

/* Every byte, as it has to be in the log. */
static void
test_bytes(void)
{
	char bytes[256], quoted[4 * sizeof(bytes) + 1];
	char want[sizeof(quoted) + 64];
	struct exchange x = an_exchange();
	size_t len = 0;
	int i;

	for (i = 0; i < (int)sizeof(bytes); i++) {
		bytes[i] = (char)i;
		if (i < 0x20 || i > 0x7e || i == '"' || i == '\\')
			len += (size_t)snprintf(quoted + len,
			    sizeof(quoted) - len, "\\x%02x", (unsigned int)i);
		else
			quoted[len++] = (char)i;
	}
	quoted[len] = '\0';
	x.http.line.p = x.http.user_agent.p = x.http.referer.p = bytes;
	x.http.line.len = x.http.user_agent.len = x.http.referer.len =
	    sizeof(bytes);
	snprintf(want, sizeof(want), " request=\"%s\" status=", quoted);
	has_string(line_of(FORMAT_LOGFMT, &x, NULL, 7), want,
	    "every byte of a request line");
	snprintf(want, sizeof(want), " referer=\"%s\" agent=", quoted);
	has_string(line_of(FORMAT_LOGFMT, &x, NULL, 7), want, "of a referer");
	snprintf(want, sizeof(want), " agent=\"%s\" queue_ms=", quoted);
	has_string(line_of(FORMAT_LOGFMT, &x, NULL, 7), want, "of an agent");
}

static void
test_forged_lines(void)
{
	struct exchange x = an_exchange();
	const char *line;

	x.http.line = slice("GET /a\" 200 0 \"\r\n127.0.0.1 HTTP/1.1");
	x.http.user_agent = slice("\033]0;title\007\302\205");
	line = line_of(FORMAT_COMBINED, &x, NULL, 7);
	has_string(line, "\"GET /a\\x22 200 0 \\x22\\x0d\\x0a127.0.0.1 "
	    "HTTP/1.1\" 200 13 ", "no client ends the quote or the line");
	has_string(line, "\"\\x1b]0;title\\x07\\xc2\\x85\"",
	    "nor speaks to a terminal");
	is_int(strchr(line, '\n') - line, (long long)strlen(line) - 1,
	    "a line is a line");
}

/* The three texts of the client are so many of one byte each. */
static void
test_length(int format, int byte, size_t len)
{
	static char text[65536];
	struct exchange x = an_exchange();
	size_t shown = len < TEXT_BYTES ? len : TEXT_BYTES, i, quotes = 0;
	size_t each = isprint(byte) ? 1 : 4;
	const char *line, *p;
	char end[8];

	memset(text, byte, sizeof(text));
	x.http.line.p = x.http.user_agent.p = x.http.referer.p = text;
	x.http.line.len = x.http.user_agent.len = x.http.referer.len = len;
	line = line_of(format, &x, NULL, 7);
	snprintf(end, sizeof(end), len > TEXT_BYTES ? "...\"" : "\"");
	for (p = line; (p = strchr(p, '"')) != NULL; quotes++) {
		i = strcspn(++p, ".\"");
		if (i != shown * each || strncmp(p + i, end, strlen(end)) != 0)
			break;
		p = strchr(p, '"') + 1;
	}
	is_int((long long)quotes, 3, "%zu bytes of 0x%02x: %zu are shown", len,
	    (unsigned int)byte, shown);
	ok(line[strlen(line) - 1] == '\n', "and the line ends");
}

/* The longest line there can be. */
static void
test_longest(int format)
{
	static char text[65536];
	struct conf_disk disk;
	struct exchange x = {
		.id = UINT64_MAX,
		.queue = INT64_MAX,
		.read = { .lane = INT64_MAX, .end = INT64_MAX },
		.status = INT32_MIN,
		.sent = SIZE_MAX,
		.disk = &disk,
	};
	const char *line;

	memset(text, 0xff, sizeof(text));
	memset(disk.name, 'x', CONF_NAME_MAX);
	disk.name[CONF_NAME_MAX] = '\0';
	x.http.line.p = x.http.user_agent.p = x.http.referer.p = text;
	x.http.line.len = x.http.user_agent.len = x.http.referer.len =
	    sizeof(text);
	line = line_of(format, &x, "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]"
	    ":65535", UINT32_MAX);
	ok(strlen(line) > TEXT_BYTES * 3 * 4, "the longest line: %zu bytes",
	    strlen(line));
	has_string(line, " slot=4294967295 disk=xxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxx id=ffffffffffffffff\n", "is there to its end");
}

/* Too little room is never overrun. */
static void
test_no_room(void)
{
	struct exchange x = an_exchange();
	struct addr a = an_address("127.0.0.1:1");
	char full[512], *buf;
	size_t size, bad = 0;

	snprintf(full, sizeof(full), "%s", line_of(FORMAT_COMBINED, &x,
	    "127.0.0.1:1", 7));
	for (size = 1; size < strlen(full); size++) {
		if ((buf = malloc(size)) == NULL)
			err(1, "malloc");
		if (access_line(FORMAT_COMBINED, &x, &a, 7, WHEN, buf, size) >=
		    size || strlen(buf) >= size)
			bad++;
		free(buf);
	}
	is_int((long long)bad, 0, "no room is overrun");
}

/* The log itself. */

static void
test_write(void)
{
	struct exchange x = an_exchange();
	struct conn c = { .peer = an_address("127.0.0.1:1") };
	struct access a = { .format = FORMAT_COMBINED };
	char got[LINE_BYTES + 1] = "";
	int pair[2];
	ssize_t n;

	/* This keeps apart what is written apart. */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == -1)
		err(1, "socketpair");
	a.fd = pair[1];
	access_write(&a, &x, &c, 7);
	if ((n = recv(pair[0], got, sizeof(got) - 1, MSG_DONTWAIT)) > 0)
		got[n] = '\0';
	ok(strncmp(got, "127.0.0.1 - - [", 15) == 0 &&
	    strcmp(got + strlen(got) - 37, " slot=7 disk=sda "
	    "id=0123456789abcdef\n") == 0,
	    "a line is one write: %s", got);
	ok(recv(pair[0], got, sizeof(got), MSG_DONTWAIT) == -1, "only one");
	a.fd = -1;
	access_write(&a, &x, &c, 7);
	ok(recv(pair[0], got, sizeof(got), MSG_DONTWAIT) == -1,
	    "a log that is off gets nothing");
	close(pair[0]);
	close(pair[1]);
}

static unsigned int
count_lines(const char *path, const char *part)
{
	unsigned int n = 0;
	char line[2048];
	FILE *f;

	if ((f = fopen(path, "r")) == NULL)
		err(1, "%s", path);
	while (fgets(line, sizeof(line), f) != NULL)
		n += strstr(line, part) != NULL;
	fclose(f);
	return n;
}

/* A log that fails is told of once a spell. */
static void
test_failing(void)
{
	struct exchange x = an_exchange();
	struct conn c = { .peer = an_address("127.0.0.1:1") };
	struct access bad = { .format = FORMAT_COMBINED }, good = bad;
	const struct access off = { .fd = -1 };
	const char *log = scratch_write("stderr", "", 0);
	int was = dup(STDERR_FILENO), fd = open(log, O_WRONLY | O_APPEND);

	bad.fd = open("/dev/null", O_RDONLY);
	good.fd = open("/dev/null", O_WRONLY);
	dup2(fd, STDERR_FILENO);
	access_write(&good, &x, &c, 7);
	access_write(&bad, &x, &c, 7);
	access_write(&bad, &x, &c, 7);
	access_write(&bad, &x, &c, 7);
	is_int(count_lines(log, " warning: access-log: lines are lost: Bad "
	    "file descriptor\n"), 1, "lines that are lost are told of once");
	access_write(&good, &x, &c, 7);
	access_write(&off, &x, &c, 7);
	is_int(count_lines(log, ""), 1, "no more than that");
	access_write(&bad, &x, &c, 7);
	is_int(count_lines(log, ""), 1,
	    "nor when a line went well for a moment: see 15-append");
	dup2(was, STDERR_FILENO);
	close(was);
	close(fd);
	close(bad.fd);
	close(good.fd);
}

static void
test_open_none(void)
{
	static struct conf c;
	struct access a = { .fd = 77 };

	load_text(&c, "access-log off\n");
	is_int(access_open(&a, &c, load_report), 0, "off opens");
	is_int(a.fd, -1, "nothing");
	access_close(&a);
	load_text(&c, "access-log stderr logfmt\n");
	is_int(access_open(&a, &c, load_report), 0, "stderr opens");
	is_int(a.fd, STDERR_FILENO, "nothing new");
	is_int(a.format, FORMAT_LOGFMT, "in its format");
	access_close(&a);
	is_int(a.fd, -1, "it is closed");
	ok(fcntl(STDERR_FILENO, F_GETFD) != -1, "but not stderr");
}

static void
test_open_file(void)
{
	static struct conf c;
	const char *path = scratch_path("access.log");
	struct exchange x = an_exchange();
	struct conn conn = { .peer = an_address("127.0.0.1:1") };
	struct access a;
	struct stat st;
	int i, fd;

	load_format(&c, "\naccess-log %s\n", path);
	for (i = 0; i < 2; i++) {
		is_int(access_open(&a, &c, load_report), 0, "a file opens");
		ok(fcntl(a.fd, F_GETFD) & FD_CLOEXEC, "for us alone");
		ok(fcntl(a.fd, F_GETFL) & O_APPEND, "to append");
		access_write(&a, &x, &conn, 7);
		fd = a.fd;
		access_close(&a);
		ok(a.fd == -1 && fcntl(fd, F_GETFD) == -1, "it is closed");
	}
	is_int(count_lines(path, "127.0.0.1 - - ["), 2, "both lines are there");
	if (stat(path, &st) == -1)
		err(1, "%s", path);
	is_int(st.st_mode & 07777, 0640, "its mode");
}

static void
test_open_fails(void)
{
	static struct conf c;
	struct access a;
	char want[256], dir[128];

	snprintf(dir, sizeof(dir), "%s", scratch_path("log"));
	if (mkdir(dir, 0755) == -1)
		err(1, "%s", dir);
	load_format(&c, "\naccess-log %s/a\n", dir);
	if (rmdir(dir) == -1)
		err(1, "%s", dir);
	is_int(access_open(&a, &c, load_report), 1, "no directory: an error");
	snprintf(want, sizeof(want), "conf:2: access-log: cannot open %s/a: No "
	    "such file or directory\n", dir);
	is_string(load_messages(), want, "which says what and where");
	is_int(a.fd, -1, "nothing is open");
}

int
main(void)
{
	static const size_t lengths[] = {
		1, TEXT_BYTES - 1, TEXT_BYTES, TEXT_BYTES + 1, 65536
	};
	size_t i;
	int format;

	plan_no_plan();
	umask(0);
	unsetenv("JOURNAL_STREAM");
	setenv("TZ", "TST-5:30", 1);
	tzset();
	load_here();
	test_lines();
	test_poor_lines();
	test_referer();
	test_times();
	test_bytes();
	test_forged_lines();
	for (format = FORMAT_COMBINED; format <= FORMAT_LOGFMT; format++) {
		for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
			test_length(format, 'x', lengths[i]);
			test_length(format, 0xff, lengths[i]);
		}
		test_longest(format);
	}
	test_no_room();
	test_write();
	test_failing();
	test_open_none();
	test_open_file();
	test_open_fails();
	return exit_status();
}
