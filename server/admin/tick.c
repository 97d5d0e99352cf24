#include <sys/param.h>

#include <string.h>

#include "common/clock.h"
#include "common/json.h"
#include "server/admin/tick.h"

/* Counts do not go back; if they did, nothing would have come. */
static double
rate(uint64_t now, uint64_t before, int64_t ns)
{
	return now < before ? 0 : (double)(now - before) * 1e9 / (double)ns;
}

/* What came since the base; a histogram that the base does not know, all. */
static void
since(struct histogram *h, const struct histogram *now,
    const struct histogram *before)
{
	*h = *now;
	if (before != NULL)
		histogram_subtract(h, before);
}

static const struct histogram *
latency_before(const struct tick_base *b, const char *name)
{
	size_t i;

	for (i = 0; i < b->ndisks; i++)
		if (strcmp(b->disks[i].name, name) == 0)
			return &b->disks[i].latency;
	return NULL;
}

static void
take_disk(struct tick_disk *t, const struct tick_base *b,
    const struct snapshot_disk *d, const struct snapshot *s)
{
	struct histogram h;
	uint64_t rows[TICK_ROWS];
	size_t i;

	strlcpy(t->name, d->about.name, sizeof(t->name));
	strlcpy(t->condition, d->condition, sizeof(t->condition));
	t->forced = d->forced;
	t->until = d->until == INT64_MAX ? INT64_MAX :
	    s->wall + (d->until - s->now);
	t->lanes = (unsigned int)d->about.lanes;
	t->lanes_busy = d->lanes_busy;
	t->limit = (unsigned int)d->about.limit;
	t->inside = d->reading + d->waiting;
	since(&h, &d->totals.latency, latency_before(b, d->about.name));
	histogram_octaves(&h, TICK_FIRST, TICK_ROWS, rows);
	for (i = 0; i < TICK_ROWS; i++)
		t->heat[i] = (uint32_t)MIN(rows[i], UINT32_MAX);
}

static void
remember(struct tick_base *b, const struct snapshot *s)
{
	size_t i;

	b->now = s->now;
	b->totals = s->totals;
	b->ndisks = s->ndisks;
	for (i = 0; i < s->ndisks; i++) {
		strlcpy(b->disks[i].name, s->disks[i].about.name,
		    sizeof(b->disks[i].name));
		b->disks[i].latency = s->disks[i].totals.latency;
	}
}

int
tick_take(struct tick *t, struct tick_base *b, const struct snapshot *s)
{
	const int64_t ns = s->now - b->now;
	struct histogram h;
	size_t i;

	if (b->now == 0 || ns <= 0) {
		remember(b, s);
		return -1;
	}
	memset(t, 0, sizeof(*t));
	t->wall = s->wall;
	for (i = 0; i < s->nlistens; i++)
		t->queue += s->listens[i].queue;
	t->requests = rate(s->totals.sum.requests,
	    b->totals.sum.requests, ns);
	t->errors = rate(snapshot_errors(&s->totals), snapshot_errors(&b->totals), ns);
	t->bytes = rate(s->totals.sum.bytes, b->totals.sum.bytes, ns);
	for (i = 0; i < BOARD_TIMES; i++) {
		since(&h, &s->totals.times[i], &b->totals.times[i]);
		t->p50[i] = histogram_quantile(&h, 0.5);
		t->p99[i] = histogram_quantile(&h, 0.99);
	}
	t->ndisks = (unsigned int)s->ndisks;
	for (i = 0; i < s->ndisks; i++)
		take_disk(&t->disks[i], b, &s->disks[i], s);
	remember(b, s);
	return 0;
}

void
tick_keep(struct tick_history *h, const struct tick *t)
{
	h->ticks[h->n % TICKS_KEPT] = *t;
	h->n++;
}

static void
write_latency(struct json *j, const char *key, int64_t p50, int64_t p99)
{
	if (p50 < 0) {
		json_null(j, key);
		return;
	}
	json_array(j, key);
	json_seconds(j, NULL, p50);
	json_seconds(j, NULL, p99);
	json_end_array(j);
}

static void
write_disk(struct json *j, const struct tick_disk *d)
{
	size_t i;

	json_object(j, NULL);
	json_string(j, "name", d->name);
	json_string(j, "condition", d->condition);
	json_bool(j, "forced", d->forced);
	if (d->forced && d->until != INT64_MAX)
		json_seconds(j, "until", d->until);
	else
		json_null(j, "until");
	json_number(j, "lanes", d->lanes);
	json_number(j, "lanes_busy", d->lanes_busy);
	json_number(j, "limit", d->limit);
	json_number(j, "inside", d->inside);
	json_array(j, "heat");
	for (i = 0; i < TICK_ROWS; i++)
		json_number(j, NULL, d->heat[i]);
	json_end_array(j);
	json_end_object(j);
}

/* s is NULL where nobody knows any more what the slots did. */
static void
write_tick(struct json *j, const struct tick *t, const struct snapshot *s)
{
	size_t i;

	json_object(j, NULL);
	json_seconds(j, "t", t->wall);
	if (s != NULL) {
		json_begin_string(j, "slots");
		for (i = 0; i < s->nslots; i++)
			putc(board_letter(s->slots[i].view.seen), j->f);
		json_end_string(j);
	}
	json_number(j, "queue", t->queue);
	json_object(j, "rate");
	json_rate(j, "requests", t->requests);
	json_rate(j, "errors", t->errors);
	json_rate(j, "bytes", t->bytes);
	json_end_object(j);
	json_object(j, "latency");
	for (i = 0; i < BOARD_TIMES; i++)
		write_latency(j, board_time_name(i), t->p50[i], t->p99[i]);
	json_end_object(j);
	json_array(j, "disks");
	for (i = 0; i < t->ndisks; i++)
		write_disk(j, &t->disks[i]);
	json_end_array(j);
	json_end_object(j);
}

void
tick_write(const struct tick *t, const struct snapshot *s, FILE *f)
{
	struct json j = { .f = f };

	fputs("event: tick\ndata: ", f);
	write_tick(&j, t, s);
	fputs("\n\n", f);
}

/* What can be read of a tick that is in others' hands. */
static void
trust(struct tick *t)
{
	struct tick_disk *d;

	t->ndisks = MIN(t->ndisks, CONF_DISK_MAX);
	for (d = t->disks; d < t->disks + t->ndisks; d++) {
		d->name[sizeof(d->name) - 1] = '\0';
		d->condition[sizeof(d->condition) - 1] = '\0';
	}
}

void
tick_write_history(const struct tick_history *h, FILE *f)
{
	const uint64_t n = *(const volatile uint64_t *)&h->n;
	struct json j = { .f = f };
	static struct tick t;
	uint64_t i;

	fputs("event: history\ndata: ", f);
	json_object(&j, NULL);
	json_number(&j, "interval", 1);
	json_array(&j, "rows");
	for (i = 1; i <= TICK_ROWS; i++)
		json_seconds(&j, NULL, INT64_C(1) << (TICK_FIRST + i));
	json_end_array(&j);
	json_array(&j, "ticks");
	for (i = n > TICKS_KEPT ? n - TICKS_KEPT : 0; i < n; i++) {
		t = h->ticks[i % TICKS_KEPT];
		trust(&t);
		write_tick(&j, &t, NULL);
	}
	json_end_array(&j);
	json_end_object(&j);
	fputs("\n\n", f);
}
