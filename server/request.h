/*
 * What a request asks for: good or bad, of which disk, and how it wants its
 * read to be.
 */
#ifndef SERVER_REQUEST_H
#define SERVER_REQUEST_H

#include "server/conn.h"
#include "server/exchange.h"

/* What it wants of its read; -1 for what is left to the disk. */
struct request_wish {
	int64_t delay;		/* ns */
	int64_t size;		/* bytes */
	int status;
	int close;		/* the connection: 0 or 1 */
};

/*
 * Judges what was read: fills in the exchange's disk and name; or, where
 * something is wrong, its status and why.
 */
void	request_judge(struct exchange *, const struct conf *,
	    enum conn_result);

/* What it wants, by its path and its query; its read has arrived. */
struct request_wish	request_wish(const struct exchange *);

#endif
