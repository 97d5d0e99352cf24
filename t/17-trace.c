/*
 * Recordings of latencies: what is read from each format, each error, and
 * that no byte outside of the text is looked at, however it is cut or broken.
 */
#include <sys/stat.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/record.h"
#include "common/trace.h"
#include "t/check.h"
#include "t/guard.h"
#include "t/scratch.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define ROOM		((size_t)1 << 18)	/* for a long line: bytes */

#define FIO \
	"0, 8511234, 0, 4096, 1048576, 0\n" \
	"8, 120331, 1, 4096, 0, 0\n" \
	"9, 12007001, 0, 8192, 409600, 0\n" \
	"21, 77, 2, 4096, 8192, 0\n"

#define BIOSNOOP \
	"TIME(s)     COMM           PID    DISK    T SECTOR     BYTES   " \
	    "LAT(ms)\n" \
	"0.000004    postgres       1950   sda     R 13092560   4096       " \
	    "8.74\n" \
	"0.000178    kworker/0:3    26040  sda     W 13092432   4096       " \
	    "0.61\n" \
	"2.003920    Web Content    456    nvme0n1 R 62901512   8192      " \
	    "12.05\n"

/* -Q -P of bcc's, flags as libbpf's version writes them, three decimals. */
#define BIOSNOOP_QUEUE \
	"TIME(s)     COMM           PID     DISK      T    SECTOR     BYTES  " \
	    "P QUE(ms) LAT(ms)\n" \
	"0.000000    a b c d        13379   sda       RA   1142400    4096   " \
	    "R  -1.000   0.551\n" \
	"0.000771    sync           22177   sda       FWFS 41963894   3072   " \
	    "S   0.110   0.470\n" \
	"0.000900    ?              0               R    0          4096   " \
	    "S   0.110   3.141\n"

#define BPFTRACE \
	"Attaching 4 probes...\n" \
	"TIME(ms)     DISK    COMM             PID    LAT(ms)\n" \
	"611          nvme0n1 bash             4179        10\n" \
	"611          nvme0n1 Web Content      4179         0\n" \
	"\n"

#define BPFTRACE_LATE \
	"Attached 4 probes\n" \
	"TIME(ms)     DISK ID        COMM             PID    LAT(ms)\n" \
	"             MAJOR MINOR\n" \
	"611          259   0        bash             4179        10\n" \
	"627          259   0        cksum            4179        15\n"

#define THESIOS_HEADER \
	"filename,file_offset,application,c_time,io_zone,redundancy_type," \
	"op_type,service_class,from_flash_cache,cache_hit," \
	"request_io_size_bytes,disk_io_size_bytes,response_io_size_bytes," \
	"start_time,disk_time,simulated_disk_start_time,simulated_latency\n"
#define THESIOS_READ(disk_time) \
	"5f3a,8192,bigtable,1705280000,WARM,REPLICATED,READ,OTHER,0,0,4096," \
	"4096,4096,1705363200.25," disk_time ",1705363200.5,0.0301\n"
#define THESIOS_WRITE \
	"77ee,0,spanner,1705280001,COLD,ERASURE_CODED,WRITE,OTHER,0,-1,8192," \
	"0,0,1705363201.5,0.0,0.0,0.002\n"
#define THESIOS \
	THESIOS_HEADER THESIOS_READ("0.008500001") THESIOS_WRITE \
	THESIOS_READ("0") THESIOS_HEADER THESIOS_READ("1.2e-05")

#define SECONDS	"0.0085\n0.012\n0\n1e-3\n30\n"

struct good_case {
	const char *name;
	const char *text;
	const char *want;	/* ns, a blank behind each */
};

