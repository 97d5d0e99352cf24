#include <err.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/brief.h"
#include "common/clock.h"
#include "common/units.h"
#include "server/picture.h"
#include "server/preview.h"
#include "server/sample.h"
#include "server/timeline.h"

#define COLUMNS	80		/* of what is folded */
#define INDENT	4		/* of a folded line's rest */

/* The parts of a preview, which are printed one after the other. */
struct preview {
	const struct conf *conf;
	FILE *out;
	int disk_width;		/* columns, of the names in the table */
	int condition_width;
	struct sample sample;	/* of one condition after the other */
	char *text;		/* of the notes */
	size_t len;
	FILE *notes;		/* a line each, however long */
	int draws;		/* pictures, one for each row */
	struct picture picture;
};

static const struct {
	const char *name;
	int64_t ppm;
} quantiles[] = {
	{ "min", 0 }, { "p50", 500000 }, { "p90", 900000 }, { "p99", 990000 },
	{ "p99.9", 999000 }, { "max", MODEL_ALL }
};

#define QUANTILES	(sizeof(quantiles) / sizeof(quantiles[0]))

/* The table. */

static void
print_head(const struct preview *p)
{
	size_t i;

	fprintf(p->out, "%-*s %-*s", p->disk_width, "disk", p->condition_width,
	    "condition");
	for (i = 0; i < QUANTILES; i++)
		fprintf(p->out, " %*s", BRIEF_WIDTH, quantiles[i].name);
	fprintf(p->out, " %*s %*s %*s %*s\n", BRIEF_WIDTH, "mean", BRIEF_WIDTH,
	    "failed", BRIEF_WIDTH, "slow", BRIEF_WIDTH, "never");
}

static void
print_time(const struct preview *p, int64_t ns)
{
	char text[BRIEF_TEXT];

	fprintf(p->out, " %*s", BRIEF_WIDTH, brief_time(ns, text,
	    sizeof(text)));
}

static void
print_share(const struct preview *p, size_t part)
{
	char text[BRIEF_TEXT];

	fprintf(p->out, " %*s", BRIEF_WIDTH, brief_share(part, p->sample.n,
	    text, sizeof(text)));
}

static void
print_row(const struct preview *p, const struct conf_disk *d,
    const struct model *m)
{
	const struct sample *s = &p->sample;
	size_t i;

	fprintf(p->out, "%-*s %-*s", p->disk_width, d->name, p->condition_width,
	    m->name);
	for (i = 0; i < QUANTILES; i++)
		print_time(p, sample_quantile(s, quantiles[i].ppm));
	print_time(p, s->never > 0 ? DIST_FOREVER : (int64_t)sample_mean(s));
	print_share(p, s->failed);
	print_share(p, s->slow);
	print_share(p, s->never);
	fputc('\n', p->out);
}

/* Notes: what the table has no column for. */

static void
note_share(struct preview *p, const char **before, const char *what,
    size_t part)
{
	char text[BRIEF_TEXT];

	if (part == 0)
		return;
	fprintf(p->notes, "%s%s %s", *before, what,
	    brief_share(part, p->sample.n, text, sizeof(text)));
	*before = ", ";
}

static void
note_statuses(struct preview *p, const struct conf_disk *d,
    const struct model *m)
{
	const char *before = ": failed with ";
	char status[12];
	size_t i;

	if (p->sample.failed == 0)
		return;
	fprintf(p->notes, "%s, %s", d->name, m->name);
	for (i = 0; i < SAMPLE_STATUSES; i++) {
		snprintf(status, sizeof(status), "%zu", i);
		if (i != 200)
			note_share(p, &before, status, p->sample.statuses[i]);
	}
	fputc('\n', p->notes);
}

static void
note_faults(struct preview *p, const struct conf_disk *d,
    const struct model *m)
{
	const char *before = ": replies broken by ";
	int kind;

	if (m->faults.n == 0)
		return;
	fprintf(p->notes, "%s, %s", d->name, m->name);
	for (kind = FAULT_NONE + 1; kind < FAULT_KINDS; kind++)
		note_share(p, &before, model_fault_name(
		    (enum model_fault_kind)kind), p->sample.faults[kind]);
	fputs(before[0] == ':' ? ": faults that were not drawn\n" : "\n",
	    p->notes);
}

/* rate is what they can do at most: at less, reads that come together wait. */
static void
note_lanes(struct preview *p, const struct conf_disk *d,
    const struct model *m, double rate)
{
	fprintf(p->notes, "%s, %s: lanes %" PRId64 ": up to %.*f reads/s; "
	    "waits for lanes are not shown\n", d->name, m->name, d->lanes,
	    rate >= 100 ? 0 : rate >= 10 ? 1 : 3, rate);
}

static void
note_condition(struct preview *p, const struct conf_disk *d,
    const struct model *m)
{
	double mean = sample_mean(&p->sample);

	note_statuses(p, d, m);
	note_faults(p, d, m);
	if (d->lanes > 0 && mean > 0)
		note_lanes(p, d, m, (double)d->lanes * 1e9 / mean);
	if (m->bandwidth > 0 && !d->sized)
		fprintf(p->notes, "%s, %s: bandwidth: not in the times, as "
		    "there is no object-size\n", d->name, m->name);
}

