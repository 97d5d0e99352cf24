/*
 * Configurations that are good: what is read, what is written, what a reload
 * must leave as it was, and which disk a name means.
 */
#include <sys/stat.h>

#include <err.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/conf.h"
#include "t/check.h"
#include "t/load.h"
#include "t/scratch.h"

#define DEFAULT_CONFINE "confine no-new-privs landlock rlimits"

#define DEFAULTS \
	"listen 127.0.0.1:7000\n" \
	"listen [::1]:7000\n" \
	"workers 64\n" \
	"max-requests off\n" \
	"stuck-after 10s\n" \
	"worker-timeout off\n" \
	"crash-limit off\n" \
	"balance idle\n" \
	"backlog 4096\n" \
	"defer-accept yes\n" \
	DEFAULT_CONFINE "\n" \
	"queue-timeout 4s\n" \
	"queue-timeout-status 408\n" \
	"request-timeout 10s\n" \
	"read-timeout off\n" \
	"stop-timeout 30s\n" \
	"upgrade-timeout 30s\n" \
	"max-delay 1h\n" \
	"keepalive-timeout off\n" \
	"max-per-address off\n" \
	"request-limit 8k\n" \
	"access-log off\n" \
	"truth-log off\n" \
	"error-log stderr\n" \
	"pid-file off\n" \
	"disk default {\n" \
	"\tread fixed 8ms\n" \
	"}\n"

/* Every keyword, and none of them at its default; as conf_print writes it. */
#define FULL \
	"listen 0.0.0.0:80\n" \
	"listen [2001:db8::1]:8080\n" \
	"listen 127.0.0.1:0\n" \
	"workers 400 max 500 spare 30 calm 1m\n" \
	"max-requests 1000 jitter 12.5%\n" \
	"stuck-after 1500ms\n" \
	"worker-timeout 2h\n" \
	"crash-limit 20 in 90s\n" \
	"balance hash\n" \
	"backlog 511\n" \
	"defer-accept no\n" \
	"group nogroup\n" \
	"user nobody\n" \
	"confine off\n" \
	"queue-timeout 250ms\n" \
	"queue-timeout-status 503\n" \
	"request-timeout 1500ms\n" \
	"read-timeout 2m\n" \
	"stop-timeout 0\n" \
	"upgrade-timeout 1m\n" \
	"max-delay 24h\n" \
	"keepalive-timeout 5s\n" \
	"max-per-address 16384\n" \
	"request-limit 1000\n" \
	"access-log \"/tmp/access \\\"a\\\" \\\\ # {}.log\" logfmt\n" \
	"truth-log \"/tmp/truth\"\n" \
	"error-log syslog\n" \
	"pid-file \"/tmp/spindled.pid\"\n" \
	"disk default {\n" \
	"\tread fixed 20ms\n" \
	"}\n" \
	"disk sda {\n" \
	"\tread fixed 0\n" \
	"}\n" \
	"disk SDA-1._x {\n" \
	"\tread fixed 250us\n" \
	"}\n"

static struct conf c, old;

/* The text is good, and what it amounts to is written like this. */
static void
is_loaded(const char *text, const char *want, const char *name)
{
	is_int(load_text(&c, text), 0, "%s: no errors", name);
	is_string(load_messages(), "", "%s: no messages", name);
	is_string(load_dump(&c), want, "%s: what it amounts to", name);
}

