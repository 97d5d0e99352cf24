/*
 * What a request asks for in its query: what is made of each, good and bad,
 * whole and cut; that the weights are honoured; and that no bytes whatever do
 * harm or come back in a message.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/ask.h"
#include "common/clock.h"
#include "common/draw.h"
#include "t/check.h"
#include "t/fit.h"
#include "t/guard.h"

#define HOUR		(3600 * CLOCK_S)
#define MIB		(INT64_C(1) << 20)
#define GRID		10000		/* draws of each choice */
#define ROUNDS		200000		/* random queries */
#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define LONG		(4 << 20)	/* a query, bytes */

/* With the limits 1h and 1M. */
#define DELAY		"delay: expected a time, such as 250us, 20ms or 4s, " \
			"up to max-delay, 1h"
#define LONGER(t)	"delay: " t " is longer than max-delay, 1h"
#define STATUS		"status: expected 200, or 400 to 599"
#define SIZE		"size: expected a size, such as 8192 or 8k, up to 1M"
#define LARGER(s)	"size: " s " is more than the largest, 1M"
#define CLOSE		"close: expected true or false"
#define WEIGHT(p)	p ": expected a whole number from 1 to 1000000 as a " \
			"weight behind the ':'"
#define MANY(p)		p ": expected at most 8 values"
#define BYTES(p)	p ": expected at most 256 bytes"
#define TWICE(p)	p ": expected once, not twice"
#define PERCENT(p)	p ": a % without two hex digits"
#define NUL_BYTE(p)	p ": a NUL byte"

#define ZEROS_23	"00000000000000000000000"
#define ZEROS_253	ZEROS_23 ZEROS_23 ZEROS_23 ZEROS_23 ZEROS_23 ZEROS_23 \
			ZEROS_23 ZEROS_23 ZEROS_23 ZEROS_23 ZEROS_23

/* A query, and what describe() has to say of it. */
static const struct {
	const char *query;
	const char *want;
} goods[] = {
	{ "", "" },
	{ "delay=10ms", "delay=10000000:1" },
	{ "status=503", "status=503:1" },
	{ "size=4k", "size=4096:1" },
	{ "close=true", "close=1:1" },
	{ "delay=10ms&status=503&size=4k&close=true",
	    "delay=10000000:1 status=503:1 size=4096:1 close=1:1" },
	{ "close=0&size=0&status=200&delay=0",
	    "delay=0:1 status=200:1 size=0:1 close=0:1" },

	/* Weights. */
	{ "delay=10ms:20,1s:1", "delay=10000000:20,1000000000:1" },
	{ "status=200:99,503", "status=200:99,503:1" },
	{ "status=200,503:99", "status=200:1,503:99" },
	{ "status=500:1000000,501:1", "status=500:1000000,501:1" },
	{ "status=500:007", "status=500:7" },
	{ "status=500,500", "status=500:1,500:1" },
	{ "status=400,401,402,403,404,405,406,407",
	    "status=400:1,401:1,402:1,403:1,404:1,405:1,406:1,407:1" },
	{ "size=1,2:3,4:5&close=yes:1,no:3", "size=1:1,2:3,4:5 close=1:1,0:3" },

	/* Values. */
	{ "delay=1h", "delay=3600000000000:1" },
	{ "delay=1.5s", "delay=1500000000:1" },
	{ "delay=1ns", "delay=1:1" },
	{ "status=400", "status=400:1" },
	{ "status=599", "status=599:1" },
	{ "status=0503", "status=503:1" },
	{ "size=1M", "size=1048576:1" },
	{ "size=1048576", "size=1048576:1" },
	{ "close=true,false,1,0,yes,no", "close=1:1,0:1,1:1,0:1,1:1,0:1" },
	{ "status=" ZEROS_253 "200", "status=200:1" },		/* 256 bytes */

	/* Others are ignored, whatever they hold. */
	{ "a=b", "" },
	{ "utm_source=x&delay=1s&_=1700000000", "delay=1000000000:1" },
	{ "&", "" },
	{ "&&delay=1s&&", "delay=1000000000:1" },
	{ "=", "" },
	{ "=1s", "" },
	{ "a", "" },
	{ "%", "" },
	{ "a=%zz&b=%", "" },
	{ "Delay=x", "" },
	{ "delays=x", "" },
	{ "dela=x", "" },
	{ "xdelay=x", "" },
	{ " delay=x", "" },
	{ "%64elay=x", "" },
	{ "delay%3D1s", "" },
	{ "a=delay=x", "" },
	{ "a=1&a=2", "" },
	{ "a?delay=x", "" },
	{ "a;delay=x", "" },

	/* Percent-encoding. */
	{ "delay=%31%30ms", "delay=10000000:1" },
	{ "delay=10%6Ds%3A20%2C1s%3a1", "delay=10000000:20,1000000000:1" },
	{ "close=%74%72%75%65", "close=1:1" },
	{ NULL, NULL },
};

