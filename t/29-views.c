/*
 * What is shown of the daemon, from a snapshot that the test makes: whether it
 * is well, the text, the JSON, the metrics, and the ticks of the live page.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "server/admin/health.h"
#include "server/admin/metrics.h"
#include "server/admin/snapshot.h"
#include "server/admin/status_json.h"
#include "server/admin/status_text.h"
#include "server/admin/tick.h"
#include "server/admin/why.h"
#include "t/check.h"

#define SLOTS 4

static struct snapshot s;
static struct conf *conf;
static char *text;

/* One disk, which dies; four slots, of which one is empty. */
static void
make_disk(struct snapshot_disk *d)
{
	d->about.lanes = 2;
	d->about.n = 2;
	strlcpy(d->about.name, "sda", sizeof(d->about.name));
	strlcpy(d->about.conditions[0], "healthy",
	    sizeof(d->about.conditions[0]));
	strlcpy(d->about.conditions[1], "dying",
	    sizeof(d->about.conditions[1]));
	d->condition = d->about.conditions[1];
	d->forced = 1;
	d->until = s.now + 60 * CLOCK_S;
	d->lanes_busy = 1;
	d->reading = 2;
	d->stuck = 1;
	d->totals.reads = 42;
	d->totals.failed = 2;
	histogram_add(&d->totals.latency, 3 * CLOCK_S);
}

static void
make_slots(void)
{
	static const enum board_seen seen[SLOTS] = {
		BOARD_SEEN_IDLE, BOARD_SEEN_STUCK, BOARD_SEEN_EMPTY,
		BOARD_SEEN_DISK
	};
	struct board_view *v;
	unsigned int i;

	for (i = 0; i < SLOTS; i++) {
		s.slots[i].slot = i;
		v = &s.slots[i].view;
		v->seen = seen[i];
		v->pid = seen[i] == BOARD_SEEN_EMPTY ? 0 : 80 + (pid_t)i;
		v->since = s.now - (int64_t)(i + 1) * CLOCK_S;
		s.seen[seen[i]]++;
	}
	s.slots[1].disk = &s.disks[0];
	s.slots[1].condition = s.disks[0].condition;
	s.slots[1].view.requests = 9;
	s.slots[1].view.request = 0xabc;
	s.nslots = SLOTS;
}

static void
make_snapshot(void)
{
	size_t i;

	memset(&s, 0, sizeof(s));
	s.now = 100 * CLOCK_S;
	s.wall = 1700000000 * CLOCK_S + 500 * CLOCK_MS;
	s.conf = conf;
	s.master.started = s.wall - 90 * CLOCK_S;
	s.master.pid = 71;
	s.master.phase = BULLETIN_RUNNING;
	s.master.policy = BALANCE_SHARED;
	strlcpy(s.master.fallback, "no \"CAP_BPF\"",
	    sizeof(s.master.fallback));
	s.master.generation = 2;
	s.master.wanted = s.master.min = s.master.max = 3;
	s.master.reloaded = s.wall - CLOCK_S;
	s.nlistens = 1;
	strlcpy(s.listens[0].address, "127.0.0.1:7000",
	    sizeof(s.listens[0].address));
	s.listens[0].queue = 7;
	s.listens[0].limit = 4096;
	s.taken = 99 * CLOCK_S;
	s.totals.deaths[DEATH_CORE] = 5;
	s.totals.reloads = 3;
	s.totals.reloads_failed = 1;
	s.totals.sum.requests = 42;
	s.totals.sum.classes[0] = 40;
	s.totals.sum.classes[3] = 2;
	s.totals.sum.kinds[ERROR_READ_FAILED] = 2;
	s.totals.sum.bytes = 1000;
	s.totals.sum.ways[BOARD_SHARED] = 42;
	for (i = 0; i < 100; i++)
		histogram_add(&s.totals.times[BOARD_TOTAL],
		    (int64_t)(i + 1) * CLOCK_MS);
	s.ndisks = 1;
	make_disk(&s.disks[0]);
	make_slots();
}

