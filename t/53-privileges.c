/*
 * Privileges: what a worker has left of its master's, which is nothing, and
 * what a master without root can and cannot do.
 *
 * To start the daemon as somebody else, this program is the daemon's program
 * for the harness: started under that name, it becomes whom $T_BECOME names,
 * and then executes $T_PROGRAM, the real one.
 */

#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <net/if.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"

#define WORKERS 3

/* A process as /proc/PID/status shows it. */
#define FIELDS 512

static struct daemon d;
static pid_t workers[WORKERS];

/* What this program has said to itself, or the harness. */
static const char *
environment(const char *name)
{
	const char *value = getenv(name);

	if (value == NULL)
		errx(126, "%s is not set", name);
	return value;
}

/* Becoming somebody, in a process of the daemon's own. */

static void
become_nobody(int keep_bind)
{
	const struct passwd *pw = getpwnam("nobody");
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (pw == NULL || (keep_bind && prctl(PR_SET_KEEPCAPS, 1) == -1) ||
	    setgroups(1, &pw->pw_gid) == -1 ||
	    setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) == -1 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) == -1)
		err(126, "becoming nobody");
	/* The change of user has cleared what the harness asked for. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1)
		err(126, "PR_SET_PDEATHSIG");
	if (!keep_bind)
		return;
	memset(data, 0, sizeof(data));
	data[0].permitted = data[0].effective = data[0].inheritable =
	    1u << CAP_NET_BIND_SERVICE;
	if (syscall(SYS_capset, &header, data) == -1 ||
	    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_BIND_SERVICE,
	    0, 0) == -1)
		err(126, "keeping CAP_NET_BIND_SERVICE");
}

_Noreturn static void
launch(char *argv[])
{
	static const gid_t many[] = { 0, 4, 27 };
	const char *program = environment("T_PROGRAM");
	const char *who = environment("T_BECOME");
	int fd;

	/* Opened as root, for nobody may not reach where it lies. */
	if ((fd = open(program, O_PATH | O_CLOEXEC)) == -1)
		err(126, "%s", program);
	if (strcmp(who, "root in many groups") == 0) {
		if (setgroups(3, many) == -1)
			err(126, "setgroups");
	} else {
		become_nobody(strcmp(who, "nobody who may bind") == 0);
	}
	fexecve(fd, argv, environ);
	err(126, "%s", program);
}

/* The daemons from now on are started as this; NULL: as this process. */
static void
start_as(const char *who)
{
	if (who == NULL) {
		unsetenv("T_BECOME");
		setenv("SPINDLED", environment("T_PROGRAM"), 1);
		return;
	}
	setenv("T_BECOME", who, 1);
	setenv("SPINDLED", "/proc/self/exe", 1);
}

/* Looking at processes. */

/* A field of /proc/PID/status, blanks made one; "" when it is not there. */
static char *
status_field(pid_t pid, const char *name, char *buf, size_t size)
{
	char path[64], line[1024], *word, *rest;
	size_t len = strlen(name);
	FILE *f;

	buf[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	if ((f = fopen(path, "r")) == NULL)
		return buf;
	while (fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, name, len) != 0 || line[len] != ':')
			continue;
		rest = line + len + 1;
		while ((word = strsep(&rest, " \t\n")) != NULL)
			if (word[0] != '\0') {
				strlcat(buf, " ", size);
				strlcat(buf, word, size);
			}
	}
	fclose(f);
	return buf;
}

static void
read_privileges(pid_t pid, char *buf)
{
	static const char *const names[] = {
		"Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapAmb"
	};
	char value[256];
	size_t i;

	buf[0] = '\0';
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		strlcat(buf, names[i], FIELDS);
		strlcat(buf, status_field(pid, names[i], value,
		    sizeof(value)), FIELDS);
		strlcat(buf, "\n", FIELDS);
	}
}

/* Those of a process that is uid and gid and nothing else. */
static void
no_privileges(uid_t u, gid_t g, const char *groups, char *buf)
{
#define NONE "0000000000000000"
	snprintf(buf, FIELDS, "Uid %u %u %u %u\nGid %u %u %u %u\nGroups%s\n"
	    "CapInh " NONE "\nCapPrm " NONE "\nCapEff " NONE "\nCapAmb " NONE
	    "\n", u, u, u, u, g, g, g, g, groups);
#undef NONE
}

