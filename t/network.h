/* Networks of a test's own, and ports that are not the daemon's. */
#ifndef T_NETWORK_H
#define T_NETWORK_H

#include <stdint.h>

/*
 * Puts this process into a network that has nothing but a loopback, which is
 * up, and that goes with its last process.  Gives 0, or -1 with errno: root
 * may do it.
 */
int	network_own(void);

/*
 * Sets a value of this process' network, such as "ipv4/tcp_syncookies".  Gives
 * 0, or -1 with errno.
 */
int	network_set(const char *name, int value);

/*
 * In a network of one's own, the kernel forgets half-open handshakes after so
 * few retries, 1 s for none and 3 s for one, so that listeners that were shut
 * because of them open again soon.  Gives 0, or -1 with errno.
 */
int	network_forgetful(int retries);

/* What the network has counted of TCP so far, as /proc/net/netstat names it. */
long long	network_count(const char *name);

/*
 * A socket of IPv4 on a port that the kernel chose, which it gives; host is
 * in host byte order.  With listens it is another program's, else it only
 * keeps the port for a daemon of the same user.  Gives the descriptor.
 */
int	network_port(uint32_t host, int listens, int *port);

#endif
