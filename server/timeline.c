#include <string.h>

#include "common/brief.h"
#include "common/clock.h"
#include "common/draw.h"
#include "server/timeline.h"

#define HOUR		(3600 * CLOCK_S)
#define LOOKS		36000	/* at the schedule: each 100 ms of an hour */
#define CHANGES		12	/* of the condition, that are listed */

/* The conditions that reads may meet at one time: two within a ramp. */
struct mix {
	int from, to;
};

static struct mix
mix_at(const struct conf_disk *d, int64_t t)
{
	struct mix m;

	/* Of all reads the last one to meet the second, and the first. */
	m.from = schedule_condition(d->schedules, d->nschedules, d->key, t,
	    1 - 0x1p-53);
	m.to = schedule_condition(d->schedules, d->nschedules, d->key, t,
	    0x1p-53);
	return m;
}

static int
is_same(struct mix a, struct mix b)
{
	return a.from == b.from && a.to == b.to;
}

/*
 * A time between two at which something changes, to the nearest microsecond:
 * a ramp needs a nanosecond before it shows.
 */
static int64_t
change(const struct conf_disk *d, int64_t before, int64_t behind)
{
	struct mix was = mix_at(d, before);
	int64_t middle;

	while (behind - before > 1) {
		middle = before + (behind - before) / 2;
		if (is_same(mix_at(d, middle), was))
			before = middle;
		else
			behind = middle;
	}
	return (behind + CLOCK_US / 2) / CLOCK_US * CLOCK_US;
}

static void
print_change(const struct conf_disk *d, struct mix m, int64_t t, FILE *f)
{
	char text[BRIEF_TEXT];

	fputs(d->models[m.from].name, f);
	if (m.to != m.from)
		fprintf(f, " to %s", d->models[m.to].name);
	fprintf(f, " %s", brief_time(t, text, sizeof(text)));
}

static void
print_changes(const struct conf_disk *d, int64_t horizon, FILE *f)
{
	int64_t step = horizon / LOOKS, t;
	struct mix was = mix_at(d, CLOCK_US), is;
	unsigned int n = 0;

	fprintf(f, "%s: schedule: ", d->name);
	print_change(d, was, 0, f);
	for (t = step; t < horizon; t += step, was = is) {
		is = mix_at(d, t);
		if (is_same(is, was))
			continue;
		if (n++ == CHANGES) {
			fputs(", and so on", f);
			break;
		}
		fputs(", ", f);
		print_change(d, is, change(d, t > step ? t - step : CLOCK_US,
		    t), f);
	}
	fputc('\n', f);
}

/*
 * Each look is somewhere within its step, so that a schedule that repeats as
 * the steps do is not always met at the same point.
 */
static void
print_shares(const struct conf_disk *d, int64_t horizon, FILE *f)
{
	uint64_t looks[CONF_CONDITION_MAX] = { 0 }, i, key;
	double step = (double)horizon / LOOKS;
	char share[BRIEF_TEXT];
	const char *comma = "";
	int64_t t;

	for (i = 0; i < LOOKS; i++) {
		key = draw_key(0, i);
		t = (int64_t)(((double)i + draw_unit(key, 0)) * step);
		looks[schedule_condition(d->schedules, d->nschedules, d->key,
		    t, draw_unit(key, 1))]++;
	}
	fprintf(f, "%s: of reads in the first %s: ", d->name,
	    horizon == HOUR ? "hour" : "day");
	for (i = 0; i < d->nmodels; i++) {
		if (looks[i] == 0)
			continue;
		fprintf(f, "%s%s %s", comma, d->models[i].name,
		    brief_share(looks[i], LOOKS, share, sizeof(share)));
		comma = ", ";
	}
	fputc('\n', f);
}

void
timeline_print(const struct conf_disk *d, FILE *f)
{
	const struct schedule *s;
	int64_t horizon = HOUR;
	size_t i;

	if (d->nschedules == 0)
		return;
	for (i = 0; i < d->nschedules; i++) {
		s = &d->schedules[i];
		if (s->after >= HOUR || s->length >= HOUR || s->every >= HOUR)
			horizon = 24 * HOUR;
	}
	print_changes(d, horizon, f);
	print_shares(d, horizon, f);
}
