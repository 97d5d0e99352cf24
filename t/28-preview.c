/*
 * Previews: that the table says what a disk's reads take, the notes what it
 * leaves out, and the picture the same as both.
 */
#include <err.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/draw.h"
#include "server/picture.h"
#include "server/preview.h"
#include "server/sample.h"
#include "t/check.h"
#include "t/dists.h"
#include "t/scratch.h"
#include "t/text.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))
#define DRAWS		10000
#define COLUMNS		100	/* of a table with short names */

static struct conf c;
static char out[65536];

/* Configurations, by hand. */

static struct conf_disk *
begin(int64_t seed)
{
	struct conf_disk *d = &c.disks[0];

	memset(&c, 0, sizeof(c));
	c.ndisks = 1;
	snprintf(d->name, sizeof(d->name), "sda");
	d->seed = seed;
	d->key = draw_hash((uint64_t)seed, d->name, strlen(d->name));
	d->dir = -1;
	return d;
}

static struct model *
add_model(struct conf_disk *d, const char *name, const char *read)
{
	struct model *m = &d->models[d->nmodels++];

	snprintf(m->name, sizeof(m->name), "%s", name);
	m->read = dists_of(read, &dists_times);
	m->slowdown = MODEL_ALL;
	return m;
}

static struct model *
one(const char *read)
{
	return add_model(begin(1), "healthy", read);
}

static void
add_rung(struct model_ladder *l, int64_t ppm, const char *time, int status)
{
	l->v[l->n++] = (struct model_rung){ ppm, dists_of(time, &dists_times),
	    status, FAULT_NONE };
}

static void
add_schedule(struct conf_disk *d, const char *text)
{
	char buf[256], error[256], *words[16], *next = buf;
	const char *names[CONF_CONDITION_MAX];
	struct schedule *s = &d->schedules[d->nschedules++];
	size_t n = 0, i;

	snprintf(buf, sizeof(buf), "%s", text);
	while (n < COUNT(words) && (words[n] = strsep(&next, " ")) != NULL)
		n++;
	for (i = 0; i < d->nmodels; i++)
		names[i] = d->models[i].name;
	if (schedule_parse(s, words, n, error, sizeof(error)) == -1 ||
	    schedule_resolve(s, names, d->nmodels, error, sizeof(error)) == -1)
		errx(1, "%s: %s", text, error);
}

/* What it prints. */

static int
preview(size_t count, int picture)
{
	FILE *f = fmemopen(out, sizeof(out), "w");
	int status;

	if (f == NULL)
		err(1, "fmemopen");
	status = preview_print(&c, count, picture, f);
	if (fclose(f) == EOF)
		err(1, "fmemopen");
	return status;
}

/* The line that begins so, or an empty one; until the next call. */
static const char *
line_of(const char *begin_with)
{
	static char line[512];
	const char *p = out;

	while (strncmp(p, begin_with, strlen(begin_with)) != 0) {
		if ((p = strchr(p, '\n')) == NULL)
			return "";
		p++;
	}
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(p, "\n"), p);
	return line;
}

/* The word of a row in that column, both counted from 0. */
static const char *
cell(const char *row, unsigned int column)
{
	static char line[512];
	char *next = line, *word;

	snprintf(line, sizeof(line), "%s", line_of(row));
	while ((word = strsep(&next, " ")) != NULL)
		if (*word != '\0' && column-- == 0)
			return word;
	return "";
}

static void
row_is(const char *row, const char *want)
{
	char got[512] = "", word[64];
	unsigned int i;

	for (i = 0; i < 12; i++) {
		snprintf(word, sizeof(word), "%s", cell(row, i));
		text_add(got, sizeof(got), "%s%s", i > 0 ? " " : "", word);
	}
	is_string(got, want, "the row of %s", row);
}

/* The longest line of what is printed, or of a part of that; columns. */
static size_t
widest(const char *p)
{
	size_t len, most = 0;

	for (; *p != '\0'; p += len + (p[len] == '\n')) {
		len = strcspn(p, "\n");
		if (len > most)
			most = len;
	}
	return most;
}

