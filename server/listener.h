/*
 * The sockets that clients connect to.
 *
 * Each address of the configuration is one SO_REUSEPORT group.  The master
 * opens the group's first socket, the shared listener; workers may bind
 * listeners of their own into the group.
 */
#ifndef SERVER_LISTENER_H
#define SERVER_LISTENER_H

#include "server/conf.h"
#include "server/steer.h"

struct listener {
	struct addr wanted;	/* as configured; port 0 is the kernel's choice */
	struct addr addr;	/* as bound */
	int fd;			/* the shared listener; -1: none */
	struct steer_group group;	/* under `idle' */
};

/* Room for those of one configuration, and for as many that were given up. */
#define LISTENERS_MAX	((size_t)2 * CONF_LISTEN_MAX)

struct listeners {
	struct listener v[LISTENERS_MAX];
	size_t n;
};

/*
 * Opens every address of conf that neither old nor doomed has, and takes the
 * rest over from there; neither is changed.  What fails is reported with its
 * line, all of it.  Under `hash' the sockets are bound but do not listen;
 * connections are steered unless steer is NULL.  Gives the number of errors;
 * unless that is 0, nothing stays open that was not before.
 *
 * In old without a group, where connections are to be steered, is what a
 * predecessor steers: it gets a listener beside it, until listeners_take_over.
 */
unsigned int	listeners_open(struct listeners *, const struct conf *,
		    const struct listeners *old,
		    const struct listeners *doomed, const struct steer *,
		    conf_report *);

/*
 * Adds to doomed what old has and new does not, and takes out what new has
 * taken back.  What there is no room for is shut.
 */
void	listeners_doom(struct listeners *doomed, const struct listeners *old,
	    const struct listeners *new);

/*
 * Shuts each of old that new does not have (NULL: all of them), for every
 * process that has inherited it: from now on its port refuses.  As long as we
 * are not in charge (charge.h), it is closed in this process alone.
 */
void	listeners_shut(struct listeners *old, const struct listeners *new);

/* Why an address could not be opened: errno, in words. */
const char	*listener_why(int error);

/* Connections that wait on the shared listeners to be accepted. */
unsigned int	listeners_queued(const struct listeners *);

/* Closes the same in this process alone. */
void	listeners_forget(struct listeners *old, const struct listeners *new);

/*
 * The predecessor has given up the charge: connections are steered by us from
 * now on, and what is left of its listeners, because ls has others or does not
 * want them, is shut.  What waits there moves to ours, though nobody may be
 * woken for it.  Gives 0, or -1 and errno.
 */
int	listeners_take_over(struct listeners *ls, struct listeners *left,
	    const struct steer *);

/* In a worker, closes what of this is the master's. */
void	listeners_leave(struct listeners *ls, struct listeners *left);

/*
 * Binds another socket into the listener's group, which does not listen yet.
 * Needs the effective user that opened the group.  Gives a descriptor, or -1
 * and errno.
 */
int	listener_own(const struct listener *);

#endif
