#include <sys/mman.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/block.h"
#include "server/conf.h"
#include "server/condition.h"
#include "server/keyword.h"
#include "server/reader.h"
#include "server/value_admin.h"

void
conf_error_in(const char *file, unsigned int line, conf_report *report,
    const char *fmt, va_list ap)
{
	char text[1024], message[PATH_MAX + sizeof(text) + 16];

	vsnprintf(text, sizeof(text), fmt, ap);
	if (line > 0)
		snprintf(message, sizeof(message), "%s:%u: %s", file, line,
		    text);
	else
		snprintf(message, sizeof(message), "%s: %s", file, text);
	report(message);
}

void
conf_error(const struct conf *c, unsigned int line, conf_report *report,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	conf_error_in(c->file, line, report, fmt, ap);
	va_end(ap);
}

struct conf *
conf_new(void)
{
	void *p = mmap(NULL, sizeof(struct conf), PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

void
conf_close(struct conf *c)
{
	size_t i;

	for (i = 0; i < c->ntraces; i++)
		trace_free(&c->traces[i].trace);
	for (i = 0; i < c->ndisks; i++)
		if (c->disks[i].path[0] != '\0')
			close(c->disks[i].dir);
	c->ntraces = c->ndisks = 0;
}

void
conf_free(struct conf *c)
{
	if (c == NULL)
		return;
	conf_close(c);
	munmap(c, sizeof(*c));
}

unsigned int
conf_load(struct conf *c, const char *file, conf_report *report)
{
	unsigned int errors;

	if (strlcpy(c->file, file, sizeof(c->file)) >= sizeof(c->file)) {
		report("the configuration's file name is too long");
		return 1;
	}
	keyword_presets(keywords_top, c, c);
	/* Every configuration has it; a block may then fill it. */
	block_add_disk(c, "default");
	errors = reader_load(c, report);
	if (c->disks[0].line == 0)
		errors += condition_end(c, &c->disks[0], report);
	errors += value_admin_end(c, report);
	return errors;
}

void
conf_print(const struct conf *c, FILE *f)
{
	const struct keyword_out o = { .conf = c, .f = f };

	keyword_dump(keywords_top, c, NULL, &o);
}

void
conf_keep_fixed(const struct conf *old, struct conf *new, conf_report *report)
{
	const struct keyword_out was_out = { .conf = old };
	const struct keyword_out is_out = { .conf = new };
	const struct keyword *k;
	char *was, *is;

	for (k = keywords_top; k->name != NULL; k++) {
		if (k->reload != KEYWORD_RESTART)
			continue;
		was = keyword_text(k, old, &was_out);
		is = keyword_text(k, new, &is_out);
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
