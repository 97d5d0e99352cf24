/*
 * The status process' life: it is killed, replaced at a reload and at an
 * upgrade, and confined; and what it answers when every worker is stuck.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "server/seccomp.h"
#include "t/admin.h"
#include "t/check.h"
#include "t/heir.h"
#include "t/privileges.h"
#include "t/reader.h"
#include "t/stuck.h"

#define CONF "balance shared\nworkers 2\n"
#define STUCK 6

static struct daemon d;
static struct response r;

/* For daemon_until: a status process that is not this one answers. */
static int
is_another(void *arg)
{
	return daemon_status_process(&d, *(pid_t *)arg) != 0;
}

/* A stream of events: what has come of it. */
static char events[1 << 20];
static size_t nevents;

static int
has_events(int fd, const char *text)
{
	int64_t deadline = clock_mono() + DAEMON_PATIENCE_MS * CLOCK_MS;
	ssize_t n = 1;

	while (strstr(events, text) == NULL && n > 0 &&
	    nevents < sizeof(events) - 1 && clock_mono() < deadline) {
		n = recv(fd, events + nevents, sizeof(events) - 1 - nevents,
		    0);
		if (n > 0)
			nevents += (size_t)n;
		events[nevents] = '\0';
	}
	return strstr(events, text) != NULL;
}

static int
open_events(void)
{
	int fd = admin_connect(&d);

	nevents = 0;
	events[0] = '\0';
	client_send(fd, "GET /events HTTP/1.1\r\nHost: t\r\n\r\n", 34);
	return fd;
}

/* Ticks in the history that a new stream begins with. */
static unsigned int
history(void)
{
	int fd = open_events();
	const char *p = events;
	unsigned int n = 0;

	has_events(fd, "]}\n\n");
	close(fd);
	while ((p = strstr(p, "{\"t\":")) != NULL) {
		p++;
		n++;
	}
	return n;
}

static int
history_is_long(void *arg)
{
	return history() >= *(unsigned int *)arg;
}

static void
test_events(void)
{
	int fd = open_events();

	ok(has_events(fd, "\nevent: tick\ndata: {\"t\":"), "a tick comes");
	has_string(events, "HTTP/1.1 200 OK\r\n", "the stream is a reply");
	has_string(events, "\r\nContent-Type: text/event-stream\r\n",
	    "its type");
	ok(strstr(events, "Content-Length") == NULL, "it has no length");
	has_string(events, "\r\n\r\nevent: history\ndata: {\"interval\":1,"
	    "\"rows\":[", "the history comes first");
	has_string(strstr(events, "event: tick"), "\"slots\":\"__\"",
	    "a tick has the slots");
	close(fd);
}

static void
test_killed(void)
{
	unsigned int want = 2;
	pid_t pid = admin_status_process(&d);
	char text[128];
	size_t from;

	ok(daemon_until(history_is_long, &want), "a history of two ticks");
	from = daemon_log_length(&d);
	kill(pid, SIGKILL);
	snprintf(text, sizeof(text), "status process (pid %d) was killed by "
	    "signal 9 (Killed); the next one starts", (int)pid);
	daemon_await_log(&d, text, from);
	ok(daemon_until(is_another, &pid), "killed: another one comes");
	ok(history() >= want, "killed: the history is kept");
	is_int(client_get(d.port, "/200,0,x", NULL), 200,
	    "killed: workers know nothing of it");
	admin_does(&d, "/workers?n=2", 200, "workers: 2 wanted", "killed");
	is_int((long long)daemon_workers(&d, (pid_t[8]){ 0 }, 8), 2,
	    "killed: nobody is taken for a worker");
}

/* What it was sent while it was stopped, it answers later. */
static void
test_stopped(void)
{
	pid_t pid = admin_status_process(&d);
	int fd = admin_connect(&d);

	kill(pid, SIGSTOP);
	client_send(fd, "GET /healthz HTTP/1.0\r\n\r\n", 25);
	is_int(client_get(d.port, "/200,0,x", NULL), 200,
	    "stopped: workers serve");
	daemon_reload(&d);
	kill(pid, SIGCONT);
	client_receive(fd, &r, 1);
	is_int(r.status, 200, "stopped: nothing is lost over a reload");
	close(fd);
}

