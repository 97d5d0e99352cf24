/*
 * Dates: those of gmtime_r(3), on every day of four centuries, and on random
 * ones far behind them.
 */
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "common/date.h"
#include "t/check.h"

#define DAY		INT64_C(86400)
#define DAYS		146097	/* 400 years */
#define ROUNDS		20000

static int
is_same(int64_t seconds)
{
	struct date d = date_utc(seconds);
	time_t t = (time_t)seconds;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL)
		return 0;
	return d.year == (int64_t)tm.tm_year + 1900 &&
	    d.month == (unsigned int)tm.tm_mon + 1 &&
	    d.day == (unsigned int)tm.tm_mday &&
	    d.weekday == (unsigned int)tm.tm_wday &&
	    d.hour == (unsigned int)tm.tm_hour &&
	    d.minute == (unsigned int)tm.tm_min &&
	    d.second == (unsigned int)tm.tm_sec;
}

static void
test_days(void)
{
	int64_t i, bad = 0;

	for (i = 0; i < DAYS; i++)
		bad += !is_same(i * DAY) + !is_same(i * DAY + DAY - 1);
	is_int(bad, 0, "the first and the last second of each day");
}

static void
test_seconds(void)
{
	int64_t i, bad = 0;

	for (i = 0; i < DAY; i++)
		bad += !is_same(1700000000 + i);
	is_int(bad, 0, "each second of a day");
}

static void
test_far(void)
{
	int64_t i, bad = 0;

	srandom(1);
	for (i = 0; i < ROUNDS; i++)
		bad += !is_same(((int64_t)random() << 9) ^ random());
	is_int(bad, 0, "any second of the next 34,000 years");
}

int
main(void)
{
	plan_tests(3);
	test_days();
	test_seconds();
	test_far();
	return exit_status();
}
