/*
 * The keywords that open a block: `disk' at top level, and `condition' within
 * a disk.
 */
#ifndef SERVER_BLOCK_H
#define SERVER_BLOCK_H

#include "server/keyword.h"

/* Adds a disk of that name, with all of its keywords at their defaults. */
struct conf_disk	*block_add_disk(struct conf *, const char *name);

/* Parsers and printers, as struct keyword has them. */
int	block_disk(const struct keyword *, void *base, struct keyword_args *);
int	block_condition(const struct keyword *, void *base,
	    struct keyword_args *);
void	block_disk_print(const struct keyword *, const void *base,
	    const struct keyword_out *);
void	block_condition_print(const struct keyword *, const void *base,
	    const struct keyword_out *);

#endif
