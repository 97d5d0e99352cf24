/* The error log, which children speak to, and ear.c hears. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "t/check.h"
#include "t/ear.h"

/* A longer message is cut: this much of it is left. */
#define LONGEST 1023

/* An error that no system has a text for. */
#define NO_ERROR 99999

static struct heard h;

/* The line as it has to be where stderr is no journal. */
static int
is_stamped(const char *line, const char *level, const char *message)
{
	char want[EAR_LINE], stamp[64];
	struct tm tm;
	time_t t;

	for (t = h.from; t <= h.to; t++) {
		localtime_r(&t, &tm);
		strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S%z", &tm);
		snprintf(want, sizeof(want), "%s spindled[%d] %s: %s\n", stamp,
		    (int)h.pid, level, message);
		if (strcmp(line, want) == 0)
			return 1;
	}
	diag("  got:  %s", line);
	diag("  want: %s", want);
	return 0;
}

static void
say_all(void)
{
	log_error("an error, %d", 1);
	log_warn("a warning, %s", "two");
	errno = ENOENT;
	log_warn_errno("a file, %c", '3');
	log_notice("a notice");
	log_info("some information");
	log_debug("a detail");
}

static void
say_verbose(void)
{
	log_open(LOG_TO_STDERR, 1);
	say_all();
}

static void
say_quiet(void)
{
	log_open(LOG_TO_STDERR, 0);
	say_all();
}

static void
say_one(void)
{
	log_open(LOG_TO_STDERR, 0);
	log_warn("one");
}

static const struct {
	const char *level;
	const char *prefix;
	const char *message;
} all[] = {
	{ "error", "<3>", "an error, 1" },
	{ "warning", "<4>", "a warning, two" },
	{ "warning", "<4>", "a file, 3: No such file or directory" },
	{ "notice", "<5>", "a notice" },
	{ "info", "<6>", "some information" },
	{ "debug", "<7>", "a detail" },
};
#define ALL (sizeof(all) / sizeof(all[0]))

static void
test_journal(void)
{
	char want[EAR_LINE];
	size_t i;

	ear_hear(&h, say_verbose, IS_STDERR);
	is_int(h.n, ALL, "the journal gets one write for each message");
	for (i = 0; i < ALL; i++) {
		snprintf(want, sizeof(want), "%s%s\n", all[i].prefix,
		    all[i].message);
		is_string(h.lines[i], want, "%s for the journal",
		    all[i].level);
	}
	is_int(h.status, 0, "nothing went wrong");
}

static void
test_words(void (*say)(void), unsigned int n, const char *how)
{
	size_t i;

	ear_hear(&h, say, IS_UNSET);
	is_int(h.n, n, "%s: one write for each message", how);
	for (i = 0; i < n; i++)
		ok(is_stamped(h.lines[i], all[i].level, all[i].message),
		    "%s: time, program, process, and %s", how, all[i].level);
	is_int(h.status, 0, "%s: nothing went wrong", how);
}

static void
test_streams(void)
{
	static const struct {
		enum stream stream;
		const char *name;
	} others[] = {
		{ IS_OTHER_INODE, "another inode" },
		{ IS_OTHER_DEVICE, "another device" },
		{ IS_GARBAGE, "garbage" },
		{ IS_UNSET, "not there" },
	};
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		ear_hear(&h, say_one, others[i].stream);
		ok(h.n == 1 && is_stamped(h.lines[0], "warning", "one"),
		    "JOURNAL_STREAM is %s: no journal", others[i].name);
	}
}

/* For who has just typed a command. */

static void
say_plain(void)
{
	log_plain("conf:1: 100%s wrong");
}

static void
say_plain_closed(void)
{
	close(STDERR_FILENO);
	errno = ENOENT;
	log_plain("conf:1: wrong");
	_exit(errno != ENOENT);
}

static void
test_plain(void)
{
	char text[EAR_LINE] = "";
	unsigned int i;

	ear_hear(&h, say_plain, IS_UNSET);
	for (i = 0; i < h.n; i++)
		strlcat(text, h.lines[i], sizeof(text));
	is_string(text, "conf:1: 100%s wrong\n", "plain: the message alone");
	ear_hear(&h, say_plain, IS_STDERR);
	text[0] = '\0';
	for (i = 0; i < h.n; i++)
		strlcat(text, h.lines[i], sizeof(text));
	is_string(text, "<3>conf:1: 100%s wrong\n",
	    "plain: an error for the journal");
	ear_hear(&h, say_plain_closed, IS_UNSET);
	is_int(h.status, 0, "plain: errno stays as it was");
}

static void
set_zone(const char *tz)
{
	setenv("TZ", tz, 1);
	tzset();
}

static void
test_zone(void)
{
	set_zone("TST-5:30");
	ear_hear(&h, say_one, IS_UNSET);
	ok(h.n == 1 && is_stamped(h.lines[0], "warning", "one"),
	    "the time is the local one");
	has_string(h.lines[0], "+0530 ", "and says so");
	set_zone("UTC0");
}

/* Lengths. */

static size_t said_length;

static void
say_long(void)
{
	char *text = malloc(said_length + 1);

	if (text == NULL)
		_exit(2);
	memset(text, 'x', said_length);
	text[said_length] = '\0';
	log_open(LOG_TO_STDERR, 0);
	log_warn("%s", text);
	errno = ENOENT;
	log_warn_errno("%s", text);
	free(text);
}

/* The line is that many x and then the text. */
static int
is_long(const char *line, size_t n, const char *then)
{
	const char *p = strchr(line, 'x');

	return p != NULL && strspn(p, "x") == n && strcmp(p + n, then) == 0;
}

