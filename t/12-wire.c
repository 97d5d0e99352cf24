/*
 * The study's wire form: each rule, each error's text, and that nothing is
 * read that is not part of the path.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/wire.h"
#include "t/check.h"
#include "t/guard.h"

#define HOUR		(3600 * CLOCK_S)

#define COMMAS		"/RC,MS,PATH wants two commas"
#define STATUS		"RC in /RC,MS,PATH is 200, or 400 to 599"
#define MS		"MS in /RC,MS,PATH is whole milliseconds, -1 or nothing"
#define TOO_LONG	"MS in /RC,MS,PATH is more than max-delay allows"
#define NO_PATH		"PATH in /RC,MS,PATH is empty"

struct good_case {
	const char *path;
	int status;
	int64_t delay;		/* ns, or WIRE_BY_MODEL */
	const char *name;
	const char *disk;	/* the name's first segment */
};

static const struct good_case goods[] = {
	/* The study's form. */
	{ "/200,200,some_file", 200, 200 * CLOCK_MS, "some_file", "some_file" },
	{ "/200,0,a", 200, 0, "a", "a" },
	{ "/200,1,a", 200, CLOCK_MS, "a", "a" },
	{ "/200,-1,a", 200, WIRE_BY_MODEL, "a", "a" },
	{ "/200,,a", 200, WIRE_BY_MODEL, "a", "a" },
	{ "/400,0,a", 400, 0, "a", "a" },
	{ "/401,0,a", 401, 0, "a", "a" },
	{ "/499,0,a", 499, 0, "a", "a" },
	{ "/500,5,a", 500, 5 * CLOCK_MS, "a", "a" },
	{ "/503,-1,a", 503, WIRE_BY_MODEL, "a", "a" },
	{ "/599,,a", 599, WIRE_BY_MODEL, "a", "a" },
	{ "/0200,0007,a", 200, 7 * CLOCK_MS, "a", "a" },
	{ "/200,000000000007,a", 200, 7 * CLOCK_MS, "a", "a" },

	/* PATH is the client's, commas included. */
	{ "/200,0,sda/b/c", 200, 0, "sda/b/c", "sda" },
	{ "/200,0,sda/", 200, 0, "sda/", "sda" },
	{ "/200,0,/sda/b", 200, 0, "/sda/b", "" },
	{ "/200,0,/", 200, 0, "/", "" },
	{ "/200,0,,", 200, 0, ",", "," },
	{ "/200,0,a,b,,c,", 200, 0, "a,b,,c,", "a,b,,c," },
	{ "/200,0,500,1,a", 200, 0, "500,1,a", "500,1,a" },
	{ "/200,0,-1", 200, 0, "-1", "-1" },
	{ "/200,0, ", 200, 0, " ", " " },
	{ "/200,0,\377\200", 200, 0, "\377\200", "\377\200" },

	/* The longest that max-delay allows: here, an hour. */
	{ "/200,3599999,a", 200, HOUR - CLOCK_MS, "a", "a" },
	{ "/200,3600000,a", 200, HOUR, "a", "a" },

	/* Plain paths. */
	{ "/", 200, WIRE_BY_MODEL, "", "" },
	{ "/a", 200, WIRE_BY_MODEL, "a", "a" },
	{ "/sda/a", 200, WIRE_BY_MODEL, "sda/a", "sda" },
	{ "//sda", 200, WIRE_BY_MODEL, "/sda", "" },
	{ "/index.html", 200, WIRE_BY_MODEL, "index.html", "index.html" },
	{ "/200", 200, WIRE_BY_MODEL, "200", "200" },
	{ "/-", 200, WIRE_BY_MODEL, "-", "-" },
	{ "/-1", 200, WIRE_BY_MODEL, "-1", "-1" },
	{ "/-,0,a", 200, WIRE_BY_MODEL, "-,0,a", "-,0,a" },
	{ "/--1,0,a", 200, WIRE_BY_MODEL, "--1,0,a", "--1,0,a" },
	{ "/+200,0,a", 200, WIRE_BY_MODEL, "+200,0,a", "+200,0,a" },
	{ "/,", 200, WIRE_BY_MODEL, ",", "," },
	{ "/,,a", 200, WIRE_BY_MODEL, ",,a", ",,a" },
	{ "/ 200,0,a", 200, WIRE_BY_MODEL, " 200,0,a", " 200,0,a" },
	{ "/200 ,0,a", 200, WIRE_BY_MODEL, "200 ,0,a", "200 ,0,a" },
	{ "/0x190,0,a", 200, WIRE_BY_MODEL, "0x190,0,a", "0x190,0,a" },
	{ "/2e2,0,a", 200, WIRE_BY_MODEL, "2e2,0,a", "2e2,0,a" },
	{ "/200.0,0,a", 200, WIRE_BY_MODEL, "200.0,0,a", "200.0,0,a" },
	{ "/a/200,0,b", 200, WIRE_BY_MODEL, "a/200,0,b", "a" },
	{ "//200,0,b", 200, WIRE_BY_MODEL, "/200,0,b", "" },
	{ "/200/0,0,b", 200, WIRE_BY_MODEL, "200/0,0,b", "200" },
	{ NULL, 0, 0, NULL, NULL },
};

