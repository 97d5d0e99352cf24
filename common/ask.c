#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/ask.h"
#include "common/chars.h"
#include "common/units.h"

/* What may be asked for at most. */
struct limits {
	int64_t delay;		/* ns */
	int64_t size;		/* bytes */
};

/* Reads one value.  Gives NULL, or what is wrong in ask->why. */
typedef const char *reader(struct ask *, const char *text,
    const struct limits *, int64_t *value);

__attribute__((format(printf, 2, 3)))
static const char *
fail(struct ask *ask, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(ask->why, sizeof(ask->why), fmt, ap);
	va_end(ap);
	return ask->why;
}

/* As strtonum(3), but for the blanks and signs that it takes in front. */
static int
number(const char *text, int64_t min, int64_t max, int64_t *value)
{
	const char *err = "no number";
	long long n = 0;

	if (*text >= '0' && *text <= '9')
		n = strtonum(text, min, max, &err);
	if (err != NULL)
		return -1;
	*value = n;
	return 0;
}

static const char *
read_delay(struct ask *ask, const char *text, const struct limits *l,
    int64_t *value)
{
	char max[UNITS_TEXT], asked[UNITS_TEXT];

	units_time_text(l->delay, max, sizeof(max));
	if (units_time(text, value) == -1)
		return fail(ask, "delay: expected a time, such as 250us, 20ms "
		    "or 4s, up to max-delay, %s", max);
	if (*value > l->delay)
		return fail(ask, "delay: %s is longer than max-delay, %s",
		    units_time_text(*value, asked, sizeof(asked)), max);
	return NULL;
}

static const char *
read_status(struct ask *ask, const char *text, const struct limits *l,
    int64_t *value)
{
	(void)l;
	if (number(text, 200, 599, value) == -1 ||
	    (*value != 200 && *value < 400))
		return fail(ask, "status: expected 200, or 400 to 599");
	return NULL;
}

static const char *
read_size(struct ask *ask, const char *text, const struct limits *l,
    int64_t *value)
{
	char max[UNITS_TEXT], asked[UNITS_TEXT];

	units_size_text(l->size, max, sizeof(max));
	if (units_size(text, value) == -1)
		return fail(ask, "size: expected a size, such as 8192 or 8k, "
		    "up to %s", max);
	if (*value > l->size)
		return fail(ask, "size: %s is more than the largest, %s",
		    units_size_text(*value, asked, sizeof(asked)), max);
	return NULL;
}

static const char *
read_close(struct ask *ask, const char *text, const struct limits *l,
    int64_t *value)
{
	static const char *const words[] = {
		"false", "true", "0", "1", "no", "yes", NULL
	};
	size_t i;

	(void)l;
	for (i = 0; words[i] != NULL; i++) {
		if (strcmp(text, words[i]) == 0) {
			*value = (int64_t)(i % 2);
			return NULL;
		}
	}
	return fail(ask, "close: expected true or false");
}

static const struct parameter {
	const char *name;
	size_t offset;		/* of its choice in struct ask, bytes */
	reader *read;
} parameters[] = {
	{ "delay", offsetof(struct ask, delay), read_delay },
	{ "status", offsetof(struct ask, status), read_status },
	{ "size", offsetof(struct ask, size), read_size },
	{ "close", offsetof(struct ask, close), read_close },
	{ NULL, 0, NULL },
};

static const struct parameter *
find(const char *name, size_t len)
{
	const struct parameter *p;

	for (p = parameters; p->name != NULL; p++)
		if (strlen(p->name) == len && memcmp(p->name, name, len) == 0)
			return p;
	return NULL;
}

static struct ask_choice *
choice_of(struct ask *ask, const struct parameter *p)
{
	return (struct ask_choice *)(void *)((char *)ask + p->offset);
}

/*
 * Decodes up to end into text, of ASK_VALUE + 1 bytes, as a string.  A NUL is
 * refused here, for all that follows would take it for the string's end.
 */
