#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/clock.h"
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

/*
 * DIGITS [ . DIGITS ], in units of scale.  A fraction is exact, or it is an
 * error: 0.5 of 1 does not exist.  Gives what follows, or NULL.
 */
static const char *
decimal(const char *s, int64_t scale, int64_t *value)
{
	int64_t v = 0, whole;

	if (*s < '0' || *s > '9')
		return NULL;
	for (; *s >= '0' && *s <= '9'; s++)
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, *s - '0', &v))
			return NULL;
	if (__builtin_mul_overflow(v, scale, &whole))
		return NULL;
	if (*s == '.') {
		if (*++s < '0' || *s > '9')
			return NULL;
		for (; *s >= '0' && *s <= '9'; s++) {
			/* Of what has no tenth, there is but 0. */
			scale = scale % 10 == 0 ? scale / 10 : 0;
			if (scale == 0 && *s != '0')
				return NULL;
			if (__builtin_add_overflow(whole, (*s - '0') * scale,
			    &whole))
				return NULL;
		}
	}
	*value = whole;
	return s;
}

static int
parse(const char *s, const struct unit *units, int64_t *value)
{
	const struct unit *u;
	const char *end;
	int64_t v;

	for (u = units; u->name != NULL; u++) {
		if ((end = decimal(s, u->scale, &v)) != NULL &&
		    strcmp(end, u->name) == 0) {
			*value = v;
			return 0;
		}
	}
	return -1;
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
	const char *end;
	int64_t v;

	end = decimal(s, 10000, &v);
	if (end == NULL || strcmp(end, "%") != 0 || v > 1000000)
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
