/*
 * The addresses at which the status process is asked: they come and go at a
 * reload; what a dead daemon has left is replaced, and nothing else; and the
 * one by default.
 */
#include <sys/file.h>
#include <sys/stat.h>

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "t/admin.h"
#include "t/check.h"
#include "t/network.h"
#include "t/run.h"

#define CONF "balance shared\nworkers 2\n"

static struct daemon d;
static struct response r;

/* Addresses come and go at a reload, and a bad one changes nothing. */
static void
test_addresses(void)
{
	char path[128], text[192];
	int port, fd = network_port(0x7f000001, 0, &port), taken;
	size_t from;
	pid_t pid;

	daemon_rewrite(&d, CONF "admin unix:%s/admin\nadmin unix:%s/other\n"
	    "admin 127.0.0.1:%d\n", d.dir, d.dir, port);
	close(fd);
	daemon_reload(&d);
	is_int(admin_ask_port(port, "GET", "/healthz", "Host: localhost\r\n",
	    &r), 200, "an address is added");
	is_int(admin_ask_on(client_connect_file(daemon_path(&d, "other", path,
	    sizeof(path))), "GET", "/healthz", "Host: t\r\n", &r), 200,
	    "a socket is added");
	fd = network_port(0x7f000001, 1, &taken);
	from = daemon_log_length(&d);
	daemon_rewrite(&d, CONF "admin unix:%s/third\nadmin 127.0.0.1:%d\n",
	    d.dir, taken);
	daemon_reload(&d);
	snprintf(text, sizeof(text), "admin: 127.0.0.1:%d: the address is in "
	    "use", taken);
	daemon_await_log(&d, text, from);
	close(fd);
	is_int(admin_ask_port(port, "GET", "/healthz", "Host: localhost\r\n",
	    &r), 200, "a bad reload: the address stays");
	ok(access(daemon_path(&d, "third", path, sizeof(path)), F_OK) == -1,
	    "a bad reload: what it had opened is removed");
	/* Whoever else has the socket. */
	pid = admin_status_process(&d);
	kill(pid, SIGSTOP);
	admin_rewrite(&d, CONF);
	daemon_reload(&d);
	ok(client_is_refused(&port), "an address is removed");
	kill(pid, SIGCONT);
	ok(access(daemon_path(&d, "other", path, sizeof(path)), F_OK) == -1,
	    "a socket is removed");
	admin_shows(&d, "/healthz", "ok: ", "the one that stays");

	/* None at all, and again. */
	daemon_rewrite(&d, CONF "admin off\n");
	daemon_reload(&d);
	ok(access(daemon_path(&d, "admin", path, sizeof(path)), F_OK) == -1,
	    "off: no socket");
	admin_rewrite(&d, CONF);
	daemon_reload(&d);
	admin_shows(&d, "/healthz", "ok: ", "and on again");
}

/*
 * A master that is killed leaves its socket: the next one takes its place, but
 * only if nobody listens there.
 */
static void
test_stale(void)
{
	static struct daemon x;
	char path[128], reasons[512] = "";
	struct stat before, after;
	pid_t pid = admin_status_process(&d);

	daemon_path(&d, "admin", path, sizeof(path));
	daemon_configure(&x, CONF);
	daemon_rewrite(&x, "user nobody\nlisten 127.0.0.1:0\n" CONF
	    "admin unix:%s\n", path);
	stat(path, &before);
	run_reason(&x, reasons, sizeof(reasons), 5, "admin: unix:%s: the "
	    "address is in use, by another spindled or another program", path);
	run_is_refused(&x, reasons, "a socket that is in use");
	is_int(stat(path, &after), 0, "it is still there");
	is_int((long long)after.st_ino, (long long)before.st_ino,
	    "the same one");
	admin_shows(&d, "/healthz", "ok: ", "and answers");

	daemon_signal(&d, SIGKILL);
	daemon_wait(&d);
	ok(daemon_until(admin_status_is_gone, &pid),
	    "the status process ends with its master");
	is_int(access(path, F_OK), 0, "the socket is left over");
	daemon_start(&x);
	is_int(admin_ask_on(client_connect_file(path), "GET", "/healthz",
	    "Host: t\r\n", &r), 200, "the next daemon takes its place");
	/* What another one has put there is not ours to remove. */
	unlink(path);
	is_int(mkdir(path, 0700), 0, "somebody else takes the name");
	daemon_finish(&x, NULL);
	is_int(rmdir(path), 0, "and it is left alone");
	d.pid = 0;
	daemon_finish(&d, NULL);
}

