/*
 * How many workers there are to be, where their number follows what is asked
 * of them: some are kept idle while others are stuck, and who was added goes
 * again after a calm spell.  Pure.
 */
#ifndef SERVER_MUSTER_H
#define SERVER_MUSTER_H

#include <stdint.h>

struct muster {
	unsigned int min, max;
	unsigned int spare;	/* to be idle; 0: the number is min */
	int64_t calm;		/* ns */

	unsigned int wanted;	/* min to max */
	int64_t calm_since;	/* more were idle than have to be */
	unsigned int surplus;	/* the fewest that were, since then */
};

/* What they are doing. */
struct muster_census {
	unsigned int idle, busy, starting;
	unsigned int queued;	/* connections that wait for one */
};

/* For a new configuration: wanted stays where it is, as far as that goes. */
void	muster_configure(struct muster *, unsigned int min, unsigned int max,
	    unsigned int spare, int64_t calm, int64_t now);

/* Takes what is so at time now into account, and sets wanted. */
void	muster_decide(struct muster *, const struct muster_census *,
	    int64_t now);

#endif
