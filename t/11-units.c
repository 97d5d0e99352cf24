/*
 * Quantities: what each text is worth, what is none, and that the text of a
 * value is read back as that value.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/units.h"
#include "t/check.h"

#define MIN	(60 * CLOCK_S)
#define HOUR	(60 * MIN)
#define KIB	INT64_C(1024)
#define MIB	(1024 * KIB)
#define GIB	(1024 * MIB)

/* What a value is before a parser that must not touch it. */
#define UNTOUCHED	INT64_C(-4242)

#define ROUNDS		20000	/* random values that go there and back */

typedef int parser(const char *, int64_t *);
typedef char *writer(int64_t, char *, size_t);

struct unit_case {
	const char *text;
	int64_t value;		/* UNTOUCHED: the text is refused */
};

static const struct unit_case times[] = {
	/* Every unit. */
	{ "1ns", 1 },
	{ "250us", 250 * CLOCK_US },
	{ "20ms", 20 * CLOCK_MS },
	{ "4s", 4 * CLOCK_S },
	{ "2m", 2 * MIN },
	{ "1h", HOUR },
	{ "0", 0 },
	{ "0ns", 0 },
	{ "0us", 0 },
	{ "0ms", 0 },
	{ "0s", 0 },
	{ "0m", 0 },
	{ "0h", 0 },
	{ "007ms", 7 * CLOCK_MS },

	/* Fractions, as long as they are whole nanoseconds. */
	{ "1.5s", 1500 * CLOCK_MS },
	{ "0.5ms", 500 * CLOCK_US },
	{ "0.001us", 1 },
	{ "0.25h", 15 * MIN },
	{ "1.5m", 90 * CLOCK_S },
	{ "1.0s", CLOCK_S },
	{ "1.000000001s", CLOCK_S + 1 },
	{ "1.0000000010s", CLOCK_S + 1 },
	{ "1.00000000000000000000s", CLOCK_S },
	{ "1.0ns", 1 },
	{ "0.00000000001h", 36 },
	{ "0.5ns", UNTOUCHED },
	{ "1.0005us", UNTOUCHED },
	{ "1.0000000001s", UNTOUCHED },
	{ "1.00000000001s", UNTOUCHED },
	{ "1.0000000000000000000000001s", UNTOUCHED },
	{ "0.0000000000001h", UNTOUCHED },
	{ "0.00000000000000001h", UNTOUCHED },
	{ "0.000000000000000001m", UNTOUCHED },

	/* The last that fits, and the first that does not. */
	{ "9223372036854775807ns", INT64_MAX },
	{ "9223372036854775808ns", UNTOUCHED },
	{ "9223372036854775810ns", UNTOUCHED },
	{ "18446744073709551616ns", UNTOUCHED },
	{ "18446744073709551617ns", UNTOUCHED },
	{ "99999999999999999999999999ns", UNTOUCHED },
	{ "9223372036854775.807us", INT64_MAX },
	{ "9223372036854775.808us", UNTOUCHED },
	{ "9223372036854775us", INT64_MAX - 807 },
	{ "9223372036854776us", UNTOUCHED },
	{ "9223372036854.775807ms", INT64_MAX },
	{ "9223372036854.775808ms", UNTOUCHED },
	{ "9223372036855ms", UNTOUCHED },
	{ "9223372036.854775807s", INT64_MAX },
	{ "9223372036.854775808s", UNTOUCHED },
	{ "9223372037s", UNTOUCHED },
	{ "153722867m", 153722867 * MIN },
	{ "153722868m", UNTOUCHED },
	{ "2562047h", 2562047 * HOUR },
	{ "2562048h", UNTOUCHED },
	{ "2562047.9h", UNTOUCHED },

	/* No times. */
	{ "", UNTOUCHED },
	{ " ", UNTOUCHED },
	{ "1", UNTOUCHED },
	{ "1.5", UNTOUCHED },
	{ "s", UNTOUCHED },
	{ "ms", UNTOUCHED },
	{ ".", UNTOUCHED },
	{ ".s", UNTOUCHED },
	{ ".5s", UNTOUCHED },
	{ "5.s", UNTOUCHED },
	{ "5.", UNTOUCHED },
	{ "1.2.3s", UNTOUCHED },
	{ "1,5s", UNTOUCHED },
	{ "+5s", UNTOUCHED },
	{ "-5s", UNTOUCHED },
	{ "-0", UNTOUCHED },
	{ "+0", UNTOUCHED },
	{ "5 s", UNTOUCHED },
	{ " 5s", UNTOUCHED },
	{ "5s ", UNTOUCHED },
	{ "5s\n", UNTOUCHED },
	{ "\t5s", UNTOUCHED },
	{ "1e3", UNTOUCHED },
	{ "1e3s", UNTOUCHED },
	{ "0x10s", UNTOUCHED },
	{ "5S", UNTOUCHED },
	{ "5MS", UNTOUCHED },
	{ "5d", UNTOUCHED },
	{ "5min", UNTOUCHED },
	{ "5sec", UNTOUCHED },
	{ "5ss", UNTOUCHED },
	{ "5u", UNTOUCHED },
	{ "5n", UNTOUCHED },
	{ "5\302\265s", UNTOUCHED },		/* a micro sign */
	{ "5%", UNTOUCHED },
	{ "5k", UNTOUCHED },
	{ "1h30m", UNTOUCHED },
	{ "off", UNTOUCHED },
	{ "inf", UNTOUCHED },
	{ NULL, 0 },
};

