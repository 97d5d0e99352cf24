/*
 * What the master is asked by the status process: who was asked there by an
 * operator.  signals.h is the other way to ask.
 */
#ifndef SERVER_CONTROL_H
#define SERVER_CONTROL_H

#include <stdint.h>

/*
 * Sees to it, at time now, that there is a status process where one is wanted;
 * when it is to be called again although nothing has happened.
 */
void	control_keep(int64_t now);
int64_t	control_deadline(void);

/* Does what was asked. */
void	control_hear(void);

/* Another master shows and takes everything from now on. */
void	control_end(void);

#endif
