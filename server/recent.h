/*
 * The requests that ended last, each with where its time went, in a ring in
 * memory that all processes share; and the ids of requests.
 *
 * A worker that is killed while it writes, or that sleeps for a whole turn of
 * the ring, spoils one entry: a reader can tell that from one that is whole.
 */
#ifndef SERVER_RECENT_H
#define SERVER_RECENT_H

#include <sys/types.h>

#include <stdint.h>

#define RECENT_MAX	4096	/* requests */
#define RECENT_LINE	80	/* bytes of a request's line that are kept */
#define RECENT_ID	16	/* digits of an id */

/* One request.  Times are in ns. */
struct recent {
	uint64_t id;
	int64_t arrived;	/* clock_real(); but who puts it there puts
				   clock_mono()'s time, which costs less */
	int64_t total;		/* from then to the end of its reply */
	int64_t queue;		/* of that, until it was read, */
	int64_t lane;		/* in the queue of its disk, */
	int64_t disk;		/* in the disk, without that queue, */
	int64_t reply;		/* and for the reply */
	uint64_t behind_queue;	/* the request that its worker was busy with
				   when it came; 0: none, or it is not known */
	uint64_t behind_lane;	/* the one that had the lane before; likewise */
	uint64_t condition;	/* see model_hash; 0: it read nothing */
	uint64_t bytes;		/* of the body, sent */
	unsigned int slot;
	pid_t pid;
	int device;		/* -1: it never came so far */
	int status;
	int error;		/* enum error_kind */
	int fault;		/* enum model_fault_kind */
	unsigned int len;	/* of the line */
	char line[RECENT_LINE];	/* its beginning, as it came */
};

/* Makes the ring, before the first fork.  Gives 0, or -1 and errno. */
int	recent_open(void);

/*
 * The id of a request: its upper half is by chance, once for each master, and
 * its lower half counts.  Never 0.
 */
uint64_t	recent_id(void);

/* The request has ended.  For the worker that had it. */
void	recent_put(const struct recent *);

/*
 * The request of that id; or the one that ended last; or the one that took
 * longest of those that there are.  Gives 0, or -1: there is none.
 */
int	recent_find(uint64_t id, struct recent *);
int	recent_last(struct recent *);
int	recent_slowest(struct recent *);

#endif
