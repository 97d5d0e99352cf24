/*
 * An address to listen on whose connections are steered: its group, its shared
 * listener, workers' own, and clients.
 */
#ifndef T_PLACE_H
#define T_PLACE_H

#include <sys/socket.h>

#include "server/steer.h"

/* What happens at all, happens at once: milliseconds. */
#define PLACE_PATIENCE_MS 5000

struct place {
	struct sockaddr_storage ss;
	socklen_t len;
	struct steer_group group;
	int shared;		/* descriptor */
};

/*
 * Opens a place of AF_INET or AF_INET6, on the loopback, at a port; 0: any
 * that is free.  Gives 0, or -1 with errno.
 */
int	place_open(struct place *, struct steer *, int family, int port);

/* Closes the group and the shared listener; the others are the caller's. */
void	place_close(struct place *);

/*
 * One more listener at its address, in its SO_REUSEPORT group, which does not
 * block; place_own puts it in the slot, whose worker is not idle yet.  Each
 * gives a descriptor, or -1 with errno.
 */
int	place_listener(struct place *);
int	place_own(struct place *, unsigned int slot);

/* A client's connection, or -1 with errno. */
int	place_client(const struct place *);

/* What waits at a listener, or comes soon; else -1. */
int	place_accepted(int listener);

/* Whether a new connection comes to this listener; its bytes do, too. */
int	place_lands(const struct place *, int listener);

#endif