/* As object_size() cuts what is drawn. */
static int64_t
size_quantile(const struct conf_disk *d, double p)
{
	int64_t size = dist_quantile(&d->object_size, p);

	return size < CONF_OBJECT_MAX ? size : CONF_OBJECT_MAX;
}

static void
note_size(struct preview *p, const struct conf_disk *d)
{
	int64_t median = size_quantile(d, 0.5);
	int64_t p99 = size_quantile(d, 0.99);
	char text[UNITS_TEXT];

	fprintf(p->notes, "%s: object-size: %s", d->name,
	    units_size_text(median, text, sizeof(text)));
	if (p99 != median)
		fprintf(p->notes, " in the median, p99 %s",
		    units_size_text(p99, text, sizeof(text)));
	fputc('\n', p->notes);
}

static void
note_disk(struct preview *p, const struct conf_disk *d)
{
	if (d->sized)
		note_size(p, d);
	if (d->seed_by == SEED_BY_PATH)
		fprintf(p->notes, "%s: seed-by path: the reads are of the "
		    "paths 0 to %zu\n", d->name, p->sample.n - 1);
	if (d->limit > 0)
		fprintf(p->notes, "%s: limit %" PRId64 ": while as many are in "
		    "it, any other read gets 503 at once\n", d->name,
		    d->limit);
	if (d->path[0] != '\0')
		fprintf(p->notes, "%s: path: no file was read; that takes its "
		    "own time, on top of this\n", d->name);
	timeline_print(d, p->notes);
}

/* Prints a line of len bytes, without blanks where it is broken. */
static void
fold(const struct preview *p, const char *line, size_t len)
{
	size_t room = COLUMNS, end;

	while (len > room) {
		for (end = room; end > 0 && line[end] != ' '; end--)
			;
		if (end == 0)
			break;
		fprintf(p->out, "%.*s\n%*s", (int)end, line, INDENT, "");
		line += end + 1;
		len -= end + 1;
		room = COLUMNS - INDENT;
	}
	fprintf(p->out, "%.*s\n", (int)len, line);
}

static void
print_notes(const struct preview *p)
{
	const char *line, *end;

	if (p->len > 0)
		fputc('\n', p->out);
	for (line = p->text; (end = strchr(line, '\n')) != NULL; line = end + 1)
		fold(p, line, (size_t)(end - line));
}

/* All of it. */

static int
at_least(int width, const char *name)
{
	int len = (int)strlen(name);

	return len > width ? len : width;
}

/* Gives the number of rows, and makes room for the names in them. */
static size_t
measure(struct preview *p)
{
	const struct conf *c = p->conf;
	const struct conf_disk *d;
	size_t i, j, rows = 0;

	p->disk_width = at_least(0, "disk");
	p->condition_width = at_least(0, "condition");
	for (i = 0; i < c->ndisks; i++) {
		d = &c->disks[i];
		p->disk_width = at_least(p->disk_width, d->name);
		for (j = 0; j < d->nmodels; j++, rows++)
			p->condition_width = at_least(p->condition_width,
			    d->models[j].name);
	}
	return rows;
}

static int
preview_open(struct preview *p, size_t count)
{
	size_t rows = measure(p);

	if (p->draws && picture_open(&p->picture, rows) == -1)
		return -1;
	if ((p->notes = open_memstream(&p->text, &p->len)) == NULL)
		return -1;
	return sample_open(&p->sample, count);
}

static void
print_disk(struct preview *p, const struct conf_disk *d)
{
	size_t i;

	for (i = 0; i < d->nmodels; i++) {
		sample_draw(&p->sample, p->conf, d, &d->models[i]);
		print_row(p, d, &d->models[i]);
		note_condition(p, d, &d->models[i]);
		if (p->draws)
			picture_add(&p->picture, d->name, d->models[i].name,
			    &p->sample);
	}
	note_disk(p, d);
}

/* Takes what preview_open gave, all or a part of it. */
static int
preview_close(struct preview *p)
{
	int status = 0;

	if (p->notes != NULL)
		status = fclose(p->notes);
	free(p->text);
	picture_close(&p->picture);
	sample_close(&p->sample);
	return status;
}

int
preview_print(const struct conf *c, size_t count, int picture, FILE *out)
{
	struct preview p = { .conf = c, .out = out,
	    .draws = picture };
	int status = -1;
	size_t i;

	if (preview_open(&p, count) == -1) {
		warn("%zu draws", count);
		preview_close(&p);
		return -1;
	}
	print_head(&p);
	for (i = 0; i < c->ndisks; i++)
		print_disk(&p, &c->disks[i]);
	if (fflush(p.notes) == EOF) {
		warn("notes");
	} else {
		print_notes(&p);
		status = p.draws ? picture_print(&p.picture, out) : 0;
	}
	preview_close(&p);
	return status;
}
