/* The keywords of the admin addresses: `admin'. */
#ifndef SERVER_VALUE_ADMIN_H
#define SERVER_VALUE_ADMIN_H

#include "server/keyword.h"

/* An address of TCP, the name of a Unix socket, or off, which is none. */
int	value_admin(const struct keyword *, void *base, struct keyword_args *);
void	value_admin_print(const struct keyword *, const void *base,
	    const struct keyword_out *);

/*
 * At the end of a file: the default, which the environment knows, and what
 * does not go together.  Gives the number of errors.
 */
unsigned int	value_admin_end(struct conf *, conf_report *);

#endif
