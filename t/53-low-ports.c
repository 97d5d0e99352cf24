/*
 * Ports below 1024, which are free in a network of our own: masters that may
 * have one, whose workers then have no privilege, and masters that may not.
 */
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "t/become.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"
#include "t/network.h"
#include "t/privileges.h"
#include "t/text.h"

#define WORKERS 3

static struct daemon d;
static pid_t workers[WORKERS];

/* Sockets that listen on a port of this network. */
static int
listening(int port)
{
	unsigned int local, state;
	char line[256];
	int n = 0;
	FILE *f;

	if ((f = fopen("/proc/net/tcp", "r")) == NULL)
		err(1, "/proc/net/tcp");
	while (fgets(line, sizeof(line), f) != NULL)
		n += sscanf(line, "%*d: %*x:%x %*x:%*x %x", &local, &state) ==
		    2 && (int)local == port && state == 0x0a;
	fclose(f);
	return n;
}

struct respawn {
	const pid_t *old;	/* who was killed */
	int listening;		/* sockets that there shall be */
};

/* Nobody of the old ones is there, and the new ones have dropped all. */
static int
all_replaced(void *arg)
{
	const struct respawn *r = arg;
	pid_t now[WORKERS + 1];
	char uid[64];
	size_t i, j;

	if (daemon_workers(&d, now, WORKERS + 1) != WORKERS ||
	    listening(80) != r->listening)
		return 0;
	for (i = 0; i < WORKERS; i++) {
		for (j = 0; j < WORKERS; j++)
			if (now[i] == r->old[j])
				return 0;
		privileges_field(now[i], "CapPrm", uid, sizeof(uid));
		if (strcmp(uid, " 0000000000000000") != 0)
			return 0;
	}
	return 1;
}

/* Any worker answers, whichever the kernel picks. */
static int
serves(void)
{
	int i, good = 0;

	for (i = 0; i < 30; i++)
		good += client_get(80, "/200,0,x", NULL) == 200;
	return good;
}

/* As many listeners as there shall be: a worker's own come and go. */
static int
all_listening(void *arg)
{
	const struct respawn *r = arg;

	return listening(80) == r->listening;
}

static int
listeners_of(const char *balance)
{
	if (strcmp(balance, "hash") == 0)
		return WORKERS;
	return strcmp(balance, "idle") == 0 ? WORKERS + 1 : 1;
}

static void
test_low_port(const char *who, const char *balance)
{
	static const char *const expected[] = {
		"was killed by signal 9 (Killed); it is replaced",
		"shared is in force", NULL
	};
	struct respawn r = {
		.old = workers, .listening = listeners_of(balance)
	};
	char what[64];
	size_t i;

	snprintf(what, sizeof(what), "port 80, %s, %s",
	    who == NULL ? "root" : who, balance);
	become(who);
	daemon_configure(&d, "user nobody\nlisten 127.0.0.1:80\nbalance %s\n"
	    "workers %d\n", balance, WORKERS);
	daemon_start(&d);
	/* Without CAP_BPF, that is the policy. */
	if (daemon_has_logged(&d, expected[1]))
		r.listening = listeners_of("shared");
	privileges_of_nobodies(&d, workers, WORKERS, what);
	ok(daemon_until(all_listening, &r), "%s: listeners", what);
	is_int(serves(), 30, "%s: serves", what);

	for (i = 0; i < WORKERS; i++)
		kill(workers[i], SIGKILL);
	ok(daemon_until(all_replaced, &r), "%s: killed workers are replaced",
	    what);
	privileges_of_nobodies(&d, workers, WORKERS, what);
	is_int(serves(), 30, "%s: and so is what they did", what);
	daemon_finish(&d, expected);
	become(NULL);
}

static void
test_ambient(void)
{
	static const char bind_only[] = " 0000000000000400";
	static const char *const names[] = { "CapPrm", "CapEff", "CapAmb" };
	char got[64];
	size_t i;

	become("nobody who may bind");
	daemon_configure(&d, "user nobody\nlisten 127.0.0.1:80\n"
	    "balance hash\nworkers %d\n", WORKERS);
	daemon_start(&d);
	for (i = 0; i < 3; i++)
		is_string(privileges_field(d.pid, names[i], got, sizeof(got)),
		    bind_only, "the master's %s is what it was given",
		    names[i]);
	daemon_finish(&d, NULL);
	become(NULL);
}

/* All that the daemon has said, without what a test of ours may add. */
static void
check_refused(int port)
{
	char got[1024], want[1024];
	int status;

	daemon_configure(&d, "user nobody\nlisten 127.0.0.1:%d\n"
	    "balance shared\n", port);
	daemon_launch(&d);
	status = daemon_wait(&d);
	is_int(WIFEXITED(status) ? WEXITSTATUS(status) : -status, 2,
	    "no port below 1024 without the capability");
	text_read(d.log, got, sizeof(got));
	snprintf(want, sizeof(want), "%s:2: listen 127.0.0.1:%d: permission "
	    "denied: a port below 1024 needs root or CAP_NET_BIND_SERVICE\n",
	    d.conf, port);
	is_string(got, want, "with the reason");
	daemon_finish(&d, NULL);
}

static int
unprivileged_from(void)
{
	int port = 1024;
	FILE *f;

	f = fopen("/proc/sys/net/ipv4/ip_unprivileged_port_start", "r");
	if (f != NULL) {
		if (fscanf(f, "%d", &port) != 1)
			port = 1024;
		fclose(f);
	}
	return port;
}

static void
test_refused(int port)
{
	if (unprivileged_from() <= port) {
		skip(4, "port %d is anybody's on this machine", port);
		return;
	}
	if (geteuid() == 0)
		become("nobody");
	check_refused(port);
	become(NULL);
}

static void
test_as_root(void)
{
	if (network_own() == -1) {
		skip(1, "no network of our own: %s", strerror(errno));
		return;
	}
	test_low_port(NULL, "shared");
	test_low_port(NULL, "hash");
	test_low_port(NULL, "idle");
	test_low_port("nobody who may bind", "shared");
	test_low_port("nobody who may bind", "hash");
	test_ambient();
}

int
main(int argc, char *argv[])
{
	(void)argc;
	become_launch(argv);
	if (getpwnam("nobody") == NULL)
		plan_skip_all("there is no user nobody");
	plan_no_plan();
	if (geteuid() == 0)
		test_as_root();
	else
		skip(1, "not root: the masters that are root");
	/* Last: a network of our own has the system's default. */
	test_refused(geteuid() == 0 ? 80 : 1);
	return exit_status();
}
