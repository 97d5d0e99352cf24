#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "t/check.h"
#include "t/load.h"
#include "t/scratch.h"

static char messages[32768];	/* a line each */
static unsigned int count;	/* of them */

void
load_here(void)
{
	if (chdir(scratch_dir()) == -1)
		err(1, "%s", scratch_dir());
}

void
load_report(const char *message)
{
	size_t len = strlen(messages);

	count++;
	snprintf(messages + len, sizeof(messages) - len, "%s\n", message);
}

const char *
load_messages(void)
{
	return messages;
}

unsigned int
load_count(void)
{
	return count;
}

void
load_forget(void)
{
	messages[0] = '\0';
	count = 0;
}

unsigned int
load_file(struct conf *c, const char *file)
{
	load_forget();
	conf_close(c);
	memset(c, 0, sizeof(*c));
	return conf_load(c, file, load_report);
}

unsigned int
load_bytes(struct conf *c, const void *bytes, size_t len)
{
	scratch_write("conf", bytes, len);
	return load_file(c, "conf");
}

unsigned int
load_text(struct conf *c, const char *text)
{
	return load_bytes(c, text, strlen(text));
}

unsigned int
load_format(struct conf *c, const char *fmt, ...)
{
	char text[32768];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return load_text(c, text);
}

void
load_refuses(unsigned int errors, const char *want, const char *name)
{
	const char *p;
	unsigned int lines = 0;

	for (p = want; (p = strchr(p, '\n')) != NULL; p++)
		lines++;
	is_string(messages, want, "%s", name);
	ok(errors == lines && count == lines, "%s: the number of errors (%u)",
	    name, errors);
}

const char *
load_dump(const struct conf *c)
{
	static char dumps[2][32768];
	static unsigned int next;
	char *dump = dumps[next++ % 2];
	FILE *f = fmemopen(dump, sizeof(dumps[0]), "w");

	if (f == NULL)
		err(1, "fmemopen");
	conf_print(c, f);
	if (fclose(f) == EOF)
		err(1, "fmemopen");
	return dump;
}
