/*
 * The sockets at which the status process is asked: the master opens them, and
 * whoever runs as the status process accepts there.
 *
 * Unlike clients' listeners they are no group: each is one socket, which an
 * upgrade hands on as it is.
 */
#ifndef SERVER_ADMIN_HALL_H
#define SERVER_ADMIN_HALL_H

#include <sys/types.h>

#include "server/admin/door.h"
#include "server/conf.h"

struct hall_door {
	struct addr wanted;	/* as configured; port 0 is the kernel's choice */
	struct addr addr;	/* as bound */
	int fd;
	dev_t dev;		/* a Unix socket's file, as we have made it */
	ino_t ino;
};

struct hall {
	struct hall_door v[CONF_ADMIN_MAX];
	size_t n;
};

/*
 * Opens every address of conf that old does not have, and takes the rest over
 * from there; old is not changed.  What a dead daemon has left of a Unix
 * socket is replaced; one that somebody listens at is not.  What fails is
 * reported with its line; a default that fails is left out.  Gives the number
 * of errors; unless that is 0, nothing stays open that was not before.
 */
unsigned int	hall_open(struct hall *, const struct conf *,
		    const struct hall *old, conf_report *);

/*
 * Closes each door of old that new does not have (NULL: all of them), and
 * removes the file of a Unix socket if it is the one that we have made, and we
 * are in charge (charge.h).
 */
void	hall_close(struct hall *old, const struct hall *new);

/*
 * Closes both of them, of which left may have the same, and leaves them to
 * whoever else has them.
 */
void	hall_leave(struct hall *, struct hall *left);

#endif