/* Each worker is uid and gid, and has no other group. */
static void
check_workers(uid_t uid, gid_t gid, const char *what)
{
	char got[FIELDS], want[FIELDS], group[32];
	size_t i;

	snprintf(group, sizeof(group), " %u", gid);
	no_privileges(uid, gid, group, want);
	is_int((long long)daemon_workers(&d, workers, WORKERS), WORKERS,
	    "%s: workers", what);
	for (i = 0; i < WORKERS; i++) {
		read_privileges(workers[i], got);
		is_string(got, want, "%s: worker %zu", what, i);
	}
}

static void
check_nobodies(const char *what)
{
	const struct passwd *pw = getpwnam("nobody");

	check_workers(pw->pw_uid, pw->pw_gid, what);
}

/* Whether a process has a file open whose name ends in suffix. */
static int
has_open(pid_t pid, const char *suffix)
{
	char path[64], name[512], file[256];
	size_t len = strlen(suffix);
	struct dirent *e;
	int found = 0;
	ssize_t n;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	if ((dir = opendir(path)) == NULL)
		err(1, "%s", path);
	while ((e = readdir(dir)) != NULL) {
		snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		if ((n = readlink(name, file, sizeof(file))) > (ssize_t)len &&
		    memcmp(file + n - len, suffix, len) == 0)
			found = 1;
	}
	closedir(dir);
	return found;
}

/* A master that is root. */

static void
test_root(void)
{
	char got[64];

	start_as("root in many groups");
	daemon_configure(&d, "user nobody\nbalance shared\nworkers %d\n",
	    WORKERS);
	/* Its own directory's name is known only now. */
	daemon_rewrite(&d, "user nobody\nbalance shared\nworkers %d\n"
	    "pid-file %s/pid\naccess-log %s/access\n", WORKERS, d.dir, d.dir);
	daemon_start(&d);
	check_nobodies("user");
	is_string(status_field(d.pid, "Uid", got, sizeof(got)), " 0 0 0 0",
	    "the master stays root");
	is_string(status_field(d.pid, "Groups", got, sizeof(got)), " 0 4 27",
	    "with the groups that it had");
	ok(has_open(d.pid, "/pid") && !has_open(workers[0], "/pid"),
	    "the pid file is the master's alone");
	is_int(client_get(d.port, "/200,0,x", NULL), 200, "nobody serves");
	ok(has_open(workers[0], "/access"), "and writes the log of root's");
	daemon_finish(&d, NULL);
	start_as(NULL);
}

/* The group comes first in the file, and must not be the user's in the end. */
static void
test_group(void)
{
	const struct passwd *pw = getpwnam("nobody");
	const struct group *gr = getgrnam("daemon");

	if (gr == NULL) {
		skip(6, "there is no group daemon");
		return;
	}
	daemon_configure(&d, "group daemon\nuser nobody\nbalance shared\n"
	    "workers %d\n", WORKERS);
	daemon_start(&d);
	check_workers(pw->pw_uid, gr->gr_gid, "group");
	daemon_finish(&d, NULL);
}

/* A master that is not. */

static void
test_not_root(void)
{
	char got[FIELDS], want[FIELDS], groups[256];
	uid_t uid = geteuid();
	gid_t gid = getegid();
	size_t i;

	if (uid == 0) {
		start_as("nobody");
		uid = getpwnam("nobody")->pw_uid;
		gid = getpwnam("nobody")->pw_gid;
	}
	daemon_configure(&d, "user nobody\nbalance shared\nworkers %d\n",
	    WORKERS);
	daemon_start(&d);
	ok(daemon_has_logged(&d,
	    "notice: user and group have no effect: this is not root\n"),
	    "not root: `user' has no effect, and the log says so");
	no_privileges(uid, gid, status_field(d.pid, "Groups", groups,
	    sizeof(groups)), want);
	is_int((long long)daemon_workers(&d, workers, WORKERS), WORKERS,
	    "not root: workers");
	for (i = 0; i < WORKERS; i++) {
		read_privileges(workers[i], got);
		is_string(got, want, "not root: worker %zu", i);
	}
	is_int(client_get(d.port, "/200,0,x", NULL), 200, "not root: serves");
	daemon_finish(&d, NULL);
	start_as(NULL);
}

