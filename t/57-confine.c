/*
 * The confinement of workers: what is in force, what a worker can do then, and
 * what becomes of one that does more.
 *
 * A worker does nothing of the kind by itself.  So this program is the daemon,
 * with a handler for a signal that the daemon does not know; workers inherit
 * it, and do in it what they are asked to.
 */
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "server/landlock.h"
#include "server/seccomp.h"
#include "server/syscalls.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"
#include "t/privileges.h"
#include "t/scratch.h"
#include "t/standin.h"
#include "t/stuck.h"

#define WORKERS	2

/* What a worker is asked for, and with which number. */
#define TRY	(SIGRTMIN + 1)		/* a process that it signals */
#define CALL	(SIGRTMIN + 2)		/* a system call */

static struct daemon d;
static pid_t workers[WORKERS];
static int landlock;			/* the kernel's version; -1: none */
static int seccomp;			/* whether it has that */

/* The daemon's side. */

static int
failed(int result)
{
	int error = result == -1 ? errno : 0;

	if (result > STDERR_FILENO)
		close(result);
	return error;
}

static int
try_tcp(int (*call)(int, const struct sockaddr *, socklen_t), int port)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int error = failed(call(fd, (struct sockaddr *)&sin, sizeof(sin)));

	close(fd);
	return error;
}

static int
try_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return pid == -1 ? errno : 0;
}

/* A worker tries what it should not, and says what came of each. */
static void
try(int sig, siginfo_t *info, void *context)
{
	const char *inside = standin_variable("T_INSIDE");

	(void)sig;
	(void)context;
	log_notice("tried: outside %d, inside %d, write %d, bind %d, "
	    "connect %d, kill %d, fork %d",
	    failed(open("/proc/self/status", O_RDONLY | O_CLOEXEC)),
	    failed(open(inside, O_RDONLY | O_CLOEXEC)),
	    failed(open(inside, O_WRONLY | O_CLOEXEC)),
	    try_tcp(bind, 0),
	    try_tcp(connect, atoi(standin_variable("T_PORT"))),
	    failed(kill(info->si_value.sival_int, 0)), try_fork());
}

static void
call(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	syscall(info->si_value.sival_int, -1, -1, -1, -1, -1, -1);
}

static int
serve(const char *file)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO };

	action.sa_sigaction = try;
	sigaction(TRY, &action, NULL);
	action.sa_sigaction = call;
	sigaction(CALL, &action, NULL);
	return standin_serve(file);
}

/* The test's. */

static void
ask(pid_t worker, int what, int number)
{
	const union sigval value = { .sival_int = number };

	if (sigqueue(worker, what, value) == -1)
		err(1, "worker %d", (int)worker);
}

/* What this process is confined by already, nobody can be rid of. */
static long
at_least(long wanted, const char *field)
{
	long mine = privileges_number(getpid(), field, 10);

	return wanted > mine ? wanted : mine;
}

/* Whether a line of /proc/PID/limits says 0 for both limits. */
static int
is_none(pid_t pid, const char *limit)
{
	char path[64], line[256], soft[32], hard[32];
	size_t len = strlen(limit);
	int none = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/limits", (int)pid);
	if ((f = fopen(path, "r")) == NULL)
		err(1, "%s", path);
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, limit, len) == 0 &&
		    sscanf(line + len, " %31s %31s", soft, hard) == 2)
			none = strcmp(soft, "0") == 0 && strcmp(hard, "0") == 0;
	fclose(f);
	return none;
}

static void
is_confined(pid_t pid, int no_new_privs, int filter, int limits,
    const char *name)
{
	static const char *const limited[] = {
		"Max processes", "Max locked memory", "Max msgqueue size"
	};
	size_t i;

	is_int(privileges_number(pid, "NoNewPrivs", 10),
	    at_least(no_new_privs, "NoNewPrivs"), "%s: no_new_privs", name);
	is_int(privileges_number(pid, "Seccomp", 10),
	    at_least(filter && seccomp ? 2 : 0, "Seccomp"), "%s: seccomp",
	    name);
	is_int(privileges_capabilities(pid), 0, "%s: no capability", name);
	for (i = 0; i < sizeof(limited) / sizeof(limited[0]); i++)
		is_int(is_none(pid, limited[i]),
		    limits || is_none(getpid(), limited[i]), "%s: %s", name,
		    limited[i]);
}

/* What the log has to say of the parts in force. */
static void
is_told(int no_new_privs, int filter, int files, int limits, unsigned int needs,
    size_t from, const char *name)
{
	char want[512], part[64];

	snprintf(want, sizeof(want), "notice: confinement: no_new_privs%s, "
	    "seccomp", no_new_privs ? "" : " off");
	if (filter && seccomp)
		snprintf(part, sizeof(part), " (%u calls), landlock",
		    syscalls_count(&syscalls_worker, needs));
	else
		snprintf(part, sizeof(part), "%s, landlock", filter ?
		    " unavailable (Function not implemented)" : " off");
	strlcat(want, part, sizeof(want));
	if (files && landlock > 0)
		snprintf(part, sizeof(part), " %d (%d director%s)", landlock,
		    needs & SYSCALLS_FILES ? 1 : 0,
		    needs & SYSCALLS_FILES ? "y" : "ies");
	else
		snprintf(part, sizeof(part), "%s", files ?
		    " unavailable (Function not implemented)" : " off");
	strlcat(want, part, sizeof(want));
	strlcat(want, limits ? ", rlimits\n" : ", rlimits off\n", sizeof(want));
	daemon_await_log(&d, want, from);
	ok(1, "%s: the log says so", name);
}

