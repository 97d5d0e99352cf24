/*
 * Schedules: how an entry is read, refused and written; which condition holds
 * to the nanosecond; and that a flap is the random process that it is said to
 * be, whoever asks in whatever order.
 *
 * All times are numbers that the test makes up.  All random numbers come from
 * fixed seeds: what fails once fails again.  Statistics are held against their
 * limit at the level 0.001, by t/fit.h, or against four standard deviations.
 */
#include <err.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/draw.h"
#include "common/schedule.h"
#include "t/check.h"
#include "t/fit.h"

#define MIN		(60 * CLOCK_S)
#define HOUR		(60 * MIN)
#define WORDS		16		/* in one entry */
#define LINES		4		/* in one schedule */
#define LONGEST_BUT_1	"bcdefghijklmnopqrstuvwxyz012345"
#define LONGEST		"a" LONGEST_BUT_1	/* 32 bytes */

#define PLAIN_FORM	"NAME [after T] [for T] [every T]"
#define FLAP_FORM	"flap NAME T NAME T [after T] [for T]"
#define RAMP_FORM	"ramp NAME NAME for T [after T]"
#define FORMS		"expected " PLAIN_FORM ", or " FLAP_FORM ", or " \
			RAMP_FORM
#define NAME		"expected the name of a condition, at most 32 " \
			"letters, digits, '.', '_' and '-'"
#define SUCH		", such as 20ms, 4s or 2m"
#define LEAST		": expected a time of at least 1ns" SUCH
#define MEAN		": expected a time of at least 1us" SUCH

/* The conditions by their numbers; `healthy' is 0. */
static const char *const conditions[] = { "healthy", "slow", "dying", "dead" };

#define CONDITIONS (sizeof(conditions) / sizeof(conditions[0]))

static const struct {
	const char *text;
	const char *want;	/* as it is written; NULL: just so */
} goods[] = {
	{ "slow", NULL },
	{ "healthy", NULL },
	{ "slow after 10s", NULL },
	{ "slow for 10s", NULL },
	{ "slow after 1h for 10s", NULL },
	{ "slow for 10s every 1m", NULL },
	{ "slow after 5m for 10s every 1m", NULL },
	{ "slow every 60s after 300s for 10000ms",
	    "slow after 5m for 10s every 1m" },
	{ "slow after 0", "slow" },
	{ "slow after 0s for 1ns every 2ns", "slow for 1ns every 2ns" },
	{ "slow after 9223372036854775807ns for 9223372036854775806ns "
	    "every 9223372036854775807ns", NULL },
	{ LONGEST " after 1.5s", LONGEST " after 1500ms" },
	{ "After after 1s", NULL },
	{ "flap.1 for 1s", NULL },
	{ "-_. for 1s", NULL },

	{ "flap slow 10s dying 1s", NULL },
	{ "flap healthy 1us dead 2562047h", NULL },
	{ "flap slow 10s dying 1s after 1h", NULL },
	{ "flap slow 10s dying 1s for 1h", NULL },
	{ "flap slow 10s dying 1s for 60m after 0.5h",
	    "flap slow 10s dying 1s after 30m for 1h" },

	{ "flap " LONGEST " 9223372036854775807ns "
	    "X" LONGEST_BUT_1 " 9223372036854775807ns "
	    "after 9223372036854775807ns for 9223372036854775807ns", NULL },

	{ "ramp healthy dead for 2h", NULL },
	{ "ramp slow healthy for 1ns", NULL },
	{ "ramp slow dead after 90s for 1h", NULL },
	{ "ramp slow dead for 1h after 90s",
	    "ramp slow dead after 90s for 1h" },
	{ NULL, NULL },
};

