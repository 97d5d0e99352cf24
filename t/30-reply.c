/*
 * Replies as the measuring client sees them: whole or cut off, in any framing
 * and in any pieces.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "t/check.h"
#include "t/guard.h"
#include "t/traffic/reply.h"

#define OK	"HTTP/1.1 200 OK\r\n"
#define CHUNKED	OK "Transfer-Encoding: chunked\r\n\r\n"

/* What the client holds of a reply once its connection has ended. */
static const struct {
	const char *text;
	enum reply_state state;
	int status;
	long long body;		/* bytes */
} replies[] = {
	{ OK "Content-Length: 3\r\n\r\nabc", REPLY_DONE, 200, 3 },
	{ OK "content-length:3\r\n\r\nabc", REPLY_DONE, 200, 3 },
	{ OK "Content-Length: 3\r\n\r\nab", REPLY_BAD, 200, 2 },
	{ OK "Content-Length: 0\r\n\r\n", REPLY_DONE, 200, 0 },
	{ OK "Content-Length: x\r\n\r\n", REPLY_BAD, 200, 0 },
	{ OK "Content-Length: -1\r\n\r\n", REPLY_BAD, 200, 0 },
	{ OK "Content-Length: +1\r\n\r\nx", REPLY_BAD, 200, 0 },
	{ OK "Content-Length:\r\n1: x\r\n\r\nx", REPLY_BAD, 200, 0 },
	{ OK "\r\nabc", REPLY_DONE, 200, 3 },
	{ OK "\r\n", REPLY_DONE, 200, 0 },
	{ OK, REPLY_BAD, 0, 0 },
	{ "", REPLY_BAD, 0, 0 },
	{ "HTTP/1.1 204 No Content\r\n\r\n", REPLY_DONE, 204, 0 },
	{ "HTTP/1.0 503 No\r\nContent-Length: 1\r\n\r\nx", REPLY_DONE, 503, 1 },
	{ "HTTP/1.1 099 x\r\n\r\n", REPLY_BAD, 99, 0 },
	{ "HTTP/1.1 abc x\r\n\r\n", REPLY_BAD, 0, 0 },
	{ "HTTP/1.1 4294967496 x\r\n\r\n", REPLY_BAD, 0, 0 },
	{ "HTTP/1.1 2000 x\r\n\r\n", REPLY_BAD, 0, 0 },
	{ "HTTP/1.1 20\r\n\r\n", REPLY_BAD, 0, 0 },
	{ "HTTP/1.1  200\r\n\r\n", REPLY_BAD, 0, 0 },
	{ "HTTP/1.x 200\r\n\r\n", REPLY_BAD, 0, 0 },
	{ "HTTP/1.1 200\r\n\r\n", REPLY_DONE, 200, 0 },
	{ "SSH-2.0-OpenSSH\r\n\r\n", REPLY_BAD, 0, 0 },
	{ OK "Content-Length: 3\r\n\r\nabcdef", REPLY_DONE, 200, 3 },
	{ OK "Content-Length: 3, 3\r\n\r\nabc", REPLY_BAD, 200, 0 },
	{ OK "Content-Length: 3 \r\n\r\nabc", REPLY_DONE, 200, 3 },
	{ "HTTP/1.1 304 x\r\nContent-Length: 3\r\n\r\n", REPLY_DONE, 304, 0 },
	{ "HTTP/1.1 103 x\r\nLink: y\r\n\r\nHTTP/1.1 100 x\r\n\r\n" OK
	    "Content-Length: 1\r\n\r\nxy", REPLY_DONE, 200, 1 },
	{ "HTTP/1.1 103 x\r\n\r\n", REPLY_BAD, 0, 0 },
	{ "HTTP/1.1 101 x\r\n\r\n", REPLY_BAD, 101, 0 },
	{ CHUNKED "3\r\nabc\r\n0\r\n\r\n", REPLY_DONE, 200, 3 },
	{ CHUNKED "3;x=y\r\nabc\r\n1 \r\nd\r\n0\r\n\r\n", REPLY_DONE, 200, 4 },
	{ CHUNKED "0A\r\n0\r\n\r\n0\r\n\r\n\r\n0\r\nT: x\r\n\r\n", REPLY_DONE,
	    200, 10 },
	{ CHUNKED "0\r\n\r\n", REPLY_DONE, 200, 0 },
	{ CHUNKED "3\r\nabc\r\n0\r\n", REPLY_BAD, 200, 3 },
	{ CHUNKED "3\r\nabc\r\n", REPLY_BAD, 200, 3 },
	{ CHUNKED "3\r\nab", REPLY_BAD, 200, 2 },
	{ CHUNKED "\r\n", REPLY_BAD, 200, 0 },
	{ CHUNKED "x\r\n", REPLY_BAD, 200, 0 },
	{ CHUNKED "1\r\nab\r\n", REPLY_BAD, 200, 1 },
	{ CHUNKED "1234567890123456\r\n", REPLY_BAD, 200, 0 },
	{ OK "Transfer-Encoding: gzip\r\n\r\n", REPLY_BAD, 200, 0 },
	{ OK "X-Content-Length: 9\r\n\r\nabc", REPLY_DONE, 200, 3 },
};

