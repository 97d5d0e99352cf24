/*
 * Every error of a configuration: one text, and the exact messages for it,
 * all of them and in the order of their lines.
 */
#include "server/conf.h"
#include "t/check.h"
#include "t/load.h"

#define KEYWORDS "expected one of listen workers max-requests stuck-after " \
    "worker-timeout crash-limit balance backlog defer-accept group user " \
    "confine queue-timeout queue-timeout-status request-timeout read-timeout " \
    "stop-timeout upgrade-timeout max-delay keepalive-timeout " \
    "max-per-address request-limit access-log " \
    "truth-log error-log pid-file disk"
#define DISK_KEYWORDS "expected one of read slow fail slowdown bandwidth " \
    "fault profile lanes limit object-size path interruptible seed seed-by " \
    "condition schedule"

#define ADDRESS "listen: expected ADDRESS:PORT in numbers, such as " \
    "127.0.0.1:7000 or [::1]:7000"
#define WORKERS "workers: expected a number from 1 to 16384"
#define MIN_MAX "workers: expected MIN max MAX spare N, and perhaps calm " \
    "TIME: numbers from 1 to 16384, none greater than MAX, and a time from " \
    "1ms to 24h"
#define REQUESTS "max-requests: expected off, or a number from 1 to " \
    "1000000000, and perhaps `jitter' and a percentage"
#define CRASH "crash-limit: expected off, or a number from 1 to 1000, `in', " \
    "and a time from 1ms to 24h"
#define BALANCE "balance: expected idle, shared or hash"
#define CONFINE "confine: expected all, off, or some of no-new-privs, " \
    "seccomp, landlock and rlimits"
#define SUCH ", such as 20ms, 4s or 2m"
#define QUEUE "queue-timeout: expected a time from 1ms to 1h" SUCH ", or off"
#define REQUEST "request-timeout: expected a time from 1ms to 1h" SUCH
#define LIMIT "request-limit: expected a size from 256 to 64k, such as 8192 " \
    "or 8k"
#define PER_ADDRESS "max-per-address: expected a number from 1 to 16384, " \
    "or off"
#define ACCESS "access-log: expected off, or stderr or a file, and then " \
    "combined or logfmt"
#define PID_FILE "pid-file: expected an absolute file name, or off"
#define NAME "disk: expected one name of at most 32 letters, digits, '.', " \
    "'_' and '-'"
#define READ "read: expected fixed, uniform, exponential, lognormal, pareto, " \
    "quantiles, hang, trace or none"
#define FIXED "read: fixed: expected a time from 0 to 24h, such as 250us, " \
    "20ms, 4s or 2m"
#define BLOCK "disk: expected a block: disk NAME { ... }"
#define ESCAPE "only \\\" and \\\\ are known in quotes"
#define OPEN_QUOTE "a quote is not closed on its line"
#define NO_OPEN "a `}' without its `{'"
#define NO_CLOSE "the block is not closed: expected a `}'"
#define IN_BLOCK(n) "a block within the block of line " #n ": is its `}' " \
    "missing?"

#define A33 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define NOWHERE "/spindled-test-nowhere"

