/*
 * All that there is while a configuration is fuzzed: a configuration, which
 * may name files, directories, users and groups, is read without the system.
 *
 *	/w		a directory
 *	/w/conf		the configuration, any bytes
 *	/w/profiles/p	a profile, any bytes
 *	/w/t		a trace, which is /w/profiles/../t as well
 *	DATADIR/profiles/q	a profile that is installed
 *	nobody, root	users; nogroup, root	groups
 *
 * The linker puts the functions of world.c in the place of those that the
 * configuration's reader calls.  Nothing is opened, and so nothing outside
 * can be; who reads another file than these breaks a law.
 */
#ifndef T_FUZZ_WORLD_H
#define T_FUZZ_WORLD_H

#include <stddef.h>

#define WORLD_CONF	"/w/conf"
#define WORLD_PROFILE	"/w/profiles/p"
#define WORLD_INSTALLED	DATADIR "/profiles/q"

/*
 * From now on this is the world.  The bytes have to last until world_end,
 * which makes the system the world again.
 */
void	world_begin(const char *conf, size_t conf_len, const char *profile,
	    size_t profile_len);
void	world_end(void);

/* Another configuration in the same world. */
void	world_conf(const char *conf, size_t len);

/* The lines of the file of that name; 0: no configuration is there. */
unsigned int	world_lines(const char *name, size_t len);

/* Directories that are open, and traces that are loaded. */
int	world_open(void);
int	world_traces(void);

#endif
