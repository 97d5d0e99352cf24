#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/chars.h"
#include "common/clock.h"
#include "common/draw.h"
#include "common/schedule.h"
#include "common/units.h"

/* A flap's times are whole nanoseconds: with shorter means it would show. */
#define FLAP_MIN	CLOCK_US

/*
 * A flap's ticks per cell, on average.  Any number is right, for the process
 * is the same; around here an answer takes the fewest draws, about five.
 */
#define CELL_TICKS	3

/*
 * Flaps make their keys from numbers up here, apart from those that others
 * make from the same seed with what they count, or with times.
 */
#define FLAP_KEYS	(UINT64_C(1) << 63)

/* An entry's words that are still to be read, and where to complain. */
struct rest {
	char *const *words;
	size_t n;
	char *error;
	size_t size;		/* of error, bytes */
};

/* How each kind is written, by enum schedule_kind. */
static const struct {
	const char *usage;
	const char *options;
} forms[] = {
	{ "NAME [after T] [for T] [every T]", "after, for or every" },
	{ "flap NAME T NAME T [after T] [for T]", "after or for" },
	{ "ramp NAME NAME for T [after T]", "for or after" },
};

static const struct option {
	const char *name;
	size_t offset;		/* of its int64_t in the entry, bytes */
	int64_t least;		/* ns */
} options[] = {
	{ "after", offsetof(struct schedule, after), 0 },
	{ "for", offsetof(struct schedule, length), 1 },
	{ "every", offsetof(struct schedule, every), 1 },	/* PLAIN only */
};

#define OPTIONS (sizeof(options) / sizeof(options[0]))

static const char *const reserved[] = {
	"flap", "ramp", "after", "for", "every", NULL
};

static int __attribute__((format(printf, 2, 3)))
fail(const struct rest *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->error, r->size, fmt, ap);
	va_end(ap);
	return -1;
}

static int
is_reserved(const char *word)
{
	size_t i;

	for (i = 0; reserved[i] != NULL; i++)
		if (strcmp(word, reserved[i]) == 0)
			return 1;
	return 0;
}

int
schedule_is_name(const char *s)
{
	return chars_is_name(s, SCHEDULE_NAME_MAX) && !is_reserved(s);
}

/* Reading.  Each function takes its words off the rest, or gives -1. */

static int
take_name(struct rest *r, const char *usage, char *name)
{
	if (r->n == 0 || is_reserved(r->words[0]))
		return fail(r, "expected %s", usage);
	if (!schedule_is_name(r->words[0]))
		return fail(r, "expected the name of a condition, at most %d "
		    "letters, digits, '.', '_' and '-'", SCHEDULE_NAME_MAX);
	strlcpy(name, r->words[0], SCHEDULE_NAME_MAX + 1);
	r->words++;
	r->n--;
	return 0;
}

static int
take_time(struct rest *r, const char *what, int64_t least, int64_t *ns)
{
	char text[UNITS_TEXT];

	if (r->n == 0 || units_time(r->words[0], ns) == -1 || *ns < least)
		return fail(r, "%s: expected a time%s%s, such as 20ms, 4s or "
		    "2m", what, least > 0 ? " of at least " : "", least > 0 ?
		    units_time_text(least, text, sizeof(text)) : "");
	r->words++;
	r->n--;
	return 0;
}

static int
take_names(struct rest *r, struct schedule *s)
{
	const char *usage = forms[s->kind].usage;
	int i;

	for (i = 0; i < (s->kind == SCHEDULE_PLAIN ? 1 : 2); i++) {
		if (take_name(r, usage, s->names[i]) == -1)
			return -1;
		if (s->kind == SCHEDULE_FLAP && take_time(r, s->names[i],
		    FLAP_MIN, &s->means[i]) == -1)
			return -1;
	}
	if (strcmp(s->names[0], s->names[1]) == 0)
		return fail(r, "expected two different conditions in %s",
		    usage);
	return 0;
}

static int
take_options(struct rest *r, struct schedule *s)
{
	const size_t n = s->kind == SCHEDULE_PLAIN ? OPTIONS : OPTIONS - 1;
	unsigned int seen = 0;
	size_t i;

	while (r->n > 0) {
		for (i = 0; i < n; i++)
			if (strcmp(r->words[0], options[i].name) == 0)
				break;
		if (i == n)
			return fail(r, "`%s': expected %s", r->words[0],
			    forms[s->kind].options);
		if (seen & 1u << i)
			return fail(r, "expected %s once, not twice",
			    options[i].name);
		seen |= 1u << i;
		r->words++;
		r->n--;
		if (take_time(r, options[i].name, options[i].least,
		    (int64_t *)(void *)((char *)s + options[i].offset)) == -1)
			return -1;
	}
	return 0;
}

int
schedule_parse(struct schedule *s, char *const *words, size_t n, char *error,
    size_t size)
{
	struct rest r = { words, n, error, size };
	char text[UNITS_TEXT];

	memset(s, 0, sizeof(*s));
	if (n == 0 || (is_reserved(words[0]) && strcmp(words[0], "flap") != 0 &&
	    strcmp(words[0], "ramp") != 0))
		return fail(&r, "expected %s, or %s, or %s",
		    forms[SCHEDULE_PLAIN].usage, forms[SCHEDULE_FLAP].usage,
		    forms[SCHEDULE_RAMP].usage);
	if (is_reserved(words[0])) {
		s->kind = strcmp(words[0], "flap") == 0 ? SCHEDULE_FLAP :
		    SCHEDULE_RAMP;
		r.words++;
		r.n--;
	}
	if (take_names(&r, s) == -1 || take_options(&r, s) == -1)
		return -1;
	if (s->length == SCHEDULE_EVER &&
	    (s->kind == SCHEDULE_RAMP || s->every != 0))
		return fail(&r, "%s: expected a for T as well, in %s",
		    s->every != 0 ? "every" : "ramp", forms[s->kind].usage);
	if (s->every != 0 && s->length >= s->every)
		return fail(&r, "for: expected a time shorter than that of "
		    "every, %s",
		    units_time_text(s->every, text, sizeof(text)));
	return 0;
}

