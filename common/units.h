/*
 * Quantities as people write them: 250us 20ms 1.5s 2m 1h, 64k 4M, 0.1%.
 *
 * Each parser takes a whole string and nothing else, without sign or spaces.
 * It gives 0 and the value, or -1 when the text is no such quantity or does
 * not fit; the value is untouched then.
 */
#ifndef COMMON_UNITS_H
#define COMMON_UNITS_H

#include <stddef.h>
#include <stdint.h>

/* A time in nanoseconds.  A unit is needed (ns, us, ms, s, m, h) but for 0. */
int	units_time(const char *, int64_t *ns);

/* A size in bytes; k, M, G are powers of 1024.  Whole bytes only. */
int	units_size(const char *, int64_t *bytes);

/* A percentage from 0% to 100%, as parts per million. */
int	units_percent(const char *, int64_t *ppm);

/*
 * Text that the parser above reads back as the same value, in the largest
 * unit that it is a whole number of.  UNITS_TEXT bytes always suffice.  Gives
 * buf.
 */
#define UNITS_TEXT 32
char	*units_time_text(int64_t ns, char *buf, size_t size);
char	*units_size_text(int64_t bytes, char *buf, size_t size);

/* A time as a decimal number of seconds, without a unit, exactly. */
char	*units_seconds_text(int64_t ns, char *buf, size_t size);

#endif
