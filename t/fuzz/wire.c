/*
 * The study's form, /RC,MS,PATH.  The input is a path; its first byte is taken
 * for a /, as every path has one.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/wire.h"
#include "t/fuzz/fuzz.h"

static const int64_t max_delays[] = {
	0, CLOCK_MS - 1, CLOCK_MS, CLOCK_S, 3600 * CLOCK_S, 86400 * CLOCK_S
};

static void
check_good(const struct wire *w, const char *path, size_t len,
    int64_t max_delay)
{
	const size_t disk = wire_disk(w);

	FUZZ_LAW(w->status == 200 || (w->status >= 400 && w->status <= 599),
	    "a status is 200, or 400 to 599");
	FUZZ_LAW(w->delay == WIRE_BY_MODEL || (w->delay >= 0 &&
	    w->delay <= max_delay && w->delay % CLOCK_MS == 0),
	    "a time is whole milliseconds, up to max-delay");
	FUZZ_LAW(w->name > path && w->name + w->name_len == path + len,
	    "the name is the path's end");
	FUZZ_LAW(disk <= w->name_len && memchr(w->name, '/', disk) == NULL &&
	    (disk == w->name_len || w->name[disk] == '/'),
	    "the disk is the name's first segment");
	FUZZ_LAW(w->name == path + 1 || w->name_len > 0,
	    "the study's form has a name");
}

/* What it asks for, written down, asks for the same. */
static void
check_again(const struct wire *w, int64_t max_delay)
{
	char front[64], *path;
	struct wire again;
	int n;

	n = w->delay == WIRE_BY_MODEL ?
	    snprintf(front, sizeof(front), "/%d,-1,", w->status) :
	    snprintf(front, sizeof(front), "/%d,%" PRId64 ",", w->status,
	    w->delay / CLOCK_MS);
	path = malloc((size_t)n + w->name_len);
	if (path == NULL)
		abort();
	memcpy(path, front, (size_t)n);
	memcpy(path + n, w->name, w->name_len);
	FUZZ_LAW(wire_parse(path, (size_t)n + w->name_len, max_delay,
	    &again) == NULL && again.status == w->status &&
	    again.delay == w->delay && again.name == path + n &&
	    again.name_len == w->name_len, "it says what it has read");
	free(path);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	int64_t max_delay;
	struct fuzz_dice d;
	struct wire w;
	const char *why;
	char *path;

	if (len == 0)
		return 0;
	path = fuzz_copy(bytes, len);
	path[0] = '/';
	fuzz_dice(&d, bytes, len);
	max_delay = max_delays[fuzz_choose(&d,
	    sizeof(max_delays) / sizeof(max_delays[0]))];
	memset(&w, 0x55, sizeof(w));
	why = wire_parse(path, len, max_delay, &w);
	if (why != NULL) {
		FUZZ_LAW(fuzz_is_message(why), "what is wrong is told");
	} else {
		check_good(&w, path, len, max_delay);
		if (w.name_len > 0)
			check_again(&w, max_delay);
	}
	free(path);
	return 0;
}
