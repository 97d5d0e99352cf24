#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/slurp.h"
#include "server/keyword.h"
#include "server/lex.h"
#include "server/reader.h"

/* Nobody writes a longer one; a device or a log given by mistake may be. */
#define FILE_MAX	(1 << 20)

/* The top, a disk, a condition, and a block that is none. */
#define LEVELS		4

/* A block, or the top: what may stand there, and what that fills. */
struct level {
	const struct keyword *opener;	/* whose block; NULL: nobody's */
	const struct keyword *table;	/* NULL: the block is skipped */
	void *base;
	unsigned int *lines;		/* where each keyword is; 0: not yet */
	unsigned int opened_at;		/* a line */
	unsigned int skipped;		/* blocks that are open in a skipped one */
};

/* What is being read: a file, or a text that stands for one within it. */
struct source {
	const char *file;
	struct lex lex;
	size_t floor;			/* its own lowest level */
	int included;			/* it is not the configuration */
	int built_in;			/* nor any other file */
};

struct reader {
	struct conf *conf;
	conf_report *report;
	struct source *in;
	unsigned int errors;
	unsigned int top[CONF_KEYWORDS_MAX];	/* lines */
	struct level levels[LEVELS];
	struct level *at;
};

static void read_text(struct reader *, const char *file, int built_in,
    char *text, size_t len);

static void __attribute__((format(printf, 3, 4)))
fail(struct reader *r, unsigned int line, const char *fmt, ...)
{
	va_list ap;

	r->errors++;
	va_start(ap, fmt);
	conf_error_in(r->in->file, line, r->report, fmt, ap);
	va_end(ap);
}

static int
is_lowest(const struct reader *r)
{
	return r->at == &r->levels[r->in->floor];
}

static void
enter(struct reader *r, const struct keyword *opener,
    const struct keyword_args *a)
{
	r->at++;
	memset(r->at, 0, sizeof(*r->at));
	r->at->opened_at = r->in->lex.at;
	if (opener == NULL || a->block == NULL)
		return;
	r->at->opener = opener;
	r->at->table = opener->block;
	r->at->base = a->block;
	r->at->lines = a->lines;
}

static int
include_text(struct reader *r, const char *statements)
{
	char *text;
	size_t len = strlen(statements);

	if ((text = malloc(len + 1)) == NULL) {
		fail(r, r->in->lex.at, "%s", strerror(errno));
		return -1;
	}
	memcpy(text, statements, len + 1);
	read_text(r, "built-in", 1, text, len);
	free(text);
	return 0;
}

/* The end of a block.  What it lacks is read as if it stood there. */
static void
leave(struct reader *r)
{
	const struct keyword *k = r->at->opener;
	const char *text;

	if (k != NULL && k->lacks != NULL)
		while ((text = k->lacks(r->at->base)) != NULL &&
		    include_text(r, text) == 0)
			continue;
	if (k != NULL && k->end != NULL)
		r->errors += k->end(r->conf, r->at->base, r->report);
	r->at--;
}

/*
 * A profile's statements are in force, and count as if they stood on the
 * profile's line; the block's own may still replace them.
 */
static void
include_file(struct reader *r, const struct keyword *k,
    const struct keyword_args *a)
{
	struct conf_disk *d = r->at->base;
	size_t len, i, j;
	char *text;

	if ((text = slurp_file(a->include, FILE_MAX, &len)) == NULL ||
	    len > FILE_MAX) {
		fail(r, a->line, "%s: cannot read %s: %s", k->name, a->include,
		    text == NULL ? strerror(errno) : "it is too long");
		free(text);
		return;
	}
	r->at->lines[k - r->at->table] = 0;
	read_text(r, a->include, 0, text, len);
	free(text);
	for (i = 1; i < d->nmodels; i++) {
		d->models[i].line = 0;
		for (j = 0; j < CONF_KEYWORDS_MAX; j++)
			if (d->lines[i][j] != 0)
				d->lines[i][j] = a->line;
	}
	for (i = 0; i < d->nschedules; i++)
		d->schedule_at[i] = a->line;
	memset(r->at->lines, 0, sizeof(d->lines[0]));
	r->at->lines[k - r->at->table] = a->line;
}

/*
 * What is wrong with a word that is no keyword here: it may be one further
 * out, or in a block that could be opened here.
 */
static void
unknown(struct reader *r, const char *word)
{
	const unsigned int line = r->in->lex.at;
	const struct level *l = r->at;
	const struct keyword *k;
	char hint[512];

	while (l > &r->levels[r->in->floor])
		if (keyword_find((--l)->table, word) != NULL) {
			fail(r, line, "`%s' stands outside of the block of line "
			    "%u: is its `}' missing?", word, r->at->opened_at);
			return;
		}
	for (k = r->at->table; k->name != NULL; k++)
		if (k->block != NULL && keyword_find(k->block, word) != NULL) {
			fail(r, line, "`%s' stands in a block: %s NAME { %s "
			    "... }", word, k->name, word);
			return;
		}
	fail(r, line, "unknown keyword `%s': %s", word,
	    keyword_hint(r->at->table, word, hint, sizeof(hint)));
}

