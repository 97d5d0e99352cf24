/*
 * The system calls that a worker makes once it serves, and those of the status
 * process: all of them, and why.
 *
 * What is not in its table kills the process that calls it (seccomp.h).  So
 * whoever lets a loop call something new adds a row.
 */
#ifndef SERVER_SYSCALLS_H
#define SERVER_SYSCALLS_H

#include <stddef.h>
#include <stdint.h>

/* What has to be configured for a process to make a call; 0: nothing. */
enum {
	SYSCALLS_IDLE = 1,	/* `balance idle' is in force */
	SYSCALLS_FILES = 2,	/* a disk has a `path' */
	SYSCALLS_SYSLOG = 4	/* `error-log syslog' */
};

/* Conditions on arguments that a row may have. */
#define SYSCALLS_ARGS	2

/* The low 32 bits of an argument: those of mask have to be value. */
struct syscalls_arg {
	unsigned int n;		/* which one, from 1; 0: this is none */
	uint32_t mask, value;
};

/* A call that has several rows may be made as any of them says. */
struct syscalls_row {
	const char *name;
	int number;
	unsigned int need;	/* SYSCALLS_*, one of them, or 0 */
	struct syscalls_arg args[SYSCALLS_ARGS];
	const char *why;
};

struct syscalls_list {
	const struct syscalls_row *rows;
	size_t n;
};

extern const struct syscalls_list syscalls_worker;
extern const struct syscalls_list syscalls_status;

/* How many calls there are in the rows for these needs. */
unsigned int	syscalls_count(const struct syscalls_list *,
		    unsigned int needs);

/* Whether a row is for these needs. */
int	syscalls_is_needed(const struct syscalls_row *, unsigned int needs);

/* Whether there is a row with this number, whatever it needs. */
int	syscalls_has(const struct syscalls_list *, int number);

/* The name of any system call, in a table or not; NULL: there is none. */
const char	*syscalls_name(int number);

#endif
