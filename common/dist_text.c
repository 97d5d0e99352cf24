/*
 * The words of distributions: dist_parse and dist_print of dist.h.
 */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "common/dist.h"
#include "common/units.h"

/*
 * How each kind is written: its name, as many values as it says, and p99 in
 * front of the second one perhaps.  Curves and traces have words of their own.
 */
static const struct form {
	const char *name;
	const char *before, *behind;	/* "time", in the error */
	unsigned int values;
	int32_t ppm[2];		/* where the values stand */
	bool p99;		/* 0 < first value < second value */
	bool above_0;		/* 0 < first value */
} forms[DIST_KINDS] = {
	[DIST_FIXED] = { "fixed", "a ", "", .values = 1 },
	[DIST_UNIFORM] = { "uniform", "two ", "s, the smaller first,",
	    .values = 2, .ppm = { 0, 1000000 } },
	[DIST_EXPONENTIAL] = { "exponential", "a mean ", " above 0,",
	    .values = 1, .above_0 = true },
	[DIST_LOGNORMAL] = { "lognormal", "MEDIAN p99 T, two ",
	    "s, 0 < MEDIAN < T,", .values = 2, .ppm = { 500000, 990000 },
	    .p99 = true, .above_0 = true },
	[DIST_PARETO] = { "pareto", "MIN p99 T, two ", "s, 0 < MIN < T,",
	    .values = 2, .ppm = { 0, 990000 }, .p99 = true, .above_0 = true },
	[DIST_QUANTILES] = { .name = "quantiles" },
	[DIST_HANG] = { .name = "hang" },
	[DIST_TRACE] = { .name = "trace" },
	[DIST_NONE] = { .name = "none" },
};

/* The way through the words. */
struct reader {
	char *const *words;
	size_t n, at;		/* how many there are, and have been taken */
	const struct dist_unit *unit;
	struct dist d;		/* what they have said so far */
	char *error;
	size_t size;		/* of error */
};

static int __attribute__((format(printf, 2, 3)))
fail(struct reader *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->error, r->size, fmt, ap);
	va_end(ap);
	return -1;
}

/* The next word, taken only if it is this one. */
static bool
take_word(struct reader *r, const char *word)
{
	if (r->at == r->n || strcmp(r->words[r->at], word) != 0)
		return false;
	r->at++;
	return true;
}

/* The next word, as the value of a new point. */
static bool
take_value(struct reader *r, int32_t ppm)
{
	struct dist_point *p = &r->d.points[r->d.n];

	if (r->at == r->n ||
	    r->unit->parse(r->words[r->at], &p->value) == -1 ||
	    p->value < r->unit->min || p->value > r->unit->max)
		return false;
	p->ppm = ppm;
	r->at++;
	r->d.n++;
	return true;
}

/* "quantiles: p99: expected a time from 0 to 24h, such as 20ms". */
static int
fail_value(struct reader *r, const char *point, const char *before,
    const char *behind)
{
	const struct dist_unit *u = r->unit;
	char min[UNITS_TEXT], max[UNITS_TEXT];

	return fail(r, "%s: %s%sexpected %s%s%s from %s to %s, such as %s",
	    forms[r->d.kind].name, point, *point != '\0' ? ": " : "", before,
	    u->noun, behind, u->text(u->min, min, sizeof(min)),
	    u->text(u->max, max, sizeof(max)), u->examples);
}

static int
parse_values(struct reader *r)
{
	const struct form *f = &forms[r->d.kind];
	const struct dist_point *p = r->d.points;
	unsigned int i;

	for (i = 0; i < f->values; i++)
		if ((i == 1 && f->p99 && !take_word(r, "p99")) ||
		    !take_value(r, f->ppm[i]))
			return fail_value(r, "", f->before, f->behind);
	if ((f->above_0 && p[0].value == 0) ||
	    (i == 2 && p[1].value < p[0].value + f->p99))
		return fail_value(r, "", f->before, f->behind);
	return 0;
}

static bool
is_point(const char *word)
{
	return strcmp(word, "min") == 0 || strcmp(word, "max") == 0 ||
	    (word[0] == 'p' && word[1] >= '0' && word[1] <= '9');
}

/* min, max, or p99.9: gives ppm, or -1. */
static int32_t
point_ppm(const char *word)
{
	char percent[32];
	int64_t ppm;

	if (word[0] == 'm')
		return strcmp(word, "max") == 0 ? 1000000 : 0;
	if ((size_t)snprintf(percent, sizeof(percent), "%s%%", word + 1) >=
	    sizeof(percent) || units_percent(percent, &ppm) == -1)
		return -1;
	return (int32_t)ppm;
}