static const struct {
	const char *text;
	const char *error;
} bads[] = {
	{ "", FORMS },
	{ "after", FORMS },
	{ "for 10s", FORMS },
	{ "every 10s slow", FORMS },

	{ "a/b", NAME },
	{ "a:b after 1s", NAME },
	{ "\303\251", NAME },
	{ "x" LONGEST, NAME },
	{ "flap a+b 1s slow 1s", NAME },
	{ "flap slow 1s x" LONGEST " 1s", NAME },
	{ "ramp slow ? for 1s", NAME },

	{ "slow 10s", "`10s': expected after, for or every" },
	{ "slow dead", "`dead': expected after, for or every" },
	{ "slow flap", "`flap': expected after, for or every" },
	{ "slow After 10s", "`After': expected after, for or every" },
	{ "slow for 1s dead", "`dead': expected after, for or every" },
	{ "slow after", "after: expected a time" SUCH },
	{ "slow after soon", "after: expected a time" SUCH },
	{ "slow after 10", "after: expected a time" SUCH },
	{ "slow after -1s", "after: expected a time" SUCH },
	{ "slow after for 10s", "after: expected a time" SUCH },
	{ "slow after 9223372036854775808ns", "after: expected a time" SUCH },
	{ "slow for", "for" LEAST },
	{ "slow for 0", "for" LEAST },
	{ "slow for 0s every 1s", "for" LEAST },
	{ "slow for 1s every", "every" LEAST },
	{ "slow for 1s every 0", "every" LEAST },
	{ "slow for 1s for 1s", "expected for once, not twice" },
	{ "slow after 0 after 0", "expected after once, not twice" },
	{ "slow every 2s for 1s every 2s", "expected every once, not twice" },
	{ "slow every 10s",
	    "every: expected a for T as well, in " PLAIN_FORM },
	{ "slow for 10s every 10s",
	    "for: expected a time shorter than that of every, 10s" },
	{ "slow for 1m every 10s",
	    "for: expected a time shorter than that of every, 10s" },

	{ "flap", "expected " FLAP_FORM },
	{ "flap slow", "slow" MEAN },
	{ "flap slow dying", "slow" MEAN },
	{ "flap slow 0 dying 1s", "slow" MEAN },
	{ "flap slow 999ns dying 1s", "slow" MEAN },
	{ "flap slow 1s", "expected " FLAP_FORM },
	{ "flap slow 1s for 1s", "expected " FLAP_FORM },
	{ "flap after 1s slow 1s", "expected " FLAP_FORM },
	{ "flap slow 1s dying", "dying" MEAN },
	{ "flap slow 1s dying 0s", "dying" MEAN },
	{ "flap slow 1s dying after 1s", "dying" MEAN },
	{ "flap slow 1s slow 2s",
	    "expected two different conditions in " FLAP_FORM },
	{ "flap slow 1s dying 1s dead 1s", "`dead': expected after or for" },
	{ "flap slow 1s dying 1s every 1s", "`every': expected after or for" },
	{ "flap slow 1s dying 1s for 0", "for" LEAST },
	{ "flap slow 1s dying 1s after", "after: expected a time" SUCH },

	{ "ramp", "expected " RAMP_FORM },
	{ "ramp slow", "expected " RAMP_FORM },
	{ "ramp slow for 1s", "expected " RAMP_FORM },
	{ "ramp ramp dead for 1s", "expected " RAMP_FORM },
	{ "ramp slow slow for 1s",
	    "expected two different conditions in " RAMP_FORM },
	{ "ramp slow dead", "ramp: expected a for T as well, in " RAMP_FORM },
	{ "ramp slow dead after 1s",
	    "ramp: expected a for T as well, in " RAMP_FORM },
	{ "ramp slow dead for 0", "for" LEAST },
	{ "ramp slow dead 1s", "`1s': expected for or after" },
	{ "ramp slow dead for 1s every 2s", "`every': expected for or after" },
	{ NULL, NULL },
};

