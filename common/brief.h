/*
 * Quantities for people to read in a table: three digits, and a unit.
 *
 * Other than the texts of common/units.h they are rounded, and nothing reads
 * them back.  BRIEF_TEXT bytes always suffice.  Each function gives buf.
 */
#ifndef COMMON_BRIEF_H
#define COMMON_BRIEF_H

#include <stddef.h>
#include <stdint.h>

#define BRIEF_TEXT	16
#define BRIEF_WIDTH	7	/* of the longest text, columns */

/*
 * A time in ns, not negative: 0, 12.3ms, 1.5s, 24h.  A whole number of one
 * unit, below 1000, is exact.  INT64_MAX is `never'.
 */
char	*brief_time(int64_t ns, char *buf, size_t size);

/*
 * What part is of whole, which is not 0: 0%, 12.3%, 0.012%, 100%.  Only none
 * is 0% and only all of it 100%: next to these are <0.001% and >99.9%.
 */
char	*brief_share(uint64_t part, uint64_t whole, char *buf, size_t size);

#endif
