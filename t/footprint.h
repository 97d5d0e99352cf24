/* What a daemon takes of the memory, as the kernel counts it. */
#ifndef T_FOOTPRINT_H
#define T_FOOTPRINT_H

#include <stddef.h>

#include "t/daemon.h"

#define FOOTPRINT_WORKERS	64	/* at most */

/* Of the master, and of all workers together. */
struct footprint {
	long long master_private;	/* kB, as all of these */
	long long master_shared;
	long long master_own;		/* not of a file; workers share it until
					   either writes it */
	long long workers_private;
	long long workers_shared;
	long long workers_own;
	long long master_mappings;	/* how many */
	long long workers_mappings;
};

struct footprint	footprint_of(const struct daemon *);

#endif