/* Which condition holds at a time, but for flaps. */
static const struct {
	const char *lines[LINES];
	int64_t t;		/* ns */
	double u;
	int want;
} moments[] = {
	{ { NULL }, 0, 0.5, 0 },
	{ { NULL }, INT64_MAX, 0.5, 0 },
	{ { "slow" }, 0, 0.5, 1 },
	{ { "slow" }, INT64_MAX, 0.5, 1 },
	{ { "dead after 10s" }, 10 * CLOCK_S - 1, 0.5, 0 },
	{ { "dead after 10s" }, 10 * CLOCK_S, 0.5, 3 },
	{ { "dead after 10s" }, INT64_MAX, 0.5, 3 },
	{ { "dead for 10s" }, 0, 0.5, 3 },
	{ { "dead for 10s" }, 10 * CLOCK_S - 1, 0.5, 3 },
	{ { "dead for 10s" }, 10 * CLOCK_S, 0.5, 0 },
	{ { "dead after 5s for 10s" }, 5 * CLOCK_S - 1, 0.5, 0 },
	{ { "dead after 5s for 10s" }, 5 * CLOCK_S, 0.5, 3 },
	{ { "dead after 5s for 10s" }, 15 * CLOCK_S - 1, 0.5, 3 },
	{ { "dead after 5s for 10s" }, 15 * CLOCK_S, 0.5, 0 },

	/* Every. */
	{ { "slow after 5s for 1s every 1m" }, 6 * CLOCK_S, 0.5, 0 },
	{ { "slow after 5s for 1s every 1m" }, 65 * CLOCK_S - 1, 0.5, 0 },
	{ { "slow after 5s for 1s every 1m" }, 65 * CLOCK_S, 0.5, 1 },
	{ { "slow after 5s for 1s every 1m" }, 66 * CLOCK_S - 1, 0.5, 1 },
	{ { "slow after 5s for 1s every 1m" }, 66 * CLOCK_S, 0.5, 0 },
	{ { "slow after 5s for 1s every 1m" },
	    5 * CLOCK_S + 1000000 * MIN, 0.5, 1 },
	{ { "slow after 5s for 1s every 1m" },
	    5 * CLOCK_S + 1000000 * MIN - 1, 0.5, 0 },
	{ { "slow after 5s for 1s every 1m" }, 0, 0.5, 0 },

	/* The last that applies decides. */
	{ { "slow", "dead" }, 0, 0.5, 3 },
	{ { "dead", "slow" }, 0, 0.5, 1 },
	{ { "slow", "dead after 1s for 1s" }, CLOCK_S - 1, 0.5, 1 },
	{ { "slow", "dead after 1s for 1s" }, CLOCK_S, 0.5, 3 },
	{ { "slow", "dead after 1s for 1s" }, 2 * CLOCK_S, 0.5, 1 },
	{ { "dead after 1s for 1s", "slow" }, CLOCK_S, 0.5, 1 },
	{ { "dead", "healthy after 1h" }, HOUR - 1, 0.5, 3 },
	{ { "dead", "healthy after 1h" }, HOUR, 0.5, 0 },
	{ { "dead", "slow for 2s", "dying for 1s" }, 0, 0.5, 2 },
	{ { "dead", "slow for 2s", "dying for 1s" }, CLOCK_S, 0.5, 1 },
	{ { "dead", "slow for 2s", "dying for 1s" }, 2 * CLOCK_S, 0.5, 3 },

	/* Nothing overflows. */
	{ { "slow after 9223372036854775807ns for 9223372036854775807ns" },
	    INT64_MAX, 0.5, 1 },
	{ { "slow after 9223372036854775807ns" }, INT64_MAX - 1, 0.5, 0 },
	{ { "ramp slow dead after 9223372036854775807ns for "
	    "9223372036854775807ns" }, INT64_MAX, 0.5, 1 },

	/* A ramp: the share of its second is how much of it has passed. */
	{ { "ramp slow dead after 10s for 10s" }, 10 * CLOCK_S - 1, 0.5, 0 },
	{ { "ramp slow dead after 10s for 10s" }, 10 * CLOCK_S, 1e-16, 1 },
	{ { "ramp slow dead after 10s for 10s" }, 11 * CLOCK_S, 0.0999, 3 },
	{ { "ramp slow dead after 10s for 10s" }, 11 * CLOCK_S, 0.1001, 1 },
	{ { "ramp slow dead after 10s for 10s" }, 15 * CLOCK_S, 0.4999, 3 },
	{ { "ramp slow dead after 10s for 10s" }, 15 * CLOCK_S, 0.5001, 1 },
	{ { "ramp slow dead after 10s for 10s" }, 19 * CLOCK_S, 0.8999, 3 },
	{ { "ramp slow dead after 10s for 10s" }, 19 * CLOCK_S, 0.9001, 1 },
	{ { "ramp slow dead after 10s for 10s" }, 20 * CLOCK_S - 1,
	    1 - 0x1p-53, 1 },
	{ { "ramp slow dead after 10s for 10s" }, 20 * CLOCK_S,
	    1 - 0x1p-53, 3 },
	{ { "ramp slow dead after 10s for 10s" }, INT64_MAX, 1 - 0x1p-53, 3 },
	{ { "ramp slow dead for 9223372036854775807ns" }, INT64_MAX,
	    1 - 0x1p-53, 3 },
	{ { "dead", "ramp dead healthy after 10s for 10s" }, 0, 0.5, 3 },
	{ { "dead", "ramp dead healthy after 10s for 10s" }, HOUR, 0.5, 0 },
	{ { "ramp slow dead for 10s", "healthy after 5s for 1s" },
	    5 * CLOCK_S, 0.1, 0 },

	/* u is for ramps only. */
	{ { "slow after 1s" }, CLOCK_S, 1e-16, 1 },
	{ { "slow after 1s" }, CLOCK_S, 1 - 0x1p-53, 1 },

	/* A flap, where chance has no say. */
	{ { "flap slow 1s dead 1s after 10s" }, 10 * CLOCK_S - 1, 0.5, 0 },
	{ { "flap slow 1s dead 1s after 10s" }, 10 * CLOCK_S, 0.5, 1 },
	{ { "flap dead 1s slow 1s after 10s" }, 10 * CLOCK_S, 0.5, 3 },
	{ { "flap slow 1us dead 2000000h for 10s" }, 10 * CLOCK_S - 1, 0.5,
	    3 },
	{ { "flap slow 1us dead 2000000h for 10s" }, 10 * CLOCK_S, 0.5, 0 },
	{ { "flap slow 2000000h dead 1us after 1s for 10s" },
	    11 * CLOCK_S - 1, 0.5, 1 },
	{ { "flap slow 2000000h dead 2000000h" }, HOUR, 0.5, 1 },
};

