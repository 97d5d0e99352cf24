/*
 * An HTTP client that keeps to a schedule: one thread, one connection for
 * each request, any number of streams of requests at once.
 *
 * An open stream has a rate.  Its requests begin when they are due, whatever
 * has become of those before, and their latency counts from when they were
 * due: a client that is late does not hide it (no coordinated omission).
 * A closed stream has a number of clients, each of which asks again as soon
 * as it is answered.
 */
#ifndef T_TRAFFIC_CLIENT_H
#define T_TRAFFIC_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/addr.h"
#include "t/traffic/samples.h"

/* What became of a request. */
enum outcome {
	OUTCOME_OK,		/* answered, 2xx, whole */
	OUTCOME_TIMEOUT,	/* not answered in time */
	OUTCOME_REFUSED,	/* nobody listens, or is to be reached */
	OUTCOME_RESET,		/* cut off before the end of the answer */
	OUTCOME_STATUS,		/* answered, but not 2xx */
	OUTCOME_LOCAL,		/* our own side: descriptors, ports, memory */
	OUTCOME_CUT,		/* still on its way when the run was over */
	OUTCOMES
};

struct stream {
	/* Set these; all times are nanoseconds since the run began. */
	const char *name;
	const char *request;	/* the bytes to send */
	double rate;		/* requests a second; 0: a closed stream */
	bool poisson;		/* rate: random gaps rather than equal ones */
	uint64_t seed;		/* poisson: the same seed, the same gaps */
	unsigned int clients;	/* closed: how many ask at once */
	uint64_t most;		/* requests; 0: as many as fit */
	int64_t begin, end;	/* requests begin within */
	int64_t count_from;	/* earlier ones are for warming up */
	int64_t timeout;	/* for one request, from when it was due */
	int64_t pause;		/* closed: a client's, when it has failed */
	int64_t asked;		/* how long the server shall read; -1: unknown */
	bool background;	/* ends with the others, cut off */
	void (*over)(const struct stream *, int64_t due, int64_t took,
	    enum outcome);	/* called for each counted request, or NULL */
	void *arg;		/* over's own */

	/* What came of it: requests that were due since count_from. */
	uint64_t outcomes[OUTCOMES];
	struct samples latency;	/* failed ones took SAMPLES_NEVER */
	struct samples lag;	/* open: how late we began */
	struct samples queue;	/* the server's own queue time */
	struct samples late;	/* the server's read beyond what was asked */
	uint64_t warmups;	/* requests that were not counted */
	double answers;		/* good ones within the counted time */
	double bytes;		/* of their bodies, likewise */
	int status;		/* of the last that was not good; 0: none */
	int64_t last;		/* when the last good one came */

	/* The client's own. */
	uint64_t started;	/* requests so far, the first of them included */
	int64_t next;		/* no request begins before */
	uint64_t random;	/* state of the gaps */
	unsigned int busy;	/* requests on their way */
	int64_t *pauses;	/* of clients that have failed, until when: */
	unsigned int first, paused; /* a ring of `clients', in order */
	struct request *oldest, *newest; /* those, in order of their deadlines */
};

/* Somebody who wants to see how it goes on. */
struct watcher {
	int64_t every;		/* ns */
	void (*look)(struct watcher *, const struct stream *, size_t n,
	    int64_t now);	/* ns since the run began */
};

/*
 * Runs all streams to their ends.  Exits when it cannot even begin.  Every
 * request that was started is in the streams' counts afterwards, or the
 * program aborts.  The watcher may be NULL.
 */
void	client_run(const struct addr *, struct stream *, size_t n,
	    struct watcher *);

/* Forgets what a run has measured. */
void	client_free(struct stream *, size_t n);

/* Requests started since count_from: the sum of the outcomes. */
uint64_t	client_sent(const struct stream *);

/* How many of an open stream's began more than bound (ns) late. */
size_t	client_late(const struct stream *, int64_t bound);

/* Whether these are more than one in a hundred, so that figures say little. */
bool	client_behind(const struct stream *, int64_t bound);

/* Good answers a second, over the counted time; and bytes of their bodies. */
double	client_rate(const struct stream *);
double	client_bytes_rate(const struct stream *);

extern const char *const outcome_names[OUTCOMES];

#endif
