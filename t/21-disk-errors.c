/*
 * What can be wrong with a disk, and exactly what is said of it.
 */
#include <sys/stat.h>

#include <err.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "server/conf.h"
#include "t/check.h"
#include "t/load.h"
#include "t/scratch.h"

#define NAME "disk: expected one name of at most 32 letters, digits, '.', " \
    "'_' and '-'"
#define CONDITION "condition: expected one name of at most 32 letters, " \
    "digits, '.', '_' and '-', which is no word of a schedule"
#define CONDITION_KEYWORDS "expected one of read slow fail slowdown " \
    "bandwidth fault"
#define SUCH ", such as 250us, 20ms, 4s or 2m"
#define DISTS "fixed, uniform, exponential, lognormal, pareto, quantiles, " \
    "hang"
#define READ "read: expected " DISTS ", trace or none"
#define FIXED "read: fixed: expected a time from 0 to 24h" SUCH
#define SHARE "expected a percentage from 0% to 100%, such as 0.1%, and "
#define SLOW "slow: " SHARE "a time; or off"
#define FAIL "fail: " SHARE "a time, and perhaps a status; or off"
#define STATUS "fail: expected a status from 400 to 599 at the end, or none"
#define FAULT "fault: " SHARE "reset, truncate, stall and a time, or " \
    "garbage; or off"
#define KIND "fault: expected reset, truncate, stall and a time, or " \
    "garbage, behind the percentage"
#define FACTOR "slowdown: expected a factor from 0.001 to 1000000, such as " \
    "10 or 1.5"
#define RATE "bandwidth: expected a size from 1 to 1024G, such as 8192 or " \
    "8k, or off"
#define OBJECT "object-size: expected fixed, uniform, exponential, " \
    "lognormal, pareto or quantiles, a size alone, or off"
#define LADDER(what) what ": expected slow and fail to be at most 100% of " \
    "the reads together"
#define FAULTS(what) what ": expected the faults to be at most 100% of the " \
    "replies together"
#define FIRST "profile: expected it in front of all else in the block"
#define EITHER "expected either path or object-size: files have sizes of " \
    "their own"

#define A33 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define NOWHERE "/spindled-test-nowhere"

