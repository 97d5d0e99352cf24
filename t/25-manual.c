/*
 * The table of keywords drives the manual and the shipped configuration: both
 * say what it says.
 *
 * In spindled.conf(5), the item of a keyword begins with `.It Ic KEYWORD',
 * names its range as `from MIN to MAX' and its choices, and ends with
 * `Default:' and the preset, and when a new value takes effect.
 */
#include <ctype.h>
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/units.h"
#include "server/keyword.h"
#include "server/value.h"
#include "t/check.h"
#include "t/load.h"
#include "t/scratch.h"

#define MANUAL	"man/spindled.conf.5"
#define SHIPPED	"conf/spindled.conf"
#define PROFILES "conf/profiles"

#define TEXT_MAX 65536

static char manual[TEXT_MAX];
static char shipped[TEXT_MAX];

/* Tests run where the sources are. */
static void
read_file(const char *path, char text[TEXT_MAX])
{
	FILE *f = fopen(path, "r");
	size_t n;

	if (f == NULL)
		err(1, "%s, from the top of the sources", path);
	n = fread(text, 1, TEXT_MAX - 1, f);
	if (ferror(f) || n == TEXT_MAX - 1)
		errx(1, "%s cannot be read, or is too long", path);
	text[n] = '\0';
	fclose(f);
}

/* Macros are two letters, the first a capital one. */
static int
is_macro(const char *word, size_t len)
{
	return len == 2 && isupper((unsigned char)word[0]) &&
	    islower((unsigned char)word[1]);
}

static int
is_punctuation(const char *word, size_t len)
{
	return len == 1 && strchr(".,;:", word[0]) != NULL;
}

/* Adds a line's words to the text; a macro in a macro's line is none. */
static void
add_words(char *text, size_t size, const char *line, size_t len)
{
	const char *p = line, *end = line + len;
	int macros = *line == '.';
	size_t n, at = strlen(text);

	for (p += macros; p < end; p += n) {
		p += strspn(p, " \t");
		n = strcspn(p, " \t\n");
		if (n == 0 || p >= end)
			break;
		if (macros && is_macro(p, n))
			continue;
		at += (size_t)snprintf(text + at, size - at, "%s%.*s",
		    at == 0 || is_punctuation(p, n) ? "" : " ", (int)n, p);
		if (at >= size)
			errx(1, "an item of the manual is too long");
	}
}

/* The text of a keyword's item without macros, until the next call; or NULL. */
static const char *
item_of(const char *keyword)
{
	static char text[TEXT_MAX];
	char begin[64];
	const char *p, *line;
	size_t len;

	snprintf(begin, sizeof(begin), "\n.It Ic %s", keyword);
	for (p = manual; (p = strstr(p, begin)) != NULL; p++)
		if (strchr(" \n", p[strlen(begin)]) != NULL)
			break;
	if (p == NULL)
		return NULL;
	text[0] = '\0';
	for (line = p + 1; *line != '\0'; line += len + (line[len] == '\n')) {
		len = strcspn(line, "\n");
		if (line != p + 1 && (strncmp(line, ".It Ic ", 7) == 0 ||
		    strncmp(line, ".Sh", 3) == 0))
			break;
		add_words(text, sizeof(text), line, len);
	}
	return text;
}

/* What `Default:' has to say: several lines of a file are words with `and'. */
static void
default_text(const struct keyword *k, char *buf, size_t size)
{
	const char *p = k->preset, *next;
	char again[64];
	size_t len;

	if (p == NULL) {
		snprintf(buf, size, "Default: none.");
		return;
	}
	snprintf(again, sizeof(again), "\n%s ", k->name);
	len = (size_t)snprintf(buf, size, "Default: ");
	for (; (next = strstr(p, again)) != NULL; p = next + strlen(again))
		len += (size_t)snprintf(buf + len, size - len, "%.*s and ",
		    (int)(next - p), p);
	snprintf(buf + len, size - len, "%s.", p);
}

static void
test_range(const struct keyword *k, const char *item)
{
	char want[128], min[UNITS_TEXT], max[UNITS_TEXT];

	if (k->parse == value_number)
		snprintf(want, sizeof(want), "rom %" PRId64 " to %" PRId64,
		    k->min, k->max);
	else if (k->parse == value_time)
		snprintf(want, sizeof(want), "rom %s to %s",
		    units_time_text(k->min, min, sizeof(min)),
		    units_time_text(k->max, max, sizeof(max)));
	else if (k->parse == value_size)
		snprintf(want, sizeof(want), "rom %s to %s",
		    units_size_text(k->min, min, sizeof(min)),
		    units_size_text(k->max, max, sizeof(max)));
	else if (k->parse == value_factor)
		snprintf(want, sizeof(want), "rom 0.001 to 1000000");
	else
		return;
	has_string(item, want, "%s: its range", k->name);
}

static void
test_choices(const struct keyword *k, const char *item)
{
	size_t i;

	for (i = 0; k->choices != NULL && k->choices[i] != NULL; i++)
		has_string(item, k->choices[i], "%s: %s", k->name,
		    k->choices[i]);
	if (k->may_be_off)
		has_string(item, "off", "%s: off", k->name);
}

