/*
 * A kernel that loads no programs any more: who asks it to, for a filter of
 * system calls say, stays there for good.
 */
#ifndef T_STUCK_H
#define T_STUCK_H

/* Whether this one is, by t/loads-programs.sh; as far as we may ask it. */
int	stuck_kernel(void);

#endif
