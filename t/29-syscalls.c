/*
 * The table of system calls, and the filter that is made of it: judged line by
 * line here, and put in force in children.
 */
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/bpf_common.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/seccomp.h"
#include "server/syscalls.h"
#include "t/check.h"
#include "t/stuck.h"

#define ALL	(SYSCALLS_IDLE | SYSCALLS_FILES | SYSCALLS_SYSLOG)

/* No machine has numbers as high. */
#define NUMBERS	1024

/* Numbers of x86-64's other calls, of 32-bit pointers, have this bit. */
#define X32	0x40000000

/* The tables that there are, and the one that is looked at. */
static const struct table {
	const char *whose;
	const struct syscalls_list *list;
} tables[] = {
	{ "worker", &syscalls_worker },
	{ "status process", &syscalls_status },
};
static const struct table *table;

static struct sock_filter code[SECCOMP_CODE_MAX];
static size_t length;

/* The table. */

static void
test_table(void)
{
	const struct syscalls_row *r;
	unsigned int needs, rows;
	size_t i;

	for (i = 0; i < table->list->n; i++) {
		r = &table->list->rows[i];
		is_string(r->name, syscalls_name(r->number), "%s, row %zu: %s",
		    table->whose, i, r->name);
		ok(r->why != NULL && strlen(r->why) > 4, "and why");
		ok(syscalls_has(table->list, r->number), "it is found");
		ok((r->need & (r->need - 1)) == 0 && r->need <= ALL,
		    "what it needs");
		ok(r->args[0].n <= 6 && r->args[1].n <= 6 &&
		    (r->args[0].n != 0 || r->args[1].n == 0),
		    "the arguments");
		ok((r->args[0].value & ~r->args[0].mask) == 0 &&
		    (r->args[1].value & ~r->args[1].mask) == 0,
		    "can be what they have to be");
	}
	for (needs = 0; needs <= ALL; needs++) {
		for (rows = 0, i = 0; i < table->list->n; i++)
			rows += syscalls_is_needed(&table->list->rows[i], needs);
		ok(syscalls_count(table->list, needs) < rows &&
		    syscalls_count(table->list, needs) <= syscalls_count(table->list, ALL),
		    "%s, needs %u: no call is counted twice", table->whose,
		    needs);
	}
	diag("%s: %u calls in %zu rows", table->whose,
	    syscalls_count(table->list, ALL), table->list->n);
}

static void
test_names(void)
{
	is_string(syscalls_name(SYS_ptrace), "ptrace", "a name");
	is_string(syscalls_name(SYS_execve), "execve", "another one");
	ok(!syscalls_has(table->list, SYS_ptrace), "neither is in the table");
	ok(syscalls_name(-1) == NULL && syscalls_name(X32) == NULL &&
	    syscalls_name(NUMBERS) == NULL, "there are no such calls");
}

/* The program, as the kernel runs it. */

static uint32_t
run(const struct seccomp_data *d)
{
	const struct sock_filter *p = code;
	uint32_t a = 0;

	for (;; p++) {
		if (p >= code + length)
			errx(1, "the program has no end");
		switch (p->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (p->k + sizeof(a) > sizeof(*d))
				errx(1, "a load of what is not there");
			memcpy(&a, (const char *)d + p->k, sizeof(a));
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= p->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			p += a == p->k ? p->jt : p->jf;
			break;
		case BPF_RET | BPF_K:
			return p->k;
		default:
			errx(1, "an instruction that is not ours");
		}
	}
}

static uint32_t arch;

/* What the program has to say, after the table. */
static uint32_t
expected(const struct seccomp_data *d, unsigned int needs)
{
	const struct syscalls_row *r;
	size_t i, n, good;

	if (d->arch != arch)
		return SECCOMP_RET_KILL_PROCESS;
	for (i = 0; i < table->list->n; i++) {
		r = &table->list->rows[i];
		if (r->number != d->nr || (r->need & ~needs) != 0)
			continue;
		for (n = good = 0; n < SYSCALLS_ARGS; n++)
			good += r->args[n].n == 0 ||
			    ((uint32_t)d->args[r->args[n].n - 1] &
			    r->args[n].mask) == r->args[n].value;
		if (good == SYSCALLS_ARGS)
			return SECCOMP_RET_ALLOW;
	}
	return SECCOMP_RET_TRAP;
}

static unsigned int wrong;

static void
compare(const struct seccomp_data *d, unsigned int needs)
{
	if (run(d) == expected(d, needs))
		return;
	if (wrong++ < 10)
		diag("call %d, arguments %llx %llx %llx: %x, expected %x",
		    d->nr, (unsigned long long)d->args[0],
		    (unsigned long long)d->args[1],
		    (unsigned long long)d->args[2], run(d),
		    expected(d, needs));
}

/* All arguments that a row is about, each bit of them wrong, one by one. */
static void
compare_row(const struct syscalls_row *r, unsigned int needs)
{
	struct seccomp_data d = { .nr = r->number, .arch = arch };
	size_t n, bit;

	for (n = 0; n < SYSCALLS_ARGS; n++)
		if (r->args[n].n != 0)
			d.args[r->args[n].n - 1] = r->args[n].value;
	compare(&d, needs);
	for (n = 0; n < 6; n++)
		for (bit = 0; bit < 64; bit++) {
			d.args[n] ^= UINT64_C(1) << bit;
			compare(&d, needs);
			d.args[n] ^= UINT64_C(1) << bit;
		}
}

