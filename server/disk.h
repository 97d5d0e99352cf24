/*
 * The disk that a worker reads, and sleeps on.
 */
#ifndef SERVER_DISK_H
#define SERVER_DISK_H

#include <stdint.h>

#include "server/conf.h"
#include "server/model.h"

/* How a read ended. */
enum disk_end {
	DISK_NONE,		/* there was none */
	DISK_READ,		/* as drawn: well, or with its failure */
	DISK_FULL,		/* not begun: the disk is at its limit */
	DISK_GONE		/* the client hung up, and that ended it */
};

/* One read.  Times are in ns, points in time are clock_mono()'s. */
struct disk_read {
	uint64_t key;		/* of its draws */
	uint64_t number;	/* its place among the arrivals, from 0 */
	const struct model *model;	/* the condition that it met */
	struct model_draw draw;
	int64_t arrival;	/* when it took its place */
	int64_t lane;		/* how long it waited for a lane */
	int queued;		/* the disk has lanes, and it took one */
	uint64_t follows;	/* the request that had it until then; 0: none,
				   or it is not known */
	int64_t late;		/* how much longer it slept than it should */
	int64_t end;
	int seat;		/* -1: none */
	enum disk_end how;
};

/* The key of all draws of arrival `number' of this disk, for a name. */
uint64_t	disk_key(const struct conf_disk *, uint64_t number,
		    const char *name, size_t len);

/* What that arrival draws in a condition, where it is to read size bytes. */
void	disk_draw(const struct conf_disk *, const struct model *, uint64_t key,
	    uint64_t number, int64_t size, struct model_draw *);

/*
 * Enters the disk for a read of name, of len bytes: counts the arrival, which
 * makes its key, and takes a seat.  Gives 0, or -1: the disk is full, there
 * is no read, and nothing is drawn for it.
 */
int	disk_enter(const struct conf *, const struct conf_disk *,
	    unsigned int slot, const char *name, size_t len,
	    struct disk_read *);

/*
 * Draws, and takes a lane, for a read of size bytes.  asked is the service
 * time that the request wants, in ns, or negative for the model's; status what
 * it is to end in, or -1, likewise; id the request's.
 */
void	disk_begin(const struct conf *, const struct conf_disk *,
	    int64_t size, int64_t asked, int status, uint64_t id,
	    struct disk_read *);

/*
 * Reads: blocks for as long as the read takes, in its lane and before; or,
 * where the disk is interruptible, until the client at fd hangs up, or says
 * that it will send no more, which looks the same.
 */
void	disk_wait(const struct conf_disk *, int fd, struct disk_read *);

/* The read is over: what it took is known. */
void	disk_end(struct disk_read *);

/* Leaves the disk: the seat is free.  Harmless for who never entered it. */
void	disk_leave(const struct conf_disk *, struct disk_read *);

/*
 * The condition that most reads meet at time now: the one that is forced, or
 * else the schedule's, of which there are two within a ramp.
 */
const struct model	*disk_condition(const struct conf *,
			    const struct conf_disk *, int64_t now);

/* How long it took, lane included; 0 when there was none. */
int64_t	disk_time(const struct disk_read *);

#endif
