/*
 * Disks that are good: what they are by default, what they amount to, what
 * conditions have from their disk, and what profiles and built-in conditions
 * stand for.
 */
#include <sys/stat.h>

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/draw.h"
#include "server/conf.h"
#include "t/check.h"
#include "t/load.h"
#include "t/scratch.h"

#define GB	(INT64_C(1) << 30)

/* Every keyword, as it is printed. */
#define FULL \
	"disk d {\n" \
	"\tread quantiles min 1ms p50 8ms p99.9 2s max 30s\n" \
	"\tslow 10% uniform 6s 20s\n" \
	"\tslow 0.0001% hang\n" \
	"\tfail 0.1% fixed 2500ms\n" \
	"\tfail 12.5% fixed 30s 503\n" \
	"\tslowdown 1.25\n" \
	"\tbandwidth 150M\n" \
	"\tfault 1% reset\n" \
	"\tfault 2% truncate\n" \
	"\tfault 0.25% stall lognormal 1s p99 3s\n" \
	"\tfault 4% garbage\n" \
	"\tlanes 4\n" \
	"\tlimit 8\n" \
	"\tobject-size lognormal 4k p99 1M\n" \
	"\tinterruptible yes\n" \
	"\tseed 7\n" \
	"\tseed-by path\n" \
	"\tcondition worse {\n" \
	"\t\tread hang\n" \
	"\t\tslow off\n" \
	"\t\tfail 100% fixed 3s\n" \
	"\t\tslowdown 1\n" \
	"\t\tbandwidth off\n" \
	"\t\tfault off\n" \
	"\t}\n" \
	"\tcondition same {\n" \
	"\t}\n" \
	"\tschedule worse after 10m for 5m every 1h\n" \
	"\tschedule flap healthy 10m same 1m\n" \
	"\tschedule ramp healthy worse after 1h for 3m\n" \
	"}\n"

static struct conf c, again;

/* The last disk of a text without errors. */
static const struct conf_disk *
load_disk(const char *text, const char *name)
{
	is_int(load_text(&c, text), 0, "%s: no errors", name);
	is_string(load_messages(), "", "%s: no messages", name);
	return &c.disks[c.ndisks - 1];
}

/* What the disks other than `default' are in the dump. */
static const char *
disks_of(const struct conf *conf)
{
	const char *p = strstr(load_dump(conf), "disk default {\n");

	p = p != NULL ? strstr(p, "\n}\n") : NULL;
	return p != NULL ? p + 3 : "";
}

/* The text is printed as want, which amounts to itself. */
static void
is_dumped(const char *text, const char *want, const char *name)
{
	load_disk(text, name);
	is_string(disks_of(&c), want, "%s: what it amounts to", name);
	is_int(load_text(&again, load_dump(&c)), 0, "%s: and reads back", name);
	is_string(load_dump(&again), load_dump(&c), "%s: as the same", name);
}

static void
test_defaults(void)
{
	const struct conf_disk *d = load_disk("disk d { }", "an empty disk");
	const struct model *m = &d->models[0];

	is_string(m->name, "healthy", "its condition");
	is_int((long long)d->nmodels, 1, "there is no other");
	is_int((long long)d->nschedules, 0, "nor a schedule");
	is_int(m->read.kind, DIST_FIXED, "read");
	is_int(m->read.points[0].value, 8 * CLOCK_MS, "its time");
	ok(m->slow.n == 0 && m->fail.n == 0, "slow and fail");
	is_int(m->slowdown, MODEL_ALL, "slowdown");
	is_int(m->bandwidth, 0, "bandwidth");
	is_int((long long)m->faults.n, 0, "fault");
	is_int(d->lanes, 0, "lanes");
	is_int(d->limit, 0, "limit");
	is_int(d->sized, 0, "object-size");
	is_string(d->path, "", "path");
	is_int(d->dir, -1, "which is not open");
	is_int(d->interruptible, 0, "interruptible");
	is_int(d->seed, 1, "seed");
	is_int(d->seed_by, SEED_BY_ARRIVAL, "seed-by");
	ok(d->key == draw_hash(1, "d", 1), "the key is of seed and name");
	ok(c.disks[0].key == draw_hash(1, "default", 7),
	    "that of a disk without a block too");
	is_string(c.disks[0].models[0].name, "healthy", "and its condition");
}