static void
statement(struct reader *r, int opens)
{
	const struct lex *lex = &r->in->lex;
	struct keyword_args a = {
		.conf = r->conf,
		.file = r->in->file,
		.words = r->in->lex.words + 1,
		.n = lex->nwords - 1,
		.line = r->in->built_in ? 0 : lex->at,
		.included = r->in->included,
	};
	const char *word = lex->words[0];
	const struct keyword *k = keyword_find(r->at->table, word);
	unsigned int *seen;

	if (k == NULL) {
		unknown(r, word);
	} else if (opens && k->block == NULL) {
		fail(r, lex->at, "`%s' has no block", word);
	} else if (!opens && k->block != NULL) {
		fail(r, lex->at, "%s: expected a block: %s NAME { ... }",
		    word, word);
	} else if (*(seen = &r->at->lines[k - r->at->table]) != 0 &&
	    !k->repeats) {
		fail(r, lex->at, "%s: is on line %u already", word, *seen);
	} else {
		if (*seen == 0 && k->repeats)
			memset((char *)r->at->base + k->offset, 0, k->size);
		*seen = lex->at;
		if (k->parse(k, r->at->base, &a) == -1)
			fail(r, lex->at, "%s: %s", word, a.error);
		else if (a.include[0] != '\0')
			include_file(r, k, &a);
	}
	/* Whatever is wrong with it, its block is skipped. */
	if (opens)
		enter(r, k, &a);
}

/*
 * A block that has no place here, but further out: the end of this one is
 * missing.
 */
static int
belongs_outside(const struct reader *r)
{
	const struct level *l = r->at;
	const struct keyword *k;

	if (r->in->lex.nwords == 0)
		return 0;
	if (l->table != NULL && keyword_find(l->table, r->in->lex.words[0]))
		return 0;
	while (l > &r->levels[r->in->floor]) {
		k = keyword_find((--l)->table, r->in->lex.words[0]);
		if (k != NULL && k->block != NULL)
			return 1;
	}
	return 0;
}

/* A statement with a `{'. */
static void
block(struct reader *r)
{
	const struct lex *lex = &r->in->lex;

	if (belongs_outside(r)) {
		fail(r, lex->at, "a block within the block of line %u: is "
		    "its `}' missing?", r->at->opened_at);
		do
			leave(r);
		while (belongs_outside(r));
	}
	if (r->at->table == NULL) {
		r->at->skipped++;
	} else if (lex->nwords == 0) {
		fail(r, lex->line, "a `{' without a keyword");
		enter(r, NULL, NULL);
	} else {
		statement(r, 1);
	}
}

static void
close_block(struct reader *r)
{
	if (r->at->skipped > 0)
		r->at->skipped--;
	else if (is_lowest(r))
		fail(r, r->in->lex.line, "a `}' without its `{'");
	else
		leave(r);
}

static void
read_statements(struct reader *r)
{
	struct lex *lex = &r->in->lex;
	enum lex_kind kind;

	while ((kind = lex_next(lex)) != LEX_END) {
		if (kind == LEX_ERROR)
			fail(r, lex->at, "%s", lex->error);
		else if (kind == LEX_CLOSE)
			close_block(r);
		else if (kind == LEX_OPEN)
			block(r);
		else if (r->at->table != NULL)
			/* What is in a block that is none nobody can judge. */
			statement(r, 0);
	}
	while (!is_lowest(r)) {
		fail(r, r->at->opened_at, "the block is not closed: expected a "
		    "`}'");
		leave(r);
	}
}

/* Reads the text at the level at hand. */
static void
read_text(struct reader *r, const char *file, int built_in, char *text,
    size_t len)
{
	struct source *outer = r->in;
	struct source in = {
		.file = file,
		.floor = (size_t)(r->at - r->levels),
		.included = outer != NULL,
		.built_in = built_in,
	};

	lex_init(&in.lex, text, len);
	r->in = &in;
	read_statements(r);
	r->in = outer;
}

unsigned int
reader_load(struct conf *c, conf_report *report)
{
	struct reader r = {
		.conf = c,
		.report = report,
		.levels = { { .table = keywords_top, .base = c } },
	};
	size_t len;
	char *text;

	if ((text = slurp_file(c->file, FILE_MAX, &len)) == NULL ||
	    len > FILE_MAX) {
		if (text == NULL)
			conf_error(c, 0, report, "cannot read the "
			    "configuration: %s", strerror(errno));
		else
			conf_error(c, 0, report, "is longer than a "
			    "configuration of %d bytes", FILE_MAX);
		free(text);
		return 1;
	}
	r.at = r.levels;
	r.at->lines = r.top;
	read_text(&r, c->file, 0, text, len);
	free(text);
	return r.errors;
}

unsigned int
reader_add(struct conf *c, struct conf_disk *d, const char *statements,
    conf_report *report)
{
	struct source in = { .file = c->file };
	struct reader r = {
		.conf = c,
		.report = report,
		.in = &in,
		.levels = { { .table = keywords_disk, .base = d,
		    .lines = d->lines[0] } },
	};

	r.at = r.levels;
	(void)include_text(&r, statements);
	return r.errors;
}
