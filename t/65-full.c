/*
 * A disk that is full of something else than the logs that are on it: a tmpfs
 * in a mount namespace of the test's own.  Meanwhile clients ask, and each
 * request has to be answered, and to be in the log, or counted as lost.
 */
#include <sys/mount.h>
#include <sys/stat.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/recent.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"
#include "t/heir.h"
#include "t/scratch.h"
#include "t/torture.h"
#include "t/work.h"

#define BALLAST	"ballast"
/* Answered so many times, a worker is past what it saw before the first. */
#define STALE	200

/* What the lines of a log are like. */
struct log {
	const char *file, *keyword;
	const char *begin, *end;	/* of each line, and nowhere else */
	size_t behind;			/* bytes that follow the end */
};

static const struct log logs[] = {
	{ "access", "access-log", "time=", " disk=default id=", RECENT_ID + 1 },
	{ "truth", "truth-log", "arrival=", " fault=none\n", 0 },
};

static struct daemon d;
static struct work work;
static char dir[128];			/* where the tmpfs is */

static const char *
on_disk(const char *name)
{
	static char path[4][256];
	static unsigned int n;
	char *p = path[n++ % 4];

	snprintf(p, sizeof(path[0]), "%s/%s", dir, name);
	return p;
}

static void
remove_disk(void)
{
	umount2(dir, MNT_DETACH);
}

/* Why there is no such disk, or NULL. */
static const char *
make_disk(void)
{
	snprintf(dir, sizeof(dir), "%s", scratch_path("disk"));
	if (geteuid() != 0)
		return "only root may mount";
	if (unshare(CLONE_NEWNS) == -1 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1)
		return "no mount namespace";
	if (mkdir(dir, 0755) == -1)
		err(1, "%s", dir);
	if (mount("spindled", dir, "tmpfs", 0, "size=96m,mode=0755") == -1)
		return "no tmpfs";
	atexit(remove_disk);
	return NULL;
}

static void
fill(void)
{
	static const char zeros[65536];
	int fd = open(on_disk(BALLAST), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd == -1)
		err(1, "%s", BALLAST);
	while (write(fd, zeros, sizeof(zeros)) > 0)
		continue;
	if (errno != ENOSPC)
		err(1, "%s", BALLAST);
	close(fd);
}

static void
empty(void)
{
	if (unlink(on_disk(BALLAST)) == -1)
		err(1, "%s", BALLAST);
}

/* How often a text is in another. */
static size_t
occurrences(const char *in, const char *text)
{
	size_t n = 0;

	for (; (in = strstr(in, text)) != NULL; in += strlen(text))
		n++;
	return n;
}

/* The sum of the numbers in front of what, in the error log. */
static unsigned long long
sum_of(const char *before, const char *what, size_t *lines)
{
	unsigned long long sum = 0;
	char line[2048], *p;
	FILE *f = fopen(d.log, "r");

	if (f == NULL)
		err(1, "%s", d.log);
	for (*lines = 0; fgets(line, sizeof(line), f) != NULL;)
		if ((p = strstr(line, before)) != NULL &&
		    strstr(p, what) != NULL) {
			sum += strtoull(p + strlen(before), NULL, 10);
			++*lines;
		}
	fclose(f);
	return sum;
}

static int
is_whole(const char *line, const struct log *l)
{
	const char *p = strstr(line, l->end);

	return p != NULL && strlen(p) == strlen(l->end) + l->behind;
}

/* The last of it may be whole. */
static int
is_glued(const char *line, const struct log *l)
{
	return occurrences(line, l->begin) > 1 ||
	    strncmp(line, l->begin, strlen(l->begin)) != 0;
}

/*
 * Lines are whole, or cut with nothing behind the cut; what is missing has
 * been counted.  A tmpfs that is nearly full refuses a page and gives the next
 * one, so that a line may come between a cut and its mark; seldom.
 */
static void
judge(const struct log *l, size_t rounds, unsigned long long requests)
{
	size_t whole = 0, cut = 0, glued = 0, empty = 0, begun, over;
	char line[8192], text[128];
	unsigned long long lost;
	FILE *f = fopen(on_disk(l->file), "r");

	if (f == NULL)
		err(1, "%s", l->file);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (strcmp(line, "\n") == 0)
			empty++;
		else if (is_glued(line, l)) {
			glued++;
			whole += (size_t)is_whole(line, l);
		} else if (is_whole(line, l))
			whole++;
		else
			cut++;
	}
	fclose(f);
	snprintf(text, sizeof(text), "%s: lines are lost: ", l->keyword);
	sum_of(text, "No space left on device", &begun);
	snprintf(text, sizeof(text), "%s: lines are written again, ",
	    l->keyword);
	lost = sum_of(text, " were lost", &over);
	diag("%s: %zu whole, %zu cut, %llu lost of %llu", l->keyword, whole,
	    cut, lost, requests);
	ok(glued <= 1 + rounds / 8, "%s: no cut is left for another's line: "
	    "%zu", l->keyword, glued);
	ok(cut <= rounds, "%s: at most one is cut each time", l->keyword);
	ok(empty <= rounds, "%s: and seldom more than one ends it", l->keyword);
	is_int((long long)(whole + lost), (long long)requests,
	    "%s: a line for each request, or it is counted as lost",
	    l->keyword);
	ok(lost > 0, "%s: some were", l->keyword);
	is_int((long long)begun, (long long)rounds,
	    "%s: that is said once each time, by all workers together",
	    l->keyword);
	is_int((long long)over, (long long)rounds, "%s: and when it is over",
	    l->keyword);
}

