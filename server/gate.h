/*
 * The gate before a slot's own listeners: a socket filter (gate.bpf.c) that
 * counts what may complete a handshake there, and lets nothing of it pass when
 * closed.
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
 * Not counted is what completes a handshake only in rare cases, and most often
 * does not: the bare ACK with which a deferral ends, and a SYN that is a TCP
 * Fast Open.  A closed gate loses these, too.
 *
 * A gate is one of the steering's words, steer.h.  The filter finds it by the
 * listener's SO_COOKIE, which no other socket ever has.
 */
#ifndef SERVER_GATE_H
#define SERVER_GATE_H

#include <stddef.h>
#include <stdint.h>

/* A gate's word: two flags, and the count. */
#define GATE_CLOSED	(UINT64_C(1) << 63)
#define GATE_DEFERS	(UINT64_C(1) << 62)	/* a bare ACK is not counted */
#define GATE_COUNT	(GATE_DEFERS - 1)

/* What the master opens, and workers inherit. */
struct gates {
	int listeners;		/* map: of which cookie is which word; -1 */
	int prog;		/* -1: none */
	uint64_t *cookies;	/* shared memory: what is in the map for each
				   slot; NULL: none */
};

/*
 * Given the map of words.  Before the first fork.  Takes CAP_BPF; what follows
 * takes no privilege.  Gives 0, or -1 and errno.
 */
int	gates_open(struct gates *, int words);

/* Gives this process' share back, also after gates_open has failed. */
void	gates_close(struct gates *);

/* The same in a child, which places no more. */
void	gates_leave(const struct gates *);

/*
 * Puts the slot's gate before a listener, the slot's nth; connections inherit
 * the filter, and everything passes there.  Gives 0, or -1 and errno.
 */
int	gate_place(const struct gates *, unsigned int slot, size_t n,
	    int listener);

/*
 * Forgets the slot's nth, if there is one: it has been closed, or its worker is
 * dead, maybe in the middle of gate_place.
 */
void	gate_remove(const struct gates *, unsigned int slot, size_t n);

/* Everything passes, and is counted from 0. */
void	gate_open(volatile uint64_t *word, int defers);

/* Closes it.  Gives how many have passed since it was opened. */
uint64_t	gate_close(volatile uint64_t *word);

#endif
