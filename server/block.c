#include <string.h>

#include "common/chars.h"
#include "server/block.h"
#include "server/value.h"

struct conf_disk *
block_add_disk(struct conf *c, const char *name)
{
	struct conf_disk *d = &c->disks[c->ndisks++];

	strlcpy(d->name, name, sizeof(d->name));
	strlcpy(d->models[0].name, SCHEDULE_HEALTHY,
	    sizeof(d->models[0].name));
	d->nmodels = 1;
	keyword_presets(keywords_disk, c, d);
	return d;
}

/* Opens the record that the block fills: a new one, or the built-in one. */
int
block_disk(const struct keyword *k, void *base, struct keyword_args *a)
{
	struct conf *c = base;
	struct conf_disk *d = NULL;
	size_t i;

	(void)k;
	if (a->n != 1 || !chars_is_name(a->words[0], CONF_NAME_MAX))
		return value_fail(a, "expected one name of at most %d letters, "
		    "digits, '.', '_' and '-'", CONF_NAME_MAX);
	for (i = 0; i < c->ndisks; i++)
		if (strcmp(c->disks[i].name, a->words[0]) == 0)
			d = &c->disks[i];
	if (d != NULL && d->line != 0)
		return value_fail(a, "disk %s is on line %u already", d->name,
		    d->line);
	if (d == NULL && c->ndisks == CONF_DISK_MAX)
		return value_fail(a, "expected at most %d disks",
		    CONF_DISK_MAX);
	if (d == NULL)
		d = block_add_disk(c, a->words[0]);
	d->line = d->models[0].line = a->line;
	a->block = d;
	a->lines = d->lines[0];
	return 0;
}

/* As block_disk; a condition that a profile brought begins anew. */
int
block_condition(const struct keyword *k, void *base, struct keyword_args *a)
{
	struct conf_disk *d = base;
	struct model *m = NULL;
	size_t i;

	(void)k;
	if (a->n != 1 || !schedule_is_name(a->words[0]))
		return value_fail(a, "expected one name of at most %d letters, "
		    "digits, '.', '_' and '-', which is no word of a schedule",
		    SCHEDULE_NAME_MAX);
	if (strcmp(a->words[0], SCHEDULE_HEALTHY) == 0)
		return value_fail(a, "expected another name than "
		    SCHEDULE_HEALTHY ", which is the disk itself");
	for (i = 1; i < d->nmodels; i++)
		if (strcmp(d->models[i].name, a->words[0]) == 0)
			m = &d->models[i];
	if (m != NULL && m->line != 0)
		return value_fail(a, "condition %s is on line %u already",
		    m->name, m->line);
	if (m == NULL && d->nmodels == CONF_CONDITION_MAX)
		return value_fail(a, "expected at most %d conditions beside "
		    SCHEDULE_HEALTHY, CONF_CONDITION_MAX - 1);
	if (m == NULL)
		m = &d->models[d->nmodels++];
	memset(m, 0, sizeof(*m));
	strlcpy(m->name, a->words[0], sizeof(m->name));
	m->line = a->line;
	a->block = m;
	a->lines = d->lines[m - d->models];
	memset(a->lines, 0, sizeof(d->lines[0]));
	return 0;
}

static void
put_block(const struct keyword *k, const char *name, const void *base,
    const unsigned int *lines, const struct keyword_out *o)
{
	struct keyword_out in = { o->conf, o->depth + 1, o->f };
	unsigned int i;

	fprintf(o->f, "%s {\n", name);
	keyword_dump(k->block, base, lines, &in);
	for (i = 0; i < o->depth; i++)
		fputc('\t', o->f);
	fputc('}', o->f);
}

void
block_disk_print(const struct keyword *k, const void *base,
    const struct keyword_out *o)
{
	const struct conf *c = base;
	size_t i;

	for (i = 0; i < c->ndisks; i++) {
		if (i > 0)
			keyword_again(k, o);
		put_block(k, c->disks[i].name, &c->disks[i], NULL, o);
	}
}

/* What a condition has from the disk it would have again. */
void
block_condition_print(const struct keyword *k, const void *base,
    const struct keyword_out *o)
{
	const struct conf_disk *d = base;
	size_t i;

	for (i = 1; i < d->nmodels; i++) {
		if (i > 1)
			keyword_again(k, o);
		put_block(k, d->models[i].name, &d->models[i], d->lines[i], o);
	}
}
