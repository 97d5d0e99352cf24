#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/conf.h"
#include "server/keyword.h"
#include "server/lex.h"

/* Nobody writes a longer one; a device or a log given by mistake may be. */
#define FILE_MAX (1 << 20)

/* One file while it is read. */
struct reader {
	struct conf *conf;
	conf_report *report;
	struct lex lex;
	unsigned int errors;

	/* Where we are: at top level or in a block, and what it fills. */
	const struct keyword *table;
	void *base;
	unsigned int opened_at;		/* the block's line */
	unsigned int seen[2][KEYWORDS_MAX];	/* lines; [1]: this block's */
};

void
conf_error(const struct conf *c, unsigned int line, conf_report *report,
    const char *fmt, ...)
{
	char text[1024], message[PATH_MAX + sizeof(text) + 16];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (line > 0)
		snprintf(message, sizeof(message), "%s:%u: %s", c->file, line,
		    text);
	else
		snprintf(message, sizeof(message), "%s: %s", c->file, text);
	report(message);
}

#define FAIL(r, line, ...) do {						\
	(r)->errors++;							\
	conf_error((r)->conf, line, (r)->report, __VA_ARGS__);		\
} while (0)

/* The whole file, with room for the lexer's byte; NULL and a report if not. */
static char *
slurp(struct conf *c, size_t *len, conf_report *report)
{
	char *text = NULL;
	ssize_t n;
	int fd;

	*len = 0;
	fd = open(c->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1)
		goto fail;
	if ((text = malloc(FILE_MAX + 1)) == NULL)
		goto fail;
	while ((n = read(fd, text + *len, FILE_MAX + 1 - *len)) > 0)
		if ((*len += (size_t)n) > FILE_MAX)
			break;
	if (n == -1)
		goto fail;
	close(fd);
	if (*len <= FILE_MAX)
		return text;
	conf_error(c, 0, report, "is longer than a configuration of %d bytes",
	    FILE_MAX);
	free(text);
	return NULL;
fail:
	conf_error(c, 0, report, "cannot read the configuration: %s",
	    strerror(errno));
	if (fd != -1)
		close(fd);
	free(text);
	return NULL;
}

/* Reads the default as if it stood behind the keyword in the file. */
static void
assign(const struct keyword *k, void *base)
{
	struct keyword_args a = { .line = 0 };
	struct lex lex;
	char buf[512];

	snprintf(buf, sizeof(buf) - 1, "%s %s", k->name, k->preset);
	lex_init(&lex, buf, strlen(buf));
	while (lex_next(&lex) == LEX_STATEMENT) {
		a.words = lex.words + 1;
		a.n = lex.nwords - 1;
		if (k->parse(k, base, &a) == -1)
			abort();	/* the table contradicts itself */
	}
}

static void
presets(const struct keyword *table, void *base, const unsigned int *seen)
{
	const struct keyword *k;

	for (k = table; k->name != NULL; k++)
		if (k->preset != NULL && seen[k - table] == 0)
			assign(k, base);
}

static void
leave_block(struct reader *r)
{
	/* The block of an unknown or broken keyword fills nothing. */
	if (r->base != NULL)
		presets(r->table, r->base, r->seen[1]);
	r->table = keywords_top;
	r->base = r->conf;
	r->opened_at = 0;
}

static void
enter_block(struct reader *r, const struct keyword *table, void *base)
{
	memset(r->seen[1], 0, sizeof(r->seen[1]));
	r->table = table;
	r->base = base;
	r->opened_at = r->lex.at;
}

static void
statement(struct reader *r, int opens)
{
	struct keyword_args a = {
		.words = r->lex.words + 1,
		.n = r->lex.nwords - 1,
		.line = r->lex.at,
	};
	const char *word = r->lex.words[0];
	const struct keyword *k;
	unsigned int *seen;
	char hint[512];
	int in_block = r->opened_at != 0;

	/* What stands in a block that is none cannot be judged. */
	if (in_block && r->base == NULL)
		return;
	if ((k = keyword_find(r->table, word)) == NULL) {
		FAIL(r, r->lex.at, "unknown keyword `%s': %s", word,
		    keyword_hint(r->table, word, hint, sizeof(hint)));
		return;
	}
	if (opens && k->block == NULL) {
		FAIL(r, r->lex.at, "`%s' has no block", word);
		return;
	}
	if (!opens && k->block != NULL) {
		FAIL(r, r->lex.at, "%s: expected a block: %s NAME { ... }",
		    word, word);
		return;
	}
	seen = &r->seen[in_block][k - r->table];
	if (*seen != 0 && !k->repeats) {
		FAIL(r, r->lex.at, "%s: is on line %u already", word, *seen);
		return;
	}
	*seen = r->lex.at;
	if (k->parse(k, r->base, &a) == -1) {
		FAIL(r, r->lex.at, "%s: %s", word, a.error);
		return;
	}
	if (opens)
		enter_block(r, k->block, a.block);
}