#define MOMENTS (sizeof(moments) / sizeof(moments[0]))

/* Cuts the text into words, parses them.  The text of the error is static. */
static const char *
parse(const char *text, struct schedule *s)
{
	static char error[512];
	char copy[512], *p = copy, *words[WORDS];
	size_t n = 0;

	strlcpy(copy, text, sizeof(copy));
	while (n < WORDS && (words[n] = strsep(&p, " ")) != NULL)
		if (*words[n] != '\0')
			n++;
	memset(s, 0x55, sizeof(*s));
	error[0] = '\0';
	return schedule_parse(s, words, n, error, sizeof(error)) == 0 ? NULL :
	    error;
}

static char *
print(const struct schedule *s, char *buf, size_t size)
{
	FILE *f = fmemopen(buf, size, "w");

	if (f == NULL)
		err(1, "fmemopen");
	schedule_print(s, f);
	fclose(f);
	return buf;
}

static struct schedule
entry(const char *text)
{
	struct schedule s;
	char error[256];

	if (parse(text, &s) != NULL || schedule_resolve(&s, conditions,
	    CONDITIONS, error, sizeof(error)) == -1)
		ok(0, "\"%s\" is an entry of the test", text);
	return s;
}

static int
is_same(const struct schedule *a, const struct schedule *b)
{
	return a->kind == b->kind && strcmp(a->names[0], b->names[0]) == 0 &&
	    strcmp(a->names[1], b->names[1]) == 0 &&
	    a->means[0] == b->means[0] && a->means[1] == b->means[1] &&
	    a->after == b->after && a->length == b->length &&
	    a->every == b->every;
}