/* Who is connected when another process takes over is answered, too. */
static void
test_reload(void)
{
	pid_t pid = admin_status_process(&d), other = pid;
	int fd = admin_connect(&d), stream = open_events();

	ok(has_events(stream, "event: history"), "reload: a stream");
	client_send(fd, "GET /heal", 9);
	admin_does(&d, "/reload", 200, "reload: 2 workers to take over",
	    "reload");
	daemon_await_notify(&d, "RELOADING=1");
	daemon_await_notify(&d, "READY=1");
	ok(daemon_until(is_another, &other), "reload: another process");
	client_send(fd, "thz HTTP/1.0\r\n\r\n", 16);
	client_receive(fd, &r, 1);
	is_int(r.status, 200, "reload: half a request is answered");
	close(fd);
	while (recv(stream, events, sizeof(events), 0) > 0)
		continue;
	ok(client_closed(stream), "reload: the stream ends");
	close(stream);
	ok(daemon_until(admin_status_is_gone, &pid), "reload: the old one ends");
	admin_shows(&d, "/healthz", "ok: ", "reload");
}

/* How many places of its memory it could write that others have as well. */
static size_t
shared_places(pid_t pid)
{
	char path[64], line[512];
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	if ((f = fopen(path, "r")) == NULL)
		err(1, "%s", path);
	while (fgets(line, sizeof(line), f) != NULL)
		n += strstr(line, " rw-s ") != NULL;
	fclose(f);
	return n;
}

/*
 * Every worker is in a read that never ends: whoever looks is answered, and by
 * somebody else.
 */
static void
test_all_stuck(void)
{
	static const char *const targets[] = {
		"/healthz", "/metrics", "/status.json", "/status", "/",
		"/disks/sick"
	};
	int fds[STUCK], status, i;
	int64_t begun;
	size_t k;

	admin_start(&d, "balance shared\nworkers 6\nstuck-after 100ms\n"
	    "disk sick { read hang }\n");
	for (i = 0; i < STUCK; i++)
		fds[i] = reader_ask(&d, "/sick/x");
	daemon_await_reading(&d, STUCK);
	for (k = 0; k < sizeof(targets) / sizeof(targets[0]); k++) {
		begun = clock_mono();
		status = admin_ask(&d, "GET", targets[k], &r);
		diag("all stuck: %s took %.2f ms", targets[k],
		    (double)(clock_mono() - begun) / CLOCK_MS);
		ok(status == 200 || (k == 0 && status == 503),
		    "all stuck: %s is answered", targets[k]);
	}
	/* It says so once nobody has been taken for a second. */
	while (admin_ask(&d, "GET", "/healthz", &r) == 200)
		continue;
	is_int(r.status, 503, "all stuck: not well");
	has_string(r.body, "no worker has taken a connection for ",
	    "all stuck: why");
	has_string(r.body, "6 on disk sick", "all stuck: where");
	admin_does(&d, "/workers?n=7", 200, "workers: 7 wanted", "all stuck");
	is_int(client_get(d.port, "/200,0,x", NULL), 200,
	    "all stuck: one more worker serves");
	for (i = 0; i < STUCK; i++) {
		is_int(recv(fds[i], &status, 1, MSG_DONTWAIT), -1,
		    "all stuck: read %d is still unanswered", i);
		close(fds[i]);
	}
	daemon_rewrite(&d, "balance shared\nstop-timeout 0\n");
	daemon_reload(&d);
	daemon_finish(&d, (const char *const[]){ "workers are killed", NULL });
}

/* The new master's process answers where the old one's did. */
static void
test_upgrade(void)
{
	char extra[256], path[128];
	struct stat before, after;
	pid_t old, status;
	int fd, i, lost = 0;

	if (heir_start(&d, "shared", "workers 2\n") == -1)
		return;
	snprintf(extra, sizeof(extra), "workers 2\nadmin unix:%s/admin\n",
	    d.dir);
	heir_rewrite(&d, "shared", extra);
	daemon_reload(&d);
	status = admin_status_process(&d);
	stat(daemon_path(&d, "admin", path, sizeof(path)), &before);
	fd = admin_connect(&d);
	client_send(fd, "GET /healthz HT", 15);
	old = heir_upgrade(&d);
	for (i = 0; i < 20; i++)
		lost += admin_ask(&d, "GET", "/healthz", &r) == 0;
	client_send(fd, "TP/1.0\r\n\r\n", 10);
	client_receive(fd, &r, 1);
	ok(r.status == 200 || r.status == 503,
	    "upgrade: half a request is answered");
	close(fd);
	is_int(lost, 0, "upgrade: nobody is refused");
	is_int(heir_wait(old), 0, "upgrade: the old one ends");
	ok(daemon_until(admin_status_is_gone, &status),
	    "upgrade: and its status process");
	is_int(stat(path, &after), 0, "upgrade: the socket is there");
	is_int((long long)after.st_ino, (long long)before.st_ino,
	    "upgrade: the same one");

	/* By the status process itself. */
	old = d.pid;
	admin_does(&d, "/upgrade", 200, "the new program is started; it takes "
	    "over once it is ready", "upgrade");
	daemon_await_notify(&d, "MAINPID=");
	daemon_await_notify(&d, "READY=1");
	d.pid = heir_pid(&d);
	ok(d.pid != old && d.pid > 1, "upgrade: another one");
	is_int(heir_wait(old), 0, "upgrade: the old one ends");
	admin_shows(&d, "/healthz", "ok: ", "upgrade");

	/* One that fails changes nothing. */
	heir_program(&d, "#!/bin/sh\nexit 3\n");
	admin_does(&d, "/upgrade", 200, "the new program is started; it takes "
	    "over once it is ready", "a failed upgrade");
	daemon_await_log(&d, "exited with status 3", 0);
	admin_shows(&d, "/healthz", "ok: ", "a failed upgrade");
	is_int(stat(path, &after), 0, "a failed upgrade: the socket");
	is_int((long long)after.st_ino, (long long)before.st_ino,
	    "a failed upgrade: the same one");
	heir_real_program(&d);
	/* An address that the new one does not want goes. */
	heir_rewrite(&d, "shared", "workers 2\n");
	heir_wait(heir_upgrade(&d));
	is_int(access(path, F_OK), -1, "upgrade: an address is removed");
	daemon_finish(&d, (const char *const[]){ "upgrade: ", NULL });
}