static const struct load_case cases[] = {
	/* Names. */
	{ "a disk without a name", "disk {\n}\n", "conf:1: " NAME "\n" },
	{ "a disk with two names", "disk a b {\n}\n", "conf:1: " NAME "\n" },
	{ "a disk's empty name", "disk \"\" {\n}\n", "conf:1: " NAME "\n" },
	{ "a disk's long name", "disk " A33 " {\n}\n", "conf:1: " NAME "\n" },
	{ "a slash in a disk's name", "disk a/b {\n}\n", "conf:1: " NAME "\n" },
	{ "a blank in a disk's name", "disk \"a b\" {\n}\n",
	    "conf:1: " NAME "\n" },

	/* The time of a read. */
	{ "no model", "disk a {\n\tread\n}\n", "conf:2: " READ "\n" },
	{ "an unknown model", "disk a {\n\tread slowly 1ms\n}\n",
	    "conf:2: " READ "\n" },
	{ "a model without its time", "disk a {\n\tread fixed\n}\n",
	    "conf:2: " FIXED "\n" },
	{ "a model with two times", "disk a {\n\tread fixed 1ms 2ms\n}\n",
	    "conf:2: read: fixed: expected no more words, but there is "
	    "`2ms'\n" },
	{ "a model's bad time", "disk a {\n\tread fixed 1\n}\n",
	    "conf:2: " FIXED "\n" },
	{ "a model's time that is too long",
	    "disk a {\n\tread fixed 24.0000000001h\n}\n",
	    "conf:2: " FIXED "\n" },
	{ "a trace without a file", "disk a {\n\tread trace\n}\n",
	    "conf:2: read: trace: expected the name of a file\n" },
	{ "a trace that is missing",
	    "disk a {\n\tread trace " NOWHERE "\n}\n",
	    "conf:2: read: trace: " NOWHERE ": No such file or directory\n" },

	/* Ladders. */
	{ "a rung without a share", "disk a {\n\tslow fixed 7s\n}\n",
	    "conf:2: " SLOW "\n" },
	{ "a rung without anything", "disk a {\n\tslow\n}\n",
	    "conf:2: " SLOW "\n" },
	{ "a rung without a time", "disk a {\n\tslow 1%\n}\n",
	    "conf:2: " SLOW "\n" },
	{ "a share without its sign", "disk a {\n\tslow 1 fixed 7s\n}\n",
	    "conf:2: " SLOW "\n" },
	{ "a share of more than all", "disk a {\n\tslow 100.1% hang\n}\n",
	    "conf:2: " SLOW "\n" },
	{ "a slow read that takes nothing", "disk a {\n\tslow 1% none\n}\n",
	    "conf:2: slow: expected " DISTS " or trace\n" },
	{ "a slow read with a status", "disk a {\n\tslow 1% fixed 7s 500\n}\n",
	    "conf:2: slow: fixed: expected no more words, but there is "
	    "`500'\n" },
	{ "a failure without a share", "disk a {\n\tfail fixed 7s\n}\n",
	    "conf:2: " FAIL "\n" },
	{ "a failure that is none", "disk a {\n\tfail 1% fixed 7s 200\n}\n",
	    "conf:2: " STATUS "\n" },
	{ "a failure with two", "disk a {\n\tfail 1% fixed 7s 500 503\n}\n",
	    "conf:2: " STATUS "\n" },
	{ "off, behind others",
	    "disk a {\n\tslow 1% hang\n\tslow off\n\tfail 1% hang\n\tfail off\n"
	    "\tfault 1% reset\n\tfault off\n}\n",
	    "conf:3: slow: expected off alone\n"
	    "conf:5: fail: expected off alone\n"
	    "conf:7: fault: expected off alone\n" },

	/* Shares that are too many. */
	{ "more slow reads than reads",
	    "disk a {\n\tslow 60% hang\n\tslow 40.0001% hang\n}\n",
	    "conf:3: " LADDER("healthy") "\n" },
	{ "more slow reads and failures than reads",
	    "disk a {\n\tfail 50.0001% hang\n\n\tslow 50% hang\n}\n",
	    "conf:4: " LADDER("healthy") "\n" },
	{ "a condition's own",
	    "disk a {\n\tcondition c {\n\t\tslow 60% hang\n"
	    "\t\tfail 60% hang\n\t}\n}\n",
	    "conf:4: " LADDER("c") "\n" },
	{ "a condition's own and the disk's",
	    "disk a {\n\tcondition c { slow 60% hang }\n\tfail 60% hang\n}\n",
	    "conf:2: " LADDER("c") "\n" },
	{ "the disk's own is said once",
	    "disk a {\n\tcondition c { read none }\n\tslow 60% hang\n"
	    "\tslow 60% hang\n}\n",
	    "conf:4: " LADDER("healthy") "\n" },
	{ "more faults than replies",
	    "disk a {\n\tfault 50% reset\n\tfault 50.0001% garbage\n"
	    "\tcondition c {\n\t\tfault 100% reset\n\t\tfault 1% truncate\n"
	    "\t}\n}\n",
	    "conf:3: " FAULTS("healthy") "\n"
	    "conf:6: " FAULTS("c") "\n" },

	/* Faults. */
	{ "a fault without a share", "disk a {\n\tfault reset\n}\n",
	    "conf:2: " FAULT "\n" },
	{ "an unknown fault", "disk a {\n\tfault 1% fire\n}\n",
	    "conf:2: " KIND "\n" },
	{ "a share of no faults", "disk a {\n\tfault 1% off\n}\n",
	    "conf:2: " KIND "\n" },
	{ "a fault with a time", "disk a {\n\tfault 1% reset fixed 1s\n}\n",
	    "conf:2: " KIND "\n" },
	{ "a stall without a time", "disk a {\n\tfault 1% stall\n}\n",
	    "conf:2: fault: expected " DISTS " or trace\n" },
	{ "a stall with a bad time", "disk a {\n\tfault 1% stall fixed 1\n}\n",
	    "conf:2: fault: fixed: expected a time from 0 to 24h" SUCH "\n" },

	/* Numbers. */
	{ "a factor of nothing", "disk a {\n\tslowdown 0\n}\n",
	    "conf:2: " FACTOR "\n" },
	{ "a factor with a unit", "disk a {\n\tslowdown 10x\n}\n",
	    "conf:2: " FACTOR "\n" },
	{ "a factor of seven decimals", "disk a {\n\tslowdown 1.0000001\n}\n",
	    "conf:2: " FACTOR "\n" },
	{ "a rate by the second", "disk a {\n\tbandwidth 150M/s\n}\n",
	    "conf:2: " RATE "\n" },
	{ "too many lanes", "disk a {\n\tlanes 1025\n}\n",
	    "conf:2: lanes: expected a number from 1 to 1024, or off\n" },
	{ "a limit of more than all", "disk a {\n\tlimit 16385\n}\n",
	    "conf:2: limit: expected a number from 1 to 16384, or off\n" },
	{ "a seed that is no number", "disk a {\n\tseed x\n}\n",
	    "conf:2: seed: expected a number from 0 to 1000000000000000000\n" },
	{ "an unknown seed-by", "disk a {\n\tseed-by time\n}\n",
	    "conf:2: seed-by: expected arrival or path\n" },
	{ "neither yes nor no", "disk a {\n\tinterruptible off\n}\n",
	    "conf:2: interruptible: expected no or yes\n" },

	/* Objects. */
	{ "a size with a bad unit", "disk a {\n\tobject-size 64KB\n}\n",
	    "conf:2: " OBJECT "\n" },
	{ "a size that is no distribution of sizes",
	    "disk a {\n\tobject-size hang\n}\n", "conf:2: " OBJECT "\n" },
	{ "a size that is too large", "disk a {\n\tobject-size 17G\n}\n",
	    "conf:2: object-size: fixed: expected a size from 0 to 16G, such "
	    "as 8192, 64k or 4M\n" },
	{ "a relative directory", "disk a {\n\tpath tmp\n}\n",
	    "conf:2: path: `tmp' is no absolute name of a directory: expected "
	    "one that begins with /\n" },
	{ "a directory that is missing", "disk a {\n\tpath " NOWHERE "\n}\n",
	    "conf:2: path: cannot open " NOWHERE ": No such file or "
	    "directory: expected a directory\n" },
	{ "a file for a directory", "disk a {\n\tpath /dev/null direct\n}\n",
	    "conf:2: path: cannot open /dev/null: Not a directory: expected a "
	    "directory\n" },
	{ "no directory", "disk a {\n\tpath\n}\n",
	    "conf:2: path: expected a directory, and then direct perhaps; or "
	    "off\n" },
	{ "an unknown way to read", "disk a {\n\tpath / mmap\n}\n",
	    "conf:2: path: expected a directory, and then direct perhaps; or "
	    "off\n" },
	{ "files and sizes", "disk a {\n\tpath /\n\tobject-size 4k\n}\n",
	    "conf:3: " EITHER "\n" },
	{ "sizes and files", "disk a {\n\tobject-size 4k\n\tpath /\n}\n",
	    "conf:3: " EITHER "\n" },

	/* Conditions. */
	{ "a condition without a name", "disk a {\n\tcondition {\n\t}\n}\n",
	    "conf:2: " CONDITION "\n" },
	{ "a condition that is a word of schedules",
	    "disk a {\n\tcondition every {\n\t}\n}\n",
	    "conf:2: " CONDITION "\n" },
	{ "a condition's long name",
	    "disk a {\n\tcondition " A33 " {\n\t}\n}\n",
	    "conf:2: " CONDITION "\n" },
	{ "a condition without a block", "disk a {\n\tcondition c\n}\n",
	    "conf:2: condition: expected a block: condition NAME { ... }\n" },
	{ "healthy", "disk a {\n\tcondition healthy {\n\t}\n}\n",
	    "conf:2: condition: expected another name than healthy, which is "
	    "the disk itself\n" },
	{ "the same condition twice",
	    "disk a {\n\tcondition c { }\n\tcondition c { }\n}\n",
	    "conf:3: condition: condition c is on line 2 already\n" },
	{ "a built-in one twice",
	    "disk a {\n\tcondition dead { }\n\tcondition dead { }\n"
	    "\tschedule dead\n}\n",
	    "conf:3: condition: condition dead is on line 2 already\n" },
	{ "what only a disk has",
	    "disk a {\n\tcondition c {\n\t\tlanes 2\n\t}\n}\n",
	    "conf:3: `lanes' stands outside of the block of line 2: is its "
	    "`}' missing?\n" },
	{ "what a condition has not",
	    "disk a {\n\tcondition c {\n\t\tthreads 2\n\t}\n}\n",
	    "conf:3: unknown keyword `threads': " CONDITION_KEYWORDS "\n" },
	{ "a condition's condition",
	    "disk a {\n\tcondition c {\n\t\tschedule c\n\t}\n}\n",
	    "conf:3: `schedule' stands outside of the block of line 2: is its "
	    "`}' missing?\n" },
	{ "twice in a condition",
	    "disk a {\n\tcondition c {\n\t\tread none\n\t\tread none\n\t}\n}\n",
	    "conf:4: read: is on line 3 already\n" },
	{ "a condition at top level", "condition c {\n\tread x\n}\n",
	    "conf:1: `condition' stands in a block: disk NAME { condition ... "
	    "}\n" },

	/* Schedules. */
	{ "a condition that nobody described",
	    "disk a {\n\tschedule gone\n\tcondition c { }\n"
	    "\tschedule ramp c gone for 5m\n}\n",
	    "conf:2: schedule: there is no condition `gone': expected one of "
	    "healthy c slow dying dead hang\n"
	    "conf:4: schedule: there is no condition `gone': expected one of "
	    "healthy c slow dying dead hang\n" },
	{ "a condition of another disk",
	    "disk a { condition c { } }\ndisk b {\n\tschedule c\n}\n",
	    "conf:3: schedule: there is no condition `c': expected one of "
	    "healthy slow dying dead hang\n" },
	{ "a schedule without words", "disk a {\n\tschedule\n}\n",
	    "conf:2: schedule: expected NAME [after T] [for T] [every T], or "
	    "flap NAME T NAME T [after T] [for T], or ramp NAME NAME for T "
	    "[after T]\n" },

	/* Profiles. */
	{ "a profile behind others",
	    "disk a {\n\tread none\n\tprofile good\n}\n",
	    "conf:3: " FIRST "\n" },
	{ "a profile behind a condition",
	    "disk a {\n\tcondition c { }\n\tprofile good\n}\n",
	    "conf:3: " FIRST "\n" },
	{ "two profiles", "disk a {\n\tprofile good\n\tprofile good\n}\n",
	    "conf:3: profile: is on line 2 already\n" },
	{ "no profile", "disk a {\n\tprofile\n}\n",
	    "conf:2: profile: expected the name of one profile\n" },
	{ "twice behind a profile",
	    "disk a {\n\tprofile good\n\tread none\n\tread none\n}\n",
	    "conf:4: read: is on line 3 already\n" },
	{ "too much with a profile",
	    "disk a {\n\tprofile good\n\tfail 99.5% hang\n}\n",
	    "conf:3: " LADDER("healthy") "\n" },
	{ "a profile's size, and files",
	    "disk a {\n\tprofile good\n\tpath /\n}\n",
	    "conf:3: " EITHER "\n" },
	{ "a profile that is too much, and everything wrong with it",
	    "disk a {\n\tprofile much\n\tread none\n}\n",
	    "conf:2: " LADDER("healthy") "\n"
	    "conf:2: " FAULTS("healthy") "\n"
	    "conf:2: " LADDER("c") "\n"
	    "conf:2: schedule: there is no condition `gone': expected one of "
	    "healthy c slow dying dead hang\n"
	    "conf:2: " EITHER "\n" },
	{ "an unknown profile", "disk a {\n\tprofile goof\n}\n",
	    "conf:2: profile: there is no profile `goof': expected one of bad "
	    "good much\n" },
	{ "a way out", "disk a {\n\tprofile ../profiles/good\n}\n",
	    "conf:2: profile: there is no profile `../profiles/good': expected "
	    "one of bad good much\n" },
	{ "a profile with errors",
	    "disk a {\n\tprofile bad\n\tread 1\n}\n",
	    "DIR/profiles/bad:1: read: expected " DISTS ", trace or none\n"
	    "DIR/profiles/bad:2: unknown keyword `workers': expected one of "
	    "read slow fail slowdown bandwidth fault profile lanes limit "
	    "object-size path interruptible seed seed-by condition schedule\n"
	    "DIR/profiles/bad:3: profile: expected none in a profile\n"
	    "DIR/profiles/bad:4: condition: condition c is on line 4 already\n"
	    "DIR/profiles/bad:5: unknown keyword `disk': expected one of "
	    "read slow fail slowdown bandwidth fault profile lanes limit "
	    "object-size path interruptible seed seed-by condition schedule\n"
	    "DIR/profiles/bad:6: a `}' without its `{'\n"
	    "DIR/profiles/bad:7: the block is not closed: expected a `}'\n"
	    "conf:3: " READ "\n"
	    "conf:2: schedule: there is no condition `none': expected one of "
	    "healthy c d slow dying dead hang\n" },
};

