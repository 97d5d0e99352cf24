/*
 * Clients of the status process: one request each, then the reply or events.
 *
 * They have a bounded number of places and each step has its deadline, so that
 * nobody keeps others out for long; and who comes while all places are taken
 * gets that of somebody who is in no hurry.  Nothing here waits.
 *
 *   READING --> SENDING --> CLOSING
 *      |           ^
 *      `-> ASKING -'   the master
 *      `-> STREAMING
 */
#ifndef SERVER_ADMIN_CLIENT_H
#define SERVER_ADMIN_CLIENT_H

#include <poll.h>
#include <stdint.h>

#include "server/admin/channel.h"
#include "server/admin/hall.h"
#include "server/admin/look.h"

/* Clients at a time. */
#define CLIENTS_MAX	64

/* Takes those that wait at a door, some of them. */
void	clients_accept(const struct hall_door *, int64_t now);

/* Whether one more can be taken. */
int	clients_have_room(int64_t now);

/*
 * Writes what they wait for to p, of CLIENTS_MAX.  Gives how many there are.
 * Afterwards clients_serve does what can be done, given the same.
 */
nfds_t	clients_wait(struct pollfd *p);
void	clients_serve(const struct pollfd *p, nfds_t n, struct look *, int master,
	    int64_t now);

/* The master has answered one of them. */
void	clients_conclude(const struct channel_reply *, int64_t now);

/* Whether anybody would take an event now; and it has come. */
int	clients_want_event(void);
void	clients_event(struct sheet *, int64_t now);

/* There are no events any more: who waits for some is done. */
void	clients_end_streams(void);

/* Ends what is overdue; when the next one is. */
void	clients_expire(int64_t now);
int64_t	clients_deadline(int64_t now);

/* How many there are. */
unsigned int	clients_count(void);

#endif