static void
test_confined(void)
{
	const int filter = seccomp_probe() == 0 && !stuck_kernel();
	const char *confined = filter ? "confine all\n" : "";
	char text[256], got[PRIVILEGES_TEXT];
	pid_t pid;

	snprintf(text, sizeof(text), CONF "%s", confined);
	admin_start(&d, text);
	pid = admin_status_process(&d);
	admin_shows(&d, "/healthz", "ok: ", "confined");
	is_int(privileges_number(pid, "NoNewPrivs", 10), 1,
	    "confined: no_new_privs");
	if (filter)
		is_int(privileges_number(pid, "Seccomp", 10), 2,
		    "confined: seccomp");
	else
		skip(1, "seccomp is not in this kernel");
	is_int(privileges_capabilities(pid), 0, "confined: no capability");
	if (geteuid() == 0) {
		privileges_field(pid, "Uid", got, sizeof(got));
		ok(strstr(got, " 0") == NULL, "confined: not root:%s", got);
	}
	/* The master reads one, and the error log's lines are told apart. */
	is_int((long long)shared_places(pid), 2,
	    "confined: what it may write that others see");
	/* All that it does is in its table. */
	admin_shows(&d, "/status.json", "\"version\":1", "confined");
	admin_shows(&d, "/metrics", "spindled_workers", "confined");
	admin_shows(&d, "/", "<!doctype html>", "confined");
	test_events();
	admin_does(&d, "/disks/default/condition?name=schedule", 200,
	    "disk default: back to its schedule", "confined");
	is_int(admin_ask_port(admin_port(&d), "GET", "/healthz",
	    "Host: localhost\r\n", &r), 200, "confined: by TCP");
	admin_does(&d, "/reload", 200, "reload: 2 workers to take over",
	    "confined");
	ok(daemon_until(is_another, &pid), "confined: a reload");
	ok(daemon_until(admin_status_is_gone, &pid), "confined: the old one ends");
	daemon_finish(&d, NULL);
}

/* Where so many workers may come that none of them has a filter. */
static void
test_confined_alone(void)
{
	pid_t worker;

	if (seccomp_probe() == -1 || stuck_kernel()) {
		skip(3, "seccomp is not in this kernel");
		return;
	}
	admin_start(&d, "balance shared\nworkers 1 max 257 spare 1\n"
	    "confine all\n");
	daemon_workers(&d, &worker, 1);
	is_int(privileges_number(worker, "Seccomp", 10), 0,
	    "many: a worker has no seccomp filter");
	is_int(privileges_number(admin_status_process(&d), "Seccomp", 10), 2,
	    "many: the status process has");
	admin_shows(&d, "/healthz", "ok: ", "many");
	daemon_finish(&d, NULL);
}

int
main(void)
{
	static const char *const expected[] = {
		"status process", NULL
	};

	plan_no_plan();
	if (getenv("SPINDLED") == NULL)
		setenv("SPINDLED", daemon_program(), 1);
	admin_start(&d, CONF);
	test_events();
	test_killed();
	test_stopped();
	test_reload();
	daemon_finish(&d, expected);
	test_confined();
	test_confined_alone();
	test_all_stuck();
	heir_open();
	test_upgrade();
	return exit_status();
}
