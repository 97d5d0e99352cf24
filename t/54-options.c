/*
 * The options: what they say, and that -n reads the configuration and does
 * nothing else.
 */
#include <sys/stat.h>

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "t/check.h"
#include "t/daemon.h"
#include "t/network.h"
#include "t/run.h"

#define USAGE "usage: spindled [-nVv] [-f file]\n" \
	"       spindled -T file [-P] [-c count]\n"

static struct daemon x;		/* a configuration; it never runs */
static struct run r;

static void
test_options(void)
{
	static const char *const version[] = { "-V", NULL };
	static const char *const unknown[] = { "-x", NULL };
	static const char *const argument[] = { "-n", "x", NULL };
	static const char *const no_file[] = { "-f", NULL };

	run_args(&r, &x, version);
	is_int(r.status, 0, "-V");
	is_string(r.out, "spindled " VERSION "\n", "-V: the version");
	is_string(r.err, "", "-V: nothing else");
	run_args(&r, &x, unknown);
	is_int(r.status, 1, "unknown option");
	is_string(r.err, "spindled: invalid option -- 'x'\n" USAGE,
	    "unknown option: usage");
	is_string(r.out, "", "unknown option: nothing else");
	run_args(&r, &x, argument);
	is_int(r.status, 1, "an argument");
	is_string(r.err, USAGE, "an argument: usage");
	run_args(&r, &x, no_file);
	is_int(r.status, 1, "-f without a file");
	is_string(r.err, "spindled: option requires an argument -- 'f'\n" USAGE,
	    "-f without a file: usage");
}

static void
test_file(void)
{
	char missing[128], reasons[256];
	const char *const no_file[] = { "-f", missing, NULL };
	const char *const directory[] = { "-n", "-f", x.dir, NULL };

	daemon_path(&x, "missing", missing, sizeof(missing));
	run_args(&r, &x, no_file);
	is_int(r.status, 2, "a file that is not there");
	snprintf(reasons, sizeof(reasons), "%s: cannot read the "
	    "configuration: No such file or directory\n", missing);
	is_string(r.err, reasons, "a file that is not there: the reason");

	run_args(&r, &x, directory);
	is_int(r.status, 2, "a directory");
	snprintf(reasons, sizeof(reasons), "%s: cannot read the "
	    "configuration: Is a directory\n", x.dir);
	is_string(r.err, reasons, "a directory: the reason");

	if (geteuid() == 0) {
		skip(3, "root may read everything");
		return;
	}
	daemon_rewrite(&x, "workers 1\n");
	chmod(x.conf, 0);
	reasons[0] = '\0';
	run_reason(&x, reasons, sizeof(reasons), 0,
	    "cannot read the configuration: Permission denied");
	run_is_refused(&x, reasons, "a file that may not be read");
	chmod(x.conf, 0644);
}

/* -n reads, and does nothing else. */

static void
test_check(void)
{
	char log[128], pid_file[128], reasons[256] = "";
	int fd, port;

	fd = network_port(INADDR_LOOPBACK, 1, &port);
	daemon_path(&x, "access", log, sizeof(log));
	daemon_path(&x, "pid", pid_file, sizeof(pid_file));
	/* Not even a user is needed. */
	daemon_rewrite(&x, "# no user here\nlisten 127.0.0.1:%d\n"
	    "access-log %s\npid-file %s\n", port, log, pid_file);
	run_conf(&r, &x, "-n");
	is_int(r.status, 0, "-n, while the port is in use");
	is_string(r.out, "configuration OK\n", "-n: says so");
	is_string(r.err, "", "-n: nothing else");
	ok(access(log, F_OK) == -1, "-n: makes no log");
	ok(access(pid_file, F_OK) == -1, "-n: makes no pid file");
	close(fd);

	daemon_rewrite(&x, "user nobody\nlisten 127.0.0.1:0\nworkers 0\n");
	run_reason(&x, reasons, sizeof(reasons), 3,
	    "workers: expected a number from 1 to 16384");
	run_conf(&r, &x, "-n");
	is_int(r.status, 2, "-n: a bad file");
	is_string(r.err, reasons, "-n: a bad file: the reason");
	is_string(r.out, "", "-n: a bad file is not OK");
}

/* Whether one line of text is line. */
static int
has_line(const char *text, const char *line)
{
	size_t len = strlen(line);
	const char *p;

	for (p = text; (p = strstr(p, line)) != NULL; p++)
		if ((p == text || p[-1] == '\n') && p[len] == '\n')
			return 1;
	return 0;
}

/*
 * -nv: what the file amounts to, written so that it can be read again.  What
 * is not in the file is there with its default.
 */
static void
test_dump(void)
{
	static const char *const written[] = {
		"listen 127.0.0.1:7001", "listen [::1]:7002", "workers 7",
		"balance hash", "backlog 17", "user nobody",
		"queue-timeout off", "queue-timeout-status 503",
		"request-timeout 1500ms", "read-timeout 90s", "max-delay 2h",
		"keepalive-timeout 5ms", "request-limit 4k",
		"error-log syslog", "disk sda {", "\tread fixed 20ms", "}",
		NULL
	}, *const defaults[] = {
		"stop-timeout 30s", "access-log off", "pid-file off",
		"disk default {", "\tread fixed 8ms", NULL
	};
	static const char end[] = "# configuration OK\n";
	char conf[2048] = "", first[sizeof(r.out)];
	size_t i, len;

	for (i = 0; written[i] != NULL; i++) {
		strlcat(conf, written[i], sizeof(conf));
		strlcat(conf, "\n", sizeof(conf));
	}
	daemon_rewrite(&x, "%s", conf);
	run_conf(&r, &x, "-nv");
	is_int(r.status, 0, "-nv");
	is_string(r.err, "", "-nv: no errors");
	for (i = 0; written[i] != NULL; i++)
		ok(has_line(r.out, written[i]), "-nv: %s", written[i]);
	for (i = 0; defaults[i] != NULL; i++)
		ok(has_line(r.out, defaults[i]), "-nv: the default %s",
		    defaults[i]);

	len = strlen(r.out);
	if (!ok(len > strlen(end) &&
	    strcmp(r.out + len - strlen(end), end) == 0, "-nv: says OK"))
		return;
	strlcpy(first, r.out, sizeof(first));
	r.out[len - strlen(end)] = '\0';
	daemon_rewrite(&x, "%s", r.out);
	run_conf(&r, &x, "-nv");
	is_string(r.out, first, "-nv: its output reads back as the same");
}

int
main(void)
{
	plan_no_plan();
	daemon_configure(&x, "user nobody\n");
	test_options();
	test_file();
	test_check();
	test_dump();
	return exit_status();
}
