/*
 * Whether a server has the problem, by what became of requests.  Pure.
 */
#ifndef T_TEST_VERDICT_H
#define T_TEST_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* spindled-test's exit status. */
enum problem { PROBLEM_NO, PROBLEM_YES, PROBLEM_UNKNOWN };

/* The healthy requests of one part. */
struct verdict_part {
	uint64_t sent;
	uint64_t timed_out;
	uint64_t failed;	/* otherwise: refused, cut off, not 2xx */
	uint64_t local;		/* not sent, since something ran out here */
	uint64_t late;		/* the client began them too late */
	bool behind;		/* the client was not on its schedule */
};

struct verdict_case {
	struct verdict_part before, during;
	uint64_t wanted;	/* long reads at once */
	uint64_t under_way;	/* of these at the end */
	uint64_t quick;		/* long reads that were answered too soon */
	uint64_t broken;	/* that were cut off, or nobody listened */
	int status;		/* of a long read that was refused; 0: none */
	int64_t tolerate;	/* failures that are no problem, ppm of sent */
};

#define VERDICT_EVIDENCE 256

/* Says why in evidence, a sentence without its full stop. */
enum problem	verdict_reach(const struct verdict_case *, char *evidence,
		    size_t size);

/* "no", "yes", "unknown" */
const char	*verdict_name(enum problem);

#endif
