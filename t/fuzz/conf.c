/*
 * Configurations.  The input is one; behind a form feed, which no
 * configuration may have, it goes on with the profile `p'.
 *
 * What is wrong is told with a line that there is.  What is good is printed
 * as a text that is the same configuration: it reads back, is printed
 * the same, and each of its disks is the same disk.  world.h says what it may
 * read, and why nothing outside is touched.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/conf.h"
#include "t/fuzz/fuzz.h"
#include "t/fuzz/same.h"
#include "t/fuzz/world.h"

static unsigned int reported;

/* FILE:LINE: and what is wrong there. */
static void
report(const char *message)
{
	const char *colon = strchr(message, ':');
	unsigned int lines;
	unsigned long line;
	char *end;

	reported++;
	FUZZ_LAW(strchr(message, '\n') == NULL, "a message is one line");
	FUZZ_LAW(colon != NULL && (lines = world_lines(message,
	    (size_t)(colon - message))) != 0,
	    "a message names a file that was read");
	FUZZ_LAW(isdigit((unsigned char)colon[1]), "and a line");
	line = strtoul(colon + 1, &end, 10);
	FUZZ_LAW(line >= 1 && line <= lines, "which there is");
	FUZZ_LAW(end[0] == ':' && end[1] == ' ' && end[2] != '\0',
	    "and what is wrong there");
}

static unsigned int
load(struct conf *c)
{
	unsigned int errors;

	reported = 0;
	errors = conf_load(c, WORLD_CONF, report);
	FUZZ_LAW(errors == reported, "all errors are reported, and counted");
	return errors;
}

/*
 * Empties a record, as conf_new gives it.  New ones would take a third of the
 * time, which is the kernel's for their pages.
 */
static void
empty(struct conf *c)
{
	const size_t ndisks = c->ndisks;

	conf_close(c);
	memset(c, 0, offsetof(struct conf, disks));
	memset(c->disks, 0, ndisks * sizeof(c->disks[0]));
}

static char *
print(const struct conf *c, size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	if (f == NULL)
		abort();
	conf_print(c, f);
	if (fclose(f) == EOF)
		abort();
	return text;
}

static void
check_again(const struct conf *c)
{
	size_t len, again_len, i;
	char *text = print(c, &len), *again_text;
	static struct conf again;

	world_conf(text, len);
	FUZZ_LAW(load(&again) == 0, "what is printed is good");
	again_text = print(&again, &again_len);
	FUZZ_LAW(len == again_len && memcmp(text, again_text, len) == 0,
	    "and is printed the same");
	FUZZ_LAW(c->ndisks == again.ndisks, "has as many disks");
	for (i = 0; i < c->ndisks; i++)
		FUZZ_LAW(same_disk(&c->disks[i], &again.disks[i]),
		    "and each is the same disk");
	empty(&again);
	free(again_text);
	free(text);
}

static int
has_path(const struct conf *c)
{
	size_t i;
	int n = 0;

	for (i = 0; i < c->ndisks; i++)
		n += c->disks[i].path[0] != '\0';
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const char *text = (const char *)bytes;
	const char *feed = memchr(text, '\f', len);
	const size_t conf_len = feed != NULL ? (size_t)(feed - text) : len;
	static struct conf c;

	world_begin(text, conf_len, feed != NULL ? feed + 1 : NULL,
	    feed != NULL ? len - conf_len - 1 : 0);
	if (load(&c) == 0)
		check_again(&c);
	FUZZ_LAW(world_open() == has_path(&c), "a path is open, no other");
	FUZZ_LAW(world_traces() == (int)c.ntraces, "so it is with traces");
	empty(&c);
	FUZZ_LAW(world_open() == 0 && world_traces() == 0,
	    "in the end nothing is left open");
	world_end();
	return 0;
}
