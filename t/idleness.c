#include <err.h>
#include <stdlib.h>

#include "t/idleness.h"

void
spans_add(struct spans *s, int64_t from, int64_t to)
{
	if (to <= from)
		return;
	if (s->n == s->room) {
		s->room = s->room == 0 ? 1024 : 2 * s->room;
		s->v = reallocarray(s->v, s->room, sizeof(*s->v));
		if (s->v == NULL)
			err(1, "spans");
	}
	s->v[s->n++] = (struct span){ from, to };
}

void
spans_append(struct spans *s, const struct spans *more)
{
	size_t i;

	for (i = 0; i < more->n; i++)
		spans_add(s, more->v[i].from, more->v[i].to);
}

void
spans_free(struct spans *s)
{
	free(s->v);
	*s = (struct spans){ .v = NULL };
}

/* As differences, until they are in order and can be summed up. */
static void
enter(struct idleness *d, const struct spans *s, int idle, int excused)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		d->v[d->n++] = (struct moment){ s->v[i].from, idle, excused };
		d->v[d->n++] = (struct moment){ s->v[i].to, -idle, -excused };
	}
}

static int
earlier(const void *a, const void *b)
{
	const struct moment *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

void
idleness_open(struct idleness *d, const struct spans *there,
    const struct spans *busy, const struct spans *excused)
{
	size_t i, n = there->n + busy->n + excused->n;

	d->n = 0;
	if ((d->v = calloc(2 * n + 1, sizeof(*d->v))) == NULL)
		err(1, "idleness");
	enter(d, there, 1, 0);
	enter(d, busy, -1, 0);
	enter(d, excused, 0, 1);
	qsort(d->v, d->n, sizeof(*d->v), earlier);
	for (i = 1; i < d->n; i++) {
		d->v[i].idle += d->v[i - 1].idle;
		d->v[i].excused += d->v[i - 1].excused;
	}
}

void
idleness_free(struct idleness *d)
{
	free(d->v);
	d->v = NULL;
}

/* The first moment behind a time: what holds then is what it follows. */
static size_t
behind(const struct idleness *d, int64_t at)
{
	size_t low = 0, high = d->n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (d->v[middle].at <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* How much of a span lies between moment i and the next one. */
static int64_t
part(const struct idleness *d, size_t i, const struct span *s)
{
	int64_t from = d->v[i].at > s->from ? d->v[i].at : s->from;
	int64_t to = i + 1 < d->n && d->v[i + 1].at < s->to ?
	    d->v[i + 1].at : s->to;

	return to > from ? to - from : 0;
}

int64_t
idleness_longest(const struct idleness *d, const struct span *s,
    int64_t *proven)
{
	int64_t longest = 0, stretch = 0, sure = 0;
	size_t i = behind(d, s->from);

	*proven = 0;
	for (i = i > 0 ? i - 1 : 0; i < d->n && d->v[i].at < s->to; i++) {
		if (part(d, i, s) == 0)
			continue;
		if (d->v[i].idle <= 0) {
			stretch = sure = 0;
			continue;
		}
		stretch += part(d, i, s);
		if (d->v[i].excused == 0)
			sure += part(d, i, s);
		longest = stretch > longest ? stretch : longest;
		*proven = sure > *proven ? sure : *proven;
	}
	return longest;
}

int64_t
idleness_watched(const struct idleness *d, const struct span *s)
{
	int64_t sum = 0;
	size_t i = behind(d, s->from);

	for (i = i > 0 ? i - 1 : 0; i < d->n && d->v[i].at < s->to; i++)
		if (d->v[i].idle > 0 && d->v[i].excused == 0)
			sum += part(d, i, s);
	return sum;
}
