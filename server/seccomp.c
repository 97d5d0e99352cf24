#include <sys/syscall.h>

#include <linux/audit.h>
#include <linux/seccomp.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "server/seccomp.h"
#include "server/syscalls.h"

/* The table has the numbers of one machine; another's are other calls. */
#if defined(__x86_64__) && !defined(__ILP32__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#define ARCH AUDIT_ARCH_AARCH64
#endif

#define LOAD(field) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define UNLESS(value, skip) \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (skip))
#define RETURN(what)	BPF_STMT(BPF_RET | BPF_K, (what))

/* Instructions for each condition on an argument. */
#define CONDITION	3

/* Where a process' last call is noted: a worker's on the board. */
static _Atomic int *noted;

int
seccomp_probe(void)
{
#ifdef ARCH
	const uint32_t action = SECCOMP_RET_TRAP;

	return (int)syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action);
#else
	errno = ENOTSUP;
	return -1;
#endif
}

#ifdef ARCH
static void
add(struct sock_filter *code, size_t *n, struct sock_filter insn)
{
	code[(*n)++] = insn;
}

/*
 * A row that no argument matters to is two instructions, of which the kernel
 * (since 5.11) finds out beforehand what comes of them, and runs none.
 *
 *	call is this one	else: behind the row
 *	the conditions		else: to the last line
 *	let it pass
 *	load the call again
 */
static void
add_row(struct sock_filter *code, size_t *n, const struct syscalls_row *r)
{
	const struct sock_filter number = LOAD(nr);
	struct sock_filter load = LOAD(args);
	unsigned int i, conditions = 0, left;

	while (conditions < SYSCALLS_ARGS && r->args[conditions].n != 0)
		conditions++;
	left = conditions > 0 ? CONDITION * conditions + 2 : 1;
	add(code, n, (struct sock_filter)UNLESS((uint32_t)r->number,
	    (uint8_t)left));
	for (i = 0; i < conditions; i++) {
		/* The low half comes first on the machines that we know. */
		load.k = (uint32_t)(offsetof(struct seccomp_data, args) +
		    (r->args[i].n - 1) * sizeof(uint64_t));
		add(code, n, load);
		add(code, n, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND |
		    BPF_K, r->args[i].mask));
		left -= CONDITION;
		add(code, n, (struct sock_filter)UNLESS(r->args[i].value,
		    (uint8_t)(left - 1)));
	}
	add(code, n, (struct sock_filter)RETURN(SECCOMP_RET_ALLOW));
	if (conditions > 0)
		add(code, n, number);
}

size_t
seccomp_build(const struct syscalls_list *l, unsigned int needs,
    struct sock_filter *code)
{
	const struct syscalls_row *r;
	size_t n = 0;

	add(code, &n, (struct sock_filter)LOAD(arch));
	add(code, &n, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
	    ARCH, 1, 0));
	/* Its number is of a table that we do not have, and no name of ours. */
	add(code, &n, (struct sock_filter)RETURN(SECCOMP_RET_KILL_PROCESS));
	add(code, &n, (struct sock_filter)LOAD(nr));
	for (r = l->rows; r < l->rows + l->n; r++)
		if (syscalls_is_needed(r, needs))
			add_row(code, &n, r);
	add(code, &n, (struct sock_filter)RETURN(SECCOMP_RET_TRAP));
	return n;
}
#else
size_t
seccomp_build(const struct syscalls_list *l, unsigned int needs,
    struct sock_filter *code)
{
	(void)l;
	(void)needs;
	(void)code;
	return 0;
}
#endif

/*
 * The call was not made.  The next one that the filter refuses ends the
 * process: SIGSYS has no handler any more, and is blocked besides.
 */
static void
trapped(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	*noted = info->si_syscall;
	for (;;)
		syscall(SYS_execve, NULL, NULL, NULL);
}

int
seccomp_install(const struct sock_filter *code, size_t length,
    _Atomic int *refused)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO | SA_RESETHAND };
	const struct sock_fprog program = {
		.len = (unsigned short)length,
		.filter = (struct sock_filter *)(uintptr_t)code,
	};

	noted = refused;
	action.sa_sigaction = trapped;
	sigfillset(&action.sa_mask);
	if (sigaction(SIGSYS, &action, NULL) == -1)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
}