static void
test_good(const char *text, const char *want)
{
	struct schedule s, back;
	char buf[256];

	if (!is_string(parse(text, &s), NULL, "\"%s\" is good", text))
		return;
	is_string(print(&s, buf, sizeof(buf)),
	    want != NULL ? want : text, "it is written so");
	is_string(parse(buf, &back), NULL, "that is good too");
	ok(is_same(&s, &back), "and the same");
}

static void
test_names(void)
{
	ok(schedule_is_name("healthy"), "healthy is a name");
	ok(schedule_is_name("sda.1_x-Y"), "so is sda.1_x-Y");
	ok(schedule_is_name(LONGEST), "and one of 32 bytes");
	ok(!schedule_is_name("x" LONGEST), "one of 33 is none");
	ok(!schedule_is_name(""), "nor is an empty one");
	ok(!schedule_is_name("a b"), "nor one with a blank");
	ok(!schedule_is_name("flap"), "nor is flap");
	ok(!schedule_is_name("ramp"), "nor is ramp");
	ok(!schedule_is_name("after"), "nor is after");
	ok(!schedule_is_name("for"), "nor is for");
	ok(!schedule_is_name("every"), "nor is every");
}

static void
test_resolve(void)
{
	struct schedule s = entry("ramp dying healthy for 1s");
	char error[256], small[16];

	is_int(s.conditions[0], 2, "the first name is resolved");
	is_int(s.conditions[1], 0, "and the second");
	parse("dyng", &s);
	is_int(schedule_resolve(&s, conditions, CONDITIONS, error,
	    sizeof(error)), -1, "dyng is no condition");
	is_string(error, "there is no condition `dyng': expected one of "
	    "healthy slow dying dead", "the error says which there are");
	parse("flap slow 1s gone 1s", &s);
	is_int(schedule_resolve(&s, conditions, 2, error, sizeof(error)), -1,
	    "nor is gone, as a second");
	is_string(error, "there is no condition `gone': expected one of "
	    "healthy slow", "the error says so");
	schedule_resolve(&s, conditions, 2, small, sizeof(small));
	is_string(small, "there is no con", "an error never goes beyond its "
	    "buffer");
}

static void
test_moment(size_t i)
{
	struct schedule v[LINES];
	size_t n = 0;

	for (; n < LINES && moments[i].lines[n] != NULL; n++)
		v[n] = entry(moments[i].lines[n]);
	is_int(schedule_condition(v, n, 42, moments[i].t, moments[i].u),
	    moments[i].want, "%s%s, at %lld ns, u = %.4f",
	    n > 1 ? "... " : "", n > 0 ? v[n - 1].names[0] : "nothing",
	    (long long)moments[i].t, moments[i].u);
}

/* Flaps. */

#define SPELLS		2000	/* times in each condition, one seed's */
#define SEEDS		20000

static const char flap[] = "flap slow 3s dead 1s";

static int
is_second(const struct schedule *s, uint64_t seed, int64_t t)
{
	return schedule_condition(s, 1, seed, t, 0.5) == s->conditions[1];
}

/*
 * The next change after t.  It looks every step ns, and then halves the step:
 * a change there and back in between escapes it.
 */
static int64_t
next_change(const struct schedule *s, uint64_t seed, int64_t t, int64_t step)
{
	const int was = is_second(s, seed, t);
	int64_t high, low, mid;

	for (low = t, high = t + step; is_second(s, seed, high) == was;
	    low = high, high += step)
		;
	while (high - low > 1) {
		mid = low + (high - low) / 2;
		*(is_second(s, seed, mid) == was ? &low : &high) = mid;
	}
	return high;
}

