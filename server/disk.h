/*
 * The disk that a worker reads, and sleeps on.
 */
#ifndef SERVER_DISK_H
#define SERVER_DISK_H

#include <stdint.h>

#include "server/conf.h"

/* One read.  Times are in ns, points in time are clock_mono()'s. */
struct disk_read {
	int64_t service;	/* what the disk takes for it alone */
	int64_t lane;		/* how long it waited for a lane */
	int64_t start;
	int64_t end;		/* 0: there was no read */
};

/*
 * Reads: blocks for as long as the read takes.  asked is the service time
 * that the request wants, or negative for the disk's own.
 */
void	disk_read(const struct conf_disk *, int64_t asked, struct disk_read *);

/* How long it will take, before it starts. */
int64_t	disk_service(const struct conf_disk *, int64_t asked);

/* How long it took, lane included; 0 when there was none. */
int64_t	disk_time(const struct disk_read *);

#endif
