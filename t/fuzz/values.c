/*
 * Values of keywords by themselves: distributions, schedules, times, sizes,
 * percentages, addresses.  The input is a line of words, each of which is
 * tried as everything that a word may be, and all together as a distribution
 * of times, one of sizes, and an entry of a schedule.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/addr.h"
#include "common/clock.h"
#include "common/dist.h"
#include "common/schedule.h"
#include "common/units.h"
#include "server/lex.h"
#include "t/fuzz/fuzz.h"
#include "t/fuzz/same.h"

#define DAY	(86400 * CLOCK_S)
#define ERROR	512		/* bytes */
#define ROOM	8192		/* of a line that was printed, bytes */

static const struct dist_unit times = {
	"time", "20ms", units_time, units_time_text, 0, DAY, DIST_ANY
};

static const struct dist_unit sizes = {
	"size", "64k", units_size, units_size_text, 0, INT64_C(16) << 30,
	DIST_ANY & ~DIST_ONLY(DIST_HANG)
};

static const double shares[] = { 0x1p-53, 0.01, 0.3, 0.5, 0.9, 0.99, 0.9999,
	1 - 0x1p-53 };

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

/* A line that something is printed to, and its words again. */
struct line {
	char text[ROOM];
	struct lex lex;
};

static FILE *
line_open(struct line *l)
{
	FILE *f = fmemopen(l->text, ROOM - 1, "w");

	if (f == NULL)
		abort();
	return f;
}

static void
line_close(struct line *l, FILE *f)
{
	if (fclose(f) == EOF)
		abort();
	lex_init(&l->lex, l->text, strlen(l->text));
	FUZZ_LAW(lex_next(&l->lex) == LEX_STATEMENT, "what is printed is a "
	    "line of words");
}

/* What is drawn ascends with its share, and keeps to the points written. */
static void
check_draws(const struct dist *d)
{
	const struct dist_point *p = d->points;
	int64_t value, last = 0;
	size_t i;

	for (i = 0; i < COUNT(shares); i++) {
		value = dist_value(d, shares[i], i);
		FUZZ_LAW(value >= last, "what is drawn ascends");
		last = value;
		if (d->kind == DIST_UNIFORM || d->kind == DIST_QUANTILES)
			FUZZ_LAW(value >= p[0].value &&
			    value <= p[d->n - 1].value,
			    "what is drawn is between the points");
	}
	FUZZ_LAW(dist_mean(d) >= 0, "there is a mean, or infinity");
}

static void
check_dist(char *const *words, size_t n, const struct dist_unit *unit)
{
	char error[ERROR] = "";
	struct dist d, again;
	struct line l;
	size_t used = 0;
	FILE *f;

	if (dist_parse(&d, words, n, &used, unit, error, sizeof(error)) == -1) {
		FUZZ_LAW(error[0] != '\0', "what is wrong is told");
		return;
	}
	FUZZ_LAW(used >= 1 && used <= n, "it has used what was there");
	f = line_open(&l);
	dist_print(&d, unit, "t", f);
	line_close(&l, f);
	FUZZ_LAW(dist_parse(&again, l.lex.words, l.lex.nwords, NULL, unit,
	    error, sizeof(error)) == 0 && l.lex.nwords == used &&
	    dist_equal(&d, &again), "what is printed reads back as the same");
	check_draws(&d);
}

/* Whatever the time, the condition is one of the schedule's, or none. */
static void
check_conditions(const struct schedule *s)
{
	const int64_t at[] = { 0, 1, s->after, s->length, s->every, s->means[0],
		DAY, INT64_MAX / 2, INT64_MAX };
	int condition;
	size_t i;

	for (i = 0; i < COUNT(at); i++) {
		condition = schedule_condition(s, 1, 7, at[i], 0.5);
		FUZZ_LAW(condition == 0 || condition == s->conditions[0] ||
		    (s->kind != SCHEDULE_PLAIN &&
		    condition == s->conditions[1]),
		    "a condition is the schedule's, or healthy");
	}
}

static void
check_schedule(char *const *words, size_t n)
{
	const char *names[4] = { SCHEDULE_HEALTHY, "slow", NULL, NULL };
	char error[ERROR] = "";
	struct schedule s, again;
	struct line l;
	FILE *f;

	if (schedule_parse(&s, words, n, error, sizeof(error)) == -1) {
		FUZZ_LAW(error[0] != '\0', "what is wrong is told");
		return;
	}
	f = line_open(&l);
	schedule_print(&s, f);
	line_close(&l, f);
	FUZZ_LAW(schedule_parse(&again, l.lex.words, l.lex.nwords, error,
	    sizeof(error)) == 0 && same_schedule(&s, &again),
	    "what is printed reads back as the same");
	names[2] = s.names[0];
	names[3] = s.names[1];
	if (schedule_resolve(&s, names, 2, error, sizeof(error)) == -1)
		FUZZ_LAW(error[0] != '\0', "what is missing is told");
	FUZZ_LAW(schedule_resolve(&s, names, 4, error, sizeof(error)) == 0,
	    "what is there is found");
	check_conditions(&s);
}

static void
check_word(const char *word)
{
	char text[UNITS_TEXT], address[ADDR_TEXT];
	struct addr a, b;
	int64_t v, again;

	if (units_time(word, &v) == 0)
		FUZZ_LAW(v >= 0 && units_time(units_time_text(v, text,
		    sizeof(text)), &again) == 0 && again == v,
		    "a time reads back as the same");
	if (units_size(word, &v) == 0)
		FUZZ_LAW(v >= 0 && units_size(units_size_text(v, text,
		    sizeof(text)), &again) == 0 && again == v,
		    "a size reads back as the same");
	if (units_percent(word, &v) == 0)
		FUZZ_LAW(v >= 0 && v <= 1000000, "a percentage is one");
	if (addr_parse(word, &a) == 0)
		FUZZ_LAW(addr_port(&a) <= 65535 && addr_parse(addr_text(&a,
		    address, sizeof(address)), &b) == 0 && addr_equal(&a, &b),
		    "an address reads back as the same");
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *words[LEX_WORDS], *text = malloc(len + 1);
	struct lex l;
	size_t i;

	if (text == NULL)
		abort();
	if (len > 0)
		memcpy(text, bytes, len);
	lex_init(&l, text, len);
	if (lex_next(&l) == LEX_STATEMENT) {
		for (i = 0; i < l.nwords; i++)
			words[i] = fuzz_string(l.words[i],
			    strlen(l.words[i]));
		for (i = 0; i < l.nwords; i++)
			check_word(words[i]);
		check_dist(words, l.nwords, &times);
		check_dist(words, l.nwords, &sizes);
		check_schedule(words, l.nwords);
		for (i = 0; i < l.nwords; i++)
			free(words[i]);
	}
	free(text);
	return 0;
}