static int
place(const char *name, const char *const *names, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return (int)i;
	return -1;
}

int
schedule_resolve(struct schedule *s, const char *const *names, size_t n,
    char *error, size_t size)
{
	const struct rest r = { NULL, 0, error, size };
	size_t i, j;

	for (i = 0; i < (s->kind == SCHEDULE_PLAIN ? 1 : 2); i++) {
		s->conditions[i] = place(s->names[i], names, n);
		if (s->conditions[i] != -1)
			continue;
		fail(&r, "there is no condition `%s': expected one of",
		    s->names[i]);
		for (j = 0; j < n; j++) {
			strlcat(error, " ", size);
			strlcat(error, names[j], size);
		}
		return -1;
	}
	return 0;
}

/* Writing. */

static void
print_time(const char *word, int64_t ns, FILE *f)
{
	char text[UNITS_TEXT];

	fprintf(f, "%s %s", word, units_time_text(ns, text, sizeof(text)));
}

void
schedule_print(const struct schedule *s, FILE *f)
{
	switch (s->kind) {
	case SCHEDULE_PLAIN:
		fputs(s->names[0], f);
		break;
	case SCHEDULE_FLAP:
		fputs("flap ", f);
		print_time(s->names[0], s->means[0], f);
		fputc(' ', f);
		print_time(s->names[1], s->means[1], f);
		break;
	case SCHEDULE_RAMP:
		fprintf(f, "ramp %s %s", s->names[0], s->names[1]);
		break;
	}
	if (s->after != 0)
		print_time(" after", s->after, f);
	if (s->length != SCHEDULE_EVER)
		print_time(" for", s->length, f);
	if (s->every != 0)
		print_time(" every", s->every, f);
}

/* Answering. */

static int
applies(const struct schedule *s, int64_t t)
{
	int64_t since = t - s->after;

	if (since < 0)
		return 0;
	if (s->every != 0)
		since %= s->every;
	return s->kind == SCHEDULE_RAMP || s->length == SCHEDULE_EVER ||
	    since < s->length;
}

/*
 * The condition, 0 or 1, since the last of a cell's ticks that is less than
 * until from the cell's start; -1 if none is.  Ticks are mean ns apart, in an
 * exponential distribution; each picks the second condition with probability
 * share.
 */
static int
picked(uint64_t cell, double mean, double share, double until)
{
	unsigned int n = 0;	/* ticks before the one at hand */
	double at = 0;

	while ((at -= mean * log(draw_unit(cell, 2 * n))) < until)
		n++;
	return n == 0 ? -1 : draw_unit(cell, 2 * n - 1) < share;
}

/*
 * Whether a flap is in its second condition, since ns after its begin.
 *
 * Who adds up one time after the other has to walk all the way from the
 * begin.  But exponential times forget how long they have lasted, and so the
 * flap can be made otherwise: let a clock tick as a Poisson process does, and
 * let each tick pick a condition, whatever it was before.  With means a and b,
 * a rate of 1/a + 1/b, and a second condition that is picked with probability
 * b / (a + b), the first is left at the rate
 *
 *	(1/a + 1/b) * b / (a + b)  =  1/a
 *
 * and the second at 1/b, as a flap has to.  (A. Jensen, "Markoff chains as an
 * aid in the study of Markoff processes", Skandinavisk Aktuarietidskrift 36,
 * 1953; here all ticks pick alike, for there are but two states.)
 *
 * Now the latest tick says it all, and a Poisson process may be cut into cells
 * that know nothing of each other.  A cell without a tick, one in 20, sends us
 * to the one before; in front of the first cell it was the first condition.
 * Nothing in this is approximate.
 */
static int
flapped(const struct schedule *s, uint64_t key, int64_t since)
{
	const double a = (double)s->means[0], b = (double)s->means[1];
	const double mean = a * b / (a + b);
	const double most = (double)(INT64_MAX / CELL_TICKS);
	const int64_t len = (int64_t)fmin(mean, most) * CELL_TICKS;
	double until = (double)(since % len);
	int64_t cell;
	int second;

	for (cell = since / len; cell >= 0; cell--) {
		second = picked(draw_key(key, (uint64_t)cell), mean,
		    b / (a + b), until);
		if (second != -1)
			return second;
		until = (double)len;
	}
	return 0;
}

static int
is_second(const struct schedule *s, uint64_t key, int64_t since, double u)
{
	switch (s->kind) {
	case SCHEDULE_FLAP:
		return flapped(s, key, since);
	case SCHEDULE_RAMP:
		return u * (double)s->length < (double)since;
	case SCHEDULE_PLAIN:
		break;
	}
	return 0;
}

int
schedule_condition(const struct schedule *v, size_t n, uint64_t seed,
    int64_t t, double u)
{
	while (n-- > 0)
		if (applies(&v[n], t))
			return v[n].conditions[is_second(&v[n],
			    draw_key(seed, FLAP_KEYS | n), t - v[n].after, u)];
	return 0;
}
