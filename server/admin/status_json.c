#include <inttypes.h>

#include "common/json.h"
#include "server/admin/snapshot.h"
#include "server/admin/status_json.h"

static const char *const spans[SPANS] = {
	[SPAN_QUEUE] = "queue",
	[SPAN_LANE] = "lane",
	[SPAN_DISK] = "disk",
	[SPAN_LATE] = "lateness",
	[SPAN_TOTAL] = "total",
};

static const char *const classes[] = {
	"none", "1xx", "2xx", "3xx", "4xx", "5xx"
};

/* A point of clock_mono() as one of the clock on the wall. */
static int64_t
wall(const struct snapshot *s, int64_t mono)
{
	return s->wall + (mono - s->now);
}

static void
write_latency(struct json *j, const char *key, const struct histogram *h)
{
	static const struct {
		const char *name;
		double q;
	} quantiles[] = {
		{ "p50", 0.5 }, { "p90", 0.9 }, { "p99", 0.99 },
		{ "p999", 0.999 },
	};
	const uint64_t n = histogram_count(h);
	size_t i;

	json_object(j, key);
	json_number(j, "count", n);
	json_seconds(j, "sum", (int64_t)h->sum);
	for (i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++)
		if (n == 0)
			json_null(j, quantiles[i].name);
		else
			json_seconds(j, quantiles[i].name,
			    histogram_quantile(h, quantiles[i].q));
	if (n == 0)
		json_null(j, "max");
	else
		json_seconds(j, "max", (int64_t)h->max);
	json_end_object(j);
}

static void
write_master(struct json *j, const struct snapshot *s)
{
	json_number(j, "version", 1);
	json_string(j, "server", "spindled/" VERSION);
	json_number(j, "pid", (uint64_t)s->pid);
	json_seconds(j, "now", s->wall);
	json_seconds(j, "started", s->started);
	json_seconds(j, "uptime", s->wall - s->started);
	json_string(j, "config", s->conf->file);
	json_string(j, "state", snapshot_phase_name(s->phase));
	json_string(j, "balance", conf_balance_name(s->balance));
	json_string(j, "fallback", s->fallback);
	json_string(j, "confinement", s->confinement);
	json_number(j, "generation", s->generation);
	json_object(j, "reloads");
	json_number(j, "total", s->reloads);
	json_number(j, "failed", s->reloads_failed);
	if (s->reloaded == 0)
		json_null(j, "last");
	else
		json_seconds(j, "last", s->reloaded);
	json_bool(j, "last_ok", !s->reload_failed);
	json_end_object(j);
	json_object(j, "upgrades");
	json_number(j, "total", s->upgrades);
	json_number(j, "failed", s->upgrades_failed);
	json_end_object(j);
}

static void
write_listens(struct json *j, const struct snapshot *s)
{
	size_t i;

	json_array(j, "listen");
	for (i = 0; i < s->nlistens; i++) {
		json_object(j, NULL);
		json_string(j, "address", s->listens[i].address);
		json_number(j, "queue", s->listens[i].queue);
		json_number(j, "limit", s->listens[i].limit);
		json_end_object(j);
	}
	json_end_array(j);
}

static void
write_workers(struct json *j, const struct snapshot *s)
{
	unsigned int i;

	json_object(j, "workers");
	json_number(j, "wanted", s->wanted);
	json_number(j, "min", s->min);
	json_number(j, "max", s->max);
	json_number(j, "spare", s->spare);
	json_number(j, "starting", s->seen[SEEN_STARTING]);
	json_number(j, "idle", s->seen[SEEN_IDLE]);
	json_number(j, "busy", snapshot_busy(s));
	json_number(j, "kept", s->seen[SEEN_KEPT]);
	json_number(j, "stuck", s->seen[SEEN_STUCK]);
	json_number(j, "draining", s->seen[SEEN_DRAINING]);
	json_number(j, "waiting", s->waiting);
	json_number(j, "undead", s->undead);
	json_end_object(j);
	json_object(j, "deaths");
	for (i = 0; i < DEATH_CAUSES; i++)
		json_number(j, snapshot_death_name(i), s->deaths[i]);
	json_end_object(j);
}