static struct conf c;

/* The messages of profiles begin with the directory's own name. */
static const char *
with_dir(const char *want)
{
	static char text[8192];
	char dir[PATH_MAX];
	size_t len = 0;
	const char *p;

	if (getcwd(dir, sizeof(dir)) == NULL)
		err(1, "getcwd");
	text[0] = '\0';
	for (; (p = strstr(want, "DIR/")) != NULL; want = p + 3)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "%.*s%s", (int)(p - want), want, dir);
	snprintf(text + len, sizeof(text) - len, "%s", want);
	return text;
}

static void
write_text(const char *name, const char *text)
{
	scratch_write(name, text, strlen(text));
}

/* No profiles anywhere: that is said too. */
static void
test_no_profiles(void)
{
	load_refuses(load_text(&c, "disk a {\n\tprofile hdd\n}\n"),
	    with_dir("conf:2: profile: there is no profile `hdd', nor any "
	    "other in DIR/profiles or " DATADIR "/profiles, where `make "
	    "install' puts them\n"),
	    "no profiles at all");
}

static void
write_profiles(void)
{
	if (mkdir("profiles", 0755) == -1)
		err(1, "profiles");
	write_text("profiles/good", "fail 1% hang\nslow 1% hang\n"
	    "object-size 4k\n");
	write_text("profiles/bad", "read x\nworkers 5\nprofile good\n"
	    "condition c { } condition c { } schedule none\n"
	    "disk x { }\n}\ncondition d {\n");
	write_text("profiles/much", "slow 60% hang\nfail 60% hang\n"
	    "fault 60% reset\nfault 60% garbage\npath /\nobject-size 4k\n"
	    "condition c { slow 70% hang\nfail 70% hang }\n"
	    "schedule gone\n");
	write_text("profiles/.hidden", "");
	write_text("profiles/backup~", "");
}