static void
test_keyword(const struct keyword *k)
{
	static const char *const effects[] = {
		[KEYWORD_RELOAD] = "Takes effect on reload.",
		[KEYWORD_RESTART] = "Takes effect after a restart only.",
	};
	const char *item = item_of(k->name);
	char preset[256];

	ok(item != NULL, "%s is in the manual", k->name);
	if (item == NULL)
		return;
	default_text(k, preset, sizeof(preset));
	has_string(item, preset, "%s: its default", k->name);
	has_string(item, effects[k->reload], "%s: when it takes effect",
	    k->name);
	ok(strstr(item, effects[k->reload == KEYWORD_RELOAD]) == NULL,
	    "%s: and not otherwise", k->name);
	ok(!k->repeats == (strstr(item, "Repeatable") == NULL),
	    "%s: whether it is repeatable", k->name);
	test_range(k, item);
	test_choices(k, item);
}

/* The other way round: the manual has no keyword that is none. */
static void
test_items(void)
{
	static const char begin[] = "\n.It Ic ";
	unsigned int n = 0;
	char word[64];
	const char *p;

	for (p = manual; (p = strstr(p, begin)) != NULL; n++) {
		p += strlen(begin);
		snprintf(word, sizeof(word), "%.*s", (int)strcspn(p, " \n"), p);
		ok(keyword_find(keywords_top, word) != NULL ||
		    keyword_find(keywords_disk, word) != NULL,
		    "the manual's `%s' is a keyword", word);
	}
	ok(n > 0, "the manual has keywords");
}

/* Takes the # off the lines that begin with it and a keyword. */
static void
uncomment(const char *from, char *to)
{
	int at_start = 1;

	for (; *from != '\0'; from++) {
		if (!(at_start && *from == '#' &&
		    islower((unsigned char)from[1])))
			*to++ = *from;
		at_start = *from == '\n';
	}
	*to = '\0';
}

/* Gives the number of keywords that are shown in comments. */
static unsigned int
count_comments(const char *text)
{
	unsigned int n = 0;

	for (; (text = strstr(text, "\n#")) != NULL; text += 2)
		n += islower((unsigned char)text[2]) != 0;
	return n;
}

/* What the shipped configuration shows in comments is the default. */
static void
test_shipped(void)
{
	static char all[TEXT_MAX], dump[TEXT_MAX];
	static struct conf c;

	is_int(load_text(&c, shipped), 0, "the shipped configuration is good");
	is_string(load_messages(), "", "it causes no messages");
	snprintf(dump, sizeof(dump), "%s", load_dump(&c));
	ok(count_comments(shipped) > 0, "it shows keywords in comments");
	uncomment(shipped, all);
	is_int(load_text(&c, all), 0, "which are good");
	is_string(load_messages(), "", "which cause no messages");
	is_string(load_dump(&c), dump, "and are the defaults");
}

/* What stands behind a # and a tab is an example. */
static void
test_shipped_example(void)
{
	static char all[TEXT_MAX];
	static struct conf c;
	const char *p = shipped;
	size_t len = 0;

	while ((p = strstr(p, "\n#\t")) != NULL) {
		p += 3;
		len += (size_t)snprintf(all + len, sizeof(all) - len, "%.*s\n",
		    (int)strcspn(p, "\n"), p);
	}
	ok(len > 0, "the shipped configuration has an example");
	is_int(load_text(&c, all), 0, "which is good");
	is_string(load_messages(), "", "without any message");
}

/* The manual's examples of disks are good. */
static void
test_examples(void)
{
	static const char begin[] = "\n.Bd -literal -offset indent\n";
	static char text[TEXT_MAX];
	static struct conf c;
	const char *p = manual, *end;
	unsigned int n = 0;

	scratch_write("sda_lat.1.log", "0, 5000000, 0, 4096\n", 20);
	while ((p = strstr(p, begin)) != NULL) {
		p += strlen(begin);
		if ((end = strstr(p, "\n.Ed")) == NULL)
			break;
		if (strncmp(p, "disk ", 5) != 0)
			continue;
		snprintf(text, sizeof(text), "%.*s\n", (int)(end - p), p);
		load_text(&c, text);
		is_string(load_messages(), "", "the manual's %.*s",
		    (int)strcspn(p, "{"), p);
		n++;
	}
	ok(n >= 4, "the manual has examples of disks");
}

/* What is built in is what the manual says. */
static void
test_built_in(void)
{
	static char dump[TEXT_MAX];
	static struct conf c;
	char *line, *p = dump, want[128];
	unsigned int n = 0;

	load_text(&c, "disk d { schedule flap slow 1s dying 1s\n"
	    "schedule dead }\n");
	snprintf(dump, sizeof(dump), "%s", load_dump(&c));
	while ((line = strsep(&p, "\n")) != NULL) {
		if (strncmp(line, "\t\t", 2) != 0)
			continue;
		snprintf(want, sizeof(want), ".Ql %s", line + 2);
		has_string(manual, want, "built in: %s", line + 2);
		n++;
	}
	is_int(n, 6, "all that is built in");
}

int
main(void)
{
	char profiles[PATH_MAX];
	const struct keyword *k;

	plan_no_plan();
	read_file(MANUAL, manual);
	read_file(SHIPPED, shipped);
	if (realpath(PROFILES, profiles) == NULL)
		err(1, PROFILES ", from the top of the sources");
	load_here();
	/* Where the shipped configuration has them: beside it. */
	if (symlink(profiles, "profiles") == -1)
		err(1, "profiles");
	for (k = keywords_top; k->name != NULL; k++)
		test_keyword(k);
	for (k = keywords_disk; k->name != NULL; k++)
		test_keyword(k);
	test_items();
	test_shipped();
	test_shipped_example();
	test_examples();
	test_built_in();
	return exit_status();
}
