/*
 * One master after the other: what an upgrade means to either of them.  It is
 * upgrade.h that speaks to the new one and inherit.h to the old one; here is
 * what follows for the master itself.
 */
#ifndef SERVER_SUCCESSION_H
#define SERVER_SUCCESSION_H

/* Whether there are two masters, and it is open who will serve. */
int	succession_is_open(void);

/*
 * Starts another program, which is to take over; meanwhile, this one serves.
 * Gives 0, or -1: it was refused or has failed, which is logged.
 */
int	succession_begin(void);

/*
 * Hears what the other master says, and does it: the old one drains, the new
 * one is in charge, or ends.
 */
void	succession_hear(void);

#endif
