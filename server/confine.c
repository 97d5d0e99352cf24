#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/log.h"
#include "server/confine.h"
#include "server/landlock.h"
#include "server/seccomp.h"
#include "server/syscalls.h"

/* What `make CONFINE=' has left out. */
#ifdef WITHOUT_NO_NEW_PRIVS
#define NO_NEW_PRIVS	0
#else
#define NO_NEW_PRIVS	CONFINE_NO_NEW_PRIVS
#endif
#ifdef WITHOUT_SECCOMP
#define SECCOMP		0
#else
#define SECCOMP		CONFINE_SECCOMP
#endif
#ifdef WITHOUT_LANDLOCK
#define LANDLOCK	0
#else
#define LANDLOCK	CONFINE_LANDLOCK
#endif
#ifdef WITHOUT_RLIMITS
#define RLIMITS		0
#else
#define RLIMITS		CONFINE_RLIMITS
#endif
#define BUILT_IN	(NO_NEW_PRIVS | SECCOMP | LANDLOCK | RLIMITS)

_Static_assert(!(SECCOMP | LANDLOCK) || NO_NEW_PRIVS,
    "without it, seccomp and landlock are for root alone");

/*
 * The others stay as they are.  RLIMIT_FSIZE would be the logs', RLIMIT_CORE is
 * for whoever looks for a crash, and memory is bounded by the filter.  A worker
 * that may open no file gets descriptors from accept(2) alone, which RLIMIT_
 * NOFILE must not end before the system does; and poll(2) fails where it is
 * less than what is waited for.
 */
static const int limits[] = {
	RLIMIT_NPROC,		/* it starts no process and no thread */
	RLIMIT_MEMLOCK,		/* locks no memory, its own or in rings */
	RLIMIT_MSGQUEUE,	/* and has no message queue */
};

/*
 * With more workers than this, none has a filter.  Each would have one of its
 * own, which the kernel compiles.  It frees those of the dead in a work queue
 * that does 1,024 things at once for a processor, all of which wait for one
 * lock there; whoever holds that may wait in turn, since Linux 6.9, for
 * something behind them in the same queue (bpf_prog_pack_free(), and
 * __purge_vmap_area_lazy()).  Then no process gets a filter or a program any
 * more, until the machine is restarted.  10,000 workers that ended at once did
 * that on 6.18.  Three generations of so many do not fill the queue.
 */
#define FILTERS_MAX	256
#define TEXT(n)		TEXT_OF(n)
#define TEXT_OF(n)	#n

/* What was prepared.  Workers only read it, so it is theirs without a copy. */
static struct {
	int wanted;		/* the parts configured; enum conf_confine */
	int parts;		/* those in force for workers */
	int status_parts;	/* and for the status process */
	const char *no_seccomp;	/* why it is not to be had; NULL: it is */
	const char *no_landlock;
	int landlock;		/* the kernel's version */
	unsigned int needs;	/* SYSCALLS_* */
	struct sock_filter code[SECCOMP_CODE_MAX];	/* workers' */
	size_t length;		/* of the code */
	struct sock_filter status_code[SECCOMP_CODE_MAX];
	size_t status_length;
	int dirs[CONF_DISK_MAX];	/* of all disks that have one */
	size_t ndirs;
} plan;

/*
 * Unless TZ names a file, strftime(3) looks for each line of a log whether
 * that of the system has changed, which a worker cannot do any more, and
 * nobody has to.  So a change is looked for here, without the name; with it,
 * the C library takes it that there is none.
 */
static void
settle_time_zone(void)
{
	static int unnamed;

	if (getenv("TZ") == NULL)
		unnamed = 1;
	else if (unnamed)
		unsetenv("TZ");
	tzset();
	if (unnamed)
		setenv("TZ", ":/etc/localtime", 1);
	tzset();
}

static void
ask_kernel(void)
{
	plan.no_seccomp = seccomp_probe() == -1 ? strerror(errno) : NULL;
	plan.landlock = landlock_probe();
	plan.no_landlock = plan.landlock == -1 ? strerror(errno) : NULL;
}

static void
read_conf(const struct conf *c, int policy)
{
	size_t i;

	plan.wanted = c->confine;
	plan.needs = 0;
	plan.ndirs = 0;
	if (policy == BALANCE_IDLE)
		plan.needs |= SYSCALLS_IDLE;
	if (c->error_log == LOG_TO_SYSLOG)
		plan.needs |= SYSCALLS_SYSLOG;
	for (i = 0; i < c->ndisks; i++) {
		if (c->disks[i].path[0] == '\0')
			continue;
		plan.needs |= SYSCALLS_FILES;
		plan.dirs[plan.ndirs++] = c->disks[i].dir;
	}
}

