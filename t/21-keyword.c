/*
 * The table of keywords, walked: what is asked of each keyword is what the
 * table says of it, so that a keyword that comes later is tested as well.
 */
#include <sys/stat.h>

#include <err.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/units.h"
#include "server/keyword.h"
#include "server/value.h"
#include "t/check.h"
#include "t/load.h"
#include "t/scratch.h"

/* Whatever takes more words than this is no keyword of ours. */
#define TOO_MANY "a b c d e f g h"

#define SAMPLES 12

/*
 * Values of keywords with parsers of their own: what is good, written as the
 * dump writes it, and what is not.
 */
static const struct sample {
	const char *keyword;
	const char *values[SAMPLES];
	const char *bad[SAMPLES];
} samples[] = {
	{ "listen", { "127.0.0.1:80", "[::]:0" },
	    { "80", "localhost:80", "[::]:65536" } },
	{ "group", { "nogroup" }, { "root", "spindled-no-such" } },
	{ "user", { "nobody" }, { "root", "spindled-no-such" } },
	{ "workers", { "5", "5 max 6 spare 1 calm 2s",
	    "16384 max 16384 spare 16384 calm 30s" }, { "0", "5 max 6" } },
	{ "max-requests", { "off", "1", "1000000000 jitter 100%" },
	    { "0", "5 jitter 2" } },
	{ "crash-limit", { "off", "1000 in 24h" }, { "5", "5 in 25h" } },
	{ "confine", { "off", "all", "rlimits", "no-new-privs landlock",
	    "no-new-privs seccomp rlimits" },
	    { "seccomp off", "all rlimits", "jail", "rlimits rlimits" } },
	{ "access-log", { "off", "stderr combined", "stderr logfmt",
	    "\"/tmp/a b\" combined", "\"/tmp/a\" logfmt" },
	    { "a", "/", "off json" } },
	{ "pid-file", { "off", "\"/tmp/a \\\"b\\\"\"" }, { "a", "/" } },
	{ "admin", { "off", "127.0.0.1:7001", "[::1]:0", "\"unix:/tmp/a\"" },
	    { "7001", "localhost:7001", "unix:a", "stdin" } },
	{ "admin-token", { "off", "\"/tmp/a \\\"b\\\"\"" }, { "a", "/" } },
	{ "truth-log", { "off", "\"/tmp/a \\\"b\\\"\"" }, { "a", "/" } },
	{ "read", { "fixed 0", "fixed 1ns", "fixed 8ms", "fixed 24h",
	    "uniform 1ms 2ms", "exponential 8ms", "lognormal 8ms p99 60ms",
	    "pareto 1ms p99 8ms", "quantiles p50 8ms p99.9 2s max 30s", "hang",
	    "none" },
	    { "8ms", "fixed -1ns", "fixed 86400000000001ns", "fixed 8",
	    "trace", "trace /spindled-test-nowhere", "hang 5s" } },
	{ "slow", { "off", "0% fixed 1s", "100% uniform 6s 20s",
	    "0.0001% fixed 7s", "12.5% hang" },
	    { "fixed 7s", "1%", "10 fixed 7s", "101% fixed 7s",
	    "0.00001% fixed 1s", "1% none", "1% fixed 1s 500", "on",
	    "1% off" } },
	{ "fail", { "off", "1% fixed 30s", "1% fixed 30s 400",
	    "1% uniform 2s 3s 599", "0.25% hang 503",
	    "2% quantiles p50 1s max 2s 404" },
	    { "fixed 7s", "1%", "1% fixed 1s 200", "1% fixed 1s 600",
	    "1% none", "1% fixed 1s 500 1", "1% fixed 1s x" } },
	{ "slowdown", { "1", "10", "1.5", "0.001", "1000000", "0.123456" },
	    { "0", "0.0009", "1000001", "1.5x", "-1", "2%", "1.0000001",
	    "off", ".5", "1 2" } },
	{ "fault", { "off", "0.1% reset", "100% truncate", "1% garbage",
	    "1% stall fixed 7s", "50% stall lognormal 1s p99 3s" },
	    { "reset", "1%", "1% stall", "1% reset 1s", "1% stall none",
	    "101% reset", "1% off", "1 reset", "1% stall 1s" } },
	{ "object-size", { "off", "0", "1", "64k", "16G", "uniform 1k 2k",
	    "exponential 64k", "lognormal 4k p99 1M", "pareto 1k p99 1M",
	    "quantiles min 1 max 16G" },
	    { "17179869185", "hang", "none", "trace /dev/null", "4KB", "-1",
	    "fixed", "off off" } },
	{ "path", { "off", "\"/\"", "\"/tmp\" direct", "\"/tmp\"" },
	    { "tmp", "/dev/null", "/spindled-test-nowhere", "/ indirect",
	    "off direct", "/ direct direct" } },
	{ "profile", { "p" }, { "no-such", "../profiles/hdd", ".", "\"\"" } },
	{ "schedule", { "healthy", "dying after 10m for 5m every 1h",
	    "flap healthy 10m dead 1m", "ramp healthy slow for 1h" },
	    { "unknown", "dying 5m", "flap healthy dead", "off on" } },
};

