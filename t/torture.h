/*
 * Tests with two forms: a short one for `make check', and a long one for `make
 * torture', which has TORTURE=1 in the environment.
 */
#ifndef T_TORTURE_H
#define T_TORTURE_H

/* The first in the short form, the second in the long one. */
int	torture_pick(int brief, int lengthy);

#endif
