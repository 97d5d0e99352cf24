/*
 * A server of t/problem under test, built with the sanitizers: one design, on a
 * port that the kernel chose.
 *
 * DESIGN_DIR in the environment names a directory with another build of them.
 */
#ifndef T_DESIGN_H
#define T_DESIGN_H

#include <sys/resource.h>
#include <sys/types.h>

struct design {
	const char *name;
	int has_workers;	/* whether it takes -w */
	int stops;		/* everybody, while it reads the disk */
};

struct server {
	const struct design *design;
	pid_t pid;
	int port;
	const char *log;	/* its standard error, a file */
};

/* A limit that a server starts with; there is none where n is 0. */
struct limit {
	int resource;
	rlim_t n;
};

/*
 * Starts a design; workers is the number behind -w, or NULL.  Gives 0 when it
 * has said its port; or else its exit status, -1 for a signal's.
 */
int	design_start(struct server *, const struct design *,
	    const char *workers, struct limit);

/* The same of what is known to start: ends the test when it does not. */
void	design_must_start(struct server *, const struct design *,
	    const char *workers, struct limit);

/*
 * Ends it with SIGTERM, and reports: it ended by that, and so did all of its
 * children, and it has said nothing.  Three tests; what: when that was.
 */
void	design_stop(struct server *, const char *what);

/* Connects, asks for a path, and does not wait.  Gives the connection. */
int	design_ask(const struct server *, const char *path);

/*
 * Waits until the server has read all that was sent on a connection; until it
 * has accepted that.  Gives whether it has.
 */
int	design_await_read(const struct server *, int fd);
int	design_await_accepted(const struct server *, int fd);

#endif
