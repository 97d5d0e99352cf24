#include <sys/param.h>

#include <string.h>

#include "common/clock.h"
#include "common/writer.h"

#define DIGITS	20	/* of the largest uint64_t */

void
writer_bytes(struct writer *w, const void *bytes, size_t len)
{
	size_t n = MIN(len, (size_t)(w->end - w->p));

	memcpy(w->p, bytes, n);
	w->p += n;
}

void
writer_number(struct writer *w, uint64_t number)
{
	char digits[DIGITS], *p = digits + DIGITS;

	do {
		*--p = (char)('0' + number % 10);
	} while ((number /= 10) > 0);
	writer_bytes(w, p, (size_t)(digits + DIGITS - p));
}

void
writer_digits(struct writer *w, uint64_t number, unsigned int n)
{
	char digits[DIGITS];
	unsigned int i = n;

	for (; i > 0; number /= 10)
		digits[--i] = (char)('0' + number % 10);
	writer_bytes(w, digits, n);
}

void
writer_ms(struct writer *w, int64_t ns)
{
	writer_number(w, (uint64_t)(ns / CLOCK_MS));
	writer_bytes(w, ".", 1);
	writer_digits(w, (uint64_t)(ns / CLOCK_US), 3);
}

void
writer_hex(struct writer *w, uint64_t n)
{
	char text[16];
	int i;

	for (i = 15; i >= 0; i--, n >>= 4)
		text[i] = "0123456789abcdef"[n & 15];
	writer_bytes(w, text, sizeof(text));
}