static const struct {
	const char *path;
	const char *why;
} bads[] = {
	{ "/200,", COMMAS },
	{ "/200,0", COMMAS },
	{ "/200,-1", COMMAS },
	{ "/200,a", COMMAS },
	{ "/1,", COMMAS },
	{ "/-1,", COMMAS },
	{ "/999,", COMMAS },

	{ "/0,0,a", STATUS },
	{ "/1,0,a", STATUS },
	{ "/100,0,a", STATUS },
	{ "/199,0,a", STATUS },
	{ "/201,0,a", STATUS },
	{ "/204,0,a", STATUS },
	{ "/304,0,a", STATUS },
	{ "/399,0,a", STATUS },
	{ "/600,0,a", STATUS },
	{ "/2000,0,a", STATUS },
	{ "/-1,0,a", STATUS },
	{ "/-200,0,a", STATUS },
	{ "/-0,0,a", STATUS },
	{ "/0000000000200,0,a", STATUS },
	{ "/4294967496,0,a", STATUS },			/* 2^32 + 200 */
	{ "/18446744073709551816,0,a", STATUS },	/* 2^64 + 200 */

	{ "/200,a,b", MS },
	{ "/200,1a,b", MS },
	{ "/200,a1,b", MS },
	{ "/200, 1,b", MS },
	{ "/200,1 ,b", MS },
	{ "/200, ,b", MS },
	{ "/200,+1,b", MS },
	{ "/200,-,b", MS },
	{ "/200,-0,b", MS },
	{ "/200,-2,b", MS },
	{ "/200,-10,b", MS },
	{ "/200,-01,b", MS },
	{ "/200,--1,b", MS },
	{ "/200,1.5,b", MS },
	{ "/200,1e3,b", MS },
	{ "/200,0x1,b", MS },
	{ "/200,1ms,b", MS },
	{ "/200,\3771,b", MS },
	{ "/200,99999999999999999999999x,b", MS },

	{ "/200,3600001,a", TOO_LONG },
	{ "/200,4294967296,a", TOO_LONG },
	{ "/200,999999999999,a", TOO_LONG },
	{ "/200,1000000000000,a", TOO_LONG },
	{ "/200,9223372036854775808,a", TOO_LONG },
	{ "/200,18446744073709551616,a", TOO_LONG },
	{ "/200,99999999999999999999999999999999,a", TOO_LONG },

	{ "/200,0,", NO_PATH },
	{ "/200,,", NO_PATH },
	{ "/200,-1,", NO_PATH },
	{ "/500,5,", NO_PATH },

	/* With several faults, the first is named. */
	{ "/201,x,", STATUS },
	{ "/200,x,", MS },
	{ "/200,3600001,", TOO_LONG },
	{ NULL, NULL },
};

/* How max-delay is met by milliseconds: the wire's and the last that passes. */
static const struct {
	int64_t max_delay;	/* ns */
	int64_t last;		/* ms */
} edges[] = {
	{ CLOCK_MS, 1 },
	{ 2 * CLOCK_MS - 1, 1 },
	{ 2 * CLOCK_MS, 2 },
	{ CLOCK_S, 1000 },
	{ HOUR, 3600000 },
	{ 24 * HOUR, 86400000 },
	{ CLOCK_MS - 1, 0 },
	{ 0, 0 },
};

static int
is_slice(const char *p, size_t len, const char *want)
{
	return len == strlen(want) && memcmp(p, want, len) == 0;
}

