/*
 * The answer to one request, as far as a measurement needs it.  Pure: bytes
 * in, numbers out.
 */
#ifndef T_TRAFFIC_REPLY_H
#define T_TRAFFIC_REPLY_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#include "t/traffic/chunks.h"

enum reply_state { REPLY_MORE, REPLY_DONE, REPLY_BAD };

/* What says where the body ends. */
enum reply_framing { REPLY_LENGTH, REPLY_CHUNKED, REPLY_CLOSE };

struct reply {
	char head[8192];	/* status line and fields, NUL at the end */
	size_t head_len;	/* bytes of it so far */
	int status;		/* 0 until the head is complete */
	enum reply_framing framing;
	int64_t length;		/* REPLY_LENGTH: bytes of the body */
	struct chunks chunks;	/* REPLY_CHUNKED */
	int64_t body;		/* bytes of it so far */
	int64_t queue, disk;	/* Server-Timing, ns; -1: not there */
};

void	reply_start(struct reply *);

/* Takes what came next. */
enum reply_state	reply_feed(struct reply *, const char *, size_t);

/* The connection's end came: whole, or bad. */
enum reply_state	reply_end(const struct reply *);

#endif
