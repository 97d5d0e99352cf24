/* What faults make of replies, as a client gets them. */
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/reply.h"
#include "t/check.h"
#include "t/pair.h"
#include "t/taker.h"

/* No test waits longer than this for what has to come. */
#define PATIENCE	(20 * CLOCK_S)

/* Nor does all of it, in seconds. */
#define STUCK		120

#define STALL		(100 * CLOCK_MS)

static const struct taken *got;
static const struct conf_disk disk = { .name = "sick", .dir = -1 };

/* A reply of so many bytes, or, with -1, of the text 0,some_file. */
static struct exchange
a_reply(enum model_fault_kind fault, int64_t size)
{
	struct exchange x = {
		.http = { .method = HTTP_GET, .minor = 1 },
		.wire = { .name = "some_file", .name_len = 9 },
		.disk = &disk,
		.read = {
			.how = DISK_READ, .key = 24,
			.draw = { .fault = fault, .stall = STALL }
		},
		.status = 200,
		.keep = 1,
	};

	object_open(&x.object, &disk, "some_file", 9, size, &x.why);
	return x;
}

static int
reply(struct exchange *x)
{
	int result = taker_reply(x, PATIENCE);

	got = taker_got;
	return result;
}

/* What each fault has in common. */
static void
is_faulty(struct exchange *x, enum model_fault_kind fault, int result)
{
	is_int(reply(x), result, "the reply counts as %s",
	    result == 0 ? "sent" : "lost");
	is_int(x->keep, 0, "the connection is not kept");
	is_int((int)x->fault, (int)fault, "and it is noted why");
}

static void
test_reset(void)
{
	struct exchange x = a_reply(FAULT_RESET, -1);

	is_faulty(&x, FAULT_RESET, -1);
	is_int(got->error, ECONNRESET, "a reset");
	is_int((long long)got->len, 0, "and not a byte");
	is_int((long long)x.sent, 0, "nothing is sent");
}

/* Whatever is done to the connection afterwards, it stays one. */
static void
test_reset_is_final(void)
{
	struct exchange x = a_reply(FAULT_RESET, -1);
	char byte[] = "GET";
	struct pair p;
	ssize_t n;

	pair_open(&p);
	/* Even with a request that nobody has read. */
	if (send(p.client, byte, sizeof(byte), MSG_NOSIGNAL) == -1)
		err(1, "send");
	reply_send(&x, &p.conn, PATIENCE);
	conn_finish(&p.conn);
	is_int(conn_discard(&p.conn, 1000), -1, "there is nothing to come");
	n = recv(p.client, byte, sizeof(byte), 0);
	ok(n == -1 && errno == ECONNRESET, "a reset, before the close");
	pair_close(&p);
}

static void
test_truncate(int64_t size, size_t whole)
{
	struct exchange x = a_reply(FAULT_TRUNCATE, size);
	char field[64];

	is_faulty(&x, FAULT_TRUNCATE, -1);
	snprintf(field, sizeof(field), "\r\nContent-Length: %zu\r\n", whole);
	has_string(got->bytes, field, "all of %zu bytes is announced", whole);
	has_string(got->bytes, "\r\nConnection: close\r\n", "and the end");
	is_int((long long)got->body_len, (long long)(whole / 2), "half comes");
	is_int((long long)x.sent, (long long)(whole / 2), "as noted");
	is_int(got->error, 0, "and an orderly end");
}

static void
test_stall(int64_t size, size_t whole)
{
	struct exchange x = a_reply(FAULT_STALL, size), y;
	static char body[1 << 20];
	int64_t before = clock_mono();

	is_faulty(&x, FAULT_STALL, 0);
	ok(clock_mono() - before >= STALL, "not without a pause");
	is_int((long long)got->body_len, (long long)whole, "%zu bytes", whole);
	memcpy(body, got->body, whole);
	y = a_reply(FAULT_NONE, size);
	reply(&y);
	ok(got->body_len == whole && memcmp(body, got->body, whole) == 0,
	    "all that there would have been");
}