static void
test_length(size_t length, const char *with_error)
{
	const enum stream streams[] = { IS_STDERR, IS_UNSET };
	size_t left = length > LONGEST ? LONGEST : length, i;

	said_length = length;
	for (i = 0; i < 2; i++) {
		ear_hear(&h, say_long, streams[i]);
		is_int(h.n, 2, "two messages of %zu bytes: two writes", length);
		ok(is_long(h.lines[0], left, "\n"), "%zu bytes: %zu are left",
		    length, left);
		ok(is_long(h.lines[1], left, with_error),
		    "%zu bytes and an error: as much as fits", length);
		is_int(h.status, 0, "%zu bytes: nothing went wrong", length);
	}
}

static void
test_lengths(void)
{
	test_length(1, ": No such file or directory\n");
	test_length(LONGEST - 27, ": No such file or directory\n");
	test_length(LONGEST - 26, ": No such file or director\n");
	test_length(LONGEST - 1, ":\n");
	test_length(LONGEST, "\n");
	test_length(LONGEST + 1, "\n");
	test_length((size_t)1 << 20, "\n");
}

/* errno. */

/* The exit status: how many of the functions changed errno. */
static void
try_errno(int value)
{
	void (*const logs[])(const char *, ...) = {
		log_error, log_warn, log_warn_errno, log_notice, log_info,
		log_debug
	};
	int changed = 0;
	size_t i;

	for (i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
		errno = value;
		logs[i]("%d", 1);
		changed += errno != value;
	}
	_exit(changed);
}

static void
say_errno(void)
{
	log_open(LOG_TO_STDERR, 1);
	try_errno(ENOENT);
}

static void
say_no_errno(void)
{
	log_open(LOG_TO_STDERR, 1);
	try_errno(NO_ERROR);
}

static void
say_closed(void)
{
	log_open(LOG_TO_STDERR, 1);
	close(STDERR_FILENO);
	try_errno(ENOENT);
}

/* The reader is gone; the daemon ignores SIGPIPE, as this does. */
static void
say_broken(void)
{
	int fds[2];

	signal(SIGPIPE, SIG_IGN);
	if (pipe(fds) == -1)
		_exit(64);
	dup2(fds[1], STDERR_FILENO);
	close(fds[0]);
	log_open(LOG_TO_STDERR, 1);
	try_errno(ENOENT);
}

static void
test_errno(void)
{
	ear_hear(&h, say_errno, IS_UNSET);
	is_int(h.status, 0, "every function leaves errno as it was");
	is_int(h.n, 6, "each has spoken");
	ear_hear(&h, say_errno, IS_STDERR);
	is_int(h.status, 0, "also for the journal");
	ear_hear(&h, say_no_errno, IS_UNSET);
	is_int(h.status, 0, "also an errno that is no error");
	has_string(h.lines[2], ": 1: Unknown error 99999\n", "which it names");
	ear_hear(&h, say_closed, IS_UNSET);
	is_int(h.status, 0, "also with stderr closed");
	ear_hear(&h, say_broken, IS_UNSET);
	is_int(h.status, 0, "also where nobody reads stderr any more");
}

/* syslog(3)'s place is taken by these, which speak on stderr. */

static void
say(const char *fmt, ...)
{
	char line[EAR_LINE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (write(STDERR_FILENO, line, strlen(line)) == -1)
		_exit(2);
}

void
openlog(const char *name, int options, int facility)
{
	say("openlog %s %d %d", name, options, facility);
}

void
syslog(int level, const char *fmt, ...)
{
	char message[EAR_LINE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	errno = EIO;
	say("syslog %d %s", level, message);
}

void
closelog(void)
{
	say("closelog");
}

static void
say_syslog(void)
{
	log_open(LOG_TO_SYSLOG, 1);
	say_all();
	log_error("%s", "100%s");
	log_open(LOG_TO_STDERR, 0);
	log_warn("one");
}

static void
say_syslog_errno(void)
{
	log_open(LOG_TO_SYSLOG, 1);
	try_errno(ENOENT);
}

static void
test_syslog(void)
{
	char want[EAR_LINE];
	size_t i;

	ear_hear(&h, say_syslog, IS_STDERR);
	is_int(h.n, ALL + 4, "syslog gets one call for each message");
	snprintf(want, sizeof(want), "openlog spindled %d %d",
	    LOG_PID | LOG_NDELAY, LOG_DAEMON);
	is_string(h.lines[0], want, "as a daemon");
	for (i = 0; i < ALL; i++) {
		snprintf(want, sizeof(want), "syslog %d %s",
		    all[i].prefix[1] - '0', all[i].message);
		is_string(h.lines[i + 1], want, "%s for syslog", all[i].level);
	}
	is_string(h.lines[ALL + 1], "syslog 3 100%s",
	    "a message is no format");
	is_string(h.lines[ALL + 2], "closelog", "it ends");
	is_string(h.lines[ALL + 3], "<4>one\n", "stderr takes over");
	ear_hear(&h, say_syslog_errno, IS_UNSET);
	is_int(h.status, 0, "errno survives syslog too");
}

static void
test_verbose(void)
{
	log_open(LOG_TO_STDERR, 1);
	ok(log_verbose(), "verbose");
	log_open(LOG_TO_STDERR, 0);
	ok(!log_verbose(), "not verbose");
}

int
main(void)
{
	plan_no_plan();
	unsetenv("JOURNAL_STREAM");
	set_zone("UTC0");
	test_words(say_all, ALL - 1, "before log_open");
	test_words(say_quiet, ALL - 1, "quiet");
	test_words(say_verbose, ALL, "verbose");
	test_journal();
	test_streams();
	test_plain();
	test_zone();
	test_lengths();
	test_errno();
	test_syslog();
	test_verbose();
	return exit_status();
}
