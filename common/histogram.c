#include <math.h>

#include "common/histogram.h"

/* The bits of an octave's part. */
#define PART_BITS	3

_Static_assert(HISTOGRAM_PARTS == 1 << PART_BITS, "parts have whole bits");

static uint64_t
get(const _Atomic uint64_t *n)
{
	return atomic_load_explicit(n, memory_order_relaxed);
}

static void
put(_Atomic uint64_t *n, uint64_t value)
{
	atomic_store_explicit(n, value, memory_order_relaxed);
}

int64_t
histogram_edge(unsigned int i)
{
	unsigned int octave, part;

	if (i == 0)
		return 0;
	if (i >= HISTOGRAM_BUCKETS)
		return INT64_MAX;
	octave = (i - 1) / HISTOGRAM_PARTS + HISTOGRAM_FIRST;
	part = (i - 1) % HISTOGRAM_PARTS;
	return (INT64_C(1) << octave) +
	    ((int64_t)part << (octave - PART_BITS));
}

void
histogram_add(struct histogram *h, int64_t ns)
{
	_Atomic uint64_t *bucket = &h->buckets[histogram_index(ns)];
	const uint64_t value = ns > 0 ? (uint64_t)ns : 0;

	/* There is one writer: no locked instruction is needed. */
	put(bucket, get(bucket) + 1);
	put(&h->sum, get(&h->sum) + value);
	if (value > get(&h->max))
		put(&h->max, value);
}

void
histogram_add_shared(struct histogram *h, int64_t ns)
{
	const uint64_t value = ns > 0 ? (uint64_t)ns : 0;
	uint64_t max = get(&h->max);

	atomic_fetch_add_explicit(&h->buckets[histogram_index(ns)], 1,
	    memory_order_relaxed);
	atomic_fetch_add_explicit(&h->sum, value, memory_order_relaxed);
	while (value > max && !atomic_compare_exchange_weak_explicit(&h->max,
	    &max, value, memory_order_relaxed, memory_order_relaxed))
		continue;
}

void
histogram_merge(struct histogram *h, const struct histogram *other)
{
	unsigned int i;
	uint64_t n;

	for (i = 0; i < HISTOGRAM_BUCKETS; i++)
		if ((n = get(&other->buckets[i])) > 0)
			put(&h->buckets[i], get(&h->buckets[i]) + n);
	put(&h->sum, get(&h->sum) + get(&other->sum));
	if (get(&other->max) > get(&h->max))
		put(&h->max, get(&other->max));
}

void
histogram_subtract(struct histogram *h, const struct histogram *earlier)
{
	unsigned int i;

	for (i = 0; i < HISTOGRAM_BUCKETS; i++)
		put(&h->buckets[i], get(&h->buckets[i]) -
		    get(&earlier->buckets[i]));
	put(&h->sum, get(&h->sum) - get(&earlier->sum));
}

uint64_t
histogram_below(const struct histogram *h, unsigned int i)
{
	uint64_t n = 0;
	unsigned int k;

	for (k = 0; k < i && k < HISTOGRAM_BUCKETS; k++)
		n += get(&h->buckets[k]);
	return n;
}

uint64_t
histogram_count(const struct histogram *h)
{
	return histogram_below(h, HISTOGRAM_BUCKETS);
}

/* The middle of a bucket; of one that has no end, the largest value. */
static int64_t
middle(const struct histogram *h, unsigned int i)
{
	const int64_t max = (int64_t)get(&h->max);
	int64_t at;

	if (i == HISTOGRAM_BUCKETS - 1)
		return max;
	at = histogram_edge(i) +
	    (histogram_edge(i + 1) - histogram_edge(i)) / 2;
	return at < max ? at : max;
}

int64_t
histogram_quantile(const struct histogram *h, double q)
{
	const uint64_t n = histogram_count(h);
	uint64_t rank = (uint64_t)ceil(q * (double)n), seen = 0;
	unsigned int i;

	if (n == 0)
		return -1;
	if (rank < 1)
		rank = 1;
	/* Whoever adds meanwhile only makes the sum larger. */
	for (i = 0; i < HISTOGRAM_BUCKETS - 1; i++)
		if ((seen += get(&h->buckets[i])) >= rank)
			break;
	return middle(h, i);
}

void
histogram_octaves(const struct histogram *h, unsigned int first,
    unsigned int n, uint64_t *rows)
{
	const unsigned int from = (first - HISTOGRAM_FIRST) *
	    HISTOGRAM_PARTS + 1;
	unsigned int i, row;

	for (row = 0; row < n; row++)
		rows[row] = 0;
	for (i = 0; i < HISTOGRAM_BUCKETS; i++) {
		row = i < from ? 0 : (i - from) / HISTOGRAM_PARTS;
		rows[row < n ? row : n - 1] += get(&h->buckets[i]);
	}
}
