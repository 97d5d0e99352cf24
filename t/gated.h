/*
 * A place (place.h), in a network of the test's own, whose slot 1 has a
 * listener behind its gate.
 */
#ifndef T_GATED_H
#define T_GATED_H

#include <stdint.h>

#include "server/own.h"
#include "t/place.h"

/* In memory that children share. */
struct gated {
	struct steer steer;
	struct place place;
	struct own own;		/* slot 1's */
	int done;		/* a child says so */
};

/*
 * Makes it, without a place yet, and begins a test without a plan, for 2
 * minutes at most.  Skips all where that cannot be.
 */
struct gated	*gated_start(void);
void		gated_end(struct gated *);

/* The place: slot 1 is idle.  Gives its listener, which does not block. */
int	gated_open(struct gated *, int family, int deferral);
void	gated_close(struct gated *);

/* A listener of another slot's. */
int	gated_listener(struct gated *, struct own *, unsigned int slot,
	    int deferral);

/*
 * A connection to slot 1's listener, whose client has said "some"; *to is its
 * other end.
 */
int	gated_speak(struct gated *, int listener, int *to);

/* The gate of a slot; how many have passed slot 1's. */
volatile uint64_t	*gated_word(struct gated *, unsigned int slot);
long long		gated_passed(struct gated *);

#endif
