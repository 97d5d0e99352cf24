#include <string.h>

#include "common/clock.h"
#include "common/wire.h"

/* No status and no time that anybody may ask for has more digits. */
#define DIGITS_MAX 12

/* One field, up to its comma. */
struct field {
	const char *p;
	size_t len;		/* bytes */
};

static int
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
is_study(const char *p, const char *end)
{
	const char *first;

	if (p < end && *p == '-')
		p++;
	for (first = p; p < end && is_digit(*p); p++)
		;
	return p > first && p < end && *p == ',';
}

/* Cuts the field off at its comma; p is behind the comma then, or NULL. */
static const char *
cut(const char *p, const char *end, struct field *f)
{
	const char *comma = memchr(p, ',', (size_t)(end - p));

	if (comma == NULL)
		return NULL;
	f->p = p;
	f->len = (size_t)(comma - p);
	return comma + 1;
}

/* The number in f, or -1 when it is none or absurdly long. */
static int64_t
number(const struct field *f)
{
	int64_t n = 0;
	size_t i;

	if (f->len == 0 || f->len > DIGITS_MAX)
		return -1;
	for (i = 0; i < f->len; i++) {
		if (!is_digit(f->p[i]))
			return -1;
		n = n * 10 + (f->p[i] - '0');
	}
	return n;
}

static const char *
parse_status(const struct field *f, struct wire *w)
{
	int64_t n = number(f);

	if (n != 200 && (n < 400 || n > 599))
		return "RC in /RC,MS,PATH is 200, or 400 to 599";
	w->status = (int)n;
	return NULL;
}

static const char *
parse_delay(const struct field *f, int64_t max_delay, struct wire *w)
{
	size_t i;
	int64_t n;

	if (f->len == 0 || (f->len == 2 && memcmp(f->p, "-1", 2) == 0)) {
		w->delay = WIRE_BY_MODEL;
		return NULL;
	}
	for (i = 0; i < f->len; i++)
		if (!is_digit(f->p[i]))
			return "MS in /RC,MS,PATH is whole milliseconds, "
			    "-1 or nothing";
	n = number(f);
	if (n == -1 || n > max_delay / CLOCK_MS)
		return "MS in /RC,MS,PATH is more than max-delay allows";
	w->delay = n * CLOCK_MS;
	return NULL;
}

const char *
wire_parse(const char *path, size_t len, int64_t max_delay, struct wire *w)
{
	const char *p = path + 1, *end = path + len, *why;
	struct field rc, ms;

	w->status = 200;
	w->delay = WIRE_BY_MODEL;
	if (is_study(p, end)) {
		if ((p = cut(p, end, &rc)) == NULL ||
		    (p = cut(p, end, &ms)) == NULL)
			return "/RC,MS,PATH wants two commas";
		if ((why = parse_status(&rc, w)) != NULL ||
		    (why = parse_delay(&ms, max_delay, w)) != NULL)
			return why;
		if (p == end)
			return "PATH in /RC,MS,PATH is empty";
	}
	w->name = p;
	w->name_len = (size_t)(end - p);
	return NULL;
}

size_t
wire_disk(const struct wire *w)
{
	const char *slash = memchr(w->name, '/', w->name_len);

	return slash == NULL ? w->name_len : (size_t)(slash - w->name);
}