static const struct good_case goods[] = {
	{ "fio", FIO, "8511234 12007001 " },
	{ "fio without offset", "1, 500, 0, 4096\n2, 600, 0, 4096\n",
	    "500 600 " },
	{ "fio with a priority only", "1, 500, 0, 4096, 0x0000\n", "500 " },
	{ "fio with all", "1, 500, 0, 4096, 0, 0x0000, 1234567890\n",
	    "500 " },
	{ "fio, the first no read", "1, 500, 1, 4096\n1, 9, 0, 4096\n", "9 " },
	{ "fio without blanks", "1,500,0,4096\n", "500 " },
	{ "fio, 0 ns and 24 hours",
	    "1, 0, 0, 0\n1, 86400000000000, 0, 0\n", "0 86400000000000 " },
	{ "biosnoop", BIOSNOOP, "8740000 12050000 " },
	{ "biosnoop -Q -P", BIOSNOOP_QUEUE, "551000 3141000 " },
	{ "biosnoop of bpftrace", BPFTRACE, "10000000 0 " },
	{ "biosnoop of a later bpftrace", BPFTRACE_LATE,
	    "10000000 15000000 " },
	{ "biosnoop with tabs", "T\tLAT(ms)\nR\t1.5\nW\t2\n", "1500000 " },
	{ "biosnoop, R in second place", "T LAT(ms)\nNR 1\nR 2\n",
	    "2000000 " },
	{ "biosnoop joined", "T LAT(ms)\nR 1\nT LAT(ms)\nR 2\n",
	    "1000000 2000000 " },
	{ "biosnoop, a process with commas", "T C LAT(ms)\nR a,b 1\n",
	    "1000000 " },
	{ "Thesios", THESIOS, "8500001 12000 " },
	{ "Thesios, an empty field", "x,disk_time\n,2\n", "2000000000 " },
	{ "Thesios, two columns", "disk_time,x\n0.5,y\n0,y\n0.0,y\n1,\n",
	    "500000000 1000000000 " },
	{ "Thesios, op_type last", "disk_time,op_type\n1,WRITE\n2,READ\n",
	    "2000000000 " },
	{ "seconds", SECONDS, "8500000 12000000 0 1000000 30000000000 " },
	{ "no last line feed", "0.5\n0.25", "500000000 250000000 " },
	{ "CR LF", "0.5\r\n\r\n0.25\r\n", "500000000 250000000 " },
	{ "CR LF, fio", "1, 5, 0, 1\r\n1, 6, 0, 1\r\n", "5 6 " },
	{ "CR LF, Thesios", "op_type,disk_time\r\nREAD,1\r\n", "1000000000 " },
	{ "CR LF, biosnoop", "T LAT(ms)\r\nR 1\r\n", "1000000 " },
	{ "a CR at the very end", "0.5\r", "500000000 " },
	{ "empty lines, blanks and comments",
	    "\n  \t\n# 1, 2, 0, 3\n \t0.5 \t\n\n  # more\n0.25\n#\n",
	    "500000000 250000000 " },
};

