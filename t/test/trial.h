/*
 * The Test itself: healthy requests before and during long reads, and what
 * became of them.
 */
#ifndef T_TEST_TRIAL_H
#define T_TEST_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "t/test/options.h"
#include "t/test/verdict.h"
#include "t/traffic/client.h"

/* The client was too late for the value to say anything about the server. */
#define TRIAL_WITHHELD	INT64_C(-2)

/* A healthy request. */
struct event {
	int64_t at;		/* when it was due; ns since long reads began,
				   or would have; before 0 in the first part */
	int64_t took;		/* ns */
	enum outcome outcome;
};

/* Healthy requests of both parts, and the long ones of the second. */
enum { TRIAL_BEFORE, TRIAL_DURING, TRIAL_LONG, TRIAL_STREAMS };

struct trial {
	const struct options *options;
	char requests[2][URL_REQUEST];	/* a healthy one, a long one */
	struct stream streams[TRIAL_STREAMS];
	uint64_t quick;		/* long reads that were not long */
	struct event *events;	/* of both parts, in the order of their ends */
	size_t nevents;
};

/*
 * Carries it out.  Gives 0, or -1 when there is nothing to measure, and why.
 * Either way, trial_free gives back what it holds.
 */
#define TRIAL_WHY 256
int	trial_run(struct trial *, const struct options *, char *why,
	    size_t size);
void	trial_free(struct trial *);

/*
 * The latency that at least the share p of a part's requests did not exceed,
 * in ns; SAMPLES_NEVER when too many failed for that, -1 when there were none,
 * or TRIAL_WITHHELD.
 */
int64_t	trial_quantile(const struct trial *, int part, double p);

/* Whether the client was behind its own schedule in that part. */
bool	trial_behind(const struct trial *, int part);

/* What is to be judged. */
struct verdict_case	trial_case(const struct trial *);

#endif