static int
parse_point(struct reader *r)
{
	const struct dist_point *p = &r->d.points[r->d.n];
	const char *name = r->words[r->at++];
	int32_t ppm = point_ppm(name);

	if (r->d.n == DIST_POINTS)
		return fail(r, "quantiles: %s: expected at most %d points",
		    name, DIST_POINTS);
	if (ppm == -1)
		return fail(r, "quantiles: %s: expected a percentage from p0 "
		    "to p100, such as p50 or p99.99, of at most 4 decimals",
		    name);
	if (r->d.n > 0 && ppm <= p[-1].ppm)
		return fail(r, "quantiles: %s: expected percentages that "
		    "ascend, from min to max", name);
	if (!take_value(r, ppm))
		return fail_value(r, name, "a ", "");
	if (r->d.n > 1 && p->value < p[-1].value)
		return fail(r, "quantiles: %s: expected a %s that is not below "
		    "the one in front of it", name, r->unit->noun);
	return 0;
}

static int
parse_quantiles(struct reader *r)
{
	while (r->at < r->n && is_point(r->words[r->at]))
		if (parse_point(r) == -1)
			return -1;
	if (r->d.n < 2)
		return fail_value(r, "", "two points or more of min, p50, "
		    "p99.9, max and the like, each with a ", "");
	return 0;
}

static int
parse_trace(struct reader *r)
{
	if (r->at == r->n || r->words[r->at][0] == '\0')
		return fail(r, "trace: expected the name of a file");
	r->at++;
	r->d.sampled = take_word(r, "sampled");
	return 0;
}

/* The kind that the first word names, of those that may be written here. */
static int
parse_kind(struct reader *r)
{
	unsigned int kind, left = r->unit->kinds & DIST_ANY;
	char list[128] = "";
	int64_t value;

	for (kind = 0; kind < DIST_KINDS; kind++) {
		if ((left & DIST_ONLY(kind)) == 0)
			continue;
		if (take_word(r, forms[kind].name)) {
			r->d.kind = (enum dist_kind)kind;
			return 0;
		}
		left &= ~DIST_ONLY(kind);
		if (list[0] != '\0')
			strlcat(list, left != 0 ? ", " : " or ", sizeof(list));
		strlcat(list, forms[kind].name, sizeof(list));
	}
	if (r->n > 0 && r->unit->parse(r->words[0], &value) == 0)
		return fail(r, "did you mean `fixed %s'?", r->words[0]);
	return fail(r, "expected %s", list);
}

static int
parse_arguments(struct reader *r)
{
	switch (r->d.kind) {
	case DIST_QUANTILES:
		return parse_quantiles(r);
	case DIST_TRACE:
		return parse_trace(r);
	default:
		return parse_values(r);
	}
}

int
dist_parse(struct dist *d, char *const *words, size_t n, size_t *used,
    const struct dist_unit *unit, char *error, size_t size)
{
	struct reader r = { .words = words, .n = n, .unit = unit,
	    .error = error, .size = size };
	struct dist_point *p = r.d.points;
	unsigned int i;

	if (parse_kind(&r) == -1 || parse_arguments(&r) == -1)
		return -1;
	if (used == NULL && r.at < n)
		return fail(&r, "%s: expected no more words, but there is `%s'",
		    forms[r.d.kind].name, words[r.at]);
	for (i = 0; i + 1 < r.d.n; i++)
		if (p[i].value > 0)
			p[i].rise = log((double)p[i + 1].value /
			    (double)p[i].value);
	if (used != NULL)
		*used = r.at;
	*d = r.d;
	return 0;
}

/* p99.9 and the like: ppm less the zeros at its end. */
static void
print_point(const struct dist_point *p, FILE *f)
{
	int32_t rest = p->ppm % 10000;
	int digits = 4;

	if (p->ppm == 0 || p->ppm == 1000000) {
		fputs(p->ppm == 0 ? " min" : " max", f);
		return;
	}
	for (; digits > 1 && rest % 10 == 0; digits--)
		rest /= 10;
	fprintf(f, " p%" PRId32, p->ppm / 10000);
	if (rest > 0)
		fprintf(f, ".%0*" PRId32, digits, rest);
}

void
dist_print(const struct dist *d, const struct dist_unit *unit,
    const char *file, FILE *f)
{
	char text[UNITS_TEXT];
	unsigned int i;

	fputs(forms[d->kind].name, f);
	for (i = 0; i < d->n; i++) {
		if (d->kind == DIST_QUANTILES)
			print_point(&d->points[i], f);
		else if (i == 1 && forms[d->kind].p99)
			fputs(" p99", f);
		fprintf(f, " %s", unit->text(d->points[i].value, text,
		    sizeof(text)));
	}
	if (d->kind == DIST_TRACE)
		fprintf(f, " %s%s", file, d->sampled ? " sampled" : "");
}
