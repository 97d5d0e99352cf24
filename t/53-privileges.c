/*
 * Privileges: what a worker has left of its master's, which is nothing.  Ports
 * below 1024 are 53-low-ports.c's.
 */
#include <dirent.h>
#include <err.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "t/become.h"
#include "t/check.h"
#include "t/client.h"
#include "t/daemon.h"
#include "t/privileges.h"

#define WORKERS 3

static struct daemon d;
static pid_t workers[WORKERS];

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

static void
test_root(void)
{
	char got[64];

	become("root in many groups");
	daemon_configure(&d, "user nobody\nbalance shared\nworkers %d\n",
	    WORKERS);
	/* Its own directory's name is known only now. */
	daemon_rewrite(&d, "user nobody\nbalance shared\nworkers %d\n"
	    "pid-file %s/pid\naccess-log %s/access\n", WORKERS, d.dir, d.dir);
	daemon_start(&d);
	privileges_of_nobodies(&d, workers, WORKERS, "user");
	is_string(privileges_field(d.pid, "Uid", got, sizeof(got)), " 0 0 0 0",
	    "the master stays root");
	is_string(privileges_field(d.pid, "Groups", got, sizeof(got)),
	    " 0 4 27", "with the groups that it had");
	ok(has_open(d.pid, "/pid") && !has_open(workers[0], "/pid"),
	    "the pid file is the master's alone");
	is_int(client_get(d.port, "/200,0,x", NULL), 200, "nobody serves");
	ok(has_open(workers[0], "/access"), "and writes the log of root's");
	daemon_finish(&d, NULL);
	become(NULL);
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
	privileges_of_workers(&d, workers, WORKERS, pw->pw_uid, gr->gr_gid,
	    "group");
	daemon_finish(&d, NULL);
}

/* A master that is not. */

static void
test_not_root(void)
{
	char got[PRIVILEGES_TEXT], want[PRIVILEGES_TEXT], groups[256];
	uid_t uid = geteuid();
	gid_t gid = getegid();
	size_t i;

	if (uid == 0) {
		become("nobody");
		uid = getpwnam("nobody")->pw_uid;
		gid = getpwnam("nobody")->pw_gid;
	}
	daemon_configure(&d, "user nobody\nbalance shared\nworkers %d\n",
	    WORKERS);
	daemon_start(&d);
	ok(daemon_has_logged(&d,
	    "notice: user and group have no effect: this is not root\n"),
	    "not root: `user' has no effect, and the log says so");
	privileges_none(uid, gid, privileges_field(d.pid, "Groups", groups,
	    sizeof(groups)), want);
	is_int((long long)daemon_workers(&d, workers, WORKERS), WORKERS,
	    "not root: workers");
	for (i = 0; i < WORKERS; i++) {
		privileges_read(workers[i], got);
		is_string(got, want, "not root: worker %zu", i);
	}
	is_int(client_get(d.port, "/200,0,x", NULL), 200, "not root: serves");
	daemon_finish(&d, NULL);
	become(NULL);
}

/* Without `user' there is nothing to say. */
static void
test_no_user(void)
{
	if (geteuid() == 0)
		become("nobody");
	/* The comment keeps the harness from writing one. */
	daemon_configure(&d, "# no user here\nbalance shared\nworkers 1\n");
	daemon_start(&d);
	is_int(client_get(d.port, "/200,0,x", NULL), 200,
	    "not root: needs no `user'");
	ok(!daemon_has_logged(&d, "no effect"), "and has none to speak of");
	daemon_finish(&d, NULL);
	become(NULL);
}

int
main(int argc, char *argv[])
{
	(void)argc;
	become_launch(argv);
	if (getpwnam("nobody") == NULL)
		plan_skip_all("there is no user nobody");
	plan_no_plan();
	test_not_root();
	test_no_user();
	if (geteuid() == 0) {
		test_root();
		test_group();
	} else {
		skip(1, "not root: the masters that are root");
	}
	return exit_status();
}
