/*
 * A chunked body (RFC 9112, section 7.1), as far as where it ends.  Pure.
 */
#ifndef T_TRAFFIC_CHUNKS_H
#define T_TRAFFIC_CHUNKS_H

#include <stddef.h>
#include <stdint.h>

enum chunks_part {
	CHUNKS_SIZE, CHUNKS_EXTENSION, CHUNKS_DATA, CHUNKS_BEHIND_DATA,
	CHUNKS_TRAILER, CHUNKS_END, CHUNKS_BAD
};

struct chunks {
	enum chunks_part part;	/* in which the next byte is */
	unsigned int digits;	/* of the size so far */
	int64_t left;		/* the size so far; bytes of data to come */
	size_t line;		/* bytes in this line of the trailer */
};

void	chunks_start(struct chunks *);

/*
 * Takes what came next.  Gives how many bytes of it are data; part is
 * CHUNKS_END behind the body, CHUNKS_BAD when it is none.
 */
size_t	chunks_feed(struct chunks *, const char *, size_t);

#endif
