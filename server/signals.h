/*
 * What the master is asked by signals, which are a descriptor; no handler does
 * anything.
 */
#ifndef SERVER_SIGNALS_H
#define SERVER_SIGNALS_H

/* Once, before the first worker.  Gives 0, or -1 and errno. */
int	signals_open(void);

/* Readable when there is one to take. */
int	signals_fd(void);

/* Does what those that have come ask for. */
void	signals_take(void);

/* Closes what a worker has inherited. */
void	signals_leave(void);

#endif
