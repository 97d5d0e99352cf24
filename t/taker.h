/*
 * A client in a process of its own that takes a reply, all of it and nothing
 * but that, for what sends replies in the test's process.
 */
#ifndef T_TAKER_H
#define T_TAKER_H

#include <stddef.h>
#include <stdint.h>

#include "server/exchange.h"

/* What it has room for: bytes. */
#define TAKER_ROOM	((size_t)17 << 20)

struct taken {
	size_t len;		/* bytes */
	int error;		/* errno of its end; 0: an orderly one */
	const char *body;	/* behind the head, if there is one */
	size_t body_len;
	char bytes[TAKER_ROOM + 1];	/* NUL-terminated */
};

/*
 * reply_send() with this timeout, to such a client.  Gives what that gave;
 * what the client got stays until the next call.
 */
int	taker_reply(struct exchange *, int64_t timeout);

extern struct taken	*taker_got;

/* What this process says on stderr from the first to the second. */
void		 taker_listen(void);
const char	*taker_heard(void);

#endif
