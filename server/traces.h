/*
 * The traces of a configuration: each file is loaded once, however many
 * distributions replay it.
 */
#ifndef SERVER_TRACES_H
#define SERVER_TRACES_H

#include "server/keyword.h"

/*
 * Lends a distribution the values of a file; the name may be relative to the
 * file that the statement is in.  Gives 0, or -1 and the error.
 */
int	traces_lend(struct dist *, const char *name, struct keyword_args *);

/* The file of what the distribution was lent; "" for none. */
const char	*traces_file(const struct conf *, const struct dist *);

#endif
