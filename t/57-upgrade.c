/*
 * Upgrades that succeed: under load, with a configuration that has changed,
 * with reads that outlive them.  The long form has ten of them in a row under
 * each policy; UPGRADES says how many otherwise.
 */
#include <sys/wait.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"
#include "t/heir.h"
#include "t/run.h"
#include "t/text.h"
#include "t/torture.h"
#include "t/work.h"

#define WORKERS "workers 24\n"

static const char *const expected[] = { "only a restart", NULL };

static struct daemon d;
static struct response r;

/* Children of ours that call themselves masters. */
static int
masters(void)
{
	struct daemon self = { .pid = getpid() };
	pid_t pids[64];
	char path[64], title[256];
	size_t i, n = daemon_workers(&self, pids, 64);
	int count = 0;

	for (i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pids[i]);
		text_read(path, title, sizeof(title));
		count += strstr(title, "spindled: master") != NULL;
	}
	return count;
}

/*
 * Under `hash' a connection that comes to a worker after that has counted what
 * waits for it is reset, at an upgrade as at a reload.
 */
static void
test_load(const char *policy, int upgrades)
{
	struct work_sum l;
	struct work w;
	int i, status = 0;
	pid_t first, old;

	if (heir_start(&d, policy, WORKERS) == -1)
		return;
	first = d.pid;
	is_int(heir_pid(&d), first, "%s: the pid file before", policy);
	work_start(&w, d.port);
	for (i = 0; i < upgrades; i++) {
		old = heir_upgrade(&d);
		status |= old == d.pid || heir_wait(old) != 0;
	}
	is_int(status, 0, "%s: each old master ends with status 0", policy);
	work_end(&w, &l);
	ok(d.pid != first && kill(d.pid, 0) == 0, "%s: the pid file after",
	    policy);
	is_int(masters(), 1, "%s: one master at the end", policy);
	is_int((long long)daemon_workers(&d, (pid_t[64]){ 0 }, 64), 24,
	    "%s: it has its workers", policy);
	is_int((long long)heir_children(), 1, "%s: nobody else is left",
	    policy);
	diag("%s: %d upgrades, %llu requests, %llu reset; the longest wait for "
	    "a worker took %.1f ms", policy, upgrades,
	    (unsigned long long)l.sent, (unsigned long long)l.reset,
	    (double)l.worst / CLOCK_MS);
	is_int((long long)l.others, 0, "%s: each request is accounted for",
	    policy);
	if (strcmp(policy, "hash") != 0)
		is_int((long long)(l.sent - l.answered), 0, "%s: none is lost",
		    policy);
	is_int(client_get(d.port, "/200,0,x", &r), 200, "%s: serves", policy);
	daemon_finish(&d, expected);
}

/* A read that the old master's worker has in its hands. */
static void
test_long_read(const char *policy)
{
	int fd;
	pid_t old;

	if (heir_start(&d, policy, "workers 2\n") == -1)
		return;
	fd = client_connect(d.port);
	client_send(fd, "GET /200,1500,x HTTP/1.0\r\n\r\n", 28);
	daemon_await_reading(&d, 1);
	old = heir_upgrade(&d);
	is_int(kill(old, 0), 0, "%s: the old master waits for its worker",
	    policy);
	is_int(client_get(d.port, "/200,0,x", &r), 200,
	    "%s: the new one does not wait for that", policy);
	client_receive(fd, &r, 1);
	is_int(r.status, 200, "%s: which ends in its own time", policy);
	is_int(heir_wait(old), 0, "%s: and then the old one ends", policy);
	close(fd);

	/* A worker without a master shuts the port: not this one's. */
	fd = client_connect(d.port);
	client_send(fd, "GET /200,1500,x HTTP/1.0\r\n\r\n", 28);
	daemon_await_reading(&d, 1);
	old = heir_upgrade(&d);
	kill(old, SIGKILL);
	heir_wait(old);
	client_receive(fd, &r, 1);
	is_int(r.status, 200, "%s: the old master killed: its read ends",
	    policy);
	close(fd);
	is_int(client_get(d.port, "/200,0,x", &r), 200,
	    "%s: and the port is the new one's", policy);
	daemon_finish(&d, expected);
}

