#include <err.h>
#include <math.h>
#include <stdlib.h>

#include "t/traffic/samples.h"

void
samples_add(struct samples *s, int64_t ns)
{
	if (s->n == s->room) {
		s->room = s->room == 0 ? 4096 : s->room * 2;
		s->v = reallocarray(s->v, s->room, sizeof(*s->v));
		if (s->v == NULL)
			err(2, "%zu samples", s->room);
	}
	s->v[s->n++] = ns;
}

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

void
samples_sort(struct samples *s)
{
	if (s->n > 1)
		qsort(s->v, s->n, sizeof(*s->v), compare);
}

int64_t
samples_percentile(const struct samples *s, double p)
{
	double rank = ceil(p * (double)s->n);

	if (s->n == 0)
		return -1;
	return s->v[rank < 1 ? 0 : (size_t)rank - 1];
}

int64_t
samples_mean(const struct samples *s)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (s->v[i] == SAMPLES_NEVER)
			return SAMPLES_NEVER;
		sum += (double)s->v[i];
	}
	return s->n == 0 ? -1 : (int64_t)(sum / (double)s->n);
}

void
samples_free(struct samples *s)
{
	free(s->v);
	s->v = NULL;
	s->n = s->room = 0;
}
