/*
 * The truth log: one line for each read, of what was drawn and what came of
 * it, so that anybody can check that the latency was really injected.
 */
#ifndef SERVER_TRUTH_H
#define SERVER_TRUTH_H

#include "server/conf.h"
#include "server/exchange.h"

struct truth {
	int fd;			/* -1: off */
	int64_t loaded_at;	/* time 0 of schedules, clock_mono() */
};

/*
 * Opens the log of conf, before privileges are dropped.  Gives 0, or reports
 * what is wrong and gives the number of errors.
 */
unsigned int	truth_open(struct truth *, const struct conf *,
		    conf_report *);

void	truth_close(struct truth *);

/*
 * Writes the line of the exchange's read, if it came to one.  A log that
 * fails costs no reply anything.
 */
void	truth_write(const struct truth *, const struct exchange *,
	    unsigned int slot);

/*
 * The line as a string, newline included, as far as size bytes hold it.  Gives
 * its length.  when is the read's arrival by clock_real().  For truth_write.
 */
size_t	truth_line(const struct truth *, const struct exchange *,
	    unsigned int slot, int64_t when, char *buf, size_t size);

#endif
