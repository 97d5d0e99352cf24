/*
 * A line on the terminal that tells how far a part of The Test is.
 */
#ifndef T_TEST_PROGRESS_H
#define T_TEST_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "t/test/options.h"
#include "t/traffic/client.h"

struct progress {
	struct watcher watcher;	/* for client_run */
	const char *part;
	int64_t duration;	/* of the part, ns */
	bool shown;		/* standard error is a terminal, and not quiet */
};

void	progress_begin(struct progress *, const struct options *,
	    const char *part, int64_t duration);

/* Takes the line away. */
void	progress_end(const struct progress *);

#endif