static const char *
decode(struct ask *ask, const struct parameter *param, const char *p,
    const char *end, char *text)
{
	size_t n = 0;
	int c;

	for (; p < end; p++) {
		if (n == ASK_VALUE)
			return fail(ask, "%s: expected at most %d bytes",
			    param->name, ASK_VALUE);
		if (*p != '%') {
			text[n] = *p;
		} else if ((c = chars_encoded(p, end)) == -1) {
			return fail(ask, "%s: a %% without two hex digits",
			    param->name);
		} else {
			text[n] = (char)c;
			p += 2;
		}
		if (text[n++] == '\0')
			return fail(ask, "%s: a NUL byte", param->name);
	}
	text[n] = '\0';
	return NULL;
}

/* All values of one parameter, which text is cut into. */
static const char *
read_values(struct ask *ask, const struct parameter *p, char *text,
    const struct limits *l)
{
	struct ask_choice *c = choice_of(ask, p);
	char *weight, *value;
	const char *why;

	while ((value = strsep(&text, ",")) != NULL) {
		if (c->n == ASK_MAX)
			return fail(ask, "%s: expected at most %d values",
			    p->name, ASK_MAX);
		if ((weight = strchr(value, ':')) != NULL)
			*weight++ = '\0';
		if ((why = p->read(ask, value, l, &c->values[c->n])) != NULL)
			return why;
		c->weights[c->n] = 1;
		if (weight != NULL && number(weight, 1, ASK_WEIGHT,
		    &c->weights[c->n]) == -1)
			return fail(ask, "%s: expected a whole number from 1 "
			    "to %" PRId64 " as a weight behind the ':'",
			    p->name, ASK_WEIGHT);
		c->n++;
	}
	return NULL;
}

/* One NAME=VALUE; without a '=', the value is empty. */
static const char *
read_parameter(struct ask *ask, const char *p, const char *end,
    const struct limits *l)
{
	const char *equals = memchr(p, '=', (size_t)(end - p)), *why;
	const size_t len = (size_t)((equals != NULL ? equals : end) - p);
	const struct parameter *param = find(p, len);
	char text[ASK_VALUE + 1];

	if (param == NULL)
		return NULL;
	if (choice_of(ask, param)->n > 0)
		return fail(ask, "%s: expected once, not twice", param->name);
	why = decode(ask, param, equals != NULL ? equals + 1 : end, end, text);
	return why != NULL ? why : read_values(ask, param, text, l);
}

const char *
ask_parse(const char *query, size_t len, int64_t max_delay, int64_t max_size,
    struct ask *ask)
{
	const struct limits l = { max_delay, max_size };
	const char *and, *end, *why;

	ask->delay.n = ask->status.n = ask->size.n = ask->close.n = 0;
	ask->why[0] = '\0';
	for (; len > 0; query = end + (and != NULL)) {
		and = memchr(query, '&', len);
		end = and != NULL ? and : query + len;
		if ((why = read_parameter(ask, query, end, &l)) != NULL)
			return why;
		len -= (size_t)(end - query) + (and != NULL);
	}
	return NULL;
}

static int64_t
pick(const struct ask_choice *c, double u)
{
	int64_t sum = 0;
	size_t i;

	if (c->n == 0)
		return -1;
	for (i = 0; i < c->n; i++)
		sum += c->weights[i];
	u *= (double)sum;
	for (i = 0; i < c->n - 1; i++)
		if ((u -= (double)c->weights[i]) < 0)
			break;
	return c->values[i];
}

int64_t
ask_delay(const struct ask *ask, double u)
{
	return pick(&ask->delay, u);
}

int
ask_status(const struct ask *ask, double u)
{
	return (int)pick(&ask->status, u);
}

int64_t
ask_size(const struct ask *ask, double u)
{
	return pick(&ask->size, u);
}

int
ask_close(const struct ask *ask, double u)
{
	return (int)pick(&ask->close, u);
}