static void
get_workers(void)
{
	is_int((long long)daemon_workers(&d, workers, WORKERS), WORKERS,
	    "there are workers");
}

#define CONF	"balance shared\nworkers 2\n"

/* Each part by itself, put in force by reloads. */
static void
test_parts(void)
{
	static const struct {
		const char *words;
		int no_new_privs, filter, files, limits;
	} parts[] = {
		{ "off", 0, 0, 0, 0 },
		{ "rlimits", 0, 0, 0, 1 },
		{ "no-new-privs", 1, 0, 0, 0 },
		{ "seccomp", 1, 1, 0, 0 },
		{ "landlock", 1, 0, 1, 0 },
		{ "all", 1, 1, 1, 1 },
		{ "rlimits seccomp", 1, 1, 0, 1 },
	};
	size_t i, from, w;

	daemon_configure(&d, CONF);
	daemon_start(&d);
	get_workers();
	for (w = 0; w < WORKERS; w++)
		is_confined(workers[w], 1, 0, 1, "by default");
	is_told(1, 0, 1, 1, 0, 0, "by default");
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (parts[i].filter && stuck_kernel())
			continue;
		from = daemon_log_length(&d);
		daemon_rewrite(&d, CONF "confine %s\n", parts[i].words);
		daemon_reload(&d);
		daemon_await_workers(&d, WORKERS);
		get_workers();
		is_told(parts[i].no_new_privs, parts[i].filter, parts[i].files,
		    parts[i].limits, 0, from, parts[i].words);
		is_confined(workers[0], parts[i].no_new_privs, parts[i].filter,
		    parts[i].limits, parts[i].words);
		is_int(client_get(d.port, "/200,0,x", NULL), 200,
		    "%s: it serves", parts[i].words);
	}
	is_int(privileges_number(d.pid, "Seccomp", 10), at_least(0, "Seccomp"),
	    "the master is not confined");
	from = daemon_log_length(&d);
	daemon_reload(&d);
	daemon_await_log(&d, "ready: ", from);
	daemon_finish(&d, NULL);
}

/* One more than the kernel can do with, and one fewer, by a signal. */
static void
test_many(void)
{
	pid_t many[257];
	size_t from;

	daemon_configure(&d, "balance shared\nworkers 257\nconfine all\n");
	daemon_start(&d);
	is_int((long long)daemon_workers(&d, many, 257), 257, "many workers");
	is_int(privileges_number(many[0], "Seccomp", 10),
	    at_least(0, "Seccomp"), "too many for a filter");
	if (seccomp) {
		daemon_await_log(&d, "confinement: no_new_privs, seccomp "
		    "unavailable (more than 256 workers), landlock", 0);
		from = daemon_log_length(&d);
		daemon_signal(&d, SIGTTOU);
		daemon_await_log(&d, "confinement: no_new_privs, seccomp (",
		    from);
	}
	is_int(client_get(d.port, "/200,0,x", NULL), 200, "they serve");
	daemon_finish(&d, NULL);
}

/*
 * What a worker reaches; the filter, which would let it try nothing of this,
 * is off.
 */
static void
test_reach(const char *words, int files, int limits)
{
	const int acces = files ? EACCES : 0;
	char inside[128], port[16], want[256];
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	size_t from;

	/* Whom to connect to. */
	if (bind(fd, (struct sockaddr *)&sin, len) == -1 ||
	    listen(fd, 1) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1)
		err(1, "listen");
	snprintf(inside, sizeof(inside), "%s/file", scratch_dir());
	scratch_write("file", "inside\n", 7);
	if (chmod(scratch_dir(), 0755) == -1 || chmod(inside, 0666) == -1)
		err(1, "%s", inside);
	snprintf(port, sizeof(port), "%d", ntohs(sin.sin_port));
	setenv("T_INSIDE", inside, 1);
	setenv("T_PORT", port, 1);
	standin_begin();
	daemon_configure(&d, CONF "confine %s\n"
	    "disk files {\npath %s\n}\n", words, scratch_dir());
	daemon_start(&d);
	get_workers();
	from = daemon_log_length(&d);
	ask(workers[0], TRY, (int)workers[1]);
	snprintf(want, sizeof(want), "tried: outside %d, inside 0, write %d, "
	    "bind %d, connect %d, kill %d, fork %d\n", acces, acces,
	    landlock < 4 ? 0 : acces, landlock < 4 ? 0 : acces,
	    files && landlock >= 6 ? EPERM : 0, limits ? EAGAIN : 0);
	daemon_await_log(&d, want, from);
	ok(1, "confine %s: what can be reached", words);
	is_int(client_get(d.port, "/files/file", NULL), 200,
	    "confine %s: a file is served", words);
	is_int(client_get(d.port, "/files/none", NULL), 404,
	    "confine %s: or not there", words);
	is_int(client_get(d.port, "/files/", NULL), 403,
	    "confine %s: or no file", words);
	daemon_finish(&d, NULL);
	standin_end();
	close(fd);
}

