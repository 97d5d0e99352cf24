/*
 * Decimal numbers as text, exactly: integers only, whatever the locale.
 *
 * Nothing is read at or behind end, and no NUL is needed there.
 */
#ifndef COMMON_DECIMAL_H
#define COMMON_DECIMAL_H

#include <stdint.h>

struct decimal {
	const char *digits;	/* the first; a '.' may be among them */
	const char *end;	/* behind the last */
	long point;		/* of the digits, those before the point; an
				   exponent has it outside of them */
};

/*
 * Finds DIGITS [ . DIGITS ] at s: no sign, no blanks, a digit on each side of
 * the point.  Gives what follows, or NULL when s is no number.
 */
const char	*decimal_scan(const char *s, const char *end, struct decimal *);

/*
 * Takes e or E, a sign or none, and DIGITS at s into the number that has been
 * found before them.  Gives what follows, which is s without an exponent.
 */
const char	*decimal_exponent(const char *s, const char *end,
		    struct decimal *);

/*
 * The number times scale, which is positive.  Gives 0 when *value is just
 * that, 1 when digits were lost, or -1 with *value untouched when it does not
 * fit.  Digits are lost where scale has no tenth left: of 25, the first behind
 * the point.  When scale is a power of ten, the lost ones round *value to the
 * nearest, and halves up.
 */
int	decimal_times(const struct decimal *, int64_t scale, int64_t *value);

#endif
