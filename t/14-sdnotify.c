/*
 * The service manager's protocol, with this test as the service manager.
 */
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/sdnotify.h"
#include "t/check.h"
#include "t/scratch.h"

/* Longest text that a send takes, without its NUL. */
#define LONGEST		1023

/* Room in sun_path, its NUL included. */
#define SUN_PATH	sizeof(((struct sockaddr_un *)NULL)->sun_path)

/* Long before this many datagrams wait unread, the kernel takes no more. */
#define FLOOD		100000

/* Ends a test that hangs, which none of these may. */
#define PATIENCE_S	60

/*
 * A socket of the type at the name, in NOTIFY_SOCKET's notation.  An empty
 * name lets the kernel choose an abstract one, which is put into chosen.
 */
static int
listen_at(const char *name, int type, char *chosen)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
	    strlen(name));
	int fd;

	memcpy(sun.sun_path, name, strlen(name));
	if (name[0] == '@')
		sun.sun_path[0] = '\0';
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (fd == -1 || bind(fd, (struct sockaddr *)&sun, len) == -1)
		err(1, "bind to \"%s\"", name);
	len = sizeof(sun);
	if (getsockname(fd, (struct sockaddr *)&sun, &len) == -1)
		err(1, "getsockname");
	if (chosen != NULL)
		snprintf(chosen, SUN_PATH, "@%.*s", (int)(len -
		    offsetof(struct sockaddr_un, sun_path) - 1),
		    sun.sun_path + 1);
	return fd;
}

static int
open_at(const char *name)
{
	setenv("NOTIFY_SOCKET", name, 1);
	errno = EIO;
	return sdnotify_open();
}

/* The next message, or "(nothing)": it is there already, or never comes. */
static const char *
received(int manager)
{
	static char buf[4096];
	ssize_t n = recv(manager, buf, sizeof(buf) - 1, MSG_DONTWAIT);

	if (n == -1)
		return "(nothing)";
	buf[n] = '\0';
	return strlen(buf) == (size_t)n ? buf : "(a NUL)";
}

static void
test_absent(void)
{
	unsetenv("NOTIFY_SOCKET");
	errno = EIO;
	is_int(sdnotify_open(), -1, "without NOTIFY_SOCKET nothing opens");
	is_int(errno, 0, "and nothing went wrong");
	is_int(sdnotify_send(-1, "READY=1"), 0, "nor does in a send");
}

static void
test_refused(const char *name, int error, const char *what)
{
	int fd = open_at(name);

	is_int(fd, -1, "NOTIFY_SOCKET: %s", what);
	is_int(errno, error, "%s: %s", what, strerror(error));
	if (fd != -1)
		close(fd);
}

static void
test_bad_names(void)
{
	char name[SUN_PATH + 1];

	test_refused("", EINVAL, "an empty name");
	test_refused("/", EINVAL, "a bare slash");
	test_refused("@", EINVAL, "a bare @");
	test_refused("notify", EINVAL, "a relative name");
	test_refused("./notify", EINVAL, "a name that begins with a dot");
	test_refused("vsock:2:1234", EINVAL, "another kind of address");
	memset(name, 'x', SUN_PATH);
	name[SUN_PATH] = '\0';
	name[0] = '/';
	test_refused(name, EINVAL, "a file name that is too long");
	name[0] = '@';
	test_refused(name, EINVAL, "an abstract name that is too long");
}

static void
test_nobody_there(void)
{
	const char *path;
	char name[SUN_PATH];

	test_refused(scratch_path("missing"), ENOENT, "a file that is missing");
	path = scratch_write("plain", "", 0);
	test_refused(path, ECONNREFUSED, "a plain file");
	path = scratch_path("left");
	close(listen_at(path, SOCK_DGRAM, NULL));
	test_refused(path, ECONNREFUSED, "a socket that nobody holds");
	close(listen_at("", SOCK_DGRAM, name));
	test_refused(name, ECONNREFUSED, "an abstract one that is gone");
}

static void
test_stream(void)
{
	int manager = listen_at(scratch_path("stream"), SOCK_STREAM, NULL);

	test_refused(scratch_path("stream"), EPROTOTYPE, "a stream socket");
	close(manager);
}

static void
test_messages(int manager, const char *name, const char *kind)
{
	int fd = open_at(name);

	if (!ok(fd != -1, "%s opens", kind))
		return;
	ok(fcntl(fd, F_GETFD) & FD_CLOEXEC, "%s: closed in what we start",
	    kind);
	is_int(sdnotify_send(fd, "READY=1"), 0, "%s: a line is sent", kind);
	is_string(received(manager), "READY=1", "%s: and arrives", kind);
	is_int(sdnotify_send(fd, "%sSTATUS=%d workers, %s", "STOPPING=1\n", 64,
	    "100% idle"), 0, "%s: two lines are sent", kind);
	is_string(received(manager), "STOPPING=1\nSTATUS=64 workers, 100% idle",
	    "%s: and arrive as one message", kind);
	is_string(received(manager), "(nothing)", "%s: that was all", kind);
	close(fd);
}

static void
test_kinds(void)
{
	char name[SUN_PATH];
	const char *path = scratch_path("notify");
	int manager;

	manager = listen_at(path, SOCK_DGRAM, NULL);
	test_messages(manager, path, "a file");
	close(manager);
	manager = listen_at("", SOCK_DGRAM, name);
	test_messages(manager, name, "an abstract name");
	close(manager);

	/* The longest names: the NUL that a file's has still has its room. */
	memset(name, 'x', SUN_PATH - 1);
	name[SUN_PATH - 1] = '\0';
	memcpy(name, scratch_path(""), strlen(scratch_path("")));
	manager = listen_at(name, SOCK_DGRAM, NULL);
	test_messages(manager, name, "a file's longest name");
	close(manager);
	snprintf(name, sizeof(name), "@%0*d", (int)SUN_PATH - 2, (int)getpid());
	manager = listen_at(name, SOCK_DGRAM, NULL);
	test_messages(manager, name, "the longest abstract name");
	close(manager);
}