static void
test_good(const struct good_case *c)
{
	size_t len = strlen(c->path);
	const char *path = guard_copy(c->path, len), *why;
	struct wire w;

	memset(&w, 0x55, sizeof(w));
	why = wire_parse(path, len, HOUR, &w);
	if (!is_string(why, NULL, "%s is good", c->path))
		return;
	ok(w.status == c->status && w.delay == c->delay,
	    "%s: status and delay (%d, %lld)", c->path, w.status,
	    (long long)w.delay);
	ok(w.name + w.name_len == path + len &&
	    is_slice(w.name, w.name_len, c->name), "%s: name (%.*s)", c->path,
	    (int)w.name_len, w.name);
	ok(is_slice(w.name, wire_disk(&w), c->disk), "%s: disk (%.*s)",
	    c->path, (int)wire_disk(&w), w.name);
}

static void
test_bad(const char *path, const char *why)
{
	size_t len = strlen(path);
	struct wire w;

	is_string(wire_parse(guard_copy(path, len), len, HOUR, &w), why,
	    "%s is refused", path);
}

/* Bytes in the path that a string cannot have. */
static void
test_nuls(void)
{
	static const char ms[] = "/200,1\0,a", name[] = "/200,1,a\0b/c";
	struct wire w;

	is_string(wire_parse(guard_copy(ms, sizeof(ms) - 1), sizeof(ms) - 1,
	    HOUR, &w), MS, "a NUL is no part of a number");
	is_string(wire_parse(guard_copy(name, sizeof(name) - 1),
	    sizeof(name) - 1, HOUR, &w), NULL, "a NUL may be in PATH");
	is_int((long long)w.name_len, 5, "it does not end PATH");
	is_int((long long)wire_disk(&w), 3, "nor the disk's name");
}

/* Whatever stands behind the path's end is not part of it. */
static void
test_behind(void)
{
	static const char path[] = "/200,12345,abc/def";
	const char *why;
	struct wire w;

	why = wire_parse(path, strlen("/200,12"), HOUR, &w);
	is_string(why, COMMAS, "a comma behind the path does not count");
	why = wire_parse(path, strlen("/200,12345,"), HOUR, &w);
	is_string(why, NO_PATH, "nor does a PATH behind it");
	why = wire_parse(path, strlen("/200"), HOUR, &w);
	is_string(why, NULL, "nor the comma of RC");
	is_int((long long)w.name_len, 3, "the path is a plain one then");
	why = wire_parse(path, strlen("/200,12345,ab"), HOUR, &w);
	is_string(why, NULL, "PATH ends where the path does");
	is_int((long long)wire_disk(&w), 2, "and so does the disk's name");
}

static void
test_edge(int64_t max_delay, int64_t last)
{
	char path[64];
	struct wire w;
	size_t len;

	len = (size_t)snprintf(path, sizeof(path), "/200,%lld,a",
	    (long long)last);
	is_string(wire_parse(guard_copy(path, len), len, max_delay, &w), NULL,
	    "%lld ms passes a max-delay of %lld ns", (long long)last,
	    (long long)max_delay);
	is_int(w.delay, last * CLOCK_MS, "and is what is asked for");
	len = (size_t)snprintf(path, sizeof(path), "/200,%lld,a",
	    (long long)last + 1);
	is_string(wire_parse(guard_copy(path, len), len, max_delay, &w),
	    TOO_LONG, "%lld ms does not", (long long)last + 1);
}

/* The model's time is the disk's, whatever max-delay says. */
static void
test_model_has_no_limit(void)
{
	static const char path[] = "/200,-1,a";
	struct wire w;

	is_string(wire_parse(path, strlen(path), 0, &w), NULL,
	    "-1 passes any max-delay");
	is_int(w.delay, WIRE_BY_MODEL, "and is the model's");
}

/* Every good path, cut off at every length: an answer, and no fault. */
static void
test_cut(const char *path)
{
	size_t len, silent = 0;
	const char *cut, *why;
	struct wire w;

	for (len = 1; len <= strlen(path); len++) {
		cut = guard_copy(path, len);
		why = wire_parse(cut, len, HOUR, &w);
		if (why == NULL && (w.name < cut ||
		    w.name + w.name_len != cut + len))
			silent++;
	}
	is_int((long long)silent, 0, "%s, cut at every length", path);
}

int
main(void)
{
	size_t i;

	plan_no_plan();
	for (i = 0; goods[i].path != NULL; i++)
		test_good(&goods[i]);
	for (i = 0; bads[i].path != NULL; i++)
		test_bad(bads[i].path, bads[i].why);
	test_nuls();
	test_behind();
	for (i = 0; i < sizeof(edges) / sizeof(edges[0]); i++)
		test_edge(edges[i].max_delay, edges[i].last);
	test_model_has_no_limit();
	for (i = 0; goods[i].path != NULL; i++)
		test_cut(goods[i].path);
	return exit_status();
}