static void
test_defaults(void)
{
	char text[ADDR_TEXT];

	is_loaded("", DEFAULTS, "an empty file");
	is_string(c.file, "conf", "file");
	is_int((long long)c.nlistens, 2, "listens");
	is_string(addr_text(&c.listens[1].addr, text, sizeof(text)),
	    "[::1]:7000", "the second of them");
	ok(c.listens[0].line == 0 && c.listens[1].line == 0,
	    "they are on no line");
	is_int(c.workers, 64, "workers");
	is_int(c.workers_max, 64, "and no more of them");
	is_int(c.spare, 0, "none of them spare");
	is_int(c.max_requests, CONF_OFF, "max-requests");
	is_int(c.stuck_after, 10 * CLOCK_S, "stuck-after");
	is_int(c.worker_timeout, CONF_OFF, "worker-timeout");
	is_int(c.crash_limit, 0, "crash-limit");
	is_int(c.balance, BALANCE_IDLE, "balance");
	is_int(c.backlog, 4096, "backlog");
	is_int(c.defer_accept, 1, "defer-accept");
	ok(c.user[0] == '\0' && c.group[0] == '\0', "user and group");
	is_int(c.confine, CONFINE_ALL & ~CONFINE_SECCOMP, "confine");
	is_int(c.queue_timeout, 4 * CLOCK_S, "queue-timeout");
	is_int(c.queue_timeout_status, 408, "queue-timeout-status");
	is_int(c.request_timeout, 10 * CLOCK_S, "request-timeout");
	is_int(c.read_timeout, CONF_OFF, "read-timeout");
	is_int(c.stop_timeout, 30 * CLOCK_S, "stop-timeout");
	is_int(c.upgrade_timeout, 30 * CLOCK_S, "upgrade-timeout");
	is_int(c.max_delay, 3600 * CLOCK_S, "max-delay");
	is_int(c.keepalive_timeout, CONF_OFF, "keepalive-timeout");
	is_int(c.max_per_address, CONF_OFF, "max-per-address");
	is_int(c.request_limit, 8192, "request-limit");
	is_int(c.access, ACCESS_OFF, "access-log");
	is_int(c.error_log, LOG_TO_STDERR, "error-log");
	is_string(c.truth_file, "", "truth-log");
	is_string(c.pid_file, "", "pid-file");
	is_int((long long)c.ndisks, 1, "disks");
	is_string(c.disks[0].name, "default", "its name");
	is_int(c.disks[0].models[0].read.points[0].value, 8 * CLOCK_MS, "its read");
	is_int(c.disks[0].line, 0, "it is on no line");
}

static void
test_full(void)
{
	const struct passwd *pw;
	const struct group *gr;

	is_loaded(FULL, FULL, "every keyword");
	is_int((long long)c.nlistens, 3, "listens");
	ok(c.listens[0].line == 1 && c.listens[2].line == 3, "their lines");
	is_int(addr_port(&c.listens[1].addr), 8080, "a port");
	is_int(c.workers, 400, "workers");
	is_int(c.workers_max, 500, "the most");
	is_int(c.spare, 30, "spare ones");
	is_int(c.calm, 60 * CLOCK_S, "until it is calm");
	is_int(c.max_requests, 1000, "max-requests");
	is_int(c.max_requests_jitter, 125000, "its jitter");
	is_int(c.stuck_after, 1500 * CLOCK_MS, "stuck-after");
	is_int(c.worker_timeout, 7200 * CLOCK_S, "worker-timeout");
	is_int(c.crash_limit, 20, "crash-limit");
	is_int(c.crash_within, 90 * CLOCK_S, "within");
	is_int(c.balance, BALANCE_HASH, "balance");
	is_int(c.backlog, 511, "backlog");
	is_int(c.defer_accept, 0, "defer-accept");
	pw = getpwnam("nobody");
	gr = getgrnam("nogroup");
	ok(pw != NULL && c.uid == pw->pw_uid, "uid");
	ok(gr != NULL && c.gid == gr->gr_gid, "gid");
	is_string(c.user, "nobody", "user");
	is_string(c.group, "nogroup", "group");
	is_int(c.confine, 0, "confine");
	is_int(c.queue_timeout, 250 * CLOCK_MS, "queue-timeout");
	is_int(c.queue_timeout_status, 503, "queue-timeout-status");
	is_int(c.request_timeout, 1500 * CLOCK_MS, "request-timeout");
	is_int(c.read_timeout, 120 * CLOCK_S, "read-timeout");
	is_int(c.stop_timeout, 0, "stop-timeout");
	is_int(c.upgrade_timeout, 60 * CLOCK_S, "upgrade-timeout");
	is_int(c.max_delay, 86400 * CLOCK_S, "max-delay");
	is_int(c.keepalive_timeout, 5 * CLOCK_S, "keepalive-timeout");
	is_int(c.max_per_address, 16384, "max-per-address");
	is_int(c.request_limit, 1000, "request-limit");
	is_int(c.access, ACCESS_FILE, "access-log");
	is_int(c.access_format, FORMAT_LOGFMT, "its format");
	is_string(c.access_file, "/tmp/access \"a\" \\ # {}.log", "its file");
	is_int(c.access_at, 25, "its line");
	is_int(c.error_log, LOG_TO_SYSLOG, "error-log");
	is_string(c.pid_file, "/tmp/spindled.pid", "pid-file");
	is_string(c.truth_file, "/tmp/truth", "truth-log");
	is_int(c.truth_at, 26, "its line");
	is_int(c.pid_file_at, 28, "its line");
	is_int((long long)c.ndisks, 3, "disks");
	is_int(c.disks[0].line, 29, "the default's line");
	is_string(c.disks[2].name, "SDA-1._x", "another's name");
	is_int(c.disks[2].models[0].read.points[0].value, 250 * CLOCK_US, "its read");
	is_int(c.disks[2].line, 35, "its line");
}

