/* The truth log of a daemon under test, read back. */
#ifndef T_TRUTHS_H
#define T_TRUTHS_H

#include <stddef.h>
#include <stdint.h>

#include "t/daemon.h"
#include "t/queue.h"

/* One read.  Times are in ns; FOREVER as dist.h has it. */
struct truth_read {
	int64_t arrival;	/* since 1970 */
	int64_t at;		/* since the configuration was loaded */
	unsigned int slot;
	char disk[33];
	char condition[33];
	uint64_t number;
	int64_t service;
	int64_t lane;
	int64_t actual;
	char outcome[16];
	int status;
	char fault[16];
};

/* The log's name; lasts until the next call. */
const char	*truths_path(const struct daemon *);

/*
 * Starts a daemon with such a log, so many workers, the policy `shared', and
 * these statements.
 */
void	truths_start(struct daemon *, int workers, const char *statements);

/*
 * Waits until the log has n lines of a disk, NULL for any; reads at most max
 * of them, sorted by disk and number.  Gives how many there are.  Ends the
 * program at a line that is not like the others.
 */
size_t	truths_await(const struct daemon *, const char *disk, size_t n,
	    struct truth_read *, size_t max);

/* The same reads as customers of a queue. */
void	truths_customers(const struct truth_read *, size_t n,
	    struct customer *);

#endif
