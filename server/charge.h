/*
 * Whether this master is in charge of the addresses: it, and its workers when
 * it is gone, may shut the shared listeners for all processes.
 *
 * During an upgrade two masters have them, and one is in charge.  Workers see
 * at any time whether theirs is.
 */
#ifndef SERVER_CHARGE_H
#define SERVER_CHARGE_H

/* Makes the word that master and workers share.  Gives 0, or -1 and errno. */
int	charge_open(int ours);

/* Before charge_open, it is ours. */
int	charge_is_ours(void);

/* For the master alone. */
void	charge_set(int ours);

#endif
