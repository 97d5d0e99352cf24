/*
 * Clients that loiter: each connects and says nothing, or one byte of a request
 * a second, and when the server has had enough of it does so again.
 *
 * They are in a process of their own, so that their number makes nobody else in
 * the test late.
 */
#ifndef T_LOITER_H
#define T_LOITER_H

#include <sys/types.h>

#include <stdint.h>

#include "common/addr.h"

struct loiter_plan {
	struct addr server;
	int silent, slow;	/* how many of each */
	int rate;		/* connections begun a second, at most */
};

/* Of each kind: those that are silent, and those that are slow. */
enum loiter_kind { LOITER_SILENT, LOITER_SLOW, LOITER_KINDS };

struct loiter_sum {
	unsigned long begun;	/* connections */
	unsigned long failed;	/* of them could not be had */
	unsigned long late;	/* got a 408 */
	unsigned long closed;	/* got an end, and no word */
	unsigned long reset;
	unsigned long others;	/* got something else */
	int64_t longest;	/* life of one that the server has ended, ns */
	int most;		/* that were there at the same time */
};

struct loiter {
	pid_t pid;
	int orders;		/* a pipe */
	struct loiter_shared *shared;
};

/* Starts the process.  Ends the program where it cannot. */
void	loiter_open(struct loiter *, const struct loiter_plan *);

/* They come, at their rate; or all of them go. */
void	loiter_order(struct loiter *, int come);

/* Ends the process.  Gives what it has seen. */
void	loiter_close(struct loiter *, struct loiter_sum sums[LOITER_KINDS]);

#endif
