/*
 * Landlock: what a worker can reach by a name or an address, which is the
 * files of its disks and nothing else.
 */
#ifndef SERVER_LANDLOCK_H
#define SERVER_LANDLOCK_H

#include <stddef.h>

/* The kernel's version of it, 1 or more; or -1 and errno. */
int	landlock_probe(void);

/*
 * From now on this process, which has no_new_privs, reads beneath n open
 * directories at most, and as far as that version can: opens, makes and
 * removes nothing else, binds no TCP socket and connects none, and sends
 * signals and connects by abstract names to nobody outside.  What is open
 * already is not affected.  Gives 0, or -1 and errno.
 */
int	landlock_restrict(int version, const int *dirs, size_t n);

#endif
