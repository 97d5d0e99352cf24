/*
 * What a process of the daemon holds, seen from outside: its descriptors are
 * copied (pidfd_getfd(2)), looked at, and closed again.  Needs root.
 */
#ifndef T_INSIDES_H
#define T_INSIDES_H

#include <sys/types.h>

#include <stddef.h>

/* Descriptors of the process. */
size_t	insides_descriptors(pid_t);

/*
 * Calls held with the client's port of each connection that the process has
 * accepted.  Gives how many connections wait at listeners that are its alone,
 * and not the master's.
 */
unsigned int	insides_connections(pid_t, pid_t master, void (*held)(int));

/* Sockets that listen in this network. */
size_t	insides_listeners(void);

/* Bits that are set in the master's bitmap; -1: it has none. */
int	insides_bits(pid_t master);

/* The slot of the lowest of them, which is claimed next; -1: none. */
int	insides_lowest(pid_t master);

/* Listeners in the maps of the master's groups; -1: it has none. */
int	insides_entries(pid_t master);

/* Listeners that the master's gates are placed before; -1: it has no map. */
int	insides_gated(pid_t master);

#endif
