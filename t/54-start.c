/*
 * The start: what keeps the daemon from it, in its own words, and how it ends.
 *
 * One daemon, d, runs.  Others, configured by x, are started beside it, mostly
 * to fail.  The test is the parent of every process that they might leave.
 */

#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"

#define IN_USE "the address is in use, by another spindled or another program"
#define USAGE "usage: spindled [-nVv] [-f file]\n"

static struct daemon d, x;

/* One run of the program. */
static struct run {
	pid_t pid;
	int status;		/* of its exit; -1: it did not exit by itself */
	char out[8192], err[8192];
} r;

static char *
path_in(const struct daemon *of, const char *name, char *buf, size_t size)
{
	snprintf(buf, size, "%s/%s", of->dir, name);
	return buf;
}

/* What a file has; "" when there is none. */
static void
slurp(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "r");

	buf[0] = '\0';
	if (f == NULL)
		return;
	buf[fread(buf, 1, size - 1, f)] = '\0';
	fclose(f);
}

static int
exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

_Noreturn static void
execute(const char *const *args, const char *out, const char *error)
{
	char *argv[8] = { (char *)(uintptr_t)"spindled" };
	size_t i;
	int o, e;

	for (i = 0; args[i] != NULL; i++)
		argv[i + 1] = (char *)(uintptr_t)args[i];
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	o = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	e = open(error, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (o == -1 || e == -1 || dup2(o, STDOUT_FILENO) == -1 ||
	    dup2(e, STDERR_FILENO) == -1)
		_exit(126);
	execv(daemon_program(), argv);
	_exit(127);
}

/* It has ended, or it serves, which it will do for ever. */
static int
has_come_to_something(void *arg)
{
	char error[256];
	siginfo_t si = { .si_pid = 0 };

	waitid(P_PID, (id_t)r.pid, &si, WEXITED | WNOHANG | WNOWAIT);
	slurp(path_in(&x, "err", error, sizeof(error)), r.err, sizeof(r.err));
	return si.si_pid == r.pid || (arg != NULL && strstr(r.err, arg));
}

/* Runs it with these arguments, ended by NULL, until its end. */
static void
run(const char *const *args)
{
	char out[128], error[128], ready[] = "ready: ";
	int status;

	path_in(&x, "out", out, sizeof(out));
	path_in(&x, "err", error, sizeof(error));
	fflush(stdout);
	if ((r.pid = fork()) == -1)
		err(1, "fork");
	if (r.pid == 0)
		execute(args, out, error);
	if (!daemon_until(has_come_to_something, ready) ||
	    strstr(r.err, ready) != NULL)
		kill(r.pid, SIGKILL);
	waitpid(r.pid, &status, 0);
	r.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	slurp(out, r.out, sizeof(r.out));
	slurp(error, r.err, sizeof(r.err));
}

static void
run_x(const char *option)
{
	const char *const args[] = { "-f", x.conf, option, NULL };

	run(args);
}

/* The start with x's configuration fails, for these reasons. */
static void
refused(const char *reasons, const char *what)
{
	run_x(NULL);
	is_int(r.status, 2, "%s: exit status", what);
	is_string(r.err, reasons, "%s: the reason", what);
	is_string(r.out, "", "%s: nothing else", what);
}

/* Adds "CONF:LINE: ..." to reasons; without a line when that is 0. */
static void
reason(char *reasons, size_t size, int line, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static void
reason(char *reasons, size_t size, int line, const char *fmt, ...)
{
	char text[512], where[160];
	va_list ap;

	if (line > 0)
		snprintf(where, sizeof(where), "%s:%d: ", x.conf, line);
	else
		snprintf(where, sizeof(where), "%s: ", x.conf);
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	strlcat(reasons, where, size);
	strlcat(reasons, text, size);
	strlcat(reasons, "\n", size);
}

/* A socket on a port that the kernel chose; another program's, if listens. */
static int
open_port(uint32_t host, int listens, int *port)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(host),
	};
	socklen_t len = sizeof(sin);
	const int on = 1;
	int fd;

	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	/* One that does not listen reserves its port for the daemon. */
	if (fd == -1 || (!listens &&
	    (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == -1 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) == -1)) ||
	    bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    (listens && listen(fd, 1) == -1) ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1)
		err(1, "a port");
	*port = ntohs(sin.sin_port);
	return fd;
}

