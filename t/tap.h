/*
 * The Test Anything Protocol, for programs that prove(1) runs.
 *
 * The functions are those of Nik Clayton's libtap, so that the system's
 * library can take the place of tap.c; only what our tests call is here.
 */
#ifndef T_TAP_H
#define T_TAP_H

#ifdef SYSTEM_TAP
#include <tap.h>
#else

/* Announces n tests.  Call one of the plan functions first, and once. */
int	plan_tests(unsigned int n);

/* Announces that the number of tests is known only at the end. */
int	plan_no_plan(void);

/* Ends the program: no test here can run, because of reason. */
_Noreturn int	plan_skip_all(const char *reason);

/* One test: passes when e is true.  Gives e back. */
#define ok(e, ...) tap_result((e) ? 1 : 0, #e, __FILE__, __LINE__, __VA_ARGS__)

/* Counts n tests as skipped, with the reason. */
int	skip(unsigned int n, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3)));

/* A line for the person who reads a failure. */
int	diag(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Prints the plan where that is still owed; what main() has to return. */
int	exit_status(void);

int	tap_result(int pass, const char *expr, const char *file, int line,
	    const char *fmt, ...) __attribute__((format(printf, 5, 6)));

#endif /* SYSTEM_TAP */
#endif