static const struct {
	const char *query;
	const char *why;
} bads[] = {
	{ "delay", DELAY },
	{ "delay=", DELAY },
	{ "delay&a=b", DELAY },
	{ "delay=1", DELAY },
	{ "delay=-1ms", DELAY },
	{ "delay=+1ms", DELAY },
	{ "delay=1ms+", DELAY },
	{ "delay= 1ms", DELAY },
	{ "delay=1ms;status=503", DELAY },
	{ "delay==1ms", DELAY },
	{ "delay=1MS", DELAY },
	{ "delay=1ms,", DELAY },
	{ "delay=,1ms", DELAY },
	{ "delay=1ms,,2ms", DELAY },
	{ "delay=:1", DELAY },
	{ "delay=0.5ns", DELAY },
	{ "delay=1%2531ms", DELAY },		/* decoded once */
	{ "delay=9223372036854775808ns", DELAY },
	{ "delay=99999999999999999999999h", DELAY },
	{ "delay=2h", LONGER("2h") },
	{ "delay=7200s", LONGER("2h") },
	{ "delay=3600001ms", LONGER("3600001ms") },
	{ "delay=3600000000001ns", LONGER("3600000000001ns") },
	{ "delay=9223372036854775807ns", LONGER("9223372036854775807ns") },
	{ "delay=1ms:1000,2h:1", LONGER("2h") },

	{ "status", STATUS },
	{ "status=", STATUS },
	{ "status=0", STATUS },
	{ "status=199", STATUS },
	{ "status=201", STATUS },
	{ "status=399", STATUS },
	{ "status=600", STATUS },
	{ "status=-200", STATUS },
	{ "status=+200", STATUS },
	{ "status=%20200", STATUS },
	{ "status=200%20", STATUS },
	{ "status=2e2", STATUS },
	{ "status=0x1f7", STATUS },
	{ "status=503.5", STATUS },
	{ "status=ok", STATUS },
	{ "status=4294967496", STATUS },		/* 2^32 + 200 */
	{ "status=18446744073709551816", STATUS },	/* 2^64 + 200 */
	{ "status=200:99,302:1", STATUS },

	{ "size", SIZE },
	{ "size=", SIZE },
	{ "size=-1", SIZE },
	{ "size=4K", SIZE },
	{ "size=0.5", SIZE },
	{ "size=big", SIZE },
	{ "size=9223372036854775808", SIZE },
	{ "size=1048577", LARGER("1048577") },
	{ "size=2M", LARGER("2M") },
	{ "size=2048k", LARGER("2M") },
	{ "size=9223372036854775807", LARGER("9223372036854775807") },

	{ "close", CLOSE },
	{ "close=", CLOSE },
	{ "close=True", CLOSE },
	{ "close=2", CLOSE },
	{ "close=01", CLOSE },
	{ "close=on", CLOSE },
	{ "close=true,maybe", CLOSE },

	{ "delay=1ms:", WEIGHT("delay") },
	{ "delay=1ms:0", WEIGHT("delay") },
	{ "delay=1ms:-1", WEIGHT("delay") },
	{ "delay=1ms:+1", WEIGHT("delay") },
	{ "delay=1ms:%201", WEIGHT("delay") },
	{ "delay=1ms:0.5", WEIGHT("delay") },
	{ "delay=1ms:1:1", WEIGHT("delay") },
	{ "delay=1ms:x", WEIGHT("delay") },
	{ "status=200:1000001", WEIGHT("status") },
	{ "status=200:18446744073709551617", WEIGHT("status") },
	{ "size=1:0", WEIGHT("size") },
	{ "close=1:0,0:0", WEIGHT("close") },

	{ "delay=0,0,0,0,0,0,0,0,0", MANY("delay") },
	{ "status=400,401,402,403,404,405,406,407,x", MANY("status") },
	{ "status=" ZEROS_253 "0200", BYTES("status") },
	{ "size=" ZEROS_253 ZEROS_253 ZEROS_253, BYTES("size") },

	{ "delay=1ms&delay=1ms", TWICE("delay") },
	{ "delay=1ms&a=b&delay=x", TWICE("delay") },
	{ "status=200&status", TWICE("status") },
	{ "size=1&close=1&size=1", TWICE("size") },
	{ "close=1&close=0", TWICE("close") },

	{ "delay=%", PERCENT("delay") },
	{ "delay=1%", PERCENT("delay") },
	{ "delay=%3", PERCENT("delay") },
	{ "delay=%3&1", PERCENT("delay") },
	{ "delay=%%31", PERCENT("delay") },
	{ "delay=%g1", PERCENT("delay") },
	{ "delay=%1g", PERCENT("delay") },
	{ "delay=%-1", PERCENT("delay") },
	{ "delay=%@1", PERCENT("delay") },
	{ "delay=%`1", PERCENT("delay") },
	{ "delay=%\2601", PERCENT("delay") },
	{ "status=20%u0030", PERCENT("status") },

	{ "delay=1ms%00", NUL_BYTE("delay") },
	{ "status=%00", NUL_BYTE("status") },
	{ "size=1%00:5", NUL_BYTE("size") },

	/* With several faults, the first is named. */
	{ "status=1&delay=x", STATUS },
	{ "delay=x:0", DELAY },
	{ "delay=1ms:0,x", WEIGHT("delay") },
	{ "close=1&size=x&status=1", SIZE },
	{ NULL, NULL },
};

