/*
 * A directory of the test's own, made at first use and removed, with all that
 * is in it, when the test program exits.  What goes wrong here ends that.
 */
#ifndef T_SCRATCH_H
#define T_SCRATCH_H

#include <stddef.h>

/* Its name: absolute, and short enough for a socket in it. */
const char	*scratch_dir(void);

/*
 * The name of a file in it, which need not exist.  The text lasts until four
 * more have been asked for.
 */
const char	*scratch_path(const char *name);

/* Writes that file.  Gives its name, as scratch_path does. */
const char	*scratch_write(const char *name, const void *bytes, size_t len);

#endif
