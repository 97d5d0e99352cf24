/*
 * Replies, over TCP: to the byte, at times of our own.  Clients that take them
 * slowly, or not at all, are 24-reply-clients.c's.
 */
#include <sys/socket.h>
#include <sys/syscall.h>

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/reply.h"
#include "t/check.h"
#include "t/pair.h"

/* No test waits longer than this for what has to come. */
#define PATIENCE	(20 * CLOCK_S)

/* RFC 9110's example: Sun, 06 Nov 1994 08:49:37 GMT. */
#define RFC_TIME	784111777
#define RFC_DATE	"Sun, 06 Nov 1994 08:49:37 GMT"

/* Behind the status line and Date. */
#define SERVER		"Server: spindled/" VERSION "\r\n" \
			"Content-Type: text/plain\r\n"
#define NO_TIMES	"Server-Timing: queue;dur=0.000, lane;dur=0.000, " \
			"disk;dur=0.000\r\n\r\n"

static time_t now = RFC_TIME;		/* what the real-time clock says */

/* Takes libc's place. */
int
clock_gettime(clockid_t id, struct timespec *ts)
{
	if (id != CLOCK_REALTIME)
		return (int)syscall(SYS_clock_gettime, id, ts);
	ts->tv_sec = now;
	ts->tv_nsec = 999999999;
	return 0;
}

static struct exchange
a_read(const char *name)
{
	struct exchange x = {
		.http = { .method = HTTP_GET, .minor = 1 },
		.wire = { .name = name, .name_len = strlen(name) },
		.status = 200,
	};

	return x;
}

static struct exchange
an_error(int status, const char *why)
{
	struct exchange x = a_read("");

	x.status = status;
	x.why = why;
	return x;
}