/* The table. */

static void
test_exact(void)
{
	struct model *m = one("fixed 8ms");

	is_int(preview(DRAWS, 0), 0, "a preview");
	is_string(line_of("disk"), "disk condition     min     p50     p90"
	    "     p99   p99.9     max    mean  failed    slow   never",
	    "the head");
	is_string(line_of("sda"), "sda  healthy       8ms     8ms     8ms"
	    "     8ms     8ms     8ms     8ms      0%      0%      0%",
	    "a fixed time is exact, and below its head");
	m->slowdown = 2 * MODEL_ALL;
	preview(DRAWS, 0);
	row_is("sda", "sda healthy 16ms 16ms 16ms 16ms 16ms 16ms 16ms "
	    "0% 0% 0%");
	one("fixed 2500us");
	preview(1, 0);
	row_is("sda", "sda healthy 2.5ms 2.5ms 2.5ms 2.5ms 2.5ms 2.5ms 2.5ms "
	    "0% 0% 0%");
	one("hang");
	preview(DRAWS, 0);
	row_is("sda", "sda healthy never never never never never never never "
	    "0% 0% 100%");
}

static void
test_recording(void)
{
	static const int64_t ns[] = { 4, 1, 3, 2, 10, 9, 8, 7, 6, 5 };
	struct model *m = one("trace x");

	dist_attach(&m->read, ns, COUNT(ns));
	preview(10, 0);
	row_is("sda", "sda healthy 1ns 5ns 9ns 10ns 10ns 10ns 5ns 0% 0% 0%");
	preview(4, 0);
	row_is("sda", "sda healthy 1ns 2ns 4ns 4ns 4ns 4ns 2ns 0% 0% 0%");
}

/*
 * The p-quantile of n values is, in probability, p give or take
 * sqrt(p (1 - p) / n): at five times that it must be between two others.
 */
static void
test_quantiles(void)
{
	static const char *const texts[] = {
		"uniform 6s 20s", "exponential 8ms", "lognormal 8ms p99 60ms",
		"pareto 5ms p99 2s",
		"quantiles p50 8ms p90 15ms p99 60ms p99.9 2s max 30s",
	};
	static const double ps[] = { 0.5, 0.9, 0.99, 0.999 };
	struct sample s;
	struct model *m;
	double p, off;
	int64_t got;
	size_t i, j;

	if (sample_open(&s, 100000) == -1)
		err(1, "sample_open");
	for (i = 0; i < COUNT(texts); i++) {
		m = one(texts[i]);
		sample_draw(&s, &c, &c.disks[0], m);
		for (j = 0; j < COUNT(ps); j++) {
			p = ps[j];
			off = 5 * sqrt(p * (1 - p) / (double)s.n);
			got = sample_quantile(&s, llrint(p * 1e6));
			ok(got >= dist_quantile(&m->read, p - off) &&
			    got <= dist_quantile(&m->read, p + off),
			    "%s: p%g", texts[i], 100 * p);
		}
	}
	m = one("exponential 8ms");
	sample_draw(&s, &c, &c.disks[0], m);
	ok(fabs(sample_mean(&s) / dist_mean(&m->read) - 1) < 0.02,
	    "the mean: %g", sample_mean(&s));
	sample_close(&s);
}

