/*
 * What is on its way to a client: the head of a reply and its body, or an
 * event.  Bodies are the reply's or the event's, and stay as they are until
 * all of it is sent.
 */
#ifndef SERVER_ADMIN_SENDING_H
#define SERVER_ADMIN_SENDING_H

#include "server/admin/route.h"

#define SENDING_HEAD	1024	/* bytes of a head */

struct sending {
	char head[SENDING_HEAD];
	size_t head_len;
	const char *body;
	size_t body_len;
	size_t sent;		/* bytes of both */
};

/* The head, and the body unless that is left out; without one, why. */
void	sending_reply(struct sending *, const struct route_reply *,
	    int head_only);

void	sending_event(struct sending *, const struct sheet *);

void	sending_none(struct sending *);

int	sending_is_over(const struct sending *);

/*
 * Sends what the kernel takes now.  Gives 1 when that is all, 0 when there is
 * more, and -1 when nobody is there to take it.
 */
int	sending_more(struct sending *, int fd);

#endif