static void
test_full(void)
{
	const struct conf_disk *d;
	const struct model *m;

	is_dumped(FULL, FULL, "every keyword");
	d = &c.disks[1];
	m = &d->models[0];
	is_int((long long)m->slow.n, 2, "slow");
	is_int(m->slow.v[0].ppm, 100000, "its share");
	is_int(m->slow.v[0].status, 200, "it is a good read");
	is_int(m->slow.v[0].time.points[1].value, 20 * CLOCK_S, "its time");
	is_int(m->slow.v[1].ppm, 1, "the least share");
	is_int((long long)m->fail.n, 2, "fail");
	is_int(m->fail.v[0].status, 500, "the default status");
	is_int(m->fail.v[1].status, 503, "another");
	is_int(m->fail.v[1].ppm, 125000, "its share");
	is_int(m->slowdown, 1250000, "slowdown");
	is_int(m->bandwidth, 150 << 20, "bandwidth");
	is_int((long long)m->faults.n, 4, "fault");
	is_int(m->faults.v[0].fault, FAULT_RESET, "reset");
	is_int(m->faults.v[1].fault, FAULT_TRUNCATE, "truncate");
	is_int(m->faults.v[2].fault, FAULT_STALL, "stall");
	is_int(m->faults.v[2].ppm, 2500, "its share");
	is_int(m->faults.v[2].time.kind, DIST_LOGNORMAL, "its time");
	is_int(m->faults.v[3].fault, FAULT_GARBAGE, "garbage");
	is_int(d->lanes, 4, "lanes");
	is_int(d->limit, 8, "limit");
	ok(d->sized && d->object_size.points[1].value == 1 << 20,
	    "object-size");
	is_int(d->interruptible, 1, "interruptible");
	is_int(d->seed_by, SEED_BY_PATH, "seed-by");
	ok(d->key == draw_hash(7, "d", 1), "the key");
	is_int((long long)d->nmodels, 3, "conditions");
	is_int((long long)d->nschedules, 3, "schedules");
	is_int(d->schedules[0].conditions[0], 1, "a condition's number");
	is_int(d->schedules[1].conditions[0], 0, "the disk's own");
	is_int(d->schedules[1].conditions[1], 2, "another's");
}

/* What is written in another way is printed in this one. */
static void
test_texts(void)
{
	is_dumped("disk d { object-size fixed 64k }",
	    "disk d {\n\tread fixed 8ms\n\tobject-size 64k\n}\n", "a size");
	is_int(c.disks[1].object_size.points[0].value, 65536, "in bytes");
	is_dumped("disk d { object-size 16G }",
	    "disk d {\n\tread fixed 8ms\n\tobject-size 16G\n}\n", "the most");
	is_int(c.disks[1].object_size.points[0].value, 16 * GB, "of bytes");
	is_dumped("disk d { object-size 0 }",
	    "disk d {\n\tread fixed 8ms\n\tobject-size 0\n}\n", "empty ones");
	is_dumped("disk d { lanes 0\nlimit 0\nbandwidth 0\nslowdown 1.0\n"
	    "seed 1\nseed-by arrival\ninterruptible no\npath off\nslow off\n"
	    "fail off\nfault off\nobject-size off }",
	    "disk d {\n\tread fixed 8ms\n}\n", "defaults are left out");
	is_dumped("disk d { fail 1.50% fixed 3s 500 }",
	    "disk d {\n\tread fixed 8ms\n\tfail 1.5% fixed 3s\n}\n",
	    "the default status is left out");
	is_dumped("disk d { slow off\nslow 1% hang }",
	    "disk d {\n\tread fixed 8ms\n\tslow 1% hang\n}\n",
	    "off and then some");
	is_dumped("disk d { read quantiles min 0 p1 1ms p2 2ms p3 3ms p4 4ms "
	    "p5 5ms p6 6ms p7 7ms p8 8ms p9 9ms p10 10ms p11 11ms p12 12ms "
	    "p13 13ms p14 14ms max 15ms }\n", "disk d {\n\tread quantiles min "
	    "0 p1 1ms p2 2ms p3 3ms p4 4ms p5 5ms p6 6ms p7 7ms p8 8ms p9 9ms "
	    "p10 10ms p11 11ms p12 12ms p13 13ms p14 14ms max 15ms\n}\n",
	    "all points of a curve");
}

/* What a condition does not name it has from the disk, wherever that is. */
static void
test_inheritance(void)
{
	const struct conf_disk *d = load_disk("disk d {\n"
	    "	condition c { slowdown 3\nfail off }\n"
	    "	condition e { slow 1% fixed 5s }\n"
	    "	read fixed 1ms\n"
	    "	slow 2% fixed 6s\n"
	    "	slow 3% fixed 7s\n"
	    "	fail 4% fixed 8s 599\n"
	    "	bandwidth 1M\n"
	    "	fault 5% reset\n"
	    "}\n", "conditions");
	const struct model *m = &d->models[1];

	is_string(m->name, "c", "a condition");
	is_int(m->line, 2, "its line");
	ok(dist_equal(&m->read, &d->models[0].read), "has the disk's read");
	is_int((long long)m->slow.n, 2, "and its slow");
	is_int(m->slow.v[1].ppm, 30000, "each of them");
	is_int(m->bandwidth, 1 << 20, "and its bandwidth");
	is_int((long long)m->faults.n, 1, "and its faults");
	is_int(m->slowdown, 3 * MODEL_ALL, "but its own slowdown");
	is_int((long long)m->fail.n, 0, "and no failures");
	m = &d->models[2];
	is_int((long long)m->slow.n, 1, "another has slow reads of its own");
	is_int(m->slow.v[0].ppm, 10000, "and none of the disk's");
	is_int(m->fail.v[0].status, 599, "but the disk's failures");
	is_int(m->slowdown, MODEL_ALL, "and its slowdown");
}

