#include <stddef.h>

#include "common/decimal.h"

/* More than any exponent that makes a difference, and far from overflow. */
#define EXPONENT_MAX	100000

static int
is_digit(const char *p, const char *end)
{
	return p < end && *p >= '0' && *p <= '9';
}

static int64_t
next_digit(const char **p)
{
	if (**p == '.')
		++*p;
	return *(*p)++ - '0';
}

const char *
decimal_scan(const char *s, const char *end, struct decimal *d)
{
	const char *p = s;

	while (is_digit(p, end))
		p++;
	if (p == s)
		return NULL;
	d->digits = s;
	d->point = p - s;
	if (end - p > 1 && *p == '.' && is_digit(p + 1, end))
		for (p++; is_digit(p, end); p++)
			;
	d->end = p;
	return p;
}

const char *
decimal_exponent(const char *s, const char *end, struct decimal *d)
{
	const char *p = s;
	long e = 0;
	int negative = 0;

	if (p == end || (*p != 'e' && *p != 'E'))
		return s;
	if (++p < end && (*p == '+' || *p == '-'))
		negative = *p++ == '-';
	if (!is_digit(p, end))
		return s;
	for (; is_digit(p, end); p++)
		if (e < EXPONENT_MAX)
			e = e * 10 + (*p - '0');
	d->point += negative ? -e : e;
	return p;
}

/* Before the point; the digits that are missing there are zeros. */
static int
whole(const struct decimal *d, const char **p, int64_t *value)
{
	int64_t v = 0;
	long left;

	for (left = d->point; left > 0 && (*p < d->end || v != 0); left--)
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, *p < d->end ? next_digit(p) : 0,
		    &v))
			return -1;
	*value = v;
	return 0;
}

int
decimal_times(const struct decimal *d, int64_t scale, int64_t *value)
{
	const char *p = d->digits;
	long zeros = d->point < 0 ? -d->point : 0;
	int64_t v, digit;
	int lost = 0, up = 0;

	if (whole(d, &p, &v) == -1 || __builtin_mul_overflow(v, scale, &v))
		return -1;
	while (p < d->end) {
		/* When nothing counts any more, zeros in front do not. */
		digit = zeros > 0 && scale != 0 ? 0 : next_digit(&p);
		zeros--;
		if (scale != 0) {
			scale = scale % 10 == 0 ? scale / 10 : 0;
			up = scale == 0 && digit >= 5;
		}
		lost |= scale == 0 && digit != 0;
		if (__builtin_add_overflow(v, digit * scale, &v))
			return -1;
	}
	if (__builtin_add_overflow(v, up, &v))
		return -1;
	*value = v;
	return lost;
}
