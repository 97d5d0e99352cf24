/*
 * What can become of a request that did not go well, in kinds: each error
 * reply, and each reply that a client did not wait for, is of exactly one.
 * Whoever decides upon a status decides upon this too, in struct exchange.
 */
#ifndef SERVER_ERROR_H
#define SERVER_ERROR_H

enum error_kind {
	ERROR_NONE,
	ERROR_BAD_REQUEST,	/* not understood, not served, or too large */
	ERROR_LATE,		/* not complete within request-timeout */
	ERROR_QUEUE_TIMEOUT,	/* it waited for a worker for too long */
	ERROR_LIMIT,		/* the disk was at its limit */
	ERROR_ADDRESS,		/* the client has too many at once */
	ERROR_READ_FAILED,	/* the read did, as drawn or asked for */
	ERROR_READ_TIMEOUT,	/* the read took read-timeout or longer */
	ERROR_NOT_FOUND,	/* there is no such object to be had */
	ERROR_FILE,		/* a file that could not be read */
	ERROR_GONE,		/* the client went away, of its own accord */
	ERROR_KINDS
};

/* "bad_request" and so on; "none". */
const char	*error_name(enum error_kind);

#endif