/* Draws are the server's: keys by arrivals or paths, and sizes by paths. */
static void
test_draws(void)
{
	static const char *const paths[] = { "0", "1", "2" };
	struct conf_disk *d;
	struct model_draw one_draw;
	struct model *m;
	struct sample s;
	int64_t most[3] = { 0 }, size;
	uint64_t key;
	size_t i;

	d = begin(7);
	m = add_model(d, "healthy", "exponential 8ms");
	m->bandwidth = 1000000;
	d->object_size = dists_of("uniform 1k 1M", &dists_sizes);
	for (i = 0; i < 3; i++) {
		model_draw(m, draw_key(d->key, i), i, 0, &one_draw);
		if (one_draw.service > most[0])
			most[0] = one_draw.service;
		key = draw_hash(d->key, paths[i], 1);
		model_draw(m, key, i, 0, &one_draw);
		if (one_draw.service > most[1])
			most[1] = one_draw.service;
		size = dist_value(&d->object_size, draw_unit(key, MODEL_SIZE),
		    0);
		model_draw(m, key, i, size, &one_draw);
		if (one_draw.service > most[2])
			most[2] = one_draw.service;
	}
	if (sample_open(&s, 3) == -1)
		err(1, "sample_open");
	sample_draw(&s, &c, d, m);
	is_int(s.times[2], most[0], "seed-by arrival: the first arrivals");
	d->seed_by = SEED_BY_PATH;
	sample_draw(&s, &c, d, m);
	is_int(s.times[2], most[1], "seed-by path: the paths 0, 1, 2");
	d->sized = 1;
	sample_draw(&s, &c, d, m);
	is_int(s.times[2], most[2], "their objects' sizes take time");
	sample_close(&s);
}

static void
test_same(void)
{
	char first[sizeof(out)];

	one("exponential 8ms");
	preview(DRAWS, 0);
	strlcpy(first, out, sizeof(first));
	preview(DRAWS, 0);
	is_string(out, first, "it prints the same again");
	add_model(begin(2), "healthy", "exponential 8ms");
	preview(DRAWS, 0);
	ok(strcmp(out, first) != 0, "with another seed it does not");
}

/* Notes. */

static void
test_ladder(void)
{
	struct model *m = one("fixed 8ms");

	add_rung(&m->slow, 200000, "fixed 2500ms", 200);
	add_rung(&m->fail, 500000, "fixed 7s", 500);
	add_rung(&m->fail, 300000, "hang", 503);
	preview(DRAWS, 0);
	is_string(cell("sda healthy", 2), "", "no blank is lost");
	is_string(cell("sda", 2), "2.5s", "all reads are on a ladder");
	is_string(cell("sda", 7), "never", "a hang is the longest");
	is_string(cell("sda", 8), "never", "and makes the mean one");
	ok(fabs(atof(cell("sda", 9)) - 50) < 2.5, "failed: %s",
	    cell("sda", 9));
	ok(fabs(atof(cell("sda", 10)) - 20) < 2, "slow: %s", cell("sda", 10));
	ok(fabs(atof(cell("sda", 11)) - 30) < 2.3, "never: %s",
	    cell("sda", 11));
	ok(strncmp(line_of("sda, healthy: failed with "),
	    "sda, healthy: failed with 500 ", 30) == 0,
	    "statuses: %s", line_of("sda, healthy"));
	ok(strstr(out, "503") == NULL, "what never ends does not fail");
	c.read_timeout = 2 * CLOCK_S;
	preview(DRAWS, 0);
	is_string(line_of("sda, healthy: failed with 500"), "",
	    "all are longer than read-timeout");
	ok(fabs(atof(cell("sda", 9)) - 70) < 2.3, "and fail: %s",
	    cell("sda", 9));
	has_string(line_of("sda, healthy"), "failed with 504 ", "with 504");
}