static const struct unit_case sizes[] = {
	{ "0", 0 },
	{ "0k", 0 },
	{ "1", 1 },
	{ "8192", 8192 },
	{ "64k", 64 * KIB },
	{ "4M", 4 * MIB },
	{ "2G", 2 * GIB },
	{ "1.0k", KIB },
	{ "1.0000000k", KIB },
	{ "1.00", 1 },

	/* Not whole bytes. */
	{ "0.5", UNTOUCHED },
	{ "1.001k", UNTOUCHED },
	{ "1.005k", UNTOUCHED },
	{ "1.00005k", UNTOUCHED },
	{ "1.001M", UNTOUCHED },
	{ "1.0000005M", UNTOUCHED },
	{ "1.0000000005G", UNTOUCHED },
	{ "1.000000000000000005G", UNTOUCHED },

	{ "9223372036854775807", INT64_MAX },
	{ "9223372036854775808", UNTOUCHED },
	{ "18446744073709551616", UNTOUCHED },
	{ "9007199254740991k", INT64_MAX - 1023 },
	{ "9007199254740992k", UNTOUCHED },
	{ "8796093022207M", INT64_MAX - (MIB - 1) },
	{ "8796093022208M", UNTOUCHED },
	{ "8589934591G", INT64_MAX - (GIB - 1) },
	{ "8589934592G", UNTOUCHED },

	{ "", UNTOUCHED },
	{ " ", UNTOUCHED },
	{ "k", UNTOUCHED },
	{ ".5k", UNTOUCHED },
	{ "5.", UNTOUCHED },
	{ "5.k", UNTOUCHED },
	{ "+5", UNTOUCHED },
	{ "-5", UNTOUCHED },
	{ "-0", UNTOUCHED },
	{ "5 k", UNTOUCHED },
	{ " 5k", UNTOUCHED },
	{ "5k ", UNTOUCHED },
	{ "1e3", UNTOUCHED },
	{ "0x10", UNTOUCHED },
	{ "5K", UNTOUCHED },
	{ "5m", UNTOUCHED },
	{ "5g", UNTOUCHED },
	{ "5T", UNTOUCHED },
	{ "5kB", UNTOUCHED },
	{ "5KiB", UNTOUCHED },
	{ "5b", UNTOUCHED },
	{ "5kk", UNTOUCHED },
	{ "5s", UNTOUCHED },
	{ "5%", UNTOUCHED },
	{ NULL, 0 },
};

static const struct unit_case percents[] = {
	{ "0%", 0 },
	{ "1%", 10000 },
	{ "0.1%", 1000 },
	{ "0.0001%", 1 },
	{ "0.00010%", 1 },
	{ "0.000000000%", 0 },
	{ "12.3456%", 123456 },
	{ "099%", 990000 },
	{ "99.9999%", 999999 },
	{ "100%", 1000000 },
	{ "100.0000%", 1000000 },

	{ "100.0001%", UNTOUCHED },
	{ "101%", UNTOUCHED },
	{ "922337203685478%", UNTOUCHED },
	{ "1844674407370956%", UNTOUCHED },	/* 2^64 + 38.4 % */
	{ "99999999999999999999%", UNTOUCHED },
	{ "0.00001%", UNTOUCHED },
	{ "0.00005%", UNTOUCHED },
	{ "0.000001%", UNTOUCHED },
	{ "0.0000000001%", UNTOUCHED },
	{ "1.23456%", UNTOUCHED },

	{ "", UNTOUCHED },
	{ "0", UNTOUCHED },
	{ "1", UNTOUCHED },
	{ "0.5", UNTOUCHED },
	{ "%", UNTOUCHED },
	{ ".5%", UNTOUCHED },
	{ "5.%", UNTOUCHED },
	{ "+5%", UNTOUCHED },
	{ "-5%", UNTOUCHED },
	{ "-0%", UNTOUCHED },
	{ "5 %", UNTOUCHED },
	{ " 5%", UNTOUCHED },
	{ "5% ", UNTOUCHED },
	{ "1e1%", UNTOUCHED },
	{ "5%%", UNTOUCHED },
	{ "5percent", UNTOUCHED },
	{ "5k", UNTOUCHED },
	{ "5ms", UNTOUCHED },
	{ NULL, 0 },
};

