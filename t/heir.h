/*
 * Upgrades of a daemon under test: its program, which can be replaced, and the
 * master that takes over.  work.h has clients that ask meanwhile.
 *
 * The test becomes the parent of whatever loses its own, and so can wait for
 * new masters.  What goes wrong here ends the test.
 */
#ifndef T_HEIR_H
#define T_HEIR_H

#include "t/daemon.h"

/* What the daemon says where `idle' is not to be had. */
#define HEIR_FALLBACK "shared is in force"

/* Once, before the first daemon. */
void	heir_open(void);

/*
 * daemon_configure's counterpart: the daemon has a directory; its program, a
 * link to the real one, and a pid file are there too.  Starts it.  Gives 0; or
 * -1, and it has ended again: the policy is not to be had, which is skipped.
 */
int	heir_start(struct daemon *, const char *policy, const char *extra);

/* Writes the configuration anew. */
void	heir_rewrite(struct daemon *, const char *policy, const char *extra);

/* Replaces the program: by a script, by nothing (NULL), by the real one. */
void	heir_program(const struct daemon *, const char *script);
void	heir_real_program(const struct daemon *);

/* What the pid file says. */
pid_t	heir_pid(const struct daemon *);

/*
 * Asks for an upgrade, and waits until the service manager has heard of the new
 * master, which is the daemon from then on.  Gives the old one's process id.
 */
pid_t	heir_upgrade(struct daemon *);

/* Waits for the end of an old master.  Gives what waitpid(2) said. */
int	heir_wait(pid_t);

/* How many processes are this test's children, at this moment. */
size_t	heir_children(void);

#endif
