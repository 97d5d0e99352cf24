/*
 * The end of a descriptor that is given back because something else failed.
 */
#ifndef COMMON_FD_H
#define COMMON_FD_H

/* Closes it if it is open, and keeps errno.  It is -1 then; so is the result. */
int	fd_drop(int *fd);

#endif