static int
health(void)
{
	size_t size;
	FILE *f;
	int status;

	free(text);
	f = open_memstream(&text, &size);
	status = health_write(&s, f);
	fclose(f);
	return status;
}

static void
test_health(void)
{
	make_snapshot();
	is_int(health(), 200, "somebody is idle");
	is_string(text, "ok: 1 of 3 workers idle\n", "and how many are");
	s.seen[BOARD_SEEN_IDLE] = 0;
	s.seen[BOARD_SEEN_DISK]++;
	is_int(health(), 200, "busy, but a connection was taken a second ago");
	s.taken--;
	is_int(health(), 503, "a moment later it is not well");
	is_string(text, "no worker has taken a connection for 1s: 3 of 3 busy, "
	    "1 of them stuck, 1 on disk sda\n", "and says why");
	memset(s.seen, 0, sizeof(s.seen));
	is_int(health(), 503, "nobody is there");
	is_string(text, "there is no worker\n", "it says that");
	make_snapshot();
	s.master.phase = BULLETIN_UPGRADING;
	is_int(health(), 200, "an upgrade is no reason");
	s.master.phase = BULLETIN_DRAINING;
	is_int(health(), 503, "but the end is");
	is_string(text, "draining\n", "it says that");
}

static void
write_with(void (*write)(const struct snapshot *, FILE *))
{
	size_t size;
	FILE *f;

	free(text);
	f = open_memstream(&text, &size);
	write(&s, f);
	fclose(f);
}

static void
with_slots(const struct snapshot *snapshot, FILE *f)
{
	status_json_write(snapshot, 1, f);
}

static void
with_longest(const struct snapshot *snapshot, FILE *f)
{
	status_text_write(snapshot, NULL, 0, f);
}

static void
test_json(void)
{
	make_snapshot();
	write_with(with_slots);
	has_string(text, "{\"version\":1,\"server\":\"spindled/" VERSION "\","
	    "\"pid\":71,\"now\":1700000000.5,\"started\":1699999910.5,"
	    "\"uptime\":90,", "the daemon");
	has_string(text, "\"state\":\"running\",\"balance\":\"shared\","
	    "\"fallback\":\"no \\\"CAP_BPF\\\"\",", "its policy");
	has_string(text, "\"reloads\":{\"total\":3,\"failed\":1,"
	    "\"last\":1699999999.5,\"last_ok\":true}", "reloads");
	has_string(text, "\"listen\":[{\"address\":\"127.0.0.1:7000\","
	    "\"queue\":7,\"limit\":4096}]", "addresses");
	has_string(text, "\"workers\":{\"wanted\":3,\"min\":3,\"max\":3,"
	    "\"spare\":0,\"starting\":0,\"idle\":1,\"busy\":2,\"kept\":0,"
	    "\"stuck\":1,\"draining\":0,\"waiting\":0,\"undead\":0}", "workers");
	has_string(text, "\"core\":5,", "deaths");
	has_string(text, "\"requests\":{\"total\":42,\"2xx\":40,\"3xx\":0,"
	    "\"4xx\":0,\"5xx\":2}", "requests");
	has_string(text, "\"read_failed\":2,", "errors");
	has_string(text, "\"queue\":{\"count\":0,\"sum\":0,\"p50\":null,",
	    "there are no quantiles of nothing");
	has_string(text, "\"total\":{\"count\":100,\"sum\":5.05,", "a sum");
	has_string(text, "\"max\":0.1}", "and the greatest");
	has_string(text, "\"disks\":[{\"name\":\"sda\",\"condition\":\"dying\","
	    "\"forced\":true,\"until\":1700000060.5,"
	    "\"conditions\":[\"healthy\",\"dying\"],\"lanes\":2,"
	    "\"lanes_busy\":1,\"limit\":0,\"inside\":2,\"waiting\":0,"
	    "\"reading\":2,\"stuck\":1,\"reads\":42,\"failed\":2,", "a disk");
	has_string(text, "{\"slot\":1,\"pid\":81,\"state\":\"stuck\","
	    "\"since\":2,\"disk\":\"sda\",\"condition\":\"dying\","
	    "\"requests\":9,\"errors\":0,\"bytes\":0,"
	    "\"request\":\"0000000000000abc\"}", "a slot");
	ok(strstr(text, "\"slot\":2") == NULL, "not an empty one");
}

