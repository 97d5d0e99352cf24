/* Replies, from the status line to the last byte of the body. */
#ifndef SERVER_REPLY_H
#define SERVER_REPLY_H

#include <stdint.h>

#include "server/conn.h"
#include "server/exchange.h"

/*
 * Sends the exchange's reply: of a good read with an object, that; of another
 * TOTAL,PATH; of anything else the one line that why is.  Each 64 KiB may take
 * the client timeout ns.  Where the read drew a fault, the reply suffers it,
 * and the connection is not kept.
 *
 * Gives 0, or -1 when the client does not get all of a reply, by whosever
 * fault.  Notes what was sent, and which fault came of it.
 */
int	reply_send(struct exchange *, struct conn *, int64_t timeout);

/* The reason phrase of a status from 200 to 599. */
const char	*reply_reason(int status);

#endif
