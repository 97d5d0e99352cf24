/*
 * A client's connection: its bytes in, its bytes out, its end.
 *
 * The descriptor is non-blocking; everything here waits, but never beyond its
 * deadline, which is a time of clock_mono().
 */
#ifndef SERVER_CONN_H
#define SERVER_CONN_H

#include <sys/types.h>
#include <sys/uio.h>

#include <stddef.h>
#include <stdint.h>

#include "common/addr.h"
#include "common/http.h"

struct conn {
	int fd;
	struct addr peer;
	size_t len;		/* bytes in the buffer */
	int64_t arrival;	/* of the latest bytes, clock_real(); 0: unknown */
	int64_t next_at;	/* of bytes that were there before, clock_mono():
				   when their turn came; 0: of no others */
	int64_t deferral;	/* of its listener, until it has said something,
				   ns */
};

enum conn_result {
	CONN_REQUEST,		/* a whole head is there */
	CONN_BAD,		/* the request says which status, and why */
	CONN_LATE,		/* the deadline came first */
	CONN_GONE		/* the client closed, or reset */
};

/*
 * Starts on an accepted connection, which the conn owns from now on, of a
 * listener that may have kept it for deferral ns.
 */
void	conn_open(struct conn *, int fd, const struct addr *peer,
	    int64_t deferral);

/*
 * Reads one request's head of at most limit bytes.  The request's slices
 * point into this worker's buffer, until conn_next.  Who has said nothing while
 * its listener has kept it has had so much of the time until the deadline.
 */
enum conn_result	conn_read(struct conn *, struct http_request *,
			    size_t limit, int64_t deadline);

/*
 * How long the latest bytes waited in the kernel until now, in ns: the
 * request's queue time.
 */
int64_t	conn_queue_time(const struct conn *);

/*
 * What a client has to take within a timeout, in bytes, or all that there is:
 * a client that goes on taking so much is served for as long as that takes.
 */
#define CONN_PIECE	65536

/*
 * Sends all of it.  Gives the number of bytes that the kernel took, which is
 * less than all when the client went away, or took too little within timeout
 * ns.  When more follows, be it only the end of the connection, the last bytes
 * wait for that and share its packet: so it has to follow at once.
 */
size_t	conn_send(struct conn *, struct iovec *, int n, int more,
	    int64_t timeout);

/*
 * Sends up to len bytes of a file from offset `from' on, which no process has
 * to touch on their way.  Gives how many the kernel took: less than len where
 * the file gave no more, for whatever reason; or -1, the client went away or
 * took too little, as above.  SIGPIPE has to be ignored.
 */
ssize_t	conn_send_file(struct conn *, int fd, int64_t from, size_t len,
	    int64_t timeout);

/*
 * Waits for ns, DIST_FOREVER included, or until the client hangs up.  Gives 0,
 * or -1 when it has.  One that only says that it will send no more cannot be
 * told from one that is gone.
 */
int	conn_pause(struct conn *, int64_t ns);

/*
 * Resets the connection, at once: what was sent and not read yet is lost to
 * the client.  It is still to be closed.
 */
void	conn_reset(struct conn *);

/* Forgets the first head_len bytes: the next request starts behind them. */
void	conn_next(struct conn *, size_t head_len);

/* Whether bytes have come that nobody has read. */
int	conn_has_unread(const struct conn *);

/* Says that this was the last reply. */
void	conn_finish(struct conn *);

/*
 * Throws away up to max bytes of what has come, without waiting.  Gives how
 * many there were, 0 for none yet, or -1 when none will come any more.
 */
int64_t	conn_discard(struct conn *, int64_t max);

void	conn_close(struct conn *);

#endif