/* A broken line of a trace is named by its file and line, behind ours. */
static void
test_traces(void)
{
	char text[8192] = "", want[256];
	size_t i, len = 0;

	write_text("bad.log", "0.1\n0.2\nx\n");
	load_text(&c, "disk a {\n\tread trace bad.log\n}\n");
	snprintf(want, sizeof(want), "%s", with_dir("conf:2: read: trace: "
	    "DIR/bad.log:3: "));
	has_string(load_messages(), want, "a broken line of a trace");
	is_int(load_count(), 1, "and nothing else");
	for (i = 0; i <= CONF_TRACE_MAX; i++) {
		snprintf(want, sizeof(want), "t%zu", i);
		write_text(want, "0.1\n");
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "disk d%zu { read trace t%zu }\n", i, i);
	}
	snprintf(text + len, sizeof(text) - len,
	    "disk x { read trace ./../%s/t0\n slow 1%% trace t1 }\n",
	    strrchr(scratch_dir(), '/') + 1);
	load_refuses(load_text(&c, text),
	    "conf:17: read: trace: expected at most 16 different files\n"
	    "conf:18: read: trace: expected at most 16 different files\n",
	    "too many traces");
}

/* One element more than there is room for; each has a number in it. */
static void
is_full(const char *before, const char *behind, size_t max, const char *what)
{
	char text[8192], want[256];
	size_t i, len;

	len = (size_t)snprintf(text, sizeof(text), "disk a {\n");
	for (i = 0; i <= max; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "%s%zu%s\n", before, i, behind);
	snprintf(text + len, sizeof(text) - len, "}\n");
	snprintf(want, sizeof(want), "conf:%zu: %s\n", max + 2, what);
	load_refuses(load_text(&c, text), want, what);
}

