/*
 * What has been counted since the start: by all workers that there ever were,
 * by the master, and by the masters before it, whose program this one has
 * replaced.  So no counter ever goes back, but by a restart.
 *
 * At an upgrade the old master hands its numbers on in a file in memory, each
 * with its name, so that the other program may know more of them, or fewer:
 * what it does not know, it hands on in its turn.  The old master keeps them
 * current until its last worker is gone.
 */
#ifndef SERVER_TOTALS_H
#define SERVER_TOTALS_H

#include <stdint.h>

#include "common/histogram.h"
#include "server/board.h"
#include "server/deaths.h"

struct totals {
	struct board_sum sum;	/* `idle' and `busy' are of now */
	struct histogram times[BOARD_TIMES];
	uint64_t deaths[DEATH_CAUSES];
	uint64_t reloads, reloads_failed;
	uint64_t upgrades, upgrades_failed;
};

/* Of one disk, by its name. */
struct totals_disk {
	uint64_t reads;
	uint64_t failed;	/* of them, as drawn or asked for */
	uint64_t waited;	/* of them, for a lane */
	struct histogram latency;	/* lane and service */
};

/* Fills these in, whatever was there.  It is large: rather not on a stack. */
void	totals_read(struct totals *);
void	totals_disk(unsigned int device, const char *name,
	    struct totals_disk *);

/*
 * The file for the new master, or -1 and errno.  totals_update brings it up
 * to date: for good, once nobody reads the totals of this master any more.
 */
int	totals_export(void);
void	totals_update(void);
void	totals_end_export(void);	/* the new master has failed */

/* Takes such a file over.  Gives 0, or -1: it is none of ours. */
int	totals_import(int fd);

#endif