/* A statement with a `{'.  Whatever is wrong with it, its block is skipped. */
static void
block(struct reader *r)
{
	if (r->opened_at != 0) {
		FAIL(r, r->lex.at, "a block within the block of line %u: is "
		    "its `}' missing?", r->opened_at);
		leave_block(r);
	} else if (r->lex.nwords == 0) {
		FAIL(r, r->lex.line, "a `{' without a keyword");
	}
	if (r->lex.nwords > 0)
		statement(r, 1);
	if (r->opened_at == 0)
		enter_block(r, keywords_top, NULL);
}

static void
read_statements(struct reader *r)
{
	enum lex_kind kind;

	while ((kind = lex_next(&r->lex)) != LEX_END) {
		if (kind == LEX_ERROR) {
			FAIL(r, r->lex.at, "%s", r->lex.error);
		} else if (kind == LEX_CLOSE) {
			if (r->opened_at == 0)
				FAIL(r, r->lex.line, "a `}' without its `{'");
			else
				leave_block(r);
		} else if (kind == LEX_OPEN) {
			block(r);
		} else {
			statement(r, 0);
		}
	}
	if (r->opened_at != 0) {
		FAIL(r, r->opened_at, "the block is not closed: expected a "
		    "`}'");
		leave_block(r);
	}
}

/* Every configuration has a disk `default', which a block may then fill. */
static void
built_in_disk(struct conf *c)
{
	static const unsigned int none[KEYWORDS_MAX];

	strlcpy(c->disks[0].name, "default", sizeof(c->disks[0].name));
	presets(keywords_disk, &c->disks[0], none);
	c->ndisks = 1;
}

struct conf *
conf_new(void)
{
	void *p = mmap(NULL, sizeof(struct conf), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

void
conf_free(struct conf *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < c->ntraces; i++)
		trace_free(&c->traces[i].trace);
	for (i = 0; i < c->ndisks; i++)
		if (c->disks[i].path[0] != '\0')
			close(c->disks[i].dir);
	munmap(c, sizeof(*c));
}

unsigned int
conf_load(struct conf *c, const char *file, conf_report *report)
{
	struct reader r = { .conf = c, .report = report };
	size_t len;
	char *text;

	if (strlcpy(c->file, file, sizeof(c->file)) >= sizeof(c->file)) {
		report("the configuration's file name is too long");
		return 1;
	}
	if ((text = slurp(c, &len, report)) == NULL)
		return 1;
	built_in_disk(c);
	leave_block(&r);
	lex_init(&r.lex, text, len);
	read_statements(&r);
	presets(keywords_top, c, r.seen[0]);
	free(text);
	return r.errors;
}

/* What stands behind the keyword, to be freed; "" when it is not set. */
static char *
value_text(const struct keyword *k, const void *base)
{
	char *text = NULL;
	size_t len;
	FILE *f;

	if ((f = open_memstream(&text, &len)) == NULL)
		return NULL;
	k->print(k, base, f);
	if (fclose(f) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

void
conf_print(const struct conf *c, FILE *f)
{
	const struct keyword *k;
	char *text;

	for (k = keywords_top; k->name != NULL; k++) {
		text = value_text(k, c);
		if (text != NULL && text[0] != '\0')
			fprintf(f, "%s %s\n", k->name, text);
		free(text);
	}
}

void
conf_keep_fixed(const struct conf *old, struct conf *new, conf_report *report)
{
	const struct keyword *k;
	char *was, *is;

	for (k = keywords_top; k->name != NULL; k++) {
		if (k->reload != KEYWORD_RESTART)
			continue;
		was = value_text(k, old);
		is = value_text(k, new);
		if (was != NULL && is != NULL && strcmp(was, is) != 0)
			conf_error(new, 0, report, "%s: only a restart puts "
			    "`%s' in force; `%s' stays", k->name, is, was);
		memcpy((char *)new + k->offset, (const char *)old + k->offset,
		    k->size);
		free(was);
		free(is);
	}
}

const struct conf_disk *
conf_disk(const struct conf *c, const char *name, size_t len)
{
	size_t i;

	for (i = 1; i < c->ndisks; i++)
		if (strncmp(c->disks[i].name, name, len) == 0 &&
		    c->disks[i].name[len] == '\0')
			return &c->disks[i];
	return &c->disks[0];
}

const char *
conf_balance_name(int balance)
{
	return keyword_find(keywords_top, "balance")->choices[balance];
}