/* All tables, and how a line of each stands in a file. */
static const struct level {
	const struct keyword *table;
	const char *open, *close;
	const char *indent;	/* in the dump */
} levels[] = {
	{ keywords_top, "", "", "" },
	{ keywords_disk, "disk d { ", " }", "\t" },
	{ keywords_condition, "disk d { condition c { ", " } }", "\t\t" },
};

static struct conf c, again;
static const struct level *at;

/* Loads one line with the keyword, at the level at hand. */
static unsigned int
load_line(const char *keyword, const char *value)
{
	return load_format(&c, "%s%s %s%s\n", at->open, keyword, value,
	    at->close);
}

static const struct sample *
sample_of(const struct keyword *k)
{
	size_t i;

	for (i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		if (strcmp(samples[i].keyword, k->name) == 0)
			return &samples[i];
	return NULL;
}

/* The record that a line at this level fills. */
static const char *
base_of(void)
{
	if (at->table == keywords_top)
		return (const char *)&c;
	if (at->table == keywords_disk)
		return (const char *)&c.disks[1];
	return (const char *)&c.disks[1].models[1];
}

static int
is_quantity(const struct keyword *k)
{
	return k->parse == value_number || k->parse == value_time ||
	    k->parse == value_size;
}

/* The number as the keyword's parser wants it, to the last unit. */
static const char *
quantity(const struct keyword *k, int64_t value)
{
	static char text[32];

	snprintf(text, sizeof(text), "%" PRId64 "%s", value,
	    k->parse == value_time ? "ns" : "");
	return text;
}

static int64_t
value_at(const struct keyword *k)
{
	int64_t value;

	memcpy(&value, base_of() + k->offset, sizeof(value));
	return value;
}

/* What the parser has to say of anything out of range. */
static const char *
range_error(const struct keyword *k)
{
	static char text[256];
	char min[UNITS_TEXT], max[UNITS_TEXT];

	if (k->parse == value_number)
		snprintf(text, sizeof(text), "conf:1: %s: expected a number "
		    "from %" PRId64 " to %" PRId64 "%s\n", k->name, k->min,
		    k->max, k->may_be_off ? ", or off" : "");
	else if (k->parse == value_time)
		snprintf(text, sizeof(text), "conf:1: %s: expected a time "
		    "from %s to %s, such as 20ms, 4s or 2m%s\n",
		    k->name, units_time_text(k->min, min, sizeof(min)),
		    units_time_text(k->max, max, sizeof(max)),
		    k->may_be_off ? ", or off" : "");
	else
		snprintf(text, sizeof(text), "conf:1: %s: expected a size "
		    "from %s to %s, such as 8192 or 8k%s\n", k->name,
		    units_size_text(k->min, min, sizeof(min)),
		    units_size_text(k->max, max, sizeof(max)),
		    k->may_be_off ? ", or off" : "");
	return text;
}

static void
test_taken(const struct keyword *k, int64_t value)
{
	const char *text = quantity(k, value);

	is_int(load_line(k->name, text), 0, "%s %s is good", k->name, text);
	is_int(value_at(k), value, "%s %s is what is in force", k->name, text);
}

static void
test_out_of_range(const struct keyword *k, int64_t value)
{
	const char *text = quantity(k, value);

	load_line(k->name, text);
	is_string(load_messages(), range_error(k), "%s %s is out of range",
	    k->name, text);
}

static void
test_range(const struct keyword *k)
{
	ok(k->min >= 0 && k->min < k->max && k->max < INT64_MAX,
	    "%s has a range", k->name);
	test_taken(k, k->min);
	test_taken(k, k->max);
	test_taken(k, k->min + 1);
	test_taken(k, k->max - 1);
	if (!(k->may_be_off && k->min == 1))
		test_out_of_range(k, k->min - 1);
	test_out_of_range(k, k->max + 1);
	test_out_of_range(k, INT64_MAX);
	load_line(k->name, "some");
	is_string(load_messages(), range_error(k), "%s some", k->name);
}

static void
test_off(const struct keyword *k)
{
	static const char *const offs[] = { "off", "0" };
	size_t i;

	for (i = 0; i < 2; i++) {
		load_line(k->name, offs[i]);
		if (k->may_be_off)
			is_int(load_count() == 0 ? value_at(k) : -1, CONF_OFF,
			    "%s %s: is off", k->name, offs[i]);
		else if (i == 0 || k->min > 0)
			is_string(load_messages(), range_error(k),
			    "%s %s: cannot be off", k->name, offs[i]);
	}
}

static void
test_choices(const struct keyword *k)
{
	size_t i;

	for (i = 0; k->choices[i] != NULL; i++)
		is_int(load_line(k->name, k->choices[i]), 0, "%s %s is good",
		    k->name, k->choices[i]);
	ok(i > 1, "%s is a choice", k->name);
	is_int(load_line(k->name, "some"), 1, "%s some is not", k->name);
	for (i = 0; k->choices[i] != NULL; i++)
		has_string(load_messages(), k->choices[i],
		    "which names %s", k->choices[i]);
}

static void
test_samples(const struct keyword *k)
{
	const struct sample *s = sample_of(k);
	size_t i;

	if (!ok(s != NULL, "%s: this test has values for it", k->name))
		return;
	for (i = 0; i < SAMPLES && s->values[i] != NULL; i++)
		is_int(load_line(k->name, s->values[i]), 0, "%s %s is good",
		    k->name, s->values[i]);
	for (i = 0; i < SAMPLES && s->bad[i] != NULL; i++)
		is_int(load_line(k->name, s->bad[i]), 1, "%s %s is not",
		    k->name, s->bad[i]);
}

/* What is nothing but the default only makes a disk hard to read. */
static int
is_written(const struct keyword *k, const char *value)
{
	if (k->print == NULL)
		return 0;
	return at->table == keywords_condition || !k->quiet ||
	    strcmp(value, k->preset) != 0;
}

/* One value, there and back: the dump has its line, and reads back. */
static void
test_dump_of(const struct keyword *k, const char *value)
{
	char line[512];
	const char *dump;

	if (load_line(k->name, value) != 0)
		return;		/* known from elsewhere */
	snprintf(line, sizeof(line), "\n%s%s %s\n", at->indent, k->name,
	    value);
	dump = load_dump(&c);
	/* The first line has no other before it. */
	ok((strstr(dump, line) != NULL ||
	    strncmp(dump, line + 1, strlen(line + 1)) == 0) ==
	    is_written(k, value),
	    "%s %s: is in the dump so, or is left out", k->name, value);
	is_int(load_text(&again, dump), 0, "%s %s: the dump is good", k->name,
	    value);
	is_string(load_dump(&again), dump, "%s %s: and reads back as the same",
	    k->name, value);
}

static const char *
dumped_quantity(const struct keyword *k, int64_t value)
{
	static char text[UNITS_TEXT];

	if (k->parse == value_time)
		return units_time_text(value, text, sizeof(text));
	if (k->parse == value_size)
		return units_size_text(value, text, sizeof(text));
	return quantity(k, value);
}

static void
test_dump(const struct keyword *k)
{
	const struct sample *s = sample_of(k);
	size_t i;

	if (is_quantity(k)) {
		test_dump_of(k, dumped_quantity(k, k->min));
		test_dump_of(k, dumped_quantity(k, k->min + 1));
		test_dump_of(k, dumped_quantity(k, k->max - 1));
		test_dump_of(k, dumped_quantity(k, k->max));
		if (k->may_be_off)
			test_dump_of(k, "off");
	} else if (k->parse == value_choice) {
		for (i = 0; k->choices[i] != NULL; i++)
			test_dump_of(k, k->choices[i]);
	} else if (s != NULL) {
		for (i = 0; i < SAMPLES && s->values[i] != NULL; i++)
			test_dump_of(k, s->values[i]);
	}
}

/* The preset, written out, changes nothing. */
static void
test_preset(const struct keyword *k)
{
	char dump[4096];

	/* A condition's default is what the disk has. */
	if (k->preset == NULL || at->table == keywords_condition)
		return;
	load_format(&c, "%s%s", at->open, at->close);
	snprintf(dump, sizeof(dump), "%s", load_dump(&c));
	is_int(load_line(k->name, k->preset), 0, "%s: the default is good",
	    k->name);
	is_string(load_dump(&c), dump, "%s: and is the default", k->name);
}

/* Two different values, of whatever kind: the first, or the second. */
static const char *
one_value(const struct keyword *k, int second)
{
	const struct sample *s = sample_of(k);

	if (is_quantity(k))
		return quantity(k, second ? k->max : k->min);
	if (k->parse == value_choice)
		return k->choices[second];
	return s != NULL && s->values[second] != NULL ? s->values[second] : "";
}

/* A reload puts a new value in force, or leaves the old, as the table says. */
static void
test_reload(const struct keyword *k)
{
	static struct conf old;
	char dump[4096];

	if (one_value(k, 1)[0] == '\0')
		return;		/* no two are known: a user, a group */
	load_line(k->name, one_value(k, 0));
	old = c;
	load_line(k->name, one_value(k, 1));
	snprintf(dump, sizeof(dump), "%s", load_dump(&c));
	ok(strcmp(dump, load_dump(&old)) != 0, "%s has two values", k->name);
	load_forget();
	conf_keep_fixed(&old, &c, load_report);
	is_int(load_count(), k->reload == KEYWORD_RESTART,
	    "%s: a reload says what it does not change", k->name);
	is_string(load_dump(&c), k->reload == KEYWORD_RESTART ?
	    load_dump(&old) : dump, "%s: and changes the rest", k->name);
}

static void
test_words(const struct keyword *k)
{
	char want[64];

	snprintf(want, sizeof(want), "conf:1: %s: expected ", k->name);
	is_int(load_line(k->name, ""), 1, "%s: no words are an error", k->name);
	has_string(load_messages(), want, "%s: which says what is", k->name);
	is_int(load_line(k->name, TOO_MANY), 1, "%s: too many are another",
	    k->name);
	has_string(load_messages(), "expected ", "%s: which says so too",
	    k->name);
	load_line(k->name, "{ }");
	ok(load_count() > 0, "%s: it has no block", k->name);
}

static void
test_twice(const struct keyword *k)
{
	char want[128];

	load_format(&c, "%s%s %s\n%s %s\n%s\n", at->open, k->name,
	    one_value(k, 0), k->name, one_value(k, 0), at->close);
	snprintf(want, sizeof(want), "conf:2: %s: is on line 1 already\n",
	    k->name);
	if (!k->repeats) {
		is_string(load_messages(), want, "%s: only once", k->name);
	} else if (at->table == keywords_top) {
		has_string(load_messages(), "is on line 1 already",
		    "%s: each only once", k->name);
	} else {
		load_format(&c, "%s%s %s\n%s %s\n%s\n", at->open, k->name,
		    one_value(k, 1), k->name, one_value(k, 1), at->close);
		is_string(load_messages(), "", "%s: again and again", k->name);
	}
}

/* A letter that is missing at the start is found out. */
static void
test_hint(const struct keyword *k)
{
	char word[64], want[128], hint[512];

	snprintf(want, sizeof(want), "did you mean `%s'?", k->name);
	snprintf(word, sizeof(word), "%s", k->name + 1);
	is_string(keyword_hint(at->table, word, hint, sizeof(hint)), want,
	    "%s: `%s' is nearly that", k->name, word);
	snprintf(word, sizeof(word), "x%sx", k->name);
	is_string(keyword_hint(at->table, word, hint, sizeof(hint)), want,
	    "%s: `%s' too", k->name, word);
	ok(keyword_find(at->table, k->name) == k, "%s: is found", k->name);
	ok(keyword_find(at->table, word) == NULL, "%s: is not", word);
}

static void
test_no_hint(void)
{
	char want[512], hint[512];
	const struct keyword *k;
	size_t len = (size_t)snprintf(want, sizeof(want), "expected one of");

	for (k = at->table; k->name != NULL; k++)
		len += (size_t)snprintf(want + len, sizeof(want) - len, " %s",
		    k->name);
	ok(len < sizeof(want), "all keywords fit into a message");
	is_string(keyword_hint(at->table, "xxxxxxxxxxxxxxxx", hint,
	    sizeof(hint)), want, "what is nothing like any lists all");
	/* Not even a word that is longer than any that can be compared. */
	is_string(keyword_hint(at->table, want, hint, sizeof(hint)), want,
	    "a long word too");
}

/* A block's table is one of those that are walked. */
static void
test_block(const struct keyword *k)
{
	size_t i;

	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (k->block == levels[i].table)
			break;
	ok(i < sizeof(levels) / sizeof(levels[0]), "%s: this test knows its "
	    "block", k->name);
}

static void
test_keyword(const struct keyword *k)
{
	test_hint(k);
	if (k->block != NULL) {
		test_block(k);
		return;
	}
	test_words(k);
	test_preset(k);
	test_twice(k);
	test_reload(k);
	test_dump(k);
	if (is_quantity(k))
		test_range(k);
	else if (k->parse == value_choice)
		test_choices(k);
	else
		test_samples(k);
	if (is_quantity(k))
		test_off(k);
}

int
main(void)
{
	const struct keyword *k;
	size_t i;

	plan_no_plan();
	load_here();
	if (mkdir("profiles", 0755) == -1)
		err(1, "profiles");
	scratch_write("profiles/p", "# nothing\n", 10);
	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		at = &levels[i];
		for (k = at->table; k->name != NULL; k++)
			test_keyword(k);
		test_no_hint();
	}
	return exit_status();
}