/* Whether n times look exponential with this mean.  They are changed. */
static bool
is_exponential(double *times, size_t n, int64_t mean)
{
	size_t i;

	for (i = 0; i < n; i++)
		times[i] = 1 - exp(-times[i] / (double)mean);
	return fit_uniform(times, n);
}

static double
correlation(const double *x, const double *y, size_t n)
{
	double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		mx += x[i] / (double)n;
		my += y[i] / (double)n;
	}
	for (i = 0; i < n; i++) {
		xx += (x[i] - mx) * (x[i] - mx);
		yy += (y[i] - my) * (y[i] - my);
		xy += (x[i] - mx) * (y[i] - my);
	}
	return xy / sqrt(xx * yy);
}

/* One flap, followed for long: how long it is in each, and how much in all. */
static void
test_spells(uint64_t seed)
{
	static double spells[2][SPELLS];
	struct schedule s = entry(flap);
	double d, sum[2] = { 0, 0 };
	int64_t t = 0, end;
	size_t i;
	bool fits;

	for (i = 0; i < 2 * (size_t)SPELLS; i++, t = end) {
		end = next_change(&s, seed, t, 10 * CLOCK_MS);
		spells[i % 2][i / 2] = (double)(end - t);
		sum[i % 2] += (double)(end - t);
	}
	d = correlation(spells[0], spells[1], SPELLS);
	ok(fabs(d) < 4 / sqrt(SPELLS), "seed %llu: a time says nothing of the "
	    "next: correlation %.3f", (unsigned long long)seed, d);
	d = sum[1] / (sum[0] + sum[1]);
	/* The variance is 2 p^2 (1-p)^2 / n. */
	ok(fabs(d - 0.25) < 4 * sqrt(2.0 / SPELLS) * 0.25 * 0.75,
	    "a quarter of the time is the second's: %.4f", d);
	for (i = 0; i < 2; i++) {
		fits = is_exponential(spells[i], SPELLS, s.means[i]);
		ok(fits, "%d times in the %s are exponential: distance %.3f",
		    SPELLS, i ? "second" : "first", fit_distance());
	}
}

/* The first time in the first, over many seeds, and over many places. */
static void
test_first(void)
{
	static double firsts[SEEDS];
	struct schedule v[LINES];
	int64_t t, after = HOUR + 1;
	size_t i, changed = 0;
	bool fits;

	v[0] = entry("flap slow 3s dead 1s after 3600000000001ns");
	for (i = 0; i < SEEDS; i++)
		firsts[i] = (double)(next_change(&v[0], i, after,
		    10 * CLOCK_MS) - after);
	fits = is_exponential(firsts, SEEDS, v[0].means[0]);
	ok(fits, "the first change of %d seeds: distance %.3f", SEEDS,
	    fit_distance());

	v[1] = v[2] = v[3] = v[0];
	for (t = after; t < after + 1000 * CLOCK_S; t += CLOCK_S)
		changed += schedule_condition(v, 1, 42, t, 0.5) !=
		    schedule_condition(v, LINES, 42, t, 0.5);
	/* Twice 1/4 times 3/4, of 1000 that are nearly independent. */
	ok(changed > 300 && changed < 450,
	    "a flap in another place is another one: %zu of 1000", changed);
}

/* How many of all seeds are in the second at t, of those that were at t0. */
static void
test_transition(int64_t t0, int64_t lag)
{
	const struct schedule s = entry(flap);
	const double a = (double)s.means[0], b = (double)s.means[1];
	const double p = b / (a + b);
	const double left = exp(-(double)lag * (1 / a + 1 / b));
	size_t n[2] = { 0, 0 }, hits[2] = { 0, 0 };
	double want;
	uint64_t seed;
	int was, i;

	for (seed = 0; seed < SEEDS; seed++) {
		was = is_second(&s, seed, t0);
		n[was]++;
		hits[was] += (size_t)is_second(&s, seed, t0 + lag);
	}
	for (i = 0; i < 2; i++) {
		if (n[i] == 0)
			continue;	/* at t0 = 0 all are in the first */
		want = i ? p + (1 - p) * left : p - p * left;
		ok(fit_share(hits[i], n[i], want), "of those in the %s at "
		    "%lld ms, %.4f are in the second %lld ms on: %.4f",
		    i ? "second" : "first", (long long)(t0 / CLOCK_MS), want,
		    (long long)(lag / CLOCK_MS),
		    (double)hits[i] / (double)n[i]);
	}
}

