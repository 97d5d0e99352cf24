/*
 * Requests on their way: the part of the client that talks to the network.
 * For client.c.
 */
#ifndef T_TRAFFIC_REQUEST_H
#define T_TRAFFIC_REQUEST_H

#include <stdint.h>

#include "t/traffic/client.h"

/* Before and after all others.  Exits when there is no way to begin. */
void	request_open(const struct addr *);
void	request_close(void);

/* ns since request_open, as are all times here. */
int64_t	request_now(void);

/* Begins a request that was due then.  It may be over at once. */
void	request_start(struct stream *, int64_t due);

/* Ends a request: counts it, and gives back what it held. */
void	request_over(struct request *, enum outcome);

/* Ends those that have run out of time at t. */
void	request_expire(struct stream *, int64_t t);

/* When the next one runs out of time; INT64_MAX when there is none. */
int64_t	request_deadline(const struct stream *);

/* Moves requests on as answers come in, until then at the latest. */
void	request_wait(int64_t until);

#endif
