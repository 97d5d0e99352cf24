#include <ctype.h>
#include <err.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/units.h"
#include "t/test/options.h"
#include "t/test/target.h"
#include "t/test/verdict.h"

#define HOUR	(3600 * CLOCK_S)

enum kind { FLAG, TIME, COUNT, PERCENT, TEXT, ARRIVALS };

/* The one place where an option is known. */
static const struct row {
	int letter;
	enum kind kind;
	const char *name, *arg;	/* arg: what stands for its argument */
	size_t offset;		/* of its field */
	int64_t min, max;	/* TIME in ns, COUNT */
	const char *preset;	/* as one would write it */
	const char *help;
} rows[] = {
#define FIELD(name) offsetof(struct options, name)
	{ 'r', COUNT, "rate", "n", FIELD(rate), 1, 100000, "200",
	    "healthy requests a second" },
	{ 'm', TIME, "read", "time", FIELD(read), 0, HOUR, "2ms",
	    "how long a healthy read takes" },
	{ 't', TIME, "timeout", "time", FIELD(timeout), CLOCK_MS, HOUR, "4s",
	    "when a client of a healthy read gives up" },
	{ 'k', COUNT, "long", "n", FIELD(longs), 1, 16384, "16",
	    "long reads at once" },
	{ 'M', TIME, "long-read", "time", FIELD(long_read), CLOCK_MS,
	    4 * HOUR, NULL, "how long a long read takes, if not long enough" },
	{ 'L', TEXT, "long-path", "path", FIELD(long_path), 0, 0, NULL,
	    "what a long read asks for, if not the URL" },
	{ 'b', TIME, "before", "time", FIELD(before), 100 * CLOCK_MS, HOUR,
	    "4s", "how long to measure without long reads" },
	{ 'd', TIME, "during", "time", FIELD(during), 100 * CLOCK_MS, HOUR,
	    "6s", "how long to measure with them" },
	{ 'l', TIME, "lead", "time", FIELD(lead), 0, HOUR, "500ms",
	    "how much earlier long reads begin" },
	{ 'a', ARRIVALS, "arrivals", "kind", FIELD(arrivals), 0, 0, "poisson",
	    "of healthy requests: poisson or constant" },
	{ 's', COUNT, "seed", "n", FIELD(seed), 0, INT64_MAX, "1",
	    "of the gaps" },
	{ 'x', PERCENT, "tolerate", "share", FIELD(tolerate), 0, 0, "0%",
	    "of healthy requests that may fail in each part" },
	{ 'B', TIME, "bound", "time", FIELD(bound), 0, HOUR, "5ms",
	    "how late a request may begin" },
	{ 'j', FLAG, "json", NULL, FIELD(json), 0, 0, NULL,
	    "print JSON instead of a table" },
	{ 'p', TEXT, "plot", "file", FIELD(plot), 0, 0, NULL,
	    "make a picture too, an SVG" },
	{ 'o', TEXT, "log", "file", FIELD(log), 0, 0, NULL,
	    "write a line for each request, CSV" },
	{ 'q', FLAG, "quiet", NULL, FIELD(quiet), 0, 0, NULL,
	    "no progress on the terminal" },
#undef FIELD
};

#define ROWS	(sizeof(rows) / sizeof(rows[0]))
#define VERSION_LETTER	'V'
#define HELP_LETTER	'h'

_Noreturn static void
usage(void)
{
	fprintf(stderr, "usage: spindled-test [-hjqV] [-a kind] [-B time] "
	    "[-b time] [-d time] [-k n]\n"
	    "                     [-L path] [-l time] [-M time] [-m time] "
	    "[-o file] [-p file]\n"
	    "                     [-r n] [-s n] [-t time] [-x share] url\n");
	exit(PROBLEM_UNKNOWN);
}

_Noreturn static void
help(void)
{
	char name[32];
	size_t i;

	printf("spindled-test [option ...] url\n\n"
	    "Do long reads make others time out there?  Exits with 0 if not, 1 "
	    "if so, and 2\nif that could not be told.\n\n");
	for (i = 0; i < ROWS; i++) {
		snprintf(name, sizeof(name), "%s %s", rows[i].name,
		    rows[i].arg != NULL ? rows[i].arg : "");
		printf("  -%c, --%-16s %s", rows[i].letter, name, rows[i].help);
		if (rows[i].preset != NULL)
			printf(" (%s)", rows[i].preset);
		printf("\n");
	}
	printf("  -%c, --%-16s print the version\n"
	    "  -%c, --%-16s print this\n", VERSION_LETTER, "version",
	    HELP_LETTER, "help");
	exit(PROBLEM_NO);
}

static int64_t
parse_count(const struct row *r, const char *text)
{
	const char *why = "no number";
	int64_t n = 0;

	/* strtonum(3) takes blanks and signs in front; a number has none. */
	if (isdigit((unsigned char)text[0]))
		n = strtonum(text, r->min, r->max, &why);
	if (why != NULL)
		errx(PROBLEM_UNKNOWN, "--%s %s: expected a number from %" PRId64
		    " to %" PRId64, r->name, text, r->min, r->max);
	return n;
}

static int64_t
parse_time(const struct row *r, const char *text)
{
	char min[UNITS_TEXT], max[UNITS_TEXT];
	int64_t ns;

	if (units_time(text, &ns) == -1 || ns < r->min || ns > r->max)
		errx(PROBLEM_UNKNOWN, "--%s %s: expected a time from %s to %s, "
		    "such as 250ms", r->name, text,
		    units_time_text(r->min, min, sizeof(min)),
		    units_time_text(r->max, max, sizeof(max)));
	return ns;
}

