/*
 * What has been counted since the start: by all workers that there ever were,
 * by the master, and by the masters before it, whose program this one has
 * replaced.  So no counter ever goes back, but by a restart.
 *
 * At an upgrade the old master hands its numbers on in a ledger (ledger.h),
 * and keeps them current until its last worker is gone.  Those that it has
 * itself inherited are in its ledger where their masters have ended, and are
 * handed on as they are where not.  What a version does not know, it hands on.
 */
#ifndef SERVER_TOTALS_H
#define SERVER_TOTALS_H

#include <stddef.h>
#include <stdint.h>

#include "common/histogram.h"
#include "server/board.h"
#include "server/deaths.h"

#define TOTALS_LEDGERS	16	/* masters that have not ended yet */

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

/* The same of what needs no histograms. */
struct board_sum	totals_sum(void);

/*
 * The ledgers for a new master: gives their number, 1 to TOTALS_LEDGERS, or 0
 * and errno.  They stay this module's.
 */
size_t	totals_export(int fds[TOTALS_LEDGERS]);

/* The new master has failed: there is nothing to hand on. */
void	totals_keep(void);

/*
 * Brings it up to date, where there is a ledger: first when nobody reads the
 * totals of this master any more and before anybody reads the new one's, then
 * again and again until, for the last time, no worker is left.
 */
void	totals_update(void);
void	totals_end(void);

/* The same when it is time for it, and when that is; INT64_MAX: never. */
void	totals_tick(int64_t now);
int64_t	totals_deadline(void);

/*
 * Takes a ledger over, which is this module's then.  Gives 0, or -1: it is
 * none, or one too many.
 */
int	totals_import(int fd);

/* Closes in a worker what it has inherited. */
void	totals_leave(void);

#endif