static void
write_counts(struct json *j, const struct snapshot_counts *c)
{
	unsigned int i;

	json_object(j, "requests");
	json_number(j, "total", snapshot_requests(c));
	for (i = 2; i < 6; i++)
		json_number(j, classes[i], c->responses[i]);
	json_end_object(j);
	json_object(j, "errors");
	for (i = ERROR_NONE + 1; i < ERROR_KINDS; i++)
		json_number(j, error_name(i), c->errors[i]);
	json_end_object(j);
	json_number(j, "bytes", c->bytes);
	json_object(j, "connections");
	for (i = 0; i < ARRIVALS; i++)
		json_number(j, snapshot_arrival_name(i), c->arrivals[i]);
	json_end_object(j);
	json_object(j, "steering");
	json_number(j, "shut", c->shut);
	json_number(j, "expired", c->expired);
	json_number(j, "empty", c->empty);
	json_end_object(j);
	json_object(j, "latency");
	for (i = 0; i < SPANS; i++)
		write_latency(j, spans[i], &c->spans[i]);
	json_end_object(j);
}

static void
write_disk(struct json *j, const struct snapshot_disk *d,
    const struct snapshot *s)
{
	size_t i;

	json_object(j, NULL);
	json_string(j, "name", d->conf->name);
	json_string(j, "condition", d->condition);
	json_bool(j, "forced", d->forced);
	if (d->forced && d->until != INT64_MAX)
		json_seconds(j, "until", wall(s, d->until));
	else
		json_null(j, "until");
	json_array(j, "conditions");
	for (i = 0; i < d->conf->nmodels; i++)
		json_string(j, NULL, d->conf->models[i].name);
	json_end_array(j);
	json_number(j, "lanes", (uint64_t)d->conf->lanes);
	json_number(j, "lanes_busy", d->lanes_busy);
	json_number(j, "limit", (uint64_t)d->conf->limit);
	json_number(j, "inside", d->inside);
	json_number(j, "waiting", d->waiting);
	json_number(j, "reading", d->reading);
	json_number(j, "stuck", d->stuck);
	json_number(j, "reads", d->reads);
	json_number(j, "failed", d->failed);
	write_latency(j, "latency", &d->latency);
	json_end_object(j);
}

static void
write_slot(struct json *j, const struct snapshot_slot *w,
    const struct snapshot *s)
{
	char id[17];

	json_object(j, NULL);
	json_number(j, "slot", w->slot);
	json_number(j, "pid", (uint64_t)w->pid);
	json_string(j, "state", snapshot_state_name(w->seen));
	json_seconds(j, "since", s->now - w->since);
	json_string(j, "disk", w->disk);
	json_string(j, "condition", w->condition);
	json_number(j, "requests", w->requests);
	json_number(j, "errors", w->errors);
	json_number(j, "bytes", w->bytes);
	snprintf(id, sizeof(id), "%016" PRIx64, w->request);
	json_string(j, "request", w->request == 0 ? NULL : id);
	json_end_object(j);
}

void
status_json_disk(const struct snapshot_disk *d, const struct snapshot *s,
    FILE *f)
{
	struct json j = { .f = f };

	write_disk(&j, d, s);
	putc('\n', f);
}

void
status_json_write(const struct snapshot *s, int slots, FILE *f)
{
	struct json j = { .f = f };
	size_t i;

	json_object(&j, NULL);
	write_master(&j, s);
	write_listens(&j, s);
	write_workers(&j, s);
	write_counts(&j, &s->counts);
	json_array(&j, "disks");
	for (i = 0; i < s->ndisks; i++)
		write_disk(&j, &s->disks[i], s);
	json_end_array(&j);
	if (slots) {
		json_array(&j, "slots");
		for (i = 0; i < s->nslots; i++)
			if (s->slots[i].pid != 0)
				write_slot(&j, &s->slots[i], s);
		json_end_array(&j);
	}
	json_end_object(&j);
	putc('\n', f);
}
