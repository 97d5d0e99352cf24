/* The daemon's status, live, on a terminal. */
#ifndef SERVER_CTL_TOP_H
#define SERVER_CTL_TOP_H

/*
 * Shows it until somebody types q, n times at most where n is not 0, each
 * after delay ns.  Where standard output is no terminal it is a plain
 * sequence.  Gives an exit status.
 */
int	top_run(const char *socket, long long delay, long long n);

#endif
