#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/units.h"
#include "server/value.h"
#include "server/value_crew.h"

#define DAY	(INT64_C(24) * 3600 * CLOCK_S)

/* A number from min to max, of the word at i; -1: there is none. */
static int64_t
number_at(const struct keyword_args *a, size_t i, int64_t min, int64_t max)
{
	const char *wrong;
	int64_t n;

	if (i >= a->n || !isdigit((unsigned char)a->words[i][0]))
		return -1;
	n = strtonum(a->words[i], min, max, &wrong);
	return wrong == NULL ? n : -1;
}

/* A number; or the fewest, the most, the idle, and perhaps for how long. */
int
value_workers(const struct keyword *k, void *base, struct keyword_args *a)
{
	struct conf *c = base;
	int64_t min = number_at(a, 0, k->min, k->max), max = min, spare = 0;
	int64_t calm = CONF_CALM;
	int bad = min == -1;

	if (a->n > 1) {
		max = number_at(a, 2, min > 0 ? min : k->min, k->max);
		spare = number_at(a, 4, 1, max > 0 ? max : k->max);
		bad = bad || max == -1 || spare == -1 ||
		    strcmp(a->words[1], "max") != 0 ||
		    strcmp(a->words[3], "spare") != 0;
	}
	if (a->n > 5)
		bad = bad || a->n != 7 || strcmp(a->words[5], "calm") != 0 ||
		    units_time(a->words[6], &calm) == -1 || calm < CLOCK_MS ||
		    calm > DAY;
	if (bad && a->n <= 1)
		return value_fail(a, "expected a number from %lld to %lld",
		    (long long)k->min, (long long)k->max);
	if (bad)
		return value_fail(a, "expected MIN max MAX spare N, and perhaps "
		    "calm TIME: numbers from %lld to %lld, none greater than "
		    "MAX, and a time from 1ms to 24h",
		    (long long)k->min, (long long)k->max);
	c->workers = min;
	c->workers_max = max;
	c->spare = spare;
	c->calm = calm;
	return 0;
}

void
value_workers_print(const struct keyword *k, const void *base,
    const struct keyword_out *o)
{
	const struct conf *c = base;
	char text[UNITS_TEXT];

	(void)k;
	fprintf(o->f, "%lld", (long long)c->workers);
	if (c->spare > 0)
		fprintf(o->f, " max %lld spare %lld calm %s",
		    (long long)c->workers_max, (long long)c->spare,
		    units_time_text(c->calm, text, sizeof(text)));
}

int
value_max_requests(const struct keyword *k, void *base, struct keyword_args *a)
{
	struct conf *c = base;
	int64_t n = number_at(a, 0, k->min, k->max), jitter = 0;

	if (a->n == 1 && strcmp(a->words[0], "off") == 0)
		n = CONF_OFF;
	else if (n == -1 || (a->n != 1 && (a->n != 3 ||
	    strcmp(a->words[1], "jitter") != 0 ||
	    units_percent(a->words[2], &jitter) == -1)))
		return value_fail(a, "expected off, or a number from %lld to "
		    "%lld, and perhaps `jitter' and a percentage",
		    (long long)k->min, (long long)k->max);
	c->max_requests = n;
	c->max_requests_jitter = jitter;
	return 0;
}

void
value_max_requests_print(const struct keyword *k, const void *base,
    const struct keyword_out *o)
{
	const struct conf *c = base;

	(void)k;
	if (c->max_requests == CONF_OFF)
		fputs("off", o->f);
	else
		fprintf(o->f, "%lld", (long long)c->max_requests);
	if (c->max_requests_jitter > 0) {
		fputs(" jitter ", o->f);
		value_put_percent(c->max_requests_jitter, o->f);
	}
}
/* How many deaths of workers, in how long, are too many. */
int
value_crash_limit(const struct keyword *k, void *base, struct keyword_args *a)
{
	struct conf *c = base;
	int64_t n = number_at(a, 0, k->min, k->max), within = 0;

	if (a->n == 1 && strcmp(a->words[0], "off") == 0)
		n = 0;
	else if (n == -1 || a->n != 3 || strcmp(a->words[1], "in") != 0 ||
	    units_time(a->words[2], &within) == -1 || within < CLOCK_MS ||
	    within > DAY)
		return value_fail(a, "expected off, or a number from %lld to "
		    "%lld, `in', and a time from 1ms to 24h", (long long)k->min,
		    (long long)k->max);
	c->crash_limit = n;
	c->crash_within = within;
	return 0;
}

void
value_crash_limit_print(const struct keyword *k, const void *base,
    const struct keyword_out *o)
{
	const struct conf *c = base;
	char text[UNITS_TEXT];

	(void)k;
	if (c->crash_limit == 0)
		fputs("off", o->f);
	else
		fprintf(o->f, "%lld in %s", (long long)c->crash_limit,
		    units_time_text(c->crash_within, text, sizeof(text)));
}
