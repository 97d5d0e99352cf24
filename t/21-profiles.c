/*
 * The profiles that are shipped: each is good, and is what its comments say.
 */
#include <dirent.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/conf.h"
#include "t/check.h"
#include "t/load.h"

#define SHIPPED	"conf/profiles"

static struct conf c;
static char shipped[PATH_MAX];	/* the directory's own name */

/* The disk that a profile alone makes. */
static const struct conf_disk *
load_profile(const char *name)
{
	is_int(load_format(&c, "disk d {\n\tprofile %s\n}\n", name), 0,
	    "%s: no errors", name);
	is_string(load_messages(), "", "%s: no messages", name);
	return &c.disks[1];
}

static void
is_quantile(const struct dist *d, double p, int64_t want, const char *name)
{
	int64_t got = dist_quantile(d, p);

	ok(got >= want - want / 1000 && got <= want + want / 1000,
	    "%s: %.4g %% are at most %lld us (%lld)", name, 100 * p,
	    (long long)(want / CLOCK_US), (long long)(got / CLOCK_US));
}

static void
is_rung(const struct model_ladder *l, size_t i, int64_t ppm, int64_t least,
    int64_t most, const char *name)
{
	const struct dist *d = &l->v[i].time;

	if (!ok(i < l->n, "%s: rung %zu", name, i))
		return;
	is_int(l->v[i].ppm, ppm, "%s: rung %zu, its share", name, i);
	ok(dist_quantile(d, 1e-9) >= least &&
	    dist_quantile(d, 1 - 1e-9) <= most, "%s: rung %zu, its time", name,
	    i);
}

/* The reads that all disks with an arm have. */
static void
is_hdd(const struct conf_disk *d, const char *name)
{
	const struct dist *read = &d->models[0].read;
	double average = 7.4e6 + 4.16e6, mean = dist_mean(read);

	ok(mean > 0.995 * average && mean < 1.005 * average,
	    "%s: the mean is that of its source (%.0f us)", name, mean / 1e3);
	is_quantile(read, 1e-6, 230 * CLOCK_US, name);
	is_quantile(read, 0.5, (7400 + 4160) * CLOCK_US, name);
	is_quantile(read, 0.05, 5 * CLOCK_MS, name);
	is_quantile(read, 0.95, 19590 * CLOCK_US, name);
	is_quantile(read, 1 - 1e-9, 25 * CLOCK_MS, name);
	is_int(d->lanes, 1, "%s: one arm", name);
}

static void
test_hdd(void)
{
	const struct conf_disk *d = load_profile("hdd");

	is_hdd(d, "hdd");
	is_int((long long)d->nmodels, 1, "hdd: it is in good health");
}

static void
test_ssd(void)
{
	const struct conf_disk *d = load_profile("ssd");
	const struct dist *read = &d->models[0].read;

	is_quantile(read, 0.5, 110 * CLOCK_US, "ssd");
	is_quantile(read, 0.999, 300 * CLOCK_US, "ssd");
	is_quantile(read, 1e-6, 36 * CLOCK_US, "ssd");
	is_int(d->models[0].bandwidth, 500000000, "ssd: 500 MB/s");
	ok(d->lanes * CLOCK_S / (110 * CLOCK_US) >= 72000 &&
	    (d->lanes - 1) * CLOCK_S / (110 * CLOCK_US) < 72000,
	    "ssd: 72,000 reads a second");
}

static void
test_study(void)
{
	const struct model *m = &load_profile("study")->models[0];

	is_quantile(&m->read, 1e-9, 75 * CLOCK_MS, "study");
	is_quantile(&m->read, 1 - 1e-9, 400 * CLOCK_MS, "study");
	is_rung(&m->slow, 0, 100000, 6 * CLOCK_S, 20 * CLOCK_S, "study");
	is_rung(&m->fail, 0, 1000, 300 * CLOCK_MS, 3 * CLOCK_S, "study");
	ok(m->slow.n == 1 && m->fail.n == 1, "study: nothing else");
}

