#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/pidfile.h"

static char path[PATH_MAX];
static int file = -1;

/* Whether the name is still, or again, this file's. */
static int
is_named(const char *name, int fd)
{
	struct stat a, b;

	return stat(name, &a) == 0 && fstat(fd, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Gives a descriptor, or -1 and errno. */
static int
open_locked(const char *name, int flags)
{
	int fd = open(name, flags | O_RDWR | O_CLOEXEC | O_NONBLOCK, 0644);
	int saved;

	if (fd == -1 || flock(fd, LOCK_EX | LOCK_NB) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static pid_t
read_pid(const char *name)
{
	char text[32] = "";
	FILE *f = fopen(name, "re");

	if (f == NULL)
		return 0;
	if (fgets(text, sizeof(text), f) == NULL)
		text[0] = '\0';
	fclose(f);
	return (pid_t)strtol(text, NULL, 10);
}

/* Gives a descriptor, or -1 and errno: with EEXIST, *other has the file. */
static int
take(const char *name, int inherited, pid_t *other)
{
	int fd = inherited;

	if (fd != -1 && !is_named(name, fd)) {
		close(fd);
		fd = -1;
	}
	/* Who has just stopped may have removed what was opened here. */
	while (fd == -1) {
		if ((fd = open_locked(name, O_CREAT)) == -1) {
			if (errno != EWOULDBLOCK)
				return -1;
			*other = read_pid(name);
			errno = EEXIST;
			return -1;
		}
		if (!is_named(name, fd)) {
			close(fd);
			fd = -1;
		}
	}
	return fd;
}

unsigned int
pidfile_open_for(const struct conf *c, const struct inherit *h,
    conf_report *report)
{
	pid_t other = 0;

	if (c->pid_file[0] == '\0') {
		if (h->pid_file != -1)
			close(h->pid_file);
		return 0;
	}
	strlcpy(path, c->pid_file, sizeof(path));
	file = take(path, h->pid_file, &other);
	if (file != -1 && (h->channel != -1 || pidfile_put() == 0))
		return 0;
	if (errno == EEXIST)
		conf_error(c, c->pid_file_at, report, "pid-file: %s is held "
		    "by process %d", c->pid_file, (int)other);
	else
		conf_error(c, c->pid_file_at, report, "pid-file: cannot open "
		    "%s: %s", c->pid_file, strerror(errno));
	return 1;
}

int
pidfile_put(void)
{
	char text[32];
	int n;

	if (file == -1)
		return 0;
	n = snprintf(text, sizeof(text), "%d", (int)getpid());
	if (ftruncate(file, 0) == -1)
		return -1;
	return pwrite(file, text, (size_t)n, 0) == n ? 0 : -1;
}

int
pidfile_fd(void)
{
	return file;
}

void
pidfile_drop(void)
{
	int fd;

	if (file == -1)
		return;
	/* What is locked again at once was nobody's but ours. */
	pidfile_forget();
	if ((fd = open_locked(path, 0)) == -1)
		return;
	unlink(path);
	close(fd);
}

void
pidfile_forget(void)
{
	if (file == -1)
		return;
	close(file);
	file = -1;
}