/* A number of seconds, and how many ns that is; -1: no number. */
static const struct {
	const char *text;
	int64_t ns;
} numbers[] = {
	{ "0", 0 },
	{ "0.0", 0 },
	{ "007", 7000000000 },
	{ "0.000000001", 1 },
	{ "0.1", 100000000 },
	{ "0.123456789", 123456789 },
	{ "0.1234567890000000000000000000000000", 123456789 },
	{ "86399.999999999", 86399999999999 },
	{ "86400", 86400000000000 },
	{ "86400.000000000000", 86400000000000 },
	{ "00000000000000000000000000000000000086400", 86400000000000 },

	/* Rounded to the nearest. */
	{ "0.0000000004", 0 },
	{ "0.0000000005", 1 },
	{ "0.00000000049999999999999999999999999", 0 },
	{ "0.00000000005", 0 },
	{ "0.00000000009", 0 },
	{ "0.008499999999999999", 8500000 },
	{ "0.0084999994", 8499999 },
	{ "0.0084999995", 8500000 },
	{ "0.999999999999", 1000000000 },
	{ "86400.0000000004", 86400000000000 },

	/* As Python and C write exponents. */
	{ "1e-3", 1000000 },
	{ "1E-3", 1000000 },
	{ "1e-03", 1000000 },
	{ "1e-05", 10000 },
	{ "5e-07", 500 },
	{ "8.500000000000000611e-03", 8500000 },
	{ "1.2345e-05", 12345 },
	{ "12345e-9", 12345 },
	{ "12345e-10", 1235 },
	{ "12344e-10", 1234 },
	{ "6e-10", 1 },
	{ "4e-10", 0 },
	{ "9e-11", 0 },
	{ "4.440892098500626e-16", 0 },
	{ "99e-11", 1 },
	{ "1e-308", 0 },
	{ "1e-99999999999999999999", 0 },
	{ "0e99999999999999999999", 0 },
	{ "0.5e0", 500000000 },
	{ "0.5e+1", 5000000000 },
	{ "1.5e1", 15000000000 },
	{ "1.5e3", 1500000000000 },
	{ "8.64e4", 86400000000000 },

	{ "86400.000000001", -1 },
	{ "86400.0000000005", -1 },
	{ "86401", -1 },
	{ "8.64000000001e4", -1 },
	{ "1e5", -1 },
	{ "1e9", -1 },
	{ "1e99999999999999999999", -1 },
	{ "9223372036.854775807", -1 },
	{ "9223372036.854775808", -1 },
	{ "9223372037", -1 },
	{ "18446744073709551616", -1 },
	{ "18446744073.709551617", -1 },
	{ "99999999999999999999999999999999999999", -1 },
	{ "-1", -1 },
	{ "-0", -1 },
	{ "+1", -1 },
	{ ".5", -1 },
	{ "5.", -1 },
	{ "1.e3", -1 },
	{ "1.2.3", -1 },
	{ "1..2", -1 },
	{ "1e", -1 },
	{ "1e+", -1 },
	{ "1e-", -1 },
	{ "1e3.5", -1 },
	{ "1e3e3", -1 },
	{ "0x10", -1 },
	{ "1s", -1 },
	{ "1ms", -1 },
	{ "nan", -1 },
	{ "NaN", -1 },
	{ "inf", -1 },
	{ "-inf", -1 },
	{ "1_000", -1 },
	{ "1'000", -1 },
};

#define UNKNOWN "unknown format, expected a latency log of fio, output of " \
	"biosnoop, a CSV with disk_time, or seconds, one number in a line"
#define NOTHING "t: there is no read in it"
#define FIO_VALUE(v) "latency \"" v "\", expected whole nanoseconds from 0 " \
	"to 24 hours"
#define MS_VALUE(v) "latency \"" v "\", expected milliseconds from 0 to 24 " \
	"hours"
#define S_VALUE(v) "latency \"" v "\", expected seconds from 0 to 24 hours"
#define FIO_DIRECTION(d) "direction \"" d "\", expected 0 (read), 1 " \
	"(write) or 2 (trim)"
#define BIO_DIRECTION(d) "direction \"" d "\", expected letters like R, RA " \
	"or WS"
#define THE_DIRECTION(d) "direction \"" d "\", expected READ or WRITE"

