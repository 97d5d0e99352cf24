/*
 * The token that admits to the admin addresses: a secret of the operator's,
 * from a file.
 *
 * It is in a page that a fork does not copy, so that no worker ever has it.
 * Only while token_share is on do children get it.
 */
#ifndef SERVER_ADMIN_TOKEN_H
#define SERVER_ADMIN_TOKEN_H

#include <stddef.h>

#include "server/conf.h"

#define TOKEN_MIN	16	/* bytes */
#define TOKEN_MAX	256

struct token {
	char text[TOKEN_MAX + 1];
	size_t len;		/* bytes; 0: there is none */
};

/*
 * Reads the file that conf names, if any.  Gives 0, or 1: it has reported what
 * is wrong with it.
 */
unsigned int	token_read(struct token *, const struct conf *, conf_report *);

/* Makes the page, without a token in it.  Gives 0, or -1 and errno. */
int	token_open(void);

/* Puts a token in force, and forgets where it came from. */
void	token_set(struct token *);

/* The one in force; NULL: there is none. */
const struct token	*token_get(void);

/* Whether the next fork has it too.  Gives 0, or -1 and errno. */
int	token_share(int on);

#endif