/* Without `user' there is nothing to say. */
static void
test_no_user(void)
{
	if (geteuid() == 0)
		start_as("nobody");
	/* The comment keeps the harness from writing one. */
	daemon_configure(&d, "# no user here\nbalance shared\nworkers 1\n");
	daemon_start(&d);
	is_int(client_get(d.port, "/200,0,x", NULL), 200,
	    "not root: needs no `user'");
	ok(!daemon_has_logged(&d, "no effect"), "and has none to speak of");
	daemon_finish(&d, NULL);
	start_as(NULL);
}

/* Ports below 1024, which are free in a network of our own. */

/* Gives 0, or -1 when this process may not have one. */
static int
enter_own_network(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd;

	if (unshare(CLONE_NEWNET) == -1)
		return -1;
	if ((fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) == -1)
		err(1, "socket");
	ifr.ifr_flags = IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &ifr) == -1)
		err(1, "lo");
	close(fd);
	return 0;
}

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
		status_field(now[i], "CapPrm", uid, sizeof(uid));
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
	start_as(who);
	daemon_configure(&d, "user nobody\nlisten 127.0.0.1:80\nbalance %s\n"
	    "workers %d\n", balance, WORKERS);
	daemon_start(&d);
	/* Without CAP_BPF, that is the policy. */
	if (daemon_has_logged(&d, expected[1]))
		r.listening = listeners_of("shared");
	check_nobodies(what);
	ok(daemon_until(all_listening, &r), "%s: listeners", what);
	is_int(serves(), 30, "%s: serves", what);

	for (i = 0; i < WORKERS; i++)
		kill(workers[i], SIGKILL);
	ok(daemon_until(all_replaced, &r), "%s: killed workers are replaced",
	    what);
	check_nobodies(what);
	is_int(serves(), 30, "%s: and so is what they did", what);
	daemon_finish(&d, expected);
	start_as(NULL);
}

static void
test_ambient(void)
{
	static const char bind_only[] = " 0000000000000400";
	static const char *const names[] = { "CapPrm", "CapEff", "CapAmb" };
	char got[64];
	size_t i;

	start_as("nobody who may bind");
	daemon_configure(&d, "user nobody\nlisten 127.0.0.1:80\n"
	    "balance hash\nworkers %d\n", WORKERS);
	daemon_start(&d);
	for (i = 0; i < 3; i++)
		is_string(status_field(d.pid, names[i], got, sizeof(got)),
		    bind_only, "the master's %s is what it was given",
		    names[i]);
	daemon_finish(&d, NULL);
	start_as(NULL);
}

/* All that the daemon has said, without what a test of ours may add. */
static void
check_refused(int port)
{
	char got[1024] = "", want[1024];
	int status;
	FILE *f;

	daemon_configure(&d, "user nobody\nlisten 127.0.0.1:%d\n"
	    "balance shared\n", port);
	daemon_launch(&d);
	status = daemon_wait(&d);
	is_int(WIFEXITED(status) ? WEXITSTATUS(status) : -status, 2,
	    "no port below 1024 without the capability");
	if ((f = fopen(d.log, "r")) == NULL)
		err(1, "%s", d.log);
	got[fread(got, 1, sizeof(got) - 1, f)] = '\0';
	fclose(f);
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
		start_as("nobody");
	check_refused(port);
	start_as(NULL);
}

static void
test_as_root(void)
{
	test_root();
	test_group();
	if (enter_own_network() == -1) {
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
	if (strcmp(argv[0], "spindled") == 0)
		launch(argv);
	setenv("T_PROGRAM", daemon_program(), 1);

	plan_no_plan();
	if (getpwnam("nobody") == NULL)
		plan_skip_all("there is no user nobody");
	test_not_root();
	test_no_user();
	if (geteuid() == 0)
		test_as_root();
	else
		skip(1, "not root: the masters that are root");
	/* Last: a network of our own has the system's default. */
	test_refused(geteuid() == 0 ? 80 : 1);
	return exit_status();
}