static void
test_lengths(void)
{
	const char *path = scratch_path("lengths");
	int manager = listen_at(path, SOCK_DGRAM, NULL), fd = open_at(path);
	char text[LONGEST + 2];

	memset(text, 'x', sizeof(text));
	text[LONGEST + 1] = '\0';
	errno = 0;
	is_int(sdnotify_send(fd, "%s", text), -1, "%d bytes are too many",
	    LONGEST + 1);
	is_int(errno, EMSGSIZE, "which errno says");
	is_string(received(manager), "(nothing)", "no part of them is sent");
	text[LONGEST] = '\0';
	is_int(sdnotify_send(fd, "%s", text), 0, "%d bytes are not", LONGEST);
	is_string(received(manager), text, "all of them arrive");
	close(fd);
	close(manager);
}

/* A manager that is stuck must not stop the daemon, nor one that dies. */
static void
test_no_reader(void)
{
	const char *path = scratch_path("deaf");
	int manager = listen_at(path, SOCK_DGRAM, NULL), fd = open_at(path);
	int sent = 0;

	while (sent < FLOOD && sdnotify_send(fd, "WATCHDOG=1") == 0)
		sent++;
	ok(sent > 0 && sent < FLOOD && errno == EAGAIN,
	    "a manager that does not read loses messages (%d wait, %s)", sent,
	    strerror(errno));
	is_string(received(manager), "WATCHDOG=1", "it reads one");
	is_int(sdnotify_send(fd, "WATCHDOG=1"), 0, "there is room for one");
	close(manager);
	is_int(sdnotify_send(fd, "WATCHDOG=1"), -1, "the manager dies");
	is_int(errno, ECONNREFUSED, "the sender does not");
	close(fd);
}

/* What both variables make of the watchdog; NULL: one is not there. */
static int64_t
watchdog(const char *usec, const char *pid)
{
	if (usec == NULL)
		unsetenv("WATCHDOG_USEC");
	else
		setenv("WATCHDOG_USEC", usec, 1);
	if (pid == NULL)
		unsetenv("WATCHDOG_PID");
	else
		setenv("WATCHDOG_PID", pid, 1);
	return sdnotify_watchdog();
}

static void
test_watchdog_times(void)
{
	static const struct {
		const char *usec;
		int64_t want;
	} cases[] = {
		{ NULL, 0 },
		{ "1", CLOCK_US },
		{ "500000", 500 * CLOCK_MS },
		{ "30000000", 30 * CLOCK_S },
		{ "9223372036854775", INT64_MAX - 807 },
		{ "9223372036854776", 0 },
		{ "9223372036854775807", 0 },
		{ "18446744073709551616", 0 },
		{ "18446744073709551615", 0 },	/* systemd's infinity */
		{ "", 0 },
		{ "0", 0 },
		{ "-1", 0 },
		{ "30s", 0 },
		{ "1e6", 0 },
		{ "1.5", 0 },
		{ "infinity", 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		is_int(watchdog(cases[i].usec, NULL), cases[i].want,
		    "WATCHDOG_USEC %s", cases[i].usec == NULL ? "is not there" :
		    cases[i].usec);
}

static void
test_watchdog_pids(void)
{
	static const char *const others[] = {
		"", "0", "-1", "self", "1x", "99999999999", "4294967297"
	};
	char pid[32];
	size_t i;

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	is_int(watchdog("2000", pid), 2 * CLOCK_MS, "WATCHDOG_PID is ours");
	is_int(watchdog(NULL, pid), 0, "but without WATCHDOG_USEC");
	snprintf(pid, sizeof(pid), "%d", (int)getppid());
	is_int(watchdog("2000", pid), 0, "WATCHDOG_PID is our parent's");
	snprintf(pid, sizeof(pid), "%dx", (int)getpid());
	is_int(watchdog("2000", pid), 0, "WATCHDOG_PID is ours and garbage");
	snprintf(pid, sizeof(pid), "%" PRIu64, ((uint64_t)1 << 32) +
	    (uint64_t)getpid());
	is_int(watchdog("2000", pid), 0, "WATCHDOG_PID is ours and 2^32");
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		is_int(watchdog("2000", others[i]), 0, "WATCHDOG_PID \"%s\"",
		    others[i]);
}

/* Who inherits the variables is not whom the manager watches. */
static void
test_watchdog_child(void)
{
	char pid[32];
	int status = -1;
	pid_t child;

	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	is_int(watchdog("2000", pid), 2 * CLOCK_MS, "we are watched");
	if ((child = fork()) == -1)
		err(1, "fork");
	if (child == 0)
		_exit(sdnotify_watchdog() == 0 ? 0 : 1);
	waitpid(child, &status, 0);
	is_int(status, 0, "our child is not");
}

int
main(void)
{
	plan_no_plan();
	alarm(PATIENCE_S);
	test_absent();
	test_bad_names();
	test_nobody_there();
	test_stream();
	test_kinds();
	test_lengths();
	test_no_reader();
	test_watchdog_times();
	test_watchdog_pids();
	test_watchdog_child();
	return exit_status();
}
