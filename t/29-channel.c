/*
 * What the master takes from the status process, which somebody may have taken
 * over: messages of every size and with anything in them.
 */
#include <sys/socket.h>

#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/admin/channel.h"
#include "t/check.h"

static int pair[2];

static struct channel_request good = {
	.number = 7, .verb = CHANNEL_CONDITION, .name = "sda",
	.condition = "dying", .for_ns = 1, .n = 2, .pid = 3,
	.from = "uid 0, process 1",
};

/* What is taken of these bytes. */
static int
taken(const void *bytes, size_t len)
{
	struct channel_request got;

	if (send(pair[1], bytes, len, 0) != (ssize_t)len)
		err(1, "send");
	return channel_take_request(pair[0], &got);
}

static void
test_good(void)
{
	struct channel_request got;
	struct channel_reply m = { .number = 7, .result = CHANNEL_DONE };

	is_int(channel_take_request(pair[0], &got), 0, "nothing has come");
	is_int(channel_ask(pair[1], &good), 0, "a request");
	is_int(channel_take_request(pair[0], &got), 1, "is taken");
	is_string(got.name, "sda", "its name");
	is_string(got.condition, "dying", "its condition");
	is_string(got.from, "uid 0, process 1", "who asks");
	ok(got.number == 7 && got.verb == CHANNEL_CONDITION &&
	    got.for_ns == 1 && got.n == 2 && got.pid == 3, "its numbers");
	memset(m.text, 'x', sizeof(m.text));
	is_int(channel_answer(pair[0], &m), 0, "an answer");
	is_int(channel_take_reply(pair[1], &m), 1, "is taken");
	is_int((long long)strlen(m.text), CHANNEL_TEXT - 1,
	    "a text without an end has one");
}

static void
test_bad(void)
{
	static char large[4 * sizeof(good)];
	struct channel_request q;
	size_t i;

	for (i = 1; i < sizeof(good); i += 7)
		is_int(taken(&good, i), 0, "%zu bytes of a request", i);
	memcpy(large, &good, sizeof(good));
	is_int(taken(large, sizeof(good) + 1), 0, "one byte more");
	is_int(taken(large, sizeof(large)), 0, "many more");
	for (i = CHANNEL_VERBS; i < UINT32_MAX / 3; i *= 3) {
		q = good;
		q.verb = (uint32_t)i;
		is_int(taken(&q, sizeof(q)), 0, "verb %zu", i);
	}
	q = good;
	memset(q.name, 'a', sizeof(q.name));
	is_int(taken(&q, sizeof(q)), 0, "a name without an end");
	q = good;
	memset(q.condition, 'a', sizeof(q.condition));
	is_int(taken(&q, sizeof(q)), 0, "a condition without an end");
	q = good;
	memset(q.from, 'a', sizeof(q.from));
	is_int(taken(&q, sizeof(q)), 0, "a sender without an end");
	q = good;
	strlcpy(q.name, "a/b", sizeof(q.name));
	is_int(taken(&q, sizeof(q)), 0, "a name that is none");
	q = good;
	strlcpy(q.from, "a\nspindled[1] error: b", sizeof(q.from));
	is_int(taken(&q, sizeof(q)), 0, "a sender of two lines");
	q = good;
	q.name[0] = q.condition[0] = q.from[0] = '\0';
	is_int(taken(&q, sizeof(q)), 1, "nothing in them is good");
	is_int(taken(&good, sizeof(good)), 1, "and so is the next one");
}

/* Nobody waits for room. */
static void
test_full(void)
{
	struct channel_request q;
	int i, n = 0;

	for (i = 0; i < 100000 && channel_ask(pair[1], &good) == 0; i++)
		;
	ok(i > 0 && i < 100000, "%d requests, and then there is no room", i);
	while (channel_take_request(pair[0], &q) == 1)
		n++;
	is_int(n, i, "all of them are taken");
	is_int(channel_ask(pair[1], &good), 0, "there is room again");
	channel_take_request(pair[0], &q);
	close(pair[1]);
	is_int(channel_take_request(pair[0], &q), -1, "the end");
	close(pair[0]);
}

int
main(void)
{
	plan_no_plan();
	if (channel_open(pair) == -1)
		err(1, "channel");
	test_good();
	test_bad();
	test_full();
	return exit_status();
}
