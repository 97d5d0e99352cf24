#include <err.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "t/scratch.h"

static char dir[] = "/tmp/spindled-unit.XXXXXX";
static pid_t owner;		/* who made it; 0: nobody has */

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	remove(path);
	return 0;
}

static void
clean_up(void)
{
	/* A child that exits must not take it from its parent. */
	if (getpid() == owner)
		nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *
scratch_dir(void)
{
	if (owner == 0) {
		if (mkdtemp(dir) == NULL)
			err(1, "%s", dir);
		owner = getpid();
		atexit(clean_up);
	}
	return dir;
}

const char *
scratch_path(const char *name)
{
	static char paths[4][PATH_MAX + sizeof(dir)];
	static unsigned int next;
	char *path = paths[next++ % 4];

	snprintf(path, sizeof(paths[0]), "%s/%s", scratch_dir(), name);
	return path;
}

const char *
scratch_write(const char *name, const void *bytes, size_t len)
{
	const char *path = scratch_path(name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd == -1 || write(fd, bytes, len) != (ssize_t)len ||
	    close(fd) == -1)
		err(1, "%s", path);
	return path;
}
