#include <inttypes.h>
#include <string.h>

#include "common/units.h"
#include "server/admin/metrics.h"

/*
 * Edges of the buckets that are told: whole octaves, which are edges of ours,
 * so that no count is a guess; a time of exactly an edge, to the nanosecond,
 * counts above it.  From 2^14 ns, 16 us, to 2^39 ns, 550 s: dying disks live
 * there.
 */
#define FIRST	14
#define LAST	39

static void
head(FILE *f, const char *name, const char *type, const char *help)
{
	fprintf(f, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* A value of a label: what would end it is escaped. */
static void
quoted(FILE *f, const char *s)
{
	putc('"', f);
	for (; *s != '\0'; s++)
		if (*s == '\\' || *s == '"')
			fprintf(f, "\\%c", *s);
		else if (*s == '\n')
			fputs("\\n", f);
		else
			putc(*s, f);
	putc('"', f);
}

/* A sample with one label, or, label being NULL, with none. */
static void
sample(FILE *f, const char *name, const char *label, const char *is,
    uint64_t v)
{
	fputs(name, f);
	if (label != NULL) {
		fprintf(f, "{%s=", label);
		quoted(f, is);
		putc('}', f);
	}
	fprintf(f, " %" PRIu64 "\n", v);
}

static void
single(FILE *f, const char *name, const char *type, const char *help,
    uint64_t v)
{
	head(f, name, type, help);
	sample(f, name, NULL, "", v);
}

static void
seconds(FILE *f, int64_t ns)
{
	char text[UNITS_TEXT];

	fputs(units_seconds_text(ns, text, sizeof(text)), f);
}

/* Where the octave from 2^k on begins, among the buckets. */
static unsigned int
octave(unsigned int k)
{
	return 1 + (k - HISTOGRAM_FIRST) * HISTOGRAM_PARTS;
}

/* A histogram may be of a disk, or, disk being NULL, of none. */
static void
bucket(FILE *f, const char *name, const char *disk, const char *le, uint64_t n)
{
	fprintf(f, "%s_bucket{", name);
	if (disk != NULL) {
		fputs("disk=", f);
		quoted(f, disk);
		putc(',', f);
	}
	fprintf(f, "le=\"%s\"} %" PRIu64 "\n", le, n);
}

static void
total(FILE *f, const char *name, const char *what, const char *disk)
{
	fprintf(f, "%s_%s", name, what);
	if (disk != NULL) {
		fputs("{disk=", f);
		quoted(f, disk);
		putc('}', f);
	}
	putc(' ', f);
}

static void
histogram(FILE *f, const char *name, const char *disk,
    const struct histogram *h)
{
	const uint64_t n = histogram_count(h);
	char le[UNITS_TEXT];
	unsigned int k;

	for (k = FIRST; k <= LAST; k++)
		bucket(f, name, disk, units_seconds_text(INT64_C(1) << k, le,
		    sizeof(le)), histogram_below(h, octave(k)));
	bucket(f, name, disk, "+Inf", n);
	total(f, name, "sum", disk);
	seconds(f, (int64_t)h->sum);
	putc('\n', f);
	total(f, name, "count", disk);
	fprintf(f, "%" PRIu64 "\n", n);
}

static void
write_process(FILE *f, const struct snapshot *s)
{
	head(f, "spindled_build_info", "gauge",
	    "1; the version, and the policy in force.");
	fprintf(f, "spindled_build_info{version=\"" VERSION
	    "\",balance=\"%s\"} 1\n", conf_balance_name(s->master.policy));
	head(f, "spindled_start_time_seconds", "gauge",
	    "When the master started, since 1970.");
	fputs("spindled_start_time_seconds ", f);
	seconds(f, s->master.started);
	putc('\n', f);
	head(f, "spindled_reloads_total", "counter",
	    "Reloads of the configuration.");
	sample(f, "spindled_reloads_total", "result", "done",
	    s->totals.reloads - s->totals.reloads_failed);
	sample(f, "spindled_reloads_total", "result", "failed",
	    s->totals.reloads_failed);
	single(f, "spindled_config_last_reload_successful", "gauge",
	    "Whether the last reload, or the start, took the configuration.",
	    !s->master.reload_failed);
	head(f, "spindled_upgrades_total", "counter",
	    "Upgrades to another program.");
	sample(f, "spindled_upgrades_total", "result", "done",
	    s->totals.upgrades - s->totals.upgrades_failed);
	sample(f, "spindled_upgrades_total", "result", "failed",
	    s->totals.upgrades_failed);
}

static void
write_workers(FILE *f, const struct snapshot *s)
{
	unsigned int i;

	head(f, "spindled_workers", "gauge", "Workers in each state.");
	for (i = BOARD_SEEN_EMPTY + 1; i < BOARD_SEEN; i++)
		sample(f, "spindled_workers", "state",
		    board_word(i), s->seen[i]);
	single(f, "spindled_workers_wanted", "gauge",
	    "Workers that there should be.", s->master.wanted);
	single(f, "spindled_workers_max", "gauge",
	    "Workers that there may be.", s->master.max);
	single(f, "spindled_workers_waiting", "gauge",
	    "Slots that rest before a worker is started again.", s->master.waiting);
	single(f, "spindled_workers_undead", "gauge",
	    "Workers that were killed and do not end.", s->master.undead);
	head(f, "spindled_worker_exits_total", "counter",
	    "Workers that ended and were not asked to.");
	for (i = 0; i < DEATH_CAUSES; i++)
		sample(f, "spindled_worker_exits_total", "cause",
		    deaths_name(i), s->totals.deaths[i]);
}

static void
write_queues(FILE *f, const struct snapshot *s)
{
	size_t i;

	head(f, "spindled_accept_queue_length", "gauge",
	    "Connections that wait for a worker.");
	for (i = 0; i < s->nlistens; i++)
		sample(f, "spindled_accept_queue_length", "listen",
		    s->listens[i].address, s->listens[i].queue);
	head(f, "spindled_accept_queue_limit", "gauge",
	    "Connections that may wait.");
	for (i = 0; i < s->nlistens; i++)
		sample(f, "spindled_accept_queue_limit", "listen",
		    s->listens[i].address, s->listens[i].limit);
}

static void
write_requests(FILE *f, const struct totals *c)
{
	char class[8];
	unsigned int i;

	head(f, "spindled_requests_total", "counter",
	    "Requests that ended, by the hundreds of their status.");
	for (i = 0; i < BOARD_CLASSES; i++) {
		snprintf(class, sizeof(class), "%uxx", i + 2);
		sample(f, "spindled_requests_total", "code", class,
		    c->sum.classes[i]);
	}
	head(f, "spindled_errors_total", "counter",
	    "Requests that did not end well, by what was the matter.");
	for (i = ERROR_NONE + 1; i < ERROR_KINDS; i++)
		sample(f, "spindled_errors_total", "kind",
		    error_name(i), c->sum.kinds[i]);
	single(f, "spindled_sent_bytes_total", "counter",
	    "Bytes of bodies that were sent.", c->sum.bytes);
	head(f, "spindled_connections_total", "counter",
	    "Requests by the way on which their connection came.");
	for (i = 0; i < BOARD_WAYS; i++)
		sample(f, "spindled_connections_total", "way",
		    board_way_name(i), c->sum.ways[i]);
	single(f, "spindled_steering_shut_total", "counter",
	    "Times that own listeners were shut.", c->sum.shut);
	single(f, "spindled_steering_expired_total", "counter",
	    "Claims that no connection came of.", c->sum.expired);
	single(f, "spindled_steering_empty_total", "counter",
	    "Wake-ups that found nothing.", c->sum.empty);
}

static void
write_spans(FILE *f, const struct totals *c)
{
	static const struct {
		const char *name, *help;
	} spans[BOARD_TIMES] = {
		[BOARD_QUEUE] = { "spindled_request_queue_seconds",
		    "From a request's arrival until a worker has read it." },
		[BOARD_LANE] = { "spindled_lane_wait_seconds",
		    "What a read waited for a lane of its disk." },
		[BOARD_DISK] = { "spindled_disk_service_seconds",
		    "What a read took in its lane." },
		[BOARD_LATENESS] = { "spindled_disk_lateness_seconds",
		    "How much longer a read took than was drawn." },
		[BOARD_TOTAL] = { "spindled_request_duration_seconds",
		    "From a request's arrival to the end of its reply." },
	};
	unsigned int i;

	for (i = 0; i < BOARD_TIMES; i++) {
		head(f, spans[i].name, "histogram", spans[i].help);
		histogram(f, spans[i].name, NULL, &c->times[i]);
	}
}

static void
write_conditions(FILE *f, const struct snapshot *s)
{
	const struct snapshot_disk *d;
	const char *name;
	size_t i;

	head(f, "spindled_disk_condition", "gauge",
	    "1 for the condition that the disk is in, 0 for its others.");
	for (d = s->disks; d < s->disks + s->ndisks; d++)
		for (i = 0; i < d->about.n; i++) {
			name = d->about.conditions[i];
			fputs("spindled_disk_condition{disk=", f);
			quoted(f, d->about.name);
			fputs(",condition=", f);
			quoted(f, name);
			fprintf(f, "} %d\n", strcmp(name, d->condition) == 0);
		}
}

/* The numbers of a disk, in the order of the names below. */
enum { LANES, BUSY, LIMIT, INSIDE, READS, FAILED, NUMBERS };

static void
numbers_of(const struct snapshot_disk *d, uint64_t n[NUMBERS])
{
	n[LANES] = (uint64_t)d->about.lanes;
	n[BUSY] = d->lanes_busy;
	n[LIMIT] = (uint64_t)d->about.limit;
	n[INSIDE] = d->reading + d->waiting;
	n[READS] = d->totals.reads;
	n[FAILED] = d->totals.failed;
}

static void
write_disks(FILE *f, const struct snapshot *s)
{
	static const struct {
		const char *name, *type, *help;
	} about[NUMBERS] = {
		[LANES] = { "spindled_disk_lanes", "gauge",
		    "Reads that the disk serves at once; 0: any number." },
		[BUSY] = { "spindled_disk_lanes_busy", "gauge",
		    "Lanes that serve a read." },
		[LIMIT] = { "spindled_disk_limit", "gauge",
		    "Workers that may be in the disk; 0: any number." },
		[INSIDE] = { "spindled_disk_inside", "gauge",
		    "Workers that are in the disk." },
		[READS] = { "spindled_disk_reads_total", "counter",
		    "Reads that ended." },
		[FAILED] = { "spindled_disk_reads_failed_total", "counter",
		    "Of these, those that failed." },
	};
	const struct snapshot_disk *d;
	uint64_t n[NUMBERS];
	unsigned int i;

	for (i = 0; i < NUMBERS; i++) {
		head(f, about[i].name, about[i].type, about[i].help);
		for (d = s->disks; d < s->disks + s->ndisks; d++) {
			numbers_of(d, n);
			sample(f, about[i].name, "disk", d->about.name, n[i]);
		}
	}
	head(f, "spindled_disk_read_seconds", "histogram",
	    "What a read took, its wait for a lane included.");
	for (d = s->disks; d < s->disks + s->ndisks; d++)
		histogram(f, "spindled_disk_read_seconds", d->about.name,
		    &d->totals.latency);
}

void
metrics_write(const struct snapshot *s, FILE *f)
{
	write_process(f, s);
	write_workers(f, s);
	write_queues(f, s);
	write_requests(f, &s->totals);
	write_spans(f, &s->totals);
	write_disks(f, s);
	write_conditions(f, s);
}