static const struct {
	const char *text;
	const char *error;
} bads[] = {
	{ "", NOTHING },
	{ "\n\n", NOTHING },
	{ "# only this\n", NOTHING },
	{ "Attaching 4 probes...\n", NOTHING },
	{ "1, 2, 1, 4\n", NOTHING },
	{ "T LAT(ms)\n", NOTHING },
	{ "T LAT(ms)\nW 1\n", NOTHING },
	{ THESIOS_HEADER THESIOS_WRITE THESIOS_READ("0.0"), NOTHING },

	{ "hello\n", "t:1: " UNKNOWN },
	{ "\n# x\nhello world\n", "t:3: " UNKNOWN },
	{ "nan\n", "t:1: " UNKNOWN },
	{ "a,b\n1,2\n", "t:1: " UNKNOWN },
	{ "-1, 2, 0, 4\n", "t:1: " UNKNOWN },
	{ "1 2\n", "t:1: " UNKNOWN },
	{ "TIME LAT\n", "t:1: " UNKNOWN },
	{ "\"disk_time\"\n1\n", "t:1: " UNKNOWN },
	{ "\177ELF\2\1\1", "t:1: " UNKNOWN },

	{ "1, 2\n", "t:1: 2 fields, expected 4 to 7" },
	{ "1, 2, 0\n", "t:1: 3 fields, expected 4 to 7" },
	{ "1, 2, 0, 4\n1, 2, 0, 4, 5, 6, 7, 8\n",
	    "t:2: 8 fields, expected 4 to 7" },
	{ "1, 2, 0, 4\n5\n", "t:2: 1 fields, expected 4 to 7" },
	{ "1, 2, 0, 4\n\n\n5, x, 0, 4\n", "t:4: " FIO_VALUE("x") },
	{ "1, -2, 0, 4\n", "t:1: " FIO_VALUE("-2") },
	{ "1, -2, 1, 4\n", "t:1: " FIO_VALUE("-2") },
	{ "1, 0.0085, 0, 4\n", "t:1: " FIO_VALUE("0.0085") },
	{ "1, , 0, 4\n", "t:1: " FIO_VALUE("") },
	{ "1, nan, 0, 4\n", "t:1: " FIO_VALUE("nan") },
	{ "1, 86400000000001, 0, 4\n", "t:1: " FIO_VALUE("86400000000001") },
	{ "1, 18446744073709551617, 0, 4\n",
	    "t:1: " FIO_VALUE("18446744073709551617") },
	{ "1, 2, 3, 4\n", "t:1: " FIO_DIRECTION("3") },
	{ "1, 2, 00, 4\n", "t:1: " FIO_DIRECTION("00") },
	{ "1, 2, , 4\n", "t:1: " FIO_DIRECTION("") },
	{ "1, 2, R, 4\n", "t:1: " FIO_DIRECTION("R") },
	/* log_window_value=both: an average, a maximum. */
	{ "1, 200, 300, 0, 0, 0\n", "t:1: " FIO_DIRECTION("300") },

	{ BIOSNOOP "3.0 x 1 sda R\n",
	    "t:5: 5 fields, expected 8 as in the header" },
	{ BIOSNOOP "3.0 x 1 sda R 1 4096 -1\n", "t:5: " MS_VALUE("-1") },
	{ BIOSNOOP "3.0 x 1 sda R 1 4096 0.5ms\n", "t:5: " MS_VALUE("0.5ms") },
	{ BIOSNOOP "3.0 x 1 sda W 1 4096 86400000.1\n",
	    "t:5: " MS_VALUE("86400000.1") },
	{ BIOSNOOP "3.0 my x 1 sda R 1309\n", "t:5: " BIO_DIRECTION("1") },
	{ BIOSNOOP "3.0 x 1 sda r 1 4096 1\n", "t:5: " BIO_DIRECTION("r") },
	{ BIOSNOOP "3.0 x 1 sda 7 1 4096 1\n", "t:5: " BIO_DIRECTION("7") },
	{ "T LAT(ms)\n1\n", "t:2: 1 fields, expected 2 as in the header" },
	{ "LAT(ms)\n#\nx\n", "t:3: " MS_VALUE("x") },
	{ "MAJOR MINOR\n", "t:1: " UNKNOWN },
	{ BPFTRACE_LATE "MAJOR MINOR MIDDLE\n",
	    "t:6: 3 fields, expected 6 as in the header" },
	{ BPFTRACE "Attaching 4 probes...\n",
	    "t:6: 3 fields, expected 5 as in the header" },

	{ THESIOS_HEADER "x,y\n",
	    "t:2: 2 fields, expected 17 as in the header" },
	{ THESIOS_HEADER THESIOS_READ("1,2"),
	    "t:2: 18 fields, expected 17 as in the header" },
	{ THESIOS_HEADER THESIOS_READ("NaN"), "t:2: " S_VALUE("NaN") },
	{ THESIOS_HEADER THESIOS_READ("-0.1"), "t:2: " S_VALUE("-0.1") },
	{ "op_type,disk_time\nREADS,1\n", "t:2: " THE_DIRECTION("READS") },
	{ "op_type,disk_time\n,1\n", "t:2: " THE_DIRECTION("") },
	{ "op_type,disk_time\nread,1\n", "t:2: " THE_DIRECTION("read") },

	{ "1\n2 3\n", "t:2: 2 fields, expected 1" },
	{ "1\n2,5\n", "t:2: " S_VALUE("2,5") },
	{ "1\nhello\n", "t:2: " S_VALUE("hello") },
	{ "-1\n", "t:1: " S_VALUE("-1") },
	{ "1\r2\n", "t:1: " S_VALUE("1?2") },
	{ "1\n\033[31m\302\265\n", "t:2: " S_VALUE("?[31m??") },
	{ "1\n12345678901234567890123456789012\n",
	    "t:2: " S_VALUE("12345678901234567890123456789012") },
	{ "1\n123456789012345678901234567890123\n",
	    "t:2: " S_VALUE("12345678901234567890123456789012...") },
};