/* The defaults, and the one or other line in place of theirs. */
static void
is_default_but(const char *text, const char *line, const char *instead,
    const char *name)
{
	char want[4096];
	const char *at = strstr(DEFAULTS, line);

	if (at == NULL)
		errx(1, "%s: no default has %s", name, line);
	snprintf(want, sizeof(want), "%.*s%s%s", (int)(at - DEFAULTS), DEFAULTS,
	    instead, at + strlen(line));
	is_loaded(text, want, name);
}

static void
test_texts(void)
{
	is_loaded("\n\n \t\n# a comment\n  # another\n", DEFAULTS,
	    "comments alone");
	is_default_but("workers 5", "workers 64", "workers 5",
	    "no line's end at the end");
	is_default_but("workers 5 # of 64\n", "workers 64", "workers 5",
	    "a comment behind");
	is_default_but("\t workers\t5 \n", "workers 64", "workers 5", "blanks");
	is_default_but("\"workers\" \"5\"\n", "workers 64", "workers 5",
	    "quotes");
	is_default_but("# a\r\n\r\nworkers 5\r\ndisk default {\r\n}\r\n",
	    "workers 64", "workers 5", "CR LF");
	is_default_but("disk default { read fixed 1ms }", "8ms", "1ms",
	    "a block on one line");
	is_default_but("disk default{read fixed 1ms}workers 64", "8ms", "1ms",
	    "braces without blanks");
	is_default_but("disk default {\n\t# a comment\n\n\tread fixed 1ms\n}\n",
	    "8ms", "1ms", "a block with a comment");
	is_default_but("disk default {}\ndisk a {}\n", "}\n",
	    "}\ndisk a {\n\tread fixed 8ms\n}\n", "empty blocks");
	is_default_but("disk a { read fixed 1ms } disk b {}\n", "}\n",
	    "}\ndisk a {\n\tread fixed 1ms\n}\ndisk b {\n\tread fixed 8ms\n}\n",
	    "a disk's value is its own");
	is_default_but("listen [::]:80\n",
	    "listen 127.0.0.1:7000\nlisten [::1]:7000\n", "listen [::]:80\n",
	    "one address takes the place of all defaults");
}

static void
test_values(void)
{
	is_default_but("queue-timeout 0\n", "queue-timeout 4s",
	    "queue-timeout off", "0 for off");
	is_default_but("max-delay 60m\n", "max-delay 1h", "max-delay 1h",
	    "another unit");
	is_default_but("max-delay 1.5s\n", "max-delay 1h", "max-delay 1500ms",
	    "a fraction");
	is_default_but("access-log stderr\n", "access-log off",
	    "access-log stderr combined", "the default format");
	is_default_but("access-log stderr logfmt\n", "access-log off",
	    "access-log stderr logfmt", "another format");
	is_default_but("access-log /tmp/off\n", "access-log off",
	    "access-log \"/tmp/off\" combined", "a file");
	is_default_but("pid-file /tmp/p\n", "pid-file off",
	    "pid-file \"/tmp/p\"", "a file without quotes");
	is_default_but("pid-file \"/tmp/\\\"a b\\\\\"\n", "pid-file off",
	    "pid-file \"/tmp/\\\"a b\\\\\"", "a file with escapes");
	is_string(c.pid_file, "/tmp/\"a b\\", "what the escapes stand for");
}

static void
test_confine(void)
{
	is_default_but("confine rlimits\n", DEFAULT_CONFINE, "confine rlimits",
	    "one part");
	is_int(c.confine, CONFINE_RLIMITS, "it alone");
	is_default_but("confine landlock\n", DEFAULT_CONFINE,
	    "confine no-new-privs landlock", "one that needs another");
	is_default_but("confine rlimits seccomp\n", DEFAULT_CONFINE,
	    "confine no-new-privs seccomp rlimits", "in the order of the table");
	is_default_but("confine landlock seccomp rlimits\n", DEFAULT_CONFINE,
	    "confine all", "all of them");
	is_default_but("confine off\n", DEFAULT_CONFINE, "confine off", "none");
}