/* The whole reply as the client gets it; it is all sent, and so noted. */
static const char *
reply_of(struct exchange *x)
{
	static char text[8192];
	struct pair p;
	size_t len = 0;
	ssize_t n;

	pair_open(&p);
	if (reply_send(x, &p.conn, PATIENCE) == -1)
		return "(not sent)";
	shutdown(p.conn.fd, SHUT_WR);
	while ((n = recv(p.client, text + len, sizeof(text) - 1 - len, 0)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	pair_close(&p);
	return text;
}

static void
is_reply(struct exchange x, const char *want, const char *name)
{
	const char *body = strstr(want, "\r\n\r\n") + 4;

	is_string(reply_of(&x), want, "%s", name);
	is_int((long long)x.sent, (long long)strlen(body),
	    "%s: bytes of its body", name);
}

static void
test_reads(void)
{
	struct exchange x = a_read("some_file");

	x.queue = 1234567;
	x.read.lane = 50 * CLOCK_US;
	x.read.arrival = 5 * CLOCK_S;
	x.read.end = x.read.arrival + 199 * CLOCK_MS + 51999;
	is_reply(x, "HTTP/1.1 200 OK\r\nDate: " RFC_DATE "\r\n" SERVER
	    "Content-Length: 13\r\nConnection: close\r\n"
	    "Server-Timing: queue;dur=1.234, lane;dur=0.050, "
	    "disk;dur=199.051\r\n\r\n200,some_file", "a good read");
	x.wire.name_len = 4;
	is_reply(x, "HTTP/1.1 200 OK\r\nDate: " RFC_DATE "\r\n" SERVER
	    "Content-Length: 8\r\nConnection: close\r\n"
	    "Server-Timing: queue;dur=1.234, lane;dur=0.050, "
	    "disk;dur=199.051\r\n\r\n200,some", "a name ends where it ends");
	is_reply(a_read(""), "HTTP/1.1 200 OK\r\nDate: " RFC_DATE "\r\n" SERVER
	    "Content-Length: 2\r\nConnection: close\r\n" NO_TIMES "0,",
	    "no name and no time");
}

static void
test_errors(void)
{
	struct exchange x = an_error(429, "no");

	is_reply(an_error(400, "what was wrong"), "HTTP/1.1 400 Bad Request\r\n"
	    "Date: " RFC_DATE "\r\n" SERVER "Content-Length: 15\r\n"
	    "Connection: close\r\n" NO_TIMES "what was wrong\n", "an error");
	is_reply(an_error(405, "no"), "HTTP/1.1 405 Method Not Allowed\r\n"
	    "Date: " RFC_DATE "\r\n" SERVER "Content-Length: 3\r\n"
	    "Allow: GET, HEAD\r\nConnection: close\r\n" NO_TIMES "no\n",
	    "405 says what is allowed");
	is_reply(an_error(401, "no"), "HTTP/1.1 401 Unauthorized\r\n"
	    "Date: " RFC_DATE "\r\n" SERVER "Content-Length: 3\r\n"
	    "WWW-Authenticate: Basic realm=\"spindled\"\r\n"
	    "Connection: close\r\n" NO_TIMES "no\n", "401 has its field");
	is_reply(an_error(407, "no"), "HTTP/1.1 407 Proxy Authentication "
	    "Required\r\nDate: " RFC_DATE "\r\n" SERVER "Content-Length: 3\r\n"
	    "Proxy-Authenticate: Basic realm=\"spindled\"\r\n"
	    "Connection: close\r\n" NO_TIMES "no\n", "407 has its field");
	x.retry_after = 1;
	is_reply(x, "HTTP/1.1 429 Too Many Requests\r\nDate: " RFC_DATE "\r\n"
	    SERVER "Content-Length: 3\r\nRetry-After: 1\r\n"
	    "Connection: close\r\n" NO_TIMES "no\n", "429 says when");
	is_reply(an_error(499, "no"), "HTTP/1.1 499 Client Error\r\n"
	    "Date: " RFC_DATE "\r\n" SERVER "Content-Length: 3\r\n"
	    "Connection: close\r\n" NO_TIMES "no\n", "a status of nobody's");
}

static void
test_connection(void)
{
	struct exchange x = a_read("a");

	x.keep = 1;
	is_reply(x, "HTTP/1.1 200 OK\r\nDate: " RFC_DATE "\r\n" SERVER
	    "Content-Length: 3\r\n" NO_TIMES "0,a", "1.1, kept");
	x.http.minor = 0;
	is_reply(x, "HTTP/1.1 200 OK\r\nDate: " RFC_DATE "\r\n" SERVER
	    "Content-Length: 3\r\nConnection: keep-alive\r\n" NO_TIMES "0,a",
	    "1.0, kept");
	x.keep = 0;
	is_reply(x, "HTTP/1.1 200 OK\r\nDate: " RFC_DATE "\r\n" SERVER
	    "Content-Length: 3\r\nConnection: close\r\n" NO_TIMES "0,a",
	    "1.0, not kept");
}

/* HEAD has GET's fields, every one and to the byte, and no body. */
static void
test_head(struct exchange x, const char *name)
{
	char want[8192];

	x.http.method = HTTP_GET;
	snprintf(want, sizeof(want), "%s", reply_of(&x));
	*(strstr(want, "\r\n\r\n") + 4) = '\0';
	ok(strstr(want, "Content-Length: 0") == NULL, "%s: a GET has a body",
	    name);
	x.http.method = HTTP_HEAD;
	is_string(reply_of(&x), want, "%s: HEAD is GET without it", name);
	is_int((long long)x.sent, 0, "%s: nothing of it is sent", name);
}

static void
test_heads(void)
{
	struct exchange x = a_read("some_file");

	x.queue = 5 * CLOCK_MS;
	x.read.end = 2 * CLOCK_S;
	test_head(x, "a good read");
	x.keep = 1;
	test_head(x, "a good read, kept");
	test_head(an_error(500, "the read failed"), "an error");
	test_head(an_error(405, "no"), "an error with a field of its own");
}

/* Milliseconds to the microsecond, and the whole ones of the body's total. */
static void
test_times(void)
{
	static const struct {
		int64_t queue, lane, disk;	/* ns */
		const char *timing, *total;
	} cases[] = {
		{ 1, 999, 1000, "queue;dur=0.000, lane;dur=0.000, "
		    "disk;dur=0.001", "0" },
		{ 999999, 0, 0, "queue;dur=0.999, lane;dur=0.000, "
		    "disk;dur=0.000", "0" },
		{ 999999, 0, 1, "queue;dur=0.999, lane;dur=0.000, "
		    "disk;dur=0.000", "1" },
		{ 400000, 500 * CLOCK_MS, 600000, "queue;dur=0.400, "
		    "lane;dur=500.000, disk;dur=0.600", "1" },
		{ 10020000, 1050000, 30 * CLOCK_S, "queue;dur=10.020, "
		    "lane;dur=1.050, disk;dur=30000.000", "30010" },
		{ INT64_C(3600) * CLOCK_S, 0, INT64_C(86400) * CLOCK_S,
		    "queue;dur=3600000.000, lane;dur=0.000, "
		    "disk;dur=86400000.000", "90000000" },
	};
	struct exchange x = a_read("a");
	char want[256];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		x.queue = cases[i].queue;
		x.read.lane = cases[i].lane;
		x.read.arrival = CLOCK_S;
		x.read.end = CLOCK_S + cases[i].disk;
		snprintf(want, sizeof(want), "\r\nServer-Timing: %s\r\n\r\n"
		    "%s,a", cases[i].timing, cases[i].total);
		has_string(reply_of(&x), want, "%s", cases[i].timing);
	}
}

/* No client and no clock makes the fields longer than they may be. */
static void
test_longest(void)
{
	struct exchange x = an_error(407, "a");
	const char *reply;

	x.http.minor = 0;
	x.keep = 1;
	x.queue = x.read.lane = x.read.end = INT64_MAX;
	reply = reply_of(&x);
	has_string(reply, "\r\nConnection: keep-alive\r\n", "all fields");
	has_string(reply, "\r\nServer-Timing: queue;dur=9223372036854.775, "
	    "lane;dur=9223372036854.775, disk;dur=9223372036854.775\r\n\r\na\n",
	    "the longest of them, to the end");
}

/* Every kind of day, and each new second is told. */
static void
test_dates(void)
{
	static const struct {
		time_t now;
		const char *date;
	} cases[] = {
		{ RFC_TIME + 1, "Sun, 06 Nov 1994 08:49:38 GMT" },
		{ RFC_TIME, RFC_DATE },
		{ 1, "Thu, 01 Jan 1970 00:00:01 GMT" },
		{ 951782400, "Tue, 29 Feb 2000 00:00:00 GMT" },
		{ 1709164800, "Thu, 29 Feb 2024 00:00:00 GMT" },
		{ 1711843199, "Sat, 30 Mar 2024 23:59:59 GMT" },
		{ 1713960000, "Wed, 24 Apr 2024 12:00:00 GMT" },
		{ 1714564800, "Wed, 01 May 2024 12:00:00 GMT" },
		{ 1717934400, "Sun, 09 Jun 2024 12:00:00 GMT" },
		{ 1721476800, "Sat, 20 Jul 2024 12:00:00 GMT" },
		{ 1724068800, "Mon, 19 Aug 2024 12:00:00 GMT" },
		{ 1726228800, "Fri, 13 Sep 2024 12:00:00 GMT" },
		{ 1727870400, "Wed, 02 Oct 2024 12:00:00 GMT" },
		{ 1735689599, "Tue, 31 Dec 2024 23:59:59 GMT" },
		{ 2147483648, "Tue, 19 Jan 2038 03:14:08 GMT" },
		{ 4102444799, "Thu, 31 Dec 2099 23:59:59 GMT" },
		{ RFC_TIME, RFC_DATE },
	};
	struct exchange x = a_read("a");
	char want[128];
	size_t i;

	/* Neither the zone nor the language of the daemon is the client's. */
	setenv("TZ", "TST-5:30", 1);
	tzset();
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		now = cases[i].now;
		snprintf(want, sizeof(want), "\r\nDate: %s\r\n", cases[i].date);
		has_string(reply_of(&x), want, "%s", cases[i].date);
	}
}

