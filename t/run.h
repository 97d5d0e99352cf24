/*
 * One run of the daemon's program to its end, which mostly is a start that
 * fails, and what it says.
 */
#ifndef T_RUN_H
#define T_RUN_H

#include <sys/types.h>

#include <stddef.h>

#include "t/daemon.h"

struct run {
	pid_t pid;
	int status;		/* of its exit; -1: it did not exit by itself */
	char out[8192], err[8192];	/* its standard output and error */
};

/*
 * Runs it with these arguments, ended by NULL, until its end, or kills it
 * when it is ready.  What it says goes through the daemon's directory.
 */
void	run_args(struct run *, const struct daemon *,
	    const char *const *args);

/* The same with the daemon's configuration, and an option or NULL. */
void	run_conf(struct run *, const struct daemon *, const char *option);

/* Adds "CONF:LINE: ..." to reasons; without a line when that is 0. */
void	run_reason(const struct daemon *, char *reasons, size_t size,
	    int line, const char *fmt, ...)
	    __attribute__((format(printf, 5, 6)));

/*
 * The start with its configuration fails, for these reasons and no other.
 * Three tests.
 */
void	run_is_refused(const struct daemon *, const char *reasons,
	    const char *what);

#endif
