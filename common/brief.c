#include <stdio.h>
#include <stdlib.h>

#include "common/brief.h"
#include "common/units.h"

/*
 * Smallest first.  Seconds go on for longer than a minute: disks are given up
 * after 90 s or 120 s, which nobody calls 1.5 minutes or 2.
 */
static const struct {
	const char *name;
	double ns;
	double end;		/* where the next one begins, in this unit */
} times[] = {
	{ "ns", 1, 1e3 },
	{ "us", 1e3, 1e3 },
	{ "ms", 1e6, 1e3 },
	{ "s", 1e9, 1e3 },
	{ "m", 60e9, 60 },
	{ "h", 3600e9, 100 },
};

#define TIMES	(sizeof(times) / sizeof(times[0]))

/* To three digits: 999.6 is 1000 then, and belongs to the next unit. */
static double
rounded(double x)
{
	char text[32];

	snprintf(text, sizeof(text), "%.3g", x);
	return strtod(text, NULL);
}

char *
brief_time(int64_t ns, char *buf, size_t size)
{
	char exact[UNITS_TEXT];
	size_t i;

	if (ns == INT64_MAX) {
		snprintf(buf, size, "never");
		return buf;
	}
	units_time_text(ns, exact, sizeof(exact));
	if (strtoll(exact, NULL, 10) < 1000) {
		snprintf(buf, size, "%s", exact);
		return buf;
	}
	for (i = 0; i < TIMES; i++)
		if (rounded((double)ns / times[i].ns) < times[i].end)
			break;
	if (i < TIMES)
		snprintf(buf, size, "%g%s", rounded((double)ns / times[i].ns),
		    times[i].name);
	else
		snprintf(buf, size, "%.0fd", (double)ns / 86400e9);
	return buf;
}

char *
brief_share(uint64_t part, uint64_t whole, char *buf, size_t size)
{
	double percent = 100 * (double)part / (double)whole;

	if (part > 0 && percent < 0.001)
		snprintf(buf, size, "<0.001%%");
	else if (part < whole && rounded(percent) == 100)
		snprintf(buf, size, ">99.9%%");
	else if (percent < 0.1)
		snprintf(buf, size, "%.2g%%", percent);
	else
		snprintf(buf, size, "%.3g%%", percent);
	return buf;
}
