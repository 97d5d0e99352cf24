#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <unistd.h>

#include "server/priv.h"

unsigned int
priv_check(const struct conf *c, conf_report *report)
{
	if (geteuid() == 0 && c->user[0] != '\0' && c->gid == 0) {
		conf_error(c, 0, report, "user: %s is in root's group: "
		    "expected a `group' without privileges", c->user);
		return 1;
	}
	if (geteuid() != 0 || c->user[0] != '\0')
		return 0;
	conf_error(c, 0, report, "user: is missing: started as root, "
	    "expected an unprivileged user for the workers, such as nobody");
	return 1;
}

static int
drop_ids(const struct conf *c, const char **what)
{
	if (setgroups(1, &c->gid) == -1) {
		*what = "setgroups";
		return -1;
	}
	if (setresgid(c->gid, c->gid, c->gid) == -1) {
		*what = "setresgid";
		return -1;
	}
	if (setresuid(c->uid, c->uid, c->uid) == -1) {
		*what = "setresuid";
		return -1;
	}
	return 0;
}

/* Under a service manager, capabilities come without root. */
static int
drop_capabilities(const char **what)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3], left[
	    _LINUX_CAPABILITY_U32S_3];

	memset(none, 0, sizeof(none));
	memset(left, 0xff, sizeof(left));
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == -1) {
		*what = "clearing the ambient capabilities";
		return -1;
	}
	if (syscall(SYS_capset, &header, none) == -1) {
		*what = "capset";
		return -1;
	}
	if (syscall(SYS_capget, &header, left) == -1 ||
	    memcmp(left, none, sizeof(none)) != 0) {
		*what = "verifying that no capability is left";
		return -1;
	}
	return 0;
}

/* The ids are what they should be, and root is out of reach. */
static int
verify_ids(const struct conf *c, const char **what)
{
	uid_t r, e, s;
	gid_t rg, eg, sg, group;

	*what = "verifying the user and the group";
	errno = EPERM;
	if (getresuid(&r, &e, &s) == -1 || getresgid(&rg, &eg, &sg) == -1 ||
	    r != c->uid || e != c->uid || s != c->uid ||
	    rg != c->gid || eg != c->gid || sg != c->gid ||
	    getgroups(1, &group) != 1 || group != c->gid)
		return -1;
	*what = "verifying that root is out of reach";
	if (setresuid(0, 0, 0) != -1 || setresgid(0, 0, 0) != -1)
		return -1;
	return 0;
}

int
priv_drop(const struct conf *c, const char **what)
{
	int was_root = geteuid() == 0;

	if (was_root && drop_ids(c, what) == -1)
		return -1;
	if (drop_capabilities(what) == -1)
		return -1;
	return was_root ? verify_ids(c, what) : 0;
}
