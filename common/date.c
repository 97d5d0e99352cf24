#include "common/date.h"

#define DAY		86400	/* seconds */
#define ERA		146097	/* days of 400 years, after which all repeats */
#define EPOCH		719468	/* days from 0000-03-01 to 1970-01-01 */
#define THURSDAY	4	/* 1970-01-01 was one */

/*
 * Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2013,
 * civil_from_days: years begin in March, so that a leap day is the last one
 * of its year, and months are 153 days in every five.
 */
struct date
date_utc(int64_t seconds)
{
	int64_t days = seconds / DAY + EPOCH, era = days / ERA;
	unsigned int of_day = (unsigned int)(seconds % DAY);
	unsigned int of_era = (unsigned int)(days % ERA);
	unsigned int year = (of_era - of_era / 1460 + of_era / 36524 -
	    of_era / 146096) / 365;
	unsigned int of_year = of_era - (365 * year + year / 4 - year / 100);
	unsigned int month = (5 * of_year + 2) / 153;	/* 0 is March */
	struct date d = {
		.year = era * 400 + year + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = of_year - (153 * month + 2) / 5 + 1,
		.weekday = (unsigned int)((seconds / DAY + THURSDAY) % 7),
		.hour = of_day / 3600,
		.minute = of_day / 60 % 60,
		.second = of_day % 60,
	};

	return d;
}
