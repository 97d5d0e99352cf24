/*
 * A client of the status process: one request, then the reply or events.  Each
 * step has its deadline, and nothing here waits.
 *
 *   READING --> SENDING --> CLOSING
 *      |           ^
 *      `-> ASKING -'   the master
 *      `-> STREAMING
 */
#ifndef SERVER_ADMIN_CLIENT_H
#define SERVER_ADMIN_CLIENT_H

#include <sys/types.h>

#include <stdint.h>

#include "server/admin/channel.h"
#include "server/admin/hall.h"
#include "server/admin/look.h"
#include "server/admin/route.h"
#include "server/admin/sending.h"

#define CLIENT_HEAD	8192	/* bytes of a request */

enum client_state {
	CLIENT_NONE,
	CLIENT_READING,
	CLIENT_ASKING,
	CLIENT_SENDING,
	CLIENT_STREAMING,
	CLIENT_CLOSING		/* what it still sends is read away */
};

struct client {
	enum client_state state;
	int fd;
	enum guard_way way;
	pid_t pid;		/* of a Unix socket's; 0: not known */
	uid_t uid;
	uint32_t number;	/* of what the master was asked */
	char from[CHANNEL_FROM];

	char in[CLIENT_HEAD];
	size_t len;		/* bytes of it */
	struct http_request http;

	struct route_reply reply;
	struct sending out;	/* of the reply, or of an event */

	int64_t since;		/* of its state, or of the last event */
	int64_t deadline;	/* INT64_MAX: none, until an event comes */
	size_t lingered;	/* bytes that were read away */
};

/* Somebody has come by a door, in the place of nobody; fd is the client's. */
void	client_begin(struct client *, int fd, const struct hall_door *,
	    const struct addr *peer, int64_t now);

/* Nobody is there any more. */
void	client_end(struct client *);

/* What it waits for, as poll(2) has it; then what can be done is done. */
short	client_wants(const struct client *);
void	client_serve(struct client *, short events, struct look *, int master,
	    int64_t now);

/* The master has answered somebody.  Gives whether that was this one. */
int	client_conclude(struct client *, const struct channel_reply *,
	    int64_t now);

/* Whether it would take an event now; and here is one, which it holds. */
int	client_takes_event(const struct client *);
void	client_event(struct client *, struct sheet *, int64_t now);

/* Its deadline is over. */
void	client_expire(struct client *, int64_t now);

#endif
