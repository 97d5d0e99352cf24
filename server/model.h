/*
 * What the reads of a disk are like, under one of its conditions; and what
 * one read draws from it.
 *
 * A draw is a function of its key alone (common/draw.h), so it is the same in
 * every worker and every run.  It costs no allocation, no lock, and no system
 * call.
 */
#ifndef SERVER_MODEL_H
#define SERVER_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include "common/dist.h"
#include "common/schedule.h"

#define MODEL_RUNGS	8	/* of a ladder, at most */
#define MODEL_ALL	INT64_C(1000000)	/* all reads, in ppm */

/* What happens to a reply. */
enum model_fault_kind {
	FAULT_NONE,
	FAULT_RESET,		/* the connection is reset instead */
	FAULT_TRUNCATE,		/* it ends in the middle of the body */
	FAULT_STALL,		/* the body stops in the middle, and goes on */
	FAULT_GARBAGE,		/* bytes that are no HTTP come instead */
	FAULT_KINDS
};

/* A share of the reads, or of the replies, and how these go instead. */
struct model_rung {
	int64_t ppm;		/* of all, parts per million */
	struct dist time;	/* how long the read takes, the reply stalls */
	int status;		/* of a read: 200, or a failure's */
	enum model_fault_kind fault;	/* of a reply */
};

/* The rungs of one keyword, in the order of the file. */
struct model_ladder {
	size_t n;
	struct model_rung v[MODEL_RUNGS];
};

/* One condition.  Of all shares, slow and fail together are at most all. */
struct model {
	char name[SCHEDULE_NAME_MAX + 1];
	uint64_t hash;		/* model_hash of that */
	struct dist read;	/* service time, ns */
	int64_t slowdown;	/* ppm: `read' takes so many times as long */
	int64_t bandwidth;	/* bytes/s, adds size / bandwidth; 0: none */
	struct model_ladder slow;
	struct model_ladder fail;
	struct model_ladder faults;
	unsigned int line;	/* in the file; 0: built in */
};

struct model_draw {
	int64_t service;	/* ns; DIST_FOREVER: never ends by itself */
	int status;		/* what the read ends in: 200, or 400 to 599 */
	enum model_fault_kind fault;
	int64_t stall;		/* ns, of FAULT_STALL */
	const struct model_rung *rung;	/* of slow or fail; NULL: an ordinary
					   read */
};

/*
 * The streams of a key: one for each independent decision about a request.
 */
enum model_stream {
	MODEL_CONDITION,	/* within a ramp */
	MODEL_SHARE,		/* read, or which rung */
	MODEL_TIME,
	MODEL_FAULT,
	MODEL_STALL,
	MODEL_SIZE,
	MODEL_ASK_DELAY,	/* what a query leaves to chance */
	MODEL_ASK_STATUS,
	MODEL_ASK_SIZE,
	MODEL_ASK_CLOSE
};

/*
 * Draws the read with this key, of size bytes.  number is its place among the
 * reads, from 0, for traces in sequence.
 */
void	model_draw(const struct model *, uint64_t key, uint64_t number,
	    int64_t size, struct model_draw *);

/*
 * What stands for a condition's name where a name would be too long: the same
 * in each process and version.  Never 0.
 */
uint64_t	model_hash(const char *name);

/* "none", or the word of the configuration. */
const char	*model_fault_name(enum model_fault_kind);

#endif