/* A pause that does not end by itself: so one sees where it is. */
static void
test_stall_for_ever(int64_t size, size_t whole)
{
	struct exchange x = a_reply(FAULT_STALL, size);
	struct pair p;

	x.read.draw.stall = DIST_FOREVER;
	pair_open(&p);
	/* It has said nothing more, and is gone before the reply begins. */
	shutdown(p.client, SHUT_WR);
	is_int(reply_send(&x, &p.conn, PATIENCE), -1,
	    "a client that hangs up ends it");
	is_int((long long)x.sent, (long long)(whole / 2), "half was sent");
	pair_close(&p);
}

static void
test_garbage(void)
{
	struct exchange x = a_reply(FAULT_GARBAGE, -1);
	char first[1024];
	size_t len;

	is_faulty(&x, FAULT_GARBAGE, -1);
	is_int(got->error, 0, "an orderly end");
	len = got->len;
	is_int((long long)x.sent, (long long)len, "%zu bytes", len);
	ok(len > 0 && len < sizeof(first), "a few");
	ok(strncmp(got->bytes, "HTTP", 4) != 0 && (got->bytes[0] & 0x80) != 0,
	    "that are no HTTP");
	memcpy(first, got->bytes, len);
	x = a_reply(FAULT_GARBAGE, 100000);
	reply(&x);
	ok(got->len == len && memcmp(first, got->bytes, len) == 0,
	    "the same again");
	x.read.key++;
	reply(&x);
	ok(got->len == len && memcmp(first, got->bytes, len) != 0,
	    "others for another read");
}

/* Where there was no read, or no body, nothing can happen to it. */
static void
test_none(void)
{
	struct exchange x = a_reply(FAULT_RESET, -1);

	x.read.how = DISK_FULL;
	x.status = 503;
	x.why = "the disk is full";
	x.retry_after = 7;
	is_int(reply(&x), 0, "no read, no fault");
	is_int((int)x.fault, FAULT_NONE, "nothing is noted");
	is_int(x.keep, 1, "the connection stays");
	has_string(got->bytes, "\r\nRetry-After: 7\r\n", "503 says when");
	x.retry_after = 0;
	reply(&x);
	ok(strstr(got->bytes, "Retry-After") == NULL, "or does not");
	x.retry_after = 7;
	x.status = 500;
	reply(&x);
	ok(strstr(got->bytes, "Retry-After") == NULL, "no other status does");

	x = a_reply(FAULT_TRUNCATE, 0);
	is_int(reply(&x), 0, "no body, and no half of it");
	is_int(x.keep, 1, "the connection stays");
	x = a_reply(FAULT_STALL, 1000);
	x.http.method = HTTP_HEAD;
	x.read.draw.stall = DIST_FOREVER;
	is_int(reply(&x), 0, "HEAD has none either");
	x = a_reply(FAULT_RESET, 1000);
	x.http.method = HTTP_HEAD;
	is_int(reply(&x), -1, "but can be reset");
	is_int(got->error, ECONNRESET, "as all can");
}

/* Errors are replies to reads, too. */
static void
test_error(void)
{
	struct exchange x = a_reply(FAULT_TRUNCATE, -1);

	x.status = 500;
	x.why = "it failed";
	reply(&x);
	is_string(got->body, "it fa", "half of an error");
}

int
main(void)
{
	plan_no_plan();
	alarm(STUCK);
	/* The daemon ignores it, but no send relies on that. */
	signal(SIGPIPE, SIG_DFL);
	object_init();
	test_reset();
	test_reset_is_final();
	test_truncate(-1, 11);
	test_truncate(1, 1);
	test_truncate(300001, 300001);
	test_stall(-1, 11);
	test_stall(1, 1);
	test_stall(2, 2);
	test_stall(300001, 300001);
	test_stall_for_ever(-1, 11);
	test_stall_for_ever(1, 1);
	test_stall_for_ever(20001, 20001);
	test_garbage();
	test_none();
	test_error();
	return exit_status();
}