/* The options that need no server. */

static void
test_options(void)
{
	static const char *const version[] = { "-V", NULL };
	static const char *const unknown[] = { "-x", NULL };
	static const char *const argument[] = { "-n", "x", NULL };
	static const char *const no_file[] = { "-f", NULL };

	run(version);
	is_int(r.status, 0, "-V");
	is_string(r.out, "spindled " VERSION "\n", "-V: the version");
	is_string(r.err, "", "-V: nothing else");
	run(unknown);
	is_int(r.status, 1, "unknown option");
	is_string(r.err, "spindled: invalid option -- 'x'\n" USAGE,
	    "unknown option: usage");
	is_string(r.out, "", "unknown option: nothing else");
	run(argument);
	is_int(r.status, 1, "an argument");
	is_string(r.err, USAGE, "an argument: usage");
	run(no_file);
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

	path_in(&x, "missing", missing, sizeof(missing));
	run(no_file);
	is_int(r.status, 2, "a file that is not there");
	snprintf(reasons, sizeof(reasons), "%s: cannot read the "
	    "configuration: No such file or directory\n", missing);
	is_string(r.err, reasons, "a file that is not there: the reason");

	run(directory);
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
	reason(reasons, sizeof(reasons), 0,
	    "cannot read the configuration: Permission denied");
	refused(reasons, "a file that may not be read");
	chmod(x.conf, 0644);
}

/* Ports that are somebody else's. */

/* The last is left out where it is not to be had. */
static const char *const policies[] = { "shared", "hash", "idle" };
static size_t npolicies = 2;

static void
find_policies(void)
{
	static const char *const expected[] = { "shared is in force", NULL };

	daemon_configure(&d, "user nobody\nbalance idle\nworkers 1\n");
	daemon_start(&d);
	if (!daemon_has_logged(&d, expected[0]))
		npolicies = 3;
	else
		skip(1, "balance idle is not to be had here");
	daemon_finish(&d, expected);
}

static void
test_other_program(void)
{
	char reasons[512], what[64];
	size_t i;
	int fd, port;

	fd = open_port(INADDR_LOOPBACK, 1, &port);
	for (i = 0; i < npolicies; i++) {
		daemon_rewrite(&x, "user nobody\nbalance %s\n"
		    "listen 127.0.0.1:%d\n", policies[i], port);
		reasons[0] = '\0';
		reason(reasons, sizeof(reasons), 3, "listen 127.0.0.1:%d: "
		    IN_USE, port);
		snprintf(what, sizeof(what), "%s, another program's port",
		    policies[i]);
		refused(reasons, what);
	}
	close(fd);

	fd = open_port(INADDR_ANY, 1, &port);
	daemon_rewrite(&x, "user nobody\nlisten 127.0.0.1:%d\n"
	    "balance shared\n", port);
	reasons[0] = '\0';
	reason(reasons, sizeof(reasons), 2, "listen 127.0.0.1:%d: " IN_USE,
	    port);
	refused(reasons, "a port of all addresses");
	close(fd);
}

/* SO_REUSEPORT would let the second one of the same user in. */
static void
test_duplicate(const char *first)
{
	char reasons[512], what[64];
	size_t i;

	daemon_configure(&d, "user nobody\nbalance %s\nworkers 2\n"
	    "listen 127.0.0.1:0\n", first);
	daemon_start(&d);
	for (i = 0; i < npolicies; i++) {
		daemon_rewrite(&x, "user nobody\nbalance %s\n"
		    "listen 127.0.0.1:%d\n", policies[i], d.port);
		reasons[0] = '\0';
		reason(reasons, sizeof(reasons), 3, "listen 127.0.0.1:%d: "
		    IN_USE, d.port);
		snprintf(what, sizeof(what), "%s beside %s", policies[i],
		    first);
		refused(reasons, what);
	}
	daemon_rewrite(&x, "user nobody\nlisten 0.0.0.0:%d\n"
	    "balance shared\n", d.port);
	reasons[0] = '\0';
	reason(reasons, sizeof(reasons), 2, "listen 0.0.0.0:%d: " IN_USE,
	    d.port);
	snprintf(what, sizeof(what), "all addresses beside %s", first);
	refused(reasons, what);
	is_int(client_get(d.port, "/200,0,x", NULL), 200,
	    "and %s is not disturbed", first);
	daemon_finish(&d, NULL);
}

