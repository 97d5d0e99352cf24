/* Replies, from the status line to the last byte of the body. */
#ifndef SERVER_REPLY_H
#define SERVER_REPLY_H

#include <stddef.h>

#include "server/conn.h"
#include "server/exchange.h"

/*
 * Sends the exchange's reply before the deadline of clock_mono().  Gives 0,
 * or -1 when the client did not take all of it.  Notes what was sent.
 */
int	reply_send(struct exchange *, struct conn *, int64_t deadline);

/* The reason phrase of a status from 200 to 599. */
const char	*reply_reason(int status);

#endif
