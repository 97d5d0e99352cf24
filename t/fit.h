/*
 * How well numbers fit what they ought to be: tests of goodness of fit.
 *
 * All of them reject what is right once in a thousand times.  With fixed
 * seeds that time is either never or always.
 */
#ifndef T_FIT_H
#define T_FIT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Kolmogorov and Smirnov: whether n numbers look uniform in (0, 1).  Of a
 * continuous distribution function F, F(x) is, where x is drawn from it.
 * Sorts the numbers.
 */
bool	fit_uniform(double *, size_t n);

/* How far the latest were from it: sqrt(n) times the greatest distance. */
double	fit_distance(void);

/*
 * Pearson's chi-square: whether counts look like n draws that fall into each
 * of the cells, at least 2, with the same probability.
 */
bool	fit_even(const unsigned int *counts, size_t cells);

/*
 * Whether hits of n look like draws that hit with probability p each, for
 * counts large enough to be normal.
 */
bool	fit_share(size_t hits, size_t n, double p);

#endif
