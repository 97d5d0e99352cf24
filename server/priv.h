/*
 * Privileges: a worker gives up all of them, before the first byte from a
 * client, and makes sure that they are gone.
 */
#ifndef SERVER_PRIV_H
#define SERVER_PRIV_H

#include "server/conf.h"

/*
 * Whether conf allows this process to start workers: root needs a `user' to
 * become.  Reports what is wrong, and gives the number of errors.
 */
unsigned int	priv_check(const struct conf *, conf_report *);

/*
 * Becomes conf's user when the process is root, and drops every capability
 * in any case.  Gives 0 once it has verified that no way leads back, or -1
 * and a static text that says what failed, with errno.
 */
int	priv_drop(const struct conf *, const char **what);

#endif