/*
 * The longest name of a file that may be: a directory that exists, written as
 * long as it takes, and then so many letters.
 */
static void
long_name(char name[PATH_MAX], size_t letters)
{
	size_t len = (size_t)snprintf(name, PATH_MAX, "/tmp");

	/* Many slashes are one. */
	while (len + letters < PATH_MAX - 1)
		name[len++] = '/';
	memset(name + len, 'x', letters);
	name[len + letters] = '\0';
}

/* As large as can be: what is written is still read back. */
static void
test_largest(void)
{
	static char text[32768];
	char name[PATH_MAX];
	size_t len = 0, i;

	for (i = 0; i < CONF_LISTEN_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "listen 127.0.0.1:%zu\n", i);
	for (i = 1; i < CONF_DISK_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "disk a23456789012345678901234567890%02zu {}\n", i);
	long_name(name, 1);
	snprintf(text + len, sizeof(text) - len, "pid-file %s\n"
	    "access-log %s\n", name, name);
	is_int(load_text(&c, text), 0, "as much as fits of everything");
	is_string(load_messages(), "", "no messages");
	is_int((long long)c.nlistens, CONF_LISTEN_MAX, "all addresses");
	is_int((long long)c.ndisks, CONF_DISK_MAX, "all disks");
	is_int((long long)strlen(c.pid_file), PATH_MAX - 1, "all of a name");
	old = c;
	is_int(load_text(&c, load_dump(&old)), 0, "its dump is good");
	is_string(load_dump(&c), load_dump(&old), "and amounts to the same");
}

/* The group is the group's, wherever that stands, else the user's own. */
static void
test_group(void)
{
	const struct passwd *pw = getpwnam("nobody");
	const struct group *gr = getgrnam("games");

	if (pw == NULL || gr == NULL || gr->gr_gid == pw->pw_gid) {
		skip(6, "this machine has not both nobody and games");
		return;
	}
	is_int(load_text(&c, "user nobody\n"), 0, "a user without a group");
	ok(c.uid == pw->pw_uid && c.gid == pw->pw_gid, "has its own");
	is_int(load_text(&c, "user nobody\ngroup games\n"), 0, "and a group");
	ok(c.uid == pw->pw_uid && c.gid == gr->gr_gid, "has that");
	is_int(load_text(&c, "group games\nuser nobody\n"), 0, "a group first");
	ok(c.uid == pw->pw_uid && c.gid == gr->gr_gid, "is the group too");
}

/* A record of its own needs no clearing, and can be given back. */
static void
test_new(void)
{
	struct conf *p = conf_new();

	is_int(conf_load(p, scratch_write("empty", "", 0), load_report), 0,
	    "a new record");
	is_string(load_dump(p), DEFAULTS, "has nothing in it");
	conf_free(p);
	conf_free(NULL);
}

/* Reloads: only a restart changes these, and the operator hears of it. */
static void
test_fixed(void)
{
	load_text(&old, "balance hash\npid-file /tmp/a\n");
	load_text(&c, "workers 5\nbalance shared\npid-file \"/tmp/\\\"b\"\n"
	    "max-delay 2s\n");
	load_forget();
	conf_keep_fixed(&old, &c, load_report);
	is_string(load_messages(),
	    "conf: balance: only a restart puts `shared' in force; `hash' "
	    "stays\n"
	    "conf: pid-file: only a restart puts `\"/tmp/\\\"b\"' in force; "
	    "`\"/tmp/a\"' stays\n", "what only a restart changes");
	is_int(c.balance, BALANCE_HASH, "the old balance stays");
	is_string(c.pid_file, "/tmp/a", "the old pid file stays");
	is_int(c.workers, 5, "the new workers are in force");
	is_int(c.max_delay, 2 * CLOCK_S, "and the new max-delay");
	load_forget();
	conf_keep_fixed(&old, &c, load_report);
	is_string(load_messages(), "", "there is nothing left to say");
}

static void
test_fixed_off(void)
{
	load_text(&old, "");
	load_text(&c, "pid-file /tmp/a\n");
	load_forget();
	conf_keep_fixed(&old, &c, load_report);
	is_string(load_messages(), "conf: pid-file: only a restart puts "
	    "`\"/tmp/a\"' in force; `off' stays\n", "a pid file too late");
	is_string(c.pid_file, "", "there is none");
	load_text(&old, "pid-file /tmp/a\n");
	load_text(&c, "");
	load_forget();
	conf_keep_fixed(&old, &c, load_report);
	is_string(load_messages(), "conf: pid-file: only a restart puts `off' "
	    "in force; `\"/tmp/a\"' stays\n", "a pid file that is given up");
	is_string(c.pid_file, "/tmp/a", "it is still there");
}

