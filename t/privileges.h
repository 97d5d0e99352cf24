/* What a process may, as /proc/PID/status shows it. */
#ifndef T_PRIVILEGES_H
#define T_PRIVILEGES_H

#include <sys/types.h>

#include <stddef.h>

#include "t/daemon.h"

/* Room for the text of privileges: bytes. */
#define PRIVILEGES_TEXT 512

/*
 * A field of /proc/PID/status, with one blank before each word; "" when it is
 * not there.  Gives buf.
 */
char	*privileges_field(pid_t, const char *name, char *buf, size_t size);

/* One that is a number of this base; -1 when it is not there. */
long	privileges_number(pid_t, const char *name, int base);

/* The capabilities that it has, or can give itself or a program: a mask. */
long	privileges_capabilities(pid_t);

/* All fields that count, in buf of PRIVILEGES_TEXT. */
void	privileges_read(pid_t, char *buf);

/* The same of a process that is uid and gid and nothing else. */
void	privileges_none(uid_t, gid_t, const char *groups, char *buf);

/*
 * The daemon's workers are n, which it gives; each is uid and gid, and has no
 * other group and no capability.  1 + n tests.
 */
void	privileges_of_workers(const struct daemon *, pid_t *, size_t n, uid_t,
	    gid_t, const char *what);

/* The same, of nobody. */
void	privileges_of_nobodies(const struct daemon *, pid_t *, size_t n,
	    const char *what);

#endif
