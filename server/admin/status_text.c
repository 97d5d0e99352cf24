#include <inttypes.h>
#include <time.h>

#include "common/brief.h"
#include "common/clock.h"
#include "server/admin/status_text.h"

#define COLUMNS	64		/* of the scoreboard */
#define SHOWN	20		/* slots that are told of, the oldest first */

static const char *
plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void
write_master(FILE *f, const struct snapshot *s)
{
	char up[BRIEF_TEXT];

	fprintf(f, "spindled " VERSION ", process %d, %s for %s\n", (int)s->pid,
	    snapshot_phase_name(s->phase),
	    brief_time(s->wall - s->started, up, sizeof(up)));
	fprintf(f, "configuration %s, generation %u%s\n", s->conf->file,
	    s->generation, s->reload_failed ? "; the last reload failed" : "");
	fprintf(f, "balance %s%s%s\n", conf_balance_name(s->balance),
	    s->fallback != NULL ? ": " : "",
	    s->fallback != NULL ? s->fallback : "");
}

static void
write_workers(FILE *f, const struct snapshot *s)
{
	size_t i;

	fprintf(f, "\n%u worker%s wanted", s->wanted, plural(s->wanted));
	if (s->max > s->min)
		fprintf(f, " of %u to %u, %u spare", s->min, s->max, s->spare);
	fprintf(f, "; %u idle, %u busy, %u stuck", s->seen[SEEN_IDLE],
	    snapshot_busy(s), s->seen[SEEN_STUCK]);
	if (s->waiting > 0)
		fprintf(f, ", %u to be started again", s->waiting);
	if (s->undead > 0)
		fprintf(f, ", %u killed that do not end", s->undead);
	putc('\n', f);
	for (i = 0; i < s->nlistens; i++)
		fprintf(f, "%s: %u of %u connections wait\n",
		    s->listens[i].address, s->listens[i].queue,
		    s->listens[i].limit);
}

static void
write_board(FILE *f, const struct snapshot *s)
{
	unsigned int i;
	size_t at;

	putc('\n', f);
	for (at = 0; at < s->nslots; at++) {
		if (at % COLUMNS == 0)
			fprintf(f, "%s%6zu  ", at == 0 ? "" : "\n", at);
		putc(snapshot_letter(s->slots[at].seen), f);
	}
	fputs("\n\n", f);
	for (i = 0; i < SEEN_STATES; i++)
		fprintf(f, "%s%c %s", i == 0 ? "" : i == 6 ? "\n" : "  ",
		    snapshot_letter(i), snapshot_state_name(i));
	putc('\n', f);
}

static void
write_latency(FILE *f, const char *name, const struct histogram *h)
{
	static const double qs[] = { 0.5, 0.9, 0.99, 0.999 };
	char text[BRIEF_TEXT];
	size_t i;

	fprintf(f, "%-16s", name);
	for (i = 0; i < sizeof(qs) / sizeof(qs[0]); i++)
		fprintf(f, " %9s", histogram_count(h) == 0 ? "-" :
		    brief_time(histogram_quantile(h, qs[i]), text,
		    sizeof(text)));
	fprintf(f, " %11" PRIu64 "\n", histogram_count(h));
}

static void
write_counts(FILE *f, const struct snapshot_counts *c)
{
	unsigned int i;

	fprintf(f, "\n%" PRIu64 " requests, %" PRIu64 " bytes sent\n",
	    snapshot_requests(c), c->bytes);
	for (i = ERROR_NONE + 1; i < ERROR_KINDS; i++)
		if (c->errors[i] > 0)
			fprintf(f, "%11" PRIu64 "  %s\n", c->errors[i],
			    error_name(i));
	fprintf(f, "\n%-16s %9s %9s %9s %9s %11s\n", "", "p50", "p90", "p99",
	    "p99.9", "number");
	write_latency(f, "queue", &c->spans[SPAN_QUEUE]);
	write_latency(f, "lane", &c->spans[SPAN_LANE]);
	write_latency(f, "disk", &c->spans[SPAN_DISK]);
	write_latency(f, "lateness", &c->spans[SPAN_LATE]);
	write_latency(f, "total", &c->spans[SPAN_TOTAL]);
}

static void
write_disk(FILE *f, const struct snapshot_disk *d, int64_t now)
{
	char left[BRIEF_TEXT];

	fprintf(f, "%-16.16s %-14s", d->conf->name, d->condition);
	if (d->conf->lanes > 0)
		fprintf(f, " %4u of %-4d", d->lanes_busy,
		    (int)d->conf->lanes);
	else
		fprintf(f, " %12s", "any   ");
	fprintf(f, " %7u %7u %7u", d->reading, d->waiting, d->stuck);
	if (d->forced && d->until != INT64_MAX)
		fprintf(f, "  forced for %s more",
		    brief_time(d->until > now ? d->until - now : 0, left,
		    sizeof(left)));
	else if (d->forced)
		fputs("  forced", f);
	putc('\n', f);
}

static void
write_disks(FILE *f, const struct snapshot *s)
{
	size_t i;

	fprintf(f, "\n%-16s %-14s %12s %7s %7s %7s\n", "disk", "condition",
	    "lanes busy", "reading", "waiting", "stuck");
	for (i = 0; i < s->ndisks; i++)
		write_disk(f, &s->disks[i], s->now);
	putc('\n', f);
	for (i = 0; i < s->ndisks; i++)
		write_latency(f, s->disks[i].conf->name, &s->disks[i].latency);
}

/* The slots that have had their state for longest, other than idle ones. */
static void
write_longest(FILE *f, const struct snapshot *s)
{
	const struct snapshot_slot *v[SHOWN], *w;
	char since[BRIEF_TEXT];
	size_t n = 0, i, at;

	for (i = 0; i < s->nslots; i++) {
		w = &s->slots[i];
		if (w->pid == 0 || w->seen == SEEN_IDLE)
			continue;
		for (at = n; at > 0 && v[at - 1]->since > w->since; at--)
			if (at < SHOWN)
				v[at] = v[at - 1];
		if (at < SHOWN)
			v[at] = w;
		if (n < SHOWN)
			n++;
	}
	if (n == 0)
		return;
	fprintf(f, "\n%6s %8s %-10s %8s %-16s %s\n", "slot", "pid", "state",
	    "for", "disk", "request");
	for (i = 0; i < n; i++) {
		fprintf(f, "%6u %8d %-10s %8s %-16.16s ", v[i]->slot,
		    (int)v[i]->pid, snapshot_state_name(v[i]->seen),
		    brief_time(s->now - v[i]->since, since, sizeof(since)),
		    v[i]->disk != NULL ? v[i]->disk : "-");
		if (v[i]->request != 0)
			fprintf(f, "%016" PRIx64 "\n", v[i]->request);
		else
			fputs("-\n", f);
	}
}

void
status_text_write(const struct snapshot *s, FILE *f)
{
	write_master(f, s);
	write_workers(f, s);
	write_board(f, s);
	write_counts(f, &s->counts);
	write_disks(f, s);
	write_longest(f, s);
}