/* The query, without a NUL, flush against the unreadable page. */
static const char *
at_the_edge(const char *query, size_t len)
{
	return guard_copy(query, len);
}

static const char *
parse(const char *query, size_t len, struct ask *ask)
{
	memset(ask, 0x55, sizeof(*ask));
	return ask_parse(query, len, HOUR, MIB, ask);
}

static void
describe_choice(const char *name, const struct ask_choice *c, char *buf,
    size_t size)
{
	size_t i, n;

	if (c->n > 0 && buf[0] != '\0')
		strlcat(buf, " ", size);
	for (i = 0; i < c->n; i++) {
		n = strlen(buf);
		snprintf(buf + n, size - n, "%s%s%lld:%lld",
		    i == 0 ? name : ",", i == 0 ? "=" : "",
		    (long long)c->values[i], (long long)c->weights[i]);
	}
}

static char *
describe(const struct ask *ask, char *buf, size_t size)
{
	buf[0] = '\0';
	describe_choice("delay", &ask->delay, buf, size);
	describe_choice("status", &ask->status, buf, size);
	describe_choice("size", &ask->size, buf, size);
	describe_choice("close", &ask->close, buf, size);
	return buf;
}

static void
test_good(const char *query, const char *want)
{
	size_t len = strlen(query);
	char text[512];
	struct ask ask;

	if (is_string(parse(at_the_edge(query, len), len, &ask), NULL,
	    "\"%s\" is good", query))
		is_string(describe(&ask, text, sizeof(text)), want,
		    "it asks for \"%s\"", want);
}

static void
test_bad(const char *query, const char *want)
{
	size_t len = strlen(query);
	struct ask ask;

	is_string(parse(at_the_edge(query, len), len, &ask), want,
	    "\"%s\" is refused", query);
}

/*
 * Cut at every length, a query is what its bytes are: it makes no difference
 * whether an unreadable page, or something that would go on, is behind it.
 */
static void
test_cut(const char *query)
{
	static const char *const rests[] = { "0", "1ms", "%31", ",1", "&" };
	const char *why, *other;
	char copy[2048], text[512], other_text[512];
	struct ask ask, other_ask;
	size_t len, i, bad = 0;

	for (len = 0; len <= strlen(query); len++) {
		why = parse(at_the_edge(query, len), len, &ask);
		for (i = 0; i < COUNT(rests); i++) {
			memcpy(copy, query, len);
			strlcpy(copy + len, rests[i], sizeof(copy) - len);
			other = parse(copy, len, &other_ask);
			if (why == NULL || other == NULL)
				bad += why != other || strcmp(
				    describe(&ask, text, sizeof(text)),
				    describe(&other_ask, other_text,
				    sizeof(other_text))) != 0;
			else
				bad += strcmp(why, other) != 0;
		}
	}
	is_int((long long)bad, 0, "\"%.40s\", cut at every length", query);
}