static const struct load_case cases[] = {
	/* Keywords. */
	{ "a keyword that is nearly one", "worker 5\n",
	    "conf:1: unknown keyword `worker': did you mean `workers'?\n" },
	{ "two letters off", "wrkrs 5\n",
	    "conf:1: unknown keyword `wrkrs': did you mean `workers'?\n" },
	{ "a letter changed", "pid_file off\n",
	    "conf:1: unknown keyword `pid_file': did you mean `pid-file'?\n" },
	{ "letters swapped", "dsik a {\n}\n",
	    "conf:1: unknown keyword `dsik': did you mean `disk'?\n" },
	{ "three letters off", "wrkr 5\n",
	    "conf:1: unknown keyword `wrkr': " KEYWORDS "\n" },
	{ "case matters", "Workers 5\n",
	    "conf:1: unknown keyword `Workers': did you mean `workers'?\n" },
	{ "no keyword at all", "threads 5\n",
	    "conf:1: unknown keyword `threads': " KEYWORDS "\n" },
	{ "an empty keyword", "\"\" 5\n",
	    "conf:1: unknown keyword `': " KEYWORDS "\n" },
	{ "a keyword in a block", "disk a {\n\treed fixed 1ms\n}\n",
	    "conf:2: unknown keyword `reed': did you mean `read'?\n" },
	{ "a top keyword in a block", "disk a {\n\tworkers 5\n}\n",
	    "conf:2: `workers' stands outside of the block of line 1: is its "
	    "`}' missing?\n" },
	{ "neither here nor there", "disk a {\n\tthreads 5\n}\n",
	    "conf:2: unknown keyword `threads': " DISK_KEYWORDS "\n" },
	{ "a disk's keyword at top", "read fixed 1ms\n",
	    "conf:1: `read' stands in a block: disk NAME { read ... }\n" },
	{ "another program's file", "<html>\n</html>\n",
	    "conf:1: unknown keyword `<html>': " KEYWORDS "\n"
	    "conf:2: unknown keyword `</html>': " KEYWORDS "\n" },
	{ "a byte order mark", "\357\273\277workers 5\n",
	    "conf:1: unknown keyword `\357\273\277workers': " KEYWORDS "\n" },

	/* Twice. */
	{ "a keyword twice", "workers 5\n\nworkers 5\n",
	    "conf:3: workers: is on line 1 already\n" },
	{ "three times", "workers 5\nworkers 6\nworkers 7\n",
	    "conf:2: workers: is on line 1 already\n"
	    "conf:3: workers: is on line 1 already\n" },
	{ "twice, wrong at first", "workers 0\nworkers 5\n",
	    "conf:1: " WORKERS "\n"
	    "conf:2: workers: is on line 1 already\n" },
	{ "twice in a block",
	    "disk a {\n\tread fixed 1ms\n\tread fixed 2ms\n}\n",
	    "conf:3: read: is on line 2 already\n" },
	{ "the same address twice",
	    "listen 127.0.0.1:80\nlisten [::1]:80\nlisten 127.0.0.1:80\n",
	    "conf:3: listen: 127.0.0.1:80 is on line 1 already\n" },
	{ "the same address, written otherwise",
	    "listen [::1]:80\nlisten [0:0:0:0:0:0:0:1]:0080\n",
	    "conf:2: listen: [0:0:0:0:0:0:0:1]:0080 is on line 1 already\n" },
	{ "the same disk twice",
	    "disk a {\n}\ndisk b {\n}\ndisk a {\n\tread fixed 1ms\n}\n",
	    "conf:5: disk: disk a is on line 1 already\n" },
	{ "the default disk twice", "disk default {\n}\ndisk default {\n}\n",
	    "conf:3: disk: disk default is on line 1 already\n" },

	/* Addresses. */
	{ "a port alone", "listen 7000\n", "conf:1: " ADDRESS "\n" },
	{ "a port that is none", "listen 127.0.0.1:65536\n",
	    "conf:1: " ADDRESS "\n" },
	{ "a host's name", "listen localhost:7000\n",
	    "conf:1: " ADDRESS "\n" },
	{ "missing brackets", "listen ::1:7000\n", "conf:1: " ADDRESS "\n" },
	{ "two addresses on a line", "listen 127.0.0.1:80 127.0.0.2:80\n",
	    "conf:1: " ADDRESS "\n" },
	{ "no address", "listen\n", "conf:1: " ADDRESS "\n" },

	/* Numbers. */
	{ "no number", "workers\n", "conf:1: " WORKERS "\n" },
	{ "two numbers", "workers 5 6\n", "conf:1: " MIN_MAX "\n" },
	{ "a most without spares", "workers 5 max 6\n",
	    "conf:1: " MIN_MAX "\n" },
	{ "no spare", "workers 5 max 6 spare 0\n", "conf:1: " MIN_MAX "\n" },
	{ "more spare than there may be", "workers 5 max 6 spare 7\n",
	    "conf:1: " MIN_MAX "\n" },
	{ "a most below the least", "workers 5 max 4 spare 1\n",
	    "conf:1: " MIN_MAX "\n" },
	{ "a most that is too many", "workers 5 max 16385 spare 1\n",
	    "conf:1: " MIN_MAX "\n" },
	{ "another word", "workers 5 most 6 spare 1\n",
	    "conf:1: " MIN_MAX "\n" },
	{ "calm, and no time", "workers 5 max 6 spare 1 calm\n",
	    "conf:1: " MIN_MAX "\n" },
	{ "a calm of no time", "workers 5 max 6 spare 1 calm 0\n",
	    "conf:1: " MIN_MAX "\n" },
	{ "a word too many", "workers 5 max 6 spare 1 calm 1s now\n",
	    "conf:1: " MIN_MAX "\n" },
	{ "no request at all", "max-requests 0\n", "conf:1: " REQUESTS "\n" },
	{ "fewer of an address than one", "max-per-address -1\n",
	    "conf:1: " PER_ADDRESS "\n" },
	{ "more of an address than workers", "max-per-address 16385\n",
	    "conf:1: " PER_ADDRESS "\n" },
	{ "no number of an address", "max-per-address many\n",
	    "conf:1: " PER_ADDRESS "\n" },
	{ "two numbers of an address", "max-per-address 5 6\n",
	    "conf:1: " PER_ADDRESS "\n" },
	{ "a jitter of no part", "max-requests 5 jitter 1\n",
	    "conf:1: " REQUESTS "\n" },
	{ "a jitter of nothing", "max-requests off jitter 1%\n",
	    "conf:1: " REQUESTS "\n" },
	{ "a crash limit of none", "crash-limit 0 in 1m\n",
	    "conf:1: " CRASH "\n" },
	{ "of too many", "crash-limit 1001 in 1m\n", "conf:1: " CRASH "\n" },
	{ "without a time", "crash-limit 5\n", "conf:1: " CRASH "\n" },
	{ "with no time", "crash-limit 5 in 0\n", "conf:1: " CRASH "\n" },
	{ "with another word", "crash-limit 5 per 1m\n",
	    "conf:1: " CRASH "\n" },
	{ "too few", "workers 0\n", "conf:1: " WORKERS "\n" },
	{ "too many", "workers 16385\n", "conf:1: " WORKERS "\n" },
	{ "below zero", "workers -1\n", "conf:1: " WORKERS "\n" },
	{ "a word for a number", "workers many\n", "conf:1: " WORKERS "\n" },
	{ "a number with a unit", "workers 1k\n", "conf:1: " WORKERS "\n" },
	{ "an empty number", "workers \"\"\n", "conf:1: " WORKERS "\n" },
	{ "a hexadecimal number", "workers 0x10\n", "conf:1: " WORKERS "\n" },
	{ "beyond all numbers", "workers 18446744073709551617\n",
	    "conf:1: " WORKERS "\n" },
	{ "a status that is no error", "queue-timeout-status 200\n",
	    "conf:1: queue-timeout-status: expected a number from 400 to 599"
	    "\n" },
	{ "no part", "confine\n", "conf:1: " CONFINE "\n" },
	{ "no such part", "confine jail\n", "conf:1: " CONFINE "\n" },
	{ "a part twice", "confine seccomp rlimits seccomp\n",
	    "conf:1: " CONFINE "\n" },
	{ "all and a part", "confine all seccomp\n",
	    "conf:1: " CONFINE "\n" },
	{ "a part and off", "confine seccomp off\n",
	    "conf:1: " CONFINE "\n" },
	{ "a backlog", "backlog 65536\n",
	    "conf:1: backlog: expected a number from 1 to 65535\n" },
	{ "a deferral that is neither on nor off", "defer-accept 10s\n",
	    "conf:1: defer-accept: expected no or yes\n" },

	/* Times. */
	{ "a time without a unit", "queue-timeout 4\n", "conf:1: " QUEUE "\n" },
	{ "a bad unit", "queue-timeout 4d\n", "conf:1: " QUEUE "\n" },
	{ "a blank before the unit", "queue-timeout 4 s\n",
	    "conf:1: " QUEUE "\n" },
	{ "a time that is too short", "queue-timeout 999us\n",
	    "conf:1: " QUEUE "\n" },
	{ "a time that is too long", "queue-timeout 61m\n",
	    "conf:1: " QUEUE "\n" },
	{ "a time below zero", "queue-timeout -4s\n", "conf:1: " QUEUE "\n" },
	{ "no time", "queue-timeout\n", "conf:1: " QUEUE "\n" },
	{ "a time that cannot be off", "request-timeout off\n",
	    "conf:1: " REQUEST "\n" },
	{ "a time that cannot be 0", "request-timeout 0\n",
	    "conf:1: " REQUEST "\n" },
	{ "off, in capitals", "read-timeout OFF\n",
	    "conf:1: read-timeout: expected a time from 1ms to 24h" SUCH
	    ", or off\n" },

	/* Sizes. */
	{ "a size with a bad unit", "request-limit 8KB\n",
	    "conf:1: " LIMIT "\n" },
	{ "a size that is too small", "request-limit 255\n",
	    "conf:1: " LIMIT "\n" },
	{ "a size that is too large", "request-limit 65537\n",
	    "conf:1: " LIMIT "\n" },

	/* Choices. */
	{ "no such choice", "balance random\n", "conf:1: " BALANCE "\n" },
	{ "no choice", "balance\n", "conf:1: " BALANCE "\n" },
	{ "two choices", "balance idle hash\n", "conf:1: " BALANCE "\n" },
	{ "a choice of two", "error-log off\n",
	    "conf:1: error-log: expected stderr or syslog\n" },

	/* Users and groups. */
	{ "no such user", "user spindled-no-such\n",
	    "conf:1: user: there is no user `spindled-no-such': expected one "
	    "of this machine's\n" },
	{ "root", "user root\n",
	    "conf:1: user: `root' is root: expected a user without "
	    "privileges\n" },
	{ "no user", "user\n",
	    "conf:1: user: expected the name of one user\n" },
	{ "two users", "user nobody nobody\n",
	    "conf:1: user: expected the name of one user\n" },
	{ "a user's name that is too long", "user " A33 "\n",
	    "conf:1: user: expected the name of one user\n" },
	{ "a user's number", "user 65534\n",
	    "conf:1: user: there is no user `65534': expected one of this "
	    "machine's\n" },
	{ "no such group", "group spindled-no-such\n",
	    "conf:1: group: there is no group `spindled-no-such': expected "
	    "one of this machine's\n" },
	{ "root's group", "group root\n",
	    "conf:1: group: `root' is root's: expected a group without "
	    "privileges\n" },
	{ "no group", "group\n",
	    "conf:1: group: expected the name of one group\n" },
	{ "a group's name that is too long", "group " A33 "\n",
	    "conf:1: group: expected the name of one group\n" },

	/* Files. */
	{ "a directory for the access log", "access-log /\n",
	    "conf:1: access-log: / is a directory: expected a file\n" },
	{ "a directory for the pid file", "pid-file /dev\n",
	    "conf:1: pid-file: /dev is a directory: expected a file\n" },
	{ "a directory that is not there", "access-log " NOWHERE "/log\n",
	    "conf:1: access-log: " NOWHERE ": No such file or directory: "
	    "expected a directory that exists\n" },
	{ "the same for the pid file", "pid-file " NOWHERE "/pid\n",
	    "conf:1: pid-file: " NOWHERE ": No such file or directory: "
	    "expected a directory that exists\n" },
	{ "a directory that is to come", "pid-file " NOWHERE "/\n",
	    "conf:1: pid-file: " NOWHERE "/ is a directory: expected a "
	    "file\n" },
	{ "a file for a directory", "access-log /dev/null/log\n",
	    "conf:1: access-log: /dev/null is no directory: expected one\n" },
	{ "a relative file", "access-log access.log\n",
	    "conf:1: access-log: `access.log' is no absolute file name: "
	    "expected one that begins with /\n" },
	{ "a relative pid file", "pid-file ./pid\n",
	    "conf:1: pid-file: `./pid' is no absolute file name: "
	    "expected one that begins with /\n" },
	{ "no file", "access-log \"\"\n",
	    "conf:1: access-log: `' is no absolute file name: "
	    "expected one that begins with /\n" },
	{ "no words for the access log", "access-log\n",
	    "conf:1: " ACCESS "\n" },
	{ "an unknown format", "access-log stderr common\n",
	    "conf:1: " ACCESS "\n" },
	{ "a format of what is off", "access-log off logfmt\n",
	    "conf:1: " ACCESS "\n" },
	{ "three words for the access log", "access-log stderr logfmt x\n",
	    "conf:1: " ACCESS "\n" },
	{ "no truth log", "truth-log\n",
	    "conf:1: truth-log: expected an absolute file name, or off\n" },
	{ "a directory for the truth log", "truth-log /dev\n",
	    "conf:1: truth-log: /dev is a directory: expected a file\n" },
	{ "no pid file", "pid-file\n", "conf:1: " PID_FILE "\n" },
	{ "two pid files", "pid-file /a /b\n", "conf:1: " PID_FILE "\n" },

	/* Braces. */
	{ "a missing brace", "workers 5\ndisk a {\n\tread fixed 1ms\n",
	    "conf:2: " NO_CLOSE "\n" },
	{ "a missing brace in front of the next disk",
	    "disk a {\n\tread fixed 1ms\ndisk b {\n\tread fixed 2ms\n}\n",
	    "conf:3: " IN_BLOCK(1) "\n" },
	{ "missing braces everywhere", "disk a {\ndisk b {\ndisk c {\n",
	    "conf:2: " IN_BLOCK(1) "\n"
	    "conf:3: " IN_BLOCK(2) "\n"
	    "conf:3: " NO_CLOSE "\n" },
	{ "an extra brace", "disk a {\n}\n}\nworkers 5\n",
	    "conf:3: " NO_OPEN "\n" },
	{ "two extra braces", "}\n\n}\n",
	    "conf:1: " NO_OPEN "\n"
	    "conf:3: " NO_OPEN "\n" },
	{ "an extra brace at the end of a line", "workers 5 }\n",
	    "conf:1: " NO_OPEN "\n" },
	{ "a brace without a keyword", "{\n\tanything\n}\nworkers 0\n",
	    "conf:1: a `{' without a keyword\n"
	    "conf:4: " WORKERS "\n" },
	{ "a brace on its own line", "disk a\n{\n\tread fixed 1ms\n}\n",
	    "conf:1: " BLOCK "\n"
	    "conf:2: a `{' without a keyword\n" },
	{ "a keyword that wants a block", "disk a\n",
	    "conf:1: " BLOCK "\n" },
	{ "a keyword that has no block", "workers 5 {\n\tanything\n}\n",
	    "conf:1: `workers' has no block\n" },
	{ "a block of an unknown keyword",
	    "volume a {\n\tanything\n\tread x\n}\nworkers 0\n",
	    "conf:1: unknown keyword `volume': " KEYWORDS "\n"
	    "conf:5: " WORKERS "\n" },
	{ "a block of a bad disk", "disk a b {\n\tanything\n}\nworkers 0\n",
	    "conf:1: " NAME "\n"
	    "conf:4: " WORKERS "\n" },
	{ "an unknown block in a block",
	    "disk a {\n\tcache {\n\t\tsize 5\n\t}\n\treed\n}\nworkers 0\n",
	    "conf:2: unknown keyword `cache': " DISK_KEYWORDS "\n"
	    "conf:5: unknown keyword `reed': did you mean `read'?\n"
	    "conf:7: " WORKERS "\n" },
	{ "a bare block in a block",
	    "disk a {\n\t{\n\t\tread x\n\t}\n}\nworkers 0\n",
	    "conf:2: a `{' without a keyword\n"
	    "conf:6: " WORKERS "\n" },
	{ "blocks in a block that is none",
	    "volume a {\n\tb {\n\t\tc { d }\n\t}\n\te\n}\nworkers 0\n",
	    "conf:1: unknown keyword `volume': " KEYWORDS "\n"
	    "conf:7: " WORKERS "\n" },
	{ "a missing brace of a block that is none",
	    "volume a {\n\tb\ndisk c {\n}\nworkers 0\n",
	    "conf:1: unknown keyword `volume': " KEYWORDS "\n"
	    "conf:3: " IN_BLOCK(1) "\n"
	    "conf:5: " WORKERS "\n" },
	{ "two missing braces",
	    "disk a {\n\tcondition b {\n\t\tread none\ndisk c {\n}\n",
	    "conf:4: " IN_BLOCK(2) "\n" },
	{ "two missing braces at the end", "disk a {\n\tcondition b {\n",
	    "conf:2: " NO_CLOSE "\n"
	    "conf:1: " NO_CLOSE "\n" },
	{ "a missing brace in front of the next condition",
	    "disk a {\n\tcondition b {\n\tcondition c {\n\t}\n}\n",
	    "conf:3: " IN_BLOCK(2) "\n" },

	/* Words. */
	{ "an open quote", "pid-file \"/tmp/a\nworkers 0\n",
	    "conf:1: " OPEN_QUOTE "\n"
	    "conf:2: " WORKERS "\n" },
	{ "an open quote on the last line", "workers 5\n\npid-file \"/tmp/a",
	    "conf:3: " OPEN_QUOTE "\n" },
	{ "an unknown escape", "pid-file \"/tmp/\\n\"\n",
	    "conf:1: " ESCAPE "\n" },
	{ "a word behind a quote", "pid-file \"/tmp/\"pid\n",
	    "conf:1: a blank is missing behind a quote\n" },
	{ "a quote in a word", "pid-file /tmp/\"pid\"\n",
	    "conf:1: a blank is missing before a quote\n" },
	{ "a control character", "workers 5\001\n",
	    "conf:1: a control character\n" },
	{ "too many words",
	    "listen 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 "
	    "23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40\n",
	    "conf:1: too many words\n" },
	{ "an error in a block of an error",
	    "volume a {\n\t\"x\n}\nworkers 0\n",
	    "conf:1: unknown keyword `volume': " KEYWORDS "\n"
	    "conf:2: " OPEN_QUOTE "\n"
	    "conf:4: " WORKERS "\n" },

	/* Several, and all of them. */
	{ "CR LF", "worker 5\r\n\r\nworkers 0\r\n",
	    "conf:1: unknown keyword `worker': did you mean `workers'?\n"
	    "conf:3: " WORKERS "\n" },
	{ "two on a line", "disk a { read x } disk b { read y }\n",
	    "conf:1: " READ "\n"
	    "conf:1: " READ "\n" },
	{ "one of each",
	    "# a comment\n"
	    "listen nowhere\n"
	    "workers many\n"
	    "balence idle\n"
	    "queue-timeout 4\n"
	    "user root\n"
	    "request-limit 1\n"
	    "access-log /\n"
	    "error-log \"std\n"
	    "disk sda {\n"
	    "\tread fixed -1ms\n"
	    "\twrite fixed 1ms\n"
	    "}\n"
	    "pid-file pid\n"
	    "}\n"
	    "workers 5\n"
	    "disk sdb {\n",
	    "conf:2: " ADDRESS "\n"
	    "conf:3: " WORKERS "\n"
	    "conf:4: unknown keyword `balence': did you mean `balance'?\n"
	    "conf:5: " QUEUE "\n"
	    "conf:6: user: `root' is root: expected a user without "
	    "privileges\n"
	    "conf:7: " LIMIT "\n"
	    "conf:8: access-log: / is a directory: expected a file\n"
	    "conf:9: " OPEN_QUOTE "\n"
	    "conf:11: " FIXED "\n"
	    "conf:12: unknown keyword `write': " DISK_KEYWORDS "\n"
	    "conf:14: pid-file: `pid' is no absolute file name: "
	    "expected one that begins with /\n"
	    "conf:15: " NO_OPEN "\n"
	    "conf:16: workers: is on line 3 already\n"
	    "conf:17: " NO_CLOSE "\n" },
};

static struct conf c;

int
main(void)
{
	size_t i;

	plan_no_plan();
	load_here();
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		load_refuses(load_text(&c, cases[i].text), cases[i].want,
		    cases[i].name);
	return exit_status();
}