static int64_t
parse_percent(const struct row *r, const char *text)
{
	int64_t ppm;

	if (units_percent(text, &ppm) == -1)
		errx(PROBLEM_UNKNOWN, "--%s %s: expected a percentage, such as "
		    "0.1%%", r->name, text);
	return ppm;
}

static int64_t
parse_arrivals(const struct row *r, const char *text)
{
	if (strcmp(text, "poisson") == 0)
		return ARRIVALS_POISSON;
	if (strcmp(text, "constant") == 0)
		return ARRIVALS_CONSTANT;
	errx(PROBLEM_UNKNOWN, "--%s %s: expected poisson or constant", r->name,
	    text);
}

static void
set(struct options *o, const struct row *r, const char *text)
{
	void *field = (char *)o + r->offset;

	switch (r->kind) {
	case FLAG:
		*(int64_t *)field = 1;
		break;
	case TIME:
		*(int64_t *)field = parse_time(r, text);
		break;
	case COUNT:
		*(int64_t *)field = parse_count(r, text);
		break;
	case PERCENT:
		*(int64_t *)field = parse_percent(r, text);
		break;
	case ARRIVALS:
		*(int64_t *)field = parse_arrivals(r, text);
		break;
	case TEXT:
		*(const char **)field = text;
		break;
	}
}

/* What getopt_long(3) wants to know: the table, in its own words. */
struct getopt_words {
	struct option longs[ROWS + 3];
	char letters[2 * (ROWS + 2) + 1];
};

static void
words_make(struct getopt_words *w)
{
	char *p = w->letters;
	size_t i;

	for (i = 0; i < ROWS; i++) {
		w->longs[i].name = rows[i].name;
		w->longs[i].has_arg = rows[i].arg != NULL;
		w->longs[i].val = rows[i].letter;
		*p++ = (char)rows[i].letter;
		if (rows[i].arg != NULL)
			*p++ = ':';
	}
	w->longs[i++] = (struct option){ "version", 0, NULL, VERSION_LETTER };
	w->longs[i] = (struct option){ "help", 0, NULL, HELP_LETTER };
	*p++ = VERSION_LETTER;
	*p = HELP_LETTER;
}

static void
parse_letter(struct options *o, int letter)
{
	size_t i;

	if (letter == HELP_LETTER)
		help();
	if (letter == VERSION_LETTER) {
		printf("spindled-test " VERSION "\n");
		exit(PROBLEM_NO);
	}
	for (i = 0; i < ROWS; i++)
		if (rows[i].letter == letter) {
			set(o, &rows[i], optarg);
			return;
		}
	usage();
}

static void
expand(const char *template, int64_t ns, char *target)
{
	const char *why = target_expand(template, ns, target, URL_TARGET);

	if (why == NULL && !url_is_target(target))
		why = "it has characters that a URL cannot have";
	if (why != NULL)
		errx(PROBLEM_UNKNOWN, "%s: %s", template, why);
}

static void
parse_url(struct options *o)
{
	const char *why = url_parse(&o->url, o->text), *path = o->url.target;

	if (why != NULL)
		errx(PROBLEM_UNKNOWN, "%s: %s", o->text, why);
	if (path[0] == '\0')
		path = TARGET_STUDY;
	if (o->long_path == NULL && !target_is_timed(path))
		errx(PROBLEM_UNKNOWN, "%s: healthy and long reads would be the "
		    "same: put {ms} or {s} into the URL, or tell --long-path",
		    o->text);
	expand(path, o->read, o->healthy);
	if (o->long_path != NULL)
		path = o->long_path;
	expand(path, o->long_read, o->slow);
	o->long_is_timed = target_is_timed(path);
	if (strcmp(o->healthy, o->slow) == 0)
		errx(PROBLEM_UNKNOWN, "%s: healthy and long reads are the same",
		    o->healthy);
}

/*
 * A long read must outlast the patience of the last healthy client, who would
 * be answered late else, but answered.  One second more, for a margin.
 */
static void
check_long_read(struct options *o)
{
	const int64_t least = o->lead + o->during + o->timeout;
	char text[UNITS_TEXT];

	if (o->long_read == 0)
		o->long_read = (least / CLOCK_S + 2) * CLOCK_S;
	if (o->long_read < least)
		errx(PROBLEM_UNKNOWN, "--long-read is shorter than %s, which "
		    "--lead, --during and --timeout take together",
		    units_time_text(least, text, sizeof(text)));
}

void
options_parse(struct options *o, int argc, char **argv)
{
	struct getopt_words words = { .letters = "" };
	size_t i;
	int letter;

	memset(o, 0, sizeof(*o));
	for (i = 0; i < ROWS; i++)
		if (rows[i].preset != NULL)
			set(o, &rows[i], rows[i].preset);
	words_make(&words);
	while ((letter = getopt_long(argc, argv, words.letters, words.longs,
	    NULL)) != -1)
		parse_letter(o, letter);
	if (argc - optind != 1)
		usage();
	o->text = argv[optind];
	if (o->bound > o->timeout)
		errx(PROBLEM_UNKNOWN, "--bound is longer than --timeout");
	check_long_read(o);
	parse_url(o);
}