/* Conditions that nobody has to describe. */
static void
test_built_in(void)
{
	const struct conf_disk *d;

	is_dumped("disk d { schedule flap slow 1m dead 1m\n"
	    "schedule dying after 1h }",
	    "disk d {\n"
	    "\tread fixed 8ms\n"
	    "\tcondition slow {\n"
	    "\t\tslowdown 10\n"
	    "\t}\n"
	    "\tcondition dead {\n"
	    "\t\tslow off\n"
	    "\t\tfail 100% fixed 30s\n"
	    "\t}\n"
	    "\tcondition dying {\n"
	    "\t\tslow 10% fixed 7s\n"
	    "\t\tfail 10% uniform 2s 3s\n"
	    "\t\tfail 5% fixed 30s\n"
	    "\t}\n"
	    "\tschedule flap slow 1m dead 1m\n"
	    "\tschedule dying after 1h\n"
	    "}\n", "built-in conditions");
	d = &c.disks[1];
	is_int(d->models[1].line, 0, "they are on no line");
	is_int(d->models[1].slowdown, 10 * MODEL_ALL, "slow is slower");
	is_int(d->models[1].read.points[0].value, 8 * CLOCK_MS,
	    "than the disk");
	is_int(d->schedules[1].conditions[0], 3, "and they have numbers");
	is_dumped("disk d { schedule slow\ncondition slow { read hang } }",
	    "disk d {\n\tread fixed 8ms\n\tcondition slow {\n\t\tread hang\n"
	    "\t}\n\tschedule slow\n}\n", "the user's own is that");
	is_dumped("disk d { slow 90% hang\nschedule dead }",
	    "disk d {\n\tread fixed 8ms\n\tslow 90% hang\n"
	    "\tcondition dead {\n\t\tslow off\n\t\tfail 100% fixed 30s\n"
	    "\t}\n\tschedule dead\n}\n", "a dead disk has no slow reads");
	load_disk("disk d { schedule healthy }", "a schedule of nothing");
	is_int((long long)c.disks[1].nmodels, 1, "needs no condition");
}

/* Names of files are relative to the configuration, and become absolute. */
static void
test_traces(void)
{
	char text[6 * PATH_MAX], dir[PATH_MAX];
	const struct model *m;

	if (getcwd(dir, sizeof(dir)) == NULL)
		err(1, "getcwd");
	scratch_write("a log", "0.1\n0.3\n0.2\n", 12);
	scratch_write("b.log", "0.5\n", 4);
	snprintf(text, sizeof(text), "disk d {\n"
	    "\tread trace \"%s/a log\"\n"
	    "\tslow 1%% trace \"%s/b.log\" sampled\n"
	    "\tfail 1%% trace \"%s/a log\" sampled 503\n"
	    "\tfault 1%% stall trace \"%s/b.log\"\n"
	    "\tcondition c {\n"
	    "\t\tread trace \"%s/b.log\"\n"
	    "\t}\n"
	    "}\n", dir, dir, dir, dir, dir);
	is_dumped("disk d {\n"
	    "read trace \"a log\"\n"
	    "slow 1% trace b.log sampled\n"
	    "fail 1% trace \"a log\" sampled 503\n"
	    "fault 1% stall trace b.log\n"
	    "condition c { read trace b.log } }\n", text, "traces");
	m = &c.disks[1].models[0];
	is_int((long long)c.ntraces, 2, "each file is loaded once");
	is_int((long long)m->read.trace_len, 3, "with its values");
	is_int(m->read.trace[1], 300 * CLOCK_MS, "in their order");
	ok(m->fail.v[0].time.trace == m->read.trace, "all share them");
	ok(m->fail.v[0].time.sampled && !m->read.sampled, "as they want");
	is_int(dist_value(&c.disks[1].models[1].read, 0.5, 7), 500 * CLOCK_MS,
	    "a condition's trace gives its values");
	is_int(load_text(&c, text), 0, "an absolute name");
	is_string(disks_of(&c), text, "stays what it is");
}

