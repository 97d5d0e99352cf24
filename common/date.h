/*
 * Dates of UTC, without libc's: that keeps its time zones, and a lock of them,
 * in memory that every process which asks would have a copy of.
 */
#ifndef COMMON_DATE_H
#define COMMON_DATE_H

#include <stdint.h>

struct date {
	int64_t year;
	unsigned int month;	/* 1 to 12 */
	unsigned int day;	/* 1 to 31 */
	unsigned int weekday;	/* 0 to 6, from Sunday on */
	unsigned int hour, minute, second;
};

/* The date at seconds since 1970, 0 or more. */
struct date	date_utc(int64_t seconds);

#endif
