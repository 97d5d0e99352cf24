/*
 * The places that clients of the status process have: so many and no more.
 * Nobody keeps others out for long: who comes while all are taken gets that of
 * somebody who is in no hurry.  Nothing here waits.
 */
#ifndef SERVER_ADMIN_PLACES_H
#define SERVER_ADMIN_PLACES_H

#include <poll.h>
#include <stdint.h>

#include "server/admin/channel.h"
#include "server/admin/hall.h"
#include "server/admin/look.h"

#define PLACES_MAX	64

/* Takes those that wait at a door, some of them. */
void	places_accept(const struct hall_door *, int64_t now);

/* Whether one more can be taken. */
int	places_have_room(int64_t now);

/*
 * Writes what they wait for to p, of PLACES_MAX.  Gives how many there are.
 * Afterwards places_serve does what can be done, given the same.
 */
nfds_t	places_wait(struct pollfd *p);
void	places_serve(const struct pollfd *p, nfds_t n, struct look *, int master,
	    int64_t now);

/* The master has answered one of them. */
void	places_conclude(const struct channel_reply *, int64_t now);

/* Whether anybody would take an event now; and it has come. */
int	places_want_event(void);
void	places_event(struct sheet *, int64_t now);

/* There are no events any more: who waits for some is done. */
void	places_end_streams(void);

/* Ends what is overdue; when the next one is. */
void	places_expire(int64_t now);
int64_t	places_deadline(int64_t now);

/* How many are taken. */
unsigned int	places_taken(void);

#endif
