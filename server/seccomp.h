/*
 * The filter of a process' system calls.
 *
 * A call that its table (syscalls.h) has not kills the process, by SIGSYS, and
 * its number is left where the master can read it.
 */
#ifndef SERVER_SECCOMP_H
#define SERVER_SECCOMP_H

#include <linux/filter.h>

#include <stdatomic.h>
#include <stddef.h>

#include "server/syscalls.h"

/* What no program is longer than, instructions. */
#define SECCOMP_CODE_MAX 512

/* Whether the kernel can do it, for us: 0, or -1 and errno. */
int	seccomp_probe(void);

/*
 * Makes the program that lets the calls of a table for these needs pass
 * (SYSCALLS_*), in code of SECCOMP_CODE_MAX.  Gives its length; 0: not for this
 * machine.
 */
size_t	seccomp_build(const struct syscalls_list *, unsigned int needs,
	    struct sock_filter *code);

/*
 * Puts such a program in force for this process, for good; no_new_privs has to
 * be.  The number of the call that ends the process is left in refused.  Gives
 * 0, or -1 and errno.
 */
int	seccomp_install(const struct sock_filter *code, size_t length,
	    _Atomic int *refused);

#endif
