/*
 * The devices behind the disks: what all workers share of them.
 *
 * A device is a queue of lanes, a number of seats, what is counted of its
 * reads, and a condition that may be forced upon it, in memory that the master
 * makes before the first fork.  It belongs to a disk's
 * name for as long as the daemon runs, whatever a reload changes.  Nobody
 * holds a lock, and a worker that dies in a read leaves nothing behind that
 * others wait for: the queue is arithmetic, and the master gives its seat back.
 */
#ifndef SERVER_DEVICE_H
#define SERVER_DEVICE_H

#include <stdint.h>

#include "common/histogram.h"
#include "server/conf.h"

#define DEVICES_MAX	(4 * CONF_DISK_MAX)	/* names, over all reloads */

/* Makes the devices, before the first fork.  Gives 0, or -1 and errno. */
int	device_open(void);

/*
 * Gives each disk of a configuration its device: the one that its name has
 * had before, or a new one; with all in use, one that old, the configuration
 * in force, does not name.  old may be NULL.  Before the first fork of a
 * generation.
 */
void	device_assign(struct conf *, const struct conf *old);

/* The arrival's number on this device, from 0. */
uint64_t	device_arrival(unsigned int device);

/*
 * Takes the lane that is free first, of the first `lanes' ones, 1 to
 * CONF_LANES_MAX, for service ns: the lowest of several.  Gives when the read
 * begins, a time of clock_mono(), and when it took its place, *arrival, which
 * is then or before, and which lane it is.  Who has come earlier by this has
 * the place in front.
 *
 * service is at least 1: a read that took no time would not be seen by those
 * who look at the lane meanwhile, and one of them could get in front of it.
 * A read that never ends must not take a lane: nothing would free it.
 */
int64_t	device_queue(unsigned int device, int64_t lanes, int64_t service,
	    int64_t *arrival, unsigned int *lane);

/*
 * Takes one of limit seats, 1 to BOARD_SLOTS, for the worker in slot, which
 * has none.  Gives the seat, or -1: all are taken.
 */
int	device_enter(unsigned int device, int64_t limit, unsigned int slot);

/* Gives it back. */
void	device_leave(unsigned int device, int seat);

/* The worker in slot is dead and reaped: its seat is free.  For the master. */
void	device_bury(unsigned int slot);

/*
 * Who has had that lane before the read that begins at `begin', and was still
 * in it then; and that it is now that of the request `id', until end.  Gives
 * its id; 0: it was free, or somebody has been so fast that it is not known.
 */
uint64_t	device_follow(unsigned int device, unsigned int lane,
		    int64_t begin, int64_t end, uint64_t id);

/* A read of it is over, after ns, lane included; waited: for a lane. */
void	device_count(unsigned int device, int64_t ns, int waited, int failed);

/*
 * Forces a condition, by its model_hash, upon all reads that begin before
 * until, clock_mono(); INT64_MAX: all from now on.  hash 0: back to the
 * schedule.  For the master.
 */
void	device_force(unsigned int device, uint64_t hash, int64_t until);

/* What is forced at time now: its hash, or 0; until may be NULL. */
uint64_t	device_forced(unsigned int device, int64_t now, int64_t *until);

/* Whose it is: the name of a disk.  For the master. */
const char	*device_name(unsigned int device);

/* The device of that name, or -1.  For the master. */
int	device_find(const char *name);

/* Seats that are taken at this moment. */
unsigned int	device_inside(unsigned int device);

/* Of the first `lanes' lanes, those that are taken at time now. */
unsigned int	device_lanes_busy(unsigned int device, int64_t lanes,
		    int64_t now);

/* What there is to know of a device, for those who are not the master. */
struct device_about {
	char name[CONF_NAME_MAX + 1];
	int current;		/* the configuration in force has such a disk */
	int64_t lanes;		/* as in struct conf_disk */
	int64_t limit;
	unsigned int n;		/* conditions that it can be in */
	char conditions[CONF_CONDITION_MAX][SCHEDULE_NAME_MAX + 1];

	uint64_t reads;		/* that are over */
	uint64_t failed;	/* of them, as drawn or asked for */
	uint64_t waited;	/* of them, for a lane */
};

/* Devices that were ever in use: those below this number. */
unsigned int	device_used(void);

void	device_about(unsigned int device, struct device_about *);

/* Adds its histogram, of lane and service together, to this one. */
void	device_merge(unsigned int device, struct histogram *);

/* The condition of that model_hash that it can be in, or NULL. */
const char	*device_condition(const struct device_about *, uint64_t hash);

#endif