static void
test_full(void)
{
	is_full("slow 1% fixed ", "s", MODEL_RUNGS,
	    "slow: expected at most 8");
	is_full("fail 1% fixed ", "s", MODEL_RUNGS,
	    "fail: expected at most 8");
	is_full("fault 1% stall fixed ", "s", MODEL_RUNGS,
	    "fault: expected at most 8");
	is_full("schedule healthy after ", "s", CONF_SCHEDULE_MAX,
	    "schedule: expected at most 8");
	is_full("condition c", " { }", CONF_CONDITION_MAX - 1,
	    "condition: expected at most 7 conditions beside healthy");
	load_refuses(load_text(&c, "disk a {\n"
	    "condition 1 { }\ncondition 2 { }\ncondition 3 { }\n"
	    "condition 4 { }\ncondition 5 { }\ncondition 6 { }\n"
	    "schedule dead\nschedule slow\n}\n"),
	    "conf:9: schedule: there is no condition `slow': expected one of "
	    "healthy 1 2 3 4 5 6 dead\n", "no room for what is built in");
}

int
main(void)
{
	size_t i;

	plan_no_plan();
	load_here();
	test_no_profiles();
	write_profiles();
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		load_refuses(load_text(&c, cases[i].text),
		    with_dir(cases[i].want), cases[i].name);
	test_traces();
	test_full();
	return exit_status();
}
