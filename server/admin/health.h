/*
 * Whether a client would be served: what a load balancer asks.
 *
 * It would, where the daemon runs, and a worker is idle, or workers take
 * connections: one has done so within the last second.  So a server that is
 * merely busy is well, and one whose workers are all stuck is not, a second
 * after the last of them was taken.
 */
#ifndef SERVER_ADMIN_HEALTH_H
#define SERVER_ADMIN_HEALTH_H

#include <stdio.h>

#include "server/admin/snapshot.h"

/* The status to answer with, 200 or 503; and writes a line that says why. */
int	health_write(const struct snapshot *, FILE *);

#endif