static void
test_nothing(void)
{
	struct ask ask;

	is_string(parse(NULL, 0, &ask), NULL, "no query is good");
	ok(ask_delay(&ask, 0.5) == -1 && ask_status(&ask, 0.5) == -1 &&
	    ask_size(&ask, 0.5) == -1 && ask_close(&ask, 0.5) == -1,
	    "nothing is asked for in it");
	is_string(parse("delay=1\0ms", 10, &ask), NUL_BYTE("delay"),
	    "a NUL as it is, in a value");
	is_string(parse("a\0b=1&delay=1s", 14, &ask), NULL,
	    "a NUL elsewhere is passed over");
	is_int(ask_delay(&ask, 0.5), CLOCK_S, "and what follows it is read");
	is_string(parse("delay\0=x", 8, &ask), NULL, "it is part of a name");
}

/* Limits are the caller's, and each message names them. */
static void
test_limits(void)
{
	struct ask ask;

	is_string(ask_parse("delay=20ms", 10, 20 * CLOCK_MS, 0, &ask), NULL,
	    "max-delay itself may be asked for");
	is_string(ask_parse("delay=21ms", 10, 20 * CLOCK_MS, 0, &ask),
	    "delay: 21ms is longer than max-delay, 20ms", "21 of 20 ms");
	is_string(ask_parse("delay=1ns", 9, 0, 0, &ask),
	    "delay: 1ns is longer than max-delay, 0", "1 ns of 0");
	is_string(ask_parse("delay=x", 7, INT64_MAX, 0, &ask),
	    "delay: expected a time, such as 250us, 20ms or 4s, up to "
	    "max-delay, 9223372036854775807ns", "the longest of messages");
	is_string(ask_parse("size=0", 6, 0, 0, &ask), NULL,
	    "a size of 0 is within 0");
	is_string(ask_parse("size=1", 6, 0, 0, &ask),
	    "size: 1 is more than the largest, 0", "1 byte of 0");
	is_string(ask_parse("size=8k", 7, 0, 8191, &ask),
	    "size: 8k is more than the largest, 8191", "8192 bytes of 8191");
}

/* On an even grid of u, each value comes as often as its weight says. */
static void
test_weights(const char *query, size_t n)
{
	static const char *const names[] = { "1st", "2nd", "3rd", "4th" };
	double share, sum = 0;
	struct ask ask;
	size_t i, j, hits[4] = { 0 };

	if (!is_string(parse(query, strlen(query), &ask), NULL, "%s", query))
		return;
	for (i = 0; i < n; i++)
		sum += (double)ask.size.weights[i];
	for (j = 0; j < GRID; j++)
		for (i = 0; i < n; i++)
			hits[i] += ask_size(&ask, ((double)j + 0.5) / GRID) ==
			    ask.size.values[i];
	for (i = 0; i < n; i++) {
		share = (double)ask.size.weights[i] / sum * GRID;
		ok(fabs((double)hits[i] - share) <= 1,
		    "the %s is picked %.1f times in %d: %zu", names[i], share,
		    GRID, hits[i]);
	}
}

/* So it is for random draws. */
static void
test_draws(void)
{
	static const char even[] = "status=500:7,501:7,502:7,503:7";
	static const char query[] = "status=500:1,501:99";
	unsigned int counts[4] = { 0 }, i;
	struct ask ask;
	size_t hits = 0;

	parse(even, strlen(even), &ask);
	for (i = 0; i < GRID; i++)
		counts[ask_status(&ask, draw_unit(42, i)) - 500]++;
	ok(fit_even(counts, 4), "%s: %u, %u, %u and %u times", even, counts[0],
	    counts[1], counts[2], counts[3]);
	parse(query, strlen(query), &ask);
	for (i = 0; i < GRID; i++)
		hits += ask_status(&ask, draw_unit(43, i)) == 500;
	ok(fit_share(hits, GRID, 0.01), "%s: 500 %zu times in %d", query, hits,
	    GRID);
}

static void
test_edges(void)
{
	static const char query[] =
	    "delay=1s,2s&status=400:3,500:1&size=1:1,2:1&close=0:1,1:3";
	struct ask ask;

	parse(query, strlen(query), &ask);
	is_int(ask_delay(&ask, 0x1p-53), CLOCK_S, "the least u: the first");
	is_int(ask_delay(&ask, 0.4999), CLOCK_S, "u before the edge");
	is_int(ask_delay(&ask, 0.5), 2 * CLOCK_S, "u at the edge");
	is_int(ask_delay(&ask, 1 - 0x1p-53), 2 * CLOCK_S,
	    "the largest u: the last");
	is_int(ask_status(&ask, 0.7499), 400, "a status before its edge");
	is_int(ask_status(&ask, 0.75), 500, "and at it");
	is_int(ask_size(&ask, 0.25), 1, "a size");
	is_int(ask_size(&ask, 0.75), 2, "and the other");
	is_int(ask_close(&ask, 0.2499), 0, "close: not");
	is_int(ask_close(&ask, 0.25), 1, "close");
}

