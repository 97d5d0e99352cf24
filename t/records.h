/*
 * The daemon's access log, read line by line through a FIFO while it is being
 * written: however long a test takes, the log takes no room.
 */
#ifndef T_RECORDS_H
#define T_RECORDS_H

#include <stddef.h>
#include <stdint.h>

/* A line in the format logfmt, of a request for /STATUS,MS,NUMBER. */
struct record {
	size_t number;		/* which the client has put into the path */
	unsigned int slot;
	int64_t queue;		/* queue_ms, ns */
	int64_t disk;		/* disk_ms, ns */
};

/*
 * Makes the FIFO; the daemon can open it as its access log from now on.  Gives
 * a descriptor to poll, or ends the test.
 */
int	records_open(const char *path);

/* Reads what is there, and hands on each record. */
void	records_read(void (*)(const struct record *));

/* Lines that were no records. */
unsigned int	records_bad(void);

#endif
