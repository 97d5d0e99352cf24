#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/units.h"
#include "t/check.h"
#include "t/dists.h"

#define WORDS 64

const struct dist_unit dists_times = {
	"time", "20ms or 4s", units_time, units_time_text,
	0, CLOCK_S * 3600 * 24, DIST_ANY & ~DIST_ONLY(DIST_NONE)
};
const struct dist_unit dists_sizes = {
	"size", "8192 or 8k", units_size, units_size_text,
	1, INT64_MAX, DIST_ANY & ~DIST_ONLY(DIST_HANG)
};

int
dists_parse(struct dist *d, const char *text, size_t *used,
    const struct dist_unit *unit, char *error, size_t size)
{
	char buf[1024], *next = buf, *words[WORDS];
	size_t n = 0;

	snprintf(buf, sizeof(buf), "%s", text);
	if (*text != '\0')
		while (n < WORDS && (words[n] = strsep(&next, " ")) != NULL)
			n++;
	return dist_parse(d, words, n, used, unit, error, size);
}

struct dist
dists_of(const char *text, const struct dist_unit *unit)
{
	struct dist d = { .kind = DIST_KINDS };
	char error[512];

	if (dists_parse(&d, text, NULL, unit, error, sizeof(error)) == -1)
		ok(0, "%s: %s", text, error);
	return d;
}
