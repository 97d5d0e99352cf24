/*
 * Which privileges steering takes: none of a worker that has dropped them, and
 * of a master CAP_BPF alone.  In a network of its own, where the ports below
 * 1024 are free.
 */
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <string.h>
#include <unistd.h>

#include "server/own.h"
#include "t/check.h"
#include "t/network.h"
#include "t/place.h"

#define NOBODY 65534

static struct steer steer;

/* Runs f in a child; gives its exit status, or -1 when a signal ended it. */
static int
in_child(int (*f)(void *), void *arg)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(f(arg));
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int
become_nobody(void)
{
	return setgroups(0, NULL) == 0 && setresgid(NOBODY, NOBODY, NOBODY) == 0
	    && setresuid(NOBODY, NOBODY, NOBODY) == 0;
}

/* What a worker does after it has dropped its privileges. */
static int
unprivileged_worker(void *arg)
{
	struct place *p = arg;
	struct own own;
	int fd = place_own(p, 9);

	own_init(&own, &steer, 9, 0);
	if (!become_nobody() || place_listener(p) != -1 ||
	    own_add(&own, fd) == -1)
		return 1;
	own_shut(&own);
	if (own_listen(&own, 0, 1000) == -1)
		return 2;
	if (steer_group_put(&p->group, 9, fd) == -1)
		return 3;
	own_open(&own);
	steer_idle(&steer, 9);
	return place_lands(p, fd) ? 0 : 4;
}

static int
unprivileged_master(void *arg)
{
	struct steer s;

	(void)arg;
	return become_nobody() && steer_open(&s) == -1 && errno == EPERM &&
	    s.fd == -1 ? 0 : 1;
}

/* Another user, and no capability but one. */
static int
bpf_master(void *arg)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];
	struct place p;
	int fd;

	(void)arg;
	memset(data, 0, sizeof(data));
	data[CAP_TO_INDEX(CAP_BPF)].effective =
	    data[CAP_TO_INDEX(CAP_BPF)].permitted = CAP_TO_MASK(CAP_BPF);
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == -1 || !become_nobody() ||
	    syscall(SYS_capset, &header, data) == -1)
		return 1;
	if (steer_open(&steer) == -1)
		return 2;
	if (place_open(&p, &steer, AF_INET, 0) == -1)
		return 3;
	if ((fd = place_own(&p, 11)) == -1)
		return 4;
	steer_idle(&steer, 11);
	return place_lands(&p, fd) && place_lands(&p, p.shared) ? 0 : 5;
}

static void
test_privileges(void)
{
	struct place p;
	int port;

	place_open(&p, &steer, AF_INET, 0);
	is_int(in_child(unprivileged_worker, &p), 0, "after the drop: bind "
	    "fails; shut, listen, put and being found do not");
	place_close(&p);
	for (port = 1; port < 1024; port++)
		if (place_open(&p, &steer, AF_INET, port) == 0)
			break;
	ok(port < 1024, "a port below 1024");
	is_int(in_child(unprivileged_worker, &p), 0, "there, too");
	place_close(&p);
	is_int(in_child(unprivileged_master, NULL), 0,
	    "without CAP_BPF: EPERM");
	is_int(in_child(bpf_master, NULL), 0, "CAP_BPF alone suffices");
}

int
main(void)
{
	if (geteuid() != 0 || network_own() == -1)
		plan_skip_all("needs root, and a network of its own");
	if (steer_open(&steer) == -1)
		plan_skip_all("no CAP_BPF, or a kernel without steering");
	plan_no_plan();
	alarm(120);
	test_privileges();
	steer_close(&steer);
	return exit_status();
}