static void
test_metrics(void)
{
	make_snapshot();
	write_with(metrics_write);
	has_string(text, "# TYPE spindled_build_info gauge\n"
	    "spindled_build_info{version=\"" VERSION "\",balance=\"shared\"} "
	    "1\n", "what it is");
	has_string(text, "spindled_workers{state=\"stuck\"} 1\n", "workers");
	has_string(text, "spindled_requests_total{code=\"5xx\"} 2\n",
	    "requests");
	has_string(text, "spindled_worker_exits_total{cause=\"core\"} 5\n",
	    "deaths");
	has_string(text, "spindled_accept_queue_length{listen="
	    "\"127.0.0.1:7000\"} 7\n", "queues");
	/* 33 of 100 are at most 33.554432 ms. */
	has_string(text, "spindled_request_duration_seconds_bucket{le="
	    "\"0.033554432\"} 33\n", "a bucket");
	has_string(text, "spindled_request_duration_seconds_bucket{le="
	    "\"+Inf\"} 100\nspindled_request_duration_seconds_sum 5.05\n"
	    "spindled_request_duration_seconds_count 100\n", "the last one");
	has_string(text, "spindled_disk_read_seconds_bucket{disk=\"sda\",le="
	    "\"2.147483648\"} 0\nspindled_disk_read_seconds_bucket{"
	    "disk=\"sda\",le=\"4.294967296\"} 1\n", "a disk's");
	has_string(text, "spindled_disk_condition{disk=\"sda\",condition="
	    "\"healthy\"} 0\nspindled_disk_condition{disk=\"sda\",condition="
	    "\"dying\"} 1\n", "its condition");
}

static void
test_text(void)
{
	make_snapshot();
	write_with(with_longest);
	has_string(text, "     0  _!.D\n", "the scoreboard");
	has_string(text, "3 workers wanted; 1 idle, 2 busy, 1 stuck\n"
	    "127.0.0.1:7000: 7 of 4096 connections wait\n", "workers");
	has_string(text, "sda              dying             1 of 2          2 "
	    "      0       1  forced for 1m more\n", "a disk");
	has_string(text, "     3       83 disk            4s -              "
	    "        0 -\n     1       81 stuck           2s sda            "
	    "        9 0000000000000abc\n", "who has been at it for longest");
}