/* Feeds it in pieces of so many bytes, each against an unreadable page. */
static enum reply_state
feed(struct reply *r, const char *text, size_t piece)
{
	const size_t len = strlen(text);
	enum reply_state state = REPLY_MORE;
	size_t at, n;

	reply_start(r);
	for (at = 0; at < len && state == REPLY_MORE; at += n) {
		n = len - at < piece ? len - at : piece;
		state = reply_feed(r, guard_copy(text + at, n), n);
	}
	return state == REPLY_MORE ? reply_end(r) : state;
}

static void
test_replies(void)
{
	struct reply r;
	size_t i, piece;
	int same;

	for (i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		is_int(feed(&r, replies[i].text, 4096), replies[i].state,
		    "reply %zu", i);
		is_int(r.status, replies[i].status, "its status");
		is_int(r.body, replies[i].body, "its body");
		same = 1;
		for (piece = 1; piece <= strlen(replies[i].text); piece++)
			if (feed(&r, replies[i].text, piece) !=
			    replies[i].state || r.body != replies[i].body ||
			    r.status != replies[i].status)
				same = 0;
		ok(same, "the same in pieces");
	}
}

/* A server may write any number, and need not mean one that there is. */
static const struct {
	const char *text;
	long long ns;		/* -1: none */
} durations[] = {
	{ "0", 0 },
	{ "12", 12000000 },
	{ "0.000001", 1 },
	{ "1.5e3", 1500000000 },
	{ "9223372036854", 9223372036854000000 },
	{ "9223372036855", -1 },
	{ "1e300", -1 },
	{ "-1", -1 },
	{ "nan", -1 },
	{ "inf", -1 },
	{ "0x10", 0 },
	{ "", -1 },
};

static void
test_durations(void)
{
	char text[256];
	struct reply r;
	size_t i;

	for (i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
		snprintf(text, sizeof(text), OK "Server-Timing: disk;dur=%s\r\n"
		    "\r\n", durations[i].text);
		feed(&r, text, 4096);
		is_int(r.disk, durations[i].ns, "disk time \"%s\"",
		    durations[i].text);
	}
}

static void
test_timing(void)
{
	struct reply r;

	feed(&r, OK "Server-Timing: queue;dur=0.5, lane;dur=0, disk;dur=12\r\n"
	    "\r\n", 1);
	is_int(r.queue, 500000, "queue time");
	is_int(r.disk, 12000000, "disk time");
	feed(&r, OK "\r\n", 1);
	is_int(r.queue, -1, "none");
	feed(&r, OK "Server-Timing: myqueue;dur=1, queue;dur=2\r\n\r\n", 1);
	is_int(r.queue, 2000000, "a name that ends in the same letters");
	feed(&r, OK "Server-Timing: queue;dur=1e300, disk;dur=nan\r\n\r\n", 1);
	ok(r.queue == -1 && r.disk == -1, "what is no time");
}

/* A head that does not end, of just under and just over what is held. */
static void
test_long_head(void)
{
	static char text[sizeof(((struct reply *)0)->head) + 1] =
	    OK "X: ";
	struct reply r;

	memset(text + strlen(text), 'x', sizeof(text) - 1 - strlen(text));
	is_int(feed(&r, text, 1000), REPLY_BAD, "a head that is too long");
	is_int((long long)r.head_len, sizeof(r.head) - 1, "fills its room");
	memcpy(text + sizeof(r.head) - 1 - 4, "\r\n\r\n", 5);
	is_int(feed(&r, text, 1000), REPLY_DONE, "one that just fits");
}

int
main(void)
{
	plan_no_plan();
	test_replies();
	test_timing();
	test_durations();
	test_long_head();
	return exit_status();
}