/* Parses a copy of the bytes, flush against an unreadable page. */
static int
parse(struct trace *t, const char *bytes, size_t len, char *error, size_t size)
{
	memset(error, '!', size);
	error[size - 1] = '\0';
	return trace_parse(t, "t", guard_copy(bytes, len), len, error, size);
}

static const char *
values(const struct trace *t)
{
	static char buf[512];
	size_t i, len = 0;

	buf[0] = '\0';
	for (i = 0; i < t->n && len < sizeof(buf) - 32; i++)
		len += (size_t)snprintf(buf + len, sizeof(buf) - len, "%lld ",
		    (long long)t->ns[i]);
	return buf;
}

static void
test_good(const struct good_case *c)
{
	char error[256];
	struct trace t;
	int result = parse(&t, c->text, strlen(c->text), error, sizeof(error));

	is_string(result == 0 ? values(&t) : error, c->want, "%s", c->name);
	trace_free(&t);
}

static void
test_number(const char *text, int64_t ns)
{
	char line[128], error[256], want[128];
	struct trace t;
	int result;

	/* The first line alone decides that this is a column of seconds. */
	snprintf(line, sizeof(line), "0\n%s", text);
	result = parse(&t, line, strlen(line), error, sizeof(error));
	if (ns == -1) {
		snprintf(want, sizeof(want), "t:2: latency \"%.32s%s\", "
		    "expected seconds from 0 to 24 hours", text,
		    strlen(text) > 32 ? "..." : "");
		is_string(error, want, "\"%s\" is refused", text);
		ok(result == -1 && t.n == 0 && t.ns == NULL,
		    "and the trace is empty");
	} else if (ok(result == 0 && t.n == 2, "\"%s\" is a number", text))
		is_int(t.ns[1], ns, "\"%s\" is %lld ns", text, (long long)ns);
	trace_free(&t);
}

static void
test_bad(const char *text, const char *want)
{
	char error[256];
	struct trace t;

	is_int(parse(&t, text, strlen(text), error, sizeof(error)), -1,
	    "refused: %s", want);
	is_string(error, want, "and why");
	ok(t.ns == NULL && t.n == 0, "and the trace is empty");
	trace_free(&t);
}

/* An error is one line that names the file. */
static int
is_error(const char *error)
{
	return strncmp(error, "t:", 2) == 0 && strlen(error) > 4 &&
	    strpbrk(error, "\n\r\033!") == NULL;
}

/*
 * Each beginning is a trace or an error, and what it has in common with the
 * whole is the same: all values but the last, which may have been cut.
 */
static void
test_cut(const struct good_case *c)
{
	size_t k, len = strlen(c->text), bad = 0;
	struct trace whole, t;
	char error[256];

	if (trace_parse(&whole, "t", c->text, len, error, sizeof(error)) == -1)
		return;
	for (k = 0; k <= len; k++) {
		if (parse(&t, c->text, k, error, sizeof(error)) == -1)
			bad += !is_error(error) || t.n != 0;
		else
			bad += t.n == 0 || t.n > whole.n || memcmp(t.ns,
			    whole.ns, (t.n - 1) * sizeof(*t.ns)) != 0;
		trace_free(&t);
	}
	is_int((long long)bad, 0, "%s, cut at every length", c->name);
	trace_free(&whole);
}

/* From the same seed always: what fails once fails again. */
static uint64_t
next_random(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return *state = x;
}

