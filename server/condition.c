#include <sys/param.h>

#include <inttypes.h>
#include <string.h>

#include "common/draw.h"
#include "server/condition.h"
#include "server/keyword.h"
#include "server/reader.h"

/*
 * What these are like: a command that fails after 2 to 3 s, a drive that
 * recovers the data by itself within 7 s, a host that gives up after 30 s.
 * How often each happens is nobody's figure but ours.
 */
static const struct {
	const char *name;
	const char *text;
} built_ins[] = {
	{ "slow", "condition slow { slowdown 10 }" },
	{ "dying", "condition dying {\n"
	    "	slow 10% fixed 7s\n"
	    "	fail 10% uniform 2s 3s\n"
	    "	fail 5% fixed 30s\n"
	    "}" },
	{ "dead", "condition dead {\n"
	    "	slow off\n"
	    "	fail 100% fixed 30s\n"
	    "}" },
	{ "hang", "condition hang {\n"
	    "	slow off\n"
	    "	fail off\n"
	    "	read hang\n"
	    "}" },
};

static int
has_condition(const struct conf_disk *d, const char *name)
{
	size_t i;

	for (i = 0; i < d->nmodels; i++)
		if (strcmp(d->models[i].name, name) == 0)
			return 1;
	return 0;
}

static const char *
built_in(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(built_ins) / sizeof(built_ins[0]); i++)
		if (strcmp(built_ins[i].name, name) == 0)
			return built_ins[i].text;
	return NULL;
}

const char *
condition_lacks(const void *disk)
{
	const struct conf_disk *d = disk;
	const char *name, *text;
	size_t i;

	if (d->nmodels == CONF_CONDITION_MAX)
		return NULL;
	for (i = 0; i < 2 * d->nschedules; i++) {
		name = d->schedules[i / 2].names[i % 2];
		text = built_in(name);
		if (text != NULL && !has_condition(d, name))
			return text;
	}
	return NULL;
}

/* What the condition's block does not name is as in the disk's. */
static void
inherit(struct model *m, const struct model *from, const unsigned int *lines)
{
	const struct keyword *k;

	for (k = keywords_condition; k->name != NULL; k++)
		if (lines[k - keywords_condition] == 0)
			memcpy((char *)m + k->offset,
			    (const char *)from + k->offset, k->size);
}

static unsigned int __attribute__((format(printf, 4, 5)))
fail(const struct conf *c, unsigned int line, conf_report *report,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	conf_error_in(c->file, line, report, fmt, ap);
	va_end(ap);
	return 1;
}

static unsigned int
line_of(const unsigned int *lines, const struct keyword *table,
    const char *name)
{
	return lines[keyword_find(table, name) - table];
}

/* What all rungs have together, ppm. */
static int64_t
share(const struct model_ladder *l)
{
	int64_t sum = 0;
	size_t i;

	for (i = 0; i < l->n; i++)
		sum += l->v[i].ppm;
	return sum;
}

/*
 * Where a condition has its shares from the disk, the disk's own are wrong
 * already, and that is said there.  profile is the line of what it brought.
 */
static unsigned int
check_shares(const struct conf *c, const struct model *m,
    const unsigned int *lines, unsigned int profile, conf_report *report)
{
	const struct keyword *k = keywords_condition;
	unsigned int ladder = MAX(line_of(lines, k, "slow"),
	    line_of(lines, k, "fail"));
	unsigned int faults = line_of(lines, k, "fault"), errors = 0;

	ladder = MAX(ladder, profile);
	faults = MAX(faults, profile);
	if (ladder != 0 && share(&m->slow) + share(&m->fail) > MODEL_ALL)
		errors += fail(c, ladder, report, "%s: expected slow and fail "
		    "to be at most 100%% of the reads together", m->name);
	if (faults != 0 && share(&m->faults) > MODEL_ALL)
		errors += fail(c, faults, report, "%s: expected the faults to "
		    "be at most 100%% of the replies together", m->name);
	return errors;
}

/* Those that are built in can be named as well, while there is room. */
static void
add_built_ins(const struct conf_disk *d, char *text, size_t size)
{
	size_t i;

	if (d->nmodels == CONF_CONDITION_MAX)
		return;
	for (i = 0; i < sizeof(built_ins) / sizeof(built_ins[0]); i++) {
		if (has_condition(d, built_ins[i].name))
			continue;
		strlcat(text, " ", size);
		strlcat(text, built_ins[i].name, size);
	}
}

static unsigned int
resolve(const struct conf *c, struct conf_disk *d, conf_report *report)
{
	const char *names[CONF_CONDITION_MAX];
	unsigned int errors = 0;
	char text[512];
	size_t i;

	for (i = 0; i < d->nmodels; i++)
		names[i] = d->models[i].name;
	for (i = 0; i < d->nschedules; i++)
		if (schedule_resolve(&d->schedules[i], names, d->nmodels, text,
		    sizeof(text)) == -1) {
			add_built_ins(d, text, sizeof(text));
			errors += fail(c, d->schedule_at[i], report,
			    "schedule: %s", text);
		}
	return errors;
}

/* Real files have sizes of their own. */
static unsigned int
check_object(const struct conf *c, const struct conf_disk *d,
    unsigned int profile, conf_report *report)
{
	const unsigned int *lines = d->lines[0];
	unsigned int own = MAX(line_of(lines, keywords_disk, "path"),
	    line_of(lines, keywords_disk, "object-size"));

	if (!d->sized || d->path[0] == '\0')
		return 0;
	return fail(c, MAX(own, profile), report,
	    "expected either path or object-size: files have sizes of their "
	    "own");
}

unsigned int
condition_end(struct conf *c, void *disk, conf_report *report)
{
	struct conf_disk *d = disk;
	const unsigned int profile = line_of(d->lines[0], keywords_disk,
	    "profile");
	unsigned int errors = 0;
	size_t i;

	for (i = 0; i < d->nmodels; i++) {
		if (i > 0)
			inherit(&d->models[i], &d->models[0], d->lines[i]);
		d->models[i].hash = model_hash(d->models[i].name);
		errors += check_shares(c, &d->models[i], d->lines[i],
		    i == 0 ? profile : 0, report);
	}
	errors += resolve(c, d, report);
	errors += check_object(c, d, profile, report);
	d->key = draw_hash((uint64_t)d->seed, d->name, strlen(d->name));
	return errors;
}

static unsigned int
add_spares(struct conf *c, struct conf_disk *d, conf_report *report)
{
	const size_t n = d->nmodels;
	unsigned int errors = 0;
	struct model *m;
	size_t i;

	for (i = 0; i < sizeof(built_ins) / sizeof(built_ins[0]); i++) {
		if (d->nmodels == CONF_CONDITION_MAX)
			break;
		if (has_condition(d, built_ins[i].name))
			continue;
		m = &d->models[d->nmodels];
		errors += reader_add(c, d, built_ins[i].text, report);
		inherit(m, &d->models[0], d->lines[m - d->models]);
		m->hash = model_hash(m->name);
	}
	d->nforced = d->nmodels;
	d->nmodels = n;
	return errors;
}

unsigned int
condition_add_spares(struct conf *c, conf_report *report)
{
	unsigned int errors = 0;
	size_t i;

	for (i = 0; i < c->ndisks; i++)
		errors += add_spares(c, &c->disks[i], report);
	return errors;
}