/* The share of time that a flap between healthy and another is in that. */
static double
share(const struct conf_disk *d)
{
	const struct schedule *s = &d->schedules[0];

	ok(d->nschedules == 1 && s->kind == SCHEDULE_FLAP &&
	    s->conditions[0] == 0 && s->conditions[1] == 1,
	    "it flaps between healthy and %s", d->models[1].name);
	return (double)s->means[1] / (double)(s->means[0] + s->means[1]);
}

static void
test_tail_at_store(void)
{
	const struct conf_disk *d = load_profile("tail-at-store");
	double of_time = share(d);

	is_hdd(d, "tail-at-store");
	ok(of_time > 0.00199 && of_time < 0.00201,
	    "0.2 %% of the time it is slower (%g)", of_time);
	is_int(d->models[1].slowdown, 2 * MODEL_ALL, "twice as slow");
	is_int(load_text(&c, "disk d {\nprofile ssd\n"
	    "condition tail { slowdown 2 }\n"
	    "schedule flap healthy 994s tail 6s\n}\n"), 0,
	    "what it says of SSDs");
	of_time = share(&c.disks[1]);
	ok(of_time > 0.00599 && of_time < 0.00601, "is 0.6 %% (%g)", of_time);
}

static void
test_fail_slow(void)
{
	const struct conf_disk *d = load_profile("fail-slow");

	is_hdd(d, "fail-slow");
	is_int(d->models[1].bandwidth, 100000, "down to 100 KB/s");
	is_int(d->models[0].bandwidth, 1000 * d->models[1].bandwidth,
	    "by three orders of magnitude");
	is_int(d->object_size.points[0].value * 1000 /
	    d->models[1].bandwidth, 655, "655 ms for an object");
	share(d);
}

static void
test_sick_hdd(void)
{
	const struct conf_disk *d = load_profile("sick-hdd");
	const struct model *m = &d->models[0];

	is_hdd(d, "sick-hdd");
	is_rung(&m->slow, 0, 20000, 2500 * CLOCK_MS, 2500 * CLOCK_MS,
	    "sick-hdd");
	is_rung(&m->slow, 1, 10000, 7 * CLOCK_S, 7 * CLOCK_S, "sick-hdd");
	is_rung(&m->fail, 0, 5000, 30 * CLOCK_S, 30 * CLOCK_S, "sick-hdd");
	is_int(m->fail.v[0].status, 500, "sick-hdd: which fails");
}

/* Whatever it is, it says where it is from and what is ours. */
static void
test_comments(const char *name)
{
	char file[PATH_MAX + NAME_MAX + 2], text[8192];
	size_t n;
	FILE *f;

	snprintf(file, sizeof(file), "%s/%s", shipped, name);
	if ((f = fopen(file, "r")) == NULL)
		err(1, "%s", file);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	has_string(text, "\n# Source", "%s: its source", name);
	has_string(text, "ours", "%s: what is ours", name);
}

static void
test_all(void)
{
	unsigned int n = 0;
	struct dirent *e;
	DIR *dir;

	if ((dir = opendir(shipped)) == NULL)
		err(1, "%s", shipped);
	while ((e = readdir(dir)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		load_profile(e->d_name);
		test_comments(e->d_name);
		n++;
	}
	closedir(dir);
	is_int(n, 6, "all of them");
}

/* Tests run where the sources are; the profiles are beside our file then. */
int
main(void)
{
	plan_no_plan();
	if (realpath(SHIPPED, shipped) == NULL)
		err(1, SHIPPED ", from the top of the sources");
	load_here();
	if (symlink(shipped, "profiles") == -1)
		err(1, "profiles");
	test_hdd();
	test_ssd();
	test_study();
	test_tail_at_store();
	test_fail_slow();
	test_sick_hdd();
	test_all();
	return exit_status();
}
