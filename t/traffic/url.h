/*
 * Where requests go: an http:// URL, and the request for a target there.
 */
#ifndef T_TRAFFIC_URL_H
#define T_TRAFFIC_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "common/addr.h"

#define URL_TARGET	2048	/* bytes, its NUL included */
#define URL_REQUEST	(URL_TARGET + 512)

struct url {
	char host[256];		/* a name or an address, without brackets */
	char port[8];
	char field[272];	/* Host, as RFC 9110 has it */
	char target[URL_TARGET]; /* path and query; "" where the URL ends
				   behind its host */
};

/*
 * Reads a URL.  Gives NULL, or what is wrong with it in a few words.  Nothing
 * is decoded, and braces may stand in the target, for templates.
 */
const char	*url_parse(struct url *, const char *text);

/* Whether a text has nothing in it that such a target cannot have. */
bool	url_is_target(const char *);

/*
 * Looks the host up.  Gives how many addresses there are, at most max, or 0
 * and what is wrong in why.
 */
size_t	url_look_up(const struct url *, struct addr *, size_t max,
	    const char **why);

/*
 * The bytes of a GET for a target, which begins with '/'; the connection is
 * closed behind the reply.  Gives buf, of at least URL_REQUEST bytes.
 */
char	*url_request(const struct url *, const char *target, const char *agent,
	    char *buf, size_t size);

#endif
