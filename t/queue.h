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
 * Sorts them by arrival, and says when each begins: at once, or when the first
 * of the servers is free.  Gives how many had another begin before.
 */
size_t	queue_serve(struct customer *, size_t n, size_t servers);

/* The mean of what they wait. */
double	queue_mean_wait(const struct customer *, size_t n);

#endif
