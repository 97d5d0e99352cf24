#include <inttypes.h>

#include "common/brief.h"
#include "common/clock.h"
#include "server/admin/status_text.h"
#include "server/recent.h"

#define COLUMNS	64		/* of the scoreboard */
#define LONGEST	20		/* slots that are told of in any case */

static const char *
plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void
write_master(FILE *f, const struct snapshot *s)
{
	char up[BRIEF_TEXT];

	fprintf(f, "spindled " VERSION ", process %d, %s for %s\n", (int)s->master.pid,
	    bulletin_phase_name(s->master.phase),
	    brief_time(s->wall - s->master.started, up, sizeof(up)));
	fprintf(f, "configuration %s, generation %u%s\n", s->conf->file,
	    s->master.generation, s->master.reload_failed ? "; the last reload failed" : "");
	fprintf(f, "balance %s%s%s\n", conf_balance_name(s->master.policy),
	    s->master.fallback[0] != '\0' ? ": " : "", s->master.fallback);
}

static void
write_workers(FILE *f, const struct snapshot *s)
{
	size_t i;

	fprintf(f, "\n%u worker%s wanted", s->master.wanted, plural(s->master.wanted));
	if (s->master.max > s->master.min)
		fprintf(f, " of %u to %u, %u spare", s->master.min, s->master.max, s->master.spare);
	fprintf(f, "; %u idle, %u busy, %u stuck", s->seen[BOARD_SEEN_IDLE],
	    snapshot_busy(s), s->seen[BOARD_SEEN_STUCK]);
	if (s->master.waiting > 0)
		fprintf(f, ", %u to be started again", s->master.waiting);
	if (s->master.undead > 0)
		fprintf(f, ", %u killed that do not end", s->master.undead);
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
		putc(board_letter(s->slots[at].view.seen), f);
	}
	fputs("\n\n", f);
	for (i = 0; i < BOARD_SEEN; i++)
		fprintf(f, "%s%c %s", i == 0 ? "" : i == 6 ? "\n" : "  ",
		    board_letter(i), board_word(i));
	putc('\n', f);
}

static void
latency_head(FILE *f)
{
	fprintf(f, "%-16s %9s %9s %9s %9s %11s\n", "", "p50", "p90", "p99",
	    "p99.9", "number");
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
write_counts(FILE *f, const struct totals *c)
{
	unsigned int i;

	fprintf(f, "\n%" PRIu64 " requests, %" PRIu64 " bytes sent\n",
	    c->sum.requests, c->sum.bytes);
	for (i = ERROR_NONE + 1; i < ERROR_KINDS; i++)
		if (c->sum.kinds[i] > 0)
			fprintf(f, "%11" PRIu64 "  %s\n", c->sum.kinds[i],
			    error_name(i));
	putc('\n', f);
	latency_head(f);
	for (i = 0; i < BOARD_TIMES; i++)
		write_latency(f, board_time_name(i), &c->times[i]);
}

static void
disk_head(FILE *f)
{
	fprintf(f, "%-16s %-14s %12s %7s %7s %7s\n", "disk", "condition",
	    "lanes busy", "reading", "waiting", "stuck");
}

static void
write_disk(FILE *f, const struct snapshot_disk *d, int64_t now)
{
	char left[BRIEF_TEXT];

	fprintf(f, "%-16.16s %-14s", d->about.name, d->condition);
	if (d->about.lanes > 0)
		fprintf(f, " %4u of %-4d", d->lanes_busy,
		    (int)d->about.lanes);
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

	putc('\n', f);
	disk_head(f);
	for (i = 0; i < s->ndisks; i++)
		write_disk(f, &s->disks[i], s->now);
	putc('\n', f);
	for (i = 0; i < s->ndisks; i++)
		write_latency(f, s->disks[i].about.name, &s->disks[i].totals.latency);
}

/* The slots that have had their state for longest, other than idle ones. */
static size_t
find_longest(const struct snapshot *s, const struct snapshot_slot **v)
{
	const struct snapshot_slot *w;
	size_t n = 0, i, at;

	for (i = 0; i < s->nslots; i++) {
		w = &s->slots[i];
		if (w->view.pid == 0 || w->view.seen == BOARD_SEEN_IDLE)
			continue;
		for (at = n; at > 0 && v[at - 1]->view.since > w->view.since;
		    at--)
			if (at < LONGEST)
				v[at] = v[at - 1];
		if (at < LONGEST)
			v[at] = w;
		if (n < LONGEST)
			n++;
	}
	return n;
}

static void
write_slot(FILE *f, const struct snapshot_slot *w, int64_t now)
{
	const struct board_view *v = &w->view;
	char since[BRIEF_TEXT];

	fprintf(f, "%6u %8d %-9s %8s %-14.14s %9" PRIu64 " ", w->slot,
	    (int)v->pid, board_word(v->seen),
	    brief_time(now - v->since, since, sizeof(since)),
	    w->disk != NULL ? w->disk->about.name : "-", v->requests);
	if (v->request != 0)
		fprintf(f, "%0*" PRIx64 "\n", RECENT_ID, v->request);
	else
		fputs("-\n", f);
}

static void
write_slots(FILE *f, const struct snapshot *s, int all)
{
	const struct snapshot_slot *v[LONGEST];
	size_t i, n = all ? s->nslots : find_longest(s, v);

	if (n == 0)
		return;
	fprintf(f, "\n%6s %8s %-9s %8s %-14s %9s %s\n", "slot", "pid", "state",
	    "for", "disk", "requests", "at hand");
	for (i = 0; i < n; i++)
		if (!all)
			write_slot(f, v[i], s->now);
		else if (s->slots[i].view.pid != 0)
			write_slot(f, &s->slots[i], s->now);
}

static void
write_tick(FILE *f, const struct tick *t)
{
	char p50[BRIEF_TEXT], p99[BRIEF_TEXT];

	fprintf(f, "within the last second or so: %.1f requests/s, %.1f "
	    "errors/s, %.0f bytes/s", t->requests, t->errors, t->bytes);
	if (t->p50[BOARD_TOTAL] >= 0)
		fprintf(f, "; p50 %s, p99 %s",
		    brief_time(t->p50[BOARD_TOTAL], p50, sizeof(p50)),
		    brief_time(t->p99[BOARD_TOTAL], p99, sizeof(p99)));
	putc('\n', f);
}

void
status_text_disk(const struct snapshot_disk *d, const struct snapshot *s,
    FILE *f)
{
	unsigned int i;

	disk_head(f);
	write_disk(f, d, s->now);
	fputs("\nconditions:", f);
	for (i = 0; i < d->about.n; i++)
		fprintf(f, " %s", d->about.conditions[i]);
	fprintf(f, "\nreads: %" PRIu64 ", of them %" PRIu64 " failed\n\n",
	    d->totals.reads, d->totals.failed);
	latency_head(f);
	write_latency(f, "lane and disk", &d->totals.latency);
}

void
status_text_write(const struct snapshot *s, const struct tick *t, int all,
    FILE *f)
{
	write_master(f, s);
	write_workers(f, s);
	if (t != NULL)
		write_tick(f, t);
	write_board(f, s);
	write_disks(f, s);
	write_counts(f, &s->totals);
	write_slots(f, s, all);
}