static void
test_broken(const struct good_case *c)
{
	static const char bytes[] = "0123456789 ,,.eE+-\t\r\n\n#RWT\0\377x";
	size_t i, len = strlen(c->text), bad = 0, refused = 0;
	uint64_t state = 88172645463325252u;
	char error[256], text[2048];
	struct trace t;
	int round;

	for (round = 0; round < 2000; round++) {
		memcpy(text, c->text, len);
		for (i = 0; i < 1 + next_random(&state) % 3; i++)
			text[next_random(&state) % len] =
			    bytes[next_random(&state) % (sizeof(bytes) - 1)];
		if (parse(&t, text, len, error, sizeof(error)) == -1) {
			refused++;
			bad += !is_error(error);
		} else
			bad += t.n == 0;
		trace_free(&t);
	}
	is_int((long long)bad, 0, "%s, broken, is a trace or an error",
	    c->name);
	ok(refused > 0, "and refused in %zu of %d", refused, round);
}

/* The longest line, and one byte more; with and without what follows. */
static void
test_long_line(void)
{
	char *text = malloc(ROOM), error[256];
	struct trace t;

	if (text == NULL)
		err(1, "malloc");
	memset(text, '0', RECORD_LINE_MAX + 1);
	text[RECORD_LINE_MAX] = '\n';
	is_int(parse(&t, text, RECORD_LINE_MAX, error, sizeof(error)), 0,
	    "the longest line, cut");
	trace_free(&t);
	is_int(parse(&t, text, RECORD_LINE_MAX + 1, error, sizeof(error)), 0,
	    "the longest line");
	trace_free(&t);
	text[RECORD_LINE_MAX] = '0';
	text[RECORD_LINE_MAX + 1] = '\n';
	parse(&t, text, RECORD_LINE_MAX + 1, error, sizeof(error));
	is_string(error, "t:1: more than 65536 bytes in a line",
	    "a longer line, cut");
	parse(&t, text, RECORD_LINE_MAX + 2, error, sizeof(error));
	is_string(error, "t:1: more than 65536 bytes in a line",
	    "a longer line");
	memset(text, '0', ROOM);
	text[1] = '\n';
	is_int(trace_load(&t, scratch_write("long", text, ROOM), error,
	    sizeof(error)), -1, "a file with a longer line");
	has_string(error, "long:2: more than 65536 bytes in a line",
	    "and why");
	free(text);
}

static void
test_fields(void)
{
	char text[256], error[256];
	struct trace t;
	size_t i;

	strlcpy(text, "LAT(ms)\n", sizeof(text));
	for (i = 0; i < 64; i++)
		strlcat(text, "1 ", sizeof(text));
	is_int(parse(&t, text, strlen(text), error, sizeof(error)), 0,
	    "64 fields");
	trace_free(&t);
	strlcat(text, "1\n", sizeof(text));
	parse(&t, text, strlen(text), error, sizeof(error));
	is_string(error, "t:2: more than 64 fields", "65 fields");
}

static void
test_nul(void)
{
	char error[256];
	struct trace t;

	parse(&t, "\0\n", 2, error, sizeof(error));
	is_string(error, "t:1: " UNKNOWN, "a NUL begins no number");
	parse(&t, "1\n1\0\n", 5, error, sizeof(error));
	is_string(error, "t:2: " S_VALUE("1?"), "a NUL ends no number");
}

/* An error is cut to the buffer, and ends. */
static void
test_small_buffer(void)
{
	char error[8];
	struct trace t;

	trace_parse(&t, "name", "x\n", 2, error, sizeof(error));
	is_string(error, "name:1:", "an error never goes beyond its buffer");
}

static void
file_error(const char *path, const char *why)
{
	char error[512], want[512];
	struct trace t;

	snprintf(want, sizeof(want), "%s: %s", path, why);
	is_int(trace_load(&t, path, error, sizeof(error)), -1,
	    "not loaded: %s", why);
	is_string(error, want, "and why");
	ok(t.ns == NULL && t.n == 0, "and the trace is empty");
}

