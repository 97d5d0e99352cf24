/*
 * The gate before a listener: a socket filter (gate.bpf.c) that counts what
 * may complete a handshake there, and lets nothing of it pass when closed.
 *
 * The kernel completes a handshake in two steps: it looks whether the listener
 * listens, makes the connection, and queues it there.  Where shutdown(2) comes
 * in between, on another processor, the client gets a reset.  The filter runs
 * in between, too.  So who closes the gate first learns how many have passed,
 * and may shut the listener as soon as that many are in its queue or have been
 * accepted.
 *
 * What a closed gate loses is sent again, with the client's request at the
 * latest, and finds the listener shut.
 *
 * A gate is a word of a map, by the listener's SO_COOKIE.  Where two listeners
 * have the same, one's count is wrong, and its closed gate is closed for both.
 *
 * To open the map takes CAP_BPF, the rest no privilege.  What fails gives -1
 * and errno.
 */
#ifndef SERVER_GATE_H
#define SERVER_GATE_H

#include <stddef.h>
#include <stdint.h>

#define GATES		65536		/* a power of two */

/* A gate's word: two flags, and the count. */
#define GATE_CLOSED	(UINT64_C(1) << 63)
#define GATE_DEFERS	(UINT64_C(1) << 62)	/* it takes data to complete */
#define GATE_COUNT	(GATE_DEFERS - 1)

/* What the master opens, and workers inherit. */
struct gates {
	int map;			/* -1: none */
	int prog;			/* -1: none */
};

struct gate {
	volatile uint64_t *word;	/* mapped; NULL: none */
};

/* Before the first fork. */
int	gates_open(struct gates *);

/* Gives this process' descriptors back, also after gates_open has failed. */
void	gates_close(struct gates *);

/*
 * Puts a gate before a listener, which is counted from there on; connections
 * inherit the filter, and everything passes there.  deferral: of the listener,
 * s.
 */
int	gate_open(struct gate *, const struct gates *, int listener,
	    int deferral);

/* Gives the mapping back; the listener keeps the filter. */
void	gate_free(struct gate *);

/* Nothing has passed, and everything may: once the listener has been shut. */
void	gate_reset(const struct gate *);

/* Closes it.  Gives how many have passed since gate_reset. */
uint64_t	gate_close(const struct gate *);

#endif
