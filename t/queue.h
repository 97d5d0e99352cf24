/*
 * What a queue with several servers, first come, first served, has to do: the
 * recursion of J. Kiefer and J. Wolfowitz, "On the theory of queues with many
 * servers", Trans. AMS 78 (1955), which is Lindley's where there is one.
 */
#ifndef T_QUEUE_H
#define T_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#define QUEUE_SERVERS 1024

/* One customer.  All times are in one unit, from one origin. */
struct customer {
	int64_t arrival;
	int64_t service;
	int64_t begin;		/* of the service */
};

/*
 * Sorts them by arrival, and gives how many do not begin when they should: at
 * once, or when the first of the servers is free.
 */
size_t	queue_wrong(struct customer *, size_t n, size_t servers);

#endif