/* A worker that has its filter also listens. */
static int
all_are_filtered(void *arg)
{
	size_t i, n = daemon_workers(&d, workers, WORKERS);

	(void)arg;
	for (i = 0; i < n; i++)
		if (privileges_number(workers[i], "Seccomp", 10) != 2)
			return 0;
	return n == WORKERS;
}

/* Waits until a call has killed a worker. */
static void
is_killed(int number, const char *how, const char *policy)
{
	size_t from = daemon_log_length(&d);
	char want[256];

	ok(daemon_until(all_are_filtered, NULL), "%s: all have filters",
	    policy);
	ask(workers[0], CALL, number);
	daemon_await_log(&d, "was killed by signal 31 (Bad system call)", from);
	snprintf(want, sizeof(want), "(pid %d) called %s\n", (int)workers[0],
	    how);
	daemon_await_log(&d, want, from);
	ok(1, "%s: %s", policy, how);
	ok(daemon_until(all_are_filtered, NULL), "%s: again", policy);
	is_int(client_get(d.port, "/200,0,x", NULL), 200,
	    "%s: and they serve", policy);
}

static void
test_violation(const char *policy)
{
	static const char *const expected[] = {
		"in its filter", "was killed by signal 31",
		"shared is in force", NULL
	};

	standin_begin();
	daemon_configure(&d, "balance %s\nworkers %d\nconfine all\n", policy,
	    WORKERS);
	daemon_start(&d);
	is_killed(SYS_ptrace, "ptrace, which is not in its filter", policy);
	is_killed(SYS_bind, "bind, which is not in its filter", policy);
	is_killed(SYS_getsockopt, "getsockopt in a way that is not in its "
	    "filter", policy);
	daemon_finish(&d, expected);
	standin_end();
}

/*
 * What the C library does behind syslog(3) and strftime(3) is within the
 * filter, though syslog's socket may have to be opened anew, and a time zone be
 * found.
 */
static void
test_logs(void)
{
	const char *confined = stuck_kernel() ? "landlock rlimits" : "all";
	char access[128], text[4096] = "";
	pid_t after[WORKERS];
	ssize_t n;
	int fd;

	unsetenv("TZ");
	daemon_configure(&d, CONF);
	daemon_path(&d, "access", access, sizeof(access));
	daemon_rewrite(&d, CONF "confine %s\naccess-log %s\n", confined,
	    access);
	daemon_start(&d);
	get_workers();
	is_int(client_get(d.port, "/200,0,x", NULL), 200, "with a log");
	/* From now on it complains of each line, and of none. */
	daemon_rewrite(&d, CONF "confine %s\nerror-log syslog\n"
	    "access-log /dev/full\n", confined);
	daemon_reload(&d);
	daemon_await_workers(&d, WORKERS);
	get_workers();
	is_int(client_get(d.port, "/200,0,x", NULL), 200,
	    "with one that is full");
	is_int(client_get(d.port, "/200,0,x", NULL), 200, "again");
	is_int((long long)daemon_workers(&d, after, WORKERS), WORKERS,
	    "no worker is missing");
	ok(memcmp(after, workers, sizeof(workers)) == 0,
	    "nor has one been replaced");
	if ((fd = open(access, O_RDONLY | O_CLOEXEC)) != -1 &&
	    (n = read(fd, text, sizeof(text) - 1)) > 0)
		text[n] = '\0';
	has_string(text, "\"GET /200,0,x HTTP/1.",
	    "a line with the time of day");
	daemon_finish(&d, NULL);
	close(fd);
}

int
main(int argc, char *argv[])
{
	if (argc == 4 && standin_is_called(argv))
		return serve(argv[3]);

	plan_no_plan();
	landlock = landlock_probe();
	seccomp = seccomp_probe() == 0 && !stuck_kernel();
	if (stuck_kernel())
		diag("the kernel is stuck: no filter is tried");
	if (landlock == -1)
		diag("landlock: %s", strerror(errno));
	test_parts();
	test_many();
	test_reach("off", 0, 0);
	test_reach("rlimits", 0, geteuid() == 0);
	if (landlock > 0)
		test_reach("landlock", 1, 0);
	else
		skip(1, "landlock is not in this kernel");
	if (seccomp) {
		test_violation("shared");
		test_violation("idle");
		test_violation("hash");
	} else {
		skip(1, "seccomp is not in this kernel");
	}
	test_logs();
	return exit_status();
}
