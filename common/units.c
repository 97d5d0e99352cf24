#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/decimal.h"
#include "common/units.h"

struct unit {
	const char *name;
	int64_t scale;		/* base units in one of these */
};

/* Largest first: the text of a value takes the first that divides it. */
static const struct unit times[] = {
	{ "h", 3600 * CLOCK_S },
	{ "m", 60 * CLOCK_S },
	{ "s", CLOCK_S },
	{ "ms", CLOCK_MS },
	{ "us", CLOCK_US },
	{ "ns", 1 },
	{ NULL, 0 },
};

static const struct unit sizes[] = {
	{ "G", INT64_C(1) << 30 },
	{ "M", INT64_C(1) << 20 },
	{ "k", INT64_C(1) << 10 },
	{ "", 1 },
	{ NULL, 0 },
};

static const struct unit percents[] = {
	{ "%", 10000 },
	{ NULL, 0 },
};

/*
 * DIGITS [ . DIGITS ] and a unit's name.  A fraction is exact, or it is an
 * error: 0.5 of 1 does not exist.
 */
static int
parse(const char *s, const struct unit *units, int64_t *value)
{
	const struct unit *u;
	struct decimal d;
	const char *name;
	int64_t v;

	if ((name = decimal_scan(s, s + strlen(s), &d)) == NULL)
		return -1;
	for (u = units; u->name != NULL; u++)
		if (strcmp(name, u->name) == 0)
			break;
	if (u->name == NULL || decimal_times(&d, u->scale, &v) != 0)
		return -1;
	*value = v;
	return 0;
}

static char *
text(int64_t value, const struct unit *units, char *buf, size_t size)
{
	const struct unit *u;

	for (u = units; u->scale > 1; u++)
		if (value != 0 && value % u->scale == 0)
			break;
	snprintf(buf, size, "%" PRId64 "%s", value / u->scale,
	    value == 0 ? "" : u->name);
	return buf;
}

int
units_time(const char *s, int64_t *ns)
{
	if (strcmp(s, "0") == 0) {
		*ns = 0;
		return 0;
	}
	return parse(s, times, ns);
}

int
units_size(const char *s, int64_t *bytes)
{
	return parse(s, sizes, bytes);
}

int
units_percent(const char *s, int64_t *ppm)
{
	int64_t v;

	if (parse(s, percents, &v) == -1 || v > 1000000)
		return -1;
	*ppm = v;
	return 0;
}

char *
units_time_text(int64_t ns, char *buf, size_t size)
{
	return text(ns, times, buf, size);
}

char *
units_size_text(int64_t bytes, char *buf, size_t size)
{
	return text(bytes, sizes, buf, size);
}

char *
units_seconds_text(int64_t ns, char *buf, size_t size)
{
	const uint64_t v = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	int n, least;

	n = snprintf(buf, size, "%s%" PRIu64 ".%09" PRIu64, ns < 0 ? "-" : "",
	    v / CLOCK_S, v % CLOCK_S);
	/* Zeros at the end say nothing, and nor does a point that ends it. */
	for (least = n - 10; n > least && buf[n - 1] == '0'; n--)
		continue;
	if (buf[n - 1] == '.')
		n--;
	buf[n] = '\0';
	return buf;
}