/* What is there under the name and is no socket stays as it is. */
static void
test_no_socket(void)
{
	static struct daemon x;
	char path[128], reasons[512] = "";
	FILE *f;

	daemon_configure(&x, CONF);
	daemon_path(&x, "admin", path, sizeof(path));
	if ((f = fopen(path, "w")) == NULL || fclose(f) == EOF)
		err(1, "%s", path);
	daemon_rewrite(&x, "user nobody\nlisten 127.0.0.1:0\n" CONF
	    "admin unix:%s\n", path);
	run_reason(&x, reasons, sizeof(reasons), 5, "admin: unix:%s: it is "
	    "there, and is no socket", path);
	run_is_refused(&x, reasons, "no socket");
	is_int(access(path, F_OK), 0, "it is left alone");
}

/* Anybody who may read the directory can lock it. */
static void
test_locked(void)
{
	int fd;

	daemon_configure(&d, CONF);
	if ((fd = open(d.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1 ||
	    flock(fd, LOCK_EX | LOCK_NB) == -1)
		err(1, "%s", d.dir);
	admin_rewrite(&d, CONF);
	daemon_start(&d);
	daemon_await_log(&d, "locked, which is not waited for", 0);
	admin_shows(&d, "/healthz", "ok: ", "locked");
	daemon_finish(&d, (const char *const[]){ "locked", NULL });
	close(fd);
}

/* Under a service manager the socket is in the directory that it made. */
static void
test_default(void)
{
	static const char left_out[] = "; this default is left out";
	char path[128], dirs[160];

	daemon_configure(&d, CONF);
	snprintf(dirs, sizeof(dirs), "%s:/nowhere", d.dir);
	setenv("RUNTIME_DIRECTORY", dirs, 1);
	daemon_start(&d);
	is_int(admin_ask_on(client_connect_file(daemon_path(&d,
	    "spindled.admin", path, sizeof(path))), "GET", "/healthz",
	    "Host: t\r\n", &r), 200, "default: it answers");
	daemon_rewrite(&d, CONF "admin off\n");
	daemon_reload(&d);
	is_int(access(path, F_OK), -1, "default: off is off");
	daemon_finish(&d, NULL);

	/* One that cannot be is done without: nobody has asked for it. */
	setenv("RUNTIME_DIRECTORY", "/spindled-test-nowhere", 1);
	daemon_configure(&d, CONF);
	daemon_start(&d);
	daemon_await_log(&d, "spindled.admin: No such file or directory; this "
	    "default is left out", 0);
	is_int(client_get(d.port, "/200,0,x", NULL), 200,
	    "default: it serves without");
	is_int(daemon_status_process(&d, -1), 0,
	    "default: and there is no status process");
	daemon_finish(&d, (const char *const[]){ left_out, NULL });
	unsetenv("RUNTIME_DIRECTORY");
}

int
main(void)
{
	static const char *const expected[] = {
		"in use", "reload: 1 error", NULL
	};

	plan_no_plan();
	admin_start(&d, CONF);
	test_addresses();
	daemon_finish(&d, expected);
	admin_start(&d, CONF);
	test_stale();
	test_no_socket();
	test_locked();
	test_default();
	return exit_status();
}
