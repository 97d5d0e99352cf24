/*
 * Histograms: their buckets, their quantiles against sorted values, and many
 * who add to one at the same time.
 */
#include <sys/mman.h>
#include <sys/wait.h>

#include <err.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/draw.h"
#include "common/histogram.h"
#include "t/check.h"

#define VALUES	5000		/* of a set */
#define SETS	60
#define ADDERS	4		/* processes */
#define EACH	50000LL		/* values that each of them adds */

static struct histogram h, other;

static void
clear(void)
{
	memset(&h, 0, sizeof(h));
	memset(&other, 0, sizeof(other));
}

/* Each bucket begins where the one before it ends, and has what it should. */
static void
test_edges(void)
{
	unsigned int i, wrong = 0, wide = 0;
	int64_t edge, next;

	is_int(HISTOGRAM_BUCKETS, 242, "buckets");
	is_int(histogram_edge(0), 0, "the first begins at 0");
	is_int(histogram_edge(1), 1024, "the second at 2^10 ns");
	is_int(histogram_edge(2), 1152, "the third an eighth behind");
	is_int(histogram_edge(9), 2048, "an octave has 8 of them");
	is_int(histogram_edge(241), INT64_C(1) << 40, "the last at 2^40 ns");
	is_int(histogram_edge(242), INT64_MAX, "which has no end");
	for (i = 0; i < HISTOGRAM_BUCKETS; i++) {
		edge = histogram_edge(i);
		next = histogram_edge(i + 1);
		wrong += edge >= next || histogram_index(edge) != i ||
		    histogram_index(next - 1) != i;
		if (i > 0 && i < HISTOGRAM_BUCKETS - 1)
			wide += (next - edge) * 8 > edge;
	}
	is_int(wrong, 0, "each has its first value, and the last before next");
	is_int(wide, 0, "none is wider than an eighth of its beginning");
	is_int(histogram_index(-1), 0, "a negative value is 0");
	is_int(histogram_index(INT64_MAX), HISTOGRAM_BUCKETS - 1,
	    "the largest is in the last");
}

static int
compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Spread over more octaves than there are, or over a few, or over none. */
static int64_t
value(uint64_t set, uint64_t i)
{
	double from = 4 + draw_unit(draw_key(set, 0), 1) * 30;
	double spread = draw_unit(draw_key(set, 0), 2) * (set % 3 == 0 ? 42 :
	    set % 3 == 1 ? 4 : 0.2);

	return (int64_t)exp2(from + spread *
	    draw_unit(draw_key(set, 1 + i), 3));
}

static int
is_near(int64_t got, int64_t want, int64_t max)
{
	if (want < 1024)
		return got >= 0 && got < 1024;
	if (want >= INT64_C(1) << 40)
		return got == max;
	return llabs(got - want) * 16 <= want;
}

static void
test_quantiles(void)
{
	static const double parts[] = {
		0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1
	};
	static int64_t v[VALUES];
	size_t set, i, n, rank, wrong = 0, counts = 0;
	uint64_t sum;
	int64_t got;

	for (set = 0; set < SETS; set++) {
		clear();
		n = set < 10 ? set + 1 : VALUES;
		for (i = sum = 0; i < n; i++) {
			v[i] = value(set, i);
			sum += (uint64_t)v[i];
			histogram_add(&h, v[i]);
		}
		qsort(v, n, sizeof(v[0]), compare);
		counts += histogram_count(&h) != n || h.sum != sum ||
		    (int64_t)h.max != v[n - 1];
		for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
			rank = (size_t)ceil(parts[i] * (double)n);
			got = histogram_quantile(&h, parts[i]);
			if (is_near(got, v[rank > 0 ? rank - 1 : 0],
			    v[n - 1]))
				continue;
			wrong++;
			diag("set %zu, %g of %zu: %lld, not %lld", set,
			    parts[i], n, (long long)got,
			    (long long)v[rank > 0 ? rank - 1 : 0]);
		}
	}
	is_int((long long)counts, 0, "count, sum and maximum are exact");
	is_int((long long)wrong, 0, "no quantile is off by more than a 16th");
	clear();
	is_int(histogram_quantile(&h, 0.5), -1, "none has none");
}

static void
test_arithmetic(void)
{
	static struct histogram both, copy;
	unsigned int i, differ = 0;
	int64_t v;

	clear();
	for (i = 0; i < VALUES; i++) {
		v = value(i % SETS, i);
		histogram_add(i % 2 ? &h : &other, v);
		histogram_add(&both, v);
	}
	copy = h;
	histogram_merge(&h, &other);
	for (i = 0; i < HISTOGRAM_BUCKETS; i++)
		differ += h.buckets[i] != both.buckets[i];
	ok(differ == 0 && h.sum == both.sum && h.max == both.max,
	    "two together are as if they had been one");
	histogram_subtract(&h, &copy);
	for (i = 0; i < HISTOGRAM_BUCKETS; i++)
		differ += h.buckets[i] != other.buckets[i];
	is_int(differ, 0, "less one of them, the other is left");
	is_int((long long)(h.sum - other.sum), 0, "and its sum");
	is_int((long long)histogram_below(&both, HISTOGRAM_BUCKETS), VALUES,
	    "all are below the end");
	is_int((long long)histogram_below(&both, 1), (long long)both.buckets[0],
	    "the first bucket is below the second");
}

static void
test_octaves(void)
{
	uint64_t rows[23], sum = 0;
	size_t i;

	clear();
	histogram_add(&h, 1);
	histogram_add(&h, (INT64_C(1) << 17) - 1);
	histogram_add(&h, INT64_C(1) << 17);
	histogram_add(&h, (INT64_C(1) << 18) - 1);
	histogram_add(&h, INT64_C(1) << 18);
	histogram_add(&h, (INT64_C(1) << 39) - 1);
	histogram_add(&h, INT64_C(1) << 39);
	histogram_add(&h, INT64_MAX / 2);
	histogram_octaves(&h, 17, 23, rows);
	is_int((long long)rows[0], 4, "the first octave, and all below");
	is_int((long long)rows[1], 1, "the second");
	is_int((long long)rows[21], 1, "the last but one");
	is_int((long long)rows[22], 2, "the last, and all above");
	for (i = 0; i < 23; i++)
		sum += rows[i];
	is_int((long long)sum, 8, "none is lost");
}

static void
test_shared(void)
{
	struct histogram *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int64_t k;
	int i;

	if (s == MAP_FAILED)
		err(1, "mmap");
	for (i = 0; i < ADDERS; i++)
		if (fork() == 0) {
			for (k = 0; k < EACH; k++)
				histogram_add_shared(s, 2000 + k % 3 + i);
			_exit(0);
		}
	while (wait(NULL) != -1)
		continue;
	is_int((long long)histogram_count(s), ADDERS * EACH,
	    "of many who add, no value is lost");
	is_int((long long)s->max, 2002 + ADDERS - 1, "nor the largest");
}

int
main(void)
{
	plan_no_plan();
	test_edges();
	test_quantiles();
	test_arithmetic();
	test_octaves();
	test_shared();
	return exit_status();
}
