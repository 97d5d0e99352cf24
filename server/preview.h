/*
 * What a configuration will do, before it runs: the times that its disks'
 * reads would take, without a network.
 */
#ifndef SERVER_PREVIEW_H
#define SERVER_PREVIEW_H

#include <stdio.h>

#include "server/conf.h"

#define PREVIEW_COUNT		10000	/* draws, where nobody says how many */
#define PREVIEW_COUNT_MAX	10000000

/*
 * Prints a table of count draws for each condition of each disk, and what the
 * table cannot show; with picture, draws them as well (picture.h).  The same
 * configuration prints the same.  Gives 0, or -1 and has said on stderr what
 * failed; the caller flushes the file, and sees whether it took all.
 */
int	preview_print(const struct conf *, size_t count, int picture,
	    FILE *);

#endif
