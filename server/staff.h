/*
 * The master's word on its workers: how many there are to be, what they are
 * made with, when all are ready, and what is done for the dead.  crew.h has
 * the hands for it, and muster.h the arithmetic.
 */
#ifndef SERVER_STAFF_H
#define SERVER_STAFF_H

#include <sys/types.h>

#include <stdint.h>

/* The configuration in force says how many. */
void	staff_configure(void);

/*
 * Makes it n of those who are there in any case, or one more, by 1, or one
 * fewer, by -1.  Gives 0, or -1: that would be too few or too many, and
 * nothing has changed.  The log says what came of staff_change.
 */
int	staff_set(unsigned int n);
void	staff_change(int by);

/* From now on, new workers are to take the place of all who are there. */
void	staff_renew(void);

/* What new workers are confined by; logged when that has changed. */
void	staff_confine(void);

/*
 * Brings the workers up to what is wanted of them at time now; when it is to
 * be called again although nothing has happened.  While the master runs.
 */
void	staff_keep(int64_t now);
int64_t	staff_deadline(void);

/*
 * Says that all workers are ready: to the old master, if that has not let go
 * yet, or else to everybody.
 */
void	staff_announce(void);

/* Reaps the worker that a SIGCHLD names; or whoever has died until now. */
void	staff_reap(pid_t);
void	staff_reap_all(void);

#endif
