/*
 * The keywords of disks and of their conditions.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "server/block.h"
#include "server/keyword.h"
#include "server/profile.h"
#include "server/value.h"
#include "server/value_model.h"

#define SEED_MAX	INT64_C(1000000000000000000)
#define RATE_MAX	(INT64_C(1) << 40)	/* bytes/s */
#define FACTOR_MIN	INT64_C(1000)		/* ppm */
#define FACTOR_MAX	(1000000 * MODEL_ALL)

static const char *const seed_bys[] = { "arrival", "path", NULL };
static const char *const answers[] = { "no", "yes", NULL };

/* Real files. */

static int
open_directory(struct conf_disk *d, int mode, struct keyword_args *a)
{
	const char *path = a->words[0];
	int dir;

	if (path[0] != '/')
		return value_fail(a, "`%s' is no absolute name of a directory: "
		    "expected one that begins with /", path);
	if (strlen(path) >= sizeof(d->path))
		return value_fail(a, "the directory's name is longer than %d "
		    "bytes", PATH_MAX - 1);
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir == -1)
		return value_fail(a, "cannot open %s: %s: expected a directory",
		    path, strerror(errno));
	strlcpy(d->path, path, sizeof(d->path));
	d->path_mode = mode;
	d->path_at = a->line;
	d->dir = dir;
	return 0;
}

/* A profile may have opened another one. */
static int
parse_path(const struct keyword *k, void *base, struct keyword_args *a)
{
	struct conf_disk *d = base;
	int direct = a->n == 2 && strcmp(a->words[1], "direct") == 0;

	(void)k;
	if (a->n == 0 || a->n > 2 || (a->n == 2 && !direct))
		return value_fail(a, "expected a directory, and then direct "
		    "perhaps; or off");
	if (d->path[0] != '\0')
		close(d->dir);
	d->path[0] = '\0';
	d->dir = -1;
	if (a->n == 1 && strcmp(a->words[0], "off") == 0)
		return 0;
	return open_directory(d, direct ? PATH_DIRECT : PATH_BUFFERED, a);
}

static void
print_path(const struct keyword *k, const void *base,
    const struct keyword_out *o)
{
	const struct conf_disk *d = base;

	(void)k;
	value_put_file(d->path, o->f);
	if (d->path[0] != '\0' && d->path_mode == PATH_DIRECT)
		fputs(" direct", o->f);
}

/* Schedules and profiles. */

static int
parse_schedule(const struct keyword *k, void *base, struct keyword_args *a)
{
	struct conf_disk *d = base;

	(void)k;
	if (d->nschedules == CONF_SCHEDULE_MAX)
		return value_fail(a, "expected at most %d", CONF_SCHEDULE_MAX);
	if (schedule_parse(&d->schedules[d->nschedules], a->words, a->n,
	    a->error, sizeof(a->error)) == -1)
		return -1;
	d->schedule_at[d->nschedules++] = a->line;
	return 0;
}

static void
print_schedule(const struct keyword *k, const void *base,
    const struct keyword_out *o)
{
	const struct conf_disk *d = base;
	size_t i;

	for (i = 0; i < d->nschedules; i++) {
		if (i > 0)
			keyword_again(k, o);
		schedule_print(&d->schedules[i], o->f);
	}
}

static int
parse_profile(const struct keyword *k, void *base, struct keyword_args *a)
{
	const struct conf_disk *d = base;
	const struct keyword *other;

	if (a->included)
		return value_fail(a, "expected none in a profile");
	if (a->n != 1)
		return value_fail(a, "expected the name of one profile");
	for (other = keywords_disk; other->name != NULL; other++)
		if (other != k && d->lines[0][other - keywords_disk] != 0)
			return value_fail(a, "expected it in front of all else "
			    "in the block");
	return profile_find(a->words[0], a, a->include);
}

/* The tables.  What a condition has too is at two places. */

#define SIZED(type, field) .offset = offsetof(type, field), \
	.size = sizeof(((type *)0)->field)
#define AT(field) SIZED(struct conf_disk, field)

#define OF_CONDITIONS(type, m) \
	{ "read", "fixed 8ms", value_read, value_read_print, \
	    SIZED(type, m read) }, \
	{ "slow", "off", value_slow, value_ladder_print, \
	    SIZED(type, m slow), .repeats = 1, .quiet = 1 }, \
	{ "fail", "off", value_failing, value_ladder_print, \
	    SIZED(type, m fail), .repeats = 1, .quiet = 1 }, \
	{ "slowdown", "1", value_factor, value_factor_print, \
	    SIZED(type, m slowdown), .min = FACTOR_MIN, .max = FACTOR_MAX, \
	    .quiet = 1 }, \
	{ "bandwidth", "off", value_size, value_size_print, \
	    SIZED(type, m bandwidth), .min = 1, .max = RATE_MAX, \
	    .may_be_off = 1, .quiet = 1 }, \
	{ "fault", "off", value_fault, value_fault_print, \
	    SIZED(type, m faults), .repeats = 1, .quiet = 1 }

const struct keyword keywords_condition[] = {
	OF_CONDITIONS(struct model,),
	{ .name = NULL },
};

const struct keyword keywords_disk[] = {
	OF_CONDITIONS(struct conf_disk, models[0].),
	{ "profile", NULL, parse_profile, NULL, .offset = 0 },
	{ "lanes", "off", value_number, value_number_print, AT(lanes),
	    .min = 1, .max = CONF_LANES_MAX, .may_be_off = 1, .quiet = 1 },
	{ "limit", "off", value_number, value_number_print, AT(limit),
	    .min = 1, .max = CONF_WORKERS_MAX, .may_be_off = 1, .quiet = 1 },
	{ "object-size", "off", value_object, value_object_print,
	    AT(object_size), .quiet = 1 },
	{ "path", "off", parse_path, print_path, AT(path), .quiet = 1 },
	{ "interruptible", "no", value_choice, value_choice_print,
	    AT(interruptible), .choices = answers, .quiet = 1 },
	{ "seed", "1", value_number, value_number_print, AT(seed),
	    .min = 0, .max = SEED_MAX, .quiet = 1 },
	{ "seed-by", "arrival", value_choice, value_choice_print, AT(seed_by),
	    .choices = seed_bys, .quiet = 1 },
	{ "condition", NULL, block_condition, block_condition_print,
	    .repeats = 1, .block = keywords_condition },
	{ "schedule", NULL, parse_schedule, print_schedule, AT(nschedules),
	    .repeats = 1 },
	{ .name = NULL },
};

_Static_assert(sizeof(keywords_disk) / sizeof(keywords_disk[0]) <=
    CONF_KEYWORDS_MAX, "too many keywords");
