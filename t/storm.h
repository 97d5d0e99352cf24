/*
 * A storm of clients: reads with a heavy tail, clients that say nothing, that
 * reset, whose handshake completes late, or never.  Their number rises beyond
 * that of the workers and falls to a few, again and again.
 *
 * Clients of two kinds have ports of their own, and the packet filter of the
 * network must lose for them
 *
 *  - from STORM_LATE on, 1000 ports: segments with ACK and nothing else, so
 *    that the request, which comes later, completes the handshake;
 *  - from STORM_HALF on, 1000 ports: whatever is not a SYN.
 *
 * Or a steady load instead, of requests and nothing else.
 *
 * visits.h keeps the book.  What goes wrong here ends the test.
 */
#ifndef T_STORM_H
#define T_STORM_H

#include <stdint.h>

/* Below the ports that the kernel gives to anybody (ip_local_port_range). */
#define STORM_HALF	20000
#define STORM_LATE	21000
#define STORM_PORTS	1000

void		storm_open(int port, uint64_t seed);

/*
 * From now on, until storm_open, so many requests a second, at random times;
 * each reads for 0 to read_most ms, on average half of that.
 */
void		storm_steady(unsigned int rate, int read_most);

/* Random numbers below a bound; the same from the same seed everywhere. */
uint64_t	storm_draw(uint64_t below);

/*
 * Waits for at most 1 ms, and serves the clients, and new ones when start is
 * set.  fd is polled, too.
 */
void		storm_step(int start, int fd);

/* One request now.  Gives 0, or -1: there is no room for a client more. */
int		storm_ask(void);

/* Clients that are there. */
int		storm_busy(void);

/* The worker that holds the connection from this port is about to die. */
void		storm_held(int port);

/* Handshakes that never completed. */
unsigned long	storm_half_open(void);

#endif