/* Descriptors that are open in this process. */
static unsigned int
count_open(void)
{
	unsigned int n = 0;
	int fd;

	for (fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

static void
test_path(void)
{
	unsigned int before;
	struct stat st, want;

	load_text(&c, "");
	before = count_open();
	is_dumped("disk d { path /tmp direct }",
	    "disk d {\n\tread fixed 8ms\n\tpath \"/tmp\" direct\n}\n",
	    "real files");
	load_text(&again, "");
	is_int(c.disks[1].path_mode, PATH_DIRECT, "direct");
	is_int(c.disks[1].path_at, 1, "its line");
	ok(fstat(c.disks[1].dir, &st) == 0 && stat("/tmp", &want) == 0 &&
	    st.st_ino == want.st_ino, "the directory is open");
	is_int(fcntl(c.disks[1].dir, F_GETFL) & O_PATH, O_PATH,
	    "for its path alone");
	is_int(fcntl(c.disks[1].dir, F_GETFD), FD_CLOEXEC, "close on exec");
	is_int(count_open(), before + 1, "nothing else is");
	load_text(&c, "disk d { profile files\npath / }");
	is_string(c.disks[1].path, "/", "another directory than the profile's");
	is_int(c.disks[1].path_mode, PATH_BUFFERED, "is read otherwise");
	is_int(count_open(), before + 1, "and that is not open any more");
	load_text(&c, "disk d { profile files\npath off }");
	is_int(c.disks[1].dir, -1, "nor if there is none");
	is_int(count_open(), before, "at all");
	load_text(&c, "disk d { path /\npath /tmp\nread x }");
	is_int(count_open(), before + 1, "nor behind an error");
	load_text(&c, "");
	is_int(count_open(), before, "a configuration's end closes them");
}

static void
write_profile(const char *name, const char *text)
{
	char file[64];

	snprintf(file, sizeof(file), "profiles/%s", name);
	scratch_write(file, text, strlen(text));
}

static void
test_profiles(void)
{
	char dir[PATH_MAX], text[2 * PATH_MAX];

	is_dumped("disk d { profile full }", FULL, "a profile");
	is_dumped("disk d { profile full\n"
	    "read fixed 1ms\n"
	    "slow 5% fixed 1s\n"
	    "slow 6% fixed 2s\n"
	    "fault off\n"
	    "object-size off\n"
	    "condition worse { slowdown 2 }\n"
	    "condition more { read none }\n"
	    "schedule worse }",
	    "disk d {\n"
	    "\tread fixed 1ms\n"
	    "\tslow 5% fixed 1s\n"
	    "\tslow 6% fixed 2s\n"
	    "\tfail 0.1% fixed 2500ms\n"
	    "\tfail 12.5% fixed 30s 503\n"
	    "\tslowdown 1.25\n"
	    "\tbandwidth 150M\n"
	    "\tlanes 4\n"
	    "\tlimit 8\n"
	    "\tinterruptible yes\n"
	    "\tseed 7\n"
	    "\tseed-by path\n"
	    "\tcondition worse {\n"
	    "\t\tslowdown 2\n"
	    "\t}\n"
	    "\tcondition same {\n"
	    "\t}\n"
	    "\tcondition more {\n"
	    "\t\tread none\n"
	    "\t}\n"
	    "\tschedule worse\n"
	    "}\n", "a profile and the block's own");
	is_int((long long)c.disks[1].models[1].slow.n, 2,
	    "a condition anew has nothing of the profile's");
	is_int(c.disks[1].models[1].read.points[0].value, CLOCK_MS,
	    "but what the disk has");
	load_disk("disk a { profile full }\ndisk b { profile full }\n",
	    "a profile for two");
	is_int((long long)c.disks[2].nschedules, 3, "the second has it all");
	load_disk("disk default { profile full }\n", "a profile for default");
	is_int(c.disks[0].lanes, 4, "which is the disk then");
	if (getcwd(dir, sizeof(dir)) == NULL)
		err(1, "getcwd");
	snprintf(text, sizeof(text), "disk d {\n\tread trace "
	    "\"%s/profiles/t\"\n}\n", dir);
	is_dumped("disk d { profile trace }", text,
	    "a profile's trace is beside the profile");
}

static void
write_profiles(void)
{
	char text[sizeof(FULL)];

	if (mkdir("profiles", 0755) == -1)
		err(1, "profiles");
	/* A profile is what is in a block. */
	snprintf(text, sizeof(text), "%s", strchr(FULL, '\n') + 1);
	text[strlen(text) - strlen("}\n")] = '\0';
	write_profile("full", text);
	write_profile("files", "path /tmp direct\n");
	write_profile("trace", "read trace t\n");
	write_profile("t", "0.1\n");
}

int
main(void)
{
	plan_no_plan();
	load_here();
	test_defaults();
	test_full();
	test_texts();
	test_inheritance();
	test_built_in();
	test_traces();
	write_profiles();
	test_path();
	test_profiles();
	return exit_status();
}