static void
test_notes(void)
{
	struct conf_disk *d = begin(1);
	struct model *m = add_model(d, "healthy", "fixed 8ms");

	preview(DRAWS, 0);
	ok(strstr(out, "\n\n") == NULL && strstr(out, "sda, ") == NULL,
	    "nothing to note");
	d->lanes = 2;
	d->limit = 8;
	d->seed_by = SEED_BY_PATH;
	m->bandwidth = 1000000;
	snprintf(d->path, sizeof(d->path), "/srv");
	preview(DRAWS, 0);
	has_string(out, "\nsda, healthy: lanes 2: up to 250 reads/s; waits "
	    "for lanes are not shown\n", "lanes");
	has_string(out, "\nsda: limit 8: while as many are in it, any other "
	    "read gets 503 at once\n", "limit");
	has_string(out, "\nsda: seed-by path: the reads are of the paths 0 to "
	    "9999\n", "seed-by path");
	has_string(out, "\nsda: path: no file was read; that takes its own "
	    "time, on top of this\n", "path");
	has_string(out, "\nsda, healthy: bandwidth: ", "bandwidth");
	d->sized = 1;
	d->object_size = dists_of("fixed 8k", &dists_sizes);
	preview(DRAWS, 0);
	has_string(out, "\nsda: object-size: 8k\n", "object-size");
	ok(strstr(out, "bandwidth") == NULL, "which bandwidth needs");
	is_string(cell("sda", 2), "16.2ms", "and makes longer");
	d->object_size = dists_of("quantiles p50 8k p99 1M", &dists_sizes);
	preview(DRAWS, 0);
	has_string(out, "\nsda: object-size: 8k in the median, p99 1M\n",
	    "of a distribution");
	d->object_size = dists_of("exponential 16G", &dists_sizes);
	preview(DRAWS, 0);
	has_string(out, " in the median, p99 16G\n", "no object is larger");
	ok(strstr(line_of("sda  healthy"), "4.77h") != NULL,
	    "nor takes longer");
	m->faults.n = 1;
	m->faults.v[0].ppm = MODEL_ALL;
	m->faults.v[0].fault = FAULT_TRUNCATE;
	preview(DRAWS, 0);
	has_string(out, "\nsda, healthy: replies broken by truncate 100%\n",
	    "faults");
}

static void
test_schedule(void)
{
	struct conf_disk *d = begin(1);

	add_model(d, "healthy", "fixed 8ms");
	add_model(d, "dying", "fixed 2s");
	add_schedule(d, "dying after 10m for 5m every 1h");
	preview(DRAWS, 0);
	row_is("sda  dying", "sda dying 2s 2s 2s 2s 2s 2s 2s 0% 0% 0%");
	has_string(out, "\nsda: schedule: healthy 0, dying 10m, healthy 15m, "
	    "dying 70m", "a day's changes");
	has_string(out, "\nsda: of reads in the first day: healthy 9",
	    "and shares");
	d->nschedules = 0;
	add_schedule(d, "dying after 10m for 6m");
	preview(DRAWS, 0);
	has_string(out, "\nsda: schedule: healthy 0, dying 10m, healthy 16m\n"
	    "sda: of reads in the first hour: healthy 90%, dying 10%\n",
	    "the first hour");
	d->nschedules = 0;
	add_schedule(d, "ramp healthy dying for 30m after 6m");
	preview(DRAWS, 0);
	has_string(out, "\nsda: schedule: healthy 0, healthy to dying 6m, "
	    "dying 36m\n", "a ramp");
	has_string(line_of("sda: of reads"), "hour: healthy 3", "its shares");
	d->nschedules = 0;
	add_schedule(d, "ramp healthy dying for 50m after 35m");
	preview(DRAWS, 0);
	has_string(line_of("sda: of reads"), "hour: healthy 89.", "the shares "
	    "of its first half");
	d->nschedules = 0;
	add_schedule(d, "flap healthy 10s dying 10s");
	preview(DRAWS, 0);
	has_string(out, ", and so on\n", "a flap changes too often");
	has_string(line_of("sda: of reads"), "dying ", "its shares");
	ok(widest(out) <= COLUMNS, "%zu columns", widest(out));
	for (d->key = 1; d->key < 20 && widest(strstr(out, "\n\n")) <= 80;
	    d->key++)
		preview(1, 0);
	is_int((long long)d->key, 20, "but notes are folded to 80");
}

static void
test_disks(void)
{
	add_model(begin(1), "healthy", "fixed 8ms");
	c.disks[1] = c.disks[0];
	strlcpy(c.disks[1].name, "a-name-of-thirty-two-bytes-in-all",
	    sizeof(c.disks[1].name));
	c.disks[1].models[0].read = dists_of("fixed 90s", &dists_times);
	c.ndisks = 2;
	preview(DRAWS, 0);
	is_int((long long)strlen(line_of("sda")),
	    (long long)strlen(line_of("disk")), "a short name, a long row");
	is_int((long long)strlen(line_of("a-name")),
	    (long long)strlen(line_of("disk")), "a long name likewise");
	row_is("a-name", "a-name-of-thirty-two-bytes-in-al healthy 90s 90s "
	    "90s 90s 90s 90s 90s 0% 0% 0%");
}

