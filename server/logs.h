/*
 * The files that workers write what they have done to: opened by the master,
 * inherited, and replaced all together.
 */
#ifndef SERVER_LOGS_H
#define SERVER_LOGS_H

#include "server/access.h"
#include "server/truth.h"

struct logs {
	struct access access;
	struct truth truth;
};

/*
 * Opens those of conf, before privileges are dropped.  Gives 0; or reports
 * what is wrong, gives the number of errors, and nothing is open.
 */
unsigned int	logs_open(struct logs *, const struct conf *, conf_report *);

void	logs_close(struct logs *);

/* Writes the exchange's lines. */
void	logs_write(const struct logs *, const struct exchange *,
	    const struct conn *, unsigned int slot);

#endif