/* The ends of the table, what is not in it, and what tools look for. */
static const struct {
	int status;
	const char *phrase;
} reasons[] = {
	{ 200, "OK" },
	{ 400, "Bad Request" },
	{ 404, "Not Found" },
	{ 418, "Client Error" },
	{ 431, "Request Header Fields Too Large" },
	{ 499, "Client Error" },
	{ 500, "Internal Server Error" },
	{ 503, "Service Unavailable" },
	{ 511, "Network Authentication Required" },
	{ 599, "Server Error" },
};

/* Whether the phrase is what any status of its class has. */
static int
is_general(const char *phrase)
{
	return strcmp(phrase, "Client Error") == 0 ||
	    strcmp(phrase, "Server Error") == 0;
}

static void
test_reasons(void)
{
	int status, other, bad = 0, twice = 0, known = 0;
	const char *phrase;
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		is_string(reply_reason(reasons[i].status), reasons[i].phrase,
		    "%d %s", reasons[i].status, reasons[i].phrase);
	for (status = 400; status <= 599; status++) {
		phrase = reply_reason(status);
		if (phrase == NULL || phrase[0] == '\0' || strspn(phrase,
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz- ")
		    != strlen(phrase))
			bad++;
		if (phrase == NULL || is_general(phrase))
			continue;
		known++;
		for (other = 400; other < status; other++)
			twice += strcmp(reply_reason(other), phrase) == 0;
	}
	is_int(bad, 0, "every status of an error has a phrase of words");
	is_int(twice, 0, "none has another's");
	/* RFC 9110's and RFC 6585's, and 425, 451 and 507 of others. */
	is_int(known, 34, "the phrases that there are");
}

int
main(void)
{
	plan_no_plan();
	test_reads();
	test_errors();
	test_connection();
	test_heads();
	test_times();
	test_longest();
	test_dates();
	test_reasons();
	return exit_status();
}