/* Several things at once. */

static int
connects(int port)
{
	int fd = client_connect(port);

	if (fd != -1)
		close(fd);
	return fd != -1;
}

static void
test_several(void)
{
	char reasons[2048] = "", log[128], pid_file[128];
	int fds[3], ports[3], line = 2;

	fds[0] = open_port(INADDR_LOOPBACK, 1, &ports[0]);
	fds[1] = open_port(INADDR_LOOPBACK, 1, &ports[1]);
	fds[2] = open_port(INADDR_LOOPBACK, 0, &ports[2]);
	path_in(&x, "loop", log, sizeof(log));
	path_in(&x, "pid", pid_file, sizeof(pid_file));
	if (symlink("loop", log) == -1)
		err(1, "%s", log);
	daemon_rewrite(&x, "user nobody\n"
	    "access-log %s\n"
	    "listen 127.0.0.1:%d\n"
	    "listen 127.0.0.1:%d\n"
	    "listen 127.0.0.1:%d\n"
	    "pid-file %s\nbalance shared\n", log, ports[0], ports[2],
	    ports[1], pid_file);
	reason(reasons, sizeof(reasons), line + 1, "listen 127.0.0.1:%d: "
	    IN_USE, ports[0]);
	reason(reasons, sizeof(reasons), line + 3, "listen 127.0.0.1:%d: "
	    IN_USE, ports[1]);
	reason(reasons, sizeof(reasons), line, "access-log: cannot open %s: "
	    "Too many levels of symbolic links", log);
	refused(reasons, "three errors");
	ok(!exists(pid_file), "three errors: no pid file is left");
	ok(!connects(ports[2]), "three errors: the good port is not open");
	is_int(waitpid(-1, NULL, WNOHANG), -1,
	    "three errors: no process is left");
	unlink(log);

	/* The same without the errors, so that these were the only ones. */
	close(fds[0]);
	close(fds[1]);
	daemon_rewrite(&x, "user nobody\nbalance shared\nworkers 1\n"
	    "access-log %s\nlisten 127.0.0.1:%d\npid-file %s\n", log,
	    ports[2], pid_file);
	daemon_start(&x);
	is_int(client_get(x.port, "/200,0,x", NULL), 200,
	    "no error: it serves");
	ok(exists(pid_file), "no error: there is a pid file");
	daemon_signal(&x, SIGTERM);
	is_int(daemon_wait(&x), 0, "no error: it stops");
	ok(!exists(pid_file), "no error: the pid file is gone");
	close(fds[2]);
}

static void
test_pid_file(void)
{
	char reasons[512] = "", pid_file[128], got[64], want[64];
	FILE *f;

	daemon_configure(&d, "workers 1\n");
	path_in(&d, "pid", pid_file, sizeof(pid_file));
	/* What a daemon that died has left holds nobody up. */
	if ((f = fopen(pid_file, "w")) == NULL)
		err(1, "%s", pid_file);
	fprintf(f, "1\n");
	fclose(f);
	daemon_rewrite(&d, "balance shared\nworkers 1\npid-file %s\n",
	    pid_file);
	daemon_start(&d);
	slurp(pid_file, got, sizeof(got));
	is_int(atoi(got), d.pid, "a stale pid file is taken over");

	snprintf(want, sizeof(want), "%s", got);
	daemon_rewrite(&x, "listen 127.0.0.1:0\nuser nobody\npid-file %s\n"
	    "balance shared\n", pid_file);
	reason(reasons, sizeof(reasons), 3, "pid-file: %s is held by process "
	    "%d", pid_file, (int)d.pid);
	refused(reasons, "a pid file that is held");
	slurp(pid_file, got, sizeof(got));
	is_string(got, want, "a pid file that is held stays as it is");
	daemon_finish(&d, NULL);
}

