/*
 * What a query asks for.  The input is a query.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/ask.h"
#include "common/chars.h"
#include "common/clock.h"
#include "t/fuzz/fuzz.h"

static const int64_t max_delays[] = { 0, 20 * CLOCK_MS, 86400 * CLOCK_S };
static const int64_t max_sizes[] = { 0, 65536, INT64_C(16) << 30 };

static const double units[] = { 0x1p-53, 0.3, 0.5, 0.8, 1 - 0x1p-53 };

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static void
check_range(const struct ask_choice *c, int64_t min, int64_t max)
{
	size_t i;

	FUZZ_LAW(c->n <= ASK_MAX, "there are as many values as fit");
	for (i = 0; i < c->n; i++) {
		FUZZ_LAW(c->values[i] >= min && c->values[i] <= max,
		    "a value is in its range");
		FUZZ_LAW(c->weights[i] >= 1 && c->weights[i] <= ASK_WEIGHT,
		    "a weight is in its range");
	}
}

static int
is_among(const struct ask_choice *c, int64_t value)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->values[i] == value)
			return 1;
	return c->n == 0 && value == -1;
}

static void
check_good(const struct ask *ask, int64_t max_delay, int64_t max_size)
{
	size_t i;

	check_range(&ask->delay, 0, max_delay);
	check_range(&ask->status, 200, 599);
	check_range(&ask->size, 0, max_size);
	check_range(&ask->close, 0, 1);
	for (i = 0; i < ask->status.n; i++)
		FUZZ_LAW(ask->status.values[i] == 200 ||
		    ask->status.values[i] >= 400,
		    "a status is 200, or 400 to 599");
	for (i = 0; i < COUNT(units); i++)
		FUZZ_LAW(is_among(&ask->delay, ask_delay(ask, units[i])) &&
		    is_among(&ask->status, ask_status(ask, units[i])) &&
		    is_among(&ask->size, ask_size(ask, units[i])) &&
		    is_among(&ask->close, ask_close(ask, units[i])),
		    "what is picked was asked for");
}

static int
same_choice(const struct ask_choice *a, const struct ask_choice *b)
{
	return a->n == b->n &&
	    memcmp(a->values, b->values, a->n * sizeof(a->values[0])) == 0 &&
	    memcmp(a->weights, b->weights, a->n * sizeof(a->weights[0])) == 0;
}

static int
same(const struct ask *a, const struct ask *b)
{
	return same_choice(&a->delay, &b->delay) &&
	    same_choice(&a->status, &b->status) &&
	    same_choice(&a->size, &b->size) &&
	    same_choice(&a->close, &b->close);
}

static char *
put(char *p, const char *name, const char *unit, const struct ask_choice *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		p += sprintf(p, "%s%s%" PRId64 "%s:%" PRId64,
		    i == 0 ? name : ",", i == 0 ? "=" : "", c->values[i],
		    unit, c->weights[i]);
	return c->n > 0 ? p + sprintf(p, "&") : p;
}

/* What it asks for, written down, asks for the same. */
static void
check_again(const struct ask *ask, int64_t max_delay, int64_t max_size)
{
	char text[4 * ASK_VALUE + 64], *p = text;
	struct ask again;

	p = put(p, "delay", "ns", &ask->delay);
	p = put(p, "status", "", &ask->status);
	p = put(p, "size", "", &ask->size);
	p = put(p, "close", "", &ask->close);
	FUZZ_LAW(ask_parse(text, (size_t)(p - text), max_delay, max_size,
	    &again) == NULL && same(ask, &again), "it says what it has read");
}

/*
 * The query with some more bytes of its values percent-encoded, in room for
 * three times as many.  Gives how many they are.
 */
static size_t
encode(const char *p, const char *end, char *to, struct fuzz_dice *d)
{
	char *q = to;
	int in_value = 0;

	for (; p < end; p++) {
		if (*p == '&')
			in_value = 0;
		if (chars_encoded(p, end) != -1) {
			memcpy(q, p, 3);
			q += 3;
			p += 2;
		} else if (in_value && *p != '%' && fuzz_choose(d, 4) == 0) {
			q += sprintf(q, "%%%02x", (unsigned char)*p);
		} else {
			*q++ = *p;
		}
		if (*p == '=')
			in_value = 1;
	}
	return (size_t)(q - to);
}

static void
check_encoded(const char *query, size_t len, const struct ask *ask,
    const char *why, int64_t max_delay, int64_t max_size)
{
	char *text = malloc(3 * len + 1), *exact;
	const char *other_why;
	struct fuzz_dice d;
	struct ask other;
	size_t n;

	if (text == NULL)
		abort();
	fuzz_dice(&d, query, len);
	n = encode(query, query + len, text, &d);
	exact = fuzz_copy(text, n);
	other_why = ask_parse(exact, n, max_delay, max_size, &other);
	if (why == NULL || other_why == NULL)
		FUZZ_LAW(why == other_why && same(ask, &other),
		    "encoded, it is the same");
	else
		FUZZ_LAW(strcmp(why, other_why) == 0,
		    "encoded, it is as wrong");
	free(exact);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *query = fuzz_copy(bytes, len);
	int64_t max_delay, max_size;
	struct fuzz_dice d;
	struct ask ask;
	const char *why;

	fuzz_dice(&d, bytes, len);
	max_delay = max_delays[fuzz_choose(&d, COUNT(max_delays))];
	max_size = max_sizes[fuzz_choose(&d, COUNT(max_sizes))];
	memset(&ask, 0x55, sizeof(ask));
	why = ask_parse(query, len, max_delay, max_size, &ask);
	if (why != NULL) {
		FUZZ_LAW(why == ask.why && fuzz_is_message(why),
		    "what is wrong is told");
	} else {
		check_good(&ask, max_delay, max_size);
		check_again(&ask, max_delay, max_size);
	}
	check_encoded(query, len, &ask, why, max_delay, max_size);
	free(query);
	return 0;
}
