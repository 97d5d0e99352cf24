#include <sys/prctl.h>
#include <sys/syscall.h>

#include <err.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "t/become.h"
#include "t/standin.h"

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

void
become_launch(char *argv[])
{
	static const gid_t many[] = { 0, 4, 27 };
	const char *program, *who;
	int fd;

	if (!standin_is_called(argv))
		return;
	program = standin_variable("T_PROGRAM");
	who = standin_variable("T_BECOME");
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

void
become(const char *who)
{
	if (who == NULL) {
		unsetenv("T_BECOME");
		standin_end();
	} else {
		setenv("T_BECOME", who, 1);
		standin_begin();
	}
}