static void
test_files(void)
{
	const char *path;
	char error[256];
	struct trace t;

	file_error(scratch_path("missing"), "No such file or directory");
	file_error(scratch_dir(), "is not a regular file");
	file_error("/dev/null", "is not a regular file");
	file_error(scratch_write("empty", "", 0), "there is no read in it");
	path = scratch_path("fifo");
	if (mkfifo(path, 0600) == -1)
		err(1, "%s", path);
	file_error(path, "is not a regular file");

	path = scratch_write("cut", "0.5\n0.2", 7);
	is_int(trace_load(&t, path, error, sizeof(error)), 0, "a file");
	is_string(values(&t), "500000000 200000000 ", "and its values");
	trace_free(&t);
	ok(t.ns == NULL && t.n == 0 && t.size == 0, "freed, it is empty");
	trace_free(&t);
}

#define LINES	((size_t)100000)

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/*
 * A log of many chunks: the k-th smallest of n known latencies, in an order
 * that is not theirs, with writes between them.
 */
static void
test_quantiles(void)
{
	static const int percents[] = { 0, 1, 25, 50, 90, 99, 100 };
	size_t i, n = 0, same = 0, len = 0, size = LINES * 64;
	int64_t *reads = calloc(LINES, sizeof(*reads)), *sorted;
	uint64_t state = 88172645463325252u, ns;
	char *text = malloc(size), error[256];
	struct trace t;
	int direction;

	if (reads == NULL || text == NULL)
		err(1, "malloc");
	for (i = 0; i < LINES; i++) {
		/* Of each length, from ns to minutes. */
		ns = next_random(&state) >> (28 + next_random(&state) % 36);
		direction = (int)(next_random(&state) % 3);
		if (direction == 0)
			reads[n++] = (int64_t)ns;
		len += (size_t)snprintf(text + len, size - len,
		    "%zu, %llu, %d, 4096, %zu, 0\n", i / 10,
		    (unsigned long long)ns, direction, i * 4096);
	}
	if (!is_int(trace_load(&t, scratch_write("big", text, len), error,
	    sizeof(error)), 0, "a log of %zu lines", LINES))
		diag("%s", error);
	is_int((long long)t.n, (long long)n, "has as many reads");
	for (i = 0; i < t.n && i < n; i++)
		same += t.ns[i] == reads[i];
	is_int((long long)same, (long long)n, "in the same order");

	if ((sorted = calloc(n, sizeof(*sorted))) == NULL)
		err(1, "malloc");
	memcpy(sorted, t.ns, (t.n < n ? t.n : n) * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), compare);
	qsort(reads, n, sizeof(*reads), compare);
	for (i = 0; i < COUNT(percents); i++)
		is_int(sorted[(n - 1) * (size_t)percents[i] / 100],
		    reads[(n - 1) * (size_t)percents[i] / 100],
		    "the %d %% quantile", percents[i]);
	trace_free(&t);
	free(sorted);
	free(reads);
	free(text);
}

/* Written by nobody: the kernel refuses even a system call to. */
static void
test_read_only(void)
{
	int fds[2];
	struct trace t;
	char error[256];

	trace_parse(&t, "t", "1\n", 2, error, sizeof(error));
	if (pipe(fds) == -1 || write(fds[1], "x", 1) != 1)
		err(1, "pipe");
	is_int(read(fds[0], (void *)(uintptr_t)t.ns, 1), -1,
	    "what has been loaded can only be read");
	close(fds[0]);
	close(fds[1]);
	trace_free(&t);
}

int
main(void)
{
	size_t i;

	plan_no_plan();
	for (i = 0; i < COUNT(goods); i++) {
		test_good(&goods[i]);
		test_cut(&goods[i]);
		test_broken(&goods[i]);
	}
	for (i = 0; i < COUNT(numbers); i++)
		test_number(numbers[i].text, numbers[i].ns);
	for (i = 0; i < COUNT(bads); i++)
		test_bad(bads[i].text, bads[i].error);
	test_long_line();
	test_fields();
	test_nul();
	test_small_buffer();
	test_files();
	test_quantiles();
	test_read_only();
	return exit_status();
}