/* Forwards, backwards, and all over the place: every time has one answer. */
static void
test_order(void)
{
	enum { N = 4096 };
	static int answers[N];
	struct schedule v[2] = { entry("flap slow 1s dead 2s for 40s"),
	    entry("flap healthy 20ms dying 10ms after 20s for 30s") };
	const int64_t step = 17 * CLOCK_MS;
	size_t i, j, backwards = 0, anyhow = 0, other = 0;

	for (i = 0; i < N; i++)
		answers[i] = schedule_condition(v, 2, 42, (int64_t)i * step,
		    0.5);
	for (i = N; i-- > 0; )
		backwards += answers[i] != schedule_condition(v, 2, 42,
		    (int64_t)i * step, 0.5);
	for (j = 0; j < (size_t)4 * N; j++) {
		i = draw_key(1, j) % N;
		schedule_condition(v, 2, j, (int64_t)i * step, 0.5);
		anyhow += answers[i] != schedule_condition(v, 2, 42,
		    (int64_t)i * step, draw_unit(2, (unsigned int)j));
	}
	for (i = 0; i < N; i++)
		other += answers[i] != schedule_condition(v, 2, 43,
		    (int64_t)i * step, 0.5);
	is_int((long long)backwards, 0, "backwards, the answers are the same");
	is_int((long long)anyhow, 0, "as they are in any order, for any u");
	ok(other > N / 10, "another seed's are others: %zu of %d", other, N);
}

/*
 * What has passed does not cost.  Where each takes 5 us of the processor, there
 * is a walk; an answer takes a fiftieth of that, sanitized.
 */
static void
test_cost(const char *text)
{
	const struct schedule s = entry(text);
	enum { N = 20000 };
	struct timespec from, to;
	uint64_t i;
	long long second = 0, took;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	for (i = 0; i < N; i++)
		second += is_second(&s, 42, (int64_t)(draw_key(3, i) >> 1));
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	took = (clock_ns(&to) - clock_ns(&from)) / N;
	ok(took < 5 * CLOCK_US, "%s: any time costs the same, %lld ns "
	    "(%lld of %d in the second)", text, took, second, N);
}

int
main(void)
{
	static const int64_t lags[] = { 10 * CLOCK_MS, 500 * CLOCK_MS,
	    2 * CLOCK_S, 5 * CLOCK_S };
	struct schedule s;
	size_t i;

	plan_no_plan();
	alarm(60);		/* a flap that never changes is waited for */
	for (i = 0; goods[i].text != NULL; i++)
		test_good(goods[i].text, goods[i].want);
	for (i = 0; bads[i].text != NULL; i++)
		is_string(parse(bads[i].text, &s), bads[i].error,
		    "\"%s\" is refused", bads[i].text);
	test_names();
	test_resolve();
	for (i = 0; i < MOMENTS; i++)
		test_moment(i);
	for (i = 1; i <= 3; i++)
		test_spells(i);
	test_first();
	for (i = 0; i < sizeof(lags) / sizeof(lags[0]); i++) {
		test_transition(0, lags[i]);
		test_transition(100 * HOUR + 1, lags[i]);
	}
	test_order();
	test_cost("flap slow 1us dead 1us");
	test_cost("flap slow 1us dead 2000000h");
	test_cost("flap slow 2000000h dead 2000000h");
	return exit_status();
}
