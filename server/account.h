/*
 * A worker's books: what is counted, measured and remembered of each request
 * that it has had, on the board and in the ring of recent ones.
 */
#ifndef SERVER_ACCOUNT_H
#define SERVER_ACCOUNT_H

#include <sys/types.h>

#include <stdint.h>

#include "server/board.h"
#include "server/exchange.h"

struct account {
	struct board_slot *board;
	struct histogram *times;	/* enum board_time */
	unsigned int slot;
	pid_t pid;
	uint64_t last;		/* the id of the request before; 0: none */
	int64_t ended;		/* when that one did, clock_mono() */
};

/* For the worker in the slot, which calls it. */
void	account_open(struct account *, unsigned int slot);

/* The exchange's request is there: it gets its id. */
void	account_begin(struct account *, struct exchange *);

/*
 * Its reply, begun at clock_mono() time reply_at, has been sent; or, where it
 * is lost, the client did not get all of it.
 */
void	account_end(struct account *, struct exchange *, int64_t reply_at,
	    int lost);

/* A client went away in the middle of its request. */
void	account_gone(struct account *);

#endif
