/*
 * Profiles: files of statements that a disk's block may begin with.
 *
 * They are looked for in the directory `profiles' beside the configuration,
 * and then where those that came with the daemon are installed.
 */
#ifndef SERVER_PROFILE_H
#define SERVER_PROFILE_H

#include "server/keyword.h"

/*
 * Finds the profile of that name: its file, of PATH_MAX bytes.  Gives 0, or
 * -1 and the error, which names the profiles that there are.
 */
int	profile_find(const char *name, struct keyword_args *, char *path);

#endif
