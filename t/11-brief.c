/*
 * Quantities for people: rounded to three digits, and never to what they are
 * not.
 */
#include <string.h>

#include "common/brief.h"
#include "common/clock.h"
#include "t/check.h"

static void
test_times(void)
{
	static const struct {
		int64_t ns;
		const char *text;
	} t[] = {
		{ 0, "0" }, { 1, "1ns" }, { 999, "999ns" }, { 1000, "1us" },
		{ 1234, "1.23us" }, { 1235, "1.24us" }, { 999499, "999us" },
		{ 999500, "1ms" }, { 8 * CLOCK_MS, "8ms" },
		{ 8250 * CLOCK_US, "8.25ms" }, { 1500 * CLOCK_MS, "1.5s" },
		{ 59960 * CLOCK_MS, "60s" }, { 90 * CLOCK_S, "90s" },
		{ 100 * CLOCK_S, "100s" }, { 600 * CLOCK_S, "10m" },
		{ 999400 * CLOCK_MS, "999s" }, { 999600 * CLOCK_MS, "16.7m" },
		{ 3599 * CLOCK_S, "1h" }, { 3600 * CLOCK_S, "1h" },
		{ 5401 * CLOCK_S, "1.5h" }, { 86400 * CLOCK_S, "24h" },
		{ 86400 * CLOCK_S * 100 + 1, "100d" },
		{ INT64_MAX - 1, "106752d" }, { INT64_MAX, "never" },
	};
	char text[BRIEF_TEXT];
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		is_string(brief_time(t[i].ns, text, sizeof(text)), t[i].text,
		    "%lld ns", (long long)t[i].ns);
}

static void
test_shares(void)
{
	static const struct {
		uint64_t part, whole;
		const char *text;
	} t[] = {
		{ 0, 1, "0%" }, { 1, 1, "100%" }, { 1, 3, "33.3%" },
		{ 1, 10000000, "<0.001%" }, { 99, 10000000, "<0.001%" },
		{ 100, 10000000, "0.001%" }, { 12, 1000000, "0.0012%" },
		{ 123, 1000000, "0.012%" }, { 1234, 1000000, "0.123%" },
		{ 12345, 1000000, "1.23%" }, { 9999999, 10000000, ">99.9%" },
		{ 9996, 10000, ">99.9%" }, { 9994, 10000, "99.9%" },
	};
	char text[BRIEF_TEXT];
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		is_string(brief_share(t[i].part, t[i].whole, text,
		    sizeof(text)), t[i].text, "%llu of %llu",
		    (unsigned long long)t[i].part,
		    (unsigned long long)t[i].whole);
}

/* A table relies on it. */
static void
test_width(void)
{
	size_t width, most = 0;
	char text[BRIEF_TEXT];
	uint64_t i;

	for (i = 1; i < INT64_MAX / 3; i += i / 7 + 1) {
		width = strlen(brief_time((int64_t)i, text, sizeof(text)));
		if (width > most)
			most = width;
	}
	for (i = 0; i < 10000000; i += i / 100 + 1) {
		width = strlen(brief_share(i, 10000000, text, sizeof(text)));
		if (width > most)
			most = width;
	}
	is_int((long long)most, BRIEF_WIDTH, "the longest text");
}

int
main(void)
{
	plan_no_plan();
	test_times();
	test_shares();
	test_width();
	return exit_status();
}
