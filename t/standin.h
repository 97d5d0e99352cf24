/*
 * The test program as the daemon's: for what has to be done in the daemon's
 * process before the daemon itself is executed there.
 *
 * Between standin_begin and standin_end, daemon.h starts this program, under
 * the daemon's name.  Its main() sees that with standin_is_called, does what
 * is to be done, and executes standin_variable("T_PROGRAM"); or is the daemon
 * itself, with what else the test program has.
 */
#ifndef T_STANDIN_H
#define T_STANDIN_H

/* Each does nothing where the other has not been called since it was. */
void	standin_begin(void);
void	standin_end(void);

/* Whether this process is to be the daemon. */
int	standin_is_called(char *argv[]);

/* As the daemon's main() does, without executing it.  Gives its status. */
int	standin_serve(const char *conf);

/* A variable that must be there, or the process ends. */
const char	*standin_variable(const char *name);

#endif
