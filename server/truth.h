/*
 * The truth log: one line for each read, of what was drawn and what came of
 * it, so that anybody can check that the latency was really injected.
 */
#ifndef SERVER_TRUTH_H
#define SERVER_TRUTH_H

#include "server/conf.h"
#include "server/exchange.h"

/*
 * Opens the log of conf, before privileges are dropped.  Gives its descriptor
 * or -1 for none, in *fd, and 0; or reports what is wrong and gives the number
 * of errors.
 */
unsigned int	truth_open(int *fd, const struct conf *, conf_report *);

/* Writes the read's line.  A log that fails costs no reply anything. */
void	truth_write(int fd, const struct exchange *, unsigned int slot);

#endif
