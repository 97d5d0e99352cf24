/*
 * The devices behind the disks: what all workers share of them.
 *
 * A device is a queue of lanes, a number of seats, and a count of arrivals, in
 * memory that the master makes before the first fork.  It belongs to a disk's
 * name for as long as the daemon runs, whatever a reload changes.  Nobody
 * holds a lock, and a worker that dies in a read leaves nothing behind that
 * others wait for: the queue is arithmetic, and the master gives its seat back.
 */
#ifndef SERVER_DEVICE_H
#define SERVER_DEVICE_H

#include <stdint.h>

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
 * is then or before.  Who has come earlier by this has the place in front.
 *
 * service is at least 1: a read that took no time would not be seen by those
 * who look at the lane meanwhile, and one of them could get in front of it.
 * A read that never ends must not take a lane: nothing would free it.
 */
int64_t	device_queue(unsigned int device, int64_t lanes, int64_t service,
	    int64_t *arrival);

/*
 * Takes one of limit seats, 1 to BOARD_SLOTS, for the worker in slot, which
 * has none.  Gives the seat, or -1: all are taken.
 */
int	device_enter(unsigned int device, int64_t limit, unsigned int slot);

/* Gives it back. */
void	device_leave(unsigned int device, int seat);

/* The worker in slot is dead and reaped: its seat is free.  For the master. */
void	device_bury(unsigned int slot);

/* Whose it is: the name of a disk.  For the master. */
const char	*device_name(unsigned int device);

/* Seats that are taken at this moment. */
unsigned int	device_inside(unsigned int device);

#endif
