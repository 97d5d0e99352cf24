/* Comparisons that show both sides when they fail, on top of tap.h. */
#ifndef T_CHECK_H
#define T_CHECK_H

#include "t/tap.h"

/* Passes when got == want.  Gives the outcome back. */
int	is_int(long long got, long long want, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));

/* Passes when both strings are equal; NULL equals only NULL. */
int	is_string(const char *got, const char *want, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));

/* Passes when text contains part. */
int	has_string(const char *text, const char *part, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));

#endif