static void
test_user(void)
{
	char reasons[256] = "";

	if (geteuid() != 0) {
		skip(3, "not root");
		return;
	}
	/* The comment keeps the harness from writing one. */
	daemon_rewrite(&x, "# no user here\nbalance shared\n");
	reason(reasons, sizeof(reasons), 0, "user: is missing: started as root, "
	    "expected an unprivileged user for the workers, such as nobody");
	refused(reasons, "root without user");
}

/* -n reads, and does nothing else. */

static void
test_check(void)
{
	char log[128], pid_file[128], reasons[256] = "";
	int fd, port;

	fd = open_port(INADDR_LOOPBACK, 1, &port);
	path_in(&x, "access", log, sizeof(log));
	path_in(&x, "pid", pid_file, sizeof(pid_file));
	/* Not even a user is needed. */
	daemon_rewrite(&x, "# no user here\nlisten 127.0.0.1:%d\n"
	    "access-log %s\npid-file %s\n", port, log, pid_file);
	run_x("-n");
	is_int(r.status, 0, "-n, while the port is in use");
	is_string(r.out, "configuration OK\n", "-n: says so");
	is_string(r.err, "", "-n: nothing else");
	ok(!exists(log), "-n: makes no log");
	ok(!exists(pid_file), "-n: makes no pid file");
	close(fd);

	daemon_rewrite(&x, "user nobody\nlisten 127.0.0.1:0\nworkers 0\n");
	reason(reasons, sizeof(reasons), 3,
	    "workers: expected a number from 1 to 16384");
	run_x("-n");
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
	run_x("-nv");
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
	run_x("-nv");
	is_string(r.out, first, "-nv: its output reads back as the same");
}

/* A stop that is asked for while workers are forked. */

static const char *
environment(const char *name)
{
	const char *value = getenv(name);

	if (value == NULL)
		errx(126, "%s is not set", name);
	return value;
}

/* As the daemon's program: a signal waits for what is executed. */
_Noreturn static void
launch(char *argv[])
{
	int sig = atoi(environment("T_SIGNAL"));
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1 || raise(sig) != 0)
		err(126, "signal %d", sig);
	execv(environment("T_PROGRAM"), argv);
	err(126, "%s", environment("T_PROGRAM"));
}

static void
test_stop_at_once(int sig)
{
	char text[16], pid_file[128];

	snprintf(text, sizeof(text), "%d", sig);
	setenv("T_SIGNAL", text, 1);
	setenv("T_PROGRAM", daemon_program(), 1);
	setenv("SPINDLED", "/proc/self/exe", 1);
	daemon_configure(&d, "workers 1\n");
	path_in(&d, "pid", pid_file, sizeof(pid_file));
	daemon_rewrite(&d, "user nobody\nbalance shared\nworkers 40\n"
	    "pid-file %s\n", pid_file);
	daemon_launch(&d);
	is_int(daemon_wait(&d), 0, "%s before it is ready: exit status",
	    strsignal(sig));
	ok(!daemon_has_logged(&d, "ready: "), "it never was");
	snprintf(text, sizeof(text), "stop: %s", strsignal(sig));
	ok(daemon_has_logged(&d, text), "it says why it stops");
	is_int(waitpid(-1, NULL, WNOHANG), -1, "no process is left");
	ok(!exists(pid_file), "no pid file is left");
	daemon_finish(&d, NULL);
	setenv("SPINDLED", environment("T_PROGRAM"), 1);
}

/* The default addresses, in networks of our own, where they are free. */

static void
loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd == -1 || ioctl(fd, SIOCSIFFLAGS, &ifr) == -1)
		err(1, "lo");
	close(fd);
}