/* The picture. */

static void
in_ascii(void)
{
	setenv("LC_ALL", "C", 1);
	setenv("PATH", "/nonexistent", 1);
}

static void
test_picture(void)
{
	struct model *m = one("fixed 10ms");
	const char *p;

	in_ascii();
	add_rung(&m->fail, 20000, "hang", 500);
	is_int(preview(100000, 1), 0, "a picture");
	ok((p = strstr(out, "\nsda, healthy\n")) != NULL, "it has a title");
	is_string(line_of("   100% "), "   100% ##################"
	    "#################", "all take longer than 1 ms");
	is_string(line_of("    10% "), "    10% ##################"
	    "#################...................................",
	    "2 of a hundred never end: less than half of this decade");
	is_int((long long)strlen(line_of("     1% ")), 8 + 70,
	    "and all of the next");
	is_string(line_of("        1ms"), "        1ms"
	    "                                10ms", "the axis");
	has_string(out, "\n  0.01% ", "as deep as the draws can tell");
	ok(strstr(out, " 0.001% ") == NULL, "and not deeper");
	has_string(out, "\nNo " PICTURE_SVG ": there is no gnuplot on the "
	    "PATH\n", "no gnuplot");
	for (p = out; *p != '\0' && (unsigned char)*p < 128; p++)
		;
	ok(*p == '\0', "in ASCII");
	is_int(access(PICTURE_SVG, F_OK), -1, "there is no file");
}

static void
test_edges(void)
{
	static const int64_t ns[] = { INT64_MAX / 2, INT64_MAX };
	struct model *m = one("fixed 10ms");

	in_ascii();
	add_rung(&m->fail, 110000, "hang", 500);
	preview(100000, 1);
	is_string(line_of("   100% "), "   100% ##################"
	    "#################...................................",
	    "a share that is little more than nothing is seen");
	m = one("trace x");
	dist_attach(&m->read, ns, COUNT(ns));
	preview(10, 1);
	is_int((long long)strlen(line_of("   100% ")), 8 + 71,
	    "for ever is longer than any axis");
}

static void
test_utf8(void)
{
	static const struct {
		const char *all, *ctype, *lang;
		int utf8;
	} t[] = {
		{ "", "", "", 0 },
		{ "C", "C.UTF-8", "C.UTF-8", 0 },
		{ "", "", "de_DE.utf8", 1 },
		{ "", "POSIX", "en_US.UTF-8", 0 },
		{ "C.UTF-8", "C", "C", 1 },
	};
	size_t i;

	one("exponential 8ms");
	for (i = 0; i < COUNT(t); i++) {
		setenv("LC_ALL", t[i].all, 1);
		setenv("LC_CTYPE", t[i].ctype, 1);
		setenv("LANG", t[i].lang, 1);
		preview(DRAWS, 1);
		is_int(strstr(out, "\u2588") != NULL, t[i].utf8,
		    "LC_ALL=%s LC_CTYPE=%s LANG=%s", t[i].all, t[i].ctype,
		    t[i].lang);
	}
	in_ascii();
}

static void
test_odd_pictures(void)
{
	static const char *const reads[] = {
		"fixed 0", "hang", "fixed 1ns", "fixed 24h",
		"pareto 1ns p99 24h", "uniform 0 24h",
	};
	size_t i;

	in_ascii();
	for (i = 0; i < COUNT(reads); i++) {
		one(reads[i]);
		is_int(preview(i + 1, 1), 0, "%s", reads[i]);
		ok(widest(out) <= COLUMNS, "%s: %zu columns", reads[i],
		    widest(out));
	}
}

int
main(void)
{
	plan_no_plan();
	if (chdir(scratch_dir()) == -1)
		err(1, "%s", scratch_dir());
	test_exact();
	test_recording();
	test_quantiles();
	test_draws();
	test_same();
	test_ladder();
	test_notes();
	test_schedule();
	test_disks();
	test_picture();
	test_edges();
	test_utf8();
	test_odd_pictures();
	return exit_status();
}
