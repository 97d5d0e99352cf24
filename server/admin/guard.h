/*
 * Who may ask for what, at an admin address.  Pure: it judges a request's head.
 *
 * A Unix socket's file has permissions, and they are enough; but a worker that
 * somebody has taken over must not order its master, so its user may only look.
 * Over TCP it is a token that admits: from other machines to everything but the
 * page, from this one to what changes something.
 *
 * A browser asks for whatever a page tells it to, with its user's reach.  So a
 * request that another site's page has made is refused; and, since a name can
 * be made to lead anywhere, one to a name, unless it has the token.
 */
#ifndef SERVER_ADMIN_GUARD_H
#define SERVER_ADMIN_GUARD_H

#include "common/http.h"
#include "server/admin/token.h"

enum guard_way {
	GUARD_FILE,		/* a Unix socket */
	GUARD_WORKER,		/* the same, by the user that workers run as,
				   where that is not the master's */
	GUARD_LOCAL,		/* TCP, from this machine */
	GUARD_REMOTE
};

enum guard_kind {
	GUARD_PAGE,		/* holds no data */
	GUARD_READ,
	GUARD_CHANGE
};

/*
 * Gives 0, or the status to refuse with, and why.  The token is NULL where none
 * is configured.
 */
int	guard_judge(const struct http_request *, enum guard_way,
	    enum guard_kind, const struct token *, const char **why);

#endif
