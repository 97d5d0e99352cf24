/* A question to the daemon, over its Unix socket, and what it answers. */
#ifndef SERVER_CTL_ASK_H
#define SERVER_CTL_ASK_H

#include <stddef.h>

struct answer {
	int status;		/* of HTTP */
	char *body;		/* NUL-terminated; in the same allocation: */
	char *all;		/* to be freed */
	size_t len;		/* of the body */
};

/*
 * Asks for a target, a path with a query, by a method, and reads the whole
 * answer.  Gives 0, or -1 and a text that says why there is none.
 */
int	ask_daemon(const char *socket, const char *method, const char *target,
	    struct answer *, char *why, size_t size);

void	ask_free(struct answer *);

/* Adds text to a target, as the value of a query or a segment of a path. */
void	ask_encode(const char *text, char *target, size_t size);

#endif
