/*
 * A client's connection and the worker's end of it, over the loopback, within
 * one process: for what takes a struct conn.
 */
#ifndef T_PAIR_H
#define T_PAIR_H

#include "server/conn.h"

struct pair {
	int client;		/* descriptor; blocks */
	struct conn conn;	/* the worker's end; does not block */
};

/* Connects them.  Ends the program where that cannot be. */
void	pair_open(struct pair *);

/* Closes both ends. */
void	pair_close(struct pair *);

#endif
