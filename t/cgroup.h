/*
 * Control groups of a test's own, of either version, for what the daemon may
 * have.  They go when the test ends.
 */
#ifndef T_CGROUP_H
#define T_CGROUP_H

#include <sys/types.h>

struct cgroup {
	char dir[256];
	int v2;
};

/*
 * Makes a group for a controller, "memory" or "pids".  Gives why there is none,
 * or NULL.
 */
const char	*cgroup_make(struct cgroup *, const char *controller);

/*
 * Sets "max" of the controller; -1 is no limit.  What goes wrong ends the
 * test.
 */
void		cgroup_limit(const struct cgroup *, long long max);

/* Moves a process there.  Gives 0, or -1 and errno. */
int		cgroup_enter(const char *dir, pid_t);

#endif
