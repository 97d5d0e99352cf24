/* Reads that are under way in a daemon under test. */
#ifndef T_READER_H
#define T_READER_H

#include <sys/types.h>

#include "t/daemon.h"

/* Asks for a path, and does not wait.  Gives the connection. */
int	reader_ask(const struct daemon *, const char *path);

/*
 * A worker whose title says that it reads, and that is not the other one, -1
 * for none; or -1.
 */
pid_t	reader_pid(const struct daemon *, pid_t other);

#endif