static const struct unit_case time_texts[] = {
	{ "0", 0 },
	{ "1ns", 1 },
	{ "999ns", 999 },
	{ "1us", CLOCK_US },
	{ "1001ns", CLOCK_US + 1 },
	{ "250us", 250 * CLOCK_US },
	{ "20ms", 20 * CLOCK_MS },
	{ "1500ms", 1500 * CLOCK_MS },
	{ "59s", 59 * CLOCK_S },
	{ "1m", MIN },
	{ "61s", 61 * CLOCK_S },
	{ "90m", 90 * MIN },
	{ "24h", 24 * HOUR },
	{ "2562047h", 2562047 * HOUR },
	{ "9223372036854775807ns", INT64_MAX },
	{ NULL, 0 },
};

static const struct unit_case size_texts[] = {
	{ "0", 0 },
	{ "1", 1 },
	{ "1000", 1000 },
	{ "1023", 1023 },
	{ "1k", KIB },
	{ "1025", 1025 },
	{ "64k", 64 * KIB },
	{ "1M", MIB },
	{ "1536k", MIB + 512 * KIB },
	{ "1G", GIB },
	{ "1024G", 1024 * GIB },
	{ "9223372036854775807", INT64_MAX },
	{ NULL, 0 },
};

static void
test_parser(const char *kind, parser *parse, const struct unit_case *c)
{
	int64_t value;
	int result;

	for (; c->text != NULL; c++) {
		value = UNTOUCHED;
		result = parse(c->text, &value);
		if (c->value == UNTOUCHED)
			ok(result == -1 && value == UNTOUCHED,
			    "%s \"%s\" is refused (%d, %" PRId64 ")", kind,
			    c->text, result, value);
		else
			ok(result == 0 && value == c->value,
			    "%s \"%s\" is %" PRId64 " (%d, %" PRId64 ")", kind,
			    c->text, c->value, result, value);
	}
}

static void
test_texts(const char *kind, writer *write, const struct unit_case *c)
{
	char buf[UNITS_TEXT];

	for (; c->text != NULL; c++)
		is_string(write(c->value, buf, sizeof(buf)), c->text,
		    "%s %" PRId64 " as a text", kind, c->value);
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

/* A value of any length in bits, and often a whole number of some unit. */
static int64_t
random_value(uint64_t *state, const int64_t *scales, size_t n)
{
	int64_t scale = scales[next_random(state) % n];
	int64_t value = (int64_t)(next_random(state) >>
	    (1 + next_random(state) % 63));

	return value > INT64_MAX / scale ? value : value * scale;
}

static void
test_round_trip(const char *kind, parser *parse, writer *write,
    const int64_t *scales, size_t n)
{
	uint64_t state = 88172645463325252u;
	char buf[UNITS_TEXT], lost[UNITS_TEXT] = "";
	int64_t value, back;
	size_t longest = 0;
	int i, bad = 0;

	for (i = 0; i < ROUNDS; i++) {
		value = random_value(&state, scales, n);
		back = UNTOUCHED;
		write(value, buf, sizeof(buf));
		if (strlen(buf) > longest)
			longest = strlen(buf);
		if ((parse(buf, &back) == -1 || back != value) && bad++ == 0)
			memcpy(lost, buf, sizeof(lost));
	}
	is_int(bad, 0, "%d random %ss go there and back%s%s", ROUNDS, kind,
	    bad ? ", but not " : "", lost);
	ok(longest >= 19 && longest < UNITS_TEXT,
	    "their texts fit, the longest of %zu bytes too", longest);
}

int
main(void)
{
	static const int64_t time_scales[] = {
		1, CLOCK_US, CLOCK_MS, CLOCK_S, MIN, HOUR
	};
	static const int64_t size_scales[] = { 1, KIB, MIB, GIB };
	char small[4];

	plan_no_plan();
	test_parser("time", units_time, times);
	test_parser("size", units_size, sizes);
	test_parser("percentage", units_percent, percents);
	test_texts("time", units_time_text, time_texts);
	test_texts("size", units_size_text, size_texts);
	test_round_trip("time", units_time, units_time_text, time_scales,
	    sizeof(time_scales) / sizeof(time_scales[0]));
	test_round_trip("size", units_size, units_size_text, size_scales,
	    sizeof(size_scales) / sizeof(size_scales[0]));
	is_string(units_time_text(250 * CLOCK_US, small, sizeof(small)), "250",
	    "a text never goes beyond its buffer");
	return exit_status();
}