static void
test_ticks(void)
{
	static struct tick_base base;
	static struct tick_history history;
	static struct tick t;
	size_t size, i;
	FILE *f;

	make_snapshot();
	is_int(tick_take(&t, &base, &s), -1, "the first tick has no base");
	s.now += 2 * CLOCK_S;
	s.wall += 2 * CLOCK_S;
	s.totals.sum.requests += 10;
	s.totals.sum.kinds[ERROR_LATE] += 1;
	histogram_add(&s.totals.times[BOARD_QUEUE], CLOCK_S);
	histogram_add(&s.disks[0].totals.latency, CLOCK_MS);
	histogram_add(&s.disks[0].totals.latency, INT64_C(1) << 41);
	is_int(tick_take(&t, &base, &s), 0, "the second one has");
	free(text);
	f = open_memstream(&text, &size);
	tick_write(&t, &s, f);
	fclose(f);
	has_string(text, "event: tick\ndata: {\"t\":1700000002.5,\"slots\":"
	    "\"_!.D\",\"queue\":7,\"rate\":{\"requests\":5.000,\"errors\":0.500,"
	    "\"bytes\":0.000},", "rates are of the time between");
	has_string(text, "\"total\":null", "what did not come is null");
	has_string(text, "\"heat\":[0,0,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,"
	    "0,1]}]}\n\n", "only what came since is hot");
	for (i = 0; i < TICKS_KEPT + 1; i++) {
		t.queue = (unsigned int)i;
		tick_keep(&history, &t);
	}
	free(text);
	f = open_memstream(&text, &size);
	tick_write_history(&history, f);
	fclose(f);
	has_string(text, "event: history\ndata: {\"interval\":1,\"rows\":["
	    "0.000131072,0.000262144,", "rows by their upper edges");
	has_string(text, ",549.755813888],\"ticks\":[{\"t\":1700000002.5,"
	    "\"queue\":1,", "the oldest are forgotten");
	has_string(text, "\"queue\":300,", "the latest is there");
	is_int(text[size - 1] == '\n' && text[size - 2] == '\n', 1,
	    "an event ends in an empty line");

	/* Whatever another process has left. */
	for (i = 0; i < TICKS_KEPT; i++)
		memset(&history.ticks[i], 0x7f, sizeof(history.ticks[i]));
	free(text);
	f = open_memstream(&text, &size);
	tick_write_history(&history, f);
	fclose(f);
	is_int((long long)(strcspn(strstr(text, "\"name\":\""), ",")),
	    strlen("\"name\":\"\"") + (size_t)6 * CONF_NAME_MAX,
	    "what another has left: names end");
}

static void
why_with(void (*write)(const struct recent *, FILE *), const struct recent *r)
{
	size_t size;
	FILE *f;

	free(text);
	f = open_memstream(&text, &size);
	write(r, f);
	fclose(f);
}

static void
test_why(void)
{
	struct recent r = {
		.id = 0xa2f, .arrived = 1700000000 * CLOCK_S, .device = -1,
		.total = 5 * CLOCK_S, .queue = 4 * CLOCK_S,
		.reply = CLOCK_S, .behind_queue = 0xa2e, .slot = 3, .pid = 84,
		.status = 408, .error = ERROR_QUEUE_TIMEOUT,
		.line = "GET /\033[2J", .len = 9,
	};

	why_with(why_write_json, &r);
	has_string(text, "{\"id\":\"0000000000000a2f\",\"slot\":3,\"pid\":84,"
	    "\"request\":\"GET /\\u001b[2J\",\"status\":408,"
	    "\"error\":\"queue_timeout\",\"disk\":null,\"condition\":null,"
	    "\"bytes\":0,\"arrived\":1700000000,\"total\":5,\"queue\":4,"
	    "\"lane\":0,\"disk_time\":0,\"reply\":1,\"waited\":\"queue\","
	    "\"behind\":{\"queue\":\"0000000000000a2e\",\"lane\":null},"
	    "\"explanation\":\"It waited 4s for a worker; the one that took "
	    "it, 3, was busy with request 0000000000000a2e until then.\"}\n",
	    "why a request was slow");
	why_with(why_write_text, &r);
	is_string(text, "0000000000000a2f  GET /?[2J\nstatus 408, by worker "
	    "3\n5s in all: queue 4s, lane 0, disk 0, reply 1s\nIt waited 4s for "
	    "a worker; the one that took it, 3, was busy with request "
	    "0000000000000a2e until then.\n", "for people, and a terminal");
	r.queue = 0;
	why_with(why_write_text, &r);
	has_string(text, "\nIts client took 1s to receive the reply.\n",
	    "or the client was");
}

int
main(void)
{
	plan_no_plan();
	if ((conf = conf_new()) == NULL)
		return 1;
	test_health();
	test_json();
	test_metrics();
	test_text();
	test_ticks();
	test_why();
	free(text);
	conf_free(conf);
	return exit_status();
}