/* What was valid once stays, even if it would not be valid any more. */
static void
test_fixed_vanished(void)
{
	char dir[128], text[256];

	snprintf(dir, sizeof(dir), "%s", scratch_path("run"));
	if (mkdir(dir, 0755) == -1)
		err(1, "%s", dir);
	snprintf(text, sizeof(text), "pid-file %s/pid\n", dir);
	is_int(load_text(&old, text), 0, "a pid file in a directory");
	if (rmdir(dir) == -1)
		err(1, "%s", dir);
	load_text(&c, "pid-file /tmp/b\n");
	conf_keep_fixed(&old, &c, load_report);
	is_string(c.pid_file, old.pid_file,
	    "stays when the directory has gone");
}

/* Whatever needs escapes needs more room than its name. */
static void
test_fixed_long(void)
{
	static char text[3 * PATH_MAX];
	char name[PATH_MAX];
	size_t len;
	int i;

	long_name(name, NAME_MAX);
	len = (size_t)snprintf(text, sizeof(text), "pid-file \"%s", name) -
	    NAME_MAX;
	for (i = 0; i < NAME_MAX; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "\\\"");
	snprintf(text + len, sizeof(text) - len, "\"\n");
	is_int(load_text(&old, text), 0, "the longest name, with quotes");
	load_text(&c, "pid-file /tmp/b\n");
	conf_keep_fixed(&old, &c, load_report);
	is_string(c.pid_file, old.pid_file, "stays too");
}

static void
is_disk(const char *name, size_t len, const char *want)
{
	const struct conf_disk *d = conf_disk(&c, name, len);

	is_string(d->name, want, "the disk of `%.*s'", (int)len, name);
}

static void
test_disk(void)
{
	load_text(&c, "disk sda {}\ndisk sdab {}\ndisk default {}\n"
	    "disk a2345678901234567890123456789012 {}\ndisk s {}\n");
	is_disk("sda", 3, "sda");
	is_disk("sda/b", 3, "sda");
	is_disk("sdab", 3, "sda");
	is_disk("sdab", 4, "sdab");
	is_disk("sdabc", 5, "default");
	is_disk("sd", 2, "default");
	is_disk("sda", 1, "s");
	is_disk("SDA", 3, "default");
	is_disk("", 0, "default");
	is_disk("default", 7, "default");
	is_disk("a2345678901234567890123456789012", 32,
	    "a2345678901234567890123456789012");
	is_disk("a23456789012345678901234567890123", 33, "default");
	is_disk("a23456789012345678901234567890123", 32,
	    "a2345678901234567890123456789012");
	load_text(&c, "");
	is_disk("sda", 3, "default");
}

static void
test_disk_not_terminated(void)
{
	static const char text[] = { 's', 'd', 'a' };
	char *name = malloc(sizeof(text));

	if (name == NULL)
		err(1, "malloc");
	memcpy(name, text, sizeof(text));
	load_text(&c, "disk sda {}\ndisk sdab {}\n");
	is_disk(name, sizeof(text), "sda");
	free(name);
}

static void
test_error(void)
{
	load_text(&c, "");
	conf_error(&c, 7, load_report, "%s: %d", "what", 5);
	conf_error(&c, 0, load_report, "no line");
	is_string(load_messages(), "conf:7: what: 5\nconf: no line\n",
	    "what only the start can know");
}

static void
test_balance_names(void)
{
	is_string(conf_balance_name(BALANCE_IDLE), "idle", "idle");
	is_string(conf_balance_name(BALANCE_SHARED), "shared", "shared");
	is_string(conf_balance_name(BALANCE_HASH), "hash", "hash");
}

int
main(void)
{
	plan_no_plan();
	load_here();
	test_defaults();
	test_full();
	test_texts();
	test_values();
	test_confine();
	test_largest();
	test_group();
	test_new();
	test_fixed();
	test_fixed_off();
	test_fixed_vanished();
	test_fixed_long();
	test_disk();
	test_disk_not_terminated();
	test_error();
	test_balance_names();
	return exit_status();
}