static void
test_program(unsigned int needs)
{
	struct seccomp_data d;
	unsigned int passing = 0;
	size_t i;
	int nr;

	length = seccomp_build(table->list, needs, code);
	ok(length > 0 && length <= SECCOMP_CODE_MAX,
	    "%s, needs %u: the program has %zu instructions", table->whose,
	    needs, length);
	wrong = 0;
	for (nr = -1; nr < NUMBERS; nr++) {
		d = (struct seccomp_data){ .nr = nr, .arch = arch };
		compare(&d, needs);
		memset(d.args, 0xff, sizeof(d.args));
		compare(&d, needs);
		passing += run(&d) == SECCOMP_RET_ALLOW;
		d.nr |= X32;
		compare(&d, needs);
		d.arch ^= 1;
		compare(&d, needs);
	}
	for (i = 0; i < table->list->n; i++)
		compare_row(&table->list->rows[i], needs);
	is_int(wrong, 0, "%s, needs %u: it says what the table says",
	    table->whose, needs);
	ok(passing > 0 && passing < syscalls_count(table->list, needs),
	    "%s, needs %u: some calls pass whatever they ask for",
	    table->whose, needs);
}

/* The program in force. */

static _Atomic int *refused;

/* What a child is to do; its end, as waitpid(2) says. */
static int
child(void (*do_it)(const void *), const void *what)
{
	int status;
	pid_t pid;

	*refused = -1;
	if ((pid = fork()) == -1)
		err(1, "fork");
	if (pid == 0) {
		/* Of what it is to be kept from, nothing comes anyhow. */
		if (geteuid() == 0 && setuid(65534) == -1)
			_exit(2);
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1 ||
		    seccomp_install(code, length, refused) == -1)
			_exit(1);
		do_it(what);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) == -1)
		err(1, "waitpid");
	return status;
}

/* With arguments that no call likes, besides those that have to be. */
static void
call_row(const void *what)
{
	const struct syscalls_row *r = what;
	long a[6] = { -1, -1, -1, -1, -1, -1 };
	size_t n;

	for (n = 0; n < SYSCALLS_ARGS; n++)
		if (r->args[n].n != 0)
			a[r->args[n].n - 1] = (long)r->args[n].value;
	syscall(r->number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static void
test_allowed(void)
{
	const struct syscalls_row *r;
	size_t i;
	int status;

	for (i = 0; i < table->list->n; i++) {
		r = &table->list->rows[i];
		status = child(call_row, r);
		ok(WIFEXITED(status) && WEXITSTATUS(status) ==
		    (r->number == SYS_exit_group ? 255 : 0) && *refused == -1,
		    "%s, in force: %s, %s, passes", table->whose, r->name,
		    r->why);
	}
}

static void
call(const void *what)
{
	const long *number = what;

	syscall((int)number[0], -1, number[1], -1, -1, -1, -1);
}

/* Each is what somebody would like to do who has taken over a worker. */
static const long unwanted[][2] = {
	{ SYS_execve }, { SYS_execveat }, { SYS_clone }, { SYS_clone3 },
	{ SYS_ptrace }, { SYS_kill }, { SYS_process_vm_writev },
	{ SYS_bind }, { SYS_setuid }, { SYS_setresuid }, { SYS_capset },
	{ SYS_unshare }, { SYS_mount }, { SYS_chroot }, { SYS_prctl },
	{ SYS_seccomp }, { SYS_io_uring_setup }, { SYS_perf_event_open },
	{ SYS_userfaultfd }, { SYS_keyctl }, { SYS_unlinkat },
	{ SYS_renameat2 }, { SYS_memfd_create }, { SYS_pidfd_getfd },
	{ SYS_rt_sigreturn }, { SYS_getdents64 }, { SYS_reboot },
	{ SYS_ioctl, TIOCSTI }, { SYS_getsockopt, SOL_SOCKET }, { SYS_bpf, 0 },
	{ SYS_fcntl, 10 },
};

static void
test_refused(void)
{
	const long *u;
	size_t i;
	int status;

	for (i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++) {
		u = unwanted[i];
		status = child(call, u);
		ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS,
		    "%s, in force: %s kills", table->whose,
		    syscalls_name((int)u[0]));
		is_int(*refused, u[0], "and is told");
	}
}

static void
do_abort(const void *what)
{
	(void)what;
	abort();
}

static void
block_and_call(const void *what)
{
	sigset_t set;

	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	call(what);
}

static void
test_ends(void)
{
	static const long number[2] = { SYS_getuid };
	int status = child(do_abort, NULL);

	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT,
	    "in force: abort(3) is what it is");
	is_int(*refused, -1, "and no call is refused");
	status = child(block_and_call, number);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS,
	    "in force: to block the signal is of no use");
}

static void
test_in_force(void)
{
	length = seccomp_build(table->list, ALL, code);
	test_allowed();
	test_refused();
	test_ends();
}

static void
test(int in_force)
{
	unsigned int needs;

	test_table();
	test_names();
	for (needs = 0; needs <= ALL; needs++)
		test_program(needs);
	if (in_force)
		test_in_force();
}

int
main(void)
{
	int in_force = seccomp_probe() == 0 && !stuck_kernel();

	table = tables;
	if (seccomp_build(table->list, 0, code) == 0)
		plan_skip_all("the filter is not for this machine");
	plan_no_plan();
	arch = code[1].k;
	refused = mmap(NULL, sizeof(*refused), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (refused == MAP_FAILED)
		err(1, "mmap");
	for (; table < tables + sizeof(tables) / sizeof(tables[0]); table++)
		test(in_force);
	if (!in_force)
		skip(1, "seccomp: %s", stuck_kernel() ?
		    "the kernel is stuck" : "not in this kernel");
	return exit_status();
}
