/*
 * Work for a daemon while something befalls it: a process with clients of
 * three kinds, whose reads are short, or long, or take no time.  Every request
 * that was begun is in the sum.
 *
 * What goes wrong here ends the test.
 */
#ifndef T_WORK_H
#define T_WORK_H

#include <sys/types.h>

#include <stdint.h>

struct work_sum {
	uint64_t sent;
	uint64_t answered;	/* whole, and with 200 */
	uint64_t reset;		/* cut off before the end of the reply */
	uint64_t others;	/* none of these two */
	int64_t worst;		/* the longest wait for a worker, ns */
};

struct work {
	pid_t pid;
	struct work_shared *shared;
	uint64_t awaited;
};

/* Begins, on a port of 127.0.0.1; returns when some have been answered. */
void	work_start(struct work *, int port);

/* Returns when so many more have been answered. */
void	work_await(struct work *, uint64_t more);

/* No more requests begin; those that have are waited for. */
void	work_end(struct work *, struct work_sum *);

/*
 * The same, and two tests: each request was answered, or cut off; and these are
 * no more than those that were killed had in their hands.  One in a
 * thousand kills, and one more, may have cut off another.
 */
void	work_judge(struct work *, size_t killed, const char *what);

#endif