/* Gives -1 where the kernel has no IPv6, or does not let us. */
static int
disable_ipv6(void)
{
	static const char *const files[] = {
		"/proc/sys/net/ipv6/conf/all/disable_ipv6",
		"/proc/sys/net/ipv6/conf/default/disable_ipv6",
		"/proc/sys/net/ipv6/conf/lo/disable_ipv6",
	};
	size_t i;
	int fd;

	for (i = 0; i < 3; i++) {
		if ((fd = open(files[i], O_WRONLY | O_CLOEXEC)) == -1)
			return -1;
		if (write(fd, "1", 1) != 1) {
			close(fd);
			return -1;
		}
		close(fd);
	}
	return 0;
}

/* The comment keeps the harness from writing one. */
#define DEFAULTS "# no listen here\nbalance shared\nworkers 1\n"
#define LEFT_OUT ": this machine has no such address; this default is left out"

static void
test_both_defaults(void)
{
	char reasons[512] = "";

	daemon_configure(&d, DEFAULTS);
	daemon_start(&d);
	ok(daemon_has_logged(&d, "listening on 127.0.0.1:7000\n"),
	    "no listen: IPv4");
	ok(daemon_has_logged(&d, "listening on [::1]:7000\n"),
	    "no listen: IPv6");

	/* Addresses that are in use are not left out. */
	daemon_rewrite(&x, DEFAULTS);
	reason(reasons, sizeof(reasons), 0, "listen 127.0.0.1:7000: " IN_USE);
	reason(reasons, sizeof(reasons), 0, "listen [::1]:7000: " IN_USE);
	refused(reasons, "no listen, and the defaults are in use");
	daemon_finish(&d, NULL);
}

static void
test_without_ipv6(void)
{
	char reasons[512] = "", log[512];

	daemon_configure(&d, DEFAULTS);
	daemon_start(&d);
	is_int(d.port, 7000, "without IPv6: IPv4 will do");
	is_int(client_get(7000, "/200,0,x", NULL), 200,
	    "without IPv6: it serves");
	ok(!daemon_has_logged(&d, "listening on ["),
	    "without IPv6: no address of it");
	slurp(d.log, log, sizeof(log));
	log[strcspn(log, "\n")] = '\0';
	snprintf(reasons, sizeof(reasons), "%s: listen [::1]:7000" LEFT_OUT,
	    d.conf);
	is_string(log, reasons, "without IPv6: and says so");
	daemon_finish(&d, NULL);

	/* Nobody is asked for less than what the file says. */
	daemon_rewrite(&x, "user nobody\nlisten 127.0.0.1:7000\n"
	    "listen [::1]:7000\n");
	reasons[0] = '\0';
	reason(reasons, sizeof(reasons), 3,
	    "listen [::1]:7000: this machine has no such address");
	refused(reasons, "without IPv6, an address of it");
}

static void
test_defaults(void)
{
	if (geteuid() != 0 || unshare(CLONE_NEWNET) == -1) {
		skip(1, "no network of our own: %s", geteuid() != 0 ?
		    "not root" : strerror(errno));
		return;
	}
	loopback_up();
	if (!exists("/proc/sys/net/ipv6")) {
		skip(1, "the kernel has no IPv6");
		return;
	}
	test_both_defaults();
	if (disable_ipv6() == -1) {
		skip(1, "IPv6 stays: %s", strerror(errno));
		return;
	}
	test_without_ipv6();
}

int
main(int argc, char *argv[])
{
	size_t i;

	(void)argc;
	if (strcmp(argv[0], "spindled") == 0)
		launch(argv);

	plan_no_plan();
	/* Whoever loses its parent becomes our child. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) == -1)
		err(1, "PR_SET_CHILD_SUBREAPER");
	daemon_configure(&x, "user nobody\n");
	test_options();
	test_file();
	find_policies();
	test_other_program();
	for (i = 0; i < npolicies; i++)
		test_duplicate(policies[i]);
	test_several();
	test_pid_file();
	test_user();
	test_check();
	test_dump();
	test_stop_at_once(SIGTERM);
	test_stop_at_once(SIGINT);
	test_stop_at_once(SIGQUIT);
	test_defaults();
	daemon_finish(&x, NULL);
	return exit_status();
}