void
confine_prepare(const struct conf *c, int policy, unsigned int workers)
{
	settle_time_zone();
	ask_kernel();
	read_conf(c, policy);
	plan.parts = plan.wanted & BUILT_IN;
	if (plan.no_seccomp != NULL)
		plan.parts &= ~CONFINE_SECCOMP;
	if (plan.no_landlock != NULL)
		plan.parts &= ~CONFINE_LANDLOCK;
	plan.status_parts = plan.parts;
	if (!(plan.parts & CONFINE_SECCOMP))
		return;
	if (workers > FILTERS_MAX) {
		plan.no_seccomp = "more than " TEXT(FILTERS_MAX) " workers";
		plan.parts &= ~CONFINE_SECCOMP;
	}
	plan.length = seccomp_build(&syscalls_worker, plan.needs, plan.code);
	plan.status_length = seccomp_build(&syscalls_status, plan.needs,
	    plan.status_code);
}

static void
add_part(char *buf, size_t size, int part, const char *name, const char *why)
{
	if (buf[0] != '\0')
		strlcat(buf, ", ", size);
	strlcat(buf, name, size);
	if (!(plan.wanted & part)) {
		strlcat(buf, " off", size);
	} else if (!(BUILT_IN & part)) {
		strlcat(buf, " not built in", size);
	} else if (why != NULL) {
		strlcat(buf, " unavailable (", size);
		strlcat(buf, why, size);
		strlcat(buf, ")", size);
	}
}

char *
confine_text(char *buf, size_t size)
{
	char name[64];

	buf[0] = '\0';
	add_part(buf, size, CONFINE_NO_NEW_PRIVS, "no_new_privs", NULL);
	strlcpy(name, "seccomp", sizeof(name));
	if (plan.parts & CONFINE_SECCOMP)
		snprintf(name, sizeof(name), "seccomp (%u calls)",
		    syscalls_count(&syscalls_worker, plan.needs));
	add_part(buf, size, CONFINE_SECCOMP, name, plan.no_seccomp);
	strlcpy(name, "landlock", sizeof(name));
	if (plan.parts & CONFINE_LANDLOCK)
		snprintf(name, sizeof(name), "landlock %d (%zu director%s)",
		    plan.landlock, plan.ndirs, plan.ndirs == 1 ? "y" : "ies");
	add_part(buf, size, CONFINE_LANDLOCK, name, plan.no_landlock);
	add_part(buf, size, CONFINE_RLIMITS, "rlimits", NULL);
	return buf;
}

static int
set_limits(void)
{
	const struct rlimit none = { .rlim_cur = 0, .rlim_max = 0 };
	size_t i;

	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (setrlimit((__rlimit_resource_t)limits[i], &none) == -1)
			return -1;
	return 0;
}

/* Each is what the ones behind it would not let happen any more. */
static int
enter(int parts, const int *dirs, size_t ndirs, const struct sock_filter *code,
    size_t length, _Atomic int *refused, const char **what)
{
	*what = "no_new_privs";
	if (parts & CONFINE_NO_NEW_PRIVS &&
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return -1;
	*what = "rlimits";
	if (parts & CONFINE_RLIMITS && set_limits() == -1)
		return -1;
	*what = "landlock";
	if (parts & CONFINE_LANDLOCK &&
	    landlock_restrict(plan.landlock, dirs, ndirs) == -1)
		return -1;
	*what = "seccomp";
	return parts & CONFINE_SECCOMP ?
	    seccomp_install(code, length, refused) : 0;
}

int
confine_enter(struct board_slot *s, const char **what)
{
	return enter(plan.parts, plan.dirs, plan.ndirs, plan.code, plan.length,
	    &s->refused, what);
}

/* It opens no file. */
int
confine_enter_status(_Atomic int *refused, const char **what)
{
	return enter(plan.status_parts, NULL, 0, plan.status_code,
	    plan.status_length, refused, what);
}

/* call may be any number: the dead one had it in its hands. */
static void
tell_of_call(const char *who, int call, const struct syscalls_list *l,
    pid_t pid, int status)
{
	const char *name = syscalls_name(call);

	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS ||
	    call == BOARD_NONE_REFUSED)
		return;
	if (name == NULL)
		log_warn("%s (pid %d) made system call %d, which is not in its "
		    "filter", who, (int)pid, call);
	else if (syscalls_has(l, call))
		log_warn("%s (pid %d) called %s in a way that is not in its "
		    "filter", who, (int)pid, name);
	else
		log_warn("%s (pid %d) called %s, which is not in its filter",
		    who, (int)pid, name);
}

void
confine_bury(unsigned int slot, pid_t pid, int status)
{
	char who[32];

	snprintf(who, sizeof(who), "worker %u", slot);
	tell_of_call(who, board_slot(slot)->refused, &syscalls_worker, pid,
	    status);
}

void
confine_bury_status(int call, pid_t pid, int status)
{
	tell_of_call("status process", call, &syscalls_status, pid, status);
}