/* What the new master reads is in force; what needs a restart is not. */
static void
test_changes(const char *policy, const char *other)
{
	char text[128], want[48];
	size_t from;
	pid_t old;

	if (heir_start(&d, policy, "workers 2\nlisten 127.0.0.2:0\n") == -1)
		return;
	heir_rewrite(&d, policy, "workers 5\nlisten 127.0.0.3:0\n");
	from = daemon_log_length(&d);
	heir_wait(heir_upgrade(&d));
	daemon_await_log(&d, "listening on 127.0.0.3:", from);
	is_int((long long)daemon_workers(&d, (pid_t[8]){ 0 }, 8), 5,
	    "%s: another number of workers", policy);
	is_int(client_get(d.port, "/200,0,x", &r), 200,
	    "%s: the address that stays", policy);

	/* The policy is the old master's. */
	heir_rewrite(&d, other, "workers 2\n");
	from = daemon_log_length(&d);
	old = heir_upgrade(&d);
	snprintf(text, sizeof(text), "balance: only a restart puts `%s' in "
	    "force; `%s' stays", other, policy);
	daemon_await_log(&d, text, from);
	snprintf(want, sizeof(want), "workers, balance %s", policy);
	daemon_await_log(&d, want, from);
	ok(1, "%s: `balance %s' needs a restart", policy, other);
	is_int(heir_wait(old), 0, "%s: the old one ends", policy);

	/* After all that, a stop is a stop. */
	daemon_signal(&d, SIGTERM);
	is_int(daemon_wait(&d), 0, "%s: TERM ends it", policy);
	ok(client_is_refused(&d.port), "%s: and the port refuses", policy);
	daemon_finish(&d, expected);
}

/* The file is locked all the time, by whoever is the master. */
static void
test_pid_file(void)
{
	static struct daemon x;
	char reasons[512] = "", file[128];

	heir_start(&d, "shared", "workers 1\n");
	heir_wait(heir_upgrade(&d));
	daemon_configure(&x, "workers 1\n");
	daemon_path(&d, "pid", file, sizeof(file));
	daemon_rewrite(&x, "listen 127.0.0.1:0\nuser nobody\nbalance shared\n"
	    "pid-file %s\n", file);
	run_reason(&x, reasons, sizeof(reasons), 4,
	    "pid-file: %s is held by process %d", file, (int)d.pid);
	run_is_refused(&x, reasons, "the pid file is held after an upgrade");
	daemon_signal(&d, SIGTERM);
	daemon_wait(&d);
	ok(access(file, F_OK) == -1, "and removed at the end");
	daemon_finish(&d, NULL);
}

/* What is in the environment by mistake. */
static void
test_variable(void)
{
	static const struct {
		const char *value, *error;
	} bad[] = {
		{ "x", "x: no value" },
		{ "pid=1", "pid: it is for another process" },
		{ "channel=77", "channel: no socket" },
		{ "channel=0", "channel: no socket" },
		{ "balance=best", "balance: no policy of this version" },
		{ "balance=idle", "it: something is missing" },
		{ "0=127.0.0.1:1", "0: no descriptor" },
		{ "77=127.0.0.1:1", "77: no descriptor" },
		{ "77=localhost", "77: no address" },
		{ "another=1", "it: something is missing" },
	};
	static struct run run;
	char want[128];
	size_t i;

	daemon_configure(&d, "workers 1\nbalance shared\n");
	daemon_start(&d);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		setenv("SPINDLED_UPGRADE", bad[i].value, 1);
		run_conf(&run, &d, NULL);
		snprintf(want, sizeof(want), "SPINDLED_UPGRADE: %s\n",
		    bad[i].error);
		is_string(run.err, want, "SPINDLED_UPGRADE=%s", bad[i].value);
		is_int(run.status, 1, "ends with status 1");
	}
	unsetenv("SPINDLED_UPGRADE");
	daemon_finish(&d, NULL);
}

int
main(void)
{
	const char *many = getenv("UPGRADES"), *program = getenv("SPINDLED");
	int n = many != NULL ? atoi(many) : torture_pick(3, 10);

	plan_no_plan();
	if (program == NULL)
		setenv("SPINDLED", daemon_program(), 1);
	test_variable();
	heir_open();
	test_load("idle", n);
	test_load("shared", n);
	test_load("hash", n);
	test_long_read("idle");
	test_long_read("shared");
	test_changes("shared", "hash");
	test_changes("idle", "shared");
	test_pid_file();
	return exit_status();
}
