#include <err.h>
#include <stdlib.h>

#include "t/queue.h"

/* Who came at the same time was served in some order: in this one. */
static int
compare(const void *a, const void *b)
{
	const struct customer *x = a, *y = b;

	if (x->arrival != y->arrival)
		return x->arrival < y->arrival ? -1 : 1;
	return (x->begin > y->begin) - (x->begin < y->begin);
}

/* Serves those that are sorted.  Gives how many begins this changes. */
static size_t
serve(struct customer *v, size_t n, size_t servers)
{
	int64_t free_at[QUEUE_SERVERS] = { 0 }, begin;
	size_t i, j, best, changed = 0;

	if (servers > QUEUE_SERVERS)
		errx(1, "more than %d servers", QUEUE_SERVERS);
	for (i = 0; i < n; i++) {
		for (best = 0, j = 1; j < servers; j++)
			if (free_at[j] < free_at[best])
				best = j;
		begin = v[i].arrival > free_at[best] ? v[i].arrival :
		    free_at[best];
		changed += v[i].begin != begin;
		v[i].begin = begin;
		free_at[best] = begin + v[i].service;
	}
	return changed;
}

size_t
queue_serve(struct customer *v, size_t n, size_t servers)
{
	qsort(v, n, sizeof(*v), compare);
	return serve(v, n, servers);
}

double
queue_mean_wait(const struct customer *v, size_t n)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += (double)(v[i].begin - v[i].arrival);
	return sum / (double)n;
}