static void
test_logs(size_t rounds)
{
	static const char *const expected[] = { "lines are lost", NULL };
	struct work_sum load;
	char text[64];
	size_t i, k, from;

	daemon_configure(&d, "balance idle\nworkers 12\n"
	    "access-log %s logfmt\ntruth-log %s\n", on_disk(logs[0].file),
	    on_disk(logs[1].file));
	daemon_start(&d);
	work_start(&work, d.port);
	for (i = 0; i < rounds; i++) {
		from = daemon_log_length(&d);
		fill();
		for (k = 0; k < 2; k++) {
			snprintf(text, sizeof(text), "%s: lines are lost",
			    logs[k].keyword);
			daemon_await_log(&d, text, from);
		}
		/*
		 * Who has looked before the cut and would write behind it finds
		 * no room: append.c says why there has to be none.
		 */
		work_await(&work, STALE);
		empty();
		for (k = 0; k < 2; k++) {
			snprintf(text, sizeof(text), "%s: lines are written",
			    logs[k].keyword);
			daemon_await_log(&d, text, from);
		}
	}
	work_end(&work, &load);
	diag("%llu requests, %zu times full", (unsigned long long)load.sent,
	    rounds);
	is_int((long long)load.answered, (long long)load.sent,
	    "each request is answered");
	/* A line is written behind the reply. */
	daemon_signal(&d, SIGTERM);
	is_int(daemon_wait(&d), 0, "the daemon stops");
	for (k = 0; k < 2; k++)
		judge(&logs[k], rounds, load.sent);
	daemon_finish(&d, expected);
}

/* Each is a line of the master's, and then one of a worker's. */
static void
make_lines(void)
{
	daemon_signal(&d, SIGTTIN);
	daemon_await_workers(&d, 13);
	daemon_signal(&d, SIGTTOU);
	daemon_await_workers(&d, 12);
}

static int
is_well(void *arg)
{
	(void)arg;
	make_lines();
	return daemon_has_logged(&d, " lines of this log were lost");
}

/* The error log itself. */
static void
test_error_log(size_t rounds)
{
	static const char *const expected[] = {
		" lines of this log were lost", "worker", NULL
	};
	size_t i, bad = 0, cut = 0, told, length;
	struct work_sum load;
	char line[2048];
	FILE *f;

	daemon_configure(&d, "balance shared\nworkers 12\n");
	snprintf(d.log, sizeof(d.log), "%s", on_disk("log"));
	daemon_start(&d);
	work_start(&work, d.port);
	fill();
	/* The log's last page has some room. */
	for (i = 0; i < 5 * rounds; i += daemon_log_length(&d) == length) {
		length = daemon_log_length(&d);
		make_lines();
	}
	empty();
	ok(daemon_until(is_well, NULL), "it says that lines of it were lost");
	work_end(&work, &load);
	is_int((long long)load.answered, (long long)load.sent,
	    "each request is answered");
	ok(sum_of("warning: ", " lines of this log were lost", &told) >=
	    5 * rounds, "not one line too few");
	is_int((long long)told, 1, "once");
	if ((f = fopen(d.log, "r")) == NULL)
		err(1, "%s", d.log);
	while (fgets(line, sizeof(line), f) != NULL) {
		bad += occurrences(line, " spindled[") > 1;
		cut += occurrences(line, " spindled[") < 1;
	}
	fclose(f);
	is_int((long long)bad, 0, "no line is glued to another");
	ok(cut <= 1, "and at most one is cut");
	daemon_finish(&d, expected);
}

int
main(void)
{
	const size_t rounds = (size_t)torture_pick(4, 25);
	const char *why;

	plan_no_plan();
	if ((why = make_disk()) != NULL) {
		skip(1, "%s", why);
		return exit_status();
	}
	heir_open();
	test_logs(rounds);
	test_error_log((size_t)torture_pick(1, 10));
	return exit_status();
}
