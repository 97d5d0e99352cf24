#include <inttypes.h>

#include "common/json.h"
#include "server/admin/snapshot.h"
#include "server/admin/status_json.h"
#include "server/recent.h"

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
	json_number(j, "pid", (uint64_t)s->master.pid);
	json_seconds(j, "now", s->wall);
	json_seconds(j, "started", s->master.started);
	json_seconds(j, "uptime", s->wall - s->master.started);
	json_string(j, "config", s->conf->file);
	json_string(j, "state", bulletin_phase_name(s->master.phase));
	json_string(j, "balance", conf_balance_name(s->master.policy));
	json_string(j, "fallback", s->master.fallback[0] == '\0' ? NULL :
	    s->master.fallback);
	json_string(j, "confinement", s->master.confinement);
	json_number(j, "generation", s->master.generation);
	json_object(j, "reloads");
	json_number(j, "total", s->totals.reloads);
	json_number(j, "failed", s->totals.reloads_failed);
	if (s->master.reloaded == 0)
		json_null(j, "last");
	else
		json_seconds(j, "last", s->master.reloaded);
	json_bool(j, "last_ok", !s->master.reload_failed);
	json_end_object(j);
	json_object(j, "upgrades");
	json_number(j, "total", s->totals.upgrades);
	json_number(j, "failed", s->totals.upgrades_failed);
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
	json_number(j, "wanted", s->master.wanted);
	json_number(j, "min", s->master.min);
	json_number(j, "max", s->master.max);
	json_number(j, "spare", s->master.spare);
	json_number(j, "starting", s->seen[BOARD_SEEN_STARTING]);
	json_number(j, "idle", s->seen[BOARD_SEEN_IDLE]);
	json_number(j, "busy", snapshot_busy(s));
	json_number(j, "kept", s->seen[BOARD_SEEN_KEPT]);
	json_number(j, "stuck", s->seen[BOARD_SEEN_STUCK]);
	json_number(j, "draining", s->seen[BOARD_SEEN_DRAINING]);
	json_number(j, "waiting", s->master.waiting);
	json_number(j, "undead", s->master.undead);
	json_end_object(j);
	json_object(j, "deaths");
	for (i = 0; i < DEATH_CAUSES; i++)
		json_number(j, deaths_name(i), s->totals.deaths[i]);
	json_end_object(j);
}

static void
write_counts(struct json *j, const struct totals *c)
{
	char class[8];
	unsigned int i;

	json_object(j, "requests");
	json_number(j, "total", c->sum.requests);
	for (i = 0; i < BOARD_CLASSES; i++) {
		snprintf(class, sizeof(class), "%uxx", i + 2);
		json_number(j, class, c->sum.classes[i]);
	}
	json_end_object(j);
	json_object(j, "errors");
	for (i = ERROR_NONE + 1; i < ERROR_KINDS; i++)
		json_number(j, error_name(i), c->sum.kinds[i]);
	json_end_object(j);
	json_number(j, "bytes", c->sum.bytes);
	json_object(j, "connections");
	for (i = 0; i < BOARD_WAYS; i++)
		json_number(j, board_way_name(i), c->sum.ways[i]);
	json_end_object(j);
	json_object(j, "steering");
	json_number(j, "shut", c->sum.shut);
	json_number(j, "expired", c->sum.expired);
	json_number(j, "empty", c->sum.empty);
	json_end_object(j);
	json_object(j, "latency");
	for (i = 0; i < BOARD_TIMES; i++)
		write_latency(j, board_time_name(i), &c->times[i]);
	json_end_object(j);
}

static void
write_disk(struct json *j, const struct snapshot_disk *d,
    const struct snapshot *s)
{
	size_t i;

	json_object(j, NULL);
	json_string(j, "name", d->about.name);
	json_string(j, "condition", d->condition);
	json_bool(j, "forced", d->forced);
	if (d->forced && d->until != INT64_MAX)
		json_seconds(j, "until", snapshot_wall(s, d->until));
	else
		json_null(j, "until");
	json_array(j, "conditions");
	for (i = 0; i < d->about.n; i++)
		json_string(j, NULL, d->about.conditions[i]);
	json_end_array(j);
	json_number(j, "lanes", (uint64_t)d->about.lanes);
	json_number(j, "lanes_busy", d->lanes_busy);
	json_number(j, "limit", (uint64_t)d->about.limit);
	json_number(j, "inside", d->waiting + d->reading);
	json_number(j, "waiting", d->waiting);
	json_number(j, "reading", d->reading);
	json_number(j, "stuck", d->stuck);
	json_number(j, "reads", d->totals.reads);
	json_number(j, "failed", d->totals.failed);
	write_latency(j, "latency", &d->totals.latency);
	json_end_object(j);
}

static void
write_slot(struct json *j, const struct snapshot_slot *w,
    const struct snapshot *s)
{
	const struct board_view *v = &w->view;
	char id[RECENT_ID + 1];

	json_object(j, NULL);
	json_number(j, "slot", w->slot);
	json_number(j, "pid", (uint64_t)v->pid);
	json_string(j, "state", board_word(v->seen));
	json_seconds(j, "since", s->now - v->since);
	json_string(j, "disk", w->disk == NULL ? NULL : w->disk->about.name);
	json_string(j, "condition", w->condition);
	json_number(j, "requests", v->requests);
	json_number(j, "errors", v->errors);
	json_number(j, "bytes", v->bytes);
	snprintf(id, sizeof(id), "%0*" PRIx64, RECENT_ID, v->request);
	json_string(j, "request", v->request == 0 ? NULL : id);
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
	write_counts(&j, &s->totals);
	json_array(&j, "disks");
	for (i = 0; i < s->ndisks; i++)
		write_disk(&j, &s->disks[i], s);
	json_end_array(&j);
	if (slots) {
		json_array(&j, "slots");
		for (i = 0; i < s->nslots; i++)
			if (s->slots[i].view.pid != 0)
				write_slot(&j, &s->slots[i], s);
		json_end_array(&j);
	}
	json_end_object(&j);
	putc('\n', f);
}
