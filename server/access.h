/*
 * The access log: one line for each request that got a reply.
 */
#ifndef SERVER_ACCESS_H
#define SERVER_ACCESS_H

#include "server/conn.h"
#include "server/exchange.h"

struct access {
	int fd;			/* -1: off */
	int format;		/* enum conf_format */
};

/*
 * Opens the log of conf, before privileges are dropped.  Gives 0, or reports
 * what is wrong and gives the number of errors.
 */
unsigned int	access_open(struct access *, const struct conf *,
		    conf_report *);

void	access_close(struct access *);

/* Writes the exchange's line.  A log that fails costs no reply anything. */
void	access_write(const struct access *, const struct exchange *,
	    const struct conn *, unsigned int slot);

/*
 * The line as a string, newline included, as far as size bytes hold it.  Gives
 * its length.  For access_write.
 */
size_t	access_line(int format, const struct exchange *, const struct addr *,
	    unsigned int slot, int64_t when, char *buf, size_t size);

#endif
