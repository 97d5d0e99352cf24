/*
 * Bodies of replies, and how they get to the client: a text, an object cut
 * from memory, or a file.
 */
#ifndef SERVER_BODY_H
#define SERVER_BODY_H

#include <sys/uio.h>

#include <stdint.h>

#include "server/conn.h"
#include "server/object.h"

struct body {
	struct iovec text[2];	/* without an object: all of it */
	struct object *object;	/* else NULL */
	int64_t len;		/* bytes */
	int64_t sent;		/* of these, so far */
	int streams;		/* a file may go by sendfile(2) */
};

enum body_result {
	BODY_SENT,
	BODY_UNTAKEN,		/* the client is gone, or takes too long */
	BODY_BROKEN		/* the file failed with errno; or, where that
				   is 0, it ended too early */
};

/*
 * Sends the head, which may be empty, and what is unsent of the body's first
 * `to' bytes.  Each piece of up to 64 KiB may take the client timeout ns: who
 * reads slowly is served for as long as that takes, who does not read is given
 * up.  When more follows at once, be it only the end of the connection, the
 * last bytes wait for that.
 */
enum body_result	body_send(struct body *, struct conn *,
			    struct iovec *head, int64_t to, int more,
			    int64_t timeout);

#endif