/* Up to four parameters, of whose values most are wrong. */
static size_t
random_query(uint64_t round, char *buf, size_t size)
{
	static const char *const names[] = {
		"delay=", "status=", "size=", "close=", "delay", "x=", "&"
	};
	static const char *const pieces[] = {
		"10ms", "2h", "503", "200", "302", "4k", "1G", "true", "0",
		"1", ",", ",", ":1", ":7", "&", "%", "%2C", "%3a", "%00", ".",
		"\n", "\r", "\377", "\"", "<"
	};
	const uint64_t key = draw_key(7, round);
	unsigned int i = 0, j, n = draw_key(key, i++) % 4, m;

	buf[0] = '\0';
	while (n-- > 0) {
		strlcat(buf, names[draw_key(key, i++) % COUNT(names)], size);
		m = 1 + draw_key(key, i++) % 3;
		for (j = 0; j < m; j++)
			strlcat(buf, pieces[draw_key(key, i++) %
			    COUNT(pieces)], size);
		strlcat(buf, "&", size);
	}
	return strlen(buf);
}

/* A message is one line of our own characters. */
static int
is_message(const char *why)
{
	size_t len = strnlen(why, ASK_WHY);

	return len > 0 && len < ASK_WHY && strspn(why,
	    "abcdefghijklmnopqrstuvwxyz0123456789NULMGk -.,:'%") == len;
}

static int
is_within(const struct ask *ask)
{
	const double u = 0.9;
	int status = ask_status(ask, u);

	return ask_delay(ask, u) >= -1 && ask_delay(ask, u) <= HOUR &&
	    (status == -1 || status == 200 ||
	    (status >= 400 && status <= 599)) &&
	    ask_size(ask, u) >= -1 && ask_size(ask, u) <= MIB &&
	    ask_close(ask, u) >= -1 && ask_close(ask, u) <= 1;
}

static void
test_random(void)
{
	char buf[256];
	const char *why;
	struct ask ask;
	uint64_t i;
	size_t len;
	int bad = 0, good = 0;

	for (i = 0; i < ROUNDS; i++) {
		len = random_query(i, buf, sizeof(buf));
		why = parse(at_the_edge(buf, len), len, &ask);
		good += why == NULL;
		if (why == NULL ? is_within(&ask) : is_message(why))
			continue;
		if (bad++ == 0)
			diag("%s", why != NULL ? why : buf);
	}
	is_int(bad, 0, "%d random queries get what they may ask for, or a "
	    "message", ROUNDS);
	ok(good > ROUNDS / 20 && good < ROUNDS / 20 * 19,
	    "some of them are good, and some not: %d", good);
}

/* Who looks at each byte more than a few times is still at it tomorrow. */
static void
test_long(const char *head, const char *piece, const char *want)
{
	const size_t n = strlen(piece), skip = strlen(head);
	char *area = guard_room(LONG);
	struct ask ask;
	size_t i;

	strlcpy(area, head, LONG);
	for (i = skip; i < LONG; i++)
		area[i] = piece[(i - skip) % n];
	is_string(parse(area, LONG, &ask), want,
	    "%d bytes of \"%s\" behind \"%s\"", LONG, piece, head);
}

int
main(void)
{
	size_t i;

	plan_no_plan();
	for (i = 0; goods[i].query != NULL; i++)
		test_good(goods[i].query, goods[i].want);
	for (i = 0; bads[i].query != NULL; i++)
		test_bad(bads[i].query, bads[i].why);
	for (i = 0; goods[i].query != NULL; i++)
		test_cut(goods[i].query);
	for (i = 0; bads[i].query != NULL; i++)
		test_cut(bads[i].query);
	test_nothing();
	test_limits();
	test_weights("size=1", 1);
	test_weights("size=1,2,3,4", 4);
	test_weights("size=1:20,2:1", 2);
	test_weights("size=1:1000000,2:1,3:999999", 3);
	test_weights("size=1,2:2,3:3,4:4", 4);
	test_draws();
	test_edges();
	test_random();
	test_long("", "&", NULL);
	test_long("", "=", NULL);
	test_long("", "a&", NULL);
	test_long("delay=1s&", "delay&a", TWICE("delay"));
	test_long("delay=1s&", "%31", NULL);
	test_long("status=", "0", BYTES("status"));
	test_long("status=", "%30", BYTES("status"));
	test_long("status=", "200,", BYTES("status"));
	return exit_status();
}
