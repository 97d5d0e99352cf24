#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "t/visits.h"

static struct visit *visits;
static size_t visits_n, visits_room;

size_t
visits_new(enum visit_kind kind, int read_time)
{
	struct visit *v;

	if (visits_n == visits_room) {
		visits_room = visits_room == 0 ? 4096 : 2 * visits_room;
		visits = reallocarray(visits, visits_room, sizeof(*visits));
		if (visits == NULL)
			err(1, "visits");
	}
	v = &visits[visits_n];
	memset(v, 0, sizeof(*v));
	v->kind = kind;
	v->read_time = read_time;
	v->begin = clock_mono();
	return visits_n++;
}

void
visits_clear(void)
{
	free(visits);
	visits = NULL;
	visits_n = visits_room = 0;
}

struct visit *
visits_get(size_t number)
{
	if (number >= visits_n)
		errx(1, "there is no visit %zu", number);
	return &visits[number];
}

void
visits_record(const struct record *r)
{
	struct visit *v = visits_get(r->number);

	v->queue = r->queue;
	v->disk = r->disk;
	v->logged = 1;
}

struct visits_sum
visits_sum(void)
{
	struct visits_sum s = { .sent = 0 };
	const struct visit *v;

	for (v = visits; v < visits + visits_n; v++) {
		if (v->kind != VISIT_REQUEST && v->kind != VISIT_LATE)
			continue;
		s.sent++;
		s.asked_for += v->read_time * CLOCK_MS;
		s.late += v->kind == VISIT_LATE;
		s.answered += v->answered != 0;
		s.lost += !v->answered;
		s.stolen += !v->answered && !v->held;
		s.unlogged += v->answered && !v->held && !v->logged;
	}
	return s;
}

/*
 * The log says how long it waited, the client when it had asked and when it
 * had the answer: so it began to wait, at the latest, its wait and its read
 * before the answer, and it waited, at the least, its wait from the question.
 */
static struct span
sure_wait(const struct visit *v)
{
	struct span s = { v->end - v->disk - v->queue, v->asked + v->queue };

	/* The log's clock may be set: its waits are no longer than ours. */
	if (s.from < v->asked)
		s.from = v->asked;
	if (s.to > v->end - v->disk)
		s.to = v->end - v->disk;
	return s;
}

void
visits_spans(struct spans *busy, struct spans *waits)
{
	const struct visit *v;
	struct span s;

	for (v = visits; v < visits + visits_n; v++) {
		s = sure_wait(v);
		if (!v->answered || !v->logged || s.to <= s.from) {
			spans_add(busy, v->begin, v->end);
			continue;
		}
		/* A worker may have taken it before it had asked. */
		spans_add(busy, v->begin, s.from);
		spans_add(waits, s.from, s.to);
		spans_add(busy, s.to, v->end);
	}
}
